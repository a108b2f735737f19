package recovery_test

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// What policy was asked can be asked again.

// answersAgain checks that the policy answers what it was asked on a case as it did then, and counts the answers.
func answersAgain(t *testing.T, d *recovery.Desk, rules *policy.Set, id uuid.UUID) int {
	t.Helper()
	next, stop := iter.Pull2(d.CaseRequests(t.Context(), id))
	defer stop()
	options, asked := 0, 0
	for e, err := range d.History(t.Context(), id) {
		require.NoError(t, err)
		var was policy.Decision
		switch e := e.Event.(type) { //nolint:gochecksumtype // those that were judged
		case recovery.Proposed:
			was, options = e.Offer.Decision, len(e.Offer.Options)
		case recovery.Approved:
			was = e.Decision
		case recovery.Presented:
			was = e.Decision
		default:
			continue
		}
		answers := make([]policy.Decision, options)
		for i := range answers {
			r, err, ok := next()
			require.True(t, ok)
			require.NoError(t, err)
			require.Equal(t, id.String(), r.Case)
			require.Equal(t, e.Time, r.Now)
			answers[i] = rules.Judge(r)
			answers[i].Reserves = nil
		}
		asked += len(answers)
		if options == 1 {
			require.Equal(t, text(t, was), text(t, answers[0]), "%s is answered in another way", e)
			continue
		}
		strictest := slices.MaxFunc(answers, func(a, b policy.Decision) int { return strictness(rules, a) - strictness(rules, b) })
		require.Equal(t, strictness(rules, was), strictness(rules, strictest), "%s is answered in another way", e)
		var found, finds []string
		for _, f := range was.Findings {
			found = append(found, f.Rule)
		}
		for _, a := range answers {
			for _, f := range a.Findings {
				finds = append(finds, f.Rule)
			}
		}
		slices.Sort(finds)
		require.Equal(t, found, slices.Compact(finds), "%s rests on other rules", e)
	}
	_, _, more := next()
	require.False(t, more, "more was asked than is on record")
	return asked
}

// strictness orders answers that permit something.
func strictness(rules *policy.Set, d policy.Decision) int {
	if d.Verdict != policy.NeedsApproval {
		return 0
	}
	rank, _ := rules.Rank(d.By)
	return 1 + rank
}

// asksPolicy has everything that an answer can depend on: sums over cases, households, earlier remedies, dates and promises.
const asksPolicy = `{
  "name": "asks", "version": "1", "roles": ["agent", "supervisor", "manager"], "ledgers": ["household"],
  "rows": [
    {"id": "goods", "effect": "allow", "remedies": ["repair", "callback", "replacement"], "role": "agent"},
    {"id": "gifts", "effect": "allow", "remedies": ["gift"], "role": "agent"},
    {"id": "money-1", "effect": "allow", "remedies": ["refund", "voucher"], "role": "agent", "upTo": {"amount": "30.00", "currency": "EUR"}},
    {"id": "money-2", "effect": "allow", "remedies": ["refund", "voucher"], "role": "supervisor", "upTo": {"amount": "300.00", "currency": "EUR"}},
    {"id": "money-3", "effect": "allow", "remedies": ["refund", "voucher"], "role": "manager"},
    {"id": "second-gift", "effect": "approve", "remedies": ["gift"], "by": "supervisor", "excludes": {"remedies": ["gift"], "per": "customer"}},
    {"id": "home", "effect": "approve", "remedies": ["voucher"], "by": "supervisor", "beyond": {"amount": {"amount": "25.00", "currency": "EUR"}, "per": "household", "days": 20}},
    {"id": "month", "effect": "approve", "remedies": ["refund"], "by": "supervisor", "beyond": {"amount": {"amount": "40.00", "currency": "EUR"}, "per": "order", "days": 10}},
    {"id": "hasty", "effect": "deny", "remedies": ["replacement"], "earliest": {"hours": 3}},
    {"id": "severe", "effect": "approve", "remedies": ["replacement"], "by": "manager", "severities": ["critical"]},
    {"id": "law", "effect": "mandate", "remedies": ["repair"], "within": {"days": 730, "of": "delivery"}, "basis": "legal"}
  ]
}`

// telling is that policy with a rule that says all that it was asked, so that it is on record.
func telling(t *testing.T) *policy.Set {
	t.Helper()
	tell := policy.Func{Name: "tell", Is: policy.Allow, Role: "manager", Fn: func(r *policy.Request) (string, bool, error) {
		b, err := json.Marshal(r)
		return string(b), true, err
	}}
	set, err := policy.Load([]byte(asksPolicy), &policy.Options{Rules: []policy.Rule{tell}})
	require.NoError(t, err)
	return set
}

// TestWhatPolicyWasAskedIsAnsweredAsThen: whatever happened on the cases, before and in between; and not the answer alone is the same.
func TestWhatPolicyWasAskedIsAnsweredAsThen(t *testing.T) {
	walks := 300
	if testing.Short() || raceDetector {
		walks = 40
	}
	o := options(t)
	o.Policy = telling(t)
	asked := 0
	for seed := range walks {
		w := newWalk(t, o, uint64(seed))
		w.keen = true
		for range 60 {
			w.step()
		}
		for _, id := range w.cases {
			asked += answersAgain(t, w.Desk.Desk, o.Policy, id)
		}
	}
	require.Greater(t, asked, 10*walks)
}

// In one commit an offer makes way for another, is accepted, and a new round begins: each was judged on what was true at its turn.
func TestWhatWasAskedInOneCommit(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(3))
	c = h.do(h.ana, c, vouchers(2), recovery.Present{}, recovery.Accept{Items: []int{1}}, recovery.Acknowledge{}, recovery.Clarify{Restated: "more", Basis: recovery.Written},
		vouchers(2), recovery.Present{})
	assert.Equal(t, 5, answersAgain(t, h.Desk.Desk, rulesOf(t, housePolicy), c.ID))
	var given []int
	for r, err := range h.CaseRequests(t.Context(), c.ID) {
		require.NoError(t, err)
		n := 0
		for _, g := range r.Given {
			if g.Ledger == "customer:42" {
				n += max(1, g.Count)
			}
		}
		given = append(given, n)
	}
	assert.Equal(t, []int{0, 0, 0, 1, 1}, given)
}

// What others held at the time is seen as it was, though they have given it up since.
func TestWhatOthersHeldThen(t *testing.T) {
	h := newHouse(t)
	other := h.do(h.ana, h.At(recovery.StepClarified), vouchers(2))
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(1))
	h.do(h.ana, other, recovery.Retract{Reason: "so"})
	c = h.do(h.ana, c, recovery.Present{})
	var compared []string
	for r, err := range h.CaseRequests(t.Context(), c.ID) {
		require.NoError(t, err)
		assert.Equal(t, policy.Allowed, rulesOf(t, housePolicy).Judge(r).Verdict)
		tighter := rulesOf(t, strings.Replace(housePolicy, `"count": 3`, `"count": 1`, 1)).Judge(r)
		compared = append(compared, tighter.String())
	}
	assert.Equal(t, []string{"denied (voucher-cap: 3 of 1 used in 90 days)", "allowed"}, compared)
}

// Who had agreed on other facts, or may not agree any more, counted for nothing when the customer was told.
func TestWhoHadAgreedThen(t *testing.T) {
	for name, x := range map[string]struct {
		learn   recovery.Learn
		counted int
	}{
		"as it stood":          {recovery.Learn{Preferred: recovery.Phone}, 1},
		"on other facts":       {household18(), 0},
		"who is complained of": {recovery.Learn{About: []string{"ben"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rules := telling(t)
			h := newHouse(t, func(o *recovery.Options) { o.Policy = rules })
			h.Complaint.Facts = policy.Facts{"household": "17"}
			h.Complaint.Order.ID = "A-17"
			other := h.do(h.cem, h.At(recovery.StepClarified), offer(money(policy.Refund, 35)))
			c := h.do(h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 10)))
			require.Equal(t, recovery.StepApproval, c.Step, "both are more than the order may have")
			c = h.do(h.ben, c, recovery.Approve{})
			h.do(h.cem, other, recovery.Retract{Reason: "so"})
			c = h.do(h.ana, c, x.learn, recovery.Present{})
			assert.Equal(t, 3, answersAgain(t, h.Desk.Desk, rules, c.ID))
			var counted []int
			for r, err := range h.CaseRequests(t.Context(), c.ID) {
				require.NoError(t, err)
				counted = append(counted, len(r.Approvers))
			}
			assert.Equal(t, []int{0, 1, x.counted}, counted)
		})
	}
}

func TestRequestsOfManyCases(t *testing.T) {
	h := newHouse(t)
	ids := func(q recovery.Query) []string {
		var out []string
		for r, err := range h.Requests(t.Context(), q) {
			require.NoError(t, err)
			out = append(out, r.Case)
		}
		return slices.Compact(out)
	}
	assert.Empty(t, ids(recovery.Query{}))
	h.At(recovery.StepReceived) // of which nothing was asked
	first := h.do(h.ana, h.At(recovery.StepClarified), vouchers(1), recovery.Present{})
	h.Complaint.Customer = "43"
	second := h.do(h.ana, h.At(recovery.StepClarified), vouchers(1))
	assert.Equal(t, []string{first.ID.String(), second.ID.String()}, ids(recovery.Query{}))
	assert.Equal(t, []string{second.ID.String()}, ids(recovery.Query{Customer: "43"}))
	assert.Equal(t, []string{first.ID.String()}, ids(recovery.Query{Customer: "42", Step: recovery.StepPresented, Limit: 1}))

	for r, err := range h.Requests(t.Context(), recovery.Query{}) { // whoever has seen enough stops
		require.NoError(t, err)
		r.Offer[0].Kind = "another" // shared with nobody
		break
	}
	_, err := h.Erase(t.Context(), first.ID, h.ana, "asked for")
	require.NoError(t, err)
	assert.Equal(t, 2, answersAgain(t, h.Desk.Desk, rulesOf(t, housePolicy), first.ID), "texts are not what policy looks at")

	for _, err := range h.Requests(t.Context(), recovery.Query{Step: "presnted"}) {
		require.ErrorIs(t, err, recovery.ErrInvalid)
	}
	for _, err := range h.CaseRequests(t.Context(), uuid.New()) {
		require.ErrorIs(t, err, history.ErrNotFound)
	}
}

package recovery_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
	"github.com/amends-go/amends/sla"
)

// crowd opens many cases of few customers, assignees and references, in several
// steps, some with something due.
func crowd(t *testing.T, n int) (*recoverytest.Desk, []recovery.Case) {
	t.Helper()
	d := recoverytest.New(t, nil)
	r := rand.New(rand.NewPCG(1, 2))
	ctx := t.Context()
	all := make([]recovery.Case, n)
	for i := range all {
		complaint := recovery.Complaint{Channel: recovery.Email, Customer: pick(r, "", "41", "42", "43"), Reference: pick(r, "", "T-1", "T-2")}
		cmds := []recovery.Command{recovery.Assign{To: pick(r, "", "ana", "ben")}}
		switch r.IntN(4) {
		case 0:
			cmds = append(cmds, recovery.Acknowledge{})
		case 1:
			cmds = append(cmds, recovery.Close{As: recovery.Withdrawn, Reason: "found it"})
		case 2:
			cmds = append(cmds, recovery.Promise{What: "call back", Due: d.Now().Add(time.Duration(1+r.IntN(5)) * time.Hour)})
		}
		var err error
		all[i], err = d.Open(ctx, d.Agent, complaint, cmds...)
		require.NoError(t, err)
	}
	return d, all
}

// matching is what a query selects, by the book: the oracle.
func matching(all []recovery.Case, q recovery.Query) []uuid.UUID {
	var found []recovery.Case
	for _, c := range all {
		holds := (q.Customer == "" || c.Customer == q.Customer) && (q.Assignee == "" || c.Assignee == q.Assignee) &&
			(q.Reference == "" || c.Reference == q.Reference) && (q.Step == "" || c.Step == q.Step) && (!q.Unassigned || c.Open() && c.Assignee == "") && (!q.Open || c.Open()) &&
			(q.DueBy.IsZero() || !c.Due().IsZero() && !c.Due().After(q.DueBy))
		if holds {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b recovery.Case) int {
		if !q.DueBy.IsZero() && !a.Due().Equal(b.Due()) {
			return a.Due().Compare(b.Due())
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	ids := make([]uuid.UUID, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	return ids
}

// pages reads all pages of a query.
func pages(t *testing.T, d *recovery.Desk, q recovery.Query, each func(recovery.Page)) []uuid.UUID {
	t.Helper()
	ids := []uuid.UUID{}
	for {
		page, err := d.Cases(t.Context(), q)
		require.NoError(t, err)
		for _, c := range page.Cases {
			ids = append(ids, c.ID)
		}
		if each != nil {
			each(page)
		}
		if page.Next == "" {
			return ids
		}
		q.After = page.Next
	}
}

// TestCasesByEveryCombination: what is selected is what the conditions say, in
// order, whatever the length of the pages.
func TestCasesByEveryCombination(t *testing.T) {
	d, all := crowd(t, 120)
	n := 0
	for _, customer := range []string{"", "42", "nobody"} {
		for _, assignee := range []string{"", "ana", "nobody"} {
			for _, reference := range []string{"", "T-1"} {
				for _, step := range []recovery.Step{"", recovery.StepAcknowledged, recovery.StepReceived, recovery.StepClosed} {
					for _, open := range []bool{false, true} {
						for _, dueBy := range []time.Time{{}, d.Now().Add(2 * time.Hour), d.Now().Add(9 * time.Hour)} {
							q := recovery.Query{Customer: customer, Assignee: assignee, Reference: reference, Step: step, Open: open, DueBy: dueBy, Limit: 7}
							if q.Unassigned = assignee == "nobody"; q.Unassigned {
								q.Assignee = ""
							}
							want := matching(all, q)
							require.Equal(t, want, pages(t, d.Desk, q, nil), "%+v", q)
							if len(want) > 0 {
								n++
							}
						}
					}
				}
			}
		}
	}
	assert.Greater(t, n, 60, "the combinations select something")
}

// TestPaging: each of 250 cases comes exactly once, in the order of opening, while
// others are opened and changed.
func TestPaging(t *testing.T) {
	d, all := crowd(t, 250)
	lengths := []int{}
	ids := pages(t, d.Desk, recovery.Query{}, func(p recovery.Page) {
		lengths = append(lengths, len(p.Cases))
		_, err := d.Do(t.Context(), p.Cases[0].ID, d.Agent, recovery.Note{Text: "seen"})
		require.NoError(t, err)
	})
	assert.Equal(t, []int{100, 100, 50}, lengths)
	assert.Equal(t, matching(all, recovery.Query{}), ids)
	for limit, want := range map[int]int{1: 1, 100: 100, 1000: 250, 5000: 250} {
		page, err := d.Cases(t.Context(), recovery.Query{Limit: limit})
		require.NoError(t, err)
		assert.Len(t, page.Cases, want)
	}
	full, err := d.Cases(t.Context(), recovery.Query{Limit: 250})
	require.NoError(t, err)
	assert.Len(t, full.Cases, 250)
	if full.Next != "" {
		rest, err := d.Cases(t.Context(), recovery.Query{Limit: 250, After: full.Next})
		require.NoError(t, err)
		assert.Empty(t, rest.Cases)
		assert.Empty(t, rest.Next)
	}
}

func TestBadQueries(t *testing.T) {
	d, _ := crowd(t, 30)
	cursor := func(b ...byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	farOff := append(make([]byte, 16), 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	for name, q := range map[string]recovery.Query{
		"after: no base64":   {After: "§"},
		"after: too short":   {After: cursor(1, 2, 3)},
		"after: too long":    {After: cursor(make([]byte, 32)...)},
		"after: year 294247": {After: cursor(farOff...)},
		"limit":              {Limit: -1},
		"step":               {Step: "recieved"},
		"unassigned":         {Unassigned: true, Assignee: "ana"},
	} {
		_, err := d.Cases(t.Context(), q)
		require.ErrorIs(t, err, recovery.ErrInvalid, name)
	}
	byID, byDue := recovery.Query{Limit: 1}, recovery.Query{Limit: 1, DueBy: d.Now().Add(10 * time.Hour)}
	for _, x := range [][2]recovery.Query{{byID, byDue}, {byDue, byID}} {
		page, err := d.Cases(t.Context(), x[0])
		require.NoError(t, err)
		require.NotEmpty(t, page.Next)
		x[1].After = page.Next
		_, err = d.Cases(t.Context(), x[1])
		require.ErrorIs(t, err, recovery.ErrInvalid, "a page in another order")
	}
	_, err := d.Cases(t.Context(), recovery.Query{Step: "recieved"})
	require.ErrorContains(t, err, `did you mean "received"?`)
}

// TestCasesLeavesOutWhatItCannotRead, and says so: one bad case hides no other.
func TestCasesLeavesOutWhatItCannotRead(t *testing.T) {
	d, all := crowd(t, 9)
	bad := all[4].ID
	appendRecord(t, d.Store, bad, history.Record{Type: "case.teleported/1", Data: []byte(`{}`), Actor: "agent::ana"})
	var ids []uuid.UUID
	q, failed := recovery.Query{Limit: 3}, 0
	for {
		page, err := d.Cases(t.Context(), q)
		if err != nil {
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			require.ErrorContains(t, err, bad.String())
			failed++
		}
		for _, c := range page.Cases {
			ids = append(ids, c.ID)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	assert.Equal(t, 1, failed)
	assert.Equal(t, matching(slices.Delete(all, 4, 5), recovery.Query{}), ids)
}

// TestHistory: all that happened, in order, with who did it; the loop may end early
// and may write.
func TestHistory(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepClarified)
	var got []string
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		got = append(got, fmt.Sprintf("%d %s %T", e.Sequence, e.Actor.ID, e.Event))
		assert.NotZero(t, e.Position)
		assert.Equal(t, d.Now(), e.Time)
		assert.False(t, e.Erased)
		assert.NotEmpty(t, e.String())
	}
	assert.Equal(t, []string{
		"1 ana recovery.Opened", "2 ana recovery.Strategized", "3 ana recovery.Acknowledged", "4 ana recovery.Clarified",
	}, got)

	n := 0
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		if n++; e.Sequence == 2 {
			_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "while reading"})
			require.NoError(t, err)
			break
		}
	}
	assert.Equal(t, 2, n)

	for range 1200 { // more than one page of the store
		_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"})
		require.NoError(t, err)
	}
	last := uint64(0)
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		require.Equal(t, last+1, e.Sequence)
		last = e.Sequence
	}
	assert.EqualValues(t, 1205, last)
}

// TestChangesOfEntries: the cycles of a clock that a case no longer holds are in its history.
func TestChangesOfEntries(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "upd", "metric": "update", "target": "4h"}`))
	c := h.At(recovery.StepAcknowledged)
	for range 5 {
		h.Advance(time.Hour)
		c = h.do(h.ana, c, recovery.Contact{Out: true})
	}
	cycles := map[int]sla.Clock{}
	var steps []recovery.Step
	for e, err := range h.History(t.Context(), c.ID) {
		require.NoError(t, err)
		ch := e.Change()
		if ch.Step != "" {
			steps = append(steps, ch.Step)
		}
		for _, k := range ch.Clocks {
			cycles[k.Cycle] = k
		}
	}
	assert.Equal(t, []recovery.Step{recovery.StepReceived, recovery.StepStrategized, recovery.StepAcknowledged}, steps)
	assert.Len(t, cycles, 6)
	for n, k := range cycles {
		assert.Equal(t, n == 6, k.Running(), n)
	}
	assert.Zero(t, recovery.Entry{}.Change())
}

// TestEntriesOfTheFeed: a record that cannot be read is an error that a reader can tell, and no entry is none.
func TestEntriesOfTheFeed(t *testing.T) {
	r := history.Record{Type: "case.noted/1", Data: []byte(`{}`), Actor: "agent:supervisor:ben:2"}
	e, err := recovery.DecodeEntry(r)
	require.NoError(t, err)
	assert.Equal(t, recovery.Entry{Actor: recovery.Actor{ID: "ben:2", Role: "supervisor"}, Event: recovery.Noted{}}, e)
	r.Actor = "ben"
	e, err = recovery.DecodeEntry(r)
	require.ErrorIs(t, err, recovery.ErrUnknownEvent)
	assert.Zero(t, e)
	assert.Empty(t, e.Type())
	assert.NotPanics(t, func() { _ = e.String() })
}

// TestParameters: what may be done, in the order of the playbook that fits, judged
// for the actor, with what is left of the caps.
func TestParameters(t *testing.T) {
	o := options(t)
	d := recoverytest.New(t, o)
	d.Complaint.Category = "quality"
	d.Complaint.Order = policy.Order{ID: "A-17", Paid: euros(999), Delivered: d.Now()}
	c, err := d.Open(t.Context(), d.Agent, d.Complaint)
	require.NoError(t, err)
	book, ok := o.Playbooks.For(c.Situation, string(c.Category))
	require.True(t, ok)
	parameters := func(by recovery.Actor) ([]policy.Kind, map[policy.Kind]policy.Parameter) {
		t.Helper()
		list, err := d.Parameters(t.Context(), c.ID, by)
		require.NoError(t, err)
		var kinds []policy.Kind
		byKind := map[policy.Kind]policy.Parameter{}
		for _, p := range list {
			kinds = append(kinds, p.Kind)
			byKind[p.Kind] = p
		}
		return kinds, byKind
	}
	kinds, agent := parameters(d.Agent)
	assert.Equal(t, book.Remedies, kinds[:len(book.Remedies)])
	assert.ElementsMatch(t, o.Policy.Kinds(), kinds, "every kind, once")
	assert.Equal(t, euros(50), agent[policy.Voucher].UpTo)
	assert.Equal(t, policy.Role("supervisor"), agent[policy.Voucher].Ladder[0].By)
	assert.Equal(t, 3, agent[policy.Voucher].CountLeft)
	assert.Equal(t, policy.Denied, agent[policy.Gift].Verdict)
	_, boss := parameters(d.Boss)
	assert.True(t, boss[policy.Voucher].UpTo.IsZero(), "no limit")
	assert.NotEqual(t, policy.Denied, boss[policy.Voucher].Verdict)

	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Acknowledge{}, recovery.Clarify{Restated: "it is broken", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Voucher, Amount: euros(10)}}})
	require.NoError(t, err)
	_, agent = parameters(d.Agent)
	assert.Equal(t, 3, agent[policy.Voucher].CountLeft, "what the open offer holds, another would replace")
	other, err := d.Open(t.Context(), d.Agent, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	c = other
	_, agent = parameters(d.Agent)
	assert.Equal(t, 2, agent[policy.Voucher].CountLeft, "another case of the customer's has less")
}

// TestParametersAreForThoseWhoMayPropose.
func TestParametersAreForThoseWhoMayPropose(t *testing.T) {
	d := recoverytest.New(t, nil)
	d.Complaint.About = []string{"eve"}
	c := d.At(recovery.StepReceived)
	for name, by := range map[string]recovery.Actor{
		"customer":         {ID: "42", Kind: recovery.Customer},
		"representative":   {ID: "dora", Kind: recovery.Representative},
		"machine":          {ID: "bot", Kind: recovery.Machine},
		"complained about": {ID: "eve", Role: "supervisor"},
	} {
		_, err := d.Parameters(t.Context(), c.ID, by)
		require.ErrorIs(t, err, recovery.ErrDenied, name)
	}
	_, err := d.Parameters(t.Context(), c.ID, recovery.Actor{ID: "ana"})
	require.NoError(t, err, "staff without a role may look")
}

// TestExplain: the spans follow one another from the start to the due time, and
// the open ones add up to the target.
// TestClocks: what a screen shows of all clocks at once.
func TestClocks(t *testing.T) {
	h := newHouse(t, with(t, `
		{"id": "ack", "metric": "acknowledgement", "target": "4h"},
		{"id": "sol", "metric": "solution", "target": "10h", "pause": ["customer"], "warn": ["50%"]},
		{"id": "res", "metric": "resolution", "target": "48h"},
		{"id": "fca", "metric": "final_response", "target": "8 weeks", "statutory": true}`))
	c := h.At(recovery.StepReceived)
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Acknowledge{})
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Wait{})
	h.Advance(time.Hour)
	all, err := h.Clocks(t.Context(), c.ID)
	require.NoError(t, err)
	var got []string
	for _, k := range all {
		got = append(got, fmt.Sprint(k.ID, " ", k.State, " ", k.Elapsed, " ", k.Remaining))
		_, err := k.Under.Explain(k.Clock, h.Now())
		require.NoError(t, err)
		assert.Equal(t, time.UTC, k.Zone)
	}
	assert.Equal(t, []string{"resolution running 3h0m0s 45h0m0s", "fca running 3h0m0s 1341h0m0s", "solution paused 2h0m0s 8h0m0s", "acknowledgement met 1h0m0s 3h0m0s"}, got)

	all[2].Pauses[0].From = time.Time{}
	again, err := h.Clocks(t.Context(), c.ID)
	require.NoError(t, err)
	assert.False(t, again[2].Pauses[0].From.IsZero(), "the caller's own")
	none := recoverytest.New(t, nil)
	all, err = none.Clocks(t.Context(), none.At(recovery.StepReceived).ID)
	require.NoError(t, err)
	assert.Empty(t, all)
	_, err = none.Clocks(t.Context(), uuid.New())
	require.ErrorIs(t, err, history.ErrNotFound)
}

func TestExplain(t *testing.T) {
	d := recoverytest.New(t, options(t))
	c := d.At(recovery.StepAcknowledged)
	_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Wait{})
	require.NoError(t, err)
	d.Advance(3 * time.Hour)
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Resume{}, recovery.Promise{What: "call back", Within: "4h"})
	require.NoError(t, err)
	c = onlyCase(t, d.Desk, c.ID)
	for id, want := range map[string]time.Duration{"solution": 16 * time.Hour, "clarification": 24 * time.Hour, "promise:1": 4 * time.Hour, "fca": 56 * 24 * time.Hour} {
		t.Run(id, func(t *testing.T) {
			k, ok := c.Clock(id)
			require.True(t, ok)
			spans, err := d.Explain(t.Context(), c.ID, id)
			require.NoError(t, err)
			at, sum, paused := k.Started, time.Duration(0), time.Duration(0)
			for _, s := range spans {
				assert.True(t, s.From.Equal(at), "%s does not follow %s", s, at)
				at = s.To
				switch s.Kind {
				case sla.Open:
					sum += s.To.Sub(s.From)
				case sla.Paused:
					paused += s.To.Sub(s.From)
				case sla.Closed:
				}
			}
			assert.True(t, at.Equal(k.Due), "up to %s, due %s", at, k.Due)
			assert.Equal(t, want, sum)
			if id == "solution" || id == "clarification" {
				assert.Equal(t, 3*time.Hour, paused)
			}
		})
	}
	_, err = d.Explain(t.Context(), c.ID, "x")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	require.ErrorContains(t, err, `unknown clock "x" (the case has: acknowledgement, solution, `)
	require.ErrorContains(t, err, `; a clock's id is the metric's name, a statutory objective's id, or "promise:1")`)
	none := recoverytest.New(t, nil)
	_, err = none.Explain(t.Context(), none.At(recovery.StepReceived).ID, "x")
	require.ErrorContains(t, err, `unknown clock "x": the case has none (a clock's id is `)
	assert.NotContains(t, err.Error(), "Options.Names")
	_, err = d.Explain(t.Context(), c.ID, "solutoin")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	require.ErrorContains(t, err, `unknown clock "solutoin" (did you mean "solution"?)`)
}

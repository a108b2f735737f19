package recovery_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// How a case ends, and comes back.

// R11: whatever the customer does not do, no case becomes resolved by it.
func TestSilenceNeverResolves(t *testing.T) {
	for _, step := range steps()[:9] {
		h := newHouse(t)
		c := h.after(400*day, h.At(step))
		assert.NotEqual(t, recovery.StepResolved, c.Step)
		assert.True(t, c.Open())
		h.refuses(recovery.ErrStep, h.cem, c, recovery.Close{As: recovery.Satisfied})
	}
}

func TestWhatEachClosureAsksFor(t *testing.T) {
	missed := recovery.Contact{Out: true, NoAnswer: true}
	for _, x := range []struct {
		name string
		at   recovery.Step
		by   string // empty: the agent
		prep []recovery.Command
		as   recovery.Close
		ok   bool
	}{
		{"satisfied: the customer said so", recovery.StepResolved, "", nil, recovery.Close{As: recovery.Satisfied}, true},
		{"satisfied: nobody asked", recovery.StepDelivered, "", nil, recovery.Close{As: recovery.Satisfied}, false},
		{
			"satisfied: a promise is outstanding", recovery.StepResolved, "",
			[]recovery.Command{recovery.Promise{What: callBack, Within: "4h"}},
			recovery.Close{As: recovery.Satisfied},
			false,
		},
		{"unconfirmed: presented", recovery.StepPresented, "", nil, recovery.Close{As: recovery.Unconfirmed}, true},
		{"unconfirmed: delivered", recovery.StepDelivered, "", nil, recovery.Close{As: recovery.Unconfirmed}, true},
		{"unconfirmed: not told", recovery.StepApproved, "", nil, recovery.Close{As: recovery.Unconfirmed}, false},
		{"unconfirmed: promises are outstanding", recovery.StepFulfilling, "", nil, recovery.Close{As: recovery.Unconfirmed}, false},
		{"unreachable", recovery.StepAcknowledged, "", []recovery.Command{missed, missed, missed}, recovery.Close{As: recovery.Unreachable}, true},
		{"unreachable: too few attempts", recovery.StepAcknowledged, "", []recovery.Command{missed, missed}, recovery.Close{As: recovery.Unreachable}, false},
		{
			"unreachable: but they wrote", recovery.StepAcknowledged, "",
			[]recovery.Command{missed, missed, recovery.Contact{}, missed},
			recovery.Close{As: recovery.Unreachable},
			false,
		},
		{
			"unreachable: but they answered", recovery.StepAcknowledged, "",
			[]recovery.Command{missed, missed, recovery.Contact{Out: true}, missed},
			recovery.Close{As: recovery.Unreachable},
			false,
		},
		{"deadlock: a reason", recovery.StepClarified, "", nil, recovery.Close{As: recovery.Deadlock, Reason: "no agreement"}, true},
		{"deadlock: no reason", recovery.StepClarified, "", nil, recovery.Close{As: recovery.Deadlock}, false},
		{"withdrawn by the customer", recovery.StepPresented, "42", nil, recovery.Close{As: recovery.Withdrawn}, true},
		{"withdrawn: an agent says why", recovery.StepPresented, "", nil, recovery.Close{As: recovery.Withdrawn, Reason: "by phone"}, true},
		{"withdrawn: an agent does not", recovery.StepPresented, "", nil, recovery.Close{As: recovery.Withdrawn}, false},
		{
			"duplicate: of a case", recovery.StepReceived, "",
			[]recovery.Command{recovery.Link{As: recovery.DuplicateOf, To: uuid.Max}},
			recovery.Close{As: recovery.Duplicate},
			true,
		},
		{
			"duplicate: of nothing", recovery.StepReceived, "",
			[]recovery.Command{recovery.Link{As: recovery.Related, To: uuid.Max}},
			recovery.Close{As: recovery.Duplicate},
			false,
		},
		{"forwarded: to whom", recovery.StepReceived, "", nil, recovery.Close{As: recovery.Forwarded, Reason: "to the maker"}, true},
		{"forwarded", recovery.StepReceived, "", nil, recovery.Close{As: recovery.Forwarded}, false},
		{"no complaint: why", recovery.StepReceived, "", nil, recovery.Close{As: recovery.NotAComplaint, Reason: "a question"}, true},
		{"no complaint", recovery.StepReceived, "", nil, recovery.Close{As: recovery.NotAComplaint}, false},
		{"a closure that there is not", recovery.StepResolved, "", nil, recovery.Close{As: "done", Reason: "so"}, false},
		{"none", recovery.StepResolved, "", nil, recovery.Close{Reason: "so"}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			c := h.At(x.at)
			if len(x.prep) > 0 {
				c = h.do(h.ana, c, x.prep...)
			}
			by := h.ana
			if x.by != "" {
				by = h.customer
			}
			if !x.ok {
				either := recovery.ErrInvalid // by itself
				switch x.as.As {
				case recovery.Satisfied, recovery.Unconfirmed, recovery.Unreachable, recovery.Duplicate:
					either = recovery.ErrStep // as the case stands
				case recovery.Deadlock, recovery.Withdrawn, recovery.Forwarded, recovery.NotAComplaint:
				}
				h.refuses(either, by, c, x.as)
				return
			}
			c = h.do(by, c, x.as)
			assert.False(t, c.Open())
			assert.Equal(t, x.as, *c.Closing)
			same(t, h.Now(), c.ClosedAt)
			assert.Zero(t, c.Due())
		})
	}
}

func TestClosingTakesTheOpenOfferBackAndEndsTheWait(t *testing.T) {
	h := newHouse(t)
	for _, step := range []recovery.Step{recovery.StepApproval, recovery.StepApproved, recovery.StepPresented} {
		c := h.do(h.ana, h.At(step), recovery.Wait{}, recovery.Close{As: recovery.Deadlock, Reason: "no agreement"})
		assert.Equal(t, recovery.OfferRetracted, c.Offer.State)
		assert.Nil(t, c.Waiting)
	}
}

// What the house still owes it owes, unless the customer gave it up or it was no complaint.
func TestWhatBecomesOfPromisesWhenACaseIsClosed(t *testing.T) {
	h := newHouse(t)
	for as, want := range map[recovery.Closure]recovery.PromiseState{
		recovery.Deadlock: recovery.PromiseOpen, recovery.Withdrawn: recovery.PromiseVoid, recovery.Forwarded: recovery.PromiseVoid,
		recovery.NotAComplaint: recovery.PromiseVoid,
	} {
		c := h.do(h.ana, h.At(recovery.StepFulfilling), recovery.Close{As: as, Reason: "so it is"})
		assert.Equal(t, []recovery.PromiseState{want}, states(c), as)
	}
}

func TestFindingsPerConcern(t *testing.T) {
	h := newHouse(t)
	h.Complaint.Concerns = []recovery.Concern{{Category: "quality", Text: "dead"}, {Category: "conduct", Text: "rude"}}
	findings := []recovery.Finding{
		{Concern: 1, Result: recovery.Upheld, Reason: "a bad batch", Cause: "battery-batch-7"},
		{Concern: 2, Result: recovery.Rejected},
		{Result: recovery.PartlyUpheld},
	}
	end := recovery.Close{As: recovery.Deadlock, Reason: "no agreement", Findings: findings}
	c := h.do(h.ana, h.At(recovery.StepClarified), end)
	assert.Equal(t, findings, c.Closing.Findings)
	findings[0].Cause = "x"
	assert.Equal(t, "battery-batch-7", c.Closing.Findings[0].Cause, "not shared with the caller")

	for _, wrong := range []recovery.Finding{{Concern: 3}, {Concern: -1}, {Result: "true"}} {
		end.Findings = []recovery.Finding{wrong}
		h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepClarified), end)
	}
	end.Findings = []recovery.Finding{{Concern: 1}, {Concern: 1}}
	assert.ErrorContains(t, h.refusal(recovery.ErrInvalid, h.ana, h.At(recovery.StepClarified), end), "stands twice")
}

func TestAClosedCaseStillTakesWhatComesAfterwards(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "n", "metric": "next_response", "target": "4h"}, {"id": "u", "metric": "update", "target": "4h"}`))
	c := h.At(recovery.StepClosed)
	c = h.do(h.ana, c, recovery.Contact{Text: "thanks"}, recovery.Contact{Out: true}, recovery.Note{Text: "nice"}, recovery.Link{As: recovery.Related, Reference: "K-1"},
		recovery.Respond{Kind: recovery.FinalResponse, Written: true})
	assert.Equal(t, recovery.StepClosed, c.Step)
	assert.Zero(t, c.Due(), "no clock starts on a closed case")
	for _, k := range c.Clocks {
		assert.False(t, k.Running())
	}
	assert.Equal(t, recovery.StepReferred, h.do(h.ana, c, recovery.Refer{To: "ombudsman"}).Step)
}

func TestReopeningWithinTheWindow(t *testing.T) {
	for _, x := range []struct {
		after time.Duration
		ok    bool
	}{{30 * day, true}, {30*day + time.Second, false}} {
		h := newHouse(t)
		c := h.At(recovery.StepClosed)
		h.Advance(x.after)
		if !x.ok {
			assert.ErrorContains(t, h.refusal(recovery.ErrStep, h.customer, c, recovery.Reopen{}), "Follows")
			next := h.open(func(n *recovery.Complaint) { n.Follows = c.ID })
			assert.Equal(t, c.ID, next.Follows)
			assert.Equal(t, 1, next.Round)
			continue
		}
		c = h.do(h.customer, c, recovery.Reopen{Reason: "it died again"})
		assert.True(t, c.Open())
		assert.Nil(t, c.Closing)
		assert.Zero(t, c.ClosedAt)
	}
	h := newHouse(t)
	c := h.At(recovery.StepResolved)
	h.Advance(365 * day)
	assert.Equal(t, 2, h.do(h.customer, c, recovery.Reopen{}).Round, "what was never closed has no window")
}

func TestLinks(t *testing.T) {
	h := newHouse(t)
	other := h.At(recovery.StepReceived)
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Link{As: recovery.DuplicateOf, To: other.ID}, recovery.Link{As: recovery.KnownIssue, Reference: "KI-7"})
	assert.Equal(t, []recovery.Link{{As: recovery.DuplicateOf, To: other.ID}, {As: recovery.KnownIssue, Reference: "KI-7"}}, c.Links)
	for _, wrong := range []recovery.Link{{As: recovery.Related}, {As: "cousin", To: other.ID}, {As: recovery.Related, To: c.ID}} {
		h.refuses(recovery.ErrInvalid, h.ana, c, wrong)
	}
}

// The ombudsman and other bodies.

func TestReferred(t *testing.T) {
	h := newHouse(t)
	for _, step := range []recovery.Step{recovery.StepApproval, recovery.StepPresented} {
		c := h.do(h.ana, h.At(step), recovery.Refer{To: "Financial Ombudsman Service", Reference: "FOS-1"})
		assert.Equal(t, recovery.OfferRetracted, c.Offer.State)
		assert.True(t, c.Open())
	}
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepClarified), recovery.Refer{})
}

func TestAnAwardBindsWhateverThePolicySays(t *testing.T) {
	h := newHouse(t)
	award := recovery.Decide{Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Gift, 500)}}
	c := h.do(h.ana, h.At(recovery.StepReferred), award)
	assert.Equal(t, recovery.StepDelivered, c.Step, "nothing is outstanding")
	assert.Equal(t, 1, count[recovery.Delivered](h, c))
	assert.Equal(t, policy.Gift, c.Given[len(c.Given)-1].Kind)

	award.Promises = []recovery.Promise{{What: "hand it over", Within: "72h"}}
	c = h.do(h.ana, h.At(recovery.StepReferred), award)
	assert.Equal(t, recovery.StepFulfilling, c.Step)
	assert.Equal(t, recovery.StepDelivered, h.do(h.ana, c, recovery.Fulfil{}).Step)

	award.Remedies = nil
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepReferred), award)
}

func TestDismissedStaysReferredAndIsClosed(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepReferred), recovery.Decide{Ruling: recovery.Dismissed})
	assert.Equal(t, recovery.StepReferred, c.Step)
	assert.False(t, h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "dismissed"}).Open())
	for _, wrong := range []recovery.Decide{
		{Ruling: "perhaps"},
		{Ruling: recovery.Dismissed, Remedies: []policy.Remedy{money(policy.Refund, 5)}},
		{Ruling: recovery.SentBack, Promises: []recovery.Promise{{What: "x", Within: "4h"}}},
	} {
		h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepReferred), wrong)
	}
	require.Equal(t, 2, h.do(h.ana, h.At(recovery.StepReferred), recovery.Decide{Ruling: recovery.SentBack}).Round)
}

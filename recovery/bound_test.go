package recovery_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// An approval is good for what was approved, and for nothing else.

// agreed is a case with an offer of the agent's to which the supervisor has agreed.
func (h *house) agreed() recovery.Case {
	h.t.Helper()
	c := h.do(h.ben, h.waiting(), recovery.Approve{})
	require.Equal(h.t, recovery.StepApproved, c.Step)
	require.NotZero(h.t, c.Offer.Bound)
	return c
}

func TestAnApprovalHoldsForTheOfferAsItStood(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.agreed(), recovery.Present{})
	assert.Equal(t, recovery.StepPresented, c.Step)
	assert.Equal(t, policy.Allowed, c.Offer.Decision.Verdict)
}

func TestAnApprovalHoldsForNothingElse(t *testing.T) {
	for name, change := range map[string]recovery.Command{
		"category": recovery.Reclassify{Category: "delivery"},
		"tier":     recovery.Learn{Tier: "gold"},
		"order":    recovery.Learn{Order: policy.Order{ID: "B-1", Paid: euros(999)}},
		"facts":    recovery.Learn{Facts: policy.Facts{"damage": "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(o *recovery.Options) { o.Names.Tiers = []string{"gold"} })
			c := h.do(h.ana, h.agreed(), change)
			err := h.refusal(recovery.ErrDenied, h.ana, c, recovery.Present{})
			var denied *recovery.DeniedError
			require.ErrorAs(t, err, &denied)
			assert.Equal(t, policy.NeedsApproval, denied.Decision.Verdict)
			assert.ErrorContains(t, err, "propose anew")

			c = h.do(h.ana, c, offer(money(policy.Refund, 400))) // the way on
			assert.Equal(t, recovery.StepApproval, c.Step)
			h.do(h.ben, c, recovery.Approve{})
			h.do(h.ana, c, recovery.Present{})
		})
	}
	t.Run("the customer", func(t *testing.T) {
		h := newHouse(t)
		h.Complaint.Customer = ""
		c := h.do(h.ana, h.agreed(), recovery.Learn{Customer: "43"})
		h.refuses(recovery.ErrDenied, h.ana, c, recovery.Present{})
	})
	t.Run("the policy", func(t *testing.T) {
		h := newHouse(t)
		c := h.agreed()
		now := h.second(recovery.Options{Policy: rulesOf(t, strings.Replace(housePolicy, `"version": "1"`, `"version": "2"`, 1))})
		assert.ErrorContains(t, now.refusal(recovery.ErrDenied, h.ana, c, recovery.Present{}), "propose anew")
		h.do(h.ana, c, recovery.Present{}) // by the policy that it was approved under it still holds
	})
	t.Run("a policy that asks for no approval", func(t *testing.T) {
		h := newHouse(t)
		c := h.agreed()
		now := h.second(recovery.Options{Policy: rulesOf(t, strings.ReplaceAll(housePolicy, `"50.00"`, `"450.00"`))})
		now.do(h.ana, c, recovery.Present{})
	})
}

// What changes by itself is no reason to ask again: policy is asked anyhow.
func TestAnApprovalOutlivesARaisedSeverity(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.agreed(), recovery.Reclassify{Severity: recovery.High})
	h.do(h.ana, c, recovery.Present{})
}

func TestAnApprovalServesOnce(t *testing.T) {
	again := offer(money(policy.Refund, 400))
	for name, way := range map[string]func(h *house, c recovery.Case) recovery.Case{
		"replaced by more": func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, offer(money(policy.Refund, 450)))
		},
		"to another payee": func(h *house, c recovery.Case) recovery.Case {
			other := money(policy.Refund, 400)
			other.Payee = "43"
			return h.do(h.ana, c, offer(other))
		},
		"replaced by the same": func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, again) },
		"retracted": func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Retract{Reason: "so"}, again)
		},
		"presented and declined": func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Present{}, recovery.Decline{}, recovery.Acknowledge{},
				recovery.Clarify{Restated: "late", Basis: recovery.Confirmed}, again)
		},
		"lapsed": func(h *house, c recovery.Case) recovery.Case {
			h.Advance(15 * day)
			return h.do(h.ana, c, again)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			c := way(h, h.agreed())
			assert.Equal(t, recovery.StepApproval, c.Step)
			assert.Empty(t, c.Offer.Approvers)
			assert.Zero(t, c.Offer.Bound)
			h.refuses(recovery.ErrStep, h.ana, c, recovery.Present{})
		})
	}
}

// The supervisor's limit holds for all that the case was given, however it is split.
func TestAnApproversAuthorityCoversTheSum(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.agreed(), recovery.Present{}, recovery.Accept{}, recovery.CheckBack{}, recovery.Acknowledge{},
		recovery.Clarify{Restated: "more", Basis: recovery.Confirmed}, offer(money(policy.Refund, 100)))
	require.Equal(t, recovery.StepApproved, h.do(h.ben, c, recovery.Approve{}).Step, "400 and 100 are within 500")
	c = h.do(h.ana, c, offer(money(policy.Refund, 101)))
	assert.Equal(t, policy.Role("manager"), c.Offer.Decision.By)
	h.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{})
	h.do(h.cem, c, recovery.Approve{})
}

// Of two who have to agree the first agreed to something else: they count no more, and may agree again.
func TestAnEarlierApproversWordIsNotCarriedOver(t *testing.T) {
	h := newHouse(t)
	lower := h.second(recovery.Options{Policy: rulesOf(t, strings.ReplaceAll(housePolicy, `"500.00"`, `"300.00"`))})
	c := lower.do(h.ben, h.waiting(), recovery.Approve{})
	require.Equal(t, []recovery.Actor{h.ben}, c.Offer.Approvers)
	c = lower.do(h.cem, c, recovery.Learn{Facts: policy.Facts{"damage": "none"}}, recovery.Approve{})
	assert.Equal(t, recovery.StepApproved, c.Step)
	assert.Equal(t, []recovery.Actor{h.cem}, c.Offer.Approvers)
}

func TestWhoIsNoLongerImpartialCountsForNothing(t *testing.T) {
	for name, x := range map[string]struct {
		learn recovery.Learn
		words string
	}{
		"an approver is complained about": {recovery.Learn{About: []string{"ben"}}, "propose anew"},
		"the proposer is":                 {recovery.Learn{About: []string{"ana"}}, "somebody else has to propose"},
		"an approver is the customer":     {recovery.Learn{Customer: "ben"}, "propose anew"},
		"the proposer is the customer":    {recovery.Learn{Customer: "ana"}, "somebody else has to propose"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.Complaint.Customer = ""
			c := h.do(h.eve, h.agreed(), x.learn)
			assert.ErrorContains(t, h.refusal(recovery.ErrDenied, h.eve, c, recovery.Present{}), x.words)
		})
		t.Run(name+", before it is approved", func(t *testing.T) {
			h := newHouse(t)
			h.Complaint.Customer = ""
			c := h.do(h.eve, h.waiting(), x.learn)
			if x.words == "propose anew" {
				h.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{})
				h.do(h.cem, c, recovery.Approve{})
			} else {
				assert.ErrorContains(t, h.refusal(recovery.ErrDenied, h.ben, c, recovery.Approve{}), x.words)
			}
		})
	}
}

func TestANewDenialStopsWhatWasApproved(t *testing.T) {
	h := newHouse(t)
	c := h.agreed()
	now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(noRefunds))})
	var denied *recovery.DeniedError
	require.ErrorAs(t, now.refusal(recovery.ErrDenied, h.ana, c, recovery.Present{}), &denied)
	assert.Equal(t, policy.Denied, denied.Decision.Verdict)
}

// A mandate judges by the complaint's date, all else by the policy in force; each
// decision says by which policy it was made.
func TestThePolicyChangesWhileACaseIsOpen(t *testing.T) {
	h := newHouse(t)
	const right = `{"id": "law", "effect": "mandate", "remedies": ["replacement"], "to": "2026-11-15", "basis": "legal"},
		{"id": "no-goods", "effect": "deny", "remedies": ["replacement"]}`
	v2 := rulesOf(t, strings.Replace(policyWith(right), `"version": "1"`, `"version": "2"`, 1))
	h.Complaint.Received = h.Now().AddDate(0, 0, -1) // the right was in force then
	require.Equal(t, "2026-11-15", h.Complaint.Received.Format("2006-01-02"))
	c := h.do(h.ana, h.At(recovery.StepClarified), offer(policy.Remedy{Kind: policy.Replacement}))
	now := h.second(recovery.Options{Policy: v2})
	c = now.do(h.ana, c, recovery.Present{})
	assert.Equal(t, policy.Mandated, c.Offer.Decision.Verdict, "a denial does not take it away")
	proposed, presented := last[recovery.Proposed](h, c).Offer.Decision, last[recovery.Presented](h, c).Decision
	assert.Equal(t, []string{"1", "2"}, []string{proposed.Version, presented.Version})
	assert.Equal(t, v2.Digest(), presented.Digest)
	assert.NotEqual(t, proposed.Digest, presented.Digest)

	h.Complaint.Received = h.Now() // a day later it was not
	c = h.do(h.ana, h.At(recovery.StepClarified), offer(policy.Remedy{Kind: policy.Replacement}))
	now.refuses(recovery.ErrDenied, h.ana, c, recovery.Present{})
}

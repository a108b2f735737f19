package recovery_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// A suspicion stays within the house: what customers are told, or get back as an error, does not show it.

const suspicious = `{"id": "risk-ring-7", "effect": "approve", "remedies": ["refund"], "by": "supervisor", "reason": "suspected fraud",
	"explain": {"en": "A colleague has a look at it as well."}}`

// revealing is any of what a customer must not read.
func revealing(s string) bool {
	s = strings.ToLower(s)
	for _, word := range []string{"risk-ring", "fraud", "abus", "shouted", "restrict"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

func TestWhatACustomerIsToldRevealsNoSuspicion(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(suspicious)) })
	flag := recovery.FlagAbuse{Level: 2, Review: h.Now().Add(day), Note: "shouted"}
	c := h.do(h.ana, h.At(recovery.StepClarified), flag, offer(money(policy.Refund, 20)))
	c = h.do(h.ben, c, recovery.Approve{})
	c = h.do(h.ana, c, recovery.Present{Text: "We pay it back to you."})
	for e, err := range h.History(t.Context(), c.ID) {
		require.NoError(t, err)
		if presented, ok := e.Event.(recovery.Presented); ok {
			assert.False(t, revealing(e.String()), e.String())
			assert.False(t, revealing(presented.Text))
			for _, f := range presented.Decision.Findings {
				assert.False(t, revealing(f.Explain.In("en")), "what is for the customer")
			}
		}
	}
	for _, cmd := range []recovery.Command{
		recovery.Propose{Remedies: []policy.Remedy{money(policy.Refund, 20)}},
		recovery.Approve{},
		recovery.Present{},
		recovery.Accept{Option: 7},
		recovery.Accept{Items: []int{9}},
		recovery.Fulfil{},
		recovery.FlagAbuse{},
		recovery.Close{As: recovery.Deadlock, Reason: "so"},
		recovery.Reopen{Reason: "so"},
	} {
		_, err := h.Do(t.Context(), c.ID, h.customer, cmd)
		require.Error(t, err)
		assert.False(t, revealing(strings.ReplaceAll(err.Error(), "flag_abuse", "")), err.Error())
	}
}

// The merits are judged alike, whatever the customer was flagged for.
func TestAFlagChangesNoDecision(t *testing.T) {
	h := newHouse(t)
	flag := recovery.FlagAbuse{Level: 3, Review: h.Now().Add(day), Note: "shouted"}
	for _, p := range []recovery.Propose{offer(money(policy.Refund, 20)), offer(money(policy.Refund, 400)), offer(money(policy.Voucher, 10))} {
		plain := h.do(h.ana, h.At(recovery.StepClarified), p)
		h.do(h.ana, plain, recovery.Retract{Reason: "so"})
		flagged := h.do(h.ana, h.At(recovery.StepClarified), flag, p)
		assert.Equal(t, plain.Offer.Decision, flagged.Offer.Decision)
		h.do(h.ana, flagged, recovery.Retract{Reason: "so"})
	}
}

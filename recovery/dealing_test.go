package recovery_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Nobody deals with themselves: neither as who gains nor as who is complained about.

func TestNobodyProposesWhatTheyGainFrom(t *testing.T) {
	h := newHouse(t)
	own := money(policy.Refund, 10)
	own.Payee = "ana"
	c := h.At(recovery.StepClarified)
	h.refuses(recovery.ErrDenied, h.ana, c, offer(own))
	h.refuses(recovery.ErrDenied, h.ana, c, recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Apology}}, Alternatives: []recovery.Option{{Remedies: []policy.Remedy{{Kind: policy.Repair}, own}}},
	})
	h.do(h.eve, c, offer(own))

	h.Complaint.Customer = "ana" // who works here, and complains
	c = h.At(recovery.StepReceived)
	c = h.do(h.eve, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "late", Basis: recovery.Confirmed})
	h.refuses(recovery.ErrDenied, h.ana, c, offer(money(policy.Refund, 10)))
	h.do(h.eve, c, offer(money(policy.Refund, 10)))
}

func TestWhoIsComplainedAboutOwnsNoPromise(t *testing.T) {
	h := newHouse(t)
	h.Complaint.About = []string{"eve"}
	byEve := recovery.Promise{What: "call back", Within: "4h", Owner: "eve"}
	clarified := h.At(recovery.StepClarified)
	for _, x := range []struct {
		c     recovery.Case
		cmd   recovery.Command
		field string
	}{
		{h.At(recovery.StepReceived), byEve, "promise.owner"},
		{clarified, promised(byEve), "promises[0].owner"},
		{
			clarified,
			recovery.Propose{
				Remedies:     []policy.Remedy{{Kind: policy.Apology}},
				Alternatives: []recovery.Option{{Remedies: []policy.Remedy{{Kind: policy.Repair}}, Promises: []recovery.Promise{byEve}}},
			},
			"alternatives[0].promises[0].owner",
		},
		{
			h.At(recovery.StepReferred),
			recovery.Decide{Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Refund, 9)}, Promises: []recovery.Promise{byEve}},
			"promises[0].owner",
		},
	} {
		var f *recovery.FieldError
		require.ErrorAs(t, h.refusal(recovery.ErrInvalid, h.ana, x.c, x.cmd), &f)
		assert.Equal(t, x.field, f.Field)
	}
}

func TestAFailedOpeningNamesTheCallersIDAlone(t *testing.T) {
	h := newHouse(t)
	given := uuid.MustParse("0190a5d0-0000-7000-8000-000000000042")
	for name, open := range map[string]func(recovery.Complaint) error{
		"a bad complaint": func(c recovery.Complaint) error {
			c.Channel = "pigeon"
			_, err := h.Open(t.Context(), h.ana, c)
			return err
		},
		"a bad command": func(c recovery.Complaint) error {
			_, err := h.Open(t.Context(), h.ana, c, recovery.Note{})
			return err
		},
		"a bad actor": func(c recovery.Complaint) error {
			_, err := h.Open(t.Context(), recovery.Actor{}, c)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, id := range []uuid.UUID{{}, given} {
				complaint := h.Complaint
				complaint.ID = id
				var ce *recovery.CaseError
				require.ErrorAs(t, open(complaint), &ce)
				assert.Equal(t, id, ce.Case)
			}
		})
	}
}

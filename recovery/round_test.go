package recovery_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// A new round is the five steps walked again; a deviation is a recovery that failed.

func TestWhatStartsARoundAndWhatIsADeviation(t *testing.T) {
	for _, x := range []struct {
		name      string
		at        recovery.Step
		by        string
		cmd       recovery.Command
		why       recovery.RoundWhy
		deviation bool
	}{
		{"declined", recovery.StepPresented, "42", recovery.Decline{}, recovery.WhyDeclined, false},
		{"not satisfied on the spot", recovery.StepPresented, "42", recovery.CheckBack{}, recovery.WhyDeclined, false},
		{"accepted in part", recovery.StepPresented, "42", recovery.Accept{Items: []int{1}}, recovery.WhyPartly, false},
		{"sent back", recovery.StepReferred, "ana", recovery.Decide{Ruling: recovery.SentBack}, recovery.WhySentBack, false},
		{"not satisfied after acceptance", recovery.StepFulfilling, "42", recovery.CheckBack{}, recovery.WhyUnsatisfied, true},
		{"not satisfied after delivery", recovery.StepDelivered, "42", recovery.CheckBack{}, recovery.WhyUnsatisfied, true},
		{"not satisfied any more", recovery.StepResolved, "42", recovery.CheckBack{}, recovery.WhyUnsatisfied, true},
		{"reopened once resolved", recovery.StepResolved, "42", recovery.Reopen{}, recovery.WhyReopened, true},
		{"reopened once closed as satisfied", recovery.StepClosed, "42", recovery.Reopen{}, recovery.WhyReopened, true},
		{"a promise broken", recovery.StepFulfilling, "", nil, recovery.WhyBroken, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			h.Offer.Remedies = append(h.Offer.Remedies, policy.Remedy{Kind: policy.Apology})
			c := h.At(x.at)
			switch x.by {
			case "42":
				c = h.do(h.customer, c, x.cmd)
			case "ana":
				c = h.do(h.ana, c, x.cmd)
			default:
				c = h.after(3*day, c)
			}
			started := last[recovery.RoundStarted](h, c)
			assert.Equal(t, x.why, started.Why)
			assert.Equal(t, x.deviation, started.Deviation)
			assert.Equal(t, recovery.StepReceived, c.Step)
			assert.Equal(t, 2, c.Round)
			if !x.deviation {
				assert.Zero(t, c.Deviations)
				assert.Equal(t, recovery.Normal, c.Severity)
				assert.Nil(t, c.Escalation)
				return
			}
			assert.Equal(t, 1, c.Deviations)
			assert.Equal(t, recovery.High, c.Severity, "a double deviation weighs more than the first failure")
			assert.Equal(t, policy.Role("supervisor"), c.Escalation.To)
			assert.Equal(t, recovery.ByFailure, c.Escalation.Cause)
			assert.Equal(t, recovery.System, c.Escalation.By.Kind)
		})
	}
}

func TestReopenedIsADeviationOnlyAfterADelivery(t *testing.T) {
	deadlock := recovery.Close{As: recovery.Deadlock, Reason: "no agreement"}
	for _, x := range []struct {
		name      string
		at        recovery.Step
		cmds      []recovery.Command
		deviation bool
	}{
		{"never presented", recovery.StepClarified, []recovery.Command{deadlock}, false},
		{"presented, and no answer", recovery.StepPresented, []recovery.Command{recovery.Close{As: recovery.Unconfirmed}}, false},
		{"withdrawn while promises were outstanding", recovery.StepFulfilling, []recovery.Command{recovery.Close{As: recovery.Withdrawn, Reason: "by phone"}}, false},
		{"delivered, and no answer", recovery.StepDelivered, []recovery.Command{recovery.Close{As: recovery.Unconfirmed}}, true},
		{"delivered by award", recovery.StepReferred, []recovery.Command{
			recovery.Decide{Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Refund, 900)}}, recovery.Close{As: recovery.Unconfirmed},
		}, true},
		{"delivered in a round before", recovery.StepDelivered, []recovery.Command{recovery.CheckBack{}, deadlock}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			c := h.do(h.ana, h.At(x.at), x.cmds...)
			before := c.Deviations
			c = h.do(h.customer, c, recovery.Reopen{Reason: "again"})
			assert.Equal(t, x.deviation, c.Deviations > before)
		})
	}
}

func TestSeverityRisesUpToTheTop(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) {
		o.Names.Severities = []recovery.Severity{"minor", "major"}
		o.Rounds = 9
	})
	c := h.At(recovery.StepResolved)
	assert.Equal(t, recovery.Severity("minor"), c.Severity, "the lowest rung of a ladder that has no normal")
	for range 3 {
		c = h.do(h.customer, c, recovery.CheckBack{})
		assert.Equal(t, recovery.Severity("major"), c.Severity)
		c = h.again(c)
	}
	assert.Equal(t, policy.Role("manager"), c.Escalation.To, "and the escalation up the ladder")
}

// again walks a case that was just received through to resolved.
func (h *house) again(c recovery.Case) recovery.Case {
	h.t.Helper()
	return h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "still", Basis: recovery.Confirmed}, offer(policy.Remedy{Kind: policy.Apology}),
		recovery.Present{}, recovery.Accept{}, recovery.CheckBack{Satisfied: true})
}

func TestARoundOverTheLimitEscalates(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Rounds = 2 })
	refused := []recovery.Command{
		recovery.Acknowledge{},
		recovery.Clarify{Restated: "again", Basis: recovery.Confirmed},
		offer(policy.Remedy{Kind: policy.Apology}),
		recovery.Present{},
		recovery.Decline{},
	}
	c := h.At(recovery.StepReceived)
	c = h.do(h.ana, c, refused...)
	assert.Equal(t, 2, c.Round)
	assert.Nil(t, c.Escalation)
	c = h.do(h.ana, c, refused...)
	assert.Equal(t, 3, c.Round)
	assert.Equal(t, recovery.ByRounds, c.Escalation.Cause)
	assert.Zero(t, c.Deviations)
}

func TestSeveralRoundsInOneCall(t *testing.T) {
	h := newHouse(t)
	walk := []recovery.Command{
		recovery.Acknowledge{}, recovery.Clarify{Restated: "late", Basis: recovery.Confirmed}, offer(policy.Remedy{Kind: policy.Apology}), recovery.Present{},
	}
	c := h.open(nil, append(append(walk, recovery.Decline{}), append(walk, recovery.Accept{})...)...)
	assert.Equal(t, 2, c.Round)
	assert.Equal(t, recovery.StepDelivered, c.Step)
}

func TestCheckBack(t *testing.T) {
	answer := recovery.CheckBack{
		Satisfied: true, Score: 9, Exceeded: recovery.Yes, Heard: recovery.No, CaredFor: recovery.Yes, Valued: recovery.NotAsked,
		WouldReturn: recovery.No, WouldRecommend: recovery.Yes, Comment: "thank you",
	}
	for _, step := range []recovery.Step{recovery.StepPresented, recovery.StepFulfilling, recovery.StepResolved} {
		h := newHouse(t)
		c := h.do(h.customer, h.At(step), answer)
		assert.Equal(t, step, c.Step, "noted, and no more")
		assert.Equal(t, 9, c.CheckBack.Score)
		assert.Equal(t, 1, c.Round)
	}
	h := newHouse(t)
	c := h.do(h.customer, h.At(recovery.StepDelivered), answer)
	assert.Equal(t, recovery.StepResolved, c.Step)
	answer.At, answer.Channel = h.Now(), recovery.Email
	assert.Equal(t, answer, *c.CheckBack)
	assert.Equal(t, answer, last[recovery.CheckedBack](h, c).CheckBack, "no, yes and not asked are three stored facts")

	c = h.At(recovery.StepPresented)
	c = h.do(h.customer, c, recovery.CheckBack{Score: 2})
	h.WantEvents(c.ID, "case.checked_back", "offer.declined", "round.started")
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepDelivered), recovery.CheckBack{Score: 11})
}

func TestANewRoundForgetsWhatBelongedToTheOldOne(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepFulfilling), recovery.Promise{What: callBack, Within: "4h"}, recovery.Fulfil{Promise: 2}, recovery.CheckBack{})
	assert.Nil(t, c.Clarification)
	assert.Nil(t, c.Offer)
	assert.Equal(t, []string{"it is done"}, words(c), "what is outstanding stays")
	assert.Equal(t, 2, c.Pledges)
	assert.Equal(t, 1, c.Offers)
	assert.Len(t, c.Given, 1)
	same(t, h.Now(), c.RoundSince)
}

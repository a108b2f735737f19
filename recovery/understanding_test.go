package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// The first three steps: the strategy, the acknowledgement, the clarification.

const qualityGoal = "the customer has what they paid for"

func TestAPlaybookStrategizesAtOpeningAndAtANewRound(t *testing.T) {
	h := newHouse(t)
	goal, ok := standard(t).For("", "quality")
	require.True(t, ok)
	c := h.open(func(c *recovery.Complaint) { c.Category = "quality" })
	assert.Equal(t, recovery.StepStrategized, c.Step)
	assert.Equal(t, goal.Goal, c.Goal)
	assert.Equal(t, "quality_or_delivery", c.Playbook)

	c = h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "dead", Basis: recovery.Confirmed},
		offer(policy.Remedy{Kind: policy.Repair}), recovery.Present{}, recovery.Decline{})
	assert.Equal(t, 2, c.Round)
	assert.Equal(t, recovery.StepStrategized, c.Step)
	assert.Equal(t, 2, count[recovery.Strategized](h, c))
	assert.NotEmpty(t, last[recovery.Strategized](h, c).Playbooks, "the document that the playbook was in")
}

// round walks a case that is strategized into its next round.
func (h *house) round(c recovery.Case) recovery.Case {
	h.t.Helper()
	return h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "dead", Basis: recovery.Confirmed},
		offer(policy.Remedy{Kind: policy.Repair}), recovery.Present{}, recovery.Decline{})
}

func TestANewRoundKeepsWhatAnAgentHasSet(t *testing.T) {
	h := newHouse(t)
	quality := func(c *recovery.Complaint) { c.Category = "quality" }
	t.Run("goal and playbook", func(t *testing.T) {
		c := h.do(h.ana, h.open(quality), recovery.Strategize{Goal: "calm them", Playbook: "anger"})
		for range 2 {
			c = h.round(c)
			assert.Equal(t, recovery.StepStrategized, c.Step)
			assert.Equal(t, "calm them", c.Goal)
			assert.Equal(t, "anger", c.Playbook)
			e := last[recovery.Strategized](h, c)
			assert.True(t, e.Kept)
			assert.NotEmpty(t, e.Playbooks)
		}
	})
	t.Run("a goal of their own", func(t *testing.T) {
		c := h.round(h.do(h.ana, h.open(quality), recovery.Strategize{Goal: "calm them"}))
		assert.Equal(t, "calm them", c.Goal)
		assert.Equal(t, "quality_or_delivery", c.Playbook)
	})
	t.Run("a goal that no playbook went with when it was set", func(t *testing.T) {
		c := h.do(h.ana, h.open(nil), recovery.Strategize{Goal: "calm them"}, recovery.Reclassify{Category: "quality"})
		assert.Empty(t, c.Playbook)
		c = h.round(c)
		assert.Equal(t, "calm them", c.Goal)
		assert.Equal(t, "quality_or_delivery", c.Playbook)
	})
	t.Run("a goal without a playbook, to be looked at again", func(t *testing.T) {
		c := h.round(h.do(h.ana, h.open(nil), recovery.Strategize{Goal: "calm them"}))
		assert.Equal(t, recovery.StepReceived, c.Step)
		assert.Equal(t, "calm them", c.Goal)
	})
	t.Run("what no agent has set is set anew", func(t *testing.T) {
		c := h.round(h.do(h.ana, h.open(quality), recovery.Reclassify{Situation: "anger"}))
		assert.Equal(t, "anger", c.Playbook)
		c = h.round(h.do(h.ana, h.round(h.open(nil)), recovery.Reclassify{Category: "quality"}))
		assert.Equal(t, "quality_or_delivery", c.Playbook)
	})
}

func TestParametersPreferThePlaybookInUse(t *testing.T) {
	h := newHouse(t)
	first := func(c recovery.Case) policy.Kind {
		all, err := h.Parameters(t.Context(), c.ID, h.ana)
		require.NoError(t, err)
		return all[0].Kind
	}
	preferred := func(name string) policy.Kind {
		b, ok := standard(t).For(name, "")
		require.True(t, ok)
		return b.Remedies[0]
	}
	c := h.open(func(c *recovery.Complaint) { c.Category, c.Situation = "quality", "anger" })
	require.NotEqual(t, preferred("anger"), preferred("quality_or_delivery"))
	assert.Equal(t, preferred("anger"), first(c))
	c = h.do(h.ana, c, recovery.Strategize{Goal: qualityGoal, Playbook: "quality_or_delivery"})
	assert.Equal(t, preferred("quality_or_delivery"), first(c))
	assert.Equal(t, preferred("quality_or_delivery"), first(h.round(c)))
}

func TestTheSituationBeatsTheCategory(t *testing.T) {
	c := newHouse(t).open(func(c *recovery.Complaint) { c.Category, c.Situation = "quality", "anger" })
	assert.Equal(t, "anger", c.Playbook)
}

func TestALaterStrategyChangesTheGoalAndMovesNothing(t *testing.T) {
	h := newHouse(t)
	for _, step := range steps()[1:11] {
		c := h.do(h.ana, h.At(step), recovery.Strategize{Goal: qualityGoal, Playbook: "anger"})
		assert.Equal(t, step, c.Step)
		assert.Equal(t, qualityGoal, c.Goal)
		assert.Equal(t, "anger", c.Playbook)
	}
}

func TestAnAcknowledgementRecordsTheStrategyIfThereIsNone(t *testing.T) {
	h := newHouse(t)
	t.Run("of the playbook that fits by now", func(t *testing.T) {
		c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Reclassify{Category: "quality"}, recovery.Acknowledge{})
		book, _ := standard(t).For("", "quality")
		assert.Equal(t, book.Goal, c.Goal)
		assert.Equal(t, book.Name, c.Playbook)
	})
	t.Run("or the aim of it all", func(t *testing.T) {
		c := h.At(recovery.StepReceived)
		c = h.do(h.ana, c, recovery.Acknowledge{})
		assert.NotEmpty(t, c.Goal)
		h.WantEvents(c.ID, "case.strategized", "case.acknowledged")
	})
	t.Run("and leaves one that was set", func(t *testing.T) {
		c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Strategize{Goal: qualityGoal}, recovery.Acknowledge{})
		assert.Equal(t, qualityGoal, c.Goal)
	})
}

// R5: a machine's acknowledgement moves nothing, and stops only the clocks whose
// objective admits it.
func TestAMachinesAcknowledgement(t *testing.T) {
	for _, x := range []struct {
		name, objective string
		stops           bool
	}{
		{"where a person is asked for", `{"id": "a", "metric": "acknowledgement", "target": "4h", "personOnly": true}`, false},
		{"where a machine will do", `{"id": "a", "metric": "acknowledgement", "target": "4h"}`, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t, with(t, x.objective))
			c := h.At(recovery.StepReceived)
			h.Advance(time.Hour)
			c = h.do(h.bot, c, recovery.Acknowledge{Text: "We have received your message."})
			assert.Equal(t, recovery.StepReceived, c.Step)
			assert.Equal(t, !x.stops, h.clock(c, "acknowledgement").Running())
			assert.True(t, last[recovery.Acknowledged](h, c).Machine)
			assert.Empty(t, c.Goal)
			assert.Zero(t, c.Contacts.Out, "no person spoke")
			assert.Empty(t, c.LastAgent)

			h.Advance(time.Hour)
			c = h.do(h.ana, c, recovery.Acknowledge{})
			assert.Equal(t, recovery.StepAcknowledged, c.Step, "the person's still counts")
			assert.False(t, h.clock(c, "acknowledgement").Running())
			assert.Equal(t, "ana", c.LastAgent)
		})
	}
}

// R6: no solution can be offered before the concern is understood, on a basis.
func TestNoSolutionBeforeAClarificationWithABasis(t *testing.T) {
	h := newHouse(t)
	explain := offer(policy.Remedy{Kind: policy.Explanation})
	for _, step := range []recovery.Step{recovery.StepReceived, recovery.StepStrategized, recovery.StepAcknowledged} {
		h.refuses(recovery.ErrStep, h.cem, h.At(step), explain)
	}
	c := h.do(h.ana, h.At(recovery.StepAcknowledged), recovery.Clarify{Restated: "perhaps the battery", Questions: []recovery.Question{{Asked: "does it charge?"}}})
	assert.Equal(t, recovery.StepAcknowledged, c.Step, "asked, and not understood")
	assert.Nil(t, c.Clarification)
	h.refuses(recovery.ErrStep, h.cem, c, explain)

	for _, basis := range []recovery.Basis{recovery.Confirmed, recovery.Written} {
		c := h.do(h.ana, h.At(recovery.StepAcknowledged), recovery.Clarify{Restated: "it does not charge", Basis: basis, Wanted: "a new one"}, explain)
		assert.Equal(t, recovery.StepApproved, c.Step)
		assert.Equal(t, basis, c.Clarification.Basis)
		assert.Equal(t, "a new one", c.Wanted)
	}
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepAcknowledged), recovery.Clarify{Basis: recovery.Confirmed}) // nothing was restated
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepAcknowledged), recovery.Clarify{Restated: "x", Basis: "felt"})
}

func TestAssumingTakesFailedAttemptsAndAReason(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Attempts = 2 })
	c := h.At(recovery.StepAcknowledged)
	missed := recovery.Contact{Out: true, NoAnswer: true, Channel: recovery.Phone}
	assumed := recovery.Clarify{Restated: "it does not charge", Basis: recovery.Assumed, Reason: "letters alone, and no number"}

	c = h.do(h.ana, c, missed)
	err := h.refusal(recovery.ErrInvalid, h.ana, c, assumed)
	assert.ErrorContains(t, err, "needs 2 failed attempts to reach the customer; there are 1")

	c = h.do(h.ana, c, missed)
	silent := assumed
	silent.Reason = " "
	h.refuses(recovery.ErrInvalid, h.ana, c, silent)
	c = h.do(h.ana, c, assumed)
	assert.Equal(t, recovery.StepClarified, c.Step)
	assert.Equal(t, 2, c.Contacts.Attempts, "nobody was reached by assuming")
}

func TestClarifyingAgainTakesTheOpenOfferBack(t *testing.T) {
	h := newHouse(t)
	for _, step := range []recovery.Step{recovery.StepApproval, recovery.StepApproved, recovery.StepPresented} {
		for cmd, to := range map[recovery.Basis]recovery.Step{recovery.Confirmed: recovery.StepClarified, "": recovery.StepAcknowledged} {
			c := h.do(h.ana, h.At(step), recovery.Clarify{Restated: "the screen, not the battery", Basis: cmd})
			assert.Equal(t, to, c.Step)
			assert.Equal(t, recovery.OfferRetracted, c.Offer.State)
		}
	}
}

func TestFirstContactResolutionIsOneCommit(t *testing.T) {
	h := newHouse(t)
	c := h.open(nil, recovery.Acknowledge{}, recovery.Clarify{Restated: "late", Basis: recovery.Confirmed}, offer(policy.Remedy{Kind: policy.Apology}),
		recovery.Present{}, recovery.Accept{}, recovery.CheckBack{Satisfied: true}, recovery.Close{As: recovery.Satisfied})
	assert.Equal(t, recovery.StepClosed, c.Step)
	assert.Equal(t, 1, c.Round)

	before := h.At(recovery.StepApproved)
	h.refuses(recovery.ErrStep, h.ana, before, recovery.Present{}, recovery.Accept{}, recovery.Approve{}) // all or nothing
}

package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// Step 4, towards the customer: what they choose from, take, leave, or never answer.

// choice offers a repair and a refund, or a replacement, each with its promises.
func choice() recovery.Propose {
	return recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Repair}, money(policy.Refund, 20)},
		Promises: []recovery.Promise{
			{What: "repair it", Within: "72h", Item: 1}, {What: "pay it out", Within: "48h", Item: 2}, {What: "say when", Within: "4h"},
		},
		Alternatives: []recovery.Option{{
			Remedies: []policy.Remedy{{Kind: policy.Replacement}}, Promises: []recovery.Promise{{What: "send a new one", Within: "24h"}},
		}},
	}
}

func (h *house) presented(p recovery.Propose) recovery.Case {
	h.t.Helper()
	return h.do(h.ana, h.At(recovery.StepClarified), p, recovery.Present{})
}

// words are what the case's promises say.
func words(c recovery.Case) []string {
	var out []string
	for _, p := range c.Promises {
		out = append(out, p.What)
	}
	return out
}

func TestAcceptingTheWholeOffer(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.customer, h.presented(choice()), recovery.Accept{})
	assert.Equal(t, recovery.StepFulfilling, c.Step)
	assert.Equal(t, []string{"repair it", "pay it out", "say when"}, words(c))
	assert.Equal(t, []int{1, 2}, c.Offer.Items)
	assert.Len(t, c.Given, 2)
}

func TestAcceptingAnAlternative(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.customer, h.presented(choice()), recovery.Accept{Option: 1})
	assert.Equal(t, recovery.StepFulfilling, c.Step)
	assert.Equal(t, 1, c.Offer.Chosen)
	assert.Equal(t, []string{"send a new one"}, words(c))
	assert.Equal(t, policy.Replacement, c.Given[0].Kind)
	for _, wrong := range []recovery.Accept{{Option: 2}, {Option: -1}, {Option: 1, Items: []int{2}}, {Items: []int{0}}, {Items: []int{1, 1}}} {
		h.refuses(recovery.ErrInvalid, h.customer, h.presented(choice()), wrong)
	}
}

func TestAcceptingAPartStartsARoundForTheRest(t *testing.T) {
	h := newHouse(t)
	c := h.presented(choice())
	h.Advance(time.Hour)
	accepted := h.Now()
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Accept{Items: []int{2}, At: accepted})
	assert.Equal(t, recovery.StepReceived, c.Step)
	assert.Equal(t, 2, c.Round)
	assert.Zero(t, c.Deviations, "the recovery has not failed")
	assert.Equal(t, recovery.WhyPartly, last[recovery.RoundStarted](h, c).Why)
	assert.Equal(t, []string{"pay it out", "say when"}, words(c), "the promise of the repair was not made")
	assert.Len(t, c.Given, 1)
	same(t, accepted, c.RoundSince, "the round counts from when it was said")
	assert.Nil(t, c.Clarification, "it is clarified anew")

	t.Run("and what was accepted stands, whatever is accepted later", func(t *testing.T) {
		c := h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "and the rest", Basis: recovery.Confirmed},
			promised(recovery.Promise{What: "explain", Within: "72h"}), recovery.Present{}, recovery.Accept{})
		assert.Equal(t, []string{"pay it out", "say when", "explain"}, words(c))
		assert.Equal(t, []recovery.PromiseState{recovery.PromiseOpen, recovery.PromiseOpen, recovery.PromiseOpen}, states(c))
		assert.Equal(t, recovery.StepFulfilling, c.Step)
		assert.Len(t, c.Given, 2)
	})
}

func TestADeclinedOfferIsANewRoundAndNoDeviation(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepPresented)
	c = h.do(h.customer, c, recovery.Decline{Reason: "too little"})
	h.WantEvents(c.ID, "offer.declined", "round.started")
	assert.Equal(t, recovery.StepReceived, c.Step)
	assert.Equal(t, 2, c.Round)
	assert.Zero(t, c.Deviations)
	assert.Equal(t, recovery.Normal, c.Severity)
	assert.Nil(t, c.Escalation)
}

func TestAnOfferLapses(t *testing.T) {
	for _, x := range []struct {
		name string
		by   time.Time
		want time.Duration
	}{{"after the house's time", time.Time{}, 5 * day}, {"when it says", recoverytest.Start().Add(7 * day), 7 * day}} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t, func(o *recovery.Options) { o.AnswerWithin = 5 * day })
			p := promised()
			p.AnswerBy = x.by
			c := h.presented(p)
			due := h.Now().Add(x.want)
			same(t, due, c.Offer.AnswerBy)
			c = h.after(x.want+day, c)
			assert.Equal(t, recovery.OfferLapsed, c.Offer.State)
			assert.Equal(t, recovery.StepClarified, c.Step, "silence resolves nothing")
			same(t, due, last[recovery.Lapsed](h, c).At, "stamped with the instant")
			h.refuses(recovery.ErrStep, h.customer, c, recovery.Accept{})
		})
	}
}

// Nobody ticks, and somebody writes.
func TestACommandThatComesLateSettlesFirst(t *testing.T) {
	for _, x := range []struct {
		step  recovery.Step
		wait  time.Duration
		event string
	}{
		{recovery.StepPresented, 15 * day, "offer.lapsed"},
		{recovery.StepApproval, 3 * day, "offer.approval_expired"},
		{recovery.StepFulfilling, 4 * day, "promise.broken"},
	} {
		h := newHouse(t)
		c := h.At(x.step)
		late, err := recovery.New(h.Store, &recovery.Options{Policy: rulesOf(t, housePolicy), Now: func() time.Time { return h.Now().Add(x.wait) }})
		require.NoError(t, err)
		_, err = late.Do(t.Context(), c.ID, h.ana, recovery.Note{Text: "a remark"})
		require.NoError(t, err)
		since := h.typesOf(c)[c.Sequence:]
		assert.Equal(t, x.event, since[0])
		assert.Equal(t, "case.noted", since[len(since)-1])
	}
}

func TestAnOfferWhoseTimeToAnswerIsOverIsNotPresented(t *testing.T) {
	h := newHouse(t)
	p := promised()
	p.AnswerBy = h.Now().Add(time.Hour)
	c := h.do(h.ana, h.At(recovery.StepClarified), p)
	h.Advance(time.Hour)
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Present{})
	h.do(h.ana, c, promised(), recovery.Present{})
}

func TestANewOfferReplacesTheOpenOne(t *testing.T) {
	h := newHouse(t)
	for _, step := range []recovery.Step{recovery.StepApproval, recovery.StepApproved, recovery.StepPresented} {
		c := h.At(step)
		c = h.do(h.ana, c, offer(policy.Remedy{Kind: policy.Repair}))
		h.WantEvents(c.ID, "offer.retracted", "offer.proposed")
		assert.Equal(t, recovery.StepApproved, c.Step)
		assert.Equal(t, 2, c.Offer.N)
		assert.Equal(t, 1, c.Round)
	}
}

func TestAnOfferIsTakenBack(t *testing.T) {
	h := newHouse(t)
	for _, step := range []recovery.Step{recovery.StepApproval, recovery.StepApproved, recovery.StepPresented} {
		c := h.do(h.ana, h.At(step), recovery.Retract{Reason: "out of stock"})
		assert.Equal(t, recovery.StepClarified, c.Step)
		assert.Equal(t, recovery.OfferRetracted, c.Offer.State)
	}
}

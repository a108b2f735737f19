package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// R3: promises are records with due dates; one that is broken is a new failure.

const callBack = "call back"

func TestAPromiseIsMadeInEveryOpenStepAndMovesNothing(t *testing.T) {
	h := newHouse(t)
	for _, step := range steps()[:11] {
		c := h.At(step)
		c = h.do(h.ana, c, recovery.Promise{What: callBack, Within: "4h", Owner: "eve"})
		assert.Equal(t, step, c.Step)
		p := c.Promises[len(c.Promises)-1]
		assert.Equal(t, recovery.Pledge{
			N: c.Pledges, What: callBack, Due: h.Now().Add(4 * time.Hour), Owner: "eve", State: recovery.PromiseOpen, Made: h.Now(),
		}, p)
	}
}

func TestAPromiseInTimeOfTheHouse(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "promises", "metric": "promise", "calendar": "office"}`))
	h.Advance(4*day + 7*time.Hour) // Friday, 16:00
	friday := h.Now()
	for within, want := range map[string]time.Time{
		"2 working hours":         friday.Add(2*day + 18*time.Hour), // Monday, 10:00
		"1 business day":          friday.Add(3 * day),
		"close of 1 business day": friday.Add(3*day + time.Hour),
		"2h":                      friday.Add(2 * time.Hour),
		"2 days":                  friday.Add(2 * day),
	} {
		t.Run(within, func(t *testing.T) {
			c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Promise{What: callBack, Within: within})
			same(t, want, c.Promises[0].Due)
			same(t, want, h.clock(c, "promise:1").Due)
		})
	}
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepClarified), recovery.Promise{What: callBack, Within: "soon"})
	without := newHouse(t)
	without.refuses(recovery.ErrInvalid, h.ana, without.At(recovery.StepClarified), recovery.Promise{What: callBack, Within: "2 working hours"})
	without.refuses(recovery.ErrInvalid, h.ana, without.At(recovery.StepClarified), promised(recovery.Promise{What: callBack, Within: "2 working hours"}))
	_, err := without.Do(t.Context(), without.At(recovery.StepClarified).ID, h.ana, recovery.Promise{What: callBack, Within: "2 working hours"})
	assert.ErrorContains(t, err, `an objective of the agreement with the metric "promise"`, "it says what would help")
}

func TestWithinCountsFromTheAcceptance(t *testing.T) {
	h := newHouse(t)
	c := h.presented(promised(recovery.Promise{What: "done", Within: "72h"}))
	h.Advance(5 * day)
	said := h.Now()
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Accept{At: said})
	same(t, said.Add(3*day), c.Promises[0].Due)
	same(t, said, c.Promises[0].Made)
}

func TestAPromiseDueBeforeItIsAcceptedIsNotMade(t *testing.T) {
	for _, agreement := range []func(*recovery.Options){func(*recovery.Options) {}, with(t, `{"id": "promises", "metric": "promise"}`)} {
		h := newHouse(t, agreement)
		c := h.presented(promised(recovery.Promise{What: "done", Due: h.Now().Add(day)}))
		said := h.Now()
		h.Advance(2 * day)
		h.refuses(recovery.ErrInvalid, h.customer, c, recovery.Accept{}) // R3: nobody can keep it
		c = h.do(h.ana, c, recovery.Accept{At: said})
		assert.Equal(t, 1, c.Deviations, "accepted in time, and broken since")
	}
}

func TestDeliveryWaitsForEveryPromiseButThoseAside(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Promise{What: "beside the offer", Within: "72h"},
		promised(recovery.Promise{What: "done", Within: "72h"}, recovery.Promise{What: "newsletter", Within: "72h", Aside: true}),
		recovery.Present{}, recovery.Accept{})
	require.Equal(t, []string{"beside the offer", "done", "newsletter"}, words(c))
	c = h.do(h.ana, c, recovery.Fulfil{Promise: 2})
	assert.Equal(t, recovery.StepFulfilling, c.Step)
	c = h.do(h.ana, c, recovery.Fulfil{Promise: 1})
	assert.Equal(t, recovery.StepDelivered, c.Step)
	c = h.do(h.ana, c, recovery.Fulfil{})
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseKept, recovery.PromiseKept, recovery.PromiseKept}, states(c))

	beside := h.do(h.ana, h.At(recovery.StepClarified), recovery.Promise{What: "aside", Within: "72h", Aside: true},
		offer(policy.Remedy{Kind: policy.Apology}), recovery.Present{}, recovery.Accept{})
	assert.Equal(t, recovery.StepDelivered, beside.Step, "nothing outstanding")
}

func TestReleasedCountsAsKept(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.customer, h.At(recovery.StepFulfilling), recovery.Release{Reason: "never mind"})
	assert.Equal(t, recovery.StepDelivered, c.Step)
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseReleased}, states(c))
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Fulfil{Promise: 1})
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Release{Promise: 1})
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Fulfil{Promise: 7})
}

func TestWhichPromiseMustBeSaidWhereSeveralAreOpen(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepFulfilling), recovery.Promise{What: callBack, Within: "4h"})
	assert.ErrorContains(t, h.refusal(recovery.ErrInvalid, h.ana, c, recovery.Fulfil{}), "2 promises are open")
}

func TestAPromiseBroken(t *testing.T) {
	for _, x := range []struct {
		step  recovery.Step
		aside bool
		want  []string
	}{
		{recovery.StepClarified, false, []string{"promise.broken", "case.deviated", "escalation.demanded"}},
		{recovery.StepPresented, false, []string{"promise.broken", "case.deviated", "escalation.demanded"}},
		{recovery.StepDelivered, false, []string{"promise.broken", "round.started", "escalation.demanded"}},
		{recovery.StepResolved, false, []string{"promise.broken", "round.started", "escalation.demanded"}},
		{recovery.StepDelivered, true, []string{"promise.broken"}},
		{recovery.StepClarified, true, []string{"promise.broken"}},
	} {
		t.Run(string(x.step), func(t *testing.T) {
			h := newHouse(t)
			c := h.At(x.step)
			c = h.do(h.ana, c, recovery.Promise{What: callBack, Within: "4h", Aside: x.aside})
			due := h.Now().Add(4 * time.Hour)
			h.WantEvents(c.ID, "promise.made")
			c = h.after(day, c)
			h.WantEvents(c.ID, x.want...)
			same(t, due, last[recovery.PromiseFailed](h, c).At)
			if x.aside {
				assert.Zero(t, c.Deviations)
				assert.Equal(t, x.step, c.Step)
				return
			}
			assert.Equal(t, 1, c.Deviations)
			assert.Equal(t, recovery.High, c.Severity)
			assert.Equal(t, recovery.ByFailure, c.Escalation.Cause)
		})
	}
}

func TestAPromiseKeptLate(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Promise{What: callBack, Within: "4h", Aside: true})
	h.Advance(day)
	c = h.do(h.ana, c, recovery.Fulfil{Promise: 1})
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseLate}, states(c))
	assert.True(t, last[recovery.PromiseFulfilled](h, c).Late)
}

// Whoever kept the promise entered it too late, after the desk had counted it as broken.
func TestAPromiseThatWasKeptInTimeAfterAll(t *testing.T) {
	for _, step := range []recovery.Step{recovery.StepFulfilling, recovery.StepClarified} {
		t.Run(string(step), func(t *testing.T) {
			h := newHouse(t, with(t, `{"id": "promises", "metric": "promise"}`))
			h.Offer.Promises = nil
			c := h.At(recovery.StepClarified)
			if step == recovery.StepFulfilling {
				c = h.do(h.ana, c, promised(recovery.Promise{What: callBack, Within: "4h"}), recovery.Present{}, recovery.Accept{})
			} else {
				c = h.do(h.ana, c, recovery.Promise{What: callBack, Within: "4h"})
			}
			h.Advance(time.Hour)
			kept := h.Now()
			c = h.after(day, c)
			require.Equal(t, 1, c.Deviations)
			require.NotZero(t, h.clock(c, "promise:1").BreachedAt)

			c = h.do(h.ana, c, recovery.Fulfil{Promise: 1, At: kept})
			assert.Zero(t, c.Deviations)
			assert.Contains(t, states(c), recovery.PromiseKept)
			assert.Zero(t, h.clock(c, "promise:1").BreachedAt)
			assert.Equal(t, 1, count[recovery.BreachWithdrawn](h, c))
			assert.True(t, last[recovery.PromiseFulfilled](h, c).Disproves)
			h.refuses(recovery.ErrStep, h.ana, c, recovery.Fulfil{Promise: 1, At: kept}) // once
		})
	}
	t.Run("but not before it was made", func(t *testing.T) {
		h := newHouse(t)
		c := h.At(recovery.StepClarified)
		before := h.Now()
		h.Advance(time.Hour)
		c = h.do(h.ana, c, recovery.Promise{What: callBack, Within: "4h"})
		h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Fulfil{At: before})
	})
}

func TestAPromiseBrokenIsForgottenAfterARound(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "promises", "metric": "promise"}`))
	c := h.At(recovery.StepReceived)
	for range 6 {
		c = h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "again", Basis: recovery.Confirmed}, promised(recovery.Promise{What: "done", Within: "4h"}),
			recovery.Present{}, recovery.Accept{})
		c = h.after(day, c)
	}
	assert.Equal(t, 7, c.Round)
	assert.Equal(t, 6, c.Deviations)
	assert.LessOrEqual(t, len(c.Promises), 2, "a case stays bounded in size")
	assert.LessOrEqual(t, len(c.Clocks), 2)
}

func TestALaterOfferSupersedesTheOpenPromisesOfOneThatFailed(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepFulfilling)
	c = h.do(h.customer, c, recovery.CheckBack{Comment: "not what I asked for"})
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseOpen}, states(c), "it stands until something else is accepted")
	c = h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "that", Basis: recovery.Confirmed}, promised(recovery.Promise{What: "better", Within: "72h"}),
		recovery.Present{}, recovery.Accept{})
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseVoid, recovery.PromiseOpen}, states(c))
	assert.Equal(t, recovery.StepDelivered, h.do(h.ana, c, recovery.Fulfil{}).Step)
}

// TestALaterOfferSupersedesABrokenPromise: what the customer has accepted instead is what they are owed now.
func TestALaterOfferSupersedesABrokenPromise(t *testing.T) {
	h := newHouse(t)
	c := h.presented(recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: []recovery.Promise{{What: "a letter", Within: "2h"}}})
	c = h.do(h.ana, c, recovery.Accept{})
	c = h.after(3*time.Hour, c)
	require.Equal(t, recovery.PromiseBroken, c.Promises[0].State)
	page, err := h.Cases(t.Context(), recovery.Query{Overdue: true})
	require.NoError(t, err)
	assert.Len(t, page.Cases, 1)
	c = h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "still no letter", Basis: recovery.Confirmed},
		offer(policy.Remedy{Kind: policy.Apology}), recovery.Present{}, recovery.Accept{})
	assert.Equal(t, recovery.PromiseVoid, c.Promises[0].State)
	assert.Equal(t, 1, c.Deviations)
	page, err = h.Cases(t.Context(), recovery.Query{Overdue: true})
	require.NoError(t, err)
	assert.Empty(t, page.Cases)
}

func TestFulfilIsLegalEverywhere(t *testing.T) {
	h := newHouse(t)
	for _, step := range steps()[:11] {
		c := h.do(h.ana, h.At(step), recovery.Promise{What: callBack, Within: "400h"})
		c = h.do(h.ana, c, recovery.Fulfil{Promise: c.Pledges})
		assert.Equal(t, recovery.PromiseKept, c.Promises[len(c.Promises)-1].State)
	}
	t.Run("on a closed case whose promises stand", func(t *testing.T) {
		c := h.do(h.ana, h.At(recovery.StepFulfilling), recovery.Close{As: recovery.Deadlock, Reason: "no agreement"})
		c = h.do(h.ana, c, recovery.Fulfil{})
		assert.Equal(t, recovery.StepClosed, c.Step)
		assert.Equal(t, []recovery.PromiseState{recovery.PromiseKept}, states(c))
	})
}

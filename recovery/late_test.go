package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// What is entered late, or joins what is open already, must neither lose a question, a demand or a
// deadline, nor disprove what it can't have been there for.

func TestAnOpenDemandStaysOpen(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "demand", "metric": "escalation", "target": "4h"}`))
	c := h.do(h.customer, h.At(recovery.StepReceived), recovery.Escalate{To: "manager", Reason: "the manager, please"})
	demanded := h.Now()
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Escalate{To: "supervisor"}, recovery.Escalate{})
	assert.Equal(t, "manager", string(c.Escalation.To), "never lowered")
	same(t, demanded, c.Escalation.At)
	k, _ := c.Clock("escalation")
	assert.Equal(t, 1, k.Cycle)
	same(t, demanded.Add(4*time.Hour), k.Due, "asking again buys no time")

	c = h.do(h.ben, c, recovery.Contact{Out: true, Text: "the supervisor"})
	assert.Zero(t, c.Escalation.Answered)
	c = h.do(h.cem, c, recovery.Contact{Out: true, Text: "the manager"})
	assert.NotZero(t, c.Escalation.Answered)
	k, _ = c.Clock("escalation")
	assert.False(t, k.Running())
}

func TestALateAnswerDisprovesABreachThatIsOver(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "next", "metric": "next_response", "target": "2h"}`))
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Contact{Text: "any news?"})
	asked := h.Now()
	h.Advance(3 * time.Hour)
	c = h.do(h.ana, c, recovery.Contact{Out: true, Text: "here I am"})
	assert.Equal(t, 1, c.Breaches)
	c = h.do(h.ana, c, recovery.Contact{Out: true, At: asked.Add(time.Hour), Text: "the call of one o'clock"})
	assert.Zero(t, c.Breaches)
	k, _ := c.Clock("next_response")
	same(t, asked.Add(time.Hour), k.StoppedAt)
}

func TestALateAnswerToOneQuestionLeavesTheNext(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "next", "metric": "next_response", "target": "2h"}`))
	start := h.Now()
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Contact{Text: "A?"})
	h.Advance(40 * time.Minute)
	second := h.Now()
	c = h.do(h.ana, c, recovery.Contact{Text: "B?"})
	h.Advance(10 * time.Minute)
	c = h.do(h.ana, c, recovery.Contact{Out: true, At: start.Add(30 * time.Minute), Text: "to A"})
	same(t, second, c.Contacts.Unanswered, "B is open")
	k, _ := c.Clock("next_response")
	assert.True(t, k.Running())
	same(t, second.Add(2*time.Hour), k.Due)
}

func TestALateAnswerStandsForTheNewestQuestionToo(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "next", "metric": "next_response", "target": "2h"}`))
	start := h.Now()
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Contact{Text: "A?"})
	h.Advance(40 * time.Minute)
	c = h.do(h.ana, c, recovery.Contact{Text: "B?"})
	h.Advance(140 * time.Minute)
	c = h.do(h.ana, c, recovery.Contact{Out: true, Text: "to both"})
	assert.Equal(t, 1, c.Breaches)
	c = h.do(h.ana, c, recovery.Contact{Out: true, At: start.Add(30 * time.Minute), Text: "to A"})
	assert.Equal(t, 1, c.Breaches, "B waited for more than two hours")
	c = h.do(h.ana, c, recovery.Contact{Out: true, At: start.Add(50 * time.Minute), Text: "to B"})
	assert.Zero(t, c.Breaches)
}

// TestALateQuestionAnsweredInTheSameCall breached all the same, and once that is disproved nothing is left.
func TestALateQuestionAnsweredInTheSameCall(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "next", "metric": "next_response", "target": "1h", "warn": ["50%"]}`))
	c := h.At(recovery.StepAcknowledged)
	h.Advance(10 * time.Hour)
	asked := h.Now().Add(-3 * time.Hour)
	before := len(eventsOf(t, h.Store, c.ID))
	c = h.do(h.ana, c, recovery.Contact{At: asked, Text: "any news?"}, recovery.Contact{Out: true, Text: "here I am"})
	assert.Equal(t, 1, c.Breaches)
	same(t, asked.Add(time.Hour), h.clock(c, "next_response").BreachedAt)
	assert.Equal(t, []string{"case.contacted/1", "case.contacted/1", "clock.warned/1", "clock.breached/1"}, eventsOf(t, h.Store, c.ID)[before:])
	c = h.do(h.ana, c, recovery.Contact{Out: true, At: asked.Add(30 * time.Minute), Text: "by phone"})
	assert.Zero(t, c.Breaches)
	assert.True(t, h.clock(c, "next_response").Withdrawn)
}

// awake is a second desk on the house's store, later: what became due in between nobody has noticed yet.
func (h *house) awake(o recovery.Options, by time.Duration) *recovery.Desk {
	h.t.Helper()
	o.Now = func() time.Time { return h.Now().Add(by) }
	d, err := recovery.New(h.Store, &o)
	require.NoError(h.t, err)
	return d
}

// TestWhatStopsAClockComesBeforeItsBreach, however late both are noticed.
func TestWhatStopsAClockComesBeforeItsBreach(t *testing.T) {
	var o recovery.Options
	h := newHouse(t, with(t, `{"id": "approval", "metric": "approval", "target": "4h", "warn": ["25%"]}`),
		func(x *recovery.Options) { x.ApproveWithin = 2 * time.Hour; o = *x })
	c := h.waiting()
	before := len(eventsOf(t, h.Store, c.ID))
	_, err := h.awake(o, 5*time.Hour).Tick(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"clock.warned/1", "offer.approval_expired/1"}, eventsOf(t, h.Store, c.ID)[before:])
}

func TestAtTheInstantAtWhichItIsDueNothingHasBreached(t *testing.T) {
	var o recovery.Options
	h := newHouse(t, with(t, `{"id": "ack", "metric": "acknowledgement", "target": "4h", "warn": ["25%"]}`), func(x *recovery.Options) { o = *x })
	c := h.At(recovery.StepReceived)
	_, err := h.awake(o, 4*time.Hour).Do(t.Context(), c.ID, h.ana, recovery.Acknowledge{})
	require.NoError(t, err)
	assert.NotContains(t, eventsOf(t, h.Store, c.ID), "clock.breached/1")
}

func TestNobodyIsSatisfiedBeforeTheDelivery(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "resolution", "metric": "resolution", "target": "3h"}`))
	c := h.presented(recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: []recovery.Promise{{What: "a letter", Within: "20h"}},
	})
	presented := h.Now()
	c = h.do(h.ana, c, recovery.Accept{})
	h.Advance(5 * time.Hour)
	c = h.do(h.ana, c, recovery.Fulfil{})
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.CheckBack{Satisfied: true, At: presented.Add(time.Hour)})
	c = h.do(h.ana, c, recovery.CheckBack{Satisfied: true})
	assert.Equal(t, 1, c.Breaches)
}

func TestNothingHappensBeforeWhatItFollows(t *testing.T) {
	for name, x := range map[string]struct {
		at  recovery.Step
		cmd func(at time.Time) recovery.Command
	}{
		"accept":     {recovery.StepPresented, func(at time.Time) recovery.Command { return recovery.Accept{At: at} }},
		"decline":    {recovery.StepPresented, func(at time.Time) recovery.Command { return recovery.Decline{At: at} }},
		"check back": {recovery.StepDelivered, func(at time.Time) recovery.Command { return recovery.CheckBack{At: at} }},
		"decide":     {recovery.StepReferred, func(at time.Time) recovery.Command { return recovery.Decide{Ruling: recovery.SentBack, At: at} }},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.Complaint.Received = h.Now().Add(-time.Hour)
			c := h.At(x.at)
			h.refuses(recovery.ErrInvalid, h.ana, c, x.cmd(h.Now().Add(-time.Minute)))
			h.Advance(time.Minute)
			h.do(h.ana, c, x.cmd(h.Now().Add(-time.Minute)))
		})
	}
	t.Run("in a later round", func(t *testing.T) {
		h := newHouse(t)
		c := h.At(recovery.StepPresented)
		h.Advance(time.Hour)
		c = h.do(h.ana, c, recovery.Decline{})
		h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Acknowledge{At: h.Now().Add(-time.Minute)})
	})
}

func TestClosingDoesNotEndWhatTheLawDemands(t *testing.T) {
	statutory := with(t, `{"id": "final", "metric": "final_response", "target": "8 weeks", "calendar": "office", "statutory": true}`)
	for name, again := range map[string]recovery.Command{
		"reopened": recovery.Reopen{Reason: "more"}, "referred": recovery.Refer{To: "ombudsman"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, statutory)
			c := h.At(recovery.StepReceived)
			received, before := h.Now(), h.clock(c, "final")
			h.Advance(time.Hour)
			c = h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "no way forward"}, again)
			k := h.clock(c, "final")
			assert.True(t, k.Running())
			same(t, received, k.Started, "owed from receipt")
			same(t, before.Due, k.Due)
		})
		t.Run(name+" after a final response", func(t *testing.T) {
			h := newHouse(t, statutory)
			c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Respond{Kind: recovery.FinalResponse, Written: true, Text: "no"})
			h.Advance(time.Hour)
			c = h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "no way forward"}, again)
			assert.False(t, h.clock(c, "final").Running())
		})
	}
}

func TestAFailureRetargetsTheClocksThatRun(t *testing.T) {
	h := newHouse(t, with(t, `
		{"id": "res-high", "metric": "resolution", "when": {"severity": ["high"]}, "target": "50h"},
		{"id": "res", "metric": "resolution", "target": "500h"}`))
	start := h.Now()
	c := h.At(recovery.StepDelivered)
	c = h.do(h.ana, c, recovery.CheckBack{Satisfied: false})
	assert.Equal(t, recovery.High, c.Severity)
	k := h.clock(c, "resolution")
	assert.Equal(t, "res-high", k.Objective)
	same(t, start.Add(50*time.Hour), k.Due)
}

func TestNearMissesOfAttributesAreRefused(t *testing.T) {
	o := &recovery.Options{Agreement: agreementOf(t, "1", `{"id": "a", "metric": "solution", "when": {"chanel": ["email"]}, "target": "1h"}`)}
	_, err := recovery.New(new(history.Memory), o)
	require.ErrorContains(t, err, `unknown attribute "chanel" (did you mean "channel"?)`)
}

// TestAnUpdateEnteredLate: who was told in between was not left waiting, though the cycle is over by the time that it is
// known; unless what was left of the cycle was too long by itself.
func TestAnUpdateEnteredLate(t *testing.T) {
	for _, x := range []struct {
		told     time.Duration
		breaches int
	}{{3 * time.Hour, 0}, {30 * time.Minute, 1}, {4*time.Hour + time.Second, 1}} {
		h := newHouse(t, with(t, `{"id": "told", "metric": "update", "target": "4h"}`))
		c := h.At(recovery.StepAcknowledged)
		begun := h.Now()
		h.Advance(5 * time.Hour)
		c = h.do(h.ana, c, recovery.Contact{Out: true})
		assert.Equal(t, 1, c.Breaches)
		h.Advance(time.Hour)
		c = h.do(h.ana, c, recovery.Contact{Out: true, At: begun.Add(x.told)})
		assert.Equal(t, x.breaches, c.Breaches, x.told)
		k := h.clock(c, "update")
		assert.Equal(t, 2, k.Cycle)
		assert.True(t, k.Running())
	}
}

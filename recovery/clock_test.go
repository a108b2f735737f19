package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// What time makes of clocks: breaches, late entries, pauses, closings, other agreements.

// Clocks count when things happened, not when they were entered.
func TestClocksCountWhenThingsHappened(t *testing.T) {
	h := newHouse(t, with(t, elevenMetrics))
	nine := h.Now()
	h.Advance(30 * time.Minute)
	c := h.open(func(c *recovery.Complaint) { c.Received = nine })
	same(t, nine, h.clock(c, "acknowledgement").Started)

	h.Advance(5 * time.Hour)
	require.NotZero(t, h.clock(h.now(c), "acknowledgement").BreachedAt)
	at := nine.Add(45 * time.Minute)
	c = h.do(h.ana, c, recovery.Acknowledge{At: at}, recovery.Clarify{At: at.Add(time.Hour), Restated: "dead", Basis: recovery.Confirmed})
	same(t, at, h.clock(c, "acknowledgement").StoppedAt)
	same(t, at, h.clock(c, "clarification").Started)
	same(t, at.Add(time.Hour), h.clock(c, "clarification").StoppedAt)
	same(t, at.Add(time.Hour), h.clock(c, "update").Started)

	for _, wrong := range []recovery.Command{
		recovery.Contact{At: h.Now().Add(time.Second)},
		recovery.Clarify{At: nine.Add(-time.Second), Restated: "x", Basis: recovery.Confirmed},
		recovery.Respond{Kind: recovery.Progress, At: h.Now().Add(time.Second)},
	} {
		h.refuses(recovery.ErrInvalid, h.ana, c, wrong)
	}
}

func TestABreachIsStampedWithTheInstantAndWithdrawnByALateEntry(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "a", "metric": "acknowledgement", "target": "4h", "warn": ["50%", "1h before"]}`))
	start := h.Now()
	c := h.At(recovery.StepReceived)
	h.Advance(9 * time.Hour)
	h.WantEvents(c.ID, "clock.warned", "clock.warned", "clock.breached")
	breach := last[recovery.ClockBreached](h, c)
	same(t, start.Add(4*time.Hour), breach.At)
	same(t, start.Add(4*time.Hour), h.clock(h.now(c), "acknowledgement").BreachedAt)
	h.Advance(9 * time.Hour)
	h.WantEvents(c.ID) // each threshold fires once

	c = h.do(h.ana, c, recovery.Acknowledge{At: start.Add(4 * time.Hour)})
	h.WantEvents(c.ID, "case.strategized", "case.acknowledged", "clock.breach_withdrawn")
	k := h.clock(c, "acknowledgement")
	assert.Zero(t, k.BreachedAt)
	assert.True(t, k.Withdrawn)

	late := h.At(recovery.StepReceived)
	h.Advance(5 * time.Hour)
	late = h.do(h.ana, late, recovery.Acknowledge{})
	assert.True(t, h.clock(late, "acknowledgement").Late())
	assert.Zero(t, count[recovery.BreachWithdrawn](h, late))
}

func TestWarningsAreSilentWhereALaterOneIsTheNews(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "a", "metric": "acknowledgement", "target": "4h", "warn": ["25%", "50%"]}`))
	c := h.At(recovery.StepReceived)
	h.Advance(3 * time.Hour)
	var silent []bool
	for _, e := range h.Events(c.ID) {
		if w, ok := e.(recovery.ClockWarned); ok {
			silent = append(silent, w.Silent)
		}
	}
	assert.Equal(t, []bool{true, false}, silent)
}

const waits = `
	{"id": "s", "metric": "solution", "target": "10h", "pause": ["customer", "supplier"]},
	{"id": "u", "metric": "resolution", "target": "20h"},
	{"id": "fca", "metric": "final_response", "target": "30h", "statutory": true}`

func TestOnlyThePausesOfAnObjectiveMoveItsDeadline(t *testing.T) {
	h := newHouse(t, with(t, waits), suppliers)
	start := h.Now()
	h.Advance(time.Hour)
	c := h.open(func(c *recovery.Complaint) { c.Received = start })
	c = h.do(h.ana, c, recovery.Wait{})
	assert.Zero(t, h.clock(c, "solution").Due, "no due time to show while a pause lasts")
	assert.True(t, h.clock(c, "solution").Paused())
	for _, id := range []string{"resolution", "fca"} {
		assert.False(t, h.clock(c, id).Paused(), "%s", id)
	}
	c = h.after(15*time.Hour, c)
	assert.Zero(t, h.clock(c, "solution").BreachedAt)
	c = h.do(h.customer, c, recovery.Contact{})
	same(t, start.Add(25*time.Hour), h.clock(c, "solution").Due)
	same(t, start.Add(20*time.Hour), h.clock(c, "resolution").Due)
	same(t, start.Add(30*time.Hour), h.clock(c, "fca").Due, "statutory clocks never pause")
}

func TestAClockStartedWhileTheCaseWaitsWaitsToo(t *testing.T) {
	h := newHouse(t, with(t, waits), suppliers)
	c := h.do(h.ana, h.At(recovery.StepPresented), recovery.Wait{On: "supplier"}, recovery.Decline{})
	assert.True(t, h.clock(c, "solution").Paused())
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Resume{})
	same(t, h.Now().Add(10*time.Hour), h.clock(c, "solution").Due)
}

func TestStoppingBeatsPausing(t *testing.T) {
	h := newHouse(t, with(t, waits), suppliers)
	c := h.do(h.ana, h.At(recovery.StepApproved), recovery.Wait{})
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Present{})
	k := h.clock(c, "solution")
	assert.False(t, k.Running())
	assert.False(t, k.Paused())
	same(t, h.Now(), k.StoppedAt)
	h.do(h.ana, c, recovery.Resume{})
}

func TestClosingStopsEveryClock(t *testing.T) {
	h := newHouse(t, with(t, elevenMetrics))
	c := h.do(h.ana, h.At(recovery.StepApproval), recovery.Escalate{}, recovery.Contact{}, recovery.Promise{What: callBack, Within: "7h"})
	running := 0
	for _, k := range c.Clocks {
		if k.Running() {
			running++
		}
	}
	require.Equal(t, 8, running)
	h.Advance(time.Minute)
	c = h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "no agreement"})
	for _, k := range c.Clocks {
		assert.False(t, k.Running(), k.ID)
	}
	h.Advance(100 * day)
	assert.Equal(t, c, h.now(c), "time changes nothing any more")
}

func TestAHoldingResponseExtendsStatutoryClocks(t *testing.T) {
	payments := `{"id": "psp", "metric": "final_response", "target": "15 days", "statutory": true, "extend": [{"on": "holding", "target": "35 days"}]}`
	h := newHouse(t, with(t, payments))
	start := h.Now()
	c := h.At(recovery.StepClarified)
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Respond{Kind: recovery.Holding, Written: true}) // it says why
	h.Advance(10 * day)
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "the bank has not answered"})
	k := h.clock(c, "psp")
	assert.True(t, k.Running())
	same(t, start.Add(35*day), k.Due)

	late := h.At(recovery.StepClarified)
	sent := h.Now().Add(14 * day)
	late = h.after(20*day, late)
	require.NotZero(t, h.clock(late, "psp").BreachedAt)
	late = h.do(h.ana, late, recovery.Respond{Kind: recovery.Holding, Reason: "said on the phone", At: sent})
	assert.Zero(t, count[recovery.BreachWithdrawn](h, late), "not written")
	same(t, late.Received.Add(15*day), h.clock(late, "psp").Due)
	late = h.do(h.ana, late, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "as before", At: sent})
	assert.Equal(t, 1, count[recovery.BreachWithdrawn](h, late), "sent in time, entered late")

	assert.Len(t, late.Responses, 1)
	late = h.do(h.ana, late, recovery.Respond{Kind: recovery.Holding, Reason: "still"}, recovery.Respond{Kind: recovery.FinalResponse, Written: true, Text: "we reject"})
	assert.Len(t, late.Responses, 2, "the latest of each kind")
	h.refuses(recovery.ErrInvalid, h.ana, late, recovery.Respond{Kind: "love letter"})
}

func TestReclassifyingLeavesStatutoryClocks(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "law", "metric": "final_response", "target": "56 days", "statutory": true, "when": {"severity": ["normal"]}}`))
	c := h.At(recovery.StepClarified)
	before := h.clock(c, "law")
	assert.Equal(t, before, h.clock(h.do(h.ana, c, recovery.Reclassify{Severity: recovery.High}), "law"))
}

func TestWhatElseStopsAClockTheObjectiveSays(t *testing.T) {
	for what, x := range map[string]struct {
		at recovery.Step
		by func(*house) recovery.Actor
		do recovery.Command
	}{
		"acknowledged": {recovery.StepReceived, func(h *house) recovery.Actor { return h.ana }, recovery.Acknowledge{}},
		"presented":    {recovery.StepApproved, func(h *house) recovery.Actor { return h.ana }, recovery.Present{}},
		"accepted":     {recovery.StepPresented, func(h *house) recovery.Actor { return h.customer }, recovery.Accept{}},
		"delivered":    {recovery.StepFulfilling, func(h *house) recovery.Actor { return h.ana }, recovery.Fulfil{}},
		"resolved":     {recovery.StepDelivered, func(h *house) recovery.Actor { return h.customer }, recovery.CheckBack{Satisfied: true}},
		"referred":     {recovery.StepClarified, func(h *house) recovery.Actor { return h.ana }, recovery.Refer{To: "ombudsman"}},
		"holding":      {recovery.StepClarified, func(h *house) recovery.Actor { return h.ana }, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "wait"}},
		"update":       {recovery.StepClarified, func(h *house) recovery.Actor { return h.ana }, recovery.Respond{Kind: recovery.Progress, Written: true}},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHouse(t, with(t, `{"id": "x", "metric": "final_response", "target": "56 days", "statutory": true, "stop": ["`+what+`"]}`))
			c := h.At(x.at)
			require.True(t, h.clock(c, "x").Running())
			assert.False(t, h.clock(h.do(x.by(h), c, x.do), "x").Running())
		})
	}
}

const (
	slow = `{"id": "s", "metric": "solution", "target": "40h", "pause": ["customer"]}, {"id": "a", "metric": "acknowledgement", "target": "8h"}`
	fast = `{"id": "r", "metric": "resolution", "target": "1h"}, {"id": "high", "metric": "solution", "when": {"severity": ["high"]}, "target": "2h", "pause": ["customer"]},
		{"id": "s", "metric": "solution", "target": "4h", "pause": ["customer"]}`
)

// Two desks with different agreements on one store: a deployment in between.
func TestANewAgreementChangesNoRunningClock(t *testing.T) {
	h := newHouse(t, with(t, slow))
	start := h.Now()
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Wait{})
	next := agreementOf(t, "2", fast)
	now := h.second(recovery.Options{Agreement: next})
	h.Advance(3 * time.Hour)

	t.Run("a paused clock goes on under its own", func(t *testing.T) {
		c = now.do(h.ana, c, recovery.Resume{})
		same(t, start.Add(43*time.Hour), h.clock(c, "solution").Due)
	})
	t.Run("whatever is learned that does not concern it", func(t *testing.T) {
		c = now.do(h.ana, c, recovery.Learn{Language: "tr"})
		same(t, start.Add(43*time.Hour), h.clock(c, "solution").Due)
		assert.True(t, h.clock(c, "acknowledgement").Running(), "though the new one has no such objective")
		_, started := c.Clock("resolution")
		assert.False(t, started, "though the new one has one")
	})
	t.Run("on a desk without any too", func(t *testing.T) {
		none := h.second(recovery.Options{})
		c := none.do(h.ana, h.At(recovery.StepClarified), recovery.Wait{}, recovery.Resume{})
		assert.True(t, h.clock(c, "solution").Running())
	})
	t.Run("and explains itself", func(t *testing.T) {
		spans, err := now.Explain(t.Context(), c.ID, "solution")
		require.NoError(t, err)
		assert.Equal(t, sla.Paused, spans[0].Kind)
	})
	t.Run("the next cycle has the new one", func(t *testing.T) {
		c = now.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "dead", Basis: recovery.Confirmed}, offer(policy.Remedy{Kind: policy.Apology}),
			recovery.Present{}, recovery.Decline{})
		k := h.clock(c, "solution")
		assert.Equal(t, next.Digest(), k.Agreement)
		same(t, h.Now().Add(4*time.Hour), k.Due)
	})
	t.Run("what was reclassified is asked for anew", func(t *testing.T) {
		c := h.At(recovery.StepClarified)
		due := h.clock(c, "solution").Due
		c = now.do(h.ana, c, recovery.Reclassify{Severity: recovery.High})
		same(t, due, h.clock(c, "solution").Due, "under the agreement it started by, which makes no difference of it")
	})
	t.Run("unless it is asked to", func(t *testing.T) {
		c := h.At(recovery.StepReceived)
		begun := h.clock(c, "solution").Started
		c = h.do(h.ana, c, recovery.Wait{})
		h.Advance(time.Hour)
		c = now.do(h.ana, c, recovery.Resume{}, recovery.Reclassify{Renew: true})
		k := h.clock(c, "solution")
		assert.Equal(t, next.Digest(), k.Agreement)
		same(t, begun.Add(5*time.Hour), k.Due, "from its true start, with the pause spent")
		assert.False(t, h.clock(c, "acknowledgement").Running(), "the new one has no such objective")
		same(t, begun.Add(time.Hour), h.clock(c, "resolution").Due, "the new one has one")
		h.second(recovery.Options{}).refuses(recovery.ErrInvalid, h.ana, c, recovery.Reclassify{Renew: true})
	})
}

// TestTheLadderGoesOnAfterABreach: each rung once, however late it is noticed, with whom to tell.
func TestTheLadderGoesOnAfterABreach(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "sol", "metric": "solution", "target": "4h",
		"warn": ["50%", {"at": "due", "notify": "agent"}, {"at": "1h after", "notify": "supervisor"}, {"at": "2h after", "notify": "manager"}]}`))
	c := h.At(recovery.StepClarified)
	c = h.after(4*time.Hour, c)
	assert.Equal(t, 1, c.Breaches)
	same(t, h.Now().Add(time.Hour), c.Due())
	h.after(4*time.Hour, c)
	h.after(time.Hour, c)
	var got, lines []string
	for e, err := range h.History(t.Context(), c.ID) {
		require.NoError(t, err)
		lines = append(lines, e.String())
		if warned, ok := e.Event.(recovery.ClockWarned); ok {
			got = append(got, fmt.Sprint(warned.Threshold.Name, " ", warned.Threshold.Notify, " ", warned.Silent))
		}
		if _, ok := e.Event.(recovery.ClockBreached); ok {
			got = append(got, "breach")
		}
	}
	assert.Equal(t, []string{"50%  true", "breach", "1h after supervisor true", "2h after manager false"}, got)
	assert.True(t, slices.ContainsFunc(lines, func(s string) bool { return strings.HasSuffix(s, "clock.breached       solution; tell agent") }), lines)
	assert.Contains(t, lines[len(lines)-1], "solution; still open 2h after it was due, tell manager")
}

// TestACappedPause: a case that waits for ever is due all the same.
func TestACappedPause(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "sol", "metric": "solution", "target": "4h", "pause": ["customer"], "maxPause": "3h"}`))
	c := h.At(recovery.StepAcknowledged)
	start := h.Now()
	c = h.do(h.ana, c, recovery.Wait{})
	same(t, start.Add(7*time.Hour), h.clock(c, "solution").Due, "at the latest")
	c = h.after(7*time.Hour, c)
	assert.Equal(t, 1, c.Breaches)
	assert.NotNil(t, c.Waiting)
	c = h.do(h.ana, c, recovery.Resume{})
	same(t, start.Add(7*time.Hour), h.clock(c, "solution").Due)

	again := h.do(h.ana, h.At(recovery.StepAcknowledged), recovery.Wait{})
	h.Advance(time.Hour)
	same(t, h.Now().Add(4*time.Hour), h.clock(h.do(h.ana, again, recovery.Resume{}), "solution").Due, "earlier, if it waits no longer")
}

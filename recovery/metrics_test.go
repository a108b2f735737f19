package recovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// Response speed: what starts and what stops the clock of each metric.

// elevenMetrics has an objective for each metric, in elapsed time.
const elevenMetrics = `
	{"id": "o1", "metric": "acknowledgement", "target": "1h", "personOnly": true},
	{"id": "o2", "metric": "next_response", "target": "2h"},
	{"id": "o3", "metric": "update", "target": "3h"},
	{"id": "o4", "metric": "clarification", "target": "4h"},
	{"id": "o5", "metric": "approval", "target": "5h"},
	{"id": "o6", "metric": "solution", "target": "6h"},
	{"id": "o7", "metric": "promise"},
	{"id": "o8", "metric": "escalation", "target": "8h"},
	{"id": "o9", "metric": "check_back", "target": "9h"},
	{"id": "o10", "metric": "resolution", "target": "10h"},
	{"id": "fca", "metric": "final_response", "target": "56 days", "statutory": true}`

// cycle finds one run of a clock.
func cycle(c recovery.Case, id string, n int) (sla.Clock, bool) {
	i := slices.IndexFunc(c.Clocks, func(k sla.Clock) bool { return k.ID == id && k.Cycle == n })
	if i < 0 {
		return sla.Clock{}, false
	}
	return c.Clocks[i], true
}

// act is what somebody does.
type act struct {
	by  recovery.Actor
	cmd recovery.Command
}

// Each row is a clock: the step of the case, what starts the clock there (nil: it
// was started when the case was opened), what does not stop it, and what does.
func TestWhatStartsAndWhatStopsEachClock(t *testing.T) {
	people := newHouse(t)
	ana, ben, bot, customer := people.ana, people.ben, people.bot, people.customer
	out, in, missed := recovery.Contact{Out: true}, recovery.Contact{}, recovery.Contact{Out: true, NoAnswer: true}
	written := recovery.Clarify{Restated: "dead", Basis: recovery.Written}
	costly := offer(money(policy.Refund, 400))
	promise := recovery.Promise{What: callBack, Within: "12h"}
	for _, x := range []struct {
		name, clock string
		at          recovery.Step
		starts      recovery.Command
		ignores     []act
		stops       act
	}{
		{"acknowledged", "acknowledgement", recovery.StepReceived, nil, []act{{bot, recovery.Acknowledge{}}, {ana, out}}, act{ana, recovery.Acknowledge{}}},
		{"presented", "solution", recovery.StepClarified, nil, []act{{ana, offer(policy.Remedy{Kind: policy.Apology})}}, act{ana, recovery.Present{}}},
		{"resolved", "resolution", recovery.StepDelivered, nil, []act{{customer, in}}, act{customer, recovery.CheckBack{Satisfied: true}}},
		{
			"answered formally", "fca", recovery.StepClarified, nil,
			[]act{{ana, recovery.Respond{Kind: recovery.FinalResponse}}, {ana, recovery.Respond{Kind: recovery.Progress, Written: true}}},
			act{ana, recovery.Respond{Kind: recovery.FinalResponse, Written: true}},
		},
		{
			"resolved in summary", "fca", recovery.StepClarified, nil,
			[]act{{ana, recovery.Respond{Kind: recovery.Summary}}},
			act{ana, recovery.Respond{Kind: recovery.Summary, Written: true}},
		},
		{"answered", "next_response", recovery.StepStrategized, in, []act{{customer, in}, {ana, missed}, {bot, out}}, act{ana, out}},
		{"answered by acknowledging", "next_response", recovery.StepStrategized, in, nil, act{ana, recovery.Acknowledge{}}},
		{"updated", "update", recovery.StepReceived, out, []act{{customer, in}, {ana, missed}, {bot, out}}, act{ana, out}},
		{"clarified", "clarification", recovery.StepStrategized, recovery.Acknowledge{}, []act{{ana, recovery.Clarify{Restated: "?"}}}, act{ana, written}},
		{"approved", "approval", recovery.StepClarified, costly, []act{{ana, recovery.Note{Text: "please"}}}, act{ben, recovery.Approve{}}},
		{"refused", "approval", recovery.StepClarified, costly, nil, act{ben, recovery.Refuse{Reason: "too much"}}},
		{"taken back", "approval", recovery.StepClarified, costly, nil, act{ana, recovery.Retract{Reason: "a mistake"}}},
		{"clarified anew", "approval", recovery.StepClarified, costly, nil, act{ana, written}},
		{"proposed anew", "approval", recovery.StepClarified, costly, nil, act{ana, costly}},
		{"kept", "promise:1", recovery.StepClarified, promise, []act{{ana, out}}, act{bot, recovery.Fulfil{}}},
		{"released", "promise:1", recovery.StepClarified, promise, nil, act{customer, recovery.Release{}}},
		{"answered by that role", "escalation", recovery.StepStrategized, recovery.Escalate{}, []act{{ana, out}, {ben, missed}}, act{ben, out}},
		{"escalated further", "escalation", recovery.StepStrategized, recovery.Escalate{}, []act{{ana, recovery.Escalate{To: "agent"}}}, act{ben, out}},
		{"checked back", "check_back", recovery.StepFulfilling, recovery.Fulfil{}, []act{{ana, out}}, act{ana, recovery.CheckBack{Satisfied: true}}},
		{"checked back in vain", "check_back", recovery.StepFulfilling, recovery.Fulfil{}, nil, act{customer, recovery.CheckBack{}}},
	} {
		t.Run(x.clock+" "+x.name, func(t *testing.T) {
			h := newHouse(t, with(t, elevenMetrics))
			started := h.Now()
			c := h.At(x.at)
			before, _ := c.Clock(x.clock)
			n := max(before.Cycle, 1)
			if x.starts != nil {
				require.False(t, before.Running() && x.clock != "update")
				h.Advance(time.Minute)
				started, n = h.Now(), before.Cycle+1
				c = h.do(ana, c, x.starts)
			}
			for _, a := range x.ignores {
				h.Advance(time.Minute)
				c = h.do(a.by, c, a.cmd)
				k, _ := cycle(c, x.clock, n)
				require.True(t, k.Running(), "%T by %s", a.cmd, a.by)
			}
			h.Advance(time.Minute)
			c = h.do(x.stops.by, c, x.stops.cmd)
			k, ok := cycle(c, x.clock, n)
			require.True(t, ok)
			same(t, started, k.Started, "started")
			same(t, h.Now(), k.StoppedAt, "stopped")
			assert.False(t, k.Late())
		})
	}
}

func TestEveryMetricHasItsTarget(t *testing.T) {
	h := newHouse(t, with(t, elevenMetrics))
	c := h.do(h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 400)), recovery.Promise{What: callBack, Within: "7h"}, recovery.Escalate{}, recovery.Contact{})
	delivered := h.At(recovery.StepDelivered)
	for id, x := range map[string]struct {
		of     recovery.Case
		target time.Duration
	}{
		"acknowledgement": {c, time.Hour}, "next_response": {c, 2 * time.Hour}, "update": {c, 3 * time.Hour}, "clarification": {c, 4 * time.Hour},
		"approval": {c, 5 * time.Hour}, "solution": {c, 6 * time.Hour}, "promise:1": {c, 7 * time.Hour}, "escalation": {c, 8 * time.Hour},
		"check_back": {delivered, 9 * time.Hour}, "resolution": {c, 10 * time.Hour}, "fca": {c, 56 * day},
	} {
		same(t, h.Now().Add(x.target), h.clock(x.of, id).Due, id)
	}
}

func TestANewRoundOpensNewCyclesAndTheResolutionGoesOn(t *testing.T) {
	h := newHouse(t, with(t, elevenMetrics))
	start := h.Now()
	c := h.At(recovery.StepPresented)
	h.Advance(time.Hour)
	said := h.Now()
	h.Advance(time.Minute)
	c = h.do(h.ana, c, recovery.Decline{At: said})
	for _, id := range []string{"acknowledgement", "solution"} {
		assert.Equal(t, 2, h.clock(c, id).Cycle)
		same(t, said, h.clock(c, id).Started, "from when they said so")
	}
	assert.Equal(t, 1, h.clock(c, "resolution").Cycle)
	assert.True(t, h.clock(c, "resolution").Running())
	same(t, start, h.clock(c, "resolution").Started)

	c = h.do(h.ana, h.At(recovery.StepResolved), recovery.Reopen{})
	assert.Equal(t, 2, h.clock(c, "resolution").Cycle, "what was stopped starts anew")
}

func TestACaseKeepsTheRunningAndTheLastCycleOfEachClock(t *testing.T) {
	h := newHouse(t, with(t, elevenMetrics), func(o *recovery.Options) { o.Rounds = 100 })
	c := h.At(recovery.StepReceived)
	for range 5 {
		h.Advance(time.Minute)
		c = h.do(h.ana, h.again(c), recovery.CheckBack{})
	}
	cycles := map[string][]int{}
	for _, k := range c.Clocks {
		cycles[k.ID] = append(cycles[k.ID], k.Cycle)
	}
	assert.Equal(t, []int{5, 6}, cycles["acknowledgement"])
	assert.Equal(t, []int{5, 6}, cycles["solution"])
	for id, kept := range cycles {
		assert.LessOrEqual(t, len(kept), 2, id)
	}
}

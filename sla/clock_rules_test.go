package sla_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// A clock waits for the customer, but for no more than six working hours in all.
func ExampleClock_maxPause() {
	agreement, err := sla.Load([]byte(`{
	  "name": "retail", "version": "1",
	  "calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}}],
	  "objectives": [{"id": "solution", "metric": "solution", "target": "8 working hours", "calendar": "office",
	    "pause": ["customer"], "maxPause": "6 working hours"}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	show := func(what string, c sla.Clock, err error) sla.Clock {
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(what, c.Due.Format("Mon 15:04"))
		return c
	}
	objective, _ := agreement.Objective("solution")
	clock, err := agreement.Start("solution", objective, at(2, 10), 1)
	clock = show("due", clock, err)
	clock, err = agreement.Pause(clock, at(2, 15))
	clock = show("at the latest", clock, err)
	for _, hour := range []int{12, 13} {
		status, err := agreement.At(clock, at(3, hour))
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(hour, status.State, status.Remaining)
	}
	early, err := agreement.Resume(clock, at(2, 16))
	show("resumed early", early, err)
	late, err := agreement.Resume(clock, at(6, 9))
	show("resumed late", late, err)
	// Output:
	// due Tue 10:00
	// at the latest Tue 16:00
	// 12 paused 3h0m0s
	// 13 running 3h0m0s
	// resumed early Tue 11:00
	// resumed late Tue 16:00
}

// A ladder goes on after the breach: each rung is recorded once, and of several passed at once the last is announced.
func ExampleClock_Cross() {
	agreement, err := sla.Load([]byte(`{
	  "name": "retail", "version": "1",
	  "objectives": [{"id": "answer", "metric": "acknowledgement", "target": "4h",
	    "warn": [{"at": "75%", "notify": "lead"}, {"at": "2h after", "notify": "head"}, {"at": "24h after", "notify": "director"}]}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	received := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	objective, _ := agreement.Objective("answer")
	clock, err := agreement.Start("answer", objective, received, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var crossed []sla.Crossing
	for _, after := range []time.Duration{3 * time.Hour, 7 * time.Hour, 28 * time.Hour} {
		clock, crossed = clock.Cross(received.Add(after))
		for _, x := range crossed {
			fmt.Println(x.Threshold.At.Format("Mon 15:04"), x.Threshold.Name, x.Threshold.Notify, x.Breach, x.Announce)
		}
	}
	// Output:
	// Mon 13:00 75% lead false true
	// Mon 14:00 due  true false
	// Mon 16:00 2h after head false true
	// Tue 14:00 24h after director false true
}

func TestCappedPauses(t *testing.T) {
	a := laddered(t)
	c := start(t, a, "capped", nov(2, 10, 0)) // 10 of the working hours 9:00 to 12:30 and 13:00 to 17:00
	require.Equal(t, nov(3, 12, 30), c.Due)

	t.Run("the sum of the pauses counts", func(t *testing.T) {
		c := pause(t, a, c, nov(2, 11, 0), nov(2, 14, 30)) // three hours
		assert.Zero(t, c.Pauses[0].Until)
		c = pause(t, a, c, nov(2, 16, 0), time.Time{})
		assert.Equal(t, nov(3, 11, 0), c.Pauses[1].Until, "three more")
		resumed := pause(t, a, c, time.Time{}, nov(3, 10, 0))
		assert.Zero(t, resumed.Pauses[1].Until)
		late := pause(t, a, c, time.Time{}, nov(5, 10, 0))
		assert.Equal(t, nov(3, 11, 0), late.Pauses[1].Until)
		assert.Equal(t, nov(5, 10, 0), late.Pauses[1].To, "what happened is kept")
		assert.Equal(t, c.Due, late.Due)
		spent := pause(t, a, late, nov(5, 10, 0), time.Time{})
		assert.Equal(t, c.Due, spent.Due)
		none := pause(t, a, pause(t, a, late, nov(5, 11, 0), nov(5, 12, 0)), nov(5, 15, 0), time.Time{})
		assert.Equal(t, c.Due, none.Due, "nothing is left")
		checkExplained(t, a, late, nov(2, 12, 0))
	})
	t.Run("it is due, warned and breached while nobody resumes it", func(t *testing.T) {
		c := pause(t, a, c, nov(2, 11, 0), time.Time{})
		require.False(t, c.Due.IsZero())
		for now, want := range map[time.Time]sla.State{
			nov(2, 10, 59): sla.StateRunning, nov(2, 11, 0): sla.StatePaused, c.Pauses[0].Until.Add(-1): sla.StatePaused,
			c.Pauses[0].Until.Add(time.Minute): sla.StateRunning, c.Due: sla.StateBreached,
		} {
			assert.Equal(t, want, state(t, a, c, now), "%v", now)
		}
		assert.True(t, c.Paused(), "resuming it is no error")
		breached, crossed := c.Cross(c.Due)
		assert.Len(t, crossed, 4)
		assert.Equal(t, c.Due, breached.BreachedAt)
		resumed, err := a.Resume(breached, nov(9, 10, 0))
		require.NoError(t, err)
		assert.Equal(t, c.Due, resumed.BreachedAt)
		assert.Equal(t, breached.Thresholds, resumed.Thresholds)
	})
	t.Run("resuming it is entered late", func(t *testing.T) {
		paused := pause(t, a, c, nov(2, 11, 0), time.Time{})
		breached, _ := paused.Cross(paused.Due)
		resumed, err := a.Resume(breached, nov(2, 12, 0))
		require.NoError(t, err)
		assert.True(t, resumed.Due.Before(breached.Due))
		assert.Equal(t, resumed.Due, resumed.BreachedAt, "stamped anew")
		assert.Equal(t, breached.Fired, resumed.Fired)
		assert.Equal(t, resumed.Due.Add(2*time.Hour), resumed.Next())
	})
	t.Run("stopping it", func(t *testing.T) {
		paused := pause(t, a, c, nov(2, 11, 0), time.Time{})
		until := paused.Pauses[0].Until
		early, late := paused.Stop(nov(2, 12, 0)), paused.Stop(paused.Due.Add(time.Hour))
		assert.Equal(t, sla.Pause{From: nov(2, 11, 0), To: nov(2, 12, 0)}, early.Pauses[0])
		assert.False(t, early.Late())
		assert.Equal(t, until, late.Pauses[0].Until)
		assert.True(t, late.Late())
		assert.True(t, paused.Paused())
		checkExplained(t, a, early, nov(9, 0, 0))
		checkExplained(t, a, late, nov(9, 0, 0))
	})
	t.Run("another objective's cap holds for what was spent", func(t *testing.T) {
		paused := pause(t, a, c, nov(2, 11, 0), nov(5, 12, 0))
		plain, _ := a.Objective("plain")
		capped, _ := a.Objective("capped")
		uncapped, err := a.Retarget(paused, plain, nov(5, 12, 0))
		require.NoError(t, err)
		assert.Zero(t, uncapped.Pauses[0].Until)
		back, err := a.Retarget(uncapped, capped, nov(5, 12, 0))
		require.NoError(t, err)
		assert.Equal(t, paused.Due, back.Due)
		assert.Equal(t, paused.Pauses, back.Pauses)
		assert.Zero(t, uncapped.Pauses[0].Until, "nothing is written to what another clock has")
	})
	t.Run("a clock from before caps", func(t *testing.T) {
		old := start(t, a, "plain", nov(2, 14, 0))
		old = pause(t, a, old, nov(2, 15, 0), time.Time{})
		plain, _ := a.Objective("plain")
		extended, err := a.Retarget(old, plain, nov(2, 15, 30))
		require.NoError(t, err)
		assert.Equal(t, old, extended)
	})
}

func TestThresholdsAfterTheDueTime(t *testing.T) {
	a := laddered(t)
	c := start(t, a, "plain", nov(2, 14, 0)) // New York opens at 13:00 UTC: due at 22:00
	require.Equal(t, nov(2, 22, 0), c.Due)
	breached, crossed := c.Cross(nov(2, 22, 0))
	assert.True(t, crossed[2].Breach)
	assert.Equal(t, nov(3, 0, 0), breached.Next(), "it goes on")
	assert.True(t, breached.Running())
	after, crossed := breached.Cross(nov(3, 0, 0))
	assert.Equal(t, []sla.Crossing{{Threshold: sla.Threshold{At: nov(3, 0, 0), Name: "2h after"}, Announce: true}}, crossed)
	assert.Equal(t, nov(2, 22, 0), after.BreachedAt)
	assert.Zero(t, after.Next())
	_, crossed = after.Cross(nov(9, 0, 0))
	assert.Empty(t, crossed)

	assert.Equal(t, after.Thresholds, pause(t, a, after, nov(2, 22, 30), time.Time{}).Thresholds, "a pause after the due time moves no rung")
	late := pause(t, a, after, nov(2, 20, 0), time.Time{})
	assert.True(t, late.Withdrawn)
	assert.Equal(t, 1, late.Fired, "the breach and what followed it are undone")
	late, err := a.Resume(late, nov(2, 21, 0))
	require.NoError(t, err)
	_, crossed = late.Cross(nov(4, 0, 0))
	assert.Len(t, crossed, 3)

	capped, _ := a.Objective("capped")
	moved, err := a.Retarget(after, capped, nov(3, 1, 0))
	require.NoError(t, err)
	assert.True(t, moved.Withdrawn)
	hours, _ := a.Objective("hours")
	moved, err = a.Retarget(after, hours, nov(20, 1, 0))
	require.NoError(t, err)
	assert.Equal(t, moved.Due, moved.BreachedAt)
	assert.Equal(t, "3h after", moved.Thresholds[moved.Fired].Name, "a rung that the new objective has is for Cross")
}

func TestDroppedClocks(t *testing.T) {
	a := laddered(t)
	o, _ := a.Objective("capped")
	c := pause(t, a, start(t, a, "capped", nov(2, 10, 0)), nov(2, 11, 0), nov(2, 12, 0))
	c, _ = c.Cross(nov(4, 10, 0))
	require.NotZero(t, c.BreachedAt)

	dropped := c.Drop(nov(4, 10, 0))
	assert.True(t, dropped.Dropped())
	assert.False(t, dropped.Running())
	assert.False(t, dropped.Late())
	assert.Zero(t, dropped.BreachedAt)
	assert.True(t, dropped.Withdrawn)
	assert.Zero(t, dropped.Next())
	assert.Equal(t, sla.StateDropped, state(t, a, dropped, nov(9, 0, 0)))
	_, crossed := dropped.Cross(nov(9, 0, 0))
	assert.Empty(t, crossed)
	assert.Equal(t, dropped, dropped.Drop(nov(5, 0, 0)))
	assert.False(t, c.Dropped(), "the clock it was made from is as it was")
	s, err := a.At(dropped, nov(20, 0, 0))
	require.NoError(t, err)
	then, err := a.At(dropped, nov(4, 10, 0))
	require.NoError(t, err)
	assert.Equal(t, then, s, "as it stood then")
	checkExplained(t, a, dropped, nov(20, 0, 0))

	dropped = pause(t, a, dropped, nov(4, 11, 0), nov(4, 12, 0))
	back, err := a.Retarget(dropped, o, nov(5, 9, 0))
	require.NoError(t, err)
	assert.True(t, back.Running())
	assert.Len(t, back.Pauses, 2, "those while it was dropped too")
	assert.Equal(t, c.Due, back.Due)
	assert.Equal(t, 1, back.Cycle)
	back, crossed = back.Cross(nov(5, 9, 0))
	assert.Equal(t, []string{"due", "2h after", "30h after"}, []string{crossed[0].Threshold.Name, crossed[1].Threshold.Name, crossed[2].Threshold.Name}, "the warnings before it are not given twice")
	assert.Equal(t, c.BreachedAt, back.BreachedAt)
	assert.False(t, back.Withdrawn)

	stopped := dropped.Stop(nov(2, 16, 0))
	assert.Equal(t, sla.StateMet, state(t, a, stopped, nov(9, 0, 0)), "entered late: it was met before it was dropped")
	assert.False(t, stopped.Dropped())
	assert.Equal(t, dropped, dropped.Stop(nov(6, 0, 0)), "done while nobody asked for it")
	assert.Equal(t, nov(2, 10, 0), start(t, a, "capped", nov(2, 10, 0)).Drop(nov(1, 0, 0)).DroppedAt)
	assert.Zero(t, sla.Clock{}.Drop(nov(1, 0, 0)))
	assert.Equal(t, stopped, stopped.Drop(nov(9, 0, 0)))
	_, ok, err := a.Extend(dropped, "holding", nov(4, 0, 0))
	require.NoError(t, err)
	assert.False(t, ok)
}

// How clocks are stored; what was stored before caps and dropping is read as ever.
func TestStoredClocks(t *testing.T) {
	a := laddered(t)
	c := pause(t, a, start(t, a, "days", nov(2, 10, 0)), nov(2, 11, 0), time.Time{}).Drop(nov(2, 12, 0))
	data, err := json.Marshal(c)
	require.NoError(t, err)
	const rest = `"due":"2026-11-04T16:00:00Z","thresholds":[{"at":"2026-11-03T16:00:00Z","name":"50%"},{"at":"2026-11-04T16:00:00Z","name":"due"},` +
		`{"at":"2026-11-04T18:00:00Z","name":"2h after"}]`
	head := `{"id":"days","objective":"days","metric":"escalation","agreement":"` + a.Digest().String() + `","target":"2 business days","cycle":1,"started":"2026-11-02T10:00:00Z",`
	assert.Equal(t, head+`"pauses":[{"from":"2026-11-02T11:00:00Z","until":"2026-11-02T21:00:00Z"}],`+rest+`,"dropped_at":"2026-11-02T12:00:00Z"}`, string(data))

	old := `{"id":"plain","objective":"plain","metric":"solution","agreement":"` + a.Digest().String() + `","target":"8 working hours","cycle":1,"started":"2026-11-02T14:00:00Z",` +
		`"pauses":[{"from":"2026-11-02T15:00:00Z"}],"thresholds":[{"name":"75%"},{"name":"1h before"},{"name":"due"},{"name":"2h after"}]}`
	var read sla.Clock
	require.NoError(t, json.Unmarshal([]byte(old), &read))
	assert.Equal(t, pause(t, a, start(t, a, "plain", nov(2, 14, 0)), nov(2, 15, 0), time.Time{}), read)
	data, err = json.Marshal(read)
	require.NoError(t, err)
	assert.Equal(t, old, string(data))
}

func TestErrorsOfOrderSayWhere(t *testing.T) {
	a := laddered(t)
	c := start(t, a, "plain", nov(2, 14, 0))
	paused := pause(t, a, c, nov(2, 15, 0), time.Time{})
	twice := pause(t, a, c, nov(2, 15, 0), nov(2, 16, 0))
	plain, _ := a.Objective("plain")
	for want, fail := range map[string]func() (sla.Clock, error){
		`resume clock "plain", cycle 1: it is not paused`:                                                                          func() (sla.Clock, error) { return a.Resume(c, nov(2, 15, 0)) },
		`resume clock "plain", cycle 1: 2026-11-02T14:30:00Z is before its pause began, 2026-11-02T15:00:00Z (pauses[0])`:          func() (sla.Clock, error) { return a.Resume(paused, nov(2, 14, 30)) },
		`pause clock "plain", cycle 1: it is paused since 2026-11-02T15:00:00Z (pauses[0])`:                                        func() (sla.Clock, error) { return a.Pause(paused, nov(2, 15, 30)) },
		`pause clock "plain", cycle 1: 2026-11-02T15:30:00Z is before the end of its last pause, 2026-11-02T16:00:00Z (pauses[0])`: func() (sla.Clock, error) { return a.Pause(twice, nov(2, 15, 30)) },
		`pause clock "plain", cycle 1: 2026-11-02T13:00:00Z is before its start, 2026-11-02T14:00:00Z`:                             func() (sla.Clock, error) { return a.Pause(c, nov(2, 13, 0)) },
		`retarget clock "plain", cycle 1: 2026-11-02T13:00:00Z is before its start, 2026-11-02T14:00:00Z`:                          func() (sla.Clock, error) { return a.Retarget(c, plain, nov(2, 13, 0)) },
		`retarget clock "plain", cycle 1: it is not running`:                                                                       func() (sla.Clock, error) { return a.Retarget(c.Stop(nov(2, 15, 0)), plain, nov(2, 16, 0)) },
	} {
		_, err := fail()
		require.ErrorIs(t, err, sla.ErrOrder)
		assert.EqualError(t, err, "sla: not possible in this order: "+want)
	}
	far := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := a.Pause(c, far)
	require.ErrorIs(t, err, sla.ErrHorizon)
	_, err = a.Resume(paused, far)
	require.ErrorIs(t, err, sla.ErrHorizon)
	_, err = a.Resume(paused, far.Add(-time.Hour))
	require.ErrorIs(t, err, sla.ErrHorizon, "longer than can be counted")
	s, err := a.At(paused, far.Add(-time.Hour))
	require.NoError(t, err)
	assert.Equal(t, sla.Status{State: sla.StatePaused, Elapsed: time.Hour, Remaining: 7 * time.Hour, Share: 0.125}, s, "a pause that never ends")
}

func TestFaultsOfCapsAndRungs(t *testing.T) {
	for _, x := range []struct{ objective, want string }{
		{`"target": "8h", "pause": ["customer"], "maxPause": "2 days"`, `2:86: objectives[0].maxPause: "2 days": a cap on pauses is a sum of time: want elapsed or working time, as in "24h" or "10 working hours"`},
		{`"target": "8h", "pause": ["customer"], "maxPause": "2 working hours"`, `working time and business days need a calendar`},
		{`"target": "8h", "pause": ["customer"], "maxPause": "0h"`, `longer than zero`},
		{`"target": "8h", "pause": ["customer"], "maxPause": 5`, `objectives[0].maxPause`},
		{`"target": "8h", "maxPause": "2h"`, `nothing pauses the objective`},
		{`"target": "0h"`, `longer than zero`},
		{`"target": "8h", "warn": ["120%"]`, `warning "120%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"`},
		{`"target": "8h", "warn": ["99999999999999999999%"]`, `want 1% to 99%`},
		{`"target": "8h", "warn": ["-2h after"]`, `longer than zero`},
		{`"target": "8h", "warn": ["1.5s after"]`, `whole seconds`},
		{`"target": "8h", "warn": ["2h after before"]`, `"2h after" or "2 working hours after"`},
		{`"target": "8h", "warn": ["2h after", "120m after"]`, `there is a warning "2h after" already`},
	} {
		_, err := sla.Load([]byte("{\"name\": \"x\", \"version\": \"1\", \"objectives\": [\n{\"id\": \"a\", \"metric\": \"solution\", " + x.objective + "}]}"))
		assert.ErrorContains(t, err, x.want, x.objective)
	}
	made := func(o sla.Objective) error {
		o.ID, o.Metric, o.Target = "a", sla.Solution, sla.Target{Span: time.Hour, Unit: sla.Elapsed}
		a, err := sla.NewAgreement(sla.AgreementSpec{Name: "x", Version: "1", Objectives: []sla.Objective{o}})
		if err == nil {
			again, err := sla.Load(a.Document())
			require.NoError(t, err)
			require.Equal(t, a.Objectives(), again.Objectives())
		}
		return err
	}
	require.NoError(t, made(sla.Objective{Pause: []string{"customer"}, MaxPause: sla.Target{Span: time.Hour, Unit: sla.Elapsed}, Warn: []sla.Warning{{After: time.Hour}}}))
	for _, w := range []sla.Warning{{Percent: 50, After: time.Hour}, {Before: time.Minute, After: time.Hour}, {After: time.Millisecond}, {}, {After: -time.Hour}, {Working: true, Notify: "x"}, {Percent: 50, Working: true}, {After: time.Hour, Working: true}, {Percent: -1}} {
		assert.Error(t, made(sla.Objective{Warn: []sla.Warning{w}}), "%+v", w)
	}
	assert.Error(t, made(sla.Objective{Pause: []string{"customer"}, MaxPause: sla.Target{Span: -time.Hour, Unit: sla.Elapsed}}))
}

package sla_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func TestTimerVectors(t *testing.T) {
	all := readVectors(t)
	require.Len(t, all.Timers, 11)
	for _, v := range all.Timers {
		t.Run(v.ID, func(t *testing.T) {
			spec := all.Calendars[v.Calendar].spec()
			spec.Name = v.Calendar
			target := sla.Target{Span: time.Duration(v.TargetSeconds) * time.Second, Unit: sla.Working}
			a, err := sla.NewAgreement(sla.AgreementSpec{
				Name: "timers", Version: "1", Calendars: []sla.CalendarSpec{spec},
				Objectives: []sla.Objective{{
					ID: "o", Metric: sla.Solution, Target: target, Calendar: v.Calendar,
					Warn: []sla.Warning{{Percent: 50}, {Percent: 75}, {Percent: 90}},
				}},
			})
			if v.TargetSeconds == 0 {
				require.ErrorContains(t, err, "longer than zero")
				return
			}
			require.NoError(t, err)
			o, _ := a.Objective("o")
			c, err := a.Start("o", o, v.Start, 1)
			require.NoError(t, err)
			for _, p := range v.Pauses {
				c, err = a.Pause(c, *p[0])
				require.NoError(t, err)
				if p[1] != nil {
					c, err = a.Resume(c, *p[1])
					require.NoError(t, err)
				}
			}
			require.Equal(t, v.Due.UTC(), c.Due)
			for i, name := range []string{"50", "75", "90", "100"} {
				require.Equal(t, v.Thresholds[name].UTC(), c.Thresholds[i].At, name)
			}
			s, err := a.At(c, v.At)
			require.NoError(t, err)
			require.Equal(t, time.Duration(v.Elapsed)*time.Second, s.Elapsed)
			require.Equal(t, time.Duration(v.Remaining)*time.Second, s.Remaining)
			require.Equal(t, v.Breached, s.State == sla.StateBreached)
			checkExplained(t, a, c, v.At)
		})
	}
}

// checkExplained checks that a clock's explanation has no gaps and adds up.
func checkExplained(t *testing.T, a *sla.Agreement, c sla.Clock, now time.Time) []sla.Span {
	t.Helper()
	spans, err := a.Explain(c, now)
	require.NoError(t, err)
	at, open, untilDue := c.Started, time.Duration(0), time.Duration(0)
	for i, s := range spans {
		require.True(t, s.From.Equal(at), "a gap before %v", s)
		require.True(t, s.To.After(s.From))
		require.False(t, i > 0 && spans[i-1].Kind == s.Kind, "%v is of the same kind as the one before it", s)
		at = s.To
		if s.Kind == sla.Open {
			open += s.To.Sub(s.From)
			if to := s.To; s.From.Before(c.Due) {
				if to.After(c.Due) {
					to = c.Due
				}
				untilDue += to.Sub(s.From)
			}
		}
	}
	status, err := a.At(c, at)
	require.NoError(t, err)
	require.Equal(t, status.Elapsed, open, "open spans are what elapsed")
	if !c.Due.IsZero() && c.Running() && c.Fixed.IsZero() && c.Target.Span > 0 {
		require.Equal(t, c.Target.Span, untilDue, "open spans up to the due time are the target")
	}
	return spans
}

const terms = `{
  "name": "terms", "version": "1",
  "calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-12-25"]}],
  "objectives": [
    {"id": "fast", "metric": "solution", "when": {"severity": ["high"]}, "target": "4 working hours", "calendar": "office", "warn": ["50%", "75%"], "pause": ["customer"]},
    {"id": "solution", "metric": "solution", "target": "8 working hours", "calendar": "office", "warn": [{"at": "50%", "notify": "lead"}, "75%", "1h before"], "pause": ["customer"]},
    {"id": "day", "metric": "acknowledgement", "target": "24h", "warn": ["50%"], "pause": ["customer"]},
    {"id": "days", "metric": "resolution", "target": "3 business days", "calendar": "office", "warn": ["50%"], "pause": ["customer"], "intake": {"after": "next_day_opening", "dayOff": "next_day_opening", "before": "to_opening"}},
    {"id": "close", "metric": "update", "target": "close of 3 business days", "calendar": "office"},
    {"id": "weeks", "metric": "clarification", "target": "2 weeks", "calendar": "office", "warn": ["50%"], "pause": ["customer"]},
    {"id": "final", "metric": "final_response", "target": "15 business days", "calendar": "office", "statutory": true, "stop": ["accepted"], "extend": [{"on": "holding", "target": "35 business days"}], "source": "FCA DISP 1.6.2A"},
    {"id": "promise", "metric": "promise", "calendar": "office", "warn": ["50%", "2h before"]}
  ]
}`

func agreement(tb testing.TB) *sla.Agreement {
	tb.Helper()
	a, err := sla.Load([]byte(terms))
	require.NoError(tb, err)
	return a
}

// at is a time in London in November 2026 (GMT), Monday the 2nd being the first working day.
func nov(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func start(tb testing.TB, a *sla.Agreement, id string, at time.Time) sla.Clock {
	tb.Helper()
	o, ok := a.Objective(id)
	require.True(tb, ok)
	c, err := a.Start(id, o, at, 1)
	require.NoError(tb, err)
	return c
}

func pause(tb testing.TB, a *sla.Agreement, c sla.Clock, from, to time.Time) sla.Clock {
	tb.Helper()
	var err error
	if !from.IsZero() {
		c, err = a.Pause(c, from)
		require.NoError(tb, err)
	}
	if !to.IsZero() {
		c, err = a.Resume(c, to)
		require.NoError(tb, err)
	}
	return c
}

func state(tb testing.TB, a *sla.Agreement, c sla.Clock, now time.Time) sla.State {
	tb.Helper()
	s, err := a.At(c, now)
	require.NoError(tb, err)
	return s.State
}

func TestStart(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	assert.Equal(t, sla.Clock{
		ID: "solution", Objective: "solution", Metric: sla.Solution, Agreement: a.Digest(), Cycle: 1, Started: nov(2, 10, 0),
		Target: sla.Target{Span: 8 * time.Hour, Unit: sla.Working}, Due: nov(3, 10, 0),
		Thresholds: []sla.Threshold{
			{At: nov(2, 14, 0), Name: "50%", Notify: "lead"}, {At: nov(2, 16, 0), Name: "75%"}, {At: nov(3, 9, 0), Name: "1h before"}, {At: nov(3, 10, 0), Name: "due"},
		},
	}, c)
	assert.Equal(t, nov(2, 14, 0), c.Next())

	for id, want := range map[string]time.Time{
		"day": nov(3, 10, 0), "days": nov(5, 10, 0), "close": nov(5, 17, 0), "weeks": nov(16, 10, 0), "final": nov(23, 10, 0),
	} {
		assert.Equal(t, want, start(t, a, id, nov(2, 10, 0)).Due, id)
	}
	assert.Equal(t, nov(12, 9, 0), start(t, a, "days", nov(6, 17, 0)).Due, "received at closing time: from Monday's opening")
	assert.Equal(t, nov(5, 14, 0).UTC(), start(t, a, "days", nov(2, 14, 0).In(time.FixedZone("", 7200))).Due)

	o, _ := a.Objective("solution")
	promise, _ := a.Objective("promise")
	for want, fail := range map[string]func() error{
		"needs an id":         func() error { _, err := a.Start("", o, nov(2, 10, 0), 1); return err },
		"cycle 0":             func() error { _, err := a.Start("x", o, nov(2, 10, 0), 0); return err },
		"no time to start":    func() error { _, err := a.Start("x", o, time.Time{}, 1); return err },
		"years 1 to 9999":     func() error { _, err := a.Start("x", o, date(t, "9999-12-31T20:00:00Z"), 1); return err },
		"use StartDue":        func() error { _, err := a.Start("x", promise, nov(2, 10, 0), 1); return err },
		"not after its start": func() error { _, err := a.StartDue("x", promise, nov(2, 10, 0), nov(2, 10, 0), 1); return err },
	} {
		assert.ErrorContains(t, fail(), want)
	}
	_, err := a.Start("x", nil, nov(2, 10, 0), 1)
	assert.ErrorIs(t, err, sla.ErrObjective)
	_, err = a.Start("x", &sla.Objective{ID: "other"}, nov(2, 10, 0), 1)
	assert.ErrorIs(t, err, sla.ErrObjective)
}

func TestOnlyPausesInCountedTimeMoveADeadline(t *testing.T) {
	a := agreement(t)
	for _, x := range []struct {
		id, why            string
		from, to, due, mid time.Time
	}{
		{"solution", "two open hours", nov(2, 11, 0), nov(2, 13, 0), nov(3, 12, 0), nov(2, 16, 0)},
		{"solution", "a night", nov(2, 17, 0), nov(3, 9, 0), nov(3, 10, 0), nov(2, 14, 0)},
		{"solution", "an hour of the evening and the night", nov(2, 16, 0), nov(3, 9, 0), nov(3, 11, 0), nov(2, 14, 0)},
		{"solution", "after half of it", nov(2, 15, 0), nov(2, 16, 0), nov(3, 11, 0), nov(2, 14, 0)},
		{"solution", "no time at all", nov(2, 15, 0), nov(2, 15, 0), nov(3, 10, 0), nov(2, 14, 0)},
		{"day", "elapsed time counts at night", nov(2, 18, 0), nov(3, 6, 0), nov(3, 22, 0), nov(3, 10, 0)},
		{"days", "a business day", nov(3, 12, 0), nov(4, 12, 0), nov(6, 10, 0), nov(4, 14, 0)},
		{"days", "a night", nov(2, 20, 0), nov(3, 8, 0), nov(5, 10, 0), nov(3, 14, 0)},
		{"weeks", "three calendar days", nov(3, 12, 0), nov(6, 12, 0), nov(19, 10, 0), nov(12, 10, 0)},
	} {
		t.Run(x.id+" "+x.why, func(t *testing.T) {
			c := pause(t, a, start(t, a, x.id, nov(2, 10, 0)), x.from, x.to)
			assert.Equal(t, x.due, c.Due)
			assert.Equal(t, x.mid, c.Thresholds[0].At, "50%")
			checkExplained(t, a, c, nov(2, 10, 0))
			checkExplained(t, a, c, nov(28, 10, 0))
		})
	}
}

func TestNoDueTimeWhilePaused(t *testing.T) {
	a := agreement(t)
	running := start(t, a, "solution", nov(2, 10, 0))
	c := pause(t, a, running, nov(2, 15, 0), time.Time{})
	assert.True(t, c.Paused())
	assert.True(t, c.Running())
	assert.Zero(t, c.Due)
	assert.Equal(t, nov(2, 14, 0), c.Next(), "the threshold before the pause was reached, and is still to be recorded")
	assert.Equal(t, sla.StatePaused, state(t, a, c, nov(2, 15, 0)))
	c, crossed := c.Cross(nov(9, 0, 0))
	assert.Len(t, crossed, 1)
	assert.Zero(t, c.Next())
	assert.Equal(t, nov(3, 10, 0), running.Due, "the clock it was made from is as it was")

	s, err := a.At(c, nov(9, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, sla.Status{State: sla.StatePaused, Elapsed: 5 * time.Hour, Remaining: 3 * time.Hour, Share: 0.625}, s)
	resumed, err := a.Resume(c, nov(9, 9, 0))
	require.NoError(t, err)
	assert.Equal(t, nov(9, 12, 0), resumed.Due)
	assert.Equal(t, nov(9, 10, 0), resumed.Next(), "75%")
	assert.Equal(t, 1, resumed.Fired)
	spans := checkExplained(t, a, resumed, nov(9, 9, 0))
	assert.Equal(t, sla.Open, spans[0].Kind)
	assert.Equal(t, sla.Paused, spans[1].Kind)
}

func TestAPauseAfterTheDueTimeChangesNothing(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	for _, from := range []time.Time{nov(3, 10, 0), nov(3, 10, 30)} {
		paused := pause(t, a, c, from, time.Time{})
		assert.Equal(t, c.Due, paused.Due)
		assert.Equal(t, c.Thresholds, paused.Thresholds)
		assert.Equal(t, sla.StateBreached, state(t, a, paused, nov(3, 12, 0)))
		resumed, err := a.Resume(paused, nov(4, 10, 0))
		require.NoError(t, err)
		assert.Equal(t, c.Due, resumed.Due)
		checkExplained(t, a, resumed, nov(5, 10, 0))
	}
}

func TestPausesOutOfOrder(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	paused := pause(t, a, c, nov(2, 11, 0), time.Time{})
	twice := pause(t, a, c, nov(2, 11, 0), nov(2, 12, 0))
	for why, fail := range map[string]func() (sla.Clock, error){
		"resume without pause":          func() (sla.Clock, error) { return a.Resume(c, nov(2, 11, 0)) },
		"resume twice":                  func() (sla.Clock, error) { return a.Resume(twice, nov(2, 13, 0)) },
		"pause twice":                   func() (sla.Clock, error) { return a.Pause(paused, nov(2, 13, 0)) },
		"pause before the start":        func() (sla.Clock, error) { return a.Pause(c, nov(2, 9, 0)) },
		"pause overlapping the last":    func() (sla.Clock, error) { return a.Pause(twice, nov(2, 11, 30)) },
		"pause that ends before it was": func() (sla.Clock, error) { return a.Resume(paused, nov(2, 10, 30)) },
		"pause of a stopped clock":      func() (sla.Clock, error) { return a.Pause(c.Stop(nov(2, 11, 0)), nov(2, 12, 0)) },
		"resume of a stopped clock":     func() (sla.Clock, error) { return a.Resume(paused.Stop(nov(2, 12, 0)), nov(2, 13, 0)) },
		"pause of no clock": func() (sla.Clock, error) {
			return a.Pause(sla.Clock{Agreement: a.Digest(), Objective: "day"}, nov(2, 13, 0))
		},
		"retarget of a stopped clock": func() (sla.Clock, error) {
			o, _ := a.Objective("fast")
			return a.Retarget(c.Stop(nov(2, 11, 0)), o, nov(2, 12, 0))
		},
	} {
		_, err := fail()
		assert.ErrorIs(t, err, sla.ErrOrder, why)
	}
	other, err := sla.Load([]byte(quickstart))
	require.NoError(t, err)
	_, err = other.Pause(c, nov(2, 11, 0))
	assert.ErrorIs(t, err, sla.ErrAgreement)
	_, err = other.Resume(paused, nov(2, 12, 0))
	assert.ErrorIs(t, err, sla.ErrAgreement)
	_, _, err = other.Extend(c, "holding", nov(2, 12, 0))
	assert.ErrorIs(t, err, sla.ErrAgreement)
	_, err = other.At(c, nov(2, 12, 0))
	assert.ErrorIs(t, err, sla.ErrAgreement)
	_, err = other.Explain(c, nov(2, 12, 0))
	assert.ErrorIs(t, err, sla.ErrAgreement)
	c.Objective = "gone"
	_, err = a.Pause(c, nov(2, 11, 0))
	assert.ErrorIs(t, err, sla.ErrObjective)
}

func TestStatutoryClocksNeverPause(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "final", nov(2, 10, 0))
	paused, err := a.Pause(c, nov(2, 11, 0))
	require.NoError(t, err)
	assert.Equal(t, c, paused)
	resumed, err := a.Resume(paused, nov(2, 12, 0))
	require.NoError(t, err)
	assert.Equal(t, c, resumed)
	o, _ := a.Objective("final")
	assert.False(t, o.Pauses("customer"))
	assert.True(t, o.StopsOn("accepted"))
	assert.False(t, o.StopsOn("paid"))
	o, _ = a.Objective("solution")
	assert.True(t, o.Pauses("customer"))
}

func TestCrossingFiresOnceAndAnnouncesOne(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	same, crossed := c.Cross(nov(2, 13, 59))
	assert.Empty(t, crossed)
	assert.Equal(t, c, same)

	c, crossed = c.Cross(nov(2, 14, 0))
	require.Len(t, crossed, 1)
	assert.Equal(t, sla.Crossing{Threshold: sla.Threshold{At: nov(2, 14, 0), Name: "50%", Notify: "lead"}, Announce: true}, crossed[0])
	assert.Equal(t, sla.StateAtRisk, state(t, a, c, nov(2, 14, 0)))
	c, crossed = c.Cross(nov(2, 15, 0))
	assert.Empty(t, crossed)

	// Noticed a week late: the breach is stamped with the time it was due.
	late, crossed := c.Cross(nov(10, 0, 0))
	require.Len(t, crossed, 3)
	assert.Equal(t, []bool{false, false, true}, []bool{crossed[0].Announce, crossed[1].Announce, crossed[2].Announce})
	assert.Equal(t, []bool{false, false, true}, []bool{crossed[0].Breach, crossed[1].Breach, crossed[2].Breach})
	assert.Equal(t, nov(3, 10, 0), late.BreachedAt)
	assert.Zero(t, late.Next())
	_, crossed = late.Cross(nov(11, 0, 0))
	assert.Empty(t, crossed)

	_, crossed = start(t, a, "solution", nov(2, 10, 0)).Cross(nov(10, 0, 0))
	assert.Len(t, crossed, 4, "a late start records all")
}

func TestStop(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	for at, want := range map[time.Time]sla.State{nov(2, 12, 0): sla.StateMet, nov(3, 10, 0): sla.StateMet, nov(3, 10, 1): sla.StateLate} {
		stopped := c.Stop(at)
		assert.False(t, stopped.Running())
		assert.Zero(t, stopped.Next())
		assert.Equal(t, want, state(t, a, stopped, nov(20, 0, 0)), "%v", at)
		assert.Equal(t, want == sla.StateLate, stopped.Late())
		assert.Equal(t, want == sla.StateLate, !stopped.BreachedAt.IsZero())
		_, crossed := stopped.Cross(nov(20, 0, 0))
		assert.Empty(t, crossed)
		checkExplained(t, a, stopped, nov(20, 0, 0))
	}
	breached, _ := c.Cross(nov(4, 0, 0))
	late := breached.Stop(nov(5, 0, 0))
	assert.Equal(t, nov(3, 10, 0), late.BreachedAt)
	assert.False(t, late.Withdrawn)

	for _, at := range []time.Time{nov(2, 16, 0), nov(3, 10, 0)} { // entered late
		stopped := breached.Stop(at)
		assert.Zero(t, stopped.BreachedAt)
		assert.True(t, stopped.Withdrawn)
		assert.Equal(t, sla.StateMet, state(t, a, stopped, nov(5, 0, 0)))
	}
	again := late.Stop(nov(2, 16, 0))
	assert.Equal(t, nov(2, 16, 0), again.StoppedAt, "the earlier stop holds")
	assert.True(t, again.Withdrawn)
	assert.Equal(t, again, again.Stop(nov(2, 18, 0)))

	assert.Equal(t, nov(2, 10, 0), c.Stop(nov(1, 0, 0)).StoppedAt, "not before the start")
	assert.Zero(t, sla.Clock{}.Stop(nov(1, 0, 0)))
}

func TestStopEndsAPause(t *testing.T) {
	a := agreement(t)
	c := pause(t, a, start(t, a, "solution", nov(2, 10, 0)), nov(2, 11, 0), nov(2, 12, 0))
	paused := pause(t, a, c, nov(2, 15, 0), time.Time{})
	stopped := paused.Stop(nov(9, 10, 0))
	assert.Equal(t, nov(9, 10, 0), stopped.Pauses[1].To)
	assert.True(t, paused.Paused(), "the clock it was made from is as it was")
	assert.Equal(t, sla.StateMet, state(t, a, stopped, nov(10, 0, 0)), "it had time left")
	s, err := a.At(stopped, nov(10, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, 4*time.Hour, s.Elapsed)
	checkExplained(t, a, stopped, nov(10, 0, 0))

	assert.Len(t, paused.Stop(nov(2, 14, 0)).Pauses, 1, "a pause that began later never was")
	assert.Equal(t, nov(2, 11, 30), paused.Stop(nov(2, 11, 30)).Pauses[0].To)
	assert.Empty(t, paused.Stop(nov(2, 10, 30)).Pauses)
	assert.Equal(t, nov(2, 12, 0), paused.Pauses[0].To)
}

func TestAPauseEnteredLateWithdrawsABreach(t *testing.T) {
	a := agreement(t)
	c, _ := start(t, a, "solution", nov(2, 10, 0)).Cross(nov(4, 0, 0))
	paused := pause(t, a, c, nov(2, 15, 0), time.Time{})
	assert.Zero(t, paused.BreachedAt)
	assert.True(t, paused.Withdrawn)
	assert.Equal(t, 1, paused.Fired)
	resumed, err := a.Resume(paused, nov(4, 9, 0))
	require.NoError(t, err)
	assert.Equal(t, nov(4, 12, 0), resumed.Due)
	breached, crossed := resumed.Cross(nov(4, 12, 0))
	assert.Len(t, crossed, 3)
	assert.Equal(t, nov(4, 12, 0), breached.BreachedAt)
	assert.False(t, breached.Withdrawn)
}

func TestRetarget(t *testing.T) {
	a := agreement(t)
	fast, _ := a.Objective("fast")
	slow, _ := a.Objective("solution")

	c := pause(t, a, start(t, a, "solution", nov(2, 10, 0)), nov(2, 11, 0), nov(2, 12, 0))
	c, _ = c.Cross(nov(2, 15, 0)) // 50%
	require.Equal(t, 1, c.Fired)

	quick, err := a.Retarget(c, fast, nov(2, 15, 30))
	require.NoError(t, err)
	assert.Equal(t, "fast", quick.Objective)
	assert.Equal(t, nov(2, 15, 0), quick.Due, "from the true start, with the pause spent")
	assert.Equal(t, 1, quick.Fired, "50% fired already")
	quick, crossed := quick.Cross(nov(2, 15, 30))
	assert.Equal(t, []string{"75%", "due"}, []string{crossed[0].Threshold.Name, crossed[1].Threshold.Name})
	assert.Equal(t, nov(2, 15, 0), quick.BreachedAt)

	back, err := a.Retarget(quick, slow, nov(2, 15, 40))
	require.NoError(t, err)
	assert.Zero(t, back.BreachedAt)
	assert.True(t, back.Withdrawn)
	assert.Equal(t, nov(3, 11, 0), back.Due)
	assert.Equal(t, 1, back.Fired, "75% is armed again")
	assert.Equal(t, nov(2, 17, 0), back.Next())

	still, err := a.Retarget(quick, slow, nov(9, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, nov(3, 11, 0), still.BreachedAt, "breached under both, and due when the new one was")
	assert.Zero(t, still.Next())

	final, _ := a.Objective("final")
	statutory, err := a.Retarget(c, final, nov(2, 15, 0))
	require.NoError(t, err)
	assert.Empty(t, statutory.Pauses)
	assert.Equal(t, nov(23, 10, 0), statutory.Due)

	paused, err := a.Retarget(pause(t, a, c, nov(2, 13, 0), time.Time{}), fast, nov(2, 15, 0))
	require.NoError(t, err)
	assert.Zero(t, paused.Due, "paused still")

	promise, _ := a.Objective("promise")
	_, err = a.Retarget(c, promise, nov(2, 15, 0))
	require.ErrorContains(t, err, "has no target")
	_, err = a.Retarget(c, fast, nov(2, 9, 0))
	require.ErrorIs(t, err, sla.ErrOrder)

	other, err := sla.Load([]byte(quickstart))
	require.NoError(t, err)
	o, _ := other.Objective("solution")
	moved, err := other.Retarget(c, o, nov(2, 15, 0))
	require.NoError(t, err)
	assert.Equal(t, other.Digest(), moved.Agreement, "a new agreement, when asked for")
}

func TestExtend(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "final", nov(2, 10, 0))
	longer, ok, err := a.Extend(c, "holding", nov(20, 10, 0))
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, date(t, "2026-12-21T10:00:00Z"), longer.Due, "35 business days from the true start")
	assert.Equal(t, "35 business days", longer.Target.String())
	assert.Equal(t, date(t, "2026-12-21T10:00:00Z"), longer.Next())

	for why, x := range map[string]struct {
		c  sla.Clock
		on string
		at time.Time
	}{
		"nothing is granted on it": {c, "update", nov(20, 10, 0)},
		"it has it already":        {longer, "holding", nov(21, 10, 0)},
		"too late":                 {c, "holding", nov(23, 10, 0)},
		"stopped":                  {c.Stop(nov(3, 0, 0)), "holding", nov(20, 10, 0)},
	} {
		same, ok, err := a.Extend(x.c, x.on, x.at)
		require.NoError(t, err)
		assert.False(t, ok, why)
		assert.Equal(t, x.c, same, why)
	}
	breached, _ := c.Cross(nov(24, 0, 0))
	longer, ok, err = a.Extend(breached, "holding", nov(20, 10, 0))
	require.NoError(t, err)
	assert.True(t, ok, "entered late")
	assert.True(t, longer.Withdrawn)
	assert.Zero(t, longer.Fired)
}

func TestNoExtensionShortens(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}}],
		"objectives": [{"id": "law", "metric": "final_response", "target": "2 business days", "calendar": "office", "statutory": true,
		"extend": [{"on": "holding", "target": "5 business days"}, {"on": "court", "target": "9 business days"}, {"on": "weekend", "target": "3 days"}]}]}`))
	require.NoError(t, err)
	c := start(t, a, "law", nov(6, 10, 0)) // a Friday
	for _, step := range []struct {
		on   string
		want bool
		due  time.Time
	}{
		{"weekend", false, nov(10, 10, 0)}, {"court", true, nov(19, 10, 0)}, {"holding", false, nov(19, 10, 0)}, {"court", false, nov(19, 10, 0)},
	} {
		var extended bool
		c, extended, err = a.Extend(c, step.on, nov(6, 11, 0))
		require.NoError(t, err)
		require.Equal(t, step.want, extended, step.on)
		require.Equal(t, step.due, c.Due, step.on)
	}
}

func TestPromises(t *testing.T) {
	a := agreement(t)
	o, _ := a.Objective("promise")
	c, err := a.StartDue("promise:1", o, nov(2, 15, 0), nov(3, 11, 0), 1)
	require.NoError(t, err)
	assert.Equal(t, nov(3, 11, 0), c.Due)
	assert.Equal(t, []sla.Threshold{
		{At: nov(2, 17, 0), Name: "50%"}, {At: nov(3, 9, 0), Name: "2h before"}, {At: nov(3, 11, 0), Name: "due"},
	}, c.Thresholds, "half of its four open hours, and two hours of the clock")
	paused, err := a.Pause(c, nov(2, 16, 0))
	require.NoError(t, err)
	assert.Equal(t, c, paused, "what was promised does not move")
	moved, err := a.Retarget(c, o, nov(2, 16, 0))
	require.NoError(t, err)
	assert.Equal(t, c, moved)
	checkExplained(t, a, c, nov(2, 16, 0))

	c, err = a.StartDue("promise:2", o, nov(7, 10, 0), nov(7, 14, 0), 1) // a Saturday
	require.NoError(t, err)
	assert.Equal(t, nov(7, 12, 0), c.Thresholds[0].At, "no open time: half of the time there is")
	c, err = a.StartDue("promise:3", o, nov(2, 10, 0), nov(2, 11, 0), 1)
	require.NoError(t, err)
	assert.Equal(t, sla.Threshold{At: nov(2, 10, 0), Name: "2h before"}, c.Thresholds[0], "not before its start")
}

func TestStates(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	for at, want := range map[time.Time]sla.State{
		nov(2, 10, 0): sla.StateRunning, nov(2, 14, 0): sla.StateAtRisk, nov(2, 20, 0): sla.StateAtRisk, nov(3, 10, 0): sla.StateBreached,
	} {
		assert.Equal(t, want, state(t, a, c, at), "%v", at)
	}
	assert.Equal(t, sla.StateOutsideHours, state(t, a, start(t, a, "solution", nov(2, 20, 0)), nov(2, 20, 0)))
	assert.Equal(t, sla.StateRunning, state(t, a, start(t, a, "day", nov(2, 20, 0)), nov(2, 20, 0)))
	assert.Equal(t, sla.StateOutsideHours, state(t, a, start(t, a, "days", nov(7, 12, 0)), nov(7, 12, 0)), "not begun")
}

func TestExplainIsBounded(t *testing.T) {
	a := agreement(t)
	c := start(t, a, "solution", nov(2, 10, 0))
	_, err := a.Explain(c, date(t, "9000-01-01T00:00:00Z"))
	require.ErrorContains(t, err, "more than 65536 spans")
}

// Pausing never brings a deadline forward, however often; and replaying what happened gives the same clock.
func TestPausingProperties(t *testing.T) {
	a := agreement(t)
	for _, id := range []string{"solution", "fast", "day", "days", "weeks"} {
		r := rand.New(rand.NewPCG(5, uint64(len(id))))
		for range 300 {
			at := nov(1, 0, 0).Add(time.Duration(r.IntN(10*86400)) * time.Second)
			replay := func(steps []time.Duration) sla.Clock {
				c, at := start(t, a, id, at), at
				due := c.Due
				for i, step := range steps {
					at = at.Add(step)
					var err error
					if i%2 == 0 {
						c, err = a.Pause(c, at)
					} else {
						c, err = a.Resume(c, at)
						require.False(t, c.Due.Before(due), "%s: due %v, was %v", id, c.Due, due)
						due = c.Due
					}
					require.NoError(t, err)
				}
				return c
			}
			var steps []time.Duration
			for range r.IntN(12) {
				steps = append(steps, time.Duration(r.IntN(12*3600))*time.Second)
			}
			c := replay(steps)
			require.Equal(t, c, replay(steps))
			checkExplained(t, a, c, at.Add(time.Duration(r.IntN(40*86400))*time.Second))

			data, err := json.Marshal(c)
			require.NoError(t, err)
			var back sla.Clock
			require.NoError(t, json.Unmarshal(data, &back))
			require.Equal(t, c, back)
		}
	}
}

package sla_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// ladders are objectives with all that moves a clock: caps in both kinds of time, rungs on both sides of the due time.
const ladders = `{
  "name": "ladders", "version": "1",
  "calendars": [
    {"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-12:30", "13:00-17:00"], "sat": ["22:00-02:00"]}, "holidays": ["2026-11-11"]},
    {"name": "shop", "zone": "America/New_York", "weekly": {"mon-sat": ["08:00-20:00"]}}],
  "objectives": [
    {"id": "capped", "metric": "solution", "when": {"severity": ["high"]}, "target": "10 working hours", "calendar": "office",
     "warn": ["50%", {"at": "75%", "notify": "lead"}, "90m before", {"at": "2h after", "notify": "head"}, "30h after"], "pause": ["customer"], "maxPause": "6 working hours"},
    {"id": "hours", "metric": "solution", "when": {"severity": ["low"]}, "target": "20 working hours", "calendar": "office",
     "warn": ["25%", "75%", "3h after"], "pause": ["customer"], "maxPause": "24h"},
    {"id": "plain", "metric": "solution", "target": "8 working hours", "calendar": "shop", "warn": ["75%", "1h before", "2h after"], "pause": ["customer"]},
    {"id": "elapsed", "metric": "update", "target": "30h", "calendar": "office", "warn": ["50%", "5h before", "1h after"], "pause": ["customer"], "maxPause": "8 working hours"},
    {"id": "free", "metric": "resolution", "target": "30h", "warn": ["50%"], "pause": ["customer"]},
    {"id": "days", "metric": "escalation", "target": "2 business days", "calendar": "office", "warn": ["50%", "2h after"], "pause": ["customer"], "maxPause": "10h",
     "extend": [{"on": "holding", "target": "5 business days"}], "intake": {"after": "next_day_opening", "before": "to_opening", "dayOff": "next_day_opening"}},
    {"id": "law", "metric": "final_response", "target": "3 business days", "calendar": "office", "warn": ["50%"], "statutory": true, "extend": [{"on": "holding", "target": "5 business days"}]},
    {"id": "rungs", "metric": "clarification", "target": "10 working hours", "calendar": "office",
     "warn": ["50%", "3 working hours before", {"at": "due", "notify": "head"}, "90 working minutes after"], "pause": ["customer"], "maxPause": "6 working hours"},
    {"id": "promise", "metric": "promise", "calendar": "office", "warn": ["50%", "1h before", "1h after"]}
  ]
}`

func laddered(tb testing.TB) *sla.Agreement {
	tb.Helper()
	a, err := sla.Load([]byte(ladders))
	require.NoError(tb, err)
	return a
}

// minutes counts a clock's time minute by minute, from what was said to it alone: when it started, and from when to when it was paused.
type minutes struct {
	calendar, capped *sla.Calendar // nil: all time counts
	start            time.Time
	pauses           [][2]time.Time // the second is zero while it lasts
	cap              time.Duration  // negative: none
}

// walk calls visit with each minute and whether it counts and is paused, until that says no.
func (m minutes) walk(visit func(at time.Time, counts, paused bool) bool) {
	left := m.cap
	for at := m.start; ; at = at.Add(time.Minute) {
		paused := slices.ContainsFunc(m.pauses, func(p [2]time.Time) bool { return !at.Before(p[0]) && (p[1].IsZero() || at.Before(p[1])) })
		if m.cap >= 0 && paused {
			paused = left > 0
			if paused && (m.capped == nil || m.capped.IsOpen(at)) {
				left -= time.Minute
			}
		}
		if !visit(at, m.calendar == nil || m.calendar.IsOpen(at), paused) {
			return
		}
	}
}

// reached is when that much has counted; zero if that is not within a year.
func (m minutes) reached(d time.Duration) (at time.Time) {
	m.walk(func(now time.Time, counts, paused bool) bool {
		if counts && !paused {
			d -= time.Minute
		}
		at = now.Add(time.Minute)
		return d > 0 && now.Sub(m.start) < 60*24*time.Hour
	})
	if d > 0 {
		return time.Time{}
	}
	return at.UTC()
}

// status is what has counted by an instant, and whether a pause holds the clock then.
func (m minutes) status(by time.Time) (elapsed time.Duration, held bool) {
	m.walk(func(now time.Time, counts, paused bool) bool {
		held = paused
		if !now.Before(by) {
			return false
		}
		if counts && !paused {
			elapsed += time.Minute
		}
		return true
	})
	return elapsed, held
}

// Clocks of every kind, paused at random, against counting minutes.
func TestClocksAgainstCountingMinutes(t *testing.T) {
	a := laddered(t)
	office, _ := a.Calendar("office")
	shop, _ := a.Calendar("shop")
	kinds := map[string]minutes{
		"capped": {calendar: office, capped: office, cap: 6 * time.Hour}, "hours": {calendar: office, cap: 24 * time.Hour},
		"plain": {calendar: shop, cap: -1}, "elapsed": {capped: office, cap: 8 * time.Hour}, "free": {cap: -1},
		"rungs": {calendar: office, capped: office, cap: 6 * time.Hour},
	}
	for id, m := range kinds {
		t.Run(id, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, uint64(len(id))))
			for range 25 {
				m := m
				m.start = nov(1, 0, 0).Add(time.Duration(r.IntN(9*1440)) * time.Minute)
				c, at := start(t, a, id, m.start), m.start
				for i := range r.IntN(9) {
					at = at.Add(time.Duration(r.IntN(10*60)) * time.Minute)
					var err error
					if before := c.Due; i%2 == 0 {
						c, err = a.Pause(c, at)
						m.pauses = append(m.pauses, [2]time.Time{at})
						require.True(t, c.Due.IsZero() || !c.Due.Before(before), "pausing brings the due time forward")
					} else {
						c, err = a.Resume(c, at)
						m.pauses[len(m.pauses)-1][1] = at
						require.True(t, before.IsZero() || !c.Due.After(before), "it was due at the latest")
					}
					require.NoError(t, err)
				}
				require.Equal(t, m.reached(c.Target.Span), c.Due, "%+v", c)
				o, _ := a.Objective(id)
				for _, w := range o.Warn {
					if w.Percent > 0 {
						i := slices.IndexFunc(c.Thresholds, func(th sla.Threshold) bool { return th.Name == w.String() })
						require.Equal(t, m.reached(c.Target.Span*time.Duration(w.Percent)/100), c.Thresholds[i].At, "%s of %+v", w, c)
					}
				}
				for range 5 {
					now := m.start.Add(time.Duration(r.IntN(8*1440)) * time.Minute)
					s, err := a.At(c, now)
					require.NoError(t, err)
					elapsed, held := m.status(now)
					require.Equal(t, elapsed, s.Elapsed, "at %v of %+v", now, c)
					if s.State != sla.StateBreached {
						require.Equal(t, held, s.State == sla.StatePaused, "at %v: %s %+v", now, s.State, c)
					}
					checkExplained(t, a, c, now)
				}
			}
		})
	}
}

// story is what happens to a clock, in some order and at some instants; tell makes the same clock of it every time.
type story []func(sla.Clock) (sla.Clock, error)

func (s story) tell(c sla.Clock) (all []sla.Clock, errs []error) {
	for _, step := range s {
		next, err := step(c)
		all, errs = append(all, next), append(errs, err)
		c = next
	}
	return all, errs
}

func randomStory(a *sla.Agreement, r *rand.Rand, at time.Time, inOrder bool) (s story) {
	house := []string{"capped", "hours", "plain", "law"}
	for range 3 + r.IntN(12) {
		if inOrder {
			at = at.Add(time.Duration(r.IntN(8*3600)) * time.Second)
		} else {
			at = at.Add(time.Duration(r.IntN(16*3600)-7*3600) * time.Second)
		}
		at, o := at, house[r.IntN(len(house))]
		switch k := r.IntN(14); {
		case k < 4:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { return a.Pause(c, at) })
		case k < 8:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { return a.Resume(c, at) })
		case k < 10:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { c, _ = c.Cross(at); return c, nil })
		case k < 12:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { ob, _ := a.Objective(o); return a.Retarget(c, ob, at) })
		case k < 13 && r.IntN(2) == 0:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { return c.Stop(at), nil })
		case k < 13:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { return c.Drop(at), nil })
		default:
			s = append(s, func(c sla.Clock) (sla.Clock, error) { c, _, err := a.Extend(c, "holding", at); return c, err })
		}
	}
	return s
}

func deep(c sla.Clock) sla.Clock {
	c.Pauses, c.Thresholds = slices.Clone(c.Pauses), slices.Clone(c.Thresholds)
	return c
}

// Whatever happens, in whatever order, there is a clock that holds together or an error that says where, and the same inputs give the same clock.
func TestRandomStories(t *testing.T) {
	a := laddered(t)
	ids := []string{"capped", "hours", "plain", "elapsed", "free", "days", "law", "promise", "rungs"}
	for i := range 1200 {
		r := rand.New(rand.NewPCG(13, uint64(i)))
		id, at := ids[i%len(ids)], nov(1, 0, 0).Add(time.Duration(r.IntN(9*86400))*time.Second)
		o, _ := a.Objective(id)
		begun, err := a.StartDue(id, o, at, at.Add(20*time.Hour), 1)
		if id != "promise" {
			begun, err = a.Start(id, o, at, 1)
		}
		require.NoError(t, err)
		s := randomStory(a, r, at, i%3 > 0)
		told, errs := s.tell(begun)
		kept := make([]sla.Clock, len(told))
		for i := range told {
			kept[i] = deep(told[i])
		}
		again, _ := s.tell(begun)
		require.Equal(t, told, again)
		require.Equal(t, kept, told, "a clock was changed by what was made of it")
		before := begun
		for i, c := range told {
			if errs[i] != nil {
				require.ErrorIs(t, errs[i], sla.ErrOrder)
				require.ErrorContains(t, errs[i], `clock "`+id+`", cycle 1: `)
				require.Equal(t, before, c, "an error changes nothing")
			}
			checkClock(t, a, c)
			before = c
		}
	}
}

// checkClock checks what holds of every clock.
func checkClock(t *testing.T, a *sla.Agreement, c sla.Clock) {
	t.Helper()
	data, err := json.Marshal(c)
	require.NoError(t, err)
	var back sla.Clock
	require.NoError(t, json.Unmarshal(data, &back))
	if len(c.Pauses) == 0 {
		back.Pauses = c.Pauses
	}
	require.Equal(t, c, back)

	require.True(t, c.Fired >= 0 && c.Fired <= len(c.Thresholds))
	names := map[string]bool{}
	for i, th := range c.Thresholds {
		require.False(t, names[th.Name], "%s twice in %v", th.Name, c.Thresholds)
		names[th.Name] = true
		require.False(t, i < c.Fired && th.At.IsZero(), "fired at no time: %+v", c)
		if i > c.Fired && !th.At.IsZero() {
			before := c.Thresholds[i-1].At
			require.False(t, before.IsZero() || before.After(th.At), "not in order: %+v", c)
		}
		if th.Name == "due" {
			require.Equal(t, c.Due, th.At)
		} else if !c.Due.IsZero() {
			require.Equal(t, strings.HasSuffix(th.Name, " after"), th.At.After(c.Due), "%s of %+v", th.Name, c)
		}
	}
	require.True(t, names["due"])
	if !c.BreachedAt.IsZero() {
		require.Equal(t, c.Due, c.BreachedAt)
		require.False(t, c.Withdrawn)
	}
	for i, p := range c.Pauses {
		require.False(t, p.From.Before(c.Started) || i > 0 && p.From.Before(c.Pauses[i-1].To))
		require.False(t, p.To.IsZero() && i < len(c.Pauses)-1)
		require.False(t, !p.To.IsZero() && p.To.Before(p.From))
		require.False(t, !p.Until.IsZero() && !p.To.IsZero() && !p.Until.Before(p.To), "a cap that did not matter: %+v", p)
	}
	if len(c.Pauses) == 0 || c.Target.Span == 0 || c.StoppedAt.IsZero() {
		checkExplained(t, a, c, c.Started.Add(30*time.Hour))
	}
}

// Computing a clock anew from what it holds gives the same clock.
func TestRetargetToTheSameIsARecomputation(t *testing.T) {
	a := laddered(t)
	for _, id := range []string{"capped", "hours", "plain", "elapsed", "free", "days", "law", "rungs"} {
		r := rand.New(rand.NewPCG(17, uint64(len(id))))
		o, _ := a.Objective(id)
		for range 200 {
			at := nov(1, 0, 0).Add(time.Duration(r.IntN(9*86400)) * time.Second)
			c := start(t, a, id, at)
			for i := range r.IntN(7) {
				at = at.Add(time.Duration(r.IntN(9*3600)) * time.Second)
				c, _ = c.Cross(at)
				var err error
				if i%2 == 0 {
					c, err = a.Pause(c, at)
				} else {
					c, err = a.Resume(c, at)
				}
				require.NoError(t, err)
			}
			c, _ = c.Cross(at)
			again, err := a.Retarget(c, o, at)
			require.NoError(t, err)
			require.Equal(t, c, again)
			dropped, err := a.Retarget(c.Drop(at), o, at)
			require.NoError(t, err)
			dropped, _ = dropped.Cross(at)
			c.Withdrawn = dropped.Withdrawn
			require.Equal(t, c.Due, dropped.Due)
			require.Equal(t, c, dropped, "taken up again it is as if it had run on")
		}
	}
}

func TestNoClockPanics(t *testing.T) {
	a := laddered(t)
	for _, c := range []sla.Clock{
		{},
		{Agreement: a.Digest(), Objective: "capped"},
		{Agreement: a.Digest(), Objective: "capped", Started: nov(2, 9, 0), Fired: 7},
		{Agreement: a.Digest(), Objective: "capped", Started: nov(2, 9, 0), Fired: -1, Thresholds: []sla.Threshold{{Name: "due"}}},
	} {
		o, _ := a.Objective("plain")
		c.Target = o.Target
		assert.NotPanics(t, func() {
			_, _ = c.Cross(nov(9, 0, 0))
			_, _ = c.Stop(nov(3, 0, 0)), c.Drop(nov(3, 0, 0))
			_, _ = c.Next(), c.Late()
			paused, _ := a.Pause(c, nov(3, 0, 0))
			_, _ = a.Resume(paused, nov(3, 0, 0))
			_, _ = a.Retarget(c, o, nov(3, 0, 0))
			_, _, _ = a.Extend(c, "holding", nov(3, 0, 0))
			_, _ = a.Explain(c, nov(3, 0, 0))
			_, _ = a.At(c, nov(3, 0, 0))
		})
	}
}

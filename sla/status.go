package sla

import (
	"fmt"
	"slices"
	"time"
)

// State is how a clock stands.
type State string

// The states of a clock, of which the first that applies is given.
const (
	StateDropped      State = "dropped"       // no objective asks for it any more
	StateMet          State = "met"           // stopped by its due time
	StateLate         State = "late"          // stopped after it
	StateBreached     State = "breached"      // the due time has passed
	StatePaused       State = "paused"        // a pause holds it
	StateAtRisk       State = "at_risk"       // a warning was reached
	StateOutsideHours State = "outside_hours" // its time does not count at the moment
	StateRunning      State = "running"
)

// Status is how a clock stands at an instant. Elapsed and Remaining are time that counts: open time for targets in working time and
// business days, outside pauses; all of it for others.
type Status struct {
	State              State
	Elapsed, Remaining time.Duration // Remaining is negative once more has elapsed than the target allows
	Share              float64       // of the target that has elapsed: 0.75; over 1 when it is exceeded
}

// At is how a clock stands at an instant; from its stopping or dropping on, how it stood then.
func (a *Agreement) At(c Clock, now time.Time) (Status, error) {
	k, err := a.course(&c)
	if err != nil {
		return Status{}, fmt.Errorf("%w (clock %q)", err, c.ID)
	}
	end := c.until(now)
	s := Status{State: c.state(&k, now)}
	at := k.start
	for _, p := range c.Pauses {
		if !p.From.Before(end) {
			break
		}
		s.Elapsed += k.counted(at, p.From)
		at = p.until(end)
	}
	s.Elapsed += k.counted(at, later(at, end))
	s.Remaining = k.total - s.Elapsed
	if k.total > 0 {
		s.Share = float64(s.Elapsed) / float64(k.total)
	}
	return s, nil
}

// until is an instant, or when the clock was stopped or dropped if that is earlier.
func (c Clock) until(now time.Time) time.Time {
	for _, end := range []time.Time{c.StoppedAt, c.DroppedAt} {
		if !end.IsZero() && end.Before(now) {
			now = end
		}
	}
	return now
}

func (a *Agreement) course(c *Clock) (course, error) {
	o, err := a.of(c)
	if err != nil {
		return course{}, err
	}
	return courseOf(c, o)
}

func (c Clock) state(k *course, now time.Time) State {
	switch {
	case c.Dropped():
		return StateDropped
	case late(&c):
		return StateLate
	case !c.StoppedAt.IsZero():
		return StateMet
	case !c.Due.IsZero() && !now.Before(c.Due):
		return StateBreached
	case slices.ContainsFunc(c.Pauses, func(p Pause) bool { return p.holds(now) }):
		return StatePaused
	case slices.ContainsFunc(c.Thresholds, func(t Threshold) bool { return !t.At.IsZero() && !now.Before(t.At) }):
		return StateAtRisk
	case now.Before(k.start) || k.calendar != nil && !k.calendar.IsOpen(now):
		return StateOutsideHours
	}
	return StateRunning
}

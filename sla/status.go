package sla

import (
	"fmt"
	"time"
)

// State is how a clock stands.
type State string

// The states of a clock, of which the first that applies is given.
const (
	StateMet          State = "met"           // stopped by its due time
	StateLate         State = "late"          // stopped after it
	StateBreached     State = "breached"      // the due time has passed
	StatePaused       State = "paused"        // a pause lasts
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

// At is how a clock stands at an instant; from its stopping on, how it stood then.
func (a *Agreement) At(c Clock, now time.Time) (Status, error) {
	k, err := a.course(&c)
	if err != nil {
		return Status{}, fmt.Errorf("%w (clock %q)", err, c.ID)
	}
	end := now
	if !c.StoppedAt.IsZero() && c.StoppedAt.Before(now) {
		end = c.StoppedAt
	}
	s := Status{Elapsed: k.counted(k.start, end), State: c.state(&k, now)}
	for _, p := range c.Pauses {
		if !p.From.Before(end) {
			break
		}
		to := end
		if !p.To.IsZero() && p.To.Before(end) {
			to = p.To
		}
		s.Elapsed -= k.counted(p.From, to)
	}
	total := k.counted(k.start, k.due)
	s.Remaining = total - s.Elapsed
	if total > 0 {
		s.Share = float64(s.Elapsed) / float64(total)
	}
	return s, nil
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
	case c.Late():
		return StateLate
	case !c.StoppedAt.IsZero():
		return StateMet
	case !c.Due.IsZero() && !now.Before(c.Due):
		return StateBreached
	case c.Paused() && !now.Before(c.Pauses[len(c.Pauses)-1].From):
		return StatePaused
	case len(c.Thresholds) > 1 && !c.Thresholds[0].At.IsZero() && !now.Before(c.Thresholds[0].At):
		return StateAtRisk
	case now.Before(k.start) || k.calendar != nil && !k.calendar.IsOpen(now):
		return StateOutsideHours
	}
	return StateRunning
}

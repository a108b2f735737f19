package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/amends-go/amends/sla"
)

// state is the clock's state in words.
func state(s sla.State) string {
	switch s {
	case sla.StateDropped:
		return "Dropped"
	case sla.StateMet:
		return "Met"
	case sla.StateLate:
		return "Late"
	case sla.StateBreached:
		return "Breached"
	case sla.StatePaused:
		return "Paused"
	case sla.StateAtRisk:
		return "At risk"
	case sla.StateOutsideHours:
		return "Outside hours"
	case sla.StateRunning:
		return "Running"
	}
	return string(s)
}

// target is what the clock has to keep.
func (v *view) target() string {
	if !v.clock.Fixed.IsZero() {
		return "due time given"
	}
	return v.clock.Target.String()
}

// counted is how much time has counted, and how much is left.
func (v *view) counted() string {
	days := v.clock.Target.Unit == sla.CalendarDays || v.clock.Target.Unit == sla.CalendarWeeks
	s := spell(v.status.Elapsed, days) + " counted"
	switch {
	case v.status.Remaining < 0:
		return s + ", " + spell(-v.status.Remaining, days) + " over"
	case v.clock.Running():
		return s + ", " + spell(v.status.Remaining, days) + " left"
	}
	return s
}

// spell is a duration in its two largest units: "3h 20m", or "2d 3h" if it is of whole days rather than of hours of work.
func spell(d time.Duration, days bool) string {
	units := []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}}
	if !days || d < 48*time.Hour {
		units = units[1:]
	}
	for i, u := range units[:len(units)-1] {
		if d < u.length {
			continue
		}
		s := strconv.FormatInt(int64(d/u.length), 10) + u.name
		if next := units[i+1]; d%u.length >= next.length {
			s += " " + strconv.FormatInt(int64(d%u.length/next.length), 10) + next.name
		}
		return s
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

// label is the picture in one line.
func (v *view) label() string {
	return v.title + ": " + strings.ToLower(state(v.status.State))
}

// description is all that the picture shows, in words.
func (v *view) description() string {
	c := &v.clock
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("%s, %s; %s. Started %s.", c.Metric, v.target(), v.counted(), v.when(c.Started))
	for i, p := range c.Pauses {
		switch {
		case i == mentioned:
			say(" And %d more pauses.", len(c.Pauses)-mentioned)
		case i < mentioned:
			say(" Paused from %s", v.when(p.From))
			switch end := pauseEnd(p); {
			case end.IsZero():
				say(".")
			case p.To.IsZero() && end.After(v.present):
				say(" to %s at the latest.", v.when(end))
			default:
				say(" to %s.", v.when(end))
			}
		}
	}
	v.sayThresholds(say)
	switch {
	case !v.due.IsZero():
		say(" Due %s.", v.when(v.due))
	case !c.Dropped():
		say(" No due time while paused.")
	}
	switch {
	case !c.StoppedAt.IsZero():
		say(" Stopped %s.", v.when(c.StoppedAt))
	case c.Dropped():
		say(" Dropped %s.", v.when(c.DroppedAt))
	default:
		say(" Now it is %s.", v.when(v.present))
	}
	if v.overdue() {
		say(" That is %s after the due time.", spell(v.present.Sub(v.due), true))
	}
	if c.Withdrawn {
		say(" A breach was recorded and withdrawn.")
	}
	return b.String()
}

// mentioned bounds how many pauses and thresholds a description has.
const mentioned = 8

// pauseEnd is when a pause ceased to hold its clock, or will at the latest; zero if nobody knows.
func pauseEnd(p sla.Pause) time.Time {
	if p.To.IsZero() || !p.Until.IsZero() && p.Until.Before(p.To) {
		return p.Until
	}
	return p.To
}

func (v *view) sayThresholds(say func(string, ...any)) {
	list := v.thresholds()
	for i, t := range list {
		switch {
		case i == mentioned:
			say(" And %d more thresholds.", len(list)-mentioned)
		case i < mentioned && t.At.IsZero():
			say(" %s: no time while paused.", t.Name)
		case i < mentioned:
			say(" %s: %s.", t.Name, v.when(t.At))
		}
	}
}

func (v *view) when(t time.Time) string {
	return t.In(v.zone).Format(v.dates.year + " 15:04 MST")
}

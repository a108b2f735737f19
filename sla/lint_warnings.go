package sla

import (
	"fmt"
	"slices"
	"time"
)

// warnings reports warnings that come with the start, and pairs that always come together.
func (l *linter) warnings(o *objective) {
	if o.Target == (Target{}) || len(o.Warn) == 0 {
		return
	}
	schedules := l.schedules(o)
	for i, w := range o.Warn {
		if w.Before > 0 {
			l.early(o, i, schedules)
		}
		for j := range i {
			if o.Warn[j].Notify == w.Notify && len(schedules) > 0 && together(schedules, i, j) {
				l.add(CheckTwice, o.spot, "objectives", fmt.Sprintf(".warn[%d]", i), "%q always comes with %q; leave one of them out", w, o.Warn[j])
				break
			}
		}
	}
}

// schedule is when a clock that starts then warns and is due.
type schedule struct {
	start, due time.Time
	warnings   []time.Time
}

func (l *linter) schedules(o *objective) []schedule {
	received := l.received(o.calendar)
	all := make([]schedule, 0, len(received))
	for _, at := range received {
		c := Clock{Started: at, Target: o.Target}
		start, err := o.terms().start(at)
		if err != nil || aim(&c, o) != nil {
			continue
		}
		x := schedule{start: start, due: c.Due.In(at.Location()), warnings: make([]time.Time, len(o.Warn))}
		for _, t := range c.Thresholds {
			if i := slices.Index(o.warnings, t.Name); i >= 0 {
				x.warnings[i] = t.At
			}
		}
		all = append(all, x)
	}
	return all
}

// early reports a warning that comes when the clock starts, for the shortest way from start to due.
func (l *linter) early(o *objective, i int, all []schedule) {
	var worst schedule
	for _, x := range all {
		short := x.due.Sub(x.start)
		if short <= o.Warn[i].Before && (worst.due.IsZero() || short < worst.due.Sub(worst.start)) {
			worst = x
		}
	}
	if worst.due.IsZero() {
		return
	}
	const layout = "Mon 2006-01-02 15:04 MST"
	l.add(CheckEarlyWarn, o.spot, "objectives", fmt.Sprintf(".warn[%d]", i),
		"%q is given at once: what counts from %s is due on %s; want a time or a share less than the target, %q",
		o.Warn[i], worst.start.Format(layout), worst.due.Format(layout), o.Target)
}

// together reports whether two warnings are always given at the same time.
func together(all []schedule, i, j int) bool {
	for _, x := range all {
		if !x.warnings[i].Equal(x.warnings[j]) {
			return false
		}
	}
	return true
}

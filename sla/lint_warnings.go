package sla

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// warned is what the warnings of an objective depend on.
type warned struct {
	terms
	warn string
}

// warnings reports warnings that come with the start, and pairs that always come together.
func (l *linter) warnings(o *objective) {
	if o.Target == (Target{}) || !worthwhile(o.Warn) {
		return
	}
	var warn strings.Builder
	for _, w := range o.Warn {
		fmt.Fprintf(&warn, "%s %q,", w, w.Notify)
	}
	key := warned{o.terms(), warn.String()}
	all, ok := l.warned[key]
	if !ok {
		all = l.warningsOf(o)
		l.warned[key] = all
	}
	for _, f := range all {
		l.add(f.Check, o.spot, "objectives", f.Path, "%s", f.Msg)
	}
}

// worthwhile reports whether there is anything that could be wrong.
func worthwhile(all []Warning) bool {
	return len(all) > 1 || len(all) == 1 && all[0].Before > 0
}

// warningsOf are the findings about the warnings, with paths within the objective.
func (l *linter) warningsOf(o *objective) []Finding {
	var found []Finding
	all := l.schedules(o)
	for i, w := range o.Warn {
		path := fmt.Sprintf(".warn[%d]", i)
		if x, ok := early(all, i); ok && w.Before > 0 {
			const layout = "Mon 2006-01-02 15:04 MST"
			found = append(found, Finding{Check: CheckEarlyWarn, Path: path, Msg: fmt.Sprintf(
				"%q is given at once: what counts from %s is due on %s; want a time or a share less than the target, %q",
				w, x.start.Format(layout), x.due.Format(layout), o.Target)})
		}
		for j, other := range o.Warn[:i] {
			if other.Notify == w.Notify && len(all) > 0 && together(all, i, j) {
				found = append(found, Finding{Check: CheckTwice, Path: path, Msg: fmt.Sprintf("%q always comes with %q; leave one of them out", w, other)})
				break
			}
		}
	}
	return found
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

// early is the shortest way from start to due on which a warning comes with the start, if there is one.
func early(all []schedule, i int) (schedule, bool) {
	var worst schedule
	for _, x := range all {
		if at := x.warnings[i]; !at.After(x.start) && (worst.due.IsZero() || x.due.Sub(x.start) < worst.due.Sub(worst.start)) {
			worst = x
		}
	}
	return worst, !worst.due.IsZero()
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

package sla

import (
	"math/bits"
	"slices"
	"time"
)

// course is how a clock's time counts: from when, to when if nothing pauses it, and which time.
type course struct {
	calendar   *Calendar // nil: all time counts
	zone       *time.Location
	start, due time.Time
}

// courseOf works out a clock's course under its objective.
func courseOf(c *Clock, o *objective) (course, error) {
	k := course{calendar: o.calendar, zone: time.UTC, start: c.Started, due: c.Fixed}
	if o.calendar != nil {
		k.zone = o.calendar.Location()
	}
	if !c.Fixed.IsZero() {
		return k, nil
	}
	var err error
	if k.start, err = received(c.Started, o.calendar, o.Intake); err != nil {
		return k, err
	}
	if k.due, err = c.Target.from(k.start, o.calendar); err != nil {
		return k, err
	}
	if !c.Target.needsCalendar() {
		k.calendar = nil
	}
	return k, nil
}

// counted is the time in [a, b) that counts, and none of it before the start.
func (k *course) counted(a, b time.Time) time.Duration {
	a, b = later(a, k.start), later(b, k.start)
	if k.calendar != nil {
		return k.calendar.Between(a, b)
	}
	return b.Sub(a)
}

// add is the earliest time by which that much counted time has passed since t.
func (k *course) add(t time.Time, d time.Duration) (time.Time, error) {
	if k.calendar != nil {
		return k.calendar.Add(t, d)
	}
	return Target{Span: d, Unit: Elapsed}.from(t, nil)
}

// share is when a percentage of the way from start to due is reached. Where no time counts on that way, it is a share of elapsed time.
func (k *course) share(percent int) (time.Time, error) {
	total := k.counted(k.start, k.due)
	if total > 0 {
		return k.add(k.start, portion(total, percent))
	}
	return k.start.Add(portion(k.due.Sub(k.start), percent)), nil
}

// portion is a percentage of a duration, up to the next nanosecond.
func portion(d time.Duration, percent int) time.Duration {
	hi, lo := bits.Mul64(uint64(d), uint64(percent))
	n, rest := bits.Div64(hi, lo, 100)
	if rest > 0 {
		n++
	}
	return time.Duration(n)
}

// shift moves a time, reached if nothing paused the clock, by the counted time that pauses took before it: it is then the earliest time
// at which as much has counted outside pauses. Zero while a pause that began before it lasts.
func (k *course) shift(t time.Time, pauses []Pause) (time.Time, error) {
	d := time.Duration(0)
	moved := t
	for i := range pauses {
		p := &pauses[i]
		if !p.From.Before(moved) {
			break
		}
		end := p.end()
		if end.IsZero() {
			return time.Time{}, nil
		}
		held := k.counted(p.From, end)
		if held == 0 {
			continue
		}
		d += held
		var err error
		if moved, err = k.add(t, d); err != nil {
			return t, err
		}
	}
	return moved, nil
}

// arm computes the due time and the thresholds from index n on, and puts them in order, those that fired first. It writes to c.Thresholds.
func (k *course) arm(c *Clock, o *objective, n int) error {
	pauses := c.Pauses
	if !c.Fixed.IsZero() {
		pauses = nil // what was given does not move
	}
	due, err := k.shift(k.due, pauses)
	if err != nil {
		return err
	}
	c.Due = utc(due)
	for i := n; i < len(c.Thresholds); i++ {
		t := &c.Thresholds[i]
		at := due
		if w := slices.Index(o.warnings, t.Name); w >= 0 {
			if at, err = k.warning(&o.Warn[w], due, pauses); err != nil {
				return err
			}
		}
		t.At = utc(at)
	}
	fired := max(n, c.fired())
	order(c.Thresholds[n:fired])
	order(c.Thresholds[fired:])
	return nil
}

// warning is when a warning is given.
func (k *course) warning(w *Warning, due time.Time, pauses []Pause) (time.Time, error) {
	switch {
	case w.Before > 0:
		return k.before(w.Before, pauses)
	case w.After > 0:
		if due.IsZero() {
			return due, nil
		}
		return Target{Span: w.After, Unit: Elapsed}.from(due, nil)
	}
	at, err := k.share(w.Percent)
	if err != nil {
		return at, err
	}
	return k.shift(at, pauses)
}

// before is when no more than that is left until the due time, as it was known by then: a pause that begins later does not undo it. Zero while
// one lasts that began earlier.
func (k *course) before(d time.Duration, pauses []Pause) (time.Time, error) {
	for n := 0; ; n++ {
		due, err := k.shift(k.due, pauses[:n])
		if err != nil || due.IsZero() {
			return due, err
		}
		if at := later(due.Add(-d), k.start); n == len(pauses) || !pauses[n].From.Before(at) {
			return at, nil
		}
	}
}

// ladder is the thresholds of an objective's clocks in their usual order, without times.
func ladder(o *objective) []Threshold {
	all := make([]Threshold, 0, len(o.Warn)+1)
	for i, name := range o.warnings {
		if o.Warn[i].After == 0 {
			all = append(all, Threshold{Name: name, Notify: o.Warn[i].Notify})
		}
	}
	all = append(all, Threshold{Name: thresholdDue})
	for i, name := range o.warnings {
		if o.Warn[i].After > 0 {
			all = append(all, Threshold{Name: name, Notify: o.Warn[i].Notify})
		}
	}
	return all
}

// order sorts thresholds by time, those that have none at the end. Equal ones keep their order.
func order(all []Threshold) {
	slices.SortStableFunc(all, func(a, b Threshold) int {
		switch {
		case a.At.IsZero() == b.At.IsZero():
			return a.At.Compare(b.At)
		case b.At.IsZero():
			return -1
		}
		return 1
	})
}

// utc is the time in UTC, without a reading of the machine's monotonic clock.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

package sla

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// course is how a clock's time counts: from when, how much of it, which time, and what pauses took of it.
type course struct {
	calendar *Calendar // nil: all time counts
	hours    *Calendar // of warnings in working time; nil if the objective has none
	zone     *time.Location
	start    time.Time
	due      time.Time     // if nothing pauses the clock; zero for targets in hours, which are due when total has passed
	total    time.Duration // what counts from start to due
}

// courseOf works out a clock's course under its objective.
func courseOf(c *Clock, o *objective) (course, error) {
	k := course{calendar: o.calendar, hours: o.calendar, zone: time.UTC, start: c.Started, due: c.Fixed}
	if o.calendar != nil {
		k.zone = o.calendar.Location()
	}
	if !c.Fixed.IsZero() {
		k.total = k.counted(k.start, k.due)
		return k, nil
	}
	var err error
	if k.start, err = received(c.Started, o.calendar, o.Intake); err != nil {
		return k, err
	}
	if !c.Target.needsCalendar() {
		k.calendar = nil
	}
	if k.total = c.Target.Span; k.total > 0 && (c.Target.Unit == Elapsed || k.calendar != nil) {
		return k, nil
	}
	if k.due, err = c.Target.from(k.start, o.calendar); err != nil {
		return k, err
	}
	k.total = k.counted(k.start, k.due)
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
	if t = t.Add(d); !inYears(t) {
		return t, fmt.Errorf("%w: %v of time", ErrHorizon, d)
	}
	return t, nil
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

// held is what a pause took of a course's time: after how much of it, and how much. Neither looks at other pauses.
type held struct{ after, lasted time.Duration }

// endless is how long a pause lasts whose end is not known.
const endless = time.Duration(-1)

// holds measures pauses; buf is where, if there is room.
func (k *course) holds(buf []held, pauses []Pause) []held {
	for i := range pauses {
		p := &pauses[i]
		h := held{k.counted(k.start, p.From), endless}
		if end := p.end(); !end.IsZero() {
			h.lasted = k.counted(p.From, end)
		}
		buf = append(buf, h)
	}
	return buf
}

// reached is the earliest time at which that much has counted outside pauses. Zero while a pause that began before it lasts.
func (k *course) reached(d time.Duration, pauses []held) (time.Time, error) {
	for _, p := range pauses {
		if p.after >= d {
			break
		}
		if p.lasted == endless {
			return time.Time{}, nil
		}
		if d > math.MaxInt64-p.lasted {
			return time.Time{}, fmt.Errorf("%w: its pauses last longer than 292 years", ErrHorizon)
		}
		d += p.lasted
	}
	return k.add(k.start, d)
}

// shift moves a time by what pauses took before it; that much counts up to it. It is for times that may lie where no time counts, and stay
// there as long as nothing moves them.
func (k *course) shift(t time.Time, d time.Duration, pauses []Pause, took []held) (time.Time, error) {
	moved := time.Duration(0)
	for i, p := range took {
		if moved == 0 && !pauses[i].From.Before(t) || moved > 0 && p.after >= d+moved {
			break
		}
		if p.lasted == endless {
			return time.Time{}, nil
		}
		if d+moved > math.MaxInt64-p.lasted {
			return time.Time{}, fmt.Errorf("%w: its pauses last longer than 292 years", ErrHorizon)
		}
		moved += p.lasted
	}
	if moved == 0 {
		return t, nil
	}
	return k.add(t, moved)
}

// dueBy is the due time if these are all the pauses.
func (k *course) dueBy(pauses []Pause, took []held) (time.Time, error) {
	if k.due.IsZero() {
		return k.reached(k.total, took)
	}
	return k.shift(k.due, k.total, pauses, took)
}

// arm computes the due time and the thresholds from index n on, and puts them in order, those that fired first. It writes to c.Thresholds.
func (k *course) arm(c *Clock, o *objective, n int) error {
	pauses := c.Pauses
	if !c.Fixed.IsZero() {
		pauses = nil // what was given does not move
	}
	var room [4]held
	took := k.holds(room[:0], pauses)
	due, err := k.dueBy(pauses, took)
	if err != nil {
		return err
	}
	c.Due = utc(due)
	for i := n; i < len(c.Thresholds); i++ {
		t := &c.Thresholds[i]
		if t.Name == thresholdDue {
			t.At = c.Due
			continue
		}
		w := slices.Index(o.warnings, t.Name)
		if w < 0 {
			continue
		}
		at, err := k.warning(&o.Warn[w], due, pauses, took)
		if err != nil {
			return err
		}
		t.At = utc(at)
	}
	fired := max(n, c.fired())
	order(c.Thresholds[n:fired])
	order(c.Thresholds[fired:])
	return nil
}

// warning is when a warning is given.
func (k *course) warning(w *Warning, due time.Time, pauses []Pause, took []held) (time.Time, error) {
	switch {
	case w.Before > 0:
		return k.before(w, due, pauses, took)
	case w.After > 0 && due.IsZero():
		return due, nil
	case w.After > 0 && w.Working:
		return k.hours.Add(due, w.After)
	case w.After > 0:
		return Target{Span: w.After, Unit: Elapsed}.from(due, nil)
	case k.total > 0:
		return k.reached(portion(k.total, w.Percent), took)
	}
	// where no time counts on the way, it is a share of elapsed time
	return k.shift(k.start.Add(portion(k.due.Sub(k.start), w.Percent)), 0, pauses, took)
}

// before is when no more than that is left until the due time, as it was known by then: a pause that begins later does not undo it. Zero while
// one lasts that began earlier.
func (k *course) before(w *Warning, due time.Time, pauses []Pause, took []held) (time.Time, error) {
	for n := range pauses {
		known, err := k.dueBy(pauses[:n], took[:n])
		if err != nil || known.IsZero() {
			return known, err
		}
		at, err := k.ahead(w, known)
		if err != nil || !pauses[n].From.Before(at) {
			return at, err
		}
	}
	if due.IsZero() {
		return due, nil
	}
	return k.ahead(w, due)
}

// ahead is the warning's time before a due time, and not before the start.
func (k *course) ahead(w *Warning, due time.Time) (time.Time, error) {
	switch {
	case !w.Working:
		return later(due.Add(-w.Before), k.start), nil
	case k.hours.Between(k.start, due) <= w.Before:
		return k.start, nil
	}
	return k.hours.Add(due, -w.Before)
}

// ladder is the thresholds of an objective's clocks in their usual order, without times.
func ladder(o *objective) []Threshold {
	var before, after []Threshold
	due := Threshold{Name: thresholdDue}
	for i, name := range o.warnings {
		switch w := &o.Warn[i]; {
		case w.atDue():
			due.Notify = w.Notify
		case w.After > 0:
			after = append(after, Threshold{Name: name, Notify: w.Notify})
		default:
			before = append(before, Threshold{Name: name, Notify: w.Notify})
		}
	}
	return slices.Concat(before, []Threshold{due}, after)
}

// order sorts thresholds by time, those that have none at the end. Equal ones keep their order. They are few, and mostly in order.
func order(all []Threshold) {
	if len(all) > 16 {
		slices.SortStableFunc(all, func(a, b Threshold) int {
			switch {
			case sooner(&a, &b):
				return -1
			case sooner(&b, &a):
				return 1
			}
			return 0
		})
		return
	}
	for i := 1; i < len(all); i++ {
		for j := i; j > 0 && sooner(&all[j], &all[j-1]); j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}

func sooner(a, b *Threshold) bool {
	return !a.At.IsZero() && (b.At.IsZero() || a.At.Before(b.At))
}

// utc is the time in UTC, without a reading of the machine's monotonic clock.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

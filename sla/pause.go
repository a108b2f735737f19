package sla

import (
	"fmt"
	"time"
)

// Pause is one pause of a clock. It holds the clock from From to To, or to Until if that is earlier.
type Pause struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero"`    // when it was resumed; zero while the pause lasts
	Until time.Time `json:"until,omitzero"` // when Objective.MaxPause was or will be used up, if it was not resumed by then; zero: no cap ends it
}

// end is when the pause ceases to hold the clock, as far as that is known: zero if nothing but resuming will end it.
func (p Pause) end() time.Time {
	if !p.Until.IsZero() {
		return p.Until
	}
	return p.To
}

// ended is the pause with an end, at an instant that is not before its beginning.
func (p Pause) ended(at time.Time) Pause {
	p.To = at
	if !p.Until.Before(at) {
		p.Until = time.Time{}
	}
	return p
}

// until is an instant, or when the pause ceased to hold the clock if that is earlier.
func (p Pause) until(now time.Time) time.Time {
	if end := p.end(); !end.IsZero() && end.Before(now) {
		return end
	}
	return now
}

// holds reports whether the pause holds the clock at an instant.
func (p Pause) holds(now time.Time) bool {
	end := p.end()
	return !now.Before(p.From) && (end.IsZero() || now.Before(end))
}

// pausesUntil leaves out what of the pauses would be after an instant. It never writes to those given.
func pausesUntil(pauses []Pause, at time.Time) []Pause {
	n := len(pauses)
	for n > 0 && pauses[n-1].From.After(at) {
		n--
	}
	if n == 0 {
		return nil
	}
	last := pauses[n-1]
	if !last.To.IsZero() && !last.To.After(at) {
		return pauses[:n:n]
	}
	kept := make([]Pause, n)
	copy(kept, pauses)
	kept[n-1] = last.ended(at)
	return kept
}

// Pause holds a running clock from an instant: it has no due time, and no thresholds that were not reached, until Resume. A pause that begins
// at or after the due time changes nothing but what has elapsed. One that begins before a breach that was recorded, as of a late entry, withdraws
// it. Clocks of statutory objectives, and those whose due time was given, never pause: they are returned as they are.
//
// Where the objective has a MaxPause, the pause holds the clock only until that is used up, and the clock has the due time and thresholds
// that follow if it lasts so long: it is due then at the latest, and earlier when Resume comes earlier.
//
// A clock that is stopped or paused, and an instant before the clock's start or the end of its last pause, are errors that wrap ErrOrder. A
// dropped clock may be paused.
func (a *Agreement) Pause(c Clock, at time.Time) (Clock, error) {
	o, err := a.of(&c)
	if err != nil {
		return c, fmt.Errorf("%w (pause clock %q)", err, c.ID)
	}
	if c.Statutory || !c.Fixed.IsZero() {
		return c, nil
	}
	n := len(c.Pauses)
	switch {
	case !c.begun():
		return c, misplaced(&c, "pause", "it is not running")
	case c.Paused():
		return c, misplaced(&c, "pause", fmt.Sprintf("it is paused since %s (pauses[%d])", stamp(c.Pauses[n-1].From), n-1))
	case at.Before(c.Started):
		return c, misplaced(&c, "pause", stamp(at)+" is before its start, "+stamp(c.Started))
	case n > 0 && at.Before(c.Pauses[n-1].To):
		return c, misplaced(&c, "pause", fmt.Sprintf("%s is before the end of its last pause, %s (pauses[%d])", stamp(at), stamp(c.Pauses[n-1].To), n-1))
	case !inYears(at):
		return c, fmt.Errorf("%w: pause clock %q at %s", ErrHorizon, c.ID, stamp(at))
	}
	paused := c
	var all []Threshold
	paused.Pauses, all = room(n+1, len(c.Thresholds))
	copy(paused.Pauses, c.Pauses)
	paused.Pauses[n].From = at.UTC()
	if o.MaxPause != (Target{}) {
		limit(paused.Pauses, o)
	}
	if c.Due.IsZero() || !at.Before(c.Due) {
		return paused, nil
	}
	suspend(&paused, all, at)
	if paused.Pauses[n].Until.IsZero() {
		return paused, nil
	}
	k, err := courseOf(&paused, o)
	if err == nil {
		err = k.arm(&paused, o, paused.Fired)
	}
	if err != nil {
		return c, fmt.Errorf("%w (pause clock %q)", err, c.ID)
	}
	return paused, nil
}

// limit works out until when pauses hold a clock of the objective.
func limit(pauses []Pause, o *objective) {
	k := course{}
	if o.MaxPause.Unit == Working {
		k.calendar = o.calendar
	}
	left := o.MaxPause.Span
	for i := range pauses {
		p := &pauses[i]
		p.Until = time.Time{}
		if o.MaxPause == (Target{}) {
			continue
		}
		until, err := k.add(p.From, left)
		if err == nil && (p.To.IsZero() || until.Before(p.To)) { // else it is never used up
			p.Until = utc(until)
		}
		if end := p.end(); !end.IsZero() {
			left -= k.counted(p.From, end)
		}
	}
}

// room is for the pauses and thresholds of a new clock: of one piece if they are few, since making it takes longer than all else.
func room(pauses, thresholds int) ([]Pause, []Threshold) {
	switch {
	case pauses <= 1 && thresholds <= 2:
		r := new(struct {
			pauses     [1]Pause
			thresholds [2]Threshold
		})
		return r.pauses[:pauses:pauses], r.thresholds[:thresholds:thresholds]
	case pauses <= 2 && thresholds <= 4:
		r := new(struct {
			pauses     [2]Pause
			thresholds [4]Threshold
		})
		return r.pauses[:pauses:pauses], r.thresholds[:thresholds:thresholds]
	}
	return make([]Pause, pauses), make([]Threshold, thresholds)
}

// suspend takes away what a pause from an instant puts off: the due time, and thresholds after the instant. The thresholds are then in all, which
// has as many.
func suspend(c *Clock, all []Threshold, at time.Time) {
	c.Due = time.Time{}
	withdraw(c)
	copy(all, c.Thresholds)
	n := 0
	for i := range all {
		t := &all[i]
		if t.At.After(at) || t.Name == thresholdDue {
			t.At = time.Time{}
		} else if i < c.Fired { // fired still
			kept := *t
			copy(all[n+1:i+1], all[n:i])
			all[n] = kept
			n++
		}
	}
	c.Thresholds, c.Fired = all, n
	order(all[n:])
}

// Resume ends a pause. The due time and the thresholds come back, moved by the time that would have counted during the pause: open time for
// working time and business days, all of it for elapsed time and calendar days. A capped pause that ends before its cap is used up brings
// them forward from where they would have been at the latest; what was recorded of those stays recorded, and a breach is stamped anew. Clocks
// that never pause are returned as they are.
//
// A clock that is not paused, and an instant before the pause's beginning, are errors that wrap ErrOrder.
func (a *Agreement) Resume(c Clock, at time.Time) (Clock, error) {
	o, err := a.of(&c)
	if err != nil {
		return c, fmt.Errorf("%w (resume clock %q)", err, c.ID)
	}
	if c.Statutory || !c.Fixed.IsZero() {
		return c, nil
	}
	n := len(c.Pauses) - 1
	switch {
	case !c.begun() || !c.Paused():
		return c, misplaced(&c, "resume", "it is not paused")
	case at.Before(c.Pauses[n].From):
		return c, misplaced(&c, "resume", fmt.Sprintf("%s is before its pause began, %s (pauses[%d])", stamp(at), stamp(c.Pauses[n].From), n))
	case !inYears(at):
		return c, fmt.Errorf("%w: resume clock %q at %s", ErrHorizon, c.ID, stamp(at))
	}
	p := c.Pauses[n]
	resumed := c
	resumed.Pauses, resumed.Thresholds = room(len(c.Pauses), len(c.Thresholds))
	copy(resumed.Pauses, c.Pauses)
	copy(resumed.Thresholds, c.Thresholds)
	resumed.Pauses[n] = p.ended(at.UTC())
	if !c.Due.IsZero() && (!p.From.Before(c.Due) || !resumed.Pauses[n].Until.IsZero()) {
		return resumed, nil // it began after the due time, or its cap was used up before
	}
	first := 0
	for first < c.fired() && !resumed.Thresholds[first].At.After(p.From) {
		first++ // what was recorded later was while the pause was thought to last
	}
	k, err := courseOf(&resumed, o)
	if err == nil {
		err = k.arm(&resumed, o, first)
	}
	if err != nil {
		return c, fmt.Errorf("%w (resume clock %q)", err, c.ID)
	}
	if !c.BreachedAt.IsZero() {
		resumed.BreachedAt = resumed.Due
	}
	return resumed, nil
}

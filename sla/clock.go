package sla

import (
	"slices"
	"time"
)

// Pause is one pause of a clock.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"` // zero while it lasts
}

// Threshold is a point that a clock passes once in a cycle.
type Threshold struct {
	At     time.Time `json:"at,omitzero"` // zero while a pause that began before it lasts
	Name   string    `json:"name"`        // "75%", "2h before", "due"
	Notify string    `json:"notify,omitempty"`
}

// thresholdDue is the name of the last threshold.
const thresholdDue = "due"

// Clock is one run of one objective on one case: a pure value that carries its answers, so that reading or folding it needs neither
// agreement nor calendar. Methods return a new Clock and leave the old one, whose slices they never write to, as it was. Its times are in
// UTC. The zero Clock is none.
//
// An Agreement makes clocks and does what takes a calendar: Start, Pause, Resume, Extend, Retarget, At, Explain. It must be the agreement under
// which the clock runs: that with the digest in Agreement.
type Clock struct {
	ID         string      `json:"id"`        // the caller's, as in "promise:3"
	Objective  string      `json:"objective"` // the objective's id in the agreement
	Metric     Metric      `json:"metric"`
	Agreement  Digest      `json:"agreement"`
	Target     Target      `json:"target,omitzero"` // the objective's, or what an extension made of it
	Cycle      int         `json:"cycle"`           // 1, 2, …
	Statutory  bool        `json:"statutory,omitempty"`
	Started    time.Time   `json:"started"`
	Pauses     []Pause     `json:"pauses,omitempty"`     // in order, none overlapping
	Fixed      time.Time   `json:"fixed,omitzero"`       // a due time that was given, not computed (a promise)
	Due        time.Time   `json:"due,omitzero"`         // zero while a pause that began before it lasts
	Thresholds []Threshold `json:"thresholds,omitempty"` // those that fired, then the others, each part rising; the last is "due"
	Fired      int         `json:"fired,omitempty"`      // how many Thresholds have been passed and recorded
	BreachedAt time.Time   `json:"breached_at,omitzero"` // the due time that passed, whenever that was noticed
	StoppedAt  time.Time   `json:"stopped_at,omitzero"`
	Withdrawn  bool        `json:"withdrawn,omitempty"` // a breach was recorded and turned out not to be one
}

// Running reports whether the clock was started and not stopped; a paused clock is running.
func (c Clock) Running() bool { return !c.Started.IsZero() && c.StoppedAt.IsZero() }

// Paused reports whether a pause lasts.
func (c Clock) Paused() bool { return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To.IsZero() }

// Late reports whether the clock was stopped after its due time; one that was stopped at the due time is in time.
func (c Clock) Late() bool {
	return !c.StoppedAt.IsZero() && !c.Due.IsZero() && c.StoppedAt.After(c.Due)
}

// Next is when the next threshold that has not fired is reached: zero if the clock is stopped, all have fired, or a pause that began
// before it lasts.
func (c Clock) Next() time.Time {
	if !c.Running() || c.Fired >= len(c.Thresholds) {
		return time.Time{}
	}
	return c.Thresholds[c.Fired].At
}

// Crossing is a threshold that was passed.
type Crossing struct {
	Threshold Threshold
	Breach    bool // it is the due time
	Announce  bool // it is the last of those passed at once: a late start records all and announces one
}

// Cross records the thresholds reached by now that were not recorded yet, and returns them in order. The breach carries the instant at
// which the clock was due, whenever it is noticed. A stopped clock crosses nothing.
func (c Clock) Cross(now time.Time) (Clock, []Crossing) {
	if !c.Running() {
		return c, nil
	}
	first := c.Fired
	for c.Fired < len(c.Thresholds) {
		at := c.Thresholds[c.Fired].At
		if at.IsZero() || at.After(now) {
			break
		}
		c.Fired++
	}
	if c.Fired == first {
		return c, nil
	}
	crossed := make([]Crossing, c.Fired-first)
	for i := range crossed {
		crossed[i].Threshold = c.Thresholds[first+i]
	}
	last := &crossed[len(crossed)-1]
	last.Announce = true
	if c.Fired == len(c.Thresholds) {
		last.Breach = true
		c.BreachedAt, c.Withdrawn = c.Due, false
	}
	return c, crossed
}

// Stop ends the clock at an instant; one before its start counts as the start. It ends a pause that lasts. An instant that is not after a
// breach that was recorded, as of a late entry, withdraws that breach; one after a due time that nobody had noticed to pass records the breach, but
// crosses no threshold: call Cross first. A clock that is stopped stays so, with the earlier of the two instants.
func (c Clock) Stop(at time.Time) Clock {
	at = later(at, c.Started).UTC()
	if c.Started.IsZero() || !c.StoppedAt.IsZero() && !at.Before(c.StoppedAt) {
		return c
	}
	c.StoppedAt = at
	c.Pauses = pausesUntil(c.Pauses, at)
	switch {
	case c.Late():
		c.BreachedAt, c.Withdrawn = c.Due, false
	case !c.BreachedAt.IsZero():
		c.BreachedAt, c.Withdrawn = time.Time{}, true
	}
	return c
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
	if last := pauses[n-1]; last.To.IsZero() || last.To.After(at) {
		return append(slices.Clone(pauses[:n-1]), Pause{last.From, at})
	}
	return pauses[:n:n]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

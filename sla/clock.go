package sla

import "time"

// Threshold is a point that a clock passes once in a cycle.
type Threshold struct {
	At     time.Time `json:"at,omitzero"` // zero while a pause that began before it lasts, unless a cap will end the pause
	Name   string    `json:"name"`        // "75%", "2h before", "due", "2 working hours after"
	Notify string    `json:"notify,omitempty"`
}

// String is the threshold on one line: "75% at Mon 2026-11-02 15:00:00 UTC, for lead".
func (t Threshold) String() string {
	s := t.Name
	if t.At.IsZero() {
		s += ", no time while paused"
	} else {
		s += " at " + t.At.Format("Mon 2006-01-02 15:04:05 MST")
	}
	if t.Notify != "" {
		s += ", for " + t.Notify
	}
	return s
}

// thresholdDue is the name of the due time's threshold.
const thresholdDue = "due"

// Clock is one run of one objective on one case: a pure value that carries its answers, so that reading or folding it needs neither
// agreement nor calendar. Methods return a new Clock and leave the old one as it was; the two may share slices, which no method ever writes
// to. Its times are in UTC. The zero Clock is none.
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
	Due        time.Time   `json:"due,omitzero"`         // zero while a pause that began before it lasts; at the latest, while one lasts that a cap will end
	Thresholds []Threshold `json:"thresholds,omitempty"` // those that fired, as they did, then the others, rising; one is "due"
	Fired      int         `json:"fired,omitempty"`      // how many Thresholds have been passed and recorded
	BreachedAt time.Time   `json:"breached_at,omitzero"` // the due time that passed, whenever that was noticed
	StoppedAt  time.Time   `json:"stopped_at,omitzero"`
	DroppedAt  time.Time   `json:"dropped_at,omitzero"` // since when no objective asks for it; Retarget takes it up again
	Withdrawn  bool        `json:"withdrawn,omitempty"` // a breach was recorded and turned out not to be one
}

// Running reports whether the clock was started and neither stopped nor dropped; a paused clock is running.
func (c Clock) Running() bool { return c.begun() && c.DroppedAt.IsZero() }

// Dropped reports whether the clock was dropped, and neither taken up again nor stopped.
func (c Clock) Dropped() bool { return c.begun() && !c.DroppedAt.IsZero() }

// begun reports whether the clock was started and not stopped.
func (c Clock) begun() bool { return !c.Started.IsZero() && c.StoppedAt.IsZero() }

// Paused reports whether a pause was begun and not ended, even if a cap has ended its effect: [Pause] has until when it holds the clock,
// and [Agreement.At] says how the clock stands at an instant.
func (c Clock) Paused() bool { return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To.IsZero() }

// Late reports whether the clock was stopped after its due time; one that was stopped at the due time is in time.
func (c Clock) Late() bool { return late(&c) }

func late(c *Clock) bool {
	return !c.StoppedAt.IsZero() && !c.Due.IsZero() && c.StoppedAt.After(c.Due)
}

// Next is when the next threshold that has not fired is reached, which after a breach may be a rung of the ladder that comes later: zero if the
// clock is not running, all have fired, or a pause that began before it lasts.
func (c Clock) Next() time.Time {
	if n := c.fired(); c.Running() && n < len(c.Thresholds) {
		return c.Thresholds[n].At
	}
	return time.Time{}
}

// fired is Fired, within what there is of thresholds.
func (c Clock) fired() int { return min(max(c.Fired, 0), len(c.Thresholds)) }

// Crossing is a threshold that was passed.
type Crossing struct {
	Threshold Threshold
	Breach    bool // it is the due time
	Announce  bool // it is the last of those passed at once: a late start records all and announces one
}

// String is the crossing on one line: "due at Mon 2026-11-02 18:00:00 UTC, for manager (breach)". One that is not announced is "silent".
func (c Crossing) String() string {
	switch {
	case c.Breach && c.Announce:
		return c.Threshold.String() + " (breach)"
	case c.Breach:
		return c.Threshold.String() + " (breach, silent)"
	case !c.Announce:
		return c.Threshold.String() + " (silent)"
	}
	return c.Threshold.String()
}

// Cross records the thresholds reached by now that were not recorded yet, and returns them in order. The breach carries the instant at
// which the clock was due, whenever it is noticed. A clock that is not running crosses nothing.
func (c Clock) Cross(now time.Time) (Clock, []Crossing) {
	if !c.Running() {
		return c, nil
	}
	first := c.fired()
	n := first
	for n < len(c.Thresholds) {
		at := c.Thresholds[n].At
		if at.IsZero() || at.After(now) {
			break
		}
		n++
	}
	if n == first {
		return c, nil
	}
	c.Fired = n
	crossed := make([]Crossing, n-first)
	for i := range crossed {
		t := c.Thresholds[first+i]
		crossed[i] = Crossing{Threshold: t, Breach: t.Name == thresholdDue}
		if crossed[i].Breach {
			c.BreachedAt, c.Withdrawn = c.Due, false
		}
	}
	crossed[len(crossed)-1].Announce = true
	return c, crossed
}

// Stop ends the clock at an instant; one before its start counts as the start. It ends a pause that lasts. An instant that is not after a
// breach that was recorded, as of a late entry, withdraws that breach; one after a due time that nobody had noticed to pass records the breach, but
// crosses no threshold: call Cross first. A clock that is stopped stays so, with the earlier of the two instants. One that was dropped stays so
// too, unless the instant is not after that: then it was asked for at the time, and is stopped.
func (c Clock) Stop(at time.Time) Clock {
	at = later(at, c.Started).UTC()
	switch {
	case c.Started.IsZero(), !c.StoppedAt.IsZero() && !at.Before(c.StoppedAt), !c.DroppedAt.IsZero() && at.After(c.DroppedAt):
		return c
	}
	c.StoppedAt, c.DroppedAt = at, time.Time{}
	c.Pauses = pausesUntil(c.Pauses, at)
	switch {
	case late(&c):
		c.BreachedAt, c.Withdrawn = c.Due, false
	default:
		withdraw(&c)
	}
	return c
}

// Drop takes a running clock out of service at an instant, since no objective asks for it any more: the case was classified otherwise. A breach
// that was recorded is withdrawn, nothing is crossed and nothing is due. It is neither met nor late. An instant before its start counts as
// the start.
//
// [Agreement.Retarget] takes it up again if the case is classified back, in the same cycle, from its true start, with its pauses. For these to
// be true then, go on to pause and resume it while it is dropped, as if it ran.
func (c Clock) Drop(at time.Time) Clock {
	if !c.Running() {
		return c
	}
	c.DroppedAt = later(at, c.Started).UTC()
	withdraw(&c)
	return c
}

// withdraw takes a recorded breach back.
func withdraw(c *Clock) {
	if !c.BreachedAt.IsZero() {
		c.BreachedAt, c.Withdrawn = time.Time{}, true
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

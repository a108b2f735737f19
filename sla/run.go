package sla

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The errors of running clocks, for callers that branch. They are wrapped with the clock's id and what was asked.
var (
	ErrAgreement = errors.New("sla: the clock runs under another agreement")
	ErrObjective = errors.New("sla: the agreement has no such objective")
	ErrOrder     = errors.New("sla: not possible in this order")
)

// own is the agreement's own objective behind one that Select gave.
func (a *Agreement) own(o *Objective) (*objective, error) {
	if o == nil {
		return nil, ErrObjective
	}
	own, ok := a.byID[o.ID]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrObjective, o.ID)
	}
	return own, nil
}

// of is the objective of a clock under this agreement.
func (a *Agreement) of(c *Clock) (*objective, error) {
	if c.Agreement != a.digest {
		return nil, fmt.Errorf("%w: under %s, and %q, version %q, is %s", ErrAgreement, c.Agreement, a.name, a.version, a.digest)
	}
	o, ok := a.byID[c.Objective]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrObjective, c.Objective)
	}
	return o, nil
}

// Start starts a clock for an objective of the agreement (found by its id), counting from an instant, which may be long past. Its due time and
// thresholds are those of the objective's target. Cycle numbers the runs of the same clock on a case, from 1.
func (a *Agreement) Start(id string, o *Objective, at time.Time, cycle int) (Clock, error) {
	return a.start(id, o, at, time.Time{}, cycle)
}

// StartDue starts a clock whose due time is given, as a promise's is: it never moves, and the clock never pauses. Percentages are shares of the
// time from at to due, open time if the objective has a calendar.
func (a *Agreement) StartDue(id string, o *Objective, at, due time.Time, cycle int) (Clock, error) {
	if !due.After(at) || !inYears(due) {
		return Clock{}, fmt.Errorf("sla: start clock %q: due %s is not after its start, %s", id, due.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	return a.start(id, o, at, due.UTC(), cycle)
}

func (a *Agreement) start(id string, ob *Objective, at, fixed time.Time, cycle int) (Clock, error) {
	o, err := a.own(ob)
	if err != nil {
		return Clock{}, fmt.Errorf("%w (start clock %q)", err, id)
	}
	switch {
	case id == "":
		return Clock{}, errors.New("sla: start clock: it needs an id")
	case cycle < 1:
		return Clock{}, fmt.Errorf("sla: start clock %q: cycle %d; the first is 1", id, cycle)
	case at.IsZero() || !inYears(at):
		return Clock{}, fmt.Errorf("sla: start clock %q: no time to start at", id)
	case fixed.IsZero() && o.Target == Target{}:
		return Clock{}, fmt.Errorf("sla: start clock %q: objective %q has no target; use StartDue", id, o.ID)
	}
	c := Clock{
		ID: id, Objective: o.ID, Metric: o.Metric, Agreement: a.digest, Cycle: cycle, Statutory: o.Statutory,
		Started: at.UTC(), Fixed: fixed,
	}
	if fixed.IsZero() {
		c.Target = o.Target
	}
	if err := aim(&c, o); err != nil {
		return Clock{}, fmt.Errorf("%w (start clock %q)", err, id)
	}
	return c, nil
}

// aim gives a clock its due time and thresholds, as if none had been reached.
func aim(c *Clock, o *objective) error {
	k, err := courseOf(c, o)
	if err != nil {
		return err
	}
	limit(c.Pauses, o)
	c.Thresholds = slices.Clone(o.thresholds)
	c.Fired = 0
	return k.arm(c, o, 0)
}

// Retarget recomputes a running clock from its true start under another objective of this agreement, at an instant: the pauses spent are kept
// (a statutory objective has none, and another MaxPause holds for all of them), a breach that no longer holds is withdrawn, one that still
// does is stamped with the new due time, thresholds that lie after the instant are armed again, and those that lie before it and were
// not recorded are for Cross. An extension that was granted is forgotten: the target is the objective's. A due time that was given stays. The clock may have run under another agreement; it runs under this one from
// then on. A dropped clock runs again, as if it had never been dropped.
func (a *Agreement) Retarget(c Clock, o *Objective, at time.Time) (Clock, error) {
	own, err := a.own(o)
	if err != nil {
		return c, fmt.Errorf("%w (retarget clock %q)", err, c.ID)
	}
	if c.Fixed.IsZero() && own.Target == (Target{}) {
		return c, fmt.Errorf("sla: retarget clock %q: objective %q has no target", c.ID, own.ID)
	}
	moved := c
	moved.Agreement, moved.Objective, moved.Metric, moved.Statutory = a.digest, own.ID, own.Metric, own.Statutory
	if c.Fixed.IsZero() {
		moved.Target = own.Target
	}
	if own.Statutory {
		moved.Pauses = nil
	}
	return c.retarget(moved, own, at)
}

// Extend gives a running clock the target that its objective grants on something, counted from its true start, and reports whether it did: not if
// the objective grants nothing on it or what the clock has already is as long, pauses aside, and not at or after the due time, when it is too
// late. An instant before a breach that was recorded, as of a late entry, withdraws the breach if the new due time has not passed.
func (a *Agreement) Extend(c Clock, on string, at time.Time) (Clock, bool, error) {
	o, err := a.of(&c)
	if err != nil {
		return c, false, fmt.Errorf("%w (extend clock %q)", err, c.ID)
	}
	i := slices.IndexFunc(o.Extend, func(e Extension) bool { return e.On == on })
	if i < 0 || !c.Running() || !c.Fixed.IsZero() || !c.Due.IsZero() && !at.Before(c.Due) {
		return c, false, nil
	}
	extended := c
	extended.Target = o.Extend[i].Target
	ok, err := outlasts(&extended, &c, o)
	if err != nil || !ok {
		return c, false, err
	}
	extended, err = c.retarget(extended, o, at)
	return extended, err == nil, err
}

// outlasts reports whether a clock is due later than another that differs by its target, pauses aside.
func outlasts(a, b *Clock, o *objective) (bool, error) {
	var due [2]time.Time
	for i, c := range []*Clock{a, b} {
		k, err := courseOf(c, o)
		if err == nil {
			due[i], err = k.dueBy(nil, nil)
		}
		if err != nil {
			return false, fmt.Errorf("%w (extend clock %q)", err, c.ID)
		}
	}
	return due[0].After(due[1]), nil
}

// retarget is the clock as moved, whose objective or target is another, with its thresholds computed anew at an instant.
func (c Clock) retarget(moved Clock, o *objective, at time.Time) (Clock, error) {
	if !c.begun() {
		return c, misplaced(&c, "retarget", "it is not running")
	}
	if at.Before(c.Started) {
		return c, misplaced(&c, "retarget", stamp(at)+" is before its start, "+stamp(c.Started))
	}
	moved.Pauses, moved.DroppedAt = slices.Clone(moved.Pauses), time.Time{}
	if err := aim(&moved, o); err != nil {
		return c, fmt.Errorf("%w (retarget clock %q)", err, c.ID)
	}
	switch breached := !moved.Due.IsZero() && !moved.Due.After(at); {
	case c.BreachedAt.IsZero():
	case breached:
		moved.BreachedAt = moved.Due
	default:
		withdraw(&moved)
	}
	keepFired(&moved, c.Thresholds[:c.fired()], at)
	return moved, nil
}

// keepFired puts the thresholds first that are not to fire again: those that fired already and are reached by an instant. Of a clock whose
// breach stays recorded nothing before it is to fire; of another the breach is, and what follows it.
func keepFired(c *Clock, fired []Threshold, at time.Time) {
	breached := !c.BreachedAt.IsZero()
	kept := make([]Threshold, 0, len(c.Thresholds))
	var armed []Threshold
	for _, t := range c.Thresholds {
		same := func(f Threshold) bool { return f.Name == t.Name }
		again := slices.ContainsFunc(fired, same) && !t.At.IsZero() && !t.At.After(at)
		after := !c.Due.IsZero() && t.At.After(c.Due)
		switch {
		case breached && (!after || again), again && !after && t.Name != thresholdDue:
			kept = append(kept, t)
		default:
			armed = append(armed, t)
		}
	}
	c.Fired = len(kept)
	c.Thresholds = append(kept, armed...)
}

func misplaced(c *Clock, what, why string) error {
	return fmt.Errorf("%w: %s clock %q, cycle %d: %s", ErrOrder, what, c.ID, c.Cycle, why)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

package recovery

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/amends-go/amends/sla"
)

// conditions are what the agreement's objectives look at.
func conditions(c *Case) sla.Facts {
	f := sla.Facts{
		"channel": string(c.Channel), "severity": string(c.Severity), "tier": c.Tier,
		"category": string(c.Category), "situation": c.Situation,
	}
	for name, v := range c.Facts {
		if s, ok := v.(string); ok {
			if _, taken := f[name]; !taken {
				f[name] = s
			}
		}
	}
	return f
}

// clock is the latest cycle of a clock, as the change at hand leaves it.
func (w *work) clock(ch *Change, id string) (sla.Clock, bool) {
	last, ok := w.c.Clock(id)
	for _, k := range ch.Clocks {
		if k.ID == id && k.Cycle >= last.Cycle {
			last, ok = k, true
		}
	}
	return last, ok
}

// set puts the new value of a clock into the change.
func (ch *Change) set(k sla.Clock) { ch.Clocks = mergeClock(ch.Clocks, k) }

// running calls visit with every running clock, as the change at hand leaves it.
func (w *work) running(ch *Change, visit func(sla.Clock) error) error {
	return w.each(ch, sla.Clock.Running, visit)
}

// holding calls visit with every clock that waiting holds: the running ones, and those that were dropped, so that
// their pauses are known if they are taken up again.
func (w *work) holding(ch *Change, visit func(sla.Clock) error) error {
	return w.each(ch, func(k sla.Clock) bool { return k.Running() || k.Dropped() }, visit)
}

// each calls visit with the latest cycle of every clock that is of a kind, as the change at hand leaves it.
func (w *work) each(ch *Change, is func(sla.Clock) bool, visit func(sla.Clock) error) error {
	for _, old := range w.c.Clocks {
		if k, _ := w.clock(ch, old.ID); is(k) && k.Cycle == old.Cycle {
			if err := visit(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// terms are the agreement and objective that a clock runs under.
func (w *work) terms(k sla.Clock) (*sla.Agreement, *sla.Objective, error) {
	a := w.agreement
	if a == nil || a.Digest() != k.Agreement {
		a = w.agreements[k.Agreement]
	}
	if a == nil {
		return nil, nil, fmt.Errorf("recovery: clock %s: its agreement %s is not kept in this store", k.ID, k.Agreement)
	}
	o, ok := a.Objective(k.Objective)
	if !ok {
		return nil, nil, fmt.Errorf("recovery: clock %s: agreement %s has no objective %q", k.ID, k.Agreement, k.Objective)
	}
	return a, o, nil
}

// clockID names the clock of an objective. The one that the house set itself
// keeps the metric's name whichever objective applies, so that its cycles go on
// across rounds and reclassifications; statutory ones stand beside it.
func clockID(o *sla.Objective) string {
	if o.Statutory {
		return o.ID
	}
	return string(o.Metric)
}

// start begins the metric's clocks at an instant; ones that run go on. An older
// question than the one that was known has them count from there.
func (w *work) start(ch *Change, m sla.Metric, at time.Time) error {
	if w.agreement == nil {
		return nil
	}
	for _, o := range w.agreement.Select(m, conditions(&w.c)) {
		id := clockID(o)
		last, _ := w.clock(ch, id)
		if last.Running() {
			if m == sla.NextResponse && at.Before(last.Started) {
				if err := w.earlier(ch, last, at); err != nil {
					return fmt.Errorf("clock %s: %w", id, err)
				}
			}
			continue
		}
		k, err := w.agreement.Start(id, o, at, last.Cycle+1)
		if err != nil {
			return fmt.Errorf("clock %s: %w", id, err)
		}
		if err := w.begin(ch, k, o); err != nil {
			return err
		}
	}
	return nil
}

// earlier has a running clock count from before it was started.
func (w *work) earlier(ch *Change, k sla.Clock, at time.Time) error {
	a, o, err := w.terms(k)
	if err != nil {
		return err
	}
	k.Started = at
	if k, err = a.Retarget(k, o, w.now); err != nil {
		return err
	}
	ch.set(k)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// begin sets a clock that was just started; a case that waits holds it.
func (w *work) begin(ch *Change, k sla.Clock, o *sla.Objective) error {
	if w.c.Waiting != nil && o.Pauses(w.c.Waiting.On) {
		paused, err := w.agreement.Pause(k, later(k.Started, w.c.Waiting.Since))
		if err != nil {
			return fmt.Errorf("clock %s: %w", k.ID, err)
		}
		k = paused
	}
	ch.set(k)
	return nil
}

// stop ends the metric's running clocks at an instant.
func (w *work) stop(ch *Change, m sla.Metric, at time.Time) {
	_ = w.running(ch, func(k sla.Clock) error {
		if k.Metric == m {
			w.stopClock(ch, k, at)
		}
		return nil
	})
}

// stopClock ends one clock. A breach that it disproves is withdrawn by an event
// of its own; so is one recorded that nobody could notice before, since a late entry
// has started the clock in the same call.
func (w *work) stopClock(ch *Change, k sla.Clock, at time.Time) {
	until, crossings := k.Cross(at.Add(-time.Microsecond))
	stopped := until.Stop(at)
	ch.set(stopped)
	for _, x := range crossings {
		w.follow = append(w.follow, done{crossed(stopped, x), system()})
	}
	w.withdrawn(k, stopped)
}

// withdrawn has a breach withdrawn that the new value of a clock does not have.
func (w *work) withdrawn(before, after sla.Clock) {
	if !before.BreachedAt.IsZero() && after.BreachedAt.IsZero() {
		w.follow = append(w.follow, done{event: BreachWithdrawn{Clock: after.ID, Cycle: after.Cycle}})
	}
}

// stopOn ends the running clocks whose objective names what happened.
func (w *work) stopOn(ch *Change, what string, at time.Time) error {
	return w.running(ch, func(k sla.Clock) error {
		_, o, err := w.terms(k)
		if err == nil && o.StopsOn(what) {
			w.stopClock(ch, k, at)
		}
		return err
	})
}

// spokeTo is what follows for the clocks when a person spoke with the customer: the
// oldest open question is answered, the next update is due, and a demand for
// somebody of the actor's role or below is met. What was said before a question
// does not answer it, however late it is entered.
func (w *work) spokeTo(ch *Change, at time.Time) error {
	if w.actor.Kind != Agent {
		return nil
	}
	for _, m := range []sla.Metric{sla.NextResponse, sla.Update} {
		w.stopAt(ch, m, at)
	}
	if asked := w.c.Contacts.LastAsked; asked.After(at) && !w.c.Contacts.Unanswered.IsZero() && w.c.Step != StepClosed {
		if err := w.start(ch, sla.NextResponse, asked); err != nil {
			return err
		}
	}
	if w.c.Step != StepClosed {
		if err := w.start(ch, sla.Update, at); err != nil {
			return err
		}
	}
	if e := w.c.Escalation; e != nil && e.Answered.IsZero() && !at.Before(e.At) && w.rank(w.actor.Role) >= w.rank(e.To) {
		w.stop(ch, sla.Escalation, at)
		w.follow = append(w.follow, done{event: EscalationAnswered{By: w.actor, At: at}})
	}
	return nil
}

// stopAt ends the latest cycle of a metric's clocks at an instant within it, even if
// it was ended later: that is what an entry made late says. Where the customer has
// asked again before it was ended it stands: it was that question's too.
func (w *work) stopAt(ch *Change, m sla.Metric, at time.Time) {
	for _, old := range w.c.Clocks {
		k, _ := w.clock(ch, old.ID)
		within := !at.Before(k.Started) && (k.Running() || at.Before(k.StoppedAt) && !w.askedWithin(m, at, k.StoppedAt))
		switch {
		case k.Metric != m:
		case k.Cycle == old.Cycle && within:
			w.stopClock(ch, k, at)
		case k.Cycle > old.Cycle && m == sla.Update:
			w.updated(ch, old, at)
		}
	}
}

// updated ends a cycle that is over at an instant within it, if that disproves its breach: what was left of the cycle must
// have been in time by itself.
func (w *work) updated(ch *Change, over sla.Clock, at time.Time) {
	if over.BreachedAt.IsZero() || at.Before(over.Started) || !at.Before(over.StoppedAt) {
		return
	}
	a, o, err := w.terms(over)
	if err != nil {
		return // the agreement of a clock that is over need not be at hand
	}
	if rest, err := a.Start(over.ID, o, at, over.Cycle); err == nil && !rest.Due.Before(over.StoppedAt) {
		w.stopClock(ch, over, at)
	}
}

// askedWithin reports whether the metric is that of questions, and the customer asked
// the newest one after an instant and before another.
func (w *work) askedWithin(m sla.Metric, after, before time.Time) bool {
	asked := w.c.Contacts.LastAsked
	return m == sla.NextResponse && asked.After(after) && asked.Before(before)
}

// startFinal starts the final-response clocks again that only closing the case had
// stopped: an answer that is still owed is owed from receipt.
func (w *work) startFinal(ch *Change) error {
	if w.agreement == nil || w.c.Step != StepClosed {
		return nil
	}
	for _, o := range w.agreement.Select(sla.FinalResponse, conditions(&w.c)) {
		last, _ := w.clock(ch, clockID(o))
		if !slices.Contains(w.c.Ended, last.ID) {
			continue
		}
		k, err := w.agreement.Start(clockID(o), o, w.c.Received, last.Cycle+1)
		if err != nil {
			return fmt.Errorf("clock %s: %w", clockID(o), err)
		}
		if err := w.begin(ch, k, o); err != nil {
			return err
		}
	}
	return nil
}

// since is when a metric began to count, if it counts now and the case knows since when.
func (w *work) since(m sla.Metric) (time.Time, bool) {
	c := &w.c
	switch m {
	case sla.Acknowledgement:
		return c.RoundSince, c.Step == StepReceived || c.Step == StepStrategized
	case sla.NextResponse:
		return c.Contacts.Unanswered, !c.Contacts.Unanswered.IsZero() && c.Step != StepClosed
	case sla.Update:
		return c.Contacts.LastOut, !c.Contacts.LastOut.IsZero() && c.Step != StepClosed
	case sla.Solution:
		switch c.Step {
		case StepReceived, StepStrategized, StepAcknowledged, StepClarified, StepApproval, StepApproved:
			return c.RoundSince, true
		case StepPresented, StepFulfilling, StepDelivered, StepResolved, StepReferred, StepClosed:
		}
	case sla.Escalation:
		if c.Escalation != nil && c.Escalation.Answered.IsZero() && c.Step != StepClosed {
			return c.Escalation.At, true
		}
	case sla.CheckBack:
		return c.DeliveredAt, c.Step == StepDelivered
	case sla.Resolution:
		return c.Received, c.Step != StepResolved && c.Step != StepClosed
	case sla.FinalResponse:
		return c.Received, c.Step != StepClosed
	case sla.Clarification, sla.Approval, sla.Promise: // the case does not know, or they are never asked for anew
	}
	return time.Time{}, false
}

// retarget recomputes the clocks for conditions that have changed: running ones
// from their true start, with the pauses spent, under the agreement that they
// started with; one that no objective asks for any more is dropped; one that is asked
// for now starts where it should have, or is taken up again, under the agreement in
// force. Statutory ones that run are left alone. With
// renew they all go on under the agreement in force.
func (w *work) retarget(ch *Change, to *Case, renew bool) error {
	facts := conditions(to)
	if !renew && maps.Equal(facts, conditions(&w.c)) {
		return nil
	}
	err := w.running(ch, func(k sla.Clock) error {
		if k.Statutory || k.Metric == sla.Promise {
			return nil
		}
		a, _, err := w.terms(k)
		if renew {
			a, err = w.agreement, nil
		}
		if err != nil {
			return err
		}
		o := houseObjective(a, k.Metric, facts)
		switch {
		case o == nil:
			dropped := k.Drop(w.now)
			ch.set(dropped)
			w.withdrawn(k, dropped)
		case o.ID != k.Objective || a.Digest() != k.Agreement:
			return w.aim(ch, a, k, o)
		}
		return nil
	})
	if err != nil || w.agreement == nil {
		return err
	}
	for _, m := range []sla.Metric{
		sla.Acknowledgement, sla.NextResponse, sla.Update, sla.Clarification, sla.Approval, sla.Solution, sla.Escalation, sla.CheckBack,
		sla.Resolution, sla.FinalResponse,
	} {
		for _, o := range w.agreement.Select(m, facts) {
			if err := w.startLate(ch, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// aim has a clock go on under another objective. What the case waits on may hold it
// there and not have held it before, or the other way round.
func (w *work) aim(ch *Change, a *sla.Agreement, k sla.Clock, o *sla.Objective) error {
	aimed, err := a.Retarget(k, o, w.now)
	held := w.c.Waiting != nil && o.Pauses(w.c.Waiting.On)
	switch n := len(aimed.Pauses); {
	case err != nil, held == aimed.Paused():
	case held && n > 0:
		aimed, err = a.Pause(aimed, later(aimed.Pauses[n-1].To, w.c.Waiting.Since))
	case held:
		aimed, err = a.Pause(aimed, later(aimed.Started, w.c.Waiting.Since))
	default:
		aimed, err = a.Resume(aimed, w.now)
	}
	if err != nil {
		return fmt.Errorf("clock %s: %w", k.ID, err)
	}
	ch.set(aimed)
	w.withdrawn(k, aimed)
	return nil
}

// retargetTo recomputes the clocks for a severity that a failure raised.
func (w *work) retargetTo(ch *Change, s Severity) error {
	raised := w.c
	setIf(&raised.Severity, s)
	return w.retarget(ch, &raised, false)
}

// houseObjective is the objective of a metric that is not statutory, or nil.
func houseObjective(a *sla.Agreement, m sla.Metric, facts sla.Facts) *sla.Objective {
	for _, o := range a.Select(m, facts) {
		if !o.Statutory {
			return o
		}
	}
	return nil
}

// startLate starts a clock that counts now and has not run since it should have. One
// that was dropped goes on.
func (w *work) startLate(ch *Change, o *sla.Objective) error {
	id := clockID(o)
	k, _ := w.clock(ch, id)
	at, counts := w.since(o.Metric)
	if o.Metric == sla.Clarification && w.c.Step == StepAcknowledged || o.Metric == sla.Approval && w.c.Step == StepApproval {
		at, counts = k.Started, k.Dropped()
	}
	switch ran := k.Cycle > 0 && !k.Dropped() && !k.StoppedAt.Before(at); {
	case !counts, k.Running(), ran:
		return nil
	case k.Dropped() && !k.Started.Before(at):
		return w.aim(ch, w.agreement, k, o)
	}
	started, err := w.agreement.Start(id, o, at, k.Cycle+1)
	if err != nil {
		return fmt.Errorf("clock %s: %w", id, err)
	}
	return w.begin(ch, started, o)
}

package recovery

import (
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
)

// due is something that time alone causes.
type due struct {
	at  time.Time
	act func() error
}

// settle records everything that is due by now, in the order of the instants at
// which it was due: warnings, breaches, broken promises, expired approvals and
// lapsed offers. What is recorded is stamped with its instant, whenever it is noticed.
func (w *work) settle() error {
	for {
		d := w.nextDue()
		if d.act == nil || d.at.After(w.now) {
			return nil
		}
		if err := d.act(); err != nil {
			return w.caseError("settle", err)
		}
	}
}

// nextDue is what is due first. Of two at one instant a clock goes first: the
// breach belongs to what comes after it.
func (w *work) nextDue() due {
	var first due
	offer := func(at time.Time, act func() error) {
		if !at.IsZero() && (first.act == nil || at.Before(first.at)) {
			first = due{at, act}
		}
	}
	if !w.c.Open() {
		return first
	}
	for _, k := range w.c.Clocks {
		offer(k.Next(), func() error { return w.cross(k) })
	}
	for _, p := range w.c.Promises {
		if p.State == PromiseOpen {
			offer(p.Due, func() error { return w.broken(PromiseFailed{Promise: p.N, At: p.Due}, p.Aside) })
		}
	}
	if o := w.c.Offer; o != nil {
		switch o.State {
		case OfferApproval:
			offer(o.ApproveBy, func() error { return w.expired(o) })
		case OfferPresented:
			offer(o.AnswerBy, func() error { return w.lapsed(o) })
		case OfferApproved, OfferAccepted, OfferDeclined, OfferRetracted, OfferRefused, OfferExpired, OfferLapsed:
		}
	}
	return first
}

// cross records the thresholds that a clock has reached, each once.
func (w *work) cross(k sla.Clock) error {
	after, crossings := k.Cross(w.now)
	if len(crossings) == 0 {
		return fmt.Errorf("recovery: clock %s is due at %s and crosses nothing", k.ID, stamp(k.Next()))
	}
	for _, x := range crossings {
		ch := Change{Clocks: []sla.Clock{after}}
		if x.Breach {
			w.emitBy(system(), ClockBreached{Clock: k.ID, Cycle: k.Cycle, At: x.Threshold.At, Notify: x.Threshold.Notify, Change: ch})
		} else {
			w.emitBy(system(), ClockWarned{Clock: k.ID, Cycle: k.Cycle, Threshold: x.Threshold, Silent: !x.Announce, Change: ch})
		}
	}
	return nil
}

// broken records a broken promise and what follows from it: where the recovery
// hung on it the five steps begin again; elsewhere it counts as a failed recovery too.
func (w *work) broken(e PromiseFailed, aside bool) error {
	w.emitBy(system(), e)
	if aside {
		return nil
	}
	switch w.c.Step {
	case StepFulfilling, StepDelivered:
		return w.begins(WhyBroken, true, e.At)
	case StepReceived, StepStrategized, StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented,
		StepResolved, StepReferred, StepClosed:
	}
	w.emitBy(system(), Deviated{Severity: w.names.above(w.c.Severity)})
	return w.escalated(Escalate{}, ByFailure, system(), e.At)
}

func (w *work) expired(o *Offer) error {
	e := ApprovalExpired{Offer: o.N, At: o.ApproveBy}
	w.stop(&e.Change, sla.Approval, o.ApproveBy)
	return w.withheld(system(), &e.Change, func() Event { return e })
}

func (w *work) lapsed(o *Offer) error {
	e := Lapsed{Offer: o.N, At: o.AnswerBy}
	return w.withheld(system(), &e.Change, func() Event { return e })
}

// begins starts a new round at an instant.
func (w *work) begins(why RoundWhy, deviation bool, at time.Time) error {
	e := RoundStarted{Round: w.c.Round + 1, Why: why, Deviation: deviation, At: at}
	if deviation {
		e.Severity = w.names.above(w.c.Severity)
	}
	if err := w.move(&e.Change, newRound); err != nil {
		return err
	}
	w.stop(&e.Change, sla.CheckBack, at)
	was := w.c.Severity
	setIf(&w.c.Severity, e.Severity) // the new round's objectives are those of the raised severity
	for _, m := range []sla.Metric{sla.Acknowledgement, sla.Solution, sla.Resolution} {
		if err := w.start(&e.Change, m, at); err != nil {
			return err
		}
	}
	w.c.Severity = was
	w.emitBy(system(), e)
	if err := w.byPlaybook(); err != nil {
		return err
	}
	switch {
	case w.c.Round > w.rounds:
		return w.escalated(Escalate{}, ByRounds, system(), at)
	case deviation:
		return w.escalated(Escalate{}, ByFailure, system(), at)
	}
	return nil
}

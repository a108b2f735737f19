package recovery

import (
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
)

// settle records everything that is due by an instant, in the order of the instants at
// which it was due: warnings, breaches, broken promises, expired approvals and
// lapsed offers. What is recorded is stamped with its instant, whenever it is noticed.
func (w *work) settle(by time.Time) error {
	for {
		at, what := nextDue(&w.c)
		if at.IsZero() || at.After(by) {
			return nil
		}
		var err error
		switch what.kind {
		case dueClock:
			err = w.cross(w.c.Clocks[what.index], w.undisturbed(by))
		case duePromise:
			p := w.c.Promises[what.index]
			err = w.broken(PromiseFailed{Promise: p.N, At: p.Due}, p.Aside)
		case dueApproval:
			err = w.expired(w.c.Offer)
		case duePresent:
			err = w.lapsed(w.c.Offer, w.c.Offer.PresentBy)
		case dueAnswer:
			err = w.lapsed(w.c.Offer, w.c.Offer.AnswerBy)
		}
		if err == nil {
			err = w.giveBack()
		}
		if err != nil {
			return w.caseError("settle", err)
		}
	}
}

// due is something of a case that time alone changes.
type due struct {
	kind  dueKind
	index int // of the clock or promise
}

type dueKind uint8

const (
	dueClock dueKind = iota
	duePromise
	dueApproval
	duePresent
	dueAnswer
)

// nextDue is what time alone changes first, and when; zero: nothing. Of two at one
// instant a clock goes first: the breach belongs to what comes after it.
func nextDue(c *Case) (time.Time, due) {
	first, what := nextBut(c)
	if !c.Open() {
		return first, what
	}
	for i := range c.Clocks {
		at := c.Clocks[i].Next()
		if !at.IsZero() && (first.IsZero() || at.Before(first) || at.Equal(first) && what.kind != dueClock) {
			first, what = at, due{dueClock, i}
		}
	}
	return first, what
}

// nextBut is what time alone changes first of all but the clocks.
func nextBut(c *Case) (time.Time, due) {
	var first time.Time
	var what due
	sooner := func(at time.Time, kind dueKind, index int) {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first, what = at, due{kind, index}
		}
	}
	if !c.Open() {
		return first, what
	}
	for i := range c.Promises {
		if c.Promises[i].State == PromiseOpen {
			sooner(c.Promises[i].Due, duePromise, i)
		}
	}
	if o := c.Offer; o != nil {
		switch o.State {
		case OfferApproval:
			sooner(o.ApproveBy, dueApproval, 0)
		case OfferApproved:
			sooner(o.PresentBy, duePresent, 0)
		case OfferPresented:
			sooner(o.AnswerBy, dueAnswer, 0)
		case OfferAccepted, OfferDeclined, OfferRetracted, OfferRefused, OfferExpired, OfferLapsed:
		}
	}
	return first, what
}

// undisturbed is until when clocks run on as they are, an instant at most: what else
// is due may stop them or move their due times.
func (w *work) undisturbed(by time.Time) time.Time {
	if at, _ := nextBut(&w.c); !at.IsZero() && at.Before(by) {
		return at
	}
	return by
}

// cross records the thresholds that a clock has reached by an instant, each once.
func (w *work) cross(k sla.Clock, by time.Time) error {
	after, crossings := k.Cross(by)
	if len(crossings) == 0 {
		return fmt.Errorf("recovery: clock %s is due at %s and crosses nothing", k.ID, stamp(k.Next()))
	}
	for _, x := range crossings {
		w.emitBy(system(), crossed(after, x))
	}
	return nil
}

// crossed is the event of a threshold that was reached, of a clock as it is left.
func crossed(k sla.Clock, x sla.Crossing) Event {
	ch := Change{Clocks: []sla.Clock{k}}
	if x.Breach {
		return ClockBreached{Clock: k.ID, Cycle: k.Cycle, At: x.Threshold.At, Notify: x.Threshold.Notify, Change: ch}
	}
	return ClockWarned{Clock: k.ID, Cycle: k.Cycle, Threshold: x.Threshold, Silent: !x.Announce, Change: ch}
}

// broken records a broken promise and what follows from it: where the recovery
// hung on it the five steps begin again; elsewhere it counts as a failed recovery too.
func (w *work) broken(e PromiseFailed, aside bool) error {
	w.emitBy(system(), e)
	if aside {
		return nil
	}
	switch w.c.Step {
	case StepFulfilling, StepDelivered, StepResolved:
		return w.begins(WhyBroken, true, e.At)
	case StepReceived, StepStrategized, StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented,
		StepReferred, StepClosed:
	}
	d := Deviated{Severity: w.names.above(w.c.Severity)}
	if err := w.retargetTo(&d.Change, d.Severity); err != nil {
		return err
	}
	w.emitBy(system(), d)
	return w.escalated(Escalate{}, ByFailure, system(), e.At)
}

func (w *work) expired(o *Offer) error {
	e := ApprovalExpired{Offer: o.N, At: o.ApproveBy}
	w.stop(&e.Change, sla.Approval, o.ApproveBy)
	return w.withheld(system(), &e.Change, func() Event { return e })
}

func (w *work) lapsed(o *Offer, at time.Time) error {
	e := Lapsed{Offer: o.N, At: at}
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
	if err := w.retargetTo(&e.Change, e.Severity); err != nil {
		return err
	}
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

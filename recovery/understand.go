package recovery

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-go/amends/sla"
)

// The first three steps: strategize, acknowledge, clarify.

func (w *work) strategize(c Strategize) error {
	f := w.faults()
	f.name("playbook", "situation", c.Playbook, false)
	f.needed("goal", c.Goal)
	if err := f.err(); err != nil {
		return err
	}
	e := Strategized{Strategize: c}
	if c.Playbook == "" {
		if book := w.playbooks.find(w.c.Situation, string(w.c.Category)); book != nil {
			e.Playbook = book.Name
		}
	}
	if e.Playbook != "" {
		e.Playbooks = fmt.Sprintf("%x", w.playbooks.Digest())
	}
	if w.c.Step == StepReceived {
		if err := w.move(&e.Change, strategize); err != nil {
			return err
		}
	}
	w.emit(e)
	return nil
}

func (w *work) acknowledge(c Acknowledge) error {
	f := w.faults()
	c.At = w.inRound(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.text("text", c.Text)
	if err := f.err(); err != nil {
		return err
	}
	e := Acknowledged{Acknowledge: c, Machine: w.actor.Kind != Agent}
	if e.Machine {
		if err := w.acknowledgedByMachine(&e.Change, e.At); err != nil {
			return err
		}
		w.emit(e)
		return nil
	}
	if w.c.Goal == "" {
		s, ok := w.fitting()
		if !ok {
			s.Goal = defaultGoal
		}
		w.emitBy(system(), s)
	}
	if err := w.move(&e.Change, acknowledge); err != nil {
		return err
	}
	w.stop(&e.Change, sla.Acknowledgement, e.At)
	if err := w.start(&e.Change, sla.Clarification, e.At); err != nil {
		return err
	}
	if err := w.stopOn(&e.Change, "acknowledged", e.At); err != nil {
		return err
	}
	if err := w.spokeTo(&e.Change, e.At); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

// defaultGoal is the goal of a case whose agent named none and that no playbook fits.
const defaultGoal = "solve the problem and keep the customer"

func (w *work) acknowledgedByMachine(ch *Change, at time.Time) error {
	return w.running(ch, func(k sla.Clock) error {
		if k.Metric != sla.Acknowledgement {
			return nil
		}
		_, o, err := w.terms(k)
		if err == nil && !o.PersonOnly {
			w.stopClock(ch, k, at)
		}
		return err
	})
}

func (w *work) clarify(c Clarify) error {
	f := w.faults()
	c.At = w.inRound(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.count("questions", len(c.Questions))
	for i, q := range c.Questions {
		f.text(indexed("questions", i, "asked"), q.Asked)
		f.text(indexed("questions", i, "answer"), q.Answer)
	}
	f.text("wanted", c.Wanted)
	f.text("reason", c.Reason)
	switch c.Basis {
	case "":
		f.text("restated", c.Restated)
	case Confirmed, Written:
		f.needed("restated", c.Restated)
	case Assumed:
		f.needed("restated", c.Restated)
		f.needed("reason", c.Reason)
		if w.c.Contacts.Attempts < w.attempts {
			f.add("basis", "assuming needs %d failed attempts to reach the customer; there are %d", w.attempts, w.c.Contacts.Attempts)
		}
	default:
		f.add("basis", "unknown basis %q (known: %s, %s, %s; none while it is unclear)", string(c.Basis), Confirmed, Written, Assumed)
	}
	if err := f.err(); err != nil {
		return err
	}
	c.Questions = slices.Clone(c.Questions)
	if c.Basis == "" {
		return w.unclear(c)
	}
	if err := w.replaced(clarify); err != nil {
		return err
	}
	if c.Basis == Confirmed {
		if err := w.answered(c.At); err != nil {
			return err
		}
	}
	e := Clarified{Clarify: c}
	if err := w.move(&e.Change, clarify); err != nil {
		return err
	}
	w.stop(&e.Change, sla.Clarification, e.At)
	if c.Basis == Confirmed {
		if err := w.spokeTo(&e.Change, e.At); err != nil {
			return err
		}
	}
	w.emit(e)
	return nil
}

func (w *work) unclear(c Clarify) error {
	if err := w.replaced(unclear); err != nil {
		return err
	}
	e := Unclear{Clarify: c}
	if err := w.move(&e.Change, unclear); err != nil {
		return err
	}
	if err := w.start(&e.Change, sla.Clarification, e.At); err != nil {
		return err
	}
	if len(c.Questions) > 0 {
		if err := w.spokeTo(&e.Change, e.At); err != nil {
			return err
		}
	}
	w.emit(e)
	return nil
}

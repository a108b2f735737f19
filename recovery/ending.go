package recovery

import (
	"slices"

	"github.com/amends-go/amends/sla"
)

// How a case ends, is answered formally, goes elsewhere and comes back.

func (w *work) respond(c Respond) error {
	f := w.faults()
	c.At = w.at(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.text("text", c.Text)
	switch c.Kind {
	case Holding:
		f.needed("reason", c.Reason)
	case Progress, FinalResponse, Summary:
		f.text("reason", c.Reason)
	default:
		f.add("kind", "unknown kind of response %q (known: %s, %s, %s, %s)", string(c.Kind), Holding, Progress, FinalResponse, Summary)
	}
	if err := f.err(); err != nil {
		return err
	}
	e := Responded{Respond: c}
	if c.Written && (c.Kind == FinalResponse || c.Kind == Summary) {
		w.stop(&e.Change, sla.FinalResponse, c.At)
	}
	if c.Written && c.Kind == Holding {
		if err := w.extend(&e.Change, c); err != nil {
			return err
		}
	}
	if err := w.stopResponded(&e.Change, c); err != nil {
		return err
	}
	if err := w.spokeTo(&e.Change, c.At); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

// stopResponded ends the running clocks whose objective names the kind of response; what is only said ends no statutory one.
func (w *work) stopResponded(ch *Change, c Respond) error {
	return w.running(ch, func(k sla.Clock) error {
		_, o, err := w.terms(k)
		if err == nil && o.StopsOn(string(c.Kind)) && (c.Written || !k.Statutory) {
			w.stopClock(ch, k, c.At)
		}
		return err
	})
}

// extend gives the clocks more time whose objectives grant it for a written holding response.
func (w *work) extend(ch *Change, c Respond) error {
	return w.running(ch, func(k sla.Clock) error {
		a, _, err := w.terms(k)
		if err != nil {
			return err
		}
		longer, ok, err := a.Extend(k, string(c.Kind), c.At)
		if err == nil && ok {
			ch.set(longer)
			w.withdrawn(k, longer)
		}
		return err
	})
}

func (w *work) close(c Close) error {
	f := w.faults()
	f.text("reason", c.Reason)
	f.count("findings", len(c.Findings))
	seen := map[int]bool{}
	for i, x := range c.Findings {
		switch x.Result {
		case "", Upheld, PartlyUpheld, Rejected:
		default:
			f.add(indexed("findings", i, "result"), "unknown result %q (known: %s, %s, %s)", string(x.Result), Upheld, PartlyUpheld, Rejected)
		}
		if x.Concern < 0 || x.Concern > len(w.c.Concerns) {
			f.add(indexed("findings", i, "concern"), "%d is not one of the %d concerns (0: the complaint as a whole)", x.Concern, len(w.c.Concerns))
		}
		if seen[x.Concern] {
			f.add(indexed("findings", i, "concern"), "%d stands twice", x.Concern)
		}
		seen[x.Concern] = true
		f.text(indexed("findings", i, "reason"), x.Reason)
		f.id(indexed("findings", i, "cause"), x.Cause)
	}
	if err := f.err(); err != nil {
		return err
	}
	if err := w.mayClose(c); err != nil {
		return err
	}
	c.Findings = slices.Clone(c.Findings)
	if err := w.replaced(closeCase); err != nil {
		return err
	}
	e := Closed{Close: c}
	if err := w.move(&e.Change, closeCase); err != nil {
		return err
	}
	if c.As != Satisfied && c.As != Unconfirmed && c.As != Deadlock && c.As != Unreachable {
		for _, p := range w.c.Promises {
			if p.State == PromiseOpen {
				e.Voided = append(e.Voided, p.N)
			}
		}
	}
	_ = w.running(&e.Change, func(k sla.Clock) error {
		w.stopClock(&e.Change, k, w.now)
		return nil
	})
	w.emit(e)
	return nil
}

// mayClose reports what a closure asks for and does not have. Silence never
// becomes satisfaction.
func (w *work) mayClose(c Close) error {
	reason := func() error {
		f := w.faults()
		f.needed("reason", c.Reason)
		return f.err()
	}
	if (w.actor.Kind == Customer || w.actor.Kind == Representative) && c.As != Withdrawn {
		return denied("a %s may close a case as %s alone", w.actor.Kind, Withdrawn)
	}
	switch c.As {
	case Satisfied:
		if w.c.Step != StepResolved {
			return standing("satisfied is for a resolved case: the customer has to say so in a check-back")
		}
		if outstanding(&w.c) {
			return standing("satisfied, but promises are outstanding")
		}
		return nil
	case Unconfirmed:
		lapsed := w.c.Step == StepClarified && w.c.Offer != nil && w.c.Offer.State == OfferLapsed && !w.c.Offer.PresentedAt.IsZero()
		if w.c.Step != StepDelivered && w.c.Step != StepPresented && !lapsed {
			return standing("unconfirmed is for a solution that was presented or delivered")
		}
		return nil
	case Unreachable:
		if w.c.Contacts.Attempts < w.attempts {
			return standing("unreachable needs %d failed attempts; there are %d", w.attempts, w.c.Contacts.Attempts)
		}
		return nil
	case Withdrawn:
		if w.actor.Kind == Customer || w.actor.Kind == Representative {
			return nil
		}
		return reason()
	case Duplicate:
		if !slices.ContainsFunc(w.c.Links, func(l Link) bool { return l.As == DuplicateOf }) {
			return standing("a duplicate needs a link to the other case (Link as %s)", DuplicateOf)
		}
		return nil
	case Deadlock, Forwarded, NotAComplaint:
		return reason()
	}
	return invalid("as", "unknown closure %q (known: %s, %s, %s, %s, %s, %s, %s, %s)", string(c.As),
		Satisfied, Unconfirmed, Unreachable, Deadlock, Withdrawn, Duplicate, Forwarded, NotAComplaint)
}

func (w *work) reopen(c Reopen) error {
	f := w.faults()
	f.text("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	if w.c.Step == StepClosed && w.now.After(w.c.ClosedAt.Add(w.reopenWithin)) {
		return standing("the case was closed on %s, more than %s ago; open a new complaint that Follows it",
			stamp(w.c.ClosedAt), w.reopenWithin)
	}
	delivered := !w.c.DeliveredAt.IsZero()
	e := Reopened{Reopen: c}
	if err := w.startFinal(&e.Change); err != nil {
		return err
	}
	w.emit(e)
	return w.begins(WhyReopened, delivered, w.now)
}

func (w *work) refer(c Refer) error {
	f := w.faults()
	f.needed("to", c.To)
	f.id("reference", c.Reference)
	f.text("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	if err := w.replaced(refer); err != nil {
		return err
	}
	e := Referred{Refer: c}
	if err := w.move(&e.Change, refer); err != nil {
		return err
	}
	for _, m := range []sla.Metric{sla.Acknowledgement, sla.Clarification, sla.Solution, sla.CheckBack} {
		w.stop(&e.Change, m, w.now)
	}
	if err := w.stopOn(&e.Change, "referred", w.now); err != nil {
		return err
	}
	if err := w.startFinal(&e.Change); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

func (w *work) decide(c Decide) error {
	f := w.faults()
	c.At = w.atSince(f, c.At, w.c.ReferredAt, "the complaint was referred")
	f.text("reason", c.Reason)
	switch c.Ruling {
	case Award:
		f.remedies("remedies", c.Remedies, w.c.Order.Paid, w.now)
		f.count("promises", len(c.Promises))
		for i, p := range c.Promises {
			w.checkPromise(f, indexed("promises", i, ""), p, len(c.Remedies))
		}
	case SentBack, Dismissed:
		if len(c.Remedies)+len(c.Promises) > 0 {
			f.add("remedies", "only an award has remedies and promises")
		}
	default:
		f.add("ruling", "unknown ruling %q (known: %s, %s, %s)", string(c.Ruling), Award, SentBack, Dismissed)
	}
	if err := f.err(); err != nil {
		return err
	}
	options := cloneOptions([]Option{{c.Remedies, c.Promises}})
	c.Remedies, c.Promises = options[0].Remedies, options[0].Promises
	e := Decided{Decide: c}
	if c.Ruling != Award {
		w.emit(e)
		if c.Ruling == SentBack {
			return w.begins(WhySentBack, false, c.At)
		}
		return nil
	}
	return w.award(e)
}

// award makes what the body ruled binding.
func (w *work) award(e Decided) error {
	var err error
	if e.Given, err = addGiven(w.c.Given, e.Remedies, e.At); err != nil {
		return err
	}
	e.Voided = w.superseded(-1)
	w.stopPromises(&e.Change, e.Voided, e.At)
	all := make([]int, len(e.Remedies))
	for i := range all {
		all[i] = i + 1
	}
	if e.Made, err = w.pledges(&e.Change, e.Promises, all, 0, e.At); err != nil {
		return err
	}
	if err := w.move(&e.Change, award); err != nil {
		return err
	}
	if err := w.spendAwarded(e); err != nil {
		return err
	}
	w.emit(e)
	if outstanding(&w.c) {
		return nil
	}
	d := Delivered{At: deliveredAt(&w.c, e.At)}
	if err := w.move(&d.Change, deliver); err != nil {
		return err
	}
	if err := w.delivered(&d.Change, d.At); err != nil {
		return err
	}
	w.emit(d)
	return nil
}

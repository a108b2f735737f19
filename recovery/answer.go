package recovery

import (
	"errors"
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// The customer's answers: accept, decline, check back.

func (w *work) accept(c Accept) error {
	f := w.faults()
	c.At = w.onOffer(f, c.At)
	o := liveOffer(&w.c)
	if o == nil {
		return ErrStep
	}
	if c.Option < 0 || c.Option >= len(o.Options) {
		f.add("option", "there is no option %d; the offer has %d, counted from 0", c.Option, len(o.Options))
		return f.err()
	}
	option := o.Options[c.Option]
	c.Items = slices.Sorted(slices.Values(c.Items))
	for i, n := range c.Items {
		switch {
		case n < 1 || n > len(option.Remedies):
			f.add("items", "there is no item %d; the option has %d, counted from 1", n, len(option.Remedies))
		case i > 0 && c.Items[i-1] == n:
			f.add("items", "%d stands twice", n)
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	if len(c.Items) == 0 {
		for i := range option.Remedies {
			c.Items = append(c.Items, i+1)
		}
	}
	if err := w.feasible(o, c); err != nil {
		return err
	}
	if err := w.answered(c.At); err != nil {
		return err
	}
	e := Accepted{Accept: c, Offer: o.N, Partly: len(c.Items) < len(option.Remedies), Voided: w.superseded(o.N)}
	e.Remedies = accepted(option.Remedies, c.Items)
	var err error
	if e.Given, err = addGiven(w.c.Given, e.Remedies, c.At); err != nil {
		return err
	}
	if e.Promises, err = w.pledges(&e.Change, option.Promises, c.Items, o.N, c.At); err != nil {
		return err
	}
	for i, p := range e.Promises {
		items := c.Items
		if p.Item > 0 {
			items = []int{p.Item}
		}
		e.Promises[i].For, e.Promises[i].Part = accepted(option.Remedies, items), e.Partly
	}
	e.Reserved, e.Freed = w.recount(o, c)
	if err := w.spend(o, e); err != nil {
		return err
	}
	w.stopPromises(&e.Change, e.Voided, c.At)
	if err := w.stopOn(&e.Change, "accepted", c.At); err != nil {
		return err
	}
	if e.Partly {
		w.emit(e)
		return w.begins(WhyPartly, false, c.At)
	}
	outstanding := slices.ContainsFunc(e.Promises, Pledge.outstanding) ||
		slices.ContainsFunc(w.c.Promises, func(p Pledge) bool { return p.outstanding() && !slices.Contains(e.Voided, p.N) })
	if outstanding {
		err = w.move(&e.Change, accept)
	} else {
		err = errors.Join(w.move(&e.Change, acceptDone), w.delivered(&e.Change, c.At))
	}
	if err != nil {
		return err
	}
	w.emit(e)
	return nil
}

func accepted(remedies []policy.Remedy, items []int) []policy.Remedy {
	out := make([]policy.Remedy, len(items))
	for i, n := range items {
		out[i] = remedies[n-1]
	}
	return out
}

// addGiven adds remedies to the sums of what was accepted on the case.
func addGiven(given []policy.Given, remedies []policy.Remedy, at time.Time) ([]policy.Given, error) {
	out := slices.Clone(given)
	for _, r := range remedies {
		var err error
		if out, err = addTo(out, givenOnCase(r, at)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// superseded lists the open and the broken promises of earlier offers: the customer has accepted
// something else now. What they had accepted in part stands beside it.
func (w *work) superseded(offer int) []int {
	var out []int
	for _, p := range w.c.Promises {
		owed := p.State == PromiseOpen || p.State == PromiseBroken
		if owed && p.Offer > 0 && p.Offer != offer && !p.Part {
			out = append(out, p.N)
		}
	}
	return out
}

// delivered starts what begins when nothing is outstanding: the last thing to be
// recorded was done at an instant.
func (w *work) delivered(ch *Change, at time.Time) error {
	at = deliveredAt(&w.c, at)
	if err := w.stopOn(ch, "delivered", at); err != nil {
		return err
	}
	return w.start(ch, sla.CheckBack, at)
}

func (w *work) decline(c Decline) error {
	f := w.faults()
	c.At = w.onOffer(f, c.At)
	f.text("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	return w.declined(c)
}

func (w *work) declined(c Decline) error {
	if err := errors.Join(w.answered(c.At), w.free()); err != nil {
		return err
	}
	w.emit(Declined{Decline: c, Offer: w.c.Offers})
	return w.begins(WhyDeclined, false, c.At)
}

func (w *work) checkBack(c CheckBack) error {
	f := w.faults()
	c.At = w.onDelivery(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.score("score", c.Score)
	f.answer("exceeded", c.Exceeded)
	f.answer("heard", c.Heard)
	f.answer("cared_for", c.CaredFor)
	f.answer("valued", c.Valued)
	f.answer("would_return", c.WouldReturn)
	f.answer("would_recommend", c.WouldRecommend)
	f.text("comment", c.Comment)
	if err := f.err(); err != nil {
		return err
	}
	if err := w.answered(c.At); err != nil {
		return err
	}
	e := CheckedBack{CheckBack: c}
	if err := w.spokeTo(&e.Change, c.At); err != nil {
		return err
	}
	if c.Satisfied && w.c.Step == StepDelivered {
		if err := w.satisfied(&e.Change, c.At); err != nil {
			return err
		}
	}
	step := w.c.Step
	w.emit(e)
	switch {
	case c.Satisfied:
		return nil
	case step == StepPresented:
		return w.declined(Decline{At: c.At})
	}
	return w.begins(WhyUnsatisfied, true, c.At)
}

// satisfied resolves a delivered case.
func (w *work) satisfied(ch *Change, at time.Time) error {
	if err := w.move(ch, satisfy); err != nil {
		return err
	}
	w.stop(ch, sla.CheckBack, at)
	w.stop(ch, sla.Resolution, at)
	return w.stopOn(ch, "resolved", at)
}

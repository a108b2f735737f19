package recovery

import (
	"errors"
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
)

// What was accepted counts as given from then on, and is given back where it turns
// out that it never will be: see Owed.

// delivers reports whether it is, among others, this promise that delivers a remedy. A
// promise aside does so only of the remedy that it names.
func (p Pledge) delivers(o Owed) bool {
	return p.Offer == o.Offer && (p.Item == o.Item || p.Item == 0 && !p.Aside)
}

// keepable reports whether the promise can still be recorded as kept.
func (p Pledge) keepable() bool {
	return p.State == PromiseOpen || p.State == PromiseBroken && !p.Stopped
}

// owe notes which of the remedies that were just accepted are still to be delivered.
func (c *fold) owe(e Accepted, reserved []Reservation) {
	for i, r := range e.Remedies {
		if i >= len(e.Items) {
			return
		}
		o := Owed{Offer: e.Offer, Item: e.Items[i], Given: givenOnCase(r, e.At)}
		if !slices.ContainsFunc(e.Promises, func(p Pledge) bool { return p.delivers(o) }) {
			continue
		}
		for _, r := range reserved {
			if r.Option == e.Option && r.Item == o.Item {
				o.Ledgers = append(o.Ledgers, r.Ledger)
			}
		}
		c.Owed = append(slices.Clip(c.Owed), o)
	}
}

// settled forgets as owed what a promise has delivered, or the customer has waived.
func (c *fold) settled(n int) {
	if i, ok := findPledge(&c.Case, n); ok {
		p := c.Promises[i]
		c.Owed = slices.DeleteFunc(slices.Clone(c.Owed), p.delivers)
	}
}

func (c *fold) gaveBack(e GivenBack) {
	c.Given = e.Given
	c.Owed = slices.DeleteFunc(slices.Clone(c.Owed), func(o Owed) bool {
		return o.Offer == e.Offer && slices.Contains(e.Items, o.Item)
	})
}

// givenOnCase is what a remedy adds to the sums of what was given on the case.
func givenOnCase(r policy.Remedy, at time.Time) policy.Given {
	return policy.Given{Ledger: "case", Kind: r.Kind, Amount: r.Amount, Line: r.Item, Count: 1, At: at}
}

// lessGiven takes something out of the sums of what was given on a case. Where nothing
// remains it is nil, as on record.
func lessGiven(given []policy.Given, less policy.Given) []policy.Given {
	i := slices.IndexFunc(given, sameKind(less))
	if i < 0 {
		return given
	}
	out := slices.Clone(given)
	left, err := out[i].Amount.Sub(less.Amount)
	if out[i].Count <= less.Count || err != nil || left.Minor < 0 {
		if len(out) == 1 {
			return nil
		}
		return slices.Delete(out, i, i+1)
	}
	out[i].Amount, out[i].Count = left, out[i].Count-less.Count
	return out
}

// giveBack records which remedies that were accepted can't be delivered any more.
func (w *work) giveBack() error {
	for {
		lost := w.lost()
		if len(lost) == 0 {
			return nil
		}
		e := GivenBack{Offer: lost[0].Offer, Given: w.c.Given}
		var ledgers []string
		items := map[string][]int{} // by ledger
		for _, o := range lost {
			e.Items = append(e.Items, o.Item)
			e.Given = lessGiven(e.Given, o.Given)
			for _, name := range o.Ledgers {
				if items[name] == nil {
					ledgers = append(ledgers, name)
				}
				items[name] = append(items[name], o.Item)
			}
		}
		for _, name := range ledgers {
			if err := w.write(name, Returned{name, w.c.ID, e.Offer, items[name]}); err != nil {
				return err
			}
		}
		w.emitBy(system(), e)
	}
}

// lost is what is owed and can't be delivered any more, of one offer.
func (w *work) lost() []Owed {
	var out []Owed
	for _, o := range w.c.Owed {
		hope := slices.ContainsFunc(w.c.Promises, func(p Pledge) bool { return p.delivers(o) && p.keepable() })
		if !hope && (len(out) == 0 || o.Offer == out[0].Offer) {
			out = append(out, o)
		}
	}
	return out
}

// superseding is what the customer would be owed no more once they accept an offer:
// it is judged without that, since the one takes the other's place. Should that be
// delivered meanwhile after all, it is judged again: see relied.
func (w *work) superseding(offer int) []Owed {
	var out []Owed
	for _, o := range w.c.Owed {
		stays := slices.ContainsFunc(w.c.Promises, func(p Pledge) bool { return p.delivers(o) && p.keepable() && p.Part })
		if o.Offer != offer && !stays {
			out = append(out, o)
		}
	}
	return out
}

// relied looks at the open offer again after a promise was kept or released: where it
// stood in for what that promise delivered, policy may not allow both, and it is retracted.
func (w *work) relied(before []Owed) error {
	o := liveOffer(&w.c)
	if o == nil || len(before) == len(w.c.Owed) {
		return nil
	}
	var err error
	if o.State == OfferApproval {
		_, err = w.judge(o)
	} else {
		_, err = w.judgeApproved(o)
	}
	if _, need := errors.AsType[*needError](err); err == nil || need {
		return err
	}
	return w.replaced("fulfil")
}

package recovery

import (
	"slices"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
)

// ledger is what was reserved and spent across cases under one name, as
// "customer:42": a stream of its own, folded from Reserved, Spent and Released.
type ledger struct {
	Name    string        `json:"name"`
	Entries []ledgerEntry `json:"entries,omitempty"`

	head   history.Head  // as loaded
	events []ledgerEvent // to be appended with the case's
}

type ledgerEntry struct {
	Reservation
	Case  uuid.UUID `json:"case"`
	Offer int       `json:"offer"`
	Spent bool      `json:"spent,omitempty"`
}

// ledgerStream is the stream of a ledger.
func ledgerStream(name string) uuid.UUID { return history.StreamOf("ledger:" + name) }

// apply is the ledger's fold.
func (l *ledger) apply(e ledgerEvent) {
	switch e := e.(type) {
	case Reserved:
		l.Name = e.Ledger
		for _, r := range e.Entries {
			l.Entries = append(l.Entries, ledgerEntry{Reservation: r, Case: e.Case, Offer: e.Offer})
		}
	case Spent:
		l.drop(e.Case, e.Offer)
		for _, r := range e.Entries {
			l.Entries = append(l.Entries, ledgerEntry{Reservation: r, Case: e.Case, Offer: e.Offer, Spent: true})
		}
	case Released:
		l.drop(e.Case, e.Offer)
	}
}

// drop removes what an offer holds and has not spent.
func (l *ledger) drop(id uuid.UUID, offer int) {
	l.Entries = slices.DeleteFunc(l.Entries, func(e ledgerEntry) bool { return e.Case == id && e.Offer == offer && !e.Spent })
}

// given is what the ledger holds, less what one offer does.
func (l *ledger) given(id uuid.UUID, offer int) []policy.Given {
	var out []policy.Given
	for _, e := range l.Entries {
		if e.Case != id || e.Offer != offer {
			out = append(out, e.Given)
		}
	}
	return out
}

// ledger finds a ledger that was loaded, or asks for it.
func (w *work) ledger(name string) (*ledger, error) {
	if l, ok := w.ledgers[name]; ok {
		return l, nil
	}
	return nil, &needError{name}
}

// write records what a ledger undergoes, in the case's own commit.
func (w *work) write(name string, e ledgerEvent) error {
	l, err := w.ledger(name)
	if err != nil {
		return err
	}
	if len(l.events) == 0 {
		w.touched = append(w.touched, name)
	}
	l.apply(e)
	l.events = append(l.events, e)
	return nil
}

// byLedger sorts reservations by the ledgers that hold them.
func byLedger(reserved []Reservation) ([]string, map[string][]Reservation) {
	var names []string
	held := map[string][]Reservation{}
	for _, r := range reserved {
		if _, ok := held[r.Ledger]; !ok {
			names = append(names, r.Ledger)
		}
		held[r.Ledger] = append(held[r.Ledger], r)
	}
	return names, held
}

// reserve takes from the ledgers what an offer would use up. Every option counts,
// until the customer has chosen: a cap is never exceeded, whatever they choose.
func (w *work) reserve(offer int, reserved []Reservation) error {
	names, held := byLedger(reserved)
	for _, name := range names {
		if err := w.write(name, Reserved{name, w.c.ID, offer, held[name]}); err != nil {
			return err
		}
	}
	return nil
}

// reserveMore takes what an open offer holds nothing of yet: from ledgers that a
// policy names which came into force since it was proposed.
func (w *work) reserveMore(o *Offer, reserved []Reservation) ([]Reservation, error) {
	more := slices.DeleteFunc(slices.Clone(reserved), func(r Reservation) bool {
		return slices.ContainsFunc(o.Reserved, func(had Reservation) bool { return had.Ledger == r.Ledger })
	})
	return more, w.reserve(o.N, more)
}

// free releases all that the open offer holds.
func (w *work) free() error {
	o := liveOffer(&w.c)
	if o == nil {
		return nil
	}
	names, _ := byLedger(o.Reserved)
	for _, name := range names {
		if err := w.write(name, Released{name, w.c.ID, o.N}); err != nil {
			return err
		}
	}
	return nil
}

// spend uses up what the items accepted hold, and releases the rest.
func (w *work) spend(o *Offer, option int, items []int) error {
	names, held := byLedger(o.Reserved)
	for _, name := range names {
		kept := slices.DeleteFunc(held[name], func(r Reservation) bool {
			return r.Option != option || !slices.Contains(items, r.Item)
		})
		var e ledgerEvent = Released{name, w.c.ID, o.N}
		if len(kept) > 0 {
			e = Spent{name, w.c.ID, o.N, kept}
		}
		if err := w.write(name, e); err != nil {
			return err
		}
	}
	return nil
}

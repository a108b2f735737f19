package recovery

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
)

// ledger is what was reserved and spent across cases under one name, as
// "customer:42": a stream of its own, folded from Reserved, Spent, Released and Returned.
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
		l.Name = e.Ledger
		l.drop(e.Case, e.Offer)
		for _, r := range e.Entries {
			l.Entries = append(l.Entries, ledgerEntry{Reservation: r, Case: e.Case, Offer: e.Offer, Spent: true})
		}
	case Released:
		l.drop(e.Case, e.Offer)
	case Returned:
		l.Entries = slices.DeleteFunc(l.Entries, func(x ledgerEntry) bool {
			return x.Spent && x.Case == e.Case && x.Offer == e.Offer && slices.Contains(e.Items, x.Item)
		})
	}
}

// drop removes what an offer holds and has not spent.
func (l *ledger) drop(id uuid.UUID, offer int) {
	l.Entries = slices.DeleteFunc(l.Entries, func(e ledgerEntry) bool { return e.Case == id && e.Offer == offer && !e.Spent })
}

// given is what the ledger holds, less what one offer of a case holds and less some of
// what was spent on the case. Of another offer that lets the customer choose, it is the
// most that any choice can take. What an offer holds counts as of now however old the
// offer is, since it is given when the customer accepts: no window is over before that.
func (l *ledger) given(id uuid.UUID, offer int, less []Owed, now time.Time) ([]policy.Given, error) {
	type holder struct {
		id    uuid.UUID
		offer int
	}
	var out []policy.Given
	held := map[holder][]Reservation{}
	var holders []holder
	for _, e := range l.Entries {
		by := holder{e.Case, e.Offer}
		switch {
		case by == holder{id, offer} && !e.Spent:
		case e.Spent && e.Case == id && slices.ContainsFunc(less, e.spentOn):
		case e.Spent:
			out = append(out, e.Given)
		default:
			if held[by] == nil {
				holders = append(holders, by)
			}
			e.At = now
			held[by] = append(held[by], e.Reservation)
		}
	}
	for _, by := range holders {
		most, err := greatest(held[by])
		if err != nil {
			return nil, err
		}
		out = append(out, most...)
	}
	return out, nil
}

// spentOn is what was spent on a case, less some of it.
func (l *ledger) spentOn(id uuid.UUID, less []Owed) []policy.Given {
	var out []policy.Given
	for _, e := range l.Entries {
		if e.Spent && e.Case == id && !slices.ContainsFunc(less, e.spentOn) {
			g := e.Given
			g.Count = max(1, g.Count)
			out = append(out, g)
		}
	}
	return out
}

// spentOn reports whether the entry was spent on a remedy; with number 0 it is any of the offer's.
func (e ledgerEntry) spentOn(o Owed) bool {
	return e.Offer == o.Offer && (e.Item == o.Item || o.Item == 0)
}

// greatest is, for each kind, order line and currency, the largest amount and the largest count
// that one of the options holds. They may be those of two options: it is never less
// than what the customer can choose, and may be more.
func greatest(held []Reservation) ([]policy.Given, error) {
	options := map[int][]policy.Given{}
	most := 0
	for _, r := range held {
		var err error
		if options[r.Option], err = addTo(options[r.Option], r.Given); err != nil {
			return nil, err
		}
		most = max(most, r.Option)
	}
	var out []policy.Given
	for n := range most + 1 {
		for _, g := range options[n] {
			i := slices.IndexFunc(out, sameKind(g))
			if i < 0 {
				out = append(out, g)
				continue
			}
			out[i].Amount.Minor = max(out[i].Amount.Minor, g.Amount.Minor)
			out[i].Count, out[i].At = max(out[i].Count, g.Count), later(out[i].At, g.At)
		}
	}
	return out, nil
}

// addTo adds an entry to the sum of its kind, order line and currency.
func addTo(sums []policy.Given, g policy.Given) ([]policy.Given, error) {
	g.Count = max(1, g.Count)
	i := slices.IndexFunc(sums, sameKind(g))
	if i < 0 {
		return append(sums, g), nil
	}
	sum, err := sums[i].Amount.Add(g.Amount)
	if err != nil {
		return nil, invalid("amount", "%v", err)
	}
	sums[i].Amount, sums[i].At = sum, later(sums[i].At, g.At)
	sums[i].Count += g.Count
	return sums, nil
}

// sameKind reports whether an entry is of the kind, order line and currency of another.
func sameKind(g policy.Given) func(policy.Given) bool {
	return func(x policy.Given) bool {
		return x.Kind == g.Kind && x.Line == g.Line && x.Amount.Currency == g.Amount.Currency
	}
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

// reserve takes from the ledgers what each option of an offer would use up. Until the
// customer has chosen, other offers are judged as if they had chosen the most.
func (w *work) reserve(offer int, reserved []Reservation) error {
	names, held := byLedger(reserved)
	for _, name := range names {
		if err := w.write(name, Reserved{name, w.c.ID, offer, held[name]}); err != nil {
			return err
		}
	}
	return nil
}

// reserveAgain moves what an open offer holds to the ledgers that policy names by now:
// another policy may have come into force since it was proposed, or it has become known
// whose ledger it is. It is what is held beside what was, and the ledgers that hold nothing any more.
func (w *work) reserveAgain(o *Offer, reserved []Reservation) (more []Reservation, freed []string, err error) {
	more, freed = moved(o, reserved)
	for _, name := range freed {
		if err := w.write(name, Released{name, w.c.ID, o.N}); err != nil {
			return nil, nil, err
		}
	}
	return more, freed, w.reserve(o.N, more)
}

// moved is what an offer holds by now beside what it held, and the ledgers in which it
// holds nothing any more: those for which another of the same name stands in, as
// household:18 for household:17. Of one that is named no more, since a fact is not known
// any more or policy does not count by it, nothing is given up.
func moved(o *Offer, reserved []Reservation) (more []Reservation, freed []string) {
	now, _ := byLedger(reserved)
	before, _ := byLedger(o.Reserved)
	for _, name := range before {
		if !slices.Contains(now, name) && slices.ContainsFunc(now, sameName(name)) {
			freed = append(freed, name)
		}
	}
	for _, r := range reserved {
		same := func(x Reservation) bool { return x.Ledger == r.Ledger && x.Option == r.Option && x.Item == r.Item }
		if !slices.ContainsFunc(o.Reserved, same) {
			more = append(more, r)
		}
	}
	return more, freed
}

// sameName reports whether a ledger has the name of another, whoever's they are.
func sameName(ledger string) func(string) bool {
	name, _, _ := strings.Cut(ledger, ":")
	return func(x string) bool { return strings.HasPrefix(x, name+":") }
}

// counted are the entries of an option's remedies in the ledgers in which policy counts
// them by now, whatever it says about them.
func (w *work) counted(option int, remedies []policy.Remedy, at time.Time) []Reservation {
	var out []Reservation
	for i, x := range remedies {
		for _, name := range w.policy.Ledgers(w.request(w.actor.forPolicy(), nil, []policy.Remedy{x})) {
			g := givenOnCase(x, at)
			g.Ledger, g.Count = name, 0
			out = append(out, Reservation{Given: g, Option: option, Item: i + 1})
		}
	}
	return out
}

// recount is what an offer that is accepted holds beside what it held, and the ledgers in
// which it holds nothing any more: of what was accepted, as policy counts it by now.
func (w *work) recount(o *Offer, c Accept) (more []Reservation, freed []string) {
	var all []Reservation
	for i, option := range o.Options {
		all = append(all, w.counted(i, option.Remedies, c.At)...)
	}
	more, freed = moved(o, all)
	return slices.DeleteFunc(more, func(r Reservation) bool { return !c.takes(r) }), freed
}

// takes reports whether a reservation is for what was accepted.
func (c Accept) takes(r Reservation) bool {
	return r.Option == c.Option && slices.Contains(c.Items, r.Item)
}

// spendAwarded uses up what a body awarded, of every ledger in which policy counts such
// a remedy. No cap refuses it; offers that come later find it there.
func (w *work) spendAwarded(e Decided) error {
	names, entries := byLedger(w.counted(0, e.Remedies, e.At))
	for _, name := range names {
		if err := w.write(name, Spent{name, w.c.ID, 0, entries[name]}); err != nil {
			return err
		}
	}
	return nil
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

// spend uses up what was accepted, as of when it was, of the ledgers in which it counts by
// then, and releases the rest.
func (w *work) spend(o *Offer, e Accepted) error {
	names, held := byLedger(slices.Concat(o.Reserved, e.Reserved))
	for _, name := range names {
		kept := slices.DeleteFunc(held[name], func(r Reservation) bool { return !e.takes(r) || slices.Contains(e.Freed, name) })
		for i := range kept {
			kept[i].At = e.At
		}
		var x ledgerEvent = Released{name, w.c.ID, o.N}
		if len(kept) > 0 {
			x = Spent{name, w.c.ID, o.N, kept}
		}
		if err := w.write(name, x); err != nil {
			return err
		}
	}
	return nil
}

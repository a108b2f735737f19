package policy

import (
	"fmt"
	"slices"
	"time"
)

// ledger is whose entries a rule counts: per "case", or per "customer" of the id "42".
type ledger struct{ per, id string }

// ledger is the one that a row counts by, and whether it is known.
func (m *measuring) ledger(per string) (of ledger, known bool) {
	of = ledger{per: per}
	if per == perCase {
		return of, true
	}
	id, fact := m.r.holder(per)
	if id == "" {
		if v, there := m.r.Facts[fact]; there && v != "" {
			m.fail(fmt.Sprintf("the fact %q is a %T; a ledger is named by a text", fact, v))
		} else {
			m.lack(fact)
		}
		return of, false
	}
	of.id = id
	return of, true
}

// holder is the id of the customer, the order or what the host names, and the fact that it is; "" if it is not known.
func (r *Request) holder(per string) (id, fact string) {
	switch per {
	case perOrder:
		return r.Order.ID, "order.id"
	case perCustomer:
		return r.Customer, "customer"
	}
	id, _ = r.Facts[per].(string)
	return id, per
}

// reserving says at which ledgers beyond the case's own rows look: a bit for each of Set.ledgers.
type reserving uint32

// maxLedgers is how many ledgers of its own a document may declare.
const maxLedgers = 30

// Ledgers names the ledgers beyond the case's own whose entries Judge must see for the offer, sorted: "customer:42", "household:17",
// "order:A-17". Without an offer it names those for any. A ledger whose customer, order or fact is not known is not named: the rule that
// needs it will fail.
func (s *Set) Ledgers(r Request) []string {
	s = s.orEmpty()
	var on reserving
	for i := range r.Offer {
		on |= s.reservingOn(s.kind(r.Offer[i].Kind))
	}
	if len(r.Offer) == 0 {
		for _, k := range s.reserving {
			on |= k
		}
	}
	var names []string
	for i, per := range s.ledgers {
		if id, _ := r.holder(per); on&(1<<i) != 0 && id != "" {
			names = append(names, per+":"+id)
		}
	}
	return names
}

// reserves are the entries that the offer adds to the ledgers that Ledgers names for it, in the ledgers' order.
func (j *judging) reserves(kinds []tally) []Given {
	var on reserving
	for i := range kinds {
		on |= j.s.reservingOn(kinds[i].at)
	}
	if on == 0 {
		return nil
	}
	var all []Given
	for at, per := range j.s.ledgers {
		if on&(1<<at) == 0 {
			continue
		}
		name := j.r.ledgerName(per)
		for i := range j.r.Offer {
			x := &j.r.Offer[i]
			if name == "" || j.s.reservingOn(of(kinds, x.Kind).at)&(1<<at) == 0 {
				continue
			}
			if all == nil {
				all = make([]Given, 0, len(j.r.Offer))
			}
			all = append(all, Given{Ledger: name, Kind: x.Kind, Amount: x.Amount, Line: x.Item, At: j.r.Now})
		}
	}
	return all
}

// reservingOn says at which ledgers the rows on the kind of that index look.
func (s *Set) reservingOn(kind int) reserving {
	if kind < 0 || kind >= len(s.reserving) {
		return 0
	}
	return s.reserving[kind]
}

// ledgerName is the name of the ledger, or "" if it has none. It takes an entry's text where one has it.
func (r *Request) ledgerName(per string) string {
	of := ledger{per: per}
	if of.id, _ = r.holder(per); of.id == "" {
		return ""
	}
	for i := range r.Given {
		if r.Given[i].on(of) {
			return r.Given[i].Ledger
		}
	}
	return per + ":" + of.id
}

func (g *Given) on(of ledger) bool {
	if of.per == perCase {
		return g.Ledger == perCase
	}
	n := len(of.per)
	return len(g.Ledger) == n+1+len(of.id) && g.Ledger[n] == ':' && g.Ledger[n+1:] == of.id && g.Ledger[:n] == of.per
}

// entry tells whether a ledger's entry counts for the rule: by whom it counts, and within how many days (zero: all time). The window is
// half-open: what is exactly that many days old is out. An entry of later than now counts, since machines' clocks differ.
func (m *measuring) entry(g *Given, of ledger, days int) bool {
	return g.on(of) && m.rule.concerns(g.Kind) &&
		(days == 0 || g.At.IsZero() || g.At.After(m.r.Now.Add(-time.Duration(days)*day)))
}

const (
	negativeEntry = "a ledger's entry is negative"
	outOfRange    = "what was given adds up to more than can be counted"
)

// amount is what the offer and the ledger come to, of the kinds that the rule concerns. If it is not ok, it has said what is wrong.
func (m *measuring) amount(c Currency, of ledger, days int) (sum Money, ok bool) {
	sum.Currency = c
	known := true
	for i := range m.r.Offer {
		x := &m.r.Offer[i]
		if !m.rule.concerns(x.Kind) {
			continue
		}
		if x.Amount.IsZero() {
			if !m.s.wordsOnly(x.Kind) && known {
				known = !m.lack("offer.amount")
			}
			continue
		}
		if !m.add(&sum, x.Amount) {
			return sum, false
		}
	}
	for i := range m.r.Given {
		g := &m.r.Given[i]
		if m.entry(g, of, days) && !g.Amount.IsZero() && !m.add(&sum, g.Amount) {
			return sum, false
		}
	}
	return sum, known
}

func (s *Set) wordsOnly(k Kind) bool {
	i := s.kind(k)
	return i >= 0 && s.allKinds()[i].nature == Words
}

func (m *measuring) add(sum *Money, x Money) bool {
	switch {
	case x.Currency != sum.Currency:
		return !m.fail(unlike(x, sum.Currency))
	case x.Minor < 0:
		return !m.fail(negativeEntry)
	case sum.Minor+x.Minor < sum.Minor:
		return !m.fail(outOfRange)
	}
	sum.Minor += x.Minor
	return true
}

func unlike(x Money, c Currency) string {
	return fmt.Sprintf("%s is compared with %s; amounts are never converted", x, c)
}

// count is how many remedies the offer and the ledger come to.
func (m *measuring) count(of ledger, days int) (n int, ok bool) {
	for i := range m.r.Offer {
		if m.rule.concerns(m.r.Offer[i].Kind) {
			n++
		}
	}
	for i := range m.r.Given {
		g := &m.r.Given[i]
		if !m.entry(g, of, days) {
			continue
		}
		if g.Count < 0 {
			return n, !m.fail(negativeEntry)
		}
		if n += max(1, g.Count); n < 0 {
			return n, !m.fail(outOfRange)
		}
	}
	return n, true
}

// addMissing puts facts into a sorted list without doubles.
func addMissing(list []string, facts []string) []string {
	for _, f := range facts {
		if i, there := slices.BinarySearch(list, f); !there {
			list = slices.Insert(list, i, f)
		}
	}
	return list
}

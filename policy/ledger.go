package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The ledgers' names.
const (
	caseLedger     = "case"
	orderLedger    = "order:"
	customerLedger = "customer:"
)

// reserving says at which ledgers beyond the case's own the caps on a kind of remedy look.
type reserving struct{ order, customer bool }

func (a reserving) or(b reserving) reserving {
	return reserving{a.order || b.order, a.customer || b.customer}
}

// Ledgers names the ledgers beyond the case's own whose entries Judge must see for the offer, sorted: "customer:42", "order:A-17". Without
// an offer it names those for any. A ledger whose customer or order is not known is not named: the rule that needs it will fail.
func (s *Set) Ledgers(r Request) []string {
	s = s.orEmpty()
	var all reserving
	for i := range r.Offer {
		all = all.or(s.reservingOn(s.kind(r.Offer[i].Kind)))
	}
	if len(r.Offer) == 0 {
		for _, a := range s.reserving {
			all = all.or(a)
		}
	}
	var names []string
	if all.customer && r.Customer != "" {
		names = append(names, customerLedger+r.Customer)
	}
	if all.order && r.Order.ID != "" {
		names = append(names, orderLedger+r.Order.ID)
	}
	return names
}

// reserves are the entries that the offer adds to the ledgers that Ledgers names for it, in the ledgers' order.
func (j *judging) reserves(kinds []tally) []Given {
	var on reserving
	for i := range kinds {
		on = on.or(j.s.reservingOn(kinds[i].at))
	}
	var all []Given
	for _, customer := range [...]bool{true, false} {
		if !on.at(customer) {
			continue
		}
		name := ledgerName(j.r, customer)
		for i := range j.r.Offer {
			x := &j.r.Offer[i]
			if name == "" || !j.s.reservingOn(of(kinds, x.Kind).at).at(customer) {
				continue
			}
			if all == nil {
				all = make([]Given, 0, len(j.r.Offer))
			}
			all = append(all, Given{Ledger: name, Kind: x.Kind, Amount: x.Amount, At: j.r.Now})
		}
	}
	return all
}

// reservingOn says at which ledgers the caps on the kind of that index look.
func (s *Set) reservingOn(kind int) reserving {
	if kind < 0 || kind >= len(s.reserving) {
		return reserving{}
	}
	return s.reserving[kind]
}

func (a reserving) at(customer bool) bool {
	if customer {
		return a.customer
	}
	return a.order
}

// ledgerName is the name of the customer's or the order's ledger, or "" if there is none. It takes an entry's text where one has it.
func ledgerName(r *Request, customer bool) string {
	prefix, id := orderLedger, r.Order.ID
	if customer {
		prefix, id = customerLedger, r.Customer
	}
	if id == "" {
		return ""
	}
	for i := range r.Given {
		if r.Given[i].on(prefix, id) {
			return r.Given[i].Ledger
		}
	}
	return prefix + id
}

func (g *Given) on(prefix, id string) bool {
	return len(g.Ledger) == len(prefix)+len(id) && strings.HasPrefix(g.Ledger, prefix) && g.Ledger[len(prefix):] == id
}

// entry tells whether a ledger's entry counts for the rule: by whom it counts, and within how many days (zero: all time). The window is
// half-open: what is exactly that many days old is out. An entry of later than now counts, since machines' clocks differ.
func (m *measuring) entry(g *Given, per string, days int) bool {
	switch {
	case per == perCase && g.Ledger != caseLedger,
		per == perOrder && !g.on(orderLedger, m.r.Order.ID),
		per == perCustomer && !g.on(customerLedger, m.r.Customer),
		!m.rule.concerns(g.Kind):
		return false
	}
	return days == 0 || g.At.IsZero() || g.At.After(m.r.Now.Add(-time.Duration(days)*day))
}

const (
	negativeEntry = "a ledger's entry is negative"
	outOfRange    = "what was given adds up to more than can be counted"
)

// amount is what the offer and the ledger come to, of the kinds that the rule concerns. If it is not ok, it has said what is wrong.
func (m *measuring) amount(c Currency, per string, days int) (sum Money, ok bool) {
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
		if m.entry(g, per, days) && !g.Amount.IsZero() && !m.add(&sum, g.Amount) {
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
		return !m.fail(fmt.Sprintf("%s is compared with %s; amounts are never converted", x, sum.Currency))
	case x.Minor < 0:
		return !m.fail(negativeEntry)
	case sum.Minor+x.Minor < sum.Minor:
		return !m.fail(outOfRange)
	}
	sum.Minor += x.Minor
	return true
}

// count is how many remedies the offer and the ledger come to.
func (m *measuring) count(per string, days int) (n int, ok bool) {
	for i := range m.r.Offer {
		if m.rule.concerns(m.r.Offer[i].Kind) {
			n++
		}
	}
	for i := range m.r.Given {
		g := &m.r.Given[i]
		if !m.entry(g, per, days) {
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

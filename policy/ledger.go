package policy

import (
	"fmt"
	"slices"
	"time"
)

// ofCase stands for the case's own ledger, where others are by their index in Set.ledgers.
const ofCase = -1

// ledger is the one that a row counts by, and whether it is known.
func (m *measuring) ledger(per string, at int) (of int, known bool) {
	if per == perCase {
		return ofCase, true
	}
	id, fact := m.r.holder(per)
	if id == "" {
		if v, there := m.r.Facts[fact]; there && v != "" {
			m.fail(fmt.Sprintf("the fact %q is of the type %T; a ledger is named by a text", fact, v))
		} else {
			m.lack(fact)
		}
		return at, false
	}
	return at, true
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
func (j *judging) reserves() []Given {
	var on reserving
	for i := range j.tallies {
		on |= j.s.reservingOn(j.tallies[i].at)
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
			if name == "" || j.s.reservingOn(of(j.tallies, x.Kind).at)&(1<<at) == 0 {
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
	id, _ := r.holder(per)
	if id == "" {
		return ""
	}
	for i := range r.Given {
		if r.Given[i].on(per, id) {
			return r.Given[i].Ledger
		}
	}
	return per + ":" + id
}

func (g *Given) on(per, id string) bool {
	n := len(per)
	return len(g.Ledger) == n+1+len(id) && g.Ledger[n] == ':' && g.Ledger[n+1:] == id && g.Ledger[:n] == per
}

// seen is what is found out once a request: of the first few, the index of each kind offered, and the index of each kind given and to
// which ledger it belongs; and the latest sums.
type seen struct {
	offer  [8]int16
	kinds  [8]int16
	ledger [8]int8
	given  bool // kinds and ledger are known
	sums   [4]sum
	next   uint8 // of sums, to be replaced
}

// sum is what rows on the same kinds have been measured by.
type sum struct {
	on    int32 // the rule's kinds; see rule.on
	of    int16
	days  int32
	money Currency // zero: a number
	total int64
}

const elsewhere = -2

// offered looks up the kinds of the offer.
func (v *seen) offered(s *Set, r *Request) {
	for i := range min(len(r.Offer), len(v.offer)) {
		v.offer[i] = int16(s.kind(r.Offer[i].Kind))
	}
}

// total is the sum, and whether it is known already. Only sums that are in order are.
func (v *seen) total(of *sum) bool {
	for i := range v.sums {
		if x := &v.sums[i]; x.on == of.on && x.of == of.of && x.days == of.days && x.money == of.money && of.on > 0 {
			of.total = x.total
			return true
		}
	}
	return false
}

func (v *seen) keep(x sum) {
	v.sums[v.next%uint8(len(v.sums))] = x
	v.next++
}

// offers tells whether the rule concerns that remedy of the offer.
func (m *measuring) offers(i int) bool {
	return m.rule.concerns(m.r.Offer[i].Kind, m.seen.kind(m.s, m.r, i))
}

// kind is the index of the kind of that remedy of the offer.
func (v *seen) kind(s *Set, r *Request, i int) int {
	if i < len(v.offer) {
		return int(v.offer[i])
	}
	return s.kind(r.Offer[i].Kind)
}

// given is the kind of an entry and to which ledger it belongs: ofCase, an index in Set.ledgers, or elsewhere.
func (m *measuring) given(i int) (kind, of int) {
	if i >= len(m.seen.kinds) {
		g := &m.r.Given[i]
		return m.s.kind(g.Kind), m.s.ledgerOf(m.r, g)
	}
	if !m.seen.given {
		m.seen.lookUp(m.s, m.r)
	}
	return int(m.seen.kinds[i]), int(m.seen.ledger[i])
}

func (v *seen) lookUp(s *Set, r *Request) {
	v.given = true
	n := min(len(r.Given), len(v.kinds))
	for i := range n {
		v.ledger[i] = elsewhere
		if r.Given[i].Ledger == perCase {
			v.ledger[i] = ofCase
		}
	}
	for at, per := range s.ledgers {
		id, _ := r.holder(per)
		for i := range n {
			if id != "" && r.Given[i].on(per, id) {
				v.ledger[i] = int8(at)
			}
		}
	}
	for i := range n {
		switch g := &r.Given[i]; {
		case len(r.Offer) > 0 && r.Offer[0].Kind == g.Kind:
			v.kinds[i] = v.offer[0] // as in most requests
		case i > 0 && r.Given[i-1].Kind == g.Kind:
			v.kinds[i] = v.kinds[i-1]
		default:
			v.kinds[i] = int16(s.kind(g.Kind))
		}
	}
}

func (s *Set) ledgerOf(r *Request, g *Given) int {
	if g.Ledger == perCase {
		return ofCase
	}
	for at, per := range s.ledgers {
		if id, _ := r.holder(per); id != "" && g.on(per, id) {
			return at
		}
	}
	return elsewhere
}

// entry tells whether a ledger's entry counts for the rule: by whom it counts, and since when (zero: all time). The window is half-open:
// what is exactly as old as it is long is out. An entry of later than now counts, since machines' clocks differ.
func (m *measuring) entry(i, of int, since time.Time) bool {
	if kind, on := m.given(i); on != of || !m.rule.concerns(m.r.Given[i].Kind, kind) {
		return false
	}
	at := m.r.Given[i].At
	return since.IsZero() || at.IsZero() || at.After(since)
}

// since is the start of a window that ends now.
func (m *measuring) since(days int) time.Time {
	if days == 0 {
		return time.Time{}
	}
	return m.r.Now.Add(-time.Duration(days) * day)
}

const (
	negativeEntry = "a ledger's entry is negative"
	outOfRange    = "what was given adds up to more than can be counted"
)

// amount is what the offer and the ledger come to, of the kinds that the rule concerns. If it is not ok, it has said what is wrong.
func (m *measuring) amount(c Currency, of, days int) (used Money, ok bool) {
	memo := sum{on: m.rule.on, of: int16(of), days: int32(days), money: c}
	if m.seen.total(&memo) {
		return Money{memo.total, c}, true
	}
	if used, ok = m.addUp(c, of, days); ok {
		memo.total = used.Minor
		m.seen.keep(memo)
	}
	return used, ok
}

func (m *measuring) addUp(c Currency, of, days int) (sum Money, ok bool) {
	sum.Currency = c
	known := true
	for i := range m.r.Offer {
		x := &m.r.Offer[i]
		if !m.offers(i) {
			continue
		}
		if x.Amount.IsZero() {
			if known && !m.s.words(m.seen.kind(m.s, m.r, i)) {
				known = !m.lack("offer.amount")
			}
			continue
		}
		if !m.add(&sum, x.Amount) {
			return sum, false
		}
	}
	if len(m.r.Given) == 0 {
		return sum, known
	}
	since := m.since(days)
	for i := range m.r.Given {
		g := &m.r.Given[i]
		if m.entry(i, of, since) && !g.Amount.IsZero() && !m.add(&sum, g.Amount) {
			return sum, false
		}
	}
	return sum, known
}

// words tells whether the kind of that index can have no amount.
func (s *Set) words(kind int) bool { return kind >= 0 && s.allKinds()[kind].nature == Words }

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
func (m *measuring) count(of, days int) (n int, ok bool) {
	memo := sum{on: m.rule.on, of: int16(of), days: int32(days)}
	if m.seen.total(&memo) {
		return int(memo.total), true
	}
	if n, ok = m.countUp(of, days); ok {
		memo.total = int64(n)
		m.seen.keep(memo)
	}
	return n, ok
}

func (m *measuring) countUp(of, days int) (n int, ok bool) {
	for i := range m.r.Offer {
		if m.offers(i) {
			n++
		}
	}
	since := m.since(days)
	for i := range m.r.Given {
		g := &m.r.Given[i]
		if !m.entry(i, of, since) {
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

package policy

import (
	"slices"
	"time"
)

// meets holds if a remedy offered and another, offered too or given before, exclude one another and are on the same order line. A remedy
// without an order line is on every one.
func (m *measuring) meets(x *excludes) bool {
	if x.per == "" {
		return true
	}
	for i := range m.r.Offer {
		a := &m.r.Offer[i]
		for j := range i {
			if b := &m.r.Offer[j]; m.clash(x, a, b.Kind, b.Item) {
				return true
			}
		}
		for j := range m.r.Given {
			_, of := m.given(j)
			if g := &m.r.Given[j]; (of == ofCase || x.per != perCase && of == x.at) && m.clash(x, a, g.Kind, g.Line) {
				return true
			}
		}
	}
	_, known := m.ledger(x.per, x.at)
	return !known
}

// clash tells whether a remedy and another exclude one another, and notes it.
func (m *measuring) clash(x *excludes, a *Remedy, kind Kind, item string) bool {
	if a.Item != "" && item != "" && a.Item != item || !x.between(a.Kind, kind) && !x.between(kind, a.Kind) {
		return false
	}
	c := m.comparing()
	c.Kind, c.With, c.Item = a.Kind, kind, max(a.Item, item) // one of them, if any
	return true
}

func (x *excludes) between(own, other Kind) bool {
	return slices.Contains(x.own, own) && slices.Contains(x.others, other)
}

// tooEarly holds if a remedy is promised by a time that cannot be kept. What is promised by no time is not.
func (m *measuring) tooEarly(e earliest) bool {
	if e == (earliest{}) {
		return true
	}
	var by time.Time
	for i := range m.r.Offer {
		if x := &m.r.Offer[i]; !x.By.IsZero() && m.offers(i) && (by.IsZero() || x.By.Before(by)) {
			by = x.By
		}
	}
	switch {
	case by.IsZero():
		return false
	case m.r.Now.IsZero():
		return m.lack("now")
	}
	first := e.after(m.r.Now)
	m.comparing().Earliest = first
	return by.Before(first)
}

// isSelf holds if the actor is the customer, or is to be paid what the row concerns. Of a customer who is not identified it is not known,
// but words alone have nothing for an actor to gain, so that an anonymous complaint can be answered.
func (m *measuring) isSelf(w *row) bool {
	if !w.self {
		return true
	}
	actor := m.r.Actor.ID
	if actor == "" {
		return m.lack("actor")
	}
	for i := range m.r.Offer {
		if x := &m.r.Offer[i]; x.Payee == actor && m.offers(i) {
			return true
		}
	}
	if m.r.Customer == "" {
		return !m.onlyWords() && m.lack("customer")
	}
	return m.r.Customer == actor
}

// onlyWords tells whether all that the row concerns is allowed unless denied.
func (m *measuring) onlyWords() bool {
	for i := range m.r.Offer {
		if m.offers(i) && !m.r.Offer[i].Kind.free() {
			return false
		}
	}
	return true
}

package policy

import "time"

// row holds the conditions of a row of the document. The row fires if all hold; conditions that are not set hold.
type row struct {
	categories, severities, channels, tiers []string
	from, until                             time.Time // half-open; zero: unbounded
	within                                  within
	upTo, over                              bound
	beyond                                  beyond
	excludes                                excludes
	earliest                                earliest
	self                                    bool // the actor is who gets it
	unfit                                   bool // the block is about the actor
	whenText                                string
	when                                    func(*Request) (bool, error)
	looks                                   []string                                      // the ledgers at which when looks
	has                                     struct{ names, time, amount, cap, rare bool } // which conditions there are
}

// note notes which conditions the row has, so that a judgment passes over the others at once.
func (w *row) note() {
	w.has.names = len(w.categories)+len(w.severities)+len(w.channels)+len(w.tiers) > 0
	w.has.time = !w.timeless()
	w.has.amount = !w.upTo.IsZero() || !w.over.IsZero()
	w.has.cap = w.beyond.per != ""
	w.has.rare = w.excludes.per != "" || w.earliest != earliest{} || w.self || w.when != nil
}

// within is a number of days since the purchase or delivery.
type within struct {
	days int
	of   string
}

// The anchors of within, as documents name them.
const (
	sincePurchase = "purchase"
	sinceDelivery = "delivery"
)

// beyond is a cap. Either amount or count is set.
type beyond struct {
	amount bound
	count  int
	per    string
	at     int // of per in Set.ledgers, unless it is the case
	days   int // zero: all time
}

// excludes says which remedies cannot stand beside one another on an order line. It is set if per is.
type excludes struct {
	own, others []Kind // one of each cannot be; sorted
	per         string // beside the offer and the case, the ledger where to look
	at          int    // of per in Set.ledgers, unless it is the case
}

// earliest is how long from now the earliest promise is that can be kept. Either is set.
type earliest struct{ days, hours int }

func (e earliest) after(now time.Time) time.Time {
	return now.Add(time.Duration(e.days)*day + time.Duration(e.hours)*time.Hour)
}

// What caps count by, as documents name it, beside the ledgers of the host's that they declare.
const (
	perCase     = "case"
	perOrder    = "order"
	perCustomer = "customer"
)

const day = 24 * time.Hour

// measuring is one judgment of a row. A condition that does not hold settles it, whatever the others lack.
type measuring struct {
	s     *Set
	r     *Request
	seen  seen
	exact bool // of the request's scope: rows that it passes hold by all names
	rule  *rule
	copy  *Request // of r, for rules in Go and conditions; see shared
	*measured
}

// measured is what a judgment of a row found.
type measured struct {
	compared Compared
	failure
	dirty bool // compared is set
}

// comparing is where to note what was measured.
func (m *measuring) comparing() *Compared {
	m.dirty = true
	return &m.compared
}

// shared is the request for the host's code: one copy for all, which is made only where there is such code.
func (m *measuring) shared() *Request {
	if m.copy == nil {
		c := *m.r
		m.copy = &c
	}
	return m.copy
}

// fires tells whether all conditions hold. One of which nothing is known does; the row has failed then.
func (m *measuring) fires() bool {
	w := m.rule.row
	return (m.exact || !w.has.names || m.named(w)) && (!w.has.time || m.timely(w)) &&
		(!w.has.amount || m.inAmount(w)) && (!w.has.cap || m.overCap(&w.beyond)) &&
		(!w.has.rare || m.meets(&w.excludes) && m.tooEarly(w.earliest) && m.isSelf(w) && m.holds(w.when))
}

// scoped is fires but for what depends on the offer.
func (m *measuring) scoped() bool { return m.named(m.rule.row) && m.timely(m.rule.row) }

func (m *measuring) named(w *row) bool {
	return m.oneOf(w.categories, m.r.Category, "category") &&
		m.oneOf(w.severities, m.r.Severity, "severity") &&
		m.oneOf(w.channels, m.r.Channel, "channel") &&
		m.oneOf(w.tiers, m.r.Tier, "tier")
}

func (m *measuring) timely(w *row) bool { return m.inForce(w) && m.inTime(w.within) }

// at is the time by which the rule judges: the complaint's date for a mandate, else now.
func (m *measuring) at() (time.Time, string) {
	if m.rule.effect == Mandate {
		return m.r.Received, "received"
	}
	return m.r.Now, "now"
}

func (m *measuring) inForce(w *row) bool {
	if w.from.IsZero() && w.until.IsZero() {
		return true
	}
	at, fact := m.at()
	if at.IsZero() {
		return m.lack(fact)
	}
	return !at.Before(w.from) && (w.until.IsZero() || at.Before(w.until))
}

// inTime holds up to and on the last instant of the span. Whatever is before the anchor is within.
func (m *measuring) inTime(w within) bool {
	if w.of == "" {
		return true
	}
	since, fact := m.r.Order.Purchased, "order.purchased"
	if w.of == sinceDelivery {
		since, fact = m.r.Order.Delivered, "order.delivered"
	}
	at, clock := m.at()
	if since.IsZero() {
		m.lack(fact)
	}
	if at.IsZero() {
		m.lack(clock)
	}
	if since.IsZero() || at.IsZero() {
		return true
	}
	if at.After(since.Add(time.Duration(w.days) * day)) {
		return false
	}
	c := m.comparing()
	c.Of, c.Within, c.Age = w.of, w.days, max(0, int(at.Sub(since)/day))
	return true
}

func (m *measuring) inAmount(w *row) bool {
	if w.upTo.IsZero() && w.over.IsZero() {
		return true
	}
	upTo, known := m.limit(w.upTo)
	over, both := m.limit(w.over)
	if !known || !both {
		return true
	}
	limit := upTo
	if limit.IsZero() {
		limit = over
	} else if !over.IsZero() && over.Currency != limit.Currency {
		return m.fail(unlike(over, limit.Currency))
	}
	used, ok := m.amount(limit.Currency, ofCase, 0)
	if !ok {
		return true
	}
	if !upTo.IsZero() && used.Minor > upTo.Minor || !over.IsZero() && used.Minor <= over.Minor {
		return false
	}
	c := m.comparing()
	c.Used, c.Limit = used, limit
	return true
}

func (m *measuring) overCap(b *beyond) bool {
	if b.per == "" {
		return true
	}
	of, ok := m.window(b)
	if !ok {
		return true
	}
	if b.count > 0 {
		n, ok := m.count(of, b.days)
		if !ok {
			return true
		}
		if n <= b.count {
			return false
		}
		c := m.comparing()
		c.Count, c.Max, c.Days = n, b.count, b.days
		return true
	}
	limit, ok := m.limit(b.amount)
	if !ok {
		return true
	}
	used, ok := m.amount(limit.Currency, of, b.days)
	if !ok {
		return true
	}
	if used.Minor <= limit.Minor {
		return false
	}
	c := m.comparing()
	c.Used, c.Limit, c.Days = used, limit, b.days
	return true
}

// window is the cap's ledger, and whether it and the time are known.
func (m *measuring) window(b *beyond) (of int, known bool) {
	of, known = m.ledger(b.per, b.at)
	if b.days > 0 && m.r.Now.IsZero() {
		known = !m.lack("now")
	}
	return of, known
}

func (m *measuring) holds(when func(*Request) (bool, error)) bool {
	if when == nil {
		return true
	}
	r := m.shared()
	holds, why := contain(func() (bool, error) { return when(r) })
	if why.failed() {
		m.missing = append(m.missing, why.missing...)
		if why.err != "" {
			m.fail(why.err)
		}
		return true
	}
	return holds
}

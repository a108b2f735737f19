package policy

import "fmt"

// bound is a limit of amount: an amount, or a percentage of what was paid for the order. The zero bound is none.
type bound struct {
	amount  Money
	percent int // 1 to 100
}

// IsZero tells whether there is no limit.
func (b bound) IsZero() bool { return b == bound{} }

// MarshalJSON writes the form of documents.
func (b bound) MarshalJSON() ([]byte, error) {
	if b.percent > 0 {
		return fmt.Appendf(nil, `{"percent":%d}`, b.percent), nil
	}
	return b.amount.MarshalJSON()
}

func (b bound) String() string {
	if b.percent > 0 {
		return fmt.Sprintf("%d %% of what was paid", b.percent)
	}
	return b.amount.String()
}

// comparable tells whether it is known without a request which of the two is higher.
func (b bound) comparable(c bound) bool {
	return (b.percent > 0) == (c.percent > 0) && b.amount.Currency == c.amount.Currency
}

// exceeds tells whether b is higher than c, which is comparable.
func (b bound) exceeds(c bound) bool {
	return b.percent > c.percent || b.amount.Minor > c.amount.Minor
}

// limit is a bound in money; no amount for no bound. If it is not ok, it has said what is wrong. Percentages are rounded down: a sum of
// whole cents is within the exact share if and only if it is within the rounded one.
func (m *measuring) limit(b bound) (limit Money, ok bool) {
	if b.percent == 0 {
		return b.amount, true
	}
	switch paid := m.r.Order.Paid; {
	case paid.IsZero():
		return Money{}, !m.lack("order.paid")
	case paid.Minor < 0 || !paid.Currency.known():
		return Money{}, !m.fail("what was paid is no amount: " + paid.String())
	default:
		percent := int64(b.percent)
		return Money{paid.Minor/100*percent + paid.Minor%100*percent/100, paid.Currency}, true
	}
}

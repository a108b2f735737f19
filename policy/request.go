package policy

import (
	"strings"
	"time"
)

// Role is a rung of the ladder that the host names, lowest first: "agent", "supervisor", "manager". Whoever has a role may also do
// what lower roles may. The empty Role is below all.
type Role string

// Actor is who offers or approves. The zero Actor has no authority.
type Actor struct {
	ID   string `json:"id"`
	Role Role   `json:"role,omitempty"`
}

// Remedy is one thing offered. Set.Check reports what is wrong with one.
type Remedy struct {
	Kind   Kind      `json:"kind"`
	Amount Money     `json:"amount,omitzero"` // what the customer gets, or the declared cost of goods; see Nature
	Item   string    `json:"item,omitempty"`  // order line
	Payee  string    `json:"payee,omitempty"` // empty: the customer
	By     time.Time `json:"by,omitzero"`     // when it is promised to be done; zero: not said
}

// String is, for example, "apology", "refund of 50.00 EUR" or "voucher of 10.00 EUR (line-1, to 77, by 2026-11-19 12:00 UTC)".
func (r Remedy) String() string {
	text := string(r.Kind)
	if !r.Amount.IsZero() {
		text += " of " + r.Amount.String()
	}
	var more []string
	if r.Item != "" {
		more = append(more, r.Item)
	}
	if r.Payee != "" {
		more = append(more, "to "+r.Payee)
	}
	if !r.By.IsZero() {
		more = append(more, "by "+r.By.UTC().Format(minutes))
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// Order is what the complaint is about. Zero fields are facts that are not known, which is not the same as false: a rule that needs
// one fails as its effect demands, and Decision.Missing names it.
type Order struct {
	ID        string    `json:"id,omitempty"`
	Paid      Money     `json:"paid,omitzero"`
	Purchased time.Time `json:"purchased,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`
}

// Given is a remedy given, reserved or spent, as a ledger holds it: before, as a request says, or by the offer, as a decision says. Ledger
// is "case" for the case itself, and else a name that Set.Ledgers has asked for: "order:A-17", "customer:42", "household:17".
type Given struct {
	Ledger string    `json:"ledger"`
	Kind   Kind      `json:"kind"`
	Amount Money     `json:"amount,omitzero"` // none counts as nothing
	Line   string    `json:"line,omitempty"`  // order line, the Item of the remedy; empty: the order as a whole
	Count  int       `json:"count,omitempty"` // how many remedies this entry stands for; zero: one
	At     time.Time `json:"at"`              // zero: not known, so it is within every window
}

// Request is everything that a decision may look at. An empty text or zero time is a fact that is not known.
type Request struct {
	Now       time.Time // when it is judged; the policy has no clock of its own
	Actor     Actor     // who offers
	Approvers []Actor   // who agreed so far; the actor, the customer, payees and whoever has no id count for nothing
	Case      string    // the case's id, for rules in Go; rows do not look at it
	Received  time.Time // the complaint's date, by which mandates judge
	Category  string
	Channel   string
	Severity  string
	Round     int    // how often the five steps were walked; for rules in Go
	Customer  string // empty: not identified
	Tier      string // the customer's
	Order     Order
	Facts     Facts
	Given     []Given  // from the case and from the ledgers that Set.Ledgers names
	Offer     []Remedy // the whole bundle; the verdict is that of its strictest remedy
}

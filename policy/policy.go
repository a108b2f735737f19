// Package policy says which remedies may be offered, by whom. Pure.
package policy

import (
	"iter"
	"time"
)

const todo = "skeleton"

// Currency is an ISO 4217 code, its three letters packed; constants for all (EUR, USD, …). JSON: the code as a string.
type Currency uint32

const (
	EUR Currency = 'E'<<16 | 'U'<<8 | 'R'
	GBP Currency = 'G'<<16 | 'B'<<8 | 'P'
	JPY Currency = 'J'<<16 | 'P'<<8 | 'Y'
	TRY Currency = 'T'<<16 | 'R'<<8 | 'Y'
	USD Currency = 'U'<<16 | 'S'<<8 | 'D'
)

func (c Currency) String() string { panic(todo) }

// Money is 16 bytes and comparable; the zero value is no money. JSON {"amount":"49.99","currency":"EUR"}; the zero value is null.
type Money struct {
	Minor    int64
	Currency Currency
}

func ParseMoney(amount, currency string) (Money, error) { panic(todo) }
func (m Money) String() string                          { panic(todo) } // "49.99 EUR"
func (m Money) IsZero() bool                            { return m == Money{} }
func (m Money) Add(n Money) (Money, error)              { panic(todo) } // zero Money adds to any currency
func (m Money) Sub(n Money) (Money, error)              { panic(todo) }
func (m Money) Compare(n Money) (int, error)            { panic(todo) }
func (m Money) MarshalJSON() ([]byte, error)            { panic(todo) }
func (m *Money) UnmarshalJSON([]byte) error             { panic(todo) }

// Kind is a kind of remedy; hosts add their own.
type Kind string

const (
	Apology         Kind = "apology"
	Explanation     Kind = "explanation"
	Correction      Kind = "correction"
	Repair          Kind = "repair"
	Replacement     Kind = "replacement"
	Upgrade         Kind = "upgrade"
	Reperformance   Kind = "reperformance"
	Refund          Kind = "refund"
	PartialRefund   Kind = "partial_refund"
	Credit          Kind = "credit"
	Voucher         Kind = "voucher"
	Discount        Kind = "discount"
	FeeWaiver       Kind = "fee_waiver"
	Compensation    Kind = "compensation"
	Gift            Kind = "gift"
	Expedite        Kind = "expedite"
	Callback        Kind = "callback"
	ContractRelease Kind = "contract_release"
	HonorPromise    Kind = "honor_promise" // what was said is honored
)

// Role is a rung of the ladder that the host names, lowest first.
type Role string

// Remedy is one thing offered.
type Remedy struct {
	Kind   Kind      `json:"kind"`
	Amount Money     `json:"amount,omitzero"` // what the customer gets, or the declared cost of goods and vouchers
	Item   string    `json:"item,omitempty"`  // order line
	Payee  string    `json:"payee,omitempty"` // empty: the customer
	By     time.Time `json:"by,omitzero"`     // when it is promised to be done; zero: not said
}

// Actor is who offers or approves.
type Actor struct {
	ID   string `json:"id"`
	Role Role   `json:"role,omitempty"`
}

// Order is what the complaint is about.
type Order struct {
	ID        string    `json:"id,omitempty"`
	Paid      Money     `json:"paid,omitzero"`
	Purchased time.Time `json:"purchased,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`
}

// Facts are what the host knows beyond the fields of a Request. A value is a string, bool, int, int64, Money or time.Time.
// JSON: strings, booleans, whole numbers, {"amount":…,"currency":…} and {"time":"RFC 3339"}; decoding yields int64 for numbers.
type Facts map[string]any

func (f Facts) MarshalJSON() ([]byte, error)  { panic(todo) }
func (f *Facts) UnmarshalJSON(b []byte) error { panic(todo) }

// Check reports values of types that Facts do not hold, all at once.
func (f Facts) Check() error { panic(todo) }

// Given is a remedy given, reserved or spent before, as a ledger holds it.
type Given struct {
	Ledger string    `json:"ledger"` // "case", "order:A-17", "customer:42"
	Kind   Kind      `json:"kind"`
	Amount Money     `json:"amount,omitzero"`
	Count  int       `json:"count,omitempty"` // how many remedies this entry stands for; zero: one
	At     time.Time `json:"at"`
}

// Request is everything that a decision may look at.
type Request struct {
	Now       time.Time
	Actor     Actor   // who offers
	Approvers []Actor // who agreed so far; ones equal to Actor count for nothing
	Case      string
	Received  time.Time // the complaint's date
	Category  string
	Channel   string
	Severity  string
	Round     int
	Customer  string // empty: not identified
	Tier      string
	Order     Order
	Facts     Facts
	Given     []Given
	Offer     []Remedy
}

// Effect is what a rule does when it fires. JSON and text: "allow", "approve", "deny", "mandate", "block".
type Effect uint8

const (
	Allow Effect = iota + 1
	Approve
	Deny
	Mandate
	Block
)

func (e Effect) String() string               { panic(todo) }
func (e Effect) MarshalText() ([]byte, error) { panic(todo) }
func (e *Effect) UnmarshalText([]byte) error  { panic(todo) }

// Verdict is a decision's answer. The zero Verdict is Denied. Text: "denied", "blocked", "needs_approval", "allowed", "mandated".
type Verdict uint8

const (
	Denied Verdict = iota
	Blocked
	NeedsApproval
	Allowed
	Mandated
)

func (v Verdict) String() string               { panic(todo) }
func (v Verdict) MarshalText() ([]byte, error) { panic(todo) }
func (v *Verdict) UnmarshalText([]byte) error  { panic(todo) }

// Compared is what a rule measured; text is made only when asked for.
type Compared struct {
	Used  Money `json:"used,omitzero"` // this offer and what was given
	Limit Money `json:"limit,omitzero"`
	Count int   `json:"count,omitempty"`
	Max   int   `json:"max,omitempty"`
	Days  int   `json:"days,omitempty"`
}

func (c Compared) String() string { panic(todo) } // "12.00 EUR of 50.00 EUR used in 90 days"

// Basis is what a rule rests on.
type Basis string

const (
	Legal      Basis = "legal"
	Commercial Basis = "policy"
	Business   Basis = "business"
)

// Finding is what one rule said.
type Finding struct {
	Rule     string            `json:"rule"`
	Effect   Effect            `json:"effect"`
	Reason   string            `json:"reason,omitempty"`  // for staff
	Explain  map[string]string `json:"explain,omitempty"` // for the customer, by language
	Basis    Basis             `json:"basis,omitempty"`
	By       Role              `json:"by,omitempty"` // the role that it asks for
	Compared Compared          `json:"compared,omitzero"`
	Error    string            `json:"error,omitempty"` // the rule failed and counts as its effect demands
}

// Reserve is what an offer takes from a ledger until it is spent or released. JSON as Given's.
type Reserve = Given

// Decision is what Judge answers. The zero Decision denies.
type Decision struct {
	Verdict  Verdict   `json:"verdict"`
	By       Role      `json:"by,omitempty"` // with NeedsApproval: the lowest role that may approve
	Findings []Finding `json:"findings,omitempty"`
	Missing  []string  `json:"missing,omitempty"`
	Reserves []Reserve `json:"reserves,omitempty"`
	Policy   string    `json:"policy,omitempty"`
	Version  string    `json:"version,omitempty"`
	Digest   Digest    `json:"digest,omitzero"`
}

func (d Decision) String() string { panic(todo) } // "needs approval by supervisor (swap-early: replaced rather than repaired …)"

// Digest is SHA-256 of a policy's canonical document; JSON: hex.
type Digest [32]byte

func (d Digest) String() string               { panic(todo) }
func (d Digest) MarshalText() ([]byte, error) { panic(todo) }
func (d *Digest) UnmarshalText([]byte) error  { panic(todo) }

// Rule declares its effect so that a failing rule can fail closed.
type Rule interface {
	ID() string
	Effect() Effect
	Judge(r *Request) (Finding, bool, error)
}

// Func is a rule written as a function.
type Func struct {
	Name     string
	Is       Effect
	Remedies []Kind // concerned; empty: all
	Role     Role   // Allow: the lowest role that may; Approve: who must agree
	Fn       func(r *Request) (reason string, fired bool, err error)
}

func (f Func) ID() string     { return f.Name }
func (f Func) Effect() Effect { return f.Is }
func (f Func) Judge(r *Request) (Finding, bool, error) {
	why, fired, err := f.Fn(r)
	return Finding{Rule: f.Name, Effect: f.Is, Reason: why}, fired, err
}

// MissingError says which facts a rule lacked.
type MissingError struct{ Facts []string }

func (e *MissingError) Error() string { return "policy: missing facts" }
func Missing(facts ...string) error   { return &MissingError{facts} }

// Compiler compiles the `when` conditions of a document.
type Compiler interface {
	Compile(when string) (func(*Request) (bool, error), error)
}

type Options struct {
	Rules    []Rule
	Compiler Compiler
}

// Name is a name that a policy uses and only the host knows, with its place in the document.
type Name struct {
	Attribute, Value string // Attribute: "category", "channel", "severity", "tier"
	Line, Column     int
}

// Set is a policy, immutable and safe for concurrent use.
type Set struct{ _ int }

func Load(doc []byte, o *Options) (*Set, error)                        { panic(todo) }
func New(name, version string, roles []Role, o *Options) (*Set, error) { panic(todo) }
func (s *Set) Name() string                                            { panic(todo) }
func (s *Set) Version() string                                         { panic(todo) }
func (s *Set) Digest() Digest                                          { panic(todo) }
func (s *Set) Document() []byte                                        { panic(todo) } // canonical; its SHA-256 is Digest
func (s *Set) Judge(r Request) Decision                                { panic(todo) }

// Ledgers names the ledgers beyond the case's own whose entries Judge must see: "customer:42", "order:A-17".
func (s *Set) Ledgers(r Request) []string { panic(todo) }

// Parameters judges each kind for the actor: first those of preferred, in its order, then the others.
func (s *Set) Parameters(r Request, preferred ...Kind) []Parameter { panic(todo) }
func (s *Set) Roles() []Role                                       { panic(todo) }
func (s *Set) Rank(r Role) (int, bool)                             { panic(todo) } // 0 is the lowest
func (s *Set) Kinds() []Kind                                       { panic(todo) } // built-in and the document's own
func (s *Set) Names() iter.Seq[Name]                               { panic(todo) }

// Check reports what is wrong with a remedy by itself: unknown kind, amount missing, negative or not possible for its kind.
func (s *Set) Check(r Remedy) error { panic(todo) }

// Parameter is what an actor may do about one kind of remedy.
type Parameter struct {
	Kind    Kind
	Verdict Verdict // for the smallest amount
	UpTo    Money   // alone; zero: no amount limit, or none is needed
	Ladder  []Step  // with whose approval up to what, rising
	Left    Money   // of the tightest cap; zero: no cap
	Why     []Finding
}
type Step struct {
	By   Role
	UpTo Money // zero: no limit
}

func (p Parameter) String() string { panic(todo) }

type Fault struct {
	Line, Column int
	Path, Msg    string
	DidYouMean   string
}
type DocumentError struct{ Faults []Fault }

func (e *DocumentError) Error() string { panic(todo) }

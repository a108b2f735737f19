package recovery

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Case is one complaint as it stands: a value, folded from the case's events. It
// holds what is needed to go on, and stays bounded in size however long the case
// lasts: the latest offer, the promises of this round and those outstanding, the
// running clocks and the last cycle of each. The whole past is in [Desk.History].
//
// A Case that a method of the desk returned shares nothing with the desk.
type Case struct {
	ID        uuid.UUID `json:"id"`
	Sequence  uint64    `json:"sequence"` // how many records the case has
	Complaint           // as opened, and as reclassified and learned since

	Opened     time.Time `json:"opened"`
	Changed    time.Time `json:"changed"` // when the last record was written
	Step       Step      `json:"step"`
	Round      int       `json:"round"`       // 1, 2, …
	RoundSince time.Time `json:"round_since"` // when the complaint was received, or the round began
	Deviations int       `json:"deviations,omitempty"`
	Goal       string    `json:"goal,omitempty"`
	Playbook   string    `json:"playbook,omitempty"` // the name of the one in use
	// GoalByAgent says that an agent set goal and playbook: a new round keeps them.
	GoalByAgent bool `json:"goal_by_agent,omitempty"`

	Assignee  string `json:"assignee,omitempty"`
	LastAgent string `json:"last_agent,omitempty"` // who spoke with the customer last, and should go on where possible
	Transfers int    `json:"transfers,omitempty"`

	Clarification *Clarify       `json:"clarification,omitempty"` // of this round
	Offer         *Offer         `json:"offer,omitempty"`         // the latest of this round, whatever became of it
	Offers        int            `json:"offers,omitempty"`        // how many were ever made
	Promises      []Pledge       `json:"promises,omitempty"`      // those outstanding, and those of this round
	Pledges       int            `json:"pledges,omitempty"`       // how many promises were ever made
	Given         []policy.Given `json:"given,omitempty"`         // what was accepted or awarded on this case, delivered or not, summed by kind, order line and currency
	Owed          []Owed         `json:"owed,omitempty"`          // what of it was not delivered yet

	Clocks      []sla.Clock  `json:"clocks,omitempty"`
	Breaches    int          `json:"breaches,omitempty"` // of all clocks and cycles, but for those withdrawn
	Waiting     *Waiting     `json:"waiting,omitempty"`
	Escalation  *Escalation  `json:"escalation,omitempty"` // the latest
	Restriction *Restriction `json:"restriction,omitempty"`
	Contacts    Contacts     `json:"contacts,omitzero"`
	Responses   []Respond    `json:"responses,omitempty"` // the latest of each kind
	Links       []Link       `json:"links,omitempty"`
	CheckBack   *CheckBack   `json:"check_back,omitempty"` // the latest
	Closing     *Close       `json:"closing,omitempty"`    // the latest; nil again when reopened
	ClosedAt    time.Time    `json:"closed_at,omitzero"`
	Ended       []string     `json:"ended,omitempty"`       // the clocks that only closing stopped, by id
	ReferredAt  time.Time    `json:"referred_at,omitzero"`  // when it was last handed to another body
	DeliveredAt time.Time    `json:"delivered_at,omitzero"` // when nothing was outstanding any more in this round
	Erased      bool         `json:"erased,omitempty"`      // personal texts were removed
}

// Open reports whether the case is not closed.
func (c Case) Open() bool { return c.Step != StepClosed && c.Step != "" }

// Legal lists the commands that are possible in the case's step, by name, in the
// order of the process. Who gives them and what they contain may still forbid them.
func (c Case) Legal() []string { return legalIn(c.Step) }

// Due is the next instant at which time alone changes something: a clock's
// threshold, a promise, an offer that lapses, an approval. Zero: none. It is what a
// tick waits for, and no deadline: what has passed and was recorded is not in it.
func (c Case) Due() time.Time {
	at, _ := nextDue(&c)
	return at
}

// Clock returns the running or, if none runs, the last cycle of the clock with an
// id: the metric's name, a statutory objective's id, or "promise:3".
func (c Case) Clock(id string) (sla.Clock, bool) {
	for _, k := range slices.Backward(c.Clocks) {
		if k.ID == id {
			return k, true
		}
	}
	return sla.Clock{}, false
}

// Option is one of the things that an offer lets the customer choose from.
type Option struct {
	Remedies []policy.Remedy `json:"remedies"`
	Promises []Promise       `json:"promises,omitempty"`
}

// OfferState is what became of an offer.
type OfferState string

// The states of an offer.
const (
	OfferApproval  OfferState = "approval"  // waits for an approver
	OfferApproved  OfferState = "approved"  // may be presented
	OfferPresented OfferState = "presented" // the customer has been told
	OfferAccepted  OfferState = "accepted"  // wholly or in part
	OfferDeclined  OfferState = "declined"
	OfferRetracted OfferState = "retracted" // by the staff, or replaced
	OfferRefused   OfferState = "refused"   // by an approver
	OfferExpired   OfferState = "expired"   // nobody approved it in time
	OfferLapsed    OfferState = "lapsed"    // the customer was not told, or did not answer, in time
)

// Live reports whether the offer can still become accepted.
func (s OfferState) Live() bool {
	return s == OfferApproval || s == OfferApproved || s == OfferPresented
}

// Offer is a solution proposed: one option, or several to choose from.
type Offer struct {
	N           int             `json:"n"` // 1, 2, … on the case
	By          Actor           `json:"by"`
	Options     []Option        `json:"options"` // the first is what is proposed, the others are alternatives
	State       OfferState      `json:"state"`
	Decision    policy.Decision `json:"decision"` // the latest; over all options, the strictest
	Approvers   []Actor         `json:"approvers,omitempty"`
	Bound       policy.Digest   `json:"bound,omitzero"` // what the approvers agreed to: see [Approve]
	ApproveBy   time.Time       `json:"approve_by,omitzero"`
	PresentBy   time.Time       `json:"present_by,omitzero"` // once approved: when it lapses unless the customer has been told
	AnswerBy    time.Time       `json:"answer_by,omitzero"`
	PresentedAt time.Time       `json:"presented_at,omitzero"` // when the customer was told
	Reserved    []Reservation   `json:"reserved,omitempty"`
	Chosen      int             `json:"chosen,omitempty"` // once accepted: which option, 0 the first
	Items       []int           `json:"items,omitempty"`  // once accepted: which of its remedies, from 1
}

// Reservation is what an offer holds of a ledger until it is spent or released.
type Reservation struct {
	policy.Given
	Option int `json:"option,omitempty"`
	Item   int `json:"item"` // which remedy of the option, from 1
}

// Owed is a remedy that the customer has accepted and that a promise is still to
// deliver. It counts as given, on the case and in the ledgers, so that nobody gives it
// twice. Once one of its promises is kept, or the customer releases the house from it,
// it counts for good. Where none was kept and none can be any more, it was never given,
// and the case and the ledgers give it back: see [GivenBack]. That is so once each was
// superseded by what the customer accepted later, ended with the case, was stopped by
// policy, or was broken and not made good until the end of the next round: no command
// can record it as kept then, so that the customer never has both. An offer in its place is
// judged without it, and again if it is delivered while that offer is open.
type Owed struct {
	Offer   int          `json:"offer"`
	Item    int          `json:"item"`  // which remedy of the option that was accepted, from 1
	Given   policy.Given `json:"given"` // what it adds to the sums of the case
	Ledgers []string     `json:"ledgers,omitempty"`
}

// PromiseState is what became of a promise.
type PromiseState string

// The states of a promise.
const (
	PromiseOpen     PromiseState = "open"
	PromiseKept     PromiseState = "kept"
	PromiseLate     PromiseState = "late"   // kept, but after it was due
	PromiseBroken   PromiseState = "broken" // due, or stopped by policy, and not kept
	PromiseReleased PromiseState = "released"
	PromiseVoid     PromiseState = "void" // superseded by a later offer, kept or not, or the case ended otherwise
)

// Pledge is a promise made, as it stands.
type Pledge struct {
	N       int             `json:"n"` // 1, 2, … on the case
	What    string          `json:"what,omitempty"`
	Kind    policy.Kind     `json:"kind,omitempty"` // what kind of remedy it is, of a promise that stands by itself and says so
	Due     time.Time       `json:"due"`
	Owner   string          `json:"owner,omitempty"`
	Aside   bool            `json:"aside,omitempty"`   // delivery does not wait for it
	Offer   int             `json:"offer,omitempty"`   // the offer that it belongs to; 0: none
	Item    int             `json:"item,omitempty"`    // the remedy of the offer that it belongs to, from 1; 0: all
	Part    bool            `json:"part,omitempty"`    // of an offer accepted in part: what is offered for the rest does not supersede it
	For     []policy.Remedy `json:"for,omitempty"`     // the accepted remedies that it delivers; none: it belongs to no offer
	Stopped bool            `json:"stopped,omitempty"` // broken because the policy blocked it: it can't be kept any more
	State   PromiseState    `json:"state"`
	Made    time.Time       `json:"made"`
	Settled time.Time       `json:"settled,omitzero"` // when it was kept, broken, released or voided
}

// outstanding reports whether the promise still holds delivery up.
func (p Pledge) outstanding() bool { return p.State == PromiseOpen && !p.Aside }

// Waiting says that the case waits on somebody, which pauses the clocks whose
// objectives say so.
type Waiting struct {
	On    string    `json:"on"`
	Since time.Time `json:"since"`
}

// Escalation is a demand for somebody higher.
type Escalation struct {
	To       policy.Role `json:"to,omitempty"` // empty where the policy has no ladder
	By       Actor       `json:"by"`
	Cause    Cause       `json:"cause"`
	At       time.Time   `json:"at"`
	Answered time.Time   `json:"answered,omitzero"`
}

// Cause says why a case was escalated.
type Cause string

// The causes of an escalation.
const (
	Demanded  Cause = "demanded"  // by the customer or an agent
	ByRounds  Cause = "rounds"    // a round over the limit
	ByFailure Cause = "deviation" // a failed recovery
)

// Restriction is what an abusive customer is held to. The complaint is still
// judged on its merits: policy does not see it.
type Restriction struct {
	Level  int       `json:"level"` // 1 the mildest; the host says what each means
	Review time.Time `json:"review,omitzero"`
}

// Contacts counts and dates what was said, on any channel.
type Contacts struct {
	In         int       `json:"in,omitempty"`
	Out        int       `json:"out,omitempty"`      // reached
	Attempts   int       `json:"attempts,omitempty"` // outbound and not reached, since the last time that there was an answer
	LastIn     time.Time `json:"last_in,omitzero"`
	LastOut    time.Time `json:"last_out,omitzero"`
	Unanswered time.Time `json:"unanswered,omitzero"` // the oldest contact of the customer that nobody answered
	LastAsked  time.Time `json:"last_asked,omitzero"` // the newest contact of the customer that expects an answer, answered or not
}

// findPledge finds a promise by its number.
func findPledge(c *Case, n int) (int, bool) {
	i := slices.IndexFunc(c.Promises, func(p Pledge) bool { return p.N == n })
	return i, i >= 0
}

// outstanding reports whether a promise holds delivery up.
func outstanding(c *Case) bool { return slices.ContainsFunc(c.Promises, Pledge.outstanding) }

// deliveredAt is when nothing was outstanding any more on a case, of which the last
// thing to be recorded happened at an instant: entered late, it need not have been
// the last to happen.
func deliveredAt(c *Case, at time.Time) time.Time {
	for _, p := range c.Promises {
		switch p.State {
		case PromiseKept, PromiseLate, PromiseReleased:
			if !p.Aside {
				at = later(at, p.Settled)
			}
		case PromiseOpen, PromiseBroken, PromiseVoid:
		}
	}
	return at
}

// liveOffer is the offer if it can still become accepted, or nil.
func liveOffer(c *Case) *Offer {
	if c.Offer != nil && c.Offer.State.Live() {
		return c.Offer
	}
	return nil
}

package recovery

import (
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Event is something that happened to a case, a ledger or a document: one of the
// types below, and a sealed set. Events carry answers, not questions: the step
// reached, the decision made, the new value of each clock that changed. So a case
// can be folded from its events without policy, agreement or transition table.
//
// Stored events are a public contract: their JSON never changes meaning.
//
//sumtype:decl
type Event interface {
	event() string
}

// Change is what an event changed of the case's standing, beside its own subject.
//
//nolint:recvcheck // set alone needs the pointer
type Change struct {
	Step   Step        `json:"step,omitempty"`   // the step reached; empty: the case did not move
	Clocks []sla.Clock `json:"clocks,omitempty"` // the new values of those that changed
}

func (ch Change) change() Change { return ch }

// changeOf is what an event changed; of one that changes no case it is zero.
func changeOf(e Event) Change {
	if c, ok := e.(interface{ change() Change }); ok {
		return c.change()
	}
	return Change{}
}

// command hides the method of the command that an event embeds: an event is none.
//
//nolint:unused // it is there to make the other one ambiguous
func (Change) command() {}

// The events of a case. Those that embed a command record it as given, with the
// defaults filled in.
type (
	// Opened ("case.opened/1") is the first event of a case.
	Opened struct {
		Complaint Complaint `json:"complaint"`
		Change
	}
	// Strategized ("case.strategized/1") says that the goal was set or changed.
	Strategized struct {
		Strategize
		Playbooks string `json:"playbooks,omitempty"` // digest of the document that holds the playbook, in hex
		Kept      bool   `json:"kept,omitempty"`      // taken over from the round before, in which an agent had set it
		Change
	}
	// Acknowledged ("case.acknowledged/1") says that the customer was told that they were heard.
	Acknowledged struct {
		Acknowledge
		Machine bool `json:"machine,omitempty"` // by a machine, which moves nothing
		Change
	}
	// Clarified ("case.clarified/1") says that the concern is understood, on the basis given.
	Clarified struct {
		Clarify
		Change
	}
	// Unclear ("case.unclear/1") says that the concern is not understood yet, or not any more.
	Unclear struct {
		Clarify
		Change
	}
	// Proposed ("offer.proposed/1") says that an offer was made up and judged.
	Proposed struct {
		Offer Offer   `json:"offer"`
		Asked []Asked `json:"asked,omitempty"` // of each option
		Change
	}
	// Approved ("offer.approved/1") says that somebody agreed to an offer. Where that was not enough, the
	// decision says who must agree too, and the step stays.
	Approved struct {
		Approve
		Offer     int             `json:"offer"`
		By        Actor           `json:"by"`
		Decision  policy.Decision `json:"decision"`
		Asked     []Asked         `json:"asked,omitempty"`     // of each option
		Bound     policy.Digest   `json:"bound,omitzero"`      // what they agreed to: see [Approve]
		ApproveBy time.Time       `json:"approve_by,omitzero"` // of the next approval, if one is needed
		PresentBy time.Time       `json:"present_by,omitzero"` // when the offer lapses unless the customer has been told, if none is needed
		Reserved  []Reservation   `json:"reserved,omitempty"`  // beside what was reserved before
		Freed     []string        `json:"freed,omitempty"`     // ledgers in which the offer holds nothing any more
		Change
	}
	// Refused ("offer.refused/1") says that an approver turned an offer down.
	Refused struct {
		Refuse
		Offer int `json:"offer"`
		Change
	}
	// ApprovalExpired ("offer.approval_expired/1") says that nobody approved an offer in time.
	ApprovalExpired struct {
		Offer int       `json:"offer"`
		At    time.Time `json:"at"`
		Change
	}
	// Presented ("offer.presented/1") says that the customer was told of an offer: by Text, which is theirs. Of the
	// decision, as of all decisions, nothing is for them but what its findings Explain.
	Presented struct {
		Present
		Offer    int             `json:"offer"`
		Decision policy.Decision `json:"decision"`
		Asked    []Asked         `json:"asked,omitempty"` // of each option
		AnswerBy time.Time       `json:"answer_by"`
		Reserved []Reservation   `json:"reserved,omitempty"` // beside what was reserved before
		Freed    []string        `json:"freed,omitempty"`    // ledgers in which the offer holds nothing any more
		Change
	}
	// Retracted ("offer.retracted/1") says that an offer was taken back, by the staff or by what came after it.
	Retracted struct {
		Retract
		Offer int     `json:"offer"`
		For   outcome `json:"for,omitempty"` // what took its place, as in "clarify"; empty: the command
		Change
	}
	// Lapsed ("offer.lapsed/1") says that the customer was not told of an approved offer, or did not
	// answer one that was presented, in time.
	Lapsed struct {
		Offer int       `json:"offer"`
		At    time.Time `json:"at"`
		Change
	}
	// Accepted ("offer.accepted/1") says that the customer accepted an offer, wholly or in part.
	Accepted struct {
		Accept
		Offer    int             `json:"offer"`
		Partly   bool            `json:"partly,omitempty"`
		Remedies []policy.Remedy `json:"remedies,omitempty"` // what was accepted
		Given    []policy.Given  `json:"given,omitempty"`    // the new sums of what was accepted on the case
		Promises []Pledge        `json:"promises,omitempty"` // those made with it
		Voided   []int           `json:"voided,omitempty"`   // promises of earlier offers that it supersedes
		Reserved []Reservation   `json:"reserved,omitempty"` // of what was accepted, beside what was reserved before, and used up with it
		Freed    []string        `json:"freed,omitempty"`    // ledgers in which nothing of the offer counts any more
		Change
	}
	// Declined ("offer.declined/1") says that the customer did not accept an offer.
	Declined struct {
		Decline
		Offer int `json:"offer"`
		Change
	}
	// GivenBack ("remedy.given_back/1") says that remedies of an offer that was accepted were never delivered and
	// never will be: they count as given no more. See [Owed].
	GivenBack struct {
		Offer int            `json:"offer"`
		Items []int          `json:"items"`           // which of its remedies, from 1
		Given []policy.Given `json:"given,omitempty"` // the new sums of what was accepted on the case
		Change
	}
	// PromiseMade ("promise.made/1") says that something was promised beside an offer.
	PromiseMade struct {
		Promise Pledge `json:"promise"`
		Change
	}
	// PromiseFulfilled ("promise.fulfilled/1") says that a promise was kept.
	PromiseFulfilled struct {
		Fulfil
		Late      bool `json:"late,omitempty"`
		Disproves bool `json:"disproves,omitempty"` // it had been counted as broken, and was kept in time
		Change
	}
	// PromiseFreed ("promise.released/1") says that the customer released the house from a promise.
	PromiseFreed struct {
		Release
		Change
	}
	// PromiseFailed ("promise.broken/1") says that a promise was broken.
	PromiseFailed struct {
		Promise int              `json:"promise"`
		At      time.Time        `json:"at"`
		Blocked *policy.Decision `json:"blocked,omitempty"` // the policy stopped it
		Change
	}
	// CheckedBack ("case.checked_back/1") says what the customer answered.
	CheckedBack struct {
		CheckBack
		Change
	}
	// RoundStarted ("round.started/1") says that the five steps begin again.
	RoundStarted struct {
		Round     int       `json:"round"`
		Why       RoundWhy  `json:"why"`
		Deviation bool      `json:"deviation,omitempty"` // a failed recovery
		Severity  Severity  `json:"severity,omitempty"`  // raised by the deviation; empty: as before
		At        time.Time `json:"at"`
		Change
	}
	// Deviated ("case.deviated/1") says that a recovery failed without a new round: a promise was broken
	// in the middle of one.
	Deviated struct {
		Severity Severity `json:"severity,omitempty"` // raised by it; empty: as before
		Change
	}
	// Responded ("case.responded/1") says that a formal response was given.
	Responded struct {
		Respond
		Change
	}
	// Closed ("case.closed/1") says that the case ended.
	Closed struct {
		Close
		Voided []int `json:"voided,omitempty"` // promises that ended with it
		Change
	}
	// Reopened ("case.reopened/1") says that the case is taken up again.
	Reopened struct {
		Reopen
		Change
	}
	// Referred ("case.referred/1") says that the complaint was handed to another body.
	Referred struct {
		Refer
		Change
	}
	// Decided ("case.decided/1") says what that body ruled.
	Decided struct {
		Decide
		Given  []policy.Given `json:"given,omitempty"`  // the new sums of what was accepted on the case
		Made   []Pledge       `json:"made,omitempty"`   // the promises of an award
		Voided []int          `json:"voided,omitempty"` // promises of earlier offers that it supersedes
		Change
	}
	// Delivered ("case.delivered/1") says that nothing is outstanding, where no other event says so.
	Delivered struct {
		At time.Time `json:"at"`
		Change
	}
	// Contacted ("case.contacted/1") says that somebody spoke or wrote, or tried to.
	Contacted struct {
		Contact
		Change
	}
	// Waited ("case.waiting/1") says that the case began to wait.
	Waited struct {
		Wait
		Change
	}
	// Resumed ("case.resumed/1") says that the case waits no longer.
	Resumed struct {
		At time.Time `json:"at"`
		Change
	}
	// Assigned ("case.assigned/1") says who has the case.
	Assigned struct {
		Assign
		Transfer bool `json:"transfer,omitempty"` // from another agent
		Change
	}
	// Escalated ("escalation.demanded/1") says that somebody higher was demanded.
	Escalated struct {
		Escalate
		Cause Cause `json:"cause"`
		By    Actor `json:"by"`
		Change
	}
	// EscalationAnswered ("escalation.answered/1") says that somebody of the role demanded spoke with the customer.
	EscalationAnswered struct {
		By Actor     `json:"by"`
		At time.Time `json:"at"`
		Change
	}
	// Reclassified ("case.reclassified/1") says that the kind of complaint was corrected.
	Reclassified struct {
		Reclassify
		Change
	}
	// Learned ("case.learned/1") says what has become known.
	Learned struct {
		Learn
		Change
	}
	// AbuseFlagged ("case.abuse_flagged/1") says that the customer was flagged as abusive, or no longer is.
	AbuseFlagged struct {
		FlagAbuse
		Change
	}
	// Linked ("case.linked/1") says that the case was tied to something else.
	Linked struct {
		Link
		Change
	}
	// Noted ("case.noted/1") keeps a remark.
	Noted struct {
		Note
		Change
	}
	// ClockWarned ("clock.warned/1") says that a clock passed a threshold: one before its due time, or a rung of the
	// ladder after it.
	ClockWarned struct {
		Clock     string        `json:"clock"`
		Cycle     int           `json:"cycle"`
		Threshold sla.Threshold `json:"threshold"`
		Silent    bool          `json:"silent,omitempty"` // a later threshold was passed at once: that one is the news
		Change
	}
	// ClockBreached ("clock.breached/1") says that a clock reached its due time; At is that instant,
	// whenever it was noticed.
	ClockBreached struct {
		Clock  string    `json:"clock"`
		Cycle  int       `json:"cycle"`
		At     time.Time `json:"at"`
		Notify string    `json:"notify,omitempty"`
		Change
	}
	// BreachWithdrawn ("clock.breach_withdrawn/1") says that a breach recorded earlier did not happen: a late entry
	// or a reclassification disproved it.
	BreachWithdrawn struct {
		Clock string `json:"clock"`
		Cycle int    `json:"cycle"`
		Change
	}
	// Erased ("case.erased/1") says that the personal texts of the case were removed.
	Erased struct {
		Reason string `json:"reason,omitempty"`
		Change
	}
)

// RoundWhy says what started a round.
type RoundWhy string

// What starts a round.
const (
	WhyDeclined    RoundWhy = "declined"
	WhyPartly      RoundWhy = "accepted_in_part"
	WhyUnsatisfied RoundWhy = "not_satisfied"
	WhyBroken      RoundWhy = "promise_broken"
	WhyReopened    RoundWhy = "reopened"
	WhySentBack    RoundWhy = "sent_back"
)

// The events of ledgers and documents, which are streams of their own.
type (
	// Reserved ("ledger.reserved/1") says that an offer takes something from a ledger until it is spent or released.
	Reserved struct {
		Ledger  string        `json:"ledger"`
		Case    uuid.UUID     `json:"case"`
		Offer   int           `json:"offer"`
		Entries []Reservation `json:"entries"`
	}
	// Spent ("ledger.spent/1") says that the customer accepted: what the entries hold is used up. What
	// the offer held beside them is released.
	Spent struct {
		Ledger  string        `json:"ledger"`
		Case    uuid.UUID     `json:"case"`
		Offer   int           `json:"offer"`
		Entries []Reservation `json:"entries"`
	}
	// Released ("ledger.released/1") says that an offer takes nothing from a ledger any more.
	Released struct {
		Ledger string    `json:"ledger"`
		Case   uuid.UUID `json:"case"`
		Offer  int       `json:"offer"`
	}
	// Returned ("ledger.returned/1") says that remedies of an offer that was accepted were never delivered: what was
	// spent on them is not used up.
	Returned struct {
		Ledger string    `json:"ledger"`
		Case   uuid.UUID `json:"case"`
		Offer  int       `json:"offer"`
		Items  []int     `json:"items"` // which of its remedies, from 1
	}
	// DocumentKept ("document.kept/1") holds a policy, an agreement or playbooks as they were when first used.
	DocumentKept struct {
		Kind     string `json:"kind"` // "policy", "agreement", "playbooks"
		Name     string `json:"name,omitempty"`
		Version  string `json:"version,omitempty"`
		Digest   string `json:"digest"` // SHA-256 of Document, in hex
		Document string `json:"document"`
	}
)

// ledgerEvent is an event of a ledger's stream.
//
//sumtype:decl
type ledgerEvent interface {
	Event
	ledger()
}

func (Reserved) ledger() {}
func (Spent) ledger()    {}
func (Released) ledger() {}
func (Returned) ledger() {}

func (Opened) event() string             { return "case.opened/1" }
func (Strategized) event() string        { return "case.strategized/1" }
func (Acknowledged) event() string       { return "case.acknowledged/1" }
func (Clarified) event() string          { return "case.clarified/1" }
func (Unclear) event() string            { return "case.unclear/1" }
func (Proposed) event() string           { return "offer.proposed/1" }
func (Approved) event() string           { return "offer.approved/1" }
func (Refused) event() string            { return "offer.refused/1" }
func (ApprovalExpired) event() string    { return "offer.approval_expired/1" }
func (Presented) event() string          { return "offer.presented/1" }
func (Retracted) event() string          { return "offer.retracted/1" }
func (Lapsed) event() string             { return "offer.lapsed/1" }
func (Accepted) event() string           { return "offer.accepted/1" }
func (Declined) event() string           { return "offer.declined/1" }
func (GivenBack) event() string          { return "remedy.given_back/1" }
func (PromiseMade) event() string        { return "promise.made/1" }
func (PromiseFulfilled) event() string   { return "promise.fulfilled/1" }
func (PromiseFreed) event() string       { return "promise.released/1" }
func (PromiseFailed) event() string      { return "promise.broken/1" }
func (CheckedBack) event() string        { return "case.checked_back/1" }
func (RoundStarted) event() string       { return "round.started/1" }
func (Deviated) event() string           { return "case.deviated/1" }
func (Responded) event() string          { return "case.responded/1" }
func (Closed) event() string             { return "case.closed/1" }
func (Reopened) event() string           { return "case.reopened/1" }
func (Referred) event() string           { return "case.referred/1" }
func (Decided) event() string            { return "case.decided/1" }
func (Delivered) event() string          { return "case.delivered/1" }
func (Contacted) event() string          { return "case.contacted/1" }
func (Waited) event() string             { return "case.waiting/1" }
func (Resumed) event() string            { return "case.resumed/1" }
func (Assigned) event() string           { return "case.assigned/1" }
func (Escalated) event() string          { return "escalation.demanded/1" }
func (EscalationAnswered) event() string { return "escalation.answered/1" }
func (Reclassified) event() string       { return "case.reclassified/1" }
func (Learned) event() string            { return "case.learned/1" }
func (AbuseFlagged) event() string       { return "case.abuse_flagged/1" }
func (Linked) event() string             { return "case.linked/1" }
func (Noted) event() string              { return "case.noted/1" }
func (ClockWarned) event() string        { return "clock.warned/1" }
func (ClockBreached) event() string      { return "clock.breached/1" }
func (BreachWithdrawn) event() string    { return "clock.breach_withdrawn/1" }
func (Erased) event() string             { return "case.erased/1" }
func (Reserved) event() string           { return "ledger.reserved/1" }
func (Spent) event() string              { return "ledger.spent/1" }
func (Released) event() string           { return "ledger.released/1" }
func (Returned) event() string           { return "ledger.returned/1" }
func (DocumentKept) event() string       { return "document.kept/1" }

package recovery

import (
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
)

// Command is something that an actor does on a case: one of the types below, and
// a sealed set. Each says from which steps it is possible; elsewhere it fails with
// [ErrStep]. A field At says when something happened: zero means now, a time in
// the future is refused, a time in the past counts for the clocks. Promise, Refer,
// Close, Reopen, Wait, Resume and Escalate have none: what follows from them counts
// from when they are recorded. All texts are personal: they are kept apart, so that they can be erased.
//
//sumtype:decl
type Command interface{ command() string }

// Strategize is step 1: it sets the goal of the interaction. Possible in every
// open step; in received it moves the case to strategized, later it changes the
// goal alone. A playbook that fits the complaint does it by itself when the case
// is opened or goes round; what an agent has set is kept when it goes round.
type Strategize struct {
	Goal     string `json:"goal"`
	Playbook string `json:"playbook,omitempty"` // the name of the one followed; empty: the one that fits, if any
}

// Acknowledge is step 2: the customer is told that they were heard. Possible in
// received and strategized; by a person it moves the case to acknowledged and stops
// the acknowledgement clock. A machine's moves nothing and stops only clocks
// whose objective admits it. Where no goal was set, one is recorded with it.
type Acknowledge struct {
	At      time.Time `json:"at,omitzero"`
	Channel Channel   `json:"channel,omitempty"` // empty: the complaint's
	Text    string    `json:"text,omitempty"`
}

// Basis says on what a clarification rests. The zero Basis: nothing yet, the
// concern is still unclear.
type Basis string

// The bases of a clarification.
const (
	Confirmed Basis = "confirmed" // the customer confirmed what was restated
	Written   Basis = "written"   // the written complaint leaves no doubt
	Assumed   Basis = "assumed"   // the customer could not be reached to confirm; needs a reason and failed attempts
)

// Question is one asked while clarifying, and what the customer answered.
type Question struct {
	Asked  string `json:"asked,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// Clarify is step 3: questions, the concern restated, and the basis on which it
// counts as understood. Possible from acknowledged to presented. With a basis
// it moves the case to clarified, without one back to acknowledged; an open offer
// is retracted either way. Assumed needs Reason and as many failed attempts to
// reach the customer as Options.Attempts says.
type Clarify struct {
	At        time.Time  `json:"at,omitzero"`
	Channel   Channel    `json:"channel,omitempty"` // empty: the complaint's
	Questions []Question `json:"questions,omitempty"`
	Restated  string     `json:"restated,omitempty"` // the concern in the agent's words; needed with a basis
	Wanted    string     `json:"wanted,omitempty"`   // what the customer hopes for; empty: as before
	Basis     Basis      `json:"basis,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

// Promise is something that the customer is promised, beside an offer or in one:
// an action, a callback, an update, an interim measure. As a command it is
// possible in every open step and moves nothing. Every promise holds delivery up
// until it is kept, unless it is Aside.
//
// One that stands by itself is judged by policy where its Kind says what is promised: if
// a rule says that such a remedy can't be had so soon, it is a [*DeniedError] with the
// earliest time that can be promised, and nothing is recorded. Nothing else is asked of
// policy: what the customer is to get beside that is offered (see [Propose]), which alone
// asks for leave and counts towards caps.
//
// A Within in working time or business days is counted on the calendar of the
// agreement's objective with the metric "promise"; without one only plain time
// ("48h", "2 days") can be promised so.
type Promise struct {
	What   string      `json:"what,omitempty"`
	Kind   policy.Kind `json:"kind,omitempty"` // as a command: what kind of remedy it is, as [policy.Callback]; empty: policy has no word on it
	Due    time.Time   `json:"due,omitzero"`
	Within string      `json:"within,omitempty"` // instead of Due: an [sla.Target], from acceptance or, outside an offer, from now
	Owner  string      `json:"owner,omitempty"`  // whose task it is, nobody complained about; empty: the assignee's
	Aside  bool        `json:"aside,omitempty"`  // delivery does not wait for it
	Item   int         `json:"item,omitempty"`   // in an offer: the remedy that it belongs to, from 1; 0: all of them
}

// Propose is step 4, first half: an offer is judged by policy, for the actor's own
// authority. Possible from clarified to presented; it replaces an offer that is
// open. Allowed, it moves the case to approved; where somebody must agree, to
// approval; a denial is a [*DeniedError] and records nothing, and so is it [ErrDenied] where
// nobody could approve (see Options.Staff). Nobody may propose what
// they gain from themselves, as the customer or a remedy's Payee. What the offer takes
// of a customer's caps is reserved in the same commit: of Alternatives, other cases
// see for each kind of remedy the most that the customer can choose. What an earlier
// offer still owes, and this one would supersede once it is accepted, does not count
// against it (see [Owed]). Each remedy is judged with the time by which it is promised:
// the earliest of its By, the promises that name it, and those for all remedies that are not Aside.
type Propose struct {
	Remedies     []policy.Remedy `json:"remedies"`
	Promises     []Promise       `json:"promises,omitempty"`
	Alternatives []Option        `json:"alternatives,omitempty"` // for the customer to choose instead
	AnswerBy     time.Time       `json:"answer_by,omitzero"`     // when the offer lapses; zero: Options.AnswerWithin after it is approved, and again after it is presented
}

// Approve agrees to the offer that waits for approval. Possible in approval. The
// offer is judged afresh with the actor's authority beside the proposer's: it
// becomes approved, or moves up the ladder if more authority is needed. Never by
// the proposer, by who gains from it, or by a person complained about.
//
// An approval is good for this one offer, and only as it stood: it is bound to the case
// with its customer, category, tier, order and facts, to the remedies with their amounts and payees, and
// to the policy in force. Where any of these has changed before the offer is presented,
// or who approved can't be impartial any more, the approval does not count: unless
// policy asks for none, Present is denied, and the offer has to be proposed anew.
type Approve struct {
	Note string `json:"note,omitempty"`
}

// Refuse turns the offer that waits for approval down. Possible in approval, for
// whoever may approve; it moves the case to clarified.
type Refuse struct {
	Reason string `json:"reason"`
}

// Present is step 4, second half: the customer is told. Possible in approved. The
// policy is asked once more; the case moves to presented, and the solution clock
// stops. An approved offer that is not presented in time lapses, and the case is
// clarified again.
type Present struct {
	At      time.Time `json:"at,omitzero"`
	Channel Channel   `json:"channel,omitempty"` // empty: the complaint's
	Text    string    `json:"text,omitempty"`
}

// Retract takes the open offer back. Possible from approval to presented; it
// moves the case to clarified.
type Retract struct {
	Reason string `json:"reason"`
}

// Accept says that the customer accepts the offer. Possible in presented. Its
// promises are now made, and judged: one that is due sooner than policy says that it
// can be kept is a [*DeniedError] with that time, and the offer stays as it was. While
// any promise holds delivery up the case is fulfilling, else delivered. Accepting a part of the remedies starts a new round for the rest.
// An offer that has lapsed can't be accepted any more, even if At is before it did:
// what the customer accepted is proposed anew and then accepted.
//
// What is accepted is spent of the ledgers in which policy counts it by then: where it
// has become known since that the customer is of another household, of that one's, and
// where it is not known any more, of the one that it was reserved of. A cap that is used
// up there refuses nothing, since the customer was told: the ledger holds more than the
// cap for a while, and what is offered next finds it so.
type Accept struct {
	At     time.Time `json:"at,omitzero"`
	Option int       `json:"option,omitempty"` // 0: what was proposed; 1, 2, …: an alternative
	Items  []int     `json:"items,omitempty"`  // which of its remedies, from 1; none: all
}

// Decline says that the customer does not accept the offer. Possible in
// presented; it starts a new round.
type Decline struct {
	At     time.Time `json:"at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// Fulfil says that a promise was kept. Possible in every step. When the last
// promise that holds delivery up is kept, the case is delivered. A Block of the
// policy on the remedy that the promise belongs to stops it: then the promise is broken.
type Fulfil struct {
	Promise int       `json:"promise,omitempty"` // its number on the case; 0: the only one that is open
	At      time.Time `json:"at,omitzero"`
	Note    string    `json:"note,omitempty"`
}

// Release says that the customer releases the house from a promise. Possible in
// every step; it counts towards delivery as if kept.
type Release struct {
	Promise int    `json:"promise,omitempty"` // its number on the case; 0: the only one that is open
	Reason  string `json:"reason,omitempty"`
}

// Answer is what a customer answered to a question of the check-back. The zero
// Answer: they were not asked, or did not say.
type Answer string

// The answers.
const (
	NotAsked Answer = ""
	Yes      Answer = "yes"
	No       Answer = "no"
)

// CheckBack is step 5: is the customer satisfied, and do they feel good about it?
// Possible in presented, fulfilling, delivered and resolved. Satisfied, it moves a
// delivered case to resolved, and is noted elsewhere; not satisfied, it starts a
// new round, which after acceptance is a deviation and in presented a decline.
type CheckBack struct {
	At             time.Time `json:"at,omitzero"`
	Channel        Channel   `json:"channel,omitempty"` // empty: the complaint's
	Satisfied      bool      `json:"satisfied"`
	Score          int       `json:"score,omitempty"`           // 1 to 10; 0: not asked
	Exceeded       Answer    `json:"exceeded,omitempty"`        // were their expectations exceeded?
	Heard          Answer    `json:"heard,omitempty"`           // do they feel heard?
	CaredFor       Answer    `json:"cared_for,omitempty"`       // … well cared for?
	Valued         Answer    `json:"valued,omitempty"`          // … valued?
	WouldReturn    Answer    `json:"would_return,omitempty"`    // would they come back?
	WouldRecommend Answer    `json:"would_recommend,omitempty"` // would they recommend the house?
	Comment        string    `json:"comment,omitempty"`
}

// ResponseKind is what a response to the complaint is, in the words of the field.
type ResponseKind string

// The kinds of responses.
const (
	Holding       ResponseKind = "holding" // not yet, and why
	Progress      ResponseKind = "update"
	FinalResponse ResponseKind = "final"
	Summary       ResponseKind = "summary" // a summary resolution communication
)

// Respond records a formal response to the complaint. Possible in every step; it
// moves nothing. A written final or summary response stops the final-response
// clocks; a written holding response extends the clocks that allow it: what is said
// on the phone does neither (FCA DISP 1.6 has both sent), nor does it stop a statutory
// clock whose objective names the kind. A holding response needs a reason, written or not.
type Respond struct {
	Kind    ResponseKind `json:"kind"`
	Written bool         `json:"written,omitempty"`
	At      time.Time    `json:"at,omitzero"`
	Channel Channel      `json:"channel,omitempty"` // empty: the complaint's
	Text    string       `json:"text,omitempty"`
	Reason  string       `json:"reason,omitempty"`
}

// Closure says how a case ended.
type Closure string

// The closures, and what each asks for.
const (
	Satisfied     Closure = "satisfied"       // the case is resolved
	Unconfirmed   Closure = "unconfirmed"     // presented, whether lapsed since or not, or delivered, and the customer said nothing: silence is not satisfaction
	Unreachable   Closure = "unreachable"     // as many failed attempts as Options.Attempts
	Deadlock      Closure = "deadlock"        // a reason
	Withdrawn     Closure = "withdrawn"       // by the customer, or with a reason
	Duplicate     Closure = "duplicate"       // a link to the other case
	Forwarded     Closure = "forwarded"       // a reason: to whom
	NotAComplaint Closure = "not_a_complaint" // a reason
)

// Result is what was found of a concern.
type Result string

// The results. The zero one: none was made.
const (
	Upheld       Result = "upheld"
	PartlyUpheld Result = "partly_upheld"
	Rejected     Result = "rejected"
)

// Finding is what was found of one concern, and its root cause.
type Finding struct {
	Concern int    `json:"concern,omitempty"` // which of the complaint's concerns, from 1; 0: the complaint as a whole
	Result  Result `json:"result,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Cause   string `json:"cause,omitempty"` // a root cause of the host's own naming, as in "battery-batch-7"
}

// Close ends the case. Possible in every open step, as far as the closure's own
// conditions hold. All clocks stop; an open offer is retracted. Open promises end as
// void or, where the house still owes them (satisfied, unconfirmed, deadlock,
// unreachable), stay open: they can be kept and released as before, nothing of a
// closed case becomes due, and what has become due meanwhile is settled when the case
// is reopened.
type Close struct {
	As       Closure   `json:"as"`
	Findings []Finding `json:"findings,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// Reopen starts a new round of a case that was resolved, or closed no longer than
// Options.ReopenWithin ago; after that a new complaint that Follows it is opened.
// After a delivery it is a deviation.
type Reopen struct {
	Reason string `json:"reason"`
}

// Refer hands the complaint to an ombudsman or another body. Possible in every
// step but referred; an open offer is retracted.
type Refer struct {
	To        string `json:"to"` // the body, as in "Financial Ombudsman Service"
	Reference string `json:"reference,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Ruling is what a body decided.
type Ruling string

// The rulings.
const (
	Award     Ruling = "award"     // remedies that bind the house; policy is not asked
	SentBack  Ruling = "sent_back" // the house is to look again: a new round
	Dismissed Ruling = "dismissed" // nothing to be done; the case stays referred, to be closed
)

// Decide records what the body decided that the complaint was referred to.
// Possible in referred. An award moves the case to fulfilling and, where nothing
// is outstanding, on to delivered. No cap stands in its way, but what is awarded counts among what was
// given on the case and in the ledgers that the policy names: later offers find it there,
// whatever becomes of its promises. Nor is any of these too early: what a body orders by a
// date is owed by then, whether the house can keep it or not, and is broken if it doesn't.
type Decide struct {
	Ruling   Ruling          `json:"ruling"`
	At       time.Time       `json:"at,omitzero"`
	Remedies []policy.Remedy `json:"remedies,omitempty"`
	Promises []Promise       `json:"promises,omitempty"`
	Reason   string          `json:"reason,omitempty"`
}

// Contact records that somebody spoke or wrote, or tried to. Possible in every
// step; it moves nothing. What the customer says starts the next-response clock
// and ends a wait on the customer; a person's answer stops it.
type Contact struct {
	At        time.Time `json:"at,omitzero"`
	Channel   Channel   `json:"channel,omitempty"`    // empty: the complaint's
	Out       bool      `json:"out,omitempty"`        // from the house; else from the customer
	NoAnswer  bool      `json:"no_answer,omitempty"`  // with Out: nobody was reached
	NeedsNone bool      `json:"needs_none,omitempty"` // from the customer: no answer is expected, as to a trailing "thanks"
	Text      string    `json:"text,omitempty"`
	Reference string    `json:"reference,omitempty"` // the host's, as a message id
}

// WaitCustomer is what a case waits on unless it says otherwise.
const WaitCustomer = "customer"

// Wait says that the case waits on somebody, which pauses the clocks whose
// objectives say so. Possible in every open step, unless it waits already. A wait
// on the customer ends when they speak: by a contact, a confirmed clarification, an
// answer to an offer or to a check-back.
type Wait struct {
	On     string `json:"on,omitempty"` // empty: the customer
	Reason string `json:"reason,omitempty"`
}

// Resume ends the wait. Possible in every open step, where the case waits.
type Resume struct{}

// Assign gives the case to an agent. Possible in every open step. Taking it from
// another agent counts as a transfer.
type Assign struct {
	To string `json:"to"` // the agent's id; empty: to nobody
}

// Escalate demands somebody higher. Possible in every open step; it starts the
// escalation clock, which stops when an agent of that role or above speaks with
// the customer.
type Escalate struct {
	To     policy.Role `json:"to,omitempty"` // empty: the next rung above the last one demanded
	Reason string      `json:"reason,omitempty"`
}

// Reclassify corrects what kind of complaint it is. Possible in every open step;
// empty fields stay as they are. Running clocks are recomputed from their true
// start, statutory ones excepted; a statutory one that applies now counts from the
// receipt of the complaint. Clocks go on under the agreement that they started with,
// unless Renew says otherwise.
type Reclassify struct {
	Category  Category `json:"category,omitempty"`
	Situation string   `json:"situation,omitempty"`
	Severity  Severity `json:"severity,omitempty"`
	Renew     bool     `json:"renew,omitempty"` // put the running clocks under the agreement in force now; alone it is enough to change
}

// Learn adds what has become known. Possible in every open step; empty fields
// stay as they are, facts are added one by one. A new tier recomputes the running
// clocks as Reclassify does.
type Learn struct {
	Customer  string       `json:"customer,omitempty"` // who an anonymous complainant is; it can't be changed afterwards
	Tier      string       `json:"tier,omitempty"`
	Preferred Channel      `json:"preferred,omitempty"`
	Language  string       `json:"language,omitempty"`
	Authority Authority    `json:"authority,omitempty"` // of the complainant
	About     []string     `json:"about,omitempty"`     // further agents complained about
	Order     policy.Order `json:"order,omitzero"`      // replaces the order known
	Facts     policy.Facts `json:"facts,omitempty"`
}

// FlagAbuse flags an abusive customer, at a level of the host's own meaning; 0
// lifts it. Possible in every open step. It never bears on how the complaint is judged.
type FlagAbuse struct {
	Level  int       `json:"level"`
	Review time.Time `json:"review,omitzero"` // when the restriction is to be looked at again; needed above 0
	Note   string    `json:"note,omitempty"`
}

// Relation is how a case is linked to another one.
type Relation string

// The relations.
const (
	Related     Relation = "related"
	DuplicateOf Relation = "duplicate_of"
	KnownIssue  Relation = "known_issue" // to something of the host's, by Reference
)

// Link ties the case to another case or, by a reference, to something of the
// host's. Possible in every step.
type Link struct {
	As        Relation  `json:"as"`
	To        uuid.UUID `json:"to,omitzero"`
	Reference string    `json:"reference,omitempty"`
}

// Note keeps a remark for colleagues. Possible in every step.
type Note struct {
	Text string `json:"text"`
}

func (Strategize) command() string  { return "strategize" }
func (Acknowledge) command() string { return "acknowledge" }
func (Clarify) command() string     { return "clarify" }
func (Promise) command() string     { return "promise" }
func (Propose) command() string     { return "propose" }
func (Approve) command() string     { return "approve" }
func (Refuse) command() string      { return "refuse" }
func (Present) command() string     { return "present" }
func (Retract) command() string     { return "retract" }
func (Accept) command() string      { return "accept" }
func (Decline) command() string     { return "decline" }
func (Fulfil) command() string      { return "fulfil" }
func (Release) command() string     { return "release" }
func (CheckBack) command() string   { return "check_back" }
func (Respond) command() string     { return "respond" }
func (Close) command() string       { return "close" }
func (Reopen) command() string      { return "reopen" }
func (Refer) command() string       { return "refer" }
func (Decide) command() string      { return "decide" }
func (Contact) command() string     { return "contact" }
func (Wait) command() string        { return "wait" }
func (Resume) command() string      { return "resume" }
func (Assign) command() string      { return "assign" }
func (Escalate) command() string    { return "escalate" }
func (Reclassify) command() string  { return "reclassify" }
func (Learn) command() string       { return "learn" }
func (FlagAbuse) command() string   { return "flag_abuse" }
func (Link) command() string        { return "link" }
func (Note) command() string        { return "note" }

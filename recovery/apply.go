package recovery

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// header is what a record says beside its event.
type header struct {
	sequence uint64
	at       time.Time
	actor    Actor
	stream   uuid.UUID
}

// apply is the fold: the case after an event. It is total and consults neither
// policy nor agreement nor transition table: the event carries the answers.
func apply(before Case, h header, e Event) Case {
	c := fold{before}
	c.Sequence, c.Changed = h.sequence, h.at
	changed := changeOf(e)
	reached := changed.Step
	if reached != "" {
		c.Step = reached
	}
	if len(changed.Clocks) > 0 {
		c.Clocks = slices.Clone(c.Clocks)
	}
	for _, k := range changed.Clocks {
		c.Clocks = mergeClock(c.Clocks, k)
	}
	switch e := e.(type) {
	case Opened:
		c.open(h, e)
	case Strategized:
		c.Goal, c.Playbook, c.GoalByAgent = e.Goal, e.Playbook, h.actor.Kind == Agent || e.Kept
	case Acknowledged:
		if !e.Machine {
			c.spoke(h.actor, e.At)
		}
	case Clarified:
		c.clarified(h.actor, e.Clarify)
	case Unclear:
		c.clarified(h.actor, e.Clarify)
		c.Clarification = nil
	case Proposed:
		c.Offer, c.Offers = &e.Offer, e.Offer.N
	case Approved:
		c.approved(e)
	case Refused:
		c.endOffer(OfferRefused)
	case ApprovalExpired:
		c.endOffer(OfferExpired)
	case Presented:
		c.presented(h.actor, e)
	case Retracted:
		c.endOffer(OfferRetracted)
	case Lapsed:
		c.endOffer(OfferLapsed)
	case Accepted:
		c.accepted(e)
	case Declined:
		c.endOffer(OfferDeclined)
		c.Contacts.Attempts = 0
	case GivenBack:
		c.gaveBack(e)
	case PromiseMade:
		c.pledge([]Pledge{e.Promise})
	case PromiseFulfilled:
		c.fulfilled(e)
	case PromiseFreed:
		c.settled(e.Promise)
		c.settle(e.Promise, PromiseReleased, h.at)
	case PromiseFailed:
		c.settle(e.Promise, PromiseBroken, e.At)
		if i, ok := findPledge(&c.Case, e.Promise); ok {
			c.Promises[i].Stopped = e.Blocked != nil
		}
	case CheckedBack:
		c.CheckBack = &e.CheckBack
		c.Contacts.Attempts = 0
		c.spoke(h.actor, e.At)
	case RoundStarted:
		c.newRound(e)
	case Deviated:
		c.deviate(e.Severity)
	case Responded:
		c.Responses = slices.DeleteFunc(slices.Clone(c.Responses), func(r Respond) bool { return r.Kind == e.Kind })
		c.Responses = append(c.Responses, e.Respond)
		c.spoke(h.actor, e.At)
	case Closed:
		c.Closing, c.ClosedAt = &e.Close, h.at
		for _, k := range e.Clocks {
			c.Ended = append(c.Ended, k.ID)
		}
		c.Waiting = nil
		c.void(e.Voided, h.at)
	case Reopened:
		c.Closing, c.ClosedAt, c.Ended = nil, time.Time{}, nil
	case Referred:
		c.Closing, c.ClosedAt, c.Ended, c.ReferredAt = nil, time.Time{}, nil, h.at
	case Decided:
		c.decided(e)
	case Delivered:
	case Contacted:
		c.contacted(h.actor, e.Contact)
	case Waited:
		c.Waiting = &Waiting{On: e.On, Since: h.at}
	case Resumed:
		c.Waiting = nil
	case Assigned:
		c.Assignee = e.To
		if e.Transfer {
			c.Transfers++
		}
	case Escalated:
		c.escalated(h.at, e)
	case EscalationAnswered:
		if c.Escalation != nil {
			answered := *c.Escalation
			answered.Answered = e.At
			c.Escalation = &answered
		}
	case Reclassified:
		setIf(&c.Category, e.Category)
		setIf(&c.Situation, e.Situation)
		setIf(&c.Severity, e.Severity)
	case Learned:
		c.learn(e.Learn)
	case AbuseFlagged:
		c.Restriction = &Restriction{e.Level, e.Review}
		if e.Level == 0 {
			c.Restriction = nil
		}
	case Linked:
		c.Links = append(slices.Clip(c.Links), e.Link)
	case Erased:
		c.Erased = true
	case ClockBreached:
		c.Breaches++
	case BreachWithdrawn:
		c.Breaches--
	case Noted, ClockWarned: // the clocks say it all
	case Reserved, Spent, Released, Returned, DocumentKept: // of other streams
	}
	if reached == StepDelivered {
		c.DeliveredAt = deliveredAt(&c.Case, happened(e, h.at))
	}
	return c.Case
}

// happened is when an event by which a case can be delivered happened; of one that
// does not say, when it was recorded.
func happened(e Event, recorded time.Time) time.Time {
	switch e := e.(type) { //nolint:gochecksumtype // the others happen when they are recorded
	case Accepted:
		return e.At
	case PromiseFulfilled:
		return e.At
	case Delivered:
		return e.At
	}
	return recorded
}

// fold is a case while an event is applied to it. It writes to no slice or pointer
// of the case before: what it changes it copies.
type fold struct{ Case }

// offer is the case's offer, to be changed; of a case without one, an offer that
// goes nowhere.
func (c *fold) offer() *Offer {
	var o Offer
	if c.Offer != nil {
		o = *c.Offer
		c.Offer = &o
	}
	return &o
}

func setIf[T comparable](field *T, v T) {
	var zero T
	if v != zero {
		*field = v
	}
}

func (c *fold) open(h header, e Opened) {
	c.ID, c.Complaint = h.stream, e.Complaint
	c.Opened, c.Round, c.RoundSince = h.at, 1, e.Complaint.Received
	c.Contacts = Contacts{In: 1, LastIn: e.Complaint.Received}
}

// escalated notes a demand; one that joins an open one is as old as that.
func (c *fold) escalated(at time.Time, e Escalated) {
	if open := c.Escalation; open != nil && open.Answered.IsZero() {
		at = open.At
	}
	c.Escalation = &Escalation{To: e.To, By: e.By, Cause: e.Cause, At: at}
}

// spoke notes that a person of the house spoke with the customer.
func (c *fold) spoke(by Actor, at time.Time) {
	if by.Kind != Agent {
		return
	}
	c.LastAgent = by.ID
	c.Contacts.Out++
	c.Contacts.Attempts = 0
	if !c.Contacts.Unanswered.IsZero() && !at.Before(c.Contacts.Unanswered) {
		c.Contacts.Unanswered = time.Time{}
		if c.Contacts.LastAsked.After(at) {
			c.Contacts.Unanswered = c.Contacts.LastAsked
		}
	}
	if at.After(c.Contacts.LastOut) {
		c.Contacts.LastOut = at
	}
}

func (c *fold) contacted(by Actor, e Contact) {
	switch {
	case !e.Out:
		c.Contacts.In++
		c.Contacts.Attempts = 0
		if e.At.After(c.Contacts.LastIn) {
			c.Contacts.LastIn = e.At
		}
		if !e.NeedsNone && e.At.After(c.Contacts.LastAsked) {
			c.Contacts.LastAsked = e.At
		}
		answered := e.NeedsNone || e.At.Before(c.Contacts.LastOut)
		if old := c.Contacts.Unanswered; !answered && (old.IsZero() || e.At.Before(old)) {
			c.Contacts.Unanswered = e.At
		}
	case e.NoAnswer:
		if !e.At.Before(later(c.Contacts.LastIn, c.Contacts.LastOut)) { // what was tried before there was an answer does not count, however late it is entered
			c.Contacts.Attempts++
		}
	default:
		c.spoke(by, e.At)
	}
}

func (c *fold) clarified(by Actor, e Clarify) {
	c.Clarification = &e
	setIf(&c.Wanted, e.Wanted)
	if e.Basis == Confirmed || len(e.Questions) > 0 {
		c.spoke(by, e.At)
	}
}

func (c *fold) approved(e Approved) {
	o := c.offer()
	if e.Bound != o.Bound {
		o.Approvers = nil // what was agreed to before is not what is offered now
	}
	o.Approvers, o.Bound = append(slices.Clip(o.Approvers), e.By), e.Bound
	o.Decision, o.ApproveBy, o.PresentBy = e.Decision, e.ApproveBy, e.PresentBy
	o.hold(e.Freed, e.Reserved)
	if e.Decision.Verdict != policy.NeedsApproval {
		o.State = OfferApproved
	}
}

// hold changes what the offer holds in the ledgers.
func (o *Offer) hold(freed []string, more []Reservation) {
	held := slices.DeleteFunc(slices.Clone(o.Reserved), func(r Reservation) bool { return slices.Contains(freed, r.Ledger) })
	o.Reserved = append(held, more...)
}

func (c *fold) presented(by Actor, e Presented) {
	o := c.offer()
	o.State, o.Decision, o.AnswerBy, o.PresentedAt = OfferPresented, e.Decision, e.AnswerBy, e.At
	o.hold(e.Freed, e.Reserved)
	c.spoke(by, e.At)
}

func (c *fold) endOffer(s OfferState) {
	o := c.offer()
	o.State, o.Reserved = s, nil
}

func (c *fold) accepted(e Accepted) {
	o := c.offer()
	o.hold(e.Freed, e.Reserved)
	c.owe(e, o.Reserved)
	o.State, o.Chosen, o.Items, o.Reserved = OfferAccepted, e.Option, e.Items, nil
	c.Given = e.Given
	c.Contacts.Attempts = 0
	c.void(e.Voided, e.At)
	c.pledge(e.Promises)
}

func (c *fold) decided(e Decided) {
	if e.Ruling != Award {
		return
	}
	c.Given = e.Given
	c.void(e.Voided, e.At)
	c.pledge(e.Made)
}

func (c *fold) pledge(made []Pledge) {
	c.Promises = append(slices.Clip(c.Promises), made...)
	for _, p := range made {
		c.Pledges = p.N
	}
}

func (c *fold) settle(n int, s PromiseState, at time.Time) {
	if i, ok := findPledge(&c.Case, n); ok {
		c.Promises = slices.Clone(c.Promises)
		c.Promises[i].State, c.Promises[i].Settled = s, later(at, c.Promises[i].Made)
	}
}

func (c *fold) void(numbers []int, at time.Time) {
	for _, n := range numbers {
		c.settle(n, PromiseVoid, at)
	}
}

func (c *fold) fulfilled(e PromiseFulfilled) {
	s := PromiseKept
	if e.Late {
		s = PromiseLate
	}
	c.settled(e.Promise)
	c.settle(e.Promise, s, e.At)
	if e.Disproves {
		c.Deviations--
	}
}

func (c *fold) deviate(s Severity) {
	c.Deviations++
	setIf(&c.Severity, s)
}

// newRound forgets what belonged to the round before, but for what is outstanding,
// and what was broken in it: a late entry can still say that it was kept.
func (c *fold) newRound(e RoundStarted) {
	since := c.RoundSince
	c.Round, c.RoundSince = e.Round, e.At
	if e.Deviation {
		c.deviate(e.Severity)
	}
	c.Clarification, c.Offer, c.DeliveredAt = nil, nil, time.Time{}
	c.Promises = slices.DeleteFunc(slices.Clone(c.Promises), func(p Pledge) bool {
		return p.State != PromiseOpen && (p.State != PromiseBroken || p.Settled.Before(since))
	})
	c.Clocks = slices.DeleteFunc(slices.Clone(c.Clocks), func(k sla.Clock) bool {
		return k.Metric == sla.Promise && !slices.ContainsFunc(c.Promises, func(p Pledge) bool { return k.ID == promiseClock(p.N) })
	})
}

func (c *fold) learn(e Learn) {
	setIf(&c.Customer, e.Customer)
	setIf(&c.Tier, e.Tier)
	setIf(&c.Preferred, e.Preferred)
	setIf(&c.Language, e.Language)
	setIf(&c.Complainant.Authority, e.Authority)
	for _, id := range e.About {
		if !slices.Contains(c.About, id) {
			c.About = append(slices.Clip(c.About), id)
		}
		if c.LastAgent == id {
			c.LastAgent = ""
		}
	}
	if slices.ContainsFunc(c.Promises, func(p Pledge) bool { return slices.Contains(e.About, p.Owner) }) {
		c.Promises = slices.Clone(c.Promises)
		for i := range c.Promises {
			if slices.Contains(e.About, c.Promises[i].Owner) {
				c.Promises[i].Owner = "" // the assignee's then
			}
		}
	}
	if e.Order != (policy.Order{}) {
		c.Order = e.Order
	}
	if len(e.Facts) > 0 {
		facts := maps.Clone(c.Facts)
		if facts == nil {
			facts = policy.Facts{}
		}
		maps.Copy(facts, e.Facts)
		c.Facts = facts
	}
}

// mergeClock puts the new value of a clock in its place: a cycle's own, or beside
// the cycle before it. Of a clock with two cycles behind it the oldest goes.
func mergeClock(clocks []sla.Clock, k sla.Clock) []sla.Clock {
	cycles := 0
	for i := range clocks {
		if clocks[i].ID != k.ID {
			continue
		}
		if clocks[i].Cycle == k.Cycle {
			clocks[i] = k
			return clocks
		}
		cycles++
	}
	if cycles > 1 {
		i := slices.IndexFunc(clocks, func(old sla.Clock) bool { return old.ID == k.ID })
		clocks = slices.Delete(clocks, i, i+1)
	}
	return append(clocks, k)
}

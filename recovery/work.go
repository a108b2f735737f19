package recovery

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// rules are what decisions consult: the documents in force and the options.
// They never change once a desk is made.
type rules struct {
	policy        *policy.Set
	agreement     *sla.Agreement // nil: no clocks
	playbooks     *Playbooks
	names         names
	machine       *machine
	limits        Limits
	rounds        int
	attempts      int
	reopenWithin  time.Duration
	approveWithin time.Duration
	answerWithin  time.Duration
	staff         func(policy.Role) []string
}

// work decides commands on one case. It is pure: it reads no clock and no store.
// What it lacks of the store it asks for by a needError, and is begun anew.
type work struct {
	*rules
	now        time.Time
	actor      Actor
	c          Case // as it stands after the events so far
	agreements map[sla.Digest]*sla.Agreement
	ledgers    map[string]*ledger

	events  []done
	follow  []done   // to be emitted after the event that caused them; by its actor where they name none
	touched []string // ledgers written to, in order
}

// done is an event and who caused it.
type done struct {
	event Event
	actor Actor
}

// needError asks for ledgers to be loaded.
type needError struct{ ledger string }

func (e *needError) Error() string { return "needs ledger " + e.ledger }

// emit records an event by the actor at hand, and folds it.
func (w *work) emit(e Event) { w.emitBy(w.actor, e) }

func (w *work) emitBy(by Actor, e Event) {
	w.c = apply(w.c, header{w.c.Sequence + 1, w.now, by, w.c.ID}, e)
	w.events = append(w.events, done{e, by})
	follow := w.follow
	w.follow = nil
	for _, f := range follow {
		if f.actor == (Actor{}) {
			f.actor = by
		}
		w.emitBy(f.actor, f.event)
	}
}

// move takes the case along a row of the transition table.
func (w *work) move(ch *Change, ev outcome) error {
	from := w.c.Step
	if ch.Step != "" {
		from = ch.Step
	}
	to, err := w.machine.next(from, ev)
	if err != nil {
		return err
	}
	if to != from {
		ch.Step = to
	}
	return nil
}

// run settles what is due, decides the commands in order and settles once more:
// what a late entry started may be due already. What happens at the very instant at
// which it was due is in time: while commands are decided, that instant is not over.
func (w *work) run(cmds []Command) error {
	over := w.now
	if len(cmds) > 0 {
		over = over.Add(-time.Microsecond)
	}
	if err := w.settle(over); err != nil {
		return err
	}
	for i, cmd := range cmds {
		err := w.do(cmd)
		if err == nil {
			err = w.giveBack()
		}
		if err != nil {
			if len(cmds) > 1 {
				err = &nthError{i + 1, len(cmds), err}
			}
			return w.caseError(cmd.command(), err)
		}
	}
	return w.settle(over)
}

// caseError says where a command failed. What asks for a ledger passes.
func (w *work) caseError(op string, err error) error {
	if _, ok := errors.AsType[*needError](err); ok {
		return err
	}
	e := &CaseError{Op: op, Case: w.c.ID, Step: w.c.Step, Err: err}
	if _, other := errors.AsType[*standingError](err); errors.Is(err, ErrStep) && !other { // which is told by its own words
		e.Legal = slices.DeleteFunc(w.c.Legal(), func(name string) bool { return w.actor.may(name, &w.c) != nil })
	}
	return e
}

// ours reports whether a command is one of those that do decides.
func ours(cmd Command) bool {
	switch cmd.(type) {
	case Strategize, Acknowledge, Clarify, Propose, Approve, Refuse, Present, Retract, Accept, Decline, Promise, Fulfil, Release, CheckBack,
		Respond, Close, Reopen, Refer, Decide, Contact, Wait, Resume, Assign, Escalate, Reclassify, Learn, FlagAbuse, Link, Note:
		return true
	}
	return false
}

// do decides one command.
func (w *work) do(cmd Command) error {
	if !isLegal(cmd.command(), w.c.Step) {
		return ErrStep
	}
	if err := w.actor.may(cmd.command(), &w.c); err != nil {
		return err
	}
	switch cmd := cmd.(type) {
	case Strategize:
		return w.strategize(cmd)
	case Acknowledge:
		return w.acknowledge(cmd)
	case Clarify:
		return w.clarify(cmd)
	case Propose:
		return w.propose(cmd)
	case Approve:
		return w.approve(cmd)
	case Refuse:
		return w.refuse(cmd)
	case Present:
		return w.present(cmd)
	case Retract:
		return w.retract(cmd)
	case Accept:
		return w.accept(cmd)
	case Decline:
		return w.decline(cmd)
	case Promise:
		return w.promise(cmd)
	case Fulfil:
		return w.fulfil(cmd)
	case Release:
		return w.release(cmd)
	case CheckBack:
		return w.checkBack(cmd)
	case Respond:
		return w.respond(cmd)
	case Close:
		return w.close(cmd)
	case Reopen:
		return w.reopen(cmd)
	case Refer:
		return w.refer(cmd)
	case Decide:
		return w.decide(cmd)
	case Contact:
		return w.contact(cmd)
	case Wait:
		return w.wait(cmd)
	case Resume:
		return w.resume()
	case Assign:
		return w.assign(cmd)
	case Escalate:
		return w.escalate(cmd)
	case Reclassify:
		return w.reclassify(cmd)
	case Learn:
		return w.learn(cmd)
	case FlagAbuse:
		return w.flagAbuse(cmd)
	case Link:
		return w.link(cmd)
	case Note:
		return w.note(cmd)
	}
	return invalid("command", "%T is none of the library's", cmd)
}

// at is when something happened: now unless it is said, and then not in the future
// and not before the complaint was received.
func (w *work) at(f *faults, at time.Time) time.Time {
	return w.atSince(f, at, w.c.Received, "the complaint was received")
}

// atSince is when something happened that can't be before something else was.
func (w *work) atSince(f *faults, at, since time.Time, what string) time.Time {
	if at.IsZero() {
		return w.now
	}
	at = micro(at)
	f.past("at", at, w.now)
	if at.Before(since) {
		f.add("at", "%s is before %s (%s)", stamp(at), what, stamp(since))
	}
	return at
}

// inRound is when something happened that belongs to the round.
func (w *work) inRound(f *faults, at time.Time) time.Time {
	return w.atSince(f, at, w.c.RoundSince, "the round began")
}

// onOffer is when something happened that answers what the customer was told.
func (w *work) onOffer(f *faults, at time.Time) time.Time {
	if o := w.c.Offer; o != nil && !o.PresentedAt.IsZero() {
		return w.atSince(f, at, o.PresentedAt, "the offer was presented")
	}
	return w.inRound(f, at)
}

// onDelivery is when something happened that answers what was delivered or, if it was
// not yet, what the customer was told.
func (w *work) onDelivery(f *faults, at time.Time) time.Time {
	if !w.c.DeliveredAt.IsZero() {
		return w.atSince(f, at, w.c.DeliveredAt, "the solution was delivered")
	}
	return w.onOffer(f, at)
}

// channel is the one that was used: the complaint's unless it is said.
func (w *work) channel(f *faults, ch Channel) Channel {
	f.name("channel", "channel", string(ch), false)
	if ch == "" {
		return w.c.Channel
	}
	return ch
}

// role is the rung of a role; -1 for none.
func (w *work) rank(r policy.Role) int {
	if i, ok := w.policy.Rank(r); ok {
		return i
	}
	return -1
}

// micro is the instant as records keep it.
func micro(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// open begins a case.
func (w *work) open(complaint Complaint) error {
	f := complaint.check(w.rules, w.now)
	if err := f.err(); err != nil {
		return err
	}
	if w.actor.Kind == System {
		return denied("the system acts by itself alone")
	}
	if slices.Contains(complaint.About, w.actor.ID) && w.actor.Kind == Agent {
		return denied("%s is complained about and may not handle the case", w.actor.ID)
	}
	if w.actor.Kind == Customer && complaint.Customer != "" && complaint.Customer != w.actor.ID {
		return denied("customers open cases of their own alone")
	}
	complaint = complaint.clone()
	complaint.Facts = asRead(complaint.Facts)
	complaint.ID = w.c.ID
	complaint.Received = micro(complaint.Received)
	if complaint.Received.IsZero() {
		complaint.Received = w.now
	}
	if complaint.Severity == "" {
		complaint.Severity = w.names.normal()
	}
	complaint.Order.Purchased, complaint.Order.Delivered = micro(complaint.Order.Purchased), micro(complaint.Order.Delivered)
	e := Opened{Complaint: complaint, Change: Change{Step: StepReceived}}
	w.c.Complaint = complaint // for the conditions of the objectives
	for _, m := range []sla.Metric{sla.Acknowledgement, sla.Solution, sla.Resolution, sla.FinalResponse} {
		if err := w.start(&e.Change, m, complaint.Received); err != nil {
			return err
		}
	}
	w.emit(e)
	return w.byPlaybook()
}

// byPlaybook sets the goal of the playbook that fits the complaint, if one does. What
// an agent has set in an earlier round it keeps.
func (w *work) byPlaybook() error {
	e, ok := w.fitting()
	if w.c.GoalByAgent && w.c.Goal != "" {
		e, ok = w.kept(e)
	}
	if !ok || w.c.Step != StepReceived {
		return nil
	}
	if err := w.move(&e.Change, strategize); err != nil {
		return err
	}
	w.emitBy(system(), e)
	return nil
}

// kept is the strategy that an agent has set on the case, if a playbook goes with it:
// the one that they named, or the one that fits by now. A goal without one stands for
// the agent to look at.
func (w *work) kept(fits Strategized) (Strategized, bool) {
	e := Strategized{Strategize: Strategize{Goal: w.c.Goal, Playbook: cmp.Or(w.c.Playbook, fits.Playbook)}, Kept: true}
	if w.playbooks.find(e.Playbook, "") != nil {
		e.Playbooks = fmt.Sprintf("%x", w.playbooks.Digest())
	}
	return e, e.Playbook != ""
}

// fitting is the strategy of the playbook that fits the complaint, if one does.
func (w *work) fitting() (Strategized, bool) {
	book := w.playbooks.find(w.c.Situation, string(w.c.Category))
	if book == nil {
		return Strategized{}, false
	}
	return Strategized{
		Strategize: Strategize{Goal: book.Goal, Playbook: book.Name}, Playbooks: fmt.Sprintf("%x", w.playbooks.Digest()),
	}, true
}

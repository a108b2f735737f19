package recovery

import (
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// What stands beside the step: contacts, waiting, who has the case, who was
// demanded, what is known.

func (w *work) contact(c Contact) error {
	f := w.faults()
	c.At = w.at(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.text("text", c.Text)
	f.id("reference", c.Reference)
	switch {
	case c.NoAnswer && !c.Out:
		f.add("no_answer", "is for contacts from the house (Out)")
	case c.NeedsNone && c.Out:
		f.add("needs_none", "is for contacts from the customer")
	}
	if err := f.err(); err != nil {
		return err
	}
	if c.Out && (w.actor.Kind == Customer || w.actor.Kind == Representative) {
		return denied("a %s makes contact with the house, not from it", w.actor.Kind)
	}
	e := Contacted{Contact: c}
	switch {
	case !c.Out:
		if !c.NeedsNone && w.c.Step != StepClosed && !c.At.Before(w.c.Contacts.LastOut) {
			if err := w.start(&e.Change, sla.NextResponse, c.At); err != nil {
				return err
			}
		}
		w.emit(e)
		return w.answered(c.At)
	case !c.NoAnswer:
		if err := w.spokeTo(&e.Change, c.At); err != nil {
			return err
		}
	}
	w.emit(e)
	return nil
}

func (w *work) wait(c Wait) error {
	if c.On == "" {
		c.On = WaitCustomer
	}
	f := w.faults()
	f.name("on", "pause", c.On, true)
	f.text("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	if w.c.Waiting != nil {
		return standing("the case waits on %s already", w.c.Waiting.On)
	}
	e := Waited{Wait: c}
	err := w.holding(&e.Change, func(k sla.Clock) error {
		a, o, err := w.terms(k)
		if err != nil || !o.Pauses(c.On) || k.Paused() {
			return err
		}
		paused, err := a.Pause(k, w.now)
		e.set(paused)
		return err
	})
	if err != nil {
		return err
	}
	w.emit(e)
	return nil
}

func (w *work) resume() error {
	if w.c.Waiting == nil {
		return standing("the case does not wait")
	}
	return w.resumed(w.now)
}

// answered ends a wait on the customer, who has spoken at an instant.
func (w *work) answered(at time.Time) error {
	if w.c.Waiting == nil || w.c.Waiting.On != WaitCustomer {
		return nil
	}
	return w.resumed(at)
}

// resumed ends the wait at an instant, which is no earlier than it began.
func (w *work) resumed(at time.Time) error {
	at = later(at, w.c.Waiting.Since)
	e := Resumed{At: at}
	err := w.holding(&e.Change, func(k sla.Clock) error {
		if !k.Paused() {
			return nil
		}
		a, _, err := w.terms(k)
		if err != nil {
			return err
		}
		goesOn, err := a.Resume(k, later(at, k.Pauses[len(k.Pauses)-1].From))
		e.set(goesOn)
		return err
	})
	if err != nil {
		return err
	}
	w.emit(e)
	return nil
}

func (w *work) assign(c Assign) error {
	f := w.faults()
	f.id("to", c.To)
	if err := f.err(); err != nil {
		return err
	}
	if slices.Contains(w.c.About, c.To) {
		return denied("%s is complained about and may not handle the case", c.To)
	}
	from := w.c.Assignee
	w.emit(Assigned{Assign: c, Transfer: from != "" && c.To != "" && from != c.To})
	return nil
}

func (w *work) escalate(c Escalate) error {
	f := w.faults()
	f.text("reason", c.Reason)
	if c.To != "" && w.rank(c.To) < 0 {
		f.errs = append(f.errs, &FieldError{"to", unknownName("role", string(c.To), w.names.roles)})
	}
	if err := f.err(); err != nil {
		return err
	}
	return w.escalated(c, Demanded, w.actor, w.now)
}

// escalated records that somebody higher was demanded, at an instant. A demand that
// is open stays open: its clock runs on, and who it asks for is never lowered.
func (w *work) escalated(c Escalate, cause Cause, by Actor, at time.Time) error {
	if c.To == "" {
		c.To = w.higher()
	}
	if open := w.c.Escalation; open != nil && open.Answered.IsZero() && w.rank(open.To) > w.rank(c.To) {
		c.To = open.To
	}
	e := Escalated{Escalate: c, Cause: cause, By: by}
	if err := w.start(&e.Change, sla.Escalation, at); err != nil {
		return err
	}
	w.emitBy(by, e)
	return nil
}

// higher is the next rung above the last one demanded, or, of a case that nobody
// has escalated, the second of the ladder; never above its top.
func (w *work) higher() policy.Role {
	ladder := w.policy.Roles()
	if len(ladder) == 0 {
		return ""
	}
	next := 1
	if e := w.c.Escalation; e != nil {
		next = w.rank(e.To) + 1
	}
	return ladder[min(next, len(ladder)-1)]
}

func (w *work) reclassify(c Reclassify) error {
	f := w.faults()
	f.name("category", "category", string(c.Category), false)
	f.name("situation", "situation", c.Situation, false)
	f.name("severity", "severity", string(c.Severity), false)
	if c == (Reclassify{}) {
		f.add("reclassify", "nothing to change")
	}
	if c.Renew && w.agreement == nil {
		f.add("renew", "the desk has no agreement to put the clocks under")
	}
	if err := f.err(); err != nil {
		return err
	}
	e := Reclassified{Reclassify: c}
	if err := w.retarget(&e.Change, new(apply(w.c, header{}, e)), c.Renew); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

func (w *work) learn(c Learn) error {
	f := w.faults()
	f.id("customer", c.Customer)
	if c.Customer != "" && w.c.Customer != "" && c.Customer != w.c.Customer {
		f.add("customer", "the case belongs to another customer already")
	}
	f.name("tier", "tier", c.Tier, false)
	f.name("preferred", "channel", string(c.Preferred), false)
	f.id("language", c.Language)
	f.authority("authority", c.Authority)
	f.order(c.Order)
	f.facts(c.Facts)
	facts, about := len(w.c.Facts), len(w.c.About)
	for name := range c.Facts {
		if _, known := w.c.Facts[name]; !known {
			facts++
		}
	}
	for i, id := range c.About {
		f.neededID(indexed("about", i, ""), id)
		if !slices.Contains(w.c.About, id) {
			about++
		}
	}
	f.count("facts", facts)
	f.count("about", about)
	if c.nothing() {
		f.add("learn", "nothing to add")
	}
	if err := f.err(); err != nil {
		return err
	}
	c.Order.Purchased, c.Order.Delivered = micro(c.Order.Purchased), micro(c.Order.Delivered)
	c.Facts = asRead(c.Facts)
	e := Learned{Learn: c}
	if err := w.retarget(&e.Change, new(apply(w.c, header{}, e)), false); err != nil {
		return err
	}
	w.emit(e)
	if slices.Contains(w.c.About, w.c.Assignee) {
		w.emit(Assigned{})
	}
	return nil
}

func (c Learn) nothing() bool {
	return c.Customer == "" && c.Tier == "" && c.Preferred == "" && c.Language == "" && c.Authority == "" &&
		len(c.About) == 0 && c.Order == (policy.Order{}) && len(c.Facts) == 0
}

func (w *work) flagAbuse(c FlagAbuse) error {
	f := w.faults()
	f.text("note", c.Note)
	f.future("review", c.Review, w.now)
	switch {
	case c.Level < 0:
		f.add("level", "%d is negative (0 lifts the flag)", c.Level)
	case c.Level > 0 && c.Review.IsZero():
		f.add("review", "a restriction needs a date at which it is looked at again")
	}
	if err := f.err(); err != nil {
		return err
	}
	c.Review = micro(c.Review)
	w.emit(AbuseFlagged{FlagAbuse: c})
	return nil
}

func (w *work) link(c Link) error {
	f := w.faults()
	f.id("reference", c.Reference)
	switch c.As {
	case Related, DuplicateOf, KnownIssue:
	default:
		f.add("as", "unknown relation %q (known: %s, %s, %s)", string(c.As), Related, DuplicateOf, KnownIssue)
	}
	var none Link
	switch {
	case c.To == none.To && c.Reference == "":
		f.add("to", "needs a case (To) or something of the host's (Reference)")
	case c.To == w.c.ID:
		f.add("to", "is the case itself")
	}
	f.count("links", len(w.c.Links)+1)
	if err := f.err(); err != nil {
		return err
	}
	w.emit(Linked{Link: c})
	return nil
}

func (w *work) note(c Note) error {
	f := w.faults()
	f.needed("text", c.Text)
	if err := f.err(); err != nil {
		return err
	}
	w.emit(Noted{Note: c})
	return nil
}

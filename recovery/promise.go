package recovery

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Promises stand beside the step: made, kept, released, broken, void.

// dueOf is when a promise is due that is made at an instant.
func (w *work) dueOf(p Promise, at time.Time) (time.Time, error) {
	if p.Within == "" {
		return micro(p.Due), nil
	}
	t, err := sla.ParseTarget(p.Within)
	if err != nil {
		return time.Time{}, err
	}
	var calendar *sla.Calendar
	var intake sla.IntakeRules
	if o := w.promiseObjective(); o != nil && o.Calendar != "" {
		calendar, _ = w.agreement.Calendar(o.Calendar)
		intake = o.Intake
	}
	due, err := t.From(at, calendar, intake)
	return micro(due), err
}

// timed is an option's remedies with the time by which each is promised: the earliest
// of its own, of the promises that name it, and of those that stand for all remedies.
// What is promised within a time counts from the instant given.
func (w *work) timed(o Option, at time.Time) ([]policy.Remedy, error) {
	out := slices.Clone(o.Remedies)
	for _, p := range o.Promises {
		if p.Item == 0 && p.Aside {
			continue
		}
		due, err := w.dueOf(p, at)
		if err != nil {
			return nil, invalid("promise", "%v", err)
		}
		for i := range out {
			if by := out[i].By; (p.Item == 0 || p.Item == i+1) && (by.IsZero() || due.Before(by)) {
				out[i].By = due
			}
		}
	}
	return out, nil
}

// feasible asks the policy whether what an offer promises can still be kept if it is
// accepted: a fixed time has come closer since it was presented, and what is promised
// within a time is due on a date now. Nothing else stops an acceptance.
func (w *work) feasible(o *Offer, c Accept) error {
	remedies, err := w.timed(o.Options[c.Option], c.At)
	if err != nil {
		return err
	}
	remedies = accepted(remedies, c.Items)
	if !slices.ContainsFunc(remedies, func(r policy.Remedy) bool { return !r.By.IsZero() }) {
		return nil
	}
	with, err := w.agreed(o, w.policy.Digest())
	if err != nil {
		return err
	}
	d, _, err := w.judgeAt(&with, remedies, c.At)
	if err != nil {
		return err
	}
	return tooEarly(d, c.Option)
}

// inTime asks the policy whether a promise that stands by itself can be kept, if it
// says what kind of remedy is promised.
func (w *work) inTime(p Pledge) error {
	if p.Kind == "" {
		return nil
	}
	r := w.request(w.actor.forPolicy(), nil, []policy.Remedy{{Kind: p.Kind, By: p.Due}})
	if err := w.given(&r, w.policy.Ledgers(r), 0, nil); err != nil {
		return err
	}
	return tooEarly(w.policy.Judge(r), 0)
}

// tooEarly is a DeniedError if something is promised too early. A rule that denies or blocks it as
// such says so by the earliest time that it compared; nothing else that was found is in
// the error, which the customer may see.
func tooEarly(d policy.Decision, option int) error {
	only := policy.Decision{Verdict: policy.Denied, Policy: d.Policy, Version: d.Version, Digest: d.Digest}
	for _, f := range d.Findings {
		if f.Compared.Earliest.IsZero() || f.Effect != policy.Deny && f.Effect != policy.Block {
			continue
		}
		if f.Effect == policy.Block {
			only.Verdict = policy.Blocked
		}
		only.Findings = append(only.Findings, f)
	}
	if len(only.Findings) == 0 {
		return nil
	}
	return &DeniedError{only, option}
}

// checkPromise reports all that is wrong with a promise about to be made.
func (w *work) checkPromise(f *faults, field string, p Promise, remedies int) {
	f.promise(field, p, remedies, w.now)
	switch {
	case p.Kind == "":
	case remedies > 0:
		f.add(field+".kind", "%s; a promise among remedies says by its item which one it belongs to", p.Kind)
	default:
		if err := w.policy.Check(policy.Remedy{Kind: p.Kind, By: p.Due}); err != nil {
			f.add(field+".kind", "%v; what needs an amount is offered (Propose)", err)
		}
	}
	if p.Owner != "" && slices.Contains(w.c.About, p.Owner) {
		f.add(field+".owner", "%s is complained about and may not handle the case", p.Owner)
	}
	if p.Within == "" || !p.Due.IsZero() {
		return
	}
	if _, err := w.dueOf(p, w.now); err != nil {
		hint := ""
		if w.promiseObjective() == nil {
			hint = `; the calendar is that of an objective of the agreement with the metric "promise", and there is none for this case`
		}
		f.add(field+".within", "%v%s", err, hint)
	}
}

// promiseObjective is the objective for promises that the agreement has, or nil.
func (w *work) promiseObjective() *sla.Objective {
	if w.agreement == nil {
		return nil
	}
	if found := w.agreement.Select(sla.Promise, conditions(&w.c)); len(found) > 0 {
		return found[0]
	}
	return nil
}

// pledges makes the promises of an option that concern what was accepted of it,
// and starts their clocks.
func (w *work) pledges(ch *Change, promises []Promise, items []int, offer int, at time.Time) ([]Pledge, error) {
	var out []Pledge
	for _, p := range promises {
		if p.Item > 0 && !slices.Contains(items, p.Item) {
			continue
		}
		pledge, err := w.pledge(ch, p, w.c.Pledges+len(out)+1, offer, at)
		if err != nil {
			return nil, err
		}
		out = append(out, pledge)
	}
	return out, nil
}

func (w *work) pledge(ch *Change, p Promise, n, offer int, at time.Time) (Pledge, error) {
	due, err := w.dueOf(p, at)
	if err != nil {
		return Pledge{}, invalid("promise", "%v", err)
	}
	if !due.After(at) {
		return Pledge{}, invalid("promise", "promise %d was due on %s, which has passed; offer what can be kept", n, stamp(due))
	}
	if slices.Contains(w.c.About, p.Owner) {
		p.Owner = "" // it has become known since it was offered
	}
	made := Pledge{
		N: n, What: p.What, Kind: p.Kind, Due: due, Owner: p.Owner, Aside: p.Aside, Offer: offer, Item: p.Item, State: PromiseOpen, Made: at,
	}
	if o := w.promiseObjective(); o != nil {
		k, err := w.agreement.StartDue(promiseClock(n), o, at, due, 1)
		if err != nil {
			return Pledge{}, fmt.Errorf("clock %s: %w", promiseClock(n), err)
		}
		ch.set(k)
	}
	return made, nil
}

// promiseClock is the id of a promise's clock.
func promiseClock(n int) string { return fmt.Sprintf("promise:%d", n) }

// stopPromise ends a promise's clock.
func (w *work) stopPromise(ch *Change, n int, at time.Time) {
	if k, ok := w.clock(ch, promiseClock(n)); ok && k.Running() {
		w.stopClock(ch, k, at)
	}
}

func (w *work) stopPromises(ch *Change, numbers []int, at time.Time) {
	for _, n := range numbers {
		w.stopPromise(ch, n, at)
	}
}

func (w *work) promise(c Promise) error {
	f := w.faults()
	w.checkPromise(f, "promise", c, 0)
	f.count("promises", len(w.c.Promises)+1)
	if err := f.err(); err != nil {
		return err
	}
	e := PromiseMade{}
	var err error
	if e.Promise, err = w.pledge(&e.Change, c, w.c.Pledges+1, 0, w.now); err != nil {
		return err
	}
	if err := w.inTime(e.Promise); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

// which finds the promise meant: by its number, or the only one that is open.
func (w *work) which(n int) (Pledge, error) {
	if n != 0 {
		if i, ok := findPledge(&w.c, n); ok {
			return w.c.Promises[i], nil
		}
		return Pledge{}, invalid("promise", "the case has no promise %d", n)
	}
	var open []Pledge
	for _, p := range w.c.Promises {
		if p.State == PromiseOpen {
			open = append(open, p)
		}
	}
	if len(open) != 1 {
		if len(open) == 0 {
			return Pledge{}, standing("no promise is open")
		}
		return Pledge{}, invalid("promise", "%d promises are open; say which by its number", len(open))
	}
	return open[0], nil
}

func (w *work) fulfil(c Fulfil) error {
	f := w.faults()
	c.At = w.at(f, c.At)
	f.text("note", c.Note)
	if err := f.err(); err != nil {
		return err
	}
	p, err := w.which(c.Promise)
	if err != nil {
		return err
	}
	if p.State != PromiseOpen && p.State != PromiseBroken {
		return standing("promise %d is %s already", p.N, p.State)
	}
	if p.Stopped {
		return denied("policy has stopped promise %d", p.N)
	}
	if c.At.Before(p.Made) {
		return invalid("at", "%s is before the promise was made (%s)", stamp(c.At), stamp(p.Made))
	}
	if p.State == PromiseOpen {
		blocked, err := w.blocked(p)
		if err != nil {
			return err
		}
		if blocked != nil {
			return w.broken(PromiseFailed{Promise: p.N, At: w.now, Blocked: blocked}, p.Aside)
		}
	}
	c.Promise = p.N
	late := c.At.After(p.Due)
	e := PromiseFulfilled{Fulfil: c, Late: late, Disproves: p.State == PromiseBroken && !late && !p.Aside}
	w.stopPromise(&e.Change, p.N, c.At)
	if err := w.mayDeliver(&e.Change, p, c.At); err != nil {
		return err
	}
	owed := w.c.Owed
	w.emit(e)
	return w.relied(owed)
}

// blocked asks the policy about the remedies that a promise belongs to: what a
// customer has accepted only a Block can stop.
func (w *work) blocked(p Pledge) (*policy.Decision, error) {
	if len(p.For) == 0 {
		return nil, nil
	}
	r := w.request(w.actor.forPolicy(), nil, p.For)
	less := make([]Owed, len(p.For)) // which it is judged as, not beside
	for i, x := range p.For {
		less[i] = Owed{Offer: p.Offer, Item: p.Item, Given: givenOnCase(x, p.Made)}
	}
	if err := w.given(&r, w.policy.Ledgers(r), p.Offer, less); err != nil {
		return nil, err
	}
	if d := w.policy.Judge(r); d.Verdict == policy.Blocked {
		d.Reserves = nil
		return &d, nil
	}
	return nil, nil
}

func (w *work) release(c Release) error {
	f := w.faults()
	f.text("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	p, err := w.which(c.Promise)
	if err != nil {
		return err
	}
	if p.State != PromiseOpen && p.State != PromiseBroken {
		return standing("promise %d is %s already", p.N, p.State)
	}
	c.Promise = p.N
	e := PromiseFreed{Release: c}
	w.stopPromise(&e.Change, p.N, w.now)
	if err := w.mayDeliver(&e.Change, p, w.now); err != nil {
		return err
	}
	owed := w.c.Owed
	w.emit(e)
	return w.relied(owed)
}

// mayDeliver moves the case to delivered if the promise was the last that holds
// delivery up.
func (w *work) mayDeliver(ch *Change, p Pledge, at time.Time) error {
	others := slices.ContainsFunc(w.c.Promises, func(q Pledge) bool { return q.N != p.N && q.outstanding() })
	if w.c.Step != StepFulfilling || others {
		return nil
	}
	if err := w.move(ch, deliver); err != nil {
		return err
	}
	return w.delivered(ch, at)
}

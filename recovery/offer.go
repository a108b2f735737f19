package recovery

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Step 4: an offer is proposed, judged, approved, presented, and answered.

// request is the case as policy sees it.
func (w *work) request(by policy.Actor, approvers []policy.Actor, offered []policy.Remedy) policy.Request {
	return policy.Request{
		Now: w.now, Actor: by, Approvers: approvers, Case: w.c.ID.String(), Received: w.c.Received,
		Category: string(w.c.Category), Channel: string(w.c.Channel), Severity: string(w.c.Severity), Round: w.c.Round,
		Customer: w.c.Customer, Tier: w.c.Tier, Order: w.c.Order, Facts: w.c.Facts, Offer: offered,
	}
}

// given adds to a request what was given before: on the case, and in the ledgers
// named, less what the offer at hand holds there itself, and less what
// the customer is owed and will not get beside it. What was accepted on the case before
// the policy named a ledger is in no ledger, and counts there all the same.
func (w *work) given(r *policy.Request, ledgers []string, offer int, less []Owed) error {
	r.Given = slices.Clone(w.c.Given)
	for _, o := range less {
		r.Given = lessGiven(r.Given, o.Given)
	}
	onCase := r.Given
	for _, name := range ledgers {
		l, err := w.ledger(name)
		if err != nil {
			return err
		}
		held, err := l.given(w.c.ID, offer, less, r.Now)
		if err != nil {
			return err
		}
		r.Given = append(r.Given, held...)
		unknown := onCase
		for _, g := range l.spentOn(w.c.ID, less) {
			unknown = lessGiven(unknown, g)
		}
		for _, g := range unknown {
			g.Ledger = name
			r.Given = append(r.Given, g)
		}
	}
	return nil
}

// judged is what policy said about an offer, and what it was asked.
type judged struct {
	decision policy.Decision
	reserved []Reservation
	asked    []Asked
}

// judge judges all options of an offer: the answer is the strictest, since the
// customer may choose any. A denial is a DeniedError.
func (w *work) judge(o *Offer) (judged, error) {
	var all judged
	for i, option := range o.Options {
		remedies, err := w.timed(option, w.now)
		if err != nil {
			return all, err
		}
		d, seen, err := w.judgeAt(o, remedies, w.now)
		if err != nil {
			return all, err
		}
		if d.Verdict == policy.Denied || d.Verdict == policy.Blocked {
			return all, &DeniedError{d, i}
		}
		all.reserved = append(all.reserved, reservations(i, option.Remedies, d.Reserves)...)
		all.asked = append(all.asked, Asked{seen, promisedBy(option.Remedies, remedies)})
		d.Reserves = nil
		all.decision = w.stricter(all.decision, d, i == 0)
	}
	if !slices.ContainsFunc(all.asked, Asked.says) {
		all.asked = nil
	}
	return all, nil
}

// judgeAt judges remedies of an offer as of an instant. It says which ledgers it looked at.
func (w *work) judgeAt(o *Offer, remedies []policy.Remedy, at time.Time) (policy.Decision, []LedgerAt, error) {
	r := w.question(o, remedies, at)
	ledgers := w.policy.Ledgers(r)
	if err := w.given(&r, ledgers, o.N, w.superseding(o.N)); err != nil {
		return policy.Decision{}, nil, err
	}
	var seen []LedgerAt
	for _, name := range ledgers {
		l := w.ledgers[name]
		seen = append(seen, LedgerAt{name, l.head.Sequence + uint64(len(l.events))})
	}
	return w.policy.Judge(r), seen, nil
}

// question is whether remedies of an offer may be carried out, as of an instant, but for
// what was given before.
func (w *work) question(o *Offer, remedies []policy.Remedy, at time.Time) policy.Request {
	approvers := make([]policy.Actor, len(o.Approvers))
	for i, a := range o.Approvers {
		approvers[i] = a.forPolicy()
	}
	r := w.request(o.By.forPolicy(), approvers, remedies)
	r.Now = at
	return r
}

// stricter joins the decisions on two options.
func (w *work) stricter(a, b policy.Decision, first bool) policy.Decision {
	if first {
		return b
	}
	if b.Verdict == policy.NeedsApproval && (a.Verdict != policy.NeedsApproval || w.rank(b.By) > w.rank(a.By)) {
		a.Verdict, a.By = b.Verdict, b.By
	}
	a.Findings = append(slices.Clone(a.Findings), b.Findings...)
	slices.SortStableFunc(a.Findings, func(x, y policy.Finding) int { return strings.Compare(x.Rule, y.Rule) })
	a.Findings = slices.CompactFunc(a.Findings, func(x, y policy.Finding) bool { return x.Rule == y.Rule })
	a.Missing = append(slices.Clone(a.Missing), b.Missing...)
	slices.Sort(a.Missing)
	a.Missing = slices.Compact(a.Missing)
	return a
}

// reservations says which remedy each reserve is for: the first of its kind and
// amount that has none in that ledger yet.
func reservations(option int, remedies []policy.Remedy, reserves []policy.Given) []Reservation {
	var out []Reservation
	for _, g := range reserves {
		for i, r := range remedies {
			taken := slices.ContainsFunc(out, func(x Reservation) bool { return x.Ledger == g.Ledger && x.Item == i+1 })
			if r.Kind == g.Kind && r.Amount == g.Amount && r.Item == g.Line && !taken {
				out = append(out, Reservation{Given: g, Option: option, Item: i + 1})
				break
			}
		}
	}
	return out
}

func (w *work) propose(c Propose) error {
	f := w.faults()
	options := append([]Option{{c.Remedies, c.Promises}}, c.Alternatives...)
	f.count("alternatives", len(c.Alternatives))
	for i, o := range options {
		prefix := ""
		if i > 0 {
			prefix = indexed("alternatives", i-1, "") + "."
		}
		f.remedies(prefix+"remedies", o.Remedies, w.c.Order.Paid, w.now)
		f.count(prefix+"promises", len(o.Promises))
		for j, p := range o.Promises {
			w.checkPromise(f, indexed(prefix+"promises", j, ""), p, len(o.Remedies))
		}
	}
	f.future("answer_by", c.AnswerBy, w.now)
	if err := f.err(); err != nil {
		return err
	}
	if err := w.replaced("propose"); err != nil {
		return err
	}
	if err := w.selfDealing(w.actor.ID, options); err != nil {
		return err
	}
	o := Offer{N: w.c.Offers + 1, By: w.actor, Options: cloneOptions(options), AnswerBy: micro(c.AnswerBy)}
	answer, err := w.judge(&o)
	if err != nil {
		return err
	}
	o.Decision, o.Reserved = answer.decision, answer.reserved
	e := Proposed{Asked: answer.asked}
	if o.Decision.Verdict == policy.NeedsApproval {
		if err := w.eligible(o.Decision.By, &o); err != nil {
			return err
		}
		o.State, o.ApproveBy = OfferApproval, w.now.Add(w.approveWithin)
		if err := w.move(&e.Change, askApproval); err != nil {
			return err
		}
		if err := w.start(&e.Change, sla.Approval, w.now); err != nil {
			return err
		}
	} else {
		o.State, o.PresentBy = OfferApproved, w.presentBy(&o)
		if err := w.move(&e.Change, cleared); err != nil {
			return err
		}
	}
	if err := w.reserve(o.N, o.Reserved); err != nil {
		return err
	}
	e.Offer = o
	w.emit(e)
	return nil
}

// cloneOptions copies what the caller keeps, and cuts times to what records keep.
func cloneOptions(in []Option) []Option {
	out := make([]Option, len(in))
	for i, o := range in {
		out[i] = Option{Remedies: slices.Clone(o.Remedies), Promises: slices.Clone(o.Promises)}
		for j := range out[i].Remedies {
			out[i].Remedies[j].By = micro(out[i].Remedies[j].By)
		}
		for j := range out[i].Promises {
			out[i].Promises[j].Due = micro(out[i].Promises[j].Due)
		}
	}
	return out
}

// replaced retracts the open offer, if there is one, because of what takes its place.
func (w *work) replaced(by outcome) error {
	o := liveOffer(&w.c)
	if o == nil {
		return nil
	}
	e := Retracted{Offer: o.N, For: by}
	w.stop(&e.Change, sla.Approval, w.now)
	return w.withheld(w.actor, &e.Change, func() Event { return e })
}

// withheld records the event by which an open offer ends with the case clarified.
func (w *work) withheld(by Actor, ch *Change, event func() Event) error {
	if err := w.move(ch, withhold); err != nil {
		return err
	}
	if err := w.free(); err != nil {
		return err
	}
	w.emitBy(by, event())
	return nil
}

// eligible reports an error where it is known that nobody may approve: no role that
// could, or nobody of the host's staff. Who is not known may.
func (w *work) eligible(by policy.Role, o *Offer) error {
	if by == "" {
		return denied("approval is needed, and no role can give it")
	}
	if w.staff == nil {
		return nil
	}
	for _, id := range w.staff(by) {
		if id != "" && w.unfit(Actor{ID: id}, o) == nil {
			return nil
		}
	}
	return denied("approval by %s is needed, and nobody is eligible", by)
}

// unfit reports why somebody may not approve an offer, whatever their role.
func (w *work) unfit(a Actor, o *Offer) error {
	if a.ID == o.By.ID {
		return denied("nobody approves their own offer")
	}
	if slices.ContainsFunc(o.Approvers, func(b Actor) bool { return b.ID == a.ID }) {
		return denied("%s has approved it already", a.ID)
	}
	return w.partial(a.ID, o)
}

// partial reports why somebody can't be impartial about an offer.
func (w *work) partial(id string, o *Offer) error {
	if slices.Contains(w.c.About, id) {
		return denied("%s is complained about", id)
	}
	return w.selfDealing(id, o.Options)
}

// selfDealing reports why somebody may neither propose nor approve what they would
// gain from themselves.
func (w *work) selfDealing(id string, options []Option) error {
	if id == w.c.Customer {
		return denied("%s is the customer", id)
	}
	for _, option := range options {
		if slices.ContainsFunc(option.Remedies, func(r policy.Remedy) bool { return r.Payee == id }) {
			return denied("%s would gain from the offer", id)
		}
	}
	return nil
}

// presentBy is until when an offer that is approved now may be presented: it holds
// its reservations no longer than one that the customer was told of.
func (w *work) presentBy(o *Offer) time.Time {
	if !o.AnswerBy.IsZero() {
		return o.AnswerBy
	}
	return w.now.Add(w.answerWithin)
}

func (w *work) retract(c Retract) error {
	f := w.faults()
	f.needed("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	e := Retracted{Retract: c, Offer: w.c.Offers}
	w.stop(&e.Change, sla.Approval, w.now)
	return w.withheld(w.actor, &e.Change, func() Event { return e })
}

func (w *work) present(c Present) error {
	f := w.faults()
	c.At = w.inRound(f, c.At)
	c.Channel = w.channel(f, c.Channel)
	f.text("text", c.Text)
	if err := f.err(); err != nil {
		return err
	}
	o := liveOffer(&w.c)
	if o == nil {
		return ErrStep
	}
	if !o.AnswerBy.IsZero() && !o.AnswerBy.After(c.At) {
		return standing("the customer was to answer by %s, which has passed; propose anew", stamp(o.AnswerBy))
	}
	answer, err := w.judgeApproved(o)
	if err != nil {
		return err
	}
	e := Presented{Present: c, Offer: o.N, Decision: answer.decision, Asked: answer.asked, AnswerBy: o.AnswerBy}
	if e.Reserved, e.Freed, err = w.reserveAgain(o, answer.reserved); err != nil {
		return err
	}
	if e.AnswerBy.IsZero() {
		e.AnswerBy = c.At.Add(w.answerWithin)
	}
	if err := w.move(&e.Change, present); err != nil {
		return err
	}
	w.stop(&e.Change, sla.Solution, c.At)
	if err := errors.Join(w.stopOn(&e.Change, "presented", c.At), w.spokeTo(&e.Change, c.At)); err != nil {
		return err
	}
	w.emit(e)
	return nil
}

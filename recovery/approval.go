package recovery

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Somebody else agrees to an offer, or turns it down.

// bound is a digest of what somebody agrees to who approves an offer: its remedies with
// their amounts and payees, for whom and on which facts, by which policy. It is not of
// what changes by itself, as the severity: that is judged again.
func (w *work) bound(o *Offer, by policy.Digest) (policy.Digest, error) {
	what := struct {
		Case     uuid.UUID
		Offer    int
		Options  [][]policy.Remedy
		Customer string
		Tier     string
		Category Category
		Order    policy.Order
		Facts    policy.Facts
		Policy   policy.Digest
	}{w.c.ID, o.N, nil, w.c.Customer, w.c.Tier, w.c.Category, w.c.Order, w.c.Facts, by}
	for _, option := range o.Options {
		what.Options = append(what.Options, option.Remedies)
	}
	b, err := json.Marshal(what)
	if err != nil {
		return policy.Digest{}, invalid("facts", "%v", err)
	}
	return sha256.Sum256(b), nil
}

// agreed is an offer with those approvers alone who agreed to what is offered now, by the
// policy with that digest, and may still.
func (w *work) agreed(o *Offer, by policy.Digest) (Offer, error) {
	with := *o
	if len(o.Approvers) == 0 {
		return with, nil
	}
	bound, err := w.bound(o, by)
	if err != nil || bound != o.Bound {
		with.Approvers = nil
		return with, err
	}
	with.Approvers = slices.DeleteFunc(slices.Clone(o.Approvers), func(a Actor) bool { return w.partial(a.ID, o) != nil })
	return with, nil
}

// judgeApproved judges an offer that is to be carried out, with the approvals that still
// hold. What needs one more is a DeniedError.
func (w *work) judgeApproved(o *Offer) (judged, error) {
	if err := w.proposedFairly(o); err != nil {
		return judged{}, err
	}
	with, err := w.agreed(o, w.policy.Digest())
	if err != nil {
		return judged{}, err
	}
	answer, err := w.judge(&with)
	if err == nil && answer.decision.Verdict == policy.NeedsApproval {
		err = &DeniedError{answer.decision, 0}
		if len(with.Approvers) < len(o.Approvers) {
			err = fmt.Errorf("%w; an approval holds for what was approved, and policy, facts or approvers are not what they were: propose anew", err)
		}
	}
	return answer, err
}

// proposedFairly reports why an offer can't stand any more because of who proposed it:
// what was not known when they did.
func (w *work) proposedFairly(o *Offer) error {
	if err := w.partial(o.By.ID, o); err != nil {
		return fmt.Errorf("%w, and proposed it; somebody else has to propose anew", err)
	}
	return nil
}

// approver checks who decides on the offer that waits. It is the offer with those
// approvers alone who agreed to what is offered now.
func (w *work) approver() (Offer, error) {
	o := liveOffer(&w.c)
	if o == nil {
		return Offer{}, ErrStep
	}
	with, err := w.agreed(o, w.policy.Digest())
	if err != nil {
		return with, err
	}
	if err := w.unfit(w.actor, &with); err != nil {
		return with, err
	}
	if w.rank(w.actor.Role) < w.rank(o.Decision.By) {
		return with, denied("approval by %s or above is needed; %s is %s", o.Decision.By, w.actor.ID, cmp.Or(w.actor.Role, "without a role"))
	}
	return with, nil
}

func (w *work) approve(c Approve) error {
	f := w.faults()
	f.text("note", c.Note)
	if err := f.err(); err != nil {
		return err
	}
	o, err := w.approver()
	if err != nil {
		return err
	}
	if err := w.proposedFairly(&o); err != nil {
		return err
	}
	with := o
	with.Approvers = append(slices.Clip(o.Approvers), w.actor)
	answer, err := w.judge(&with)
	if err != nil {
		return err
	}
	decision := answer.decision
	e := Approved{Approve: c, Offer: o.N, By: w.actor, Decision: decision, Asked: answer.asked}
	if e.Bound, err = w.bound(&o, w.policy.Digest()); err != nil {
		return err
	}
	if e.Reserved, e.Freed, err = w.reserveAgain(&o, answer.reserved); err != nil {
		return err
	}
	if decision.Verdict == policy.NeedsApproval {
		if err := w.eligible(decision.By, &with); err != nil {
			return err
		}
		if w.rank(decision.By) <= w.rank(w.actor.Role) {
			return denied("approval by %s is needed beside those given, and %s is not enough", decision.By, w.actor.ID)
		}
		e.ApproveBy = w.now.Add(w.approveWithin)
	} else {
		if err := w.move(&e.Change, cleared); err != nil {
			return err
		}
		e.PresentBy = w.presentBy(&o)
		w.stop(&e.Change, sla.Approval, w.now)
	}
	w.emit(e)
	return nil
}

func (w *work) refuse(c Refuse) error {
	f := w.faults()
	f.needed("reason", c.Reason)
	if err := f.err(); err != nil {
		return err
	}
	o, err := w.approver()
	if err != nil {
		return err
	}
	e := Refused{Refuse: c, Offer: o.N}
	w.stop(&e.Change, sla.Approval, w.now)
	return w.withheld(w.actor, &e.Change, func() Event { return e })
}

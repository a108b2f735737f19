package recovery

import (
	"maps"
	"slices"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// deep returns a copy that shares nothing that anybody could write to.
func (c Case) deep() Case {
	c.Complaint = c.clone()
	c.Promises, c.Given, c.Clocks = slices.Clone(c.Promises), slices.Clone(c.Given), slices.Clone(c.Clocks)
	for i, p := range c.Promises {
		c.Promises[i].For = slices.Clone(p.For)
	}
	c.Owed = slices.Clone(c.Owed)
	for i, o := range c.Owed {
		c.Owed[i].Ledgers = slices.Clone(o.Ledgers)
	}
	c.Ended = slices.Clone(c.Ended)
	c.Responses, c.Links = slices.Clone(c.Responses), slices.Clone(c.Links)
	c.Clarification = copied(c.Clarification, func(x *Clarify) { x.Questions = slices.Clone(x.Questions) })
	c.Offer = copied(c.Offer, deepenOffer)
	for i := range c.Clocks {
		deepenClock(&c.Clocks[i])
	}
	c.Waiting, c.Escalation = copied(c.Waiting, nil), copied(c.Escalation, nil)
	c.Restriction, c.CheckBack = copied(c.Restriction, nil), copied(c.CheckBack, nil)
	c.Closing = copied(c.Closing, func(x *Close) { x.Findings = slices.Clone(x.Findings) })
	return c
}

// copied is a copy of what a pointer points to, made whole by deepen; nil stays nil.
func copied[T any](p *T, deepen func(*T)) *T {
	if p == nil {
		return nil
	}
	v := *p
	if deepen != nil {
		deepen(&v)
	}
	return &v
}

func (c Complaint) clone() Complaint {
	c.About, c.Concerns, c.Facts = slices.Clone(c.About), slices.Clone(c.Concerns), maps.Clone(c.Facts)
	return c
}

// asRead returns the facts as they are read from the store: whole numbers are
// int64, times in UTC. So rules never see the same fact in two forms.
func asRead(facts policy.Facts) policy.Facts {
	if len(facts) == 0 {
		return nil
	}
	out := make(policy.Facts, len(facts))
	for name, v := range facts {
		switch v := v.(type) {
		case int:
			out[name] = int64(v)
		case time.Time:
			out[name] = v.Round(0).UTC()
		default:
			out[name] = v
		}
	}
	return out
}

// deepenOffer copies what an offer that was copied still shares.
func deepenOffer(o *Offer) {
	o.Options = slices.Clone(o.Options)
	for i, option := range o.Options {
		o.Options[i] = Option{slices.Clone(option.Remedies), slices.Clone(option.Promises)}
	}
	o.Approvers = slices.Clone(o.Approvers)
	o.Reserved, o.Items = slices.Clone(o.Reserved), slices.Clone(o.Items)
	o.Decision = cloneDecision(o.Decision)
}

func cloneDecision(d policy.Decision) policy.Decision {
	d.Findings, d.Missing, d.Reserves = slices.Clone(d.Findings), slices.Clone(d.Missing), slices.Clone(d.Reserves)
	return d
}

func deepenClock(k *sla.Clock) {
	k.Pauses, k.Thresholds = slices.Clone(k.Pauses), slices.Clone(k.Thresholds)
}

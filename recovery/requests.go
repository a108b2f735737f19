package recovery

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
)

// Asked is what policy was told about one option of an offer, beside what stands in the
// case and in the offer: with it the same can be asked again. See [Desk.Requests].
type Asked struct {
	Ledgers []LedgerAt  `json:"ledgers,omitempty"` // that were looked at
	By      []time.Time `json:"by,omitempty"`      // when each remedy was promised to be done, zero where it was not; none: as the remedies say
}

// LedgerAt is a ledger as it stood after some of its records.
type LedgerAt struct {
	Ledger   string `json:"ledger"` // as in "customer:42"
	Sequence uint64 `json:"sequence,omitempty"`
}

// promisedBy are the times by which remedies are promised, if promises say so.
func promisedBy(offered, timed []policy.Remedy) []time.Time {
	var by []time.Time
	for i, r := range timed {
		if by == nil && !r.By.Equal(offered[i].By) {
			by = make([]time.Time, len(timed))
		}
	}
	for i := range by {
		by[i] = timed[i].By
	}
	return by
}

// says reports whether there was anything to tell.
func (a Asked) says() bool { return len(a.Ledgers)+len(a.By) > 0 }

// remedies are those of an option as they were judged.
func (a Asked) remedies(o Option) []policy.Remedy {
	out := slices.Clone(o.Remedies)
	for i := range min(len(out), len(a.By)) {
		out[i].By = a.By[i]
	}
	return out
}

// Requests yields what policy was asked about the offers on record, case by case, for
// the cases that a query selects: the zero Query means all. With them [policy.Diff] says
// what another policy would have decided:
//
//	sum, err := policy.Diff(before, after, desk.Requests(ctx, recovery.Query{}), show)
//
// Each is the request as it was then: the case and its facts, who proposed and who had
// agreed, the time by which each remedy was promised, and what was given before, on the
// case and in the ledgers. There is one for each option of an offer each time that it
// was judged: when it was proposed, whenever somebody agreed to it, and when it was
// presented. The policy that was in force then answers as it did; of several options the
// strictest answer is the one on record. Case and Now tell which it was.
//
// What is not on record is not among them. Above all that is an offer that was denied:
// what a new policy would let through for the first time can't be seen here. What was
// judged by its time alone (an acceptance, a promise that stands by itself) is left out,
// and so is what a body awarded, which nobody judged. Where another policy counts by a ledger that
// the one in force then did not, nothing is known of what it would have held, and a cap
// by it sees the offer alone. A rule in Go that looks at more than the request sees that
// as it is now.
//
// One case is read at a time, with the ledgers that its offers looked at: memory does
// not grow with the number of cases. The query's Limit and After count for nothing. An
// error comes last: it is the store's, or one of [Desk.History].
func (d *Desk) Requests(ctx context.Context, q Query) iter.Seq2[policy.Request, error] {
	return func(yield func(policy.Request, error) bool) {
		q.Limit, q.After = 0, ""
		heads, filter, err := q.heads()
		if err != nil {
			yield(policy.Request{}, fmt.Errorf("recovery: requests: %w", err))
			return
		}
		for h, err := range history.Heads(ctx, d.store, heads) {
			if err != nil {
				yield(policy.Request{}, fmt.Errorf("recovery: requests: %w", err))
				return
			}
			if !hasKeys(h, filter) {
				continue
			}
			for r, err := range d.CaseRequests(ctx, h.Stream) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// CaseRequests yields what policy was asked about the offers of one case, in order, as
// [Desk.Requests] does of many. A case that does not exist is [history.ErrNotFound].
func (d *Desk) CaseRequests(ctx context.Context, id uuid.UUID) iter.Seq2[policy.Request, error] {
	return func(yield func(policy.Request, error) bool) {
		p := past{store: d.store, ledgers: map[string]*ledger{}}
		for e, err := range d.History(ctx, id) {
			if err != nil {
				yield(policy.Request{}, err)
				return
			}
			all, err := p.requests(ctx, e)
			if err != nil {
				yield(policy.Request{}, &CaseError{Op: "requests", Case: id, Err: err})
				return
			}
			for _, r := range all {
				if !yield(r, nil) {
					return
				}
			}
			p.c = apply(p.c, header{e.Sequence, e.Time, e.Actor, id}, e.Event)
		}
	}
}

// past is a case as it stood before one of its records.
type past struct {
	store   history.Store
	c       Case
	ledgers map[string]*ledger // as far as they have been read
}

// requests are what policy was asked for what the case's next record says, one for each
// option of the offer.
func (p *past) requests(ctx context.Context, e Entry) ([]policy.Request, error) {
	w := &work{now: e.Time, actor: e.Actor, c: p.c, ledgers: p.ledgers}
	o, asked, err := w.askedOf(e.Event)
	if o == nil || err != nil {
		return nil, err
	}
	out := make([]policy.Request, len(o.Options))
	for i, option := range o.Options {
		var a Asked
		if i < len(asked) {
			a = asked[i]
		}
		var names []string
		for _, l := range a.Ledgers {
			names = append(names, l.Ledger)
			if err := p.read(ctx, l); err != nil {
				return nil, err
			}
		}
		out[i] = w.question(o, a.remedies(option), w.now)
		out[i].Facts = maps.Clone(w.c.Facts)
		if err := w.given(&out[i], names, o.N, w.superseding(o.N)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// askedOf is the offer that was judged for an event, with those who had agreed to it,
// and what was asked; nil: none was.
func (w *work) askedOf(e Event) (*Offer, []Asked, error) {
	switch e := e.(type) { //nolint:gochecksumtype // the others judge no offer
	case Proposed:
		return &e.Offer, e.Asked, nil
	case Approved:
		with, err := w.agreed(w.offer(), e.Decision.Digest)
		with.Approvers = append(slices.Clip(with.Approvers), e.By)
		return &with, e.Asked, err
	case Presented:
		with, err := w.agreed(w.offer(), e.Decision.Digest)
		return &with, e.Asked, err
	}
	return nil, nil, nil
}

// offer is the case's offer; of a case without one, an offer of nothing.
func (w *work) offer() *Offer {
	if w.c.Offer == nil {
		return &Offer{}
	}
	return w.c.Offer
}

// read has a ledger stand as it did after some of its records.
func (p *past) read(ctx context.Context, at LedgerAt) error {
	l := p.ledgers[at.Ledger]
	if l == nil || l.head.Sequence > at.Sequence {
		l = &ledger{Name: at.Ledger}
		p.ledgers[at.Ledger] = l
	}
	for l.head.Sequence < at.Sequence {
		page, err := p.store.Records(ctx, ledgerStream(at.Ledger), l.head.Sequence, int(min(at.Sequence-l.head.Sequence, history.MaxPage)))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return fmt.Errorf("ledger %s has %d records, and was seen with %d: %w", at.Ledger, l.head.Sequence, at.Sequence, history.ErrNotFound)
		}
		for _, r := range page {
			e, err := Decode(r)
			if err != nil {
				return err
			}
			if e, ok := e.(ledgerEvent); ok {
				l.apply(e)
			}
			l.head.Sequence = r.Sequence
		}
	}
	return nil
}

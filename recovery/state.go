package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/internal/jsonout"
	"github.com/amends-go/amends/sla"
)

// The kinds of streams that a desk writes.
const (
	kindCase     = "case"
	kindLedger   = "ledger"
	kindDocument = "document"
)

// schema is the number of the form in which heads hold the folded state. A head
// with another one is folded from the records again.
const schema = 1

type caseState struct {
	Schema int   `json:"schema"`
	Case   *Case `json:"case"`
}

type ledgerState struct {
	Schema int    `json:"schema"`
	Ledger ledger `json:"ledger"`
}

// How states are written, worked out when the first one is.
//
//nolint:gochecknoglobals // compiled tables
var (
	casePlan   = sync.OnceValue(jsonout.For[caseState])
	ledgerPlan = sync.OnceValue(jsonout.For[ledgerState])
)

// fromHead is the case that a head holds. It is shared: whoever hands it out makes
// a deep copy.
func (d *Desk) fromHead(ctx context.Context, h history.Head) (Case, error) {
	if h.Kind != kindCase {
		return Case{}, fmt.Errorf("stream %s is a %q, not a case: %w", h.Stream, h.Kind, history.ErrNotFound)
	}
	if f, ok := d.cache.get(h.Stream); ok && f.head.Hash == h.Hash {
		return f.c, nil
	}
	var c Case
	s := caseState{Case: &c}
	if err := json.Unmarshal(h.State, &s); err != nil || s.Schema != schema || s.Case != &c {
		if c, err = d.replay(ctx, h.Stream, h.Sequence); err != nil {
			return Case{}, err
		}
	}
	c.Complaint.ID = c.ID // of two fields of one name JSON keeps the outer
	d.seen(h, c)
	return c, nil
}

// seen holds a case that was read or written. What a transaction of the host's has
// written may still be rolled back: it is not held.
func (d *Desk) seen(h history.Head, c Case) {
	if !d.bound {
		d.cache.put(h, c)
	}
}

// replay folds a case from its records, up to a sequence.
func (d *Desk) replay(ctx context.Context, id uuid.UUID, last uint64) (Case, error) {
	return d.fold(ctx, id, last, func(*history.Record) {})
}

// fold folds a case from its records, up to a sequence, each as alter leaves it.
func (d *Desk) fold(ctx context.Context, id uuid.UUID, last uint64, alter func(*history.Record)) (Case, error) {
	var c Case
	for r, err := range history.Stream(ctx, d.store, id) {
		if err != nil {
			return Case{}, err
		}
		if r.Sequence > last {
			break
		}
		alter(&r)
		e, err := Decode(r)
		if err != nil {
			return Case{}, err
		}
		by, err := parseActor(r.Actor)
		if err != nil {
			return Case{}, err
		}
		c = apply(c, header{r.Sequence, r.Time, by, r.Stream}, e)
	}
	return c, nil
}

// decodeLedger is the ledger that a head holds; a head without sequence is of a
// ledger that is not there yet.
func decodeLedger(name string, h history.Head) (*ledger, error) {
	l := &ledger{Name: name, head: h}
	if h.Sequence == 0 {
		l.head = history.Head{Stream: ledgerStream(name), Kind: kindLedger}
		return l, nil
	}
	var s ledgerState
	if err := json.Unmarshal(h.State, &s); err != nil {
		return nil, fmt.Errorf("recovery: ledger %s: %w", name, err)
	}
	if s.Schema != schema {
		return nil, fmt.Errorf("recovery: ledger %s has schema %d; this program knows %d", name, s.Schema, schema)
	}
	s.Ledger.head = h
	return &s.Ledger, nil
}

// batches are what the work writes: the case's records and head, and those of
// the ledgers that it touched.
func (w *work) batches(prev history.Head) ([]history.Batch, error) {
	records := make([]history.Record, len(w.events))
	for i, e := range w.events {
		r, err := encode(e.event)
		if err != nil {
			return nil, err
		}
		r.Time, r.Actor = w.now, e.actor.String()
		records[i] = r
	}
	state, err := casePlan().Marshal(&caseState{schema, &w.c})
	if err != nil {
		return nil, fmt.Errorf("recovery: encode case: %w", err)
	}
	head := history.Head{Stream: prev.Stream, Kind: kindCase, Open: w.c.Open(), Due: w.c.Due(), Keys: keys(&w.c), State: state}
	b, err := history.Next(prev, head, records...)
	if err != nil {
		return nil, err
	}
	out := []history.Batch{b}
	for _, name := range w.touched {
		b, err := w.ledgers[name].batch(w)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func (l *ledger) batch(w *work) (history.Batch, error) {
	records := make([]history.Record, len(l.events))
	for i, e := range l.events {
		r, err := encode(e)
		if err != nil {
			return history.Batch{}, err
		}
		r.Time, r.Actor = w.now, w.actor.String()
		records[i] = r
	}
	state, err := ledgerPlan().Marshal(&ledgerState{schema, *l})
	if err != nil {
		return history.Batch{}, fmt.Errorf("recovery: encode ledger: %w", err)
	}
	return history.Next(l.head, history.Head{Stream: l.head.Stream, Kind: kindLedger, State: state}, records...)
}

// keys are what a case can be found by.
func keys(c *Case) []string {
	out := []string{"step:" + string(c.Step)}
	for _, k := range []struct{ name, value string }{
		{"customer", c.Customer}, {"assignee", c.Assignee}, {"ref", c.Reference},
	} {
		if k.value != "" {
			out = append(out, k.name+":"+k.value)
		}
	}
	if c.Open() && c.Assignee == "" {
		out = append(out, keyUnassigned)
	}
	if overdue(c) {
		out = append(out, keyOverdue)
	}
	return out
}

const (
	keyUnassigned = "unassigned" // of open cases that nobody has
	keyOverdue    = "overdue"    // of cases that owe something that was due already
)

// overdue reports whether a clock runs that has breached, or a broken promise is
// still waited for.
func overdue(c *Case) bool {
	return c.Open() && (slices.ContainsFunc(c.Clocks, func(k sla.Clock) bool { return k.Running() && !k.BreachedAt.IsZero() }) ||
		slices.ContainsFunc(c.Promises, func(p Pledge) bool { return p.State == PromiseBroken }))
}

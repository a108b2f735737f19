package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/sla"
)

// decide runs a task on a loaded case.
func (d *Desk) decide(ctx context.Context, t task, l loaded) (*work, error) {
	return d.working(ctx, t.by, l, func(w *work) error {
		if t.complaint != nil {
			if err := w.open(*t.complaint); err != nil {
				return &CaseError{Op: "open", Case: t.named(), Err: err}
			}
		}
		err := w.run(t.commands)
		if e, ok := errors.AsType[*CaseError](err); ok {
			e.Case = t.named()
		}
		return err
	})
}

// working does something on a loaded case, afresh each time that it turns out to
// need another ledger, which is then loaded.
func (d *Desk) working(ctx context.Context, by Actor, l loaded, do func(*work) error) (*work, error) {
	heads := map[string]history.Head{}
	for {
		w, err := d.work(by, l, heads)
		if err != nil {
			return nil, err
		}
		err = do(w)
		need, ok := errors.AsType[*needError](err)
		if !ok {
			return w, err
		}
		head, err := d.store.Head(ctx, ledgerStream(need.ledger))
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return nil, err
		}
		heads[need.ledger] = head
	}
}

// work is a fresh start on a loaded case.
func (d *Desk) work(by Actor, l loaded, heads map[string]history.Head) (*work, error) {
	w := &work{
		rules: &d.rules, now: l.now, actor: by, c: l.c, agreements: l.agreements, ledgers: map[string]*ledger{},
	}
	for name, head := range heads {
		ledger, err := decodeLedger(name, head)
		if err != nil {
			return nil, err
		}
		w.ledgers[name] = ledger
	}
	return w, nil
}

// loaded is a case as the store has it, and what deciding needs beside it.
type loaded struct {
	c          Case
	head       history.Head
	now        time.Time
	agreements map[sla.Digest]*sla.Agreement
}

// fresh is a task's case before anything is known of it.
func (d *Desk) fresh(t task) loaded {
	return loaded{c: Case{ID: t.id}, head: history.Head{Stream: t.id, Kind: kindCase}, now: micro(d.options.Now())}
}

// recall is the task's case as it was last seen, if it was: to be tried first. A
// case to be opened is most likely not there yet.
func (d *Desk) recall(ctx context.Context, t task) (loaded, bool) {
	l := d.fresh(t)
	if d.bound || t.complaint != nil {
		return l, !d.bound
	}
	f, ok := d.cache.get(t.id)
	if !ok {
		return l, false
	}
	err := d.standOn(ctx, &l, f.head, f.c)
	return l, err == nil
}

// head is that of a case.
func (d *Desk) head(ctx context.Context, id uuid.UUID) (history.Head, error) {
	if id == uuid.Nil {
		return history.Head{}, fmt.Errorf("the id is zero, as that of the case that comes with an error: %w", history.ErrNotFound)
	}
	return d.store.Head(ctx, id)
}

// load reads the task's case.
func (d *Desk) load(ctx context.Context, t task) (loaded, error) {
	l := d.fresh(t)
	head, err := d.head(ctx, t.id)
	switch {
	case t.complaint != nil && err == nil:
		return l, fmt.Errorf("%w: %w", errTaken, history.ErrConflict)
	case t.complaint != nil && errors.Is(err, history.ErrNotFound):
		return l, nil
	case err != nil:
		return l, err
	}
	c, err := d.fromHead(ctx, head)
	if err != nil {
		return l, err
	}
	err = d.standOn(ctx, &l, head, c)
	return l, err
}

// standOn puts a case under what is decided. Time never runs backwards on a case: a
// clock behind its last record waits there.
func (d *Desk) standOn(ctx context.Context, l *loaded, head history.Head, c Case) (err error) {
	l.head, l.c = head, c
	if l.now.Before(head.Time) {
		l.now = head.Time
	}
	l.agreements, err = d.agreementsOf(ctx, c)
	return err
}

// signal wakes Run: something may be due sooner than it thinks.
func (d *Desk) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

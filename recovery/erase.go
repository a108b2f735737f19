package recovery

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Erase removes the personal texts of a case: the summary, what was said, asked,
// answered and noted. What is left is what the steps, clocks, decisions and
// findings need, and the chain of records still verifies; that it was done, by whom
// and why is a record of its own. Machines may erase, and agents whom the complaint is
// not about, in every step. The store must be a [history.Eraser]; one that isn't is an
// error that wraps [ErrInvalid]. What the host put into facts, references, ids and the
// items of remedies is the host's to care for.
func (d *Desk) Erase(ctx context.Context, id uuid.UUID, by Actor, reason string) (Case, error) {
	t := task{op: "erase", id: id, by: by}
	eraser, ok := d.store.(history.Eraser)
	if !ok {
		return Case{}, t.fail(invalid("store", "%T cannot erase (it is no history.Eraser)", d.store))
	}
	f := d.faults()
	f.needed("reason", reason)
	if err := errors.Join(d.checkActor(by), f.err()); err != nil {
		return Case{}, t.fail(err)
	}
	commit := history.Commit{Key: "amends:" + uuid.NewString()}
	var c Case
	err := d.racing(ctx, func() (err error) {
		c, err = d.erase(ctx, eraser, t, commit, reason)
		return err
	})
	if err != nil {
		return Case{}, t.fail(err)
	}
	return c, nil
}

// erase appends the record that says so, with the fold of what remains.
func (d *Desk) erase(ctx context.Context, eraser history.Eraser, t task, commit history.Commit, reason string) (Case, error) {
	l, err := d.load(ctx, t)
	if err != nil {
		return Case{}, err
	}
	if err := t.by.may("erase", &l.c); err != nil {
		return Case{}, err
	}
	if l.c, err = d.fold(ctx, t.id, l.head.Sequence, func(r *history.Record) { r.Private = nil }); err != nil {
		return Case{}, err
	}
	w, err := d.work(t.by, l, nil)
	if err != nil {
		return Case{}, err
	}
	w.emit(Erased{Reason: reason})
	if commit.Batches, err = w.batches(l.head); err != nil {
		return Case{}, err
	}
	receipt, err := d.append(ctx, commit, eraser.Erase)
	if err != nil {
		return Case{}, err
	}
	d.signal()
	if receipt.Replayed {
		return d.Case(ctx, t.id)
	}
	d.seen(commit.Batches[0].Head, w.c)
	return w.c.deep(), nil
}

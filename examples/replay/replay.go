package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

// replay takes the rows through a desk as they happened: all acts on all
// complaints in the order of their time, with the desk's clock at each.
type replay struct {
	desk  *recovery.Desk
	now   time.Time
	cases map[*row]uuid.UUID
	first map[string]uuid.UUID // the case of the first row with a content
}

// newReplay makes a desk on a store, with a clock that the replay moves.
func newReplay(store history.Store, o recovery.Options) (*replay, error) {
	r := &replay{cases: map[*row]uuid.UUID{}, first: map[string]uuid.UUID{}}
	o.Now = func() time.Time { return r.now }
	var err error
	r.desk, err = recovery.New(store, &o)
	return r, err
}

// play lets everything happen, once: on a store that has some of it already, the
// rest. It tells how many acts are done of how many.
func (r *replay) play(ctx context.Context, rows []*row, progress func(done, all int)) error {
	var acts []act
	for _, row := range rows {
		acts = append(acts, row.acts()...)
	}
	slices.SortStableFunc(acts, func(a, b act) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.row.line, b.row.line))
	})
	for i, a := range acts {
		if a.at.After(r.now) {
			r.now = a.at
			if _, err := r.desk.Tick(ctx); err != nil { // a server calls Desk.Run
				return err
			}
		}
		if err := r.perform(ctx, a); err != nil {
			return fmt.Errorf("line %d: %s: %w", a.row.line, a.what, err)
		}
		progress(i+1, len(acts))
	}
	return nil
}

// perform does one act, unless an earlier run has.
func (r *replay) perform(ctx context.Context, a act) error {
	desk := r.desk.Once("cfpb:" + a.row.id + ":" + a.what)
	if len(a.do) > 0 {
		_, err := desk.Do(ctx, r.cases[a.row], a.by, a.do...)
		return err
	}
	with := []recovery.Command{a.row.note()}
	first, again := r.first[a.row.sum]
	if again {
		with = append(with, recovery.Link{As: recovery.Related, To: first})
	}
	c, err := desk.Open(ctx, a.by, a.row.complaint(), with...)
	if err != nil {
		return err
	}
	r.cases[a.row] = c.ID
	if !again {
		r.first[a.row.sum] = c.ID
	}
	return nil
}

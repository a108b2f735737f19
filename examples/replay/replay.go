package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

var (
	//go:embed policy.json
	policyDocument []byte
	//go:embed agreement.json
	agreementDocument []byte
)

// replay takes rows through a desk as they happened: all acts on all complaints
// in the order of their time, with the desk's clock at each.
type replay struct {
	desk  *recovery.Desk
	now   time.Time
	cases map[*row]uuid.UUID
	first map[string]uuid.UUID // the case of the first row with a content
}

// newReplay makes a desk that works by the bureau's rules, with a clock that the
// replay moves.
func newReplay(store history.Store) (*replay, error) {
	rules, err := policy.Load(policyDocument, nil)
	if err != nil {
		return nil, err
	}
	agreement, err := sla.Load(agreementDocument)
	if err != nil {
		return nil, err
	}
	r := &replay{cases: map[*row]uuid.UUID{}, first: map[string]uuid.UUID{}}
	r.desk, err = recovery.New(store, &recovery.Options{
		Policy: rules, Agreement: agreement, Names: names(), Now: func() time.Time { return r.now },
		AnswerWithin: (disputeDays + 1) * 24 * time.Hour, // what is done on the last day is in time
	})
	return r, err
}

// replayAll replays rows on a store, and reads back what came of them.
func replayAll(ctx context.Context, store history.Store, rows []*row, progress func(done, all int)) (report, error) {
	r, err := newReplay(store)
	if err != nil {
		return report{}, err
	}
	before, err := records(ctx, store)
	if err != nil {
		return report{}, err
	}
	began := time.Now()
	if err := r.play(ctx, rows, progress); err != nil {
		return report{}, err
	}
	took := time.Since(began)
	said, err := readBack(ctx, r.desk, r.cases)
	if err != nil {
		return report{}, err
	}
	after, err := records(ctx, store)
	said.took, said.written = took, after-before
	return said, err
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

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// replay takes rows through desks as they happened, in the order of their time.
type replay struct {
	store history.Store
	names recovery.Names
	desk  *recovery.Desk
	now   time.Time
	cases map[*row]uuid.UUID
}

// act is a request that comes in, or one that is closed.
type act struct {
	row    *row
	at     time.Time
	closes bool
}

func acts(rows []*row) []act {
	var all []act
	for _, r := range rows {
		all = append(all, act{r, r.opened, false})
		if !r.closed.IsZero() { // some are closed seconds before they are opened
			all = append(all, act{r, latest(r.opened, r.closed), true})
		}
	}
	slices.SortStableFunc(all, func(a, b act) int { return a.at.Compare(b.at) })
	return all
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// names are the file's types, and its one way in.
func names(rows []*row) recovery.Names {
	kinds := map[recovery.Category]bool{}
	for _, r := range rows {
		kinds[recovery.Category(r.kind)] = true
	}
	return recovery.Names{Categories: slices.Sorted(maps.Keys(kinds))}
}

// newDesk puts an agreement in force: a desk of its own on the same store. The
// cases that are open go on under the agreement that they began with.
func (r *replay) newDesk(a *sla.Agreement) (err error) {
	r.desk, err = recovery.New(r.store, &recovery.Options{Agreement: a, Names: r.names, Now: func() time.Time { return r.now }})
	return err
}

// play lets everything happen, under the agreement that is in force at the time, and
// in the end what time alone causes until the last instant that the file knows of.
func (r *replay) play(ctx context.Context, rows []*row, tables []period, progress func(done, all int)) error {
	r.cases, r.names = map[*row]uuid.UUID{}, names(rows)
	if err := r.newDesk(nil); err != nil {
		return err
	}
	acts := acts(rows)
	for i, a := range acts {
		newDay := !midnight(a.at).Equal(midnight(r.now))
		r.now = a.at
		for len(tables) > 0 && !a.at.Before(tables[0].from) {
			agreement, err := tables[0].agreement()
			if err != nil {
				return err
			}
			if err := r.newDesk(agreement); err != nil {
				return err
			}
			tables = tables[1:]
		}
		if newDay { // a server calls Desk.Run
			if _, err := r.desk.Tick(ctx); err != nil {
				return err
			}
		}
		if err := r.perform(ctx, a); err != nil {
			return fmt.Errorf("line %d: %w", a.row.line, err)
		}
		progress(i+1, len(acts))
	}
	_, err := r.desk.Tick(ctx)
	return err
}

// The city's two hands: an agent of the hotline takes requests in (a machine may not
// promise), and a department closes them.
func hotline() recovery.Actor    { return recovery.Actor{ID: "311"} }
func department() recovery.Actor { return recovery.Actor{ID: "department"} }

// perform opens or closes a request. The target date that the file gives is a
// promise, which has its own due time; the one that the agreement makes is the
// resolution clock's. A few target dates are the opening itself: nothing is left to
// promise.
func (r *replay) perform(ctx context.Context, a act) error {
	promised := a.row.target.After(a.row.opened)
	if !a.closes {
		var with []recovery.Command
		if promised {
			with = append(with, recovery.Promise{What: "done by the target date", Due: a.row.target, Aside: true})
		}
		c, err := r.desk.Open(ctx, hotline(), recovery.Complaint{
			Reference: a.row.id, Channel: recovery.WebForm, Category: recovery.Category(a.row.kind), Received: a.row.opened,
		}, with...)
		r.cases[a.row] = c.ID
		return err
	}
	var do []recovery.Command
	if promised {
		do = append(do, recovery.Fulfil{Promise: 1})
	}
	// a request for service is no complaint, and the file does not say what was done
	do = append(do, recovery.Close{As: recovery.NotAComplaint, Reason: "closed: " + cmp.Or(a.row.category, "no category")})
	_, err := r.desk.Do(ctx, r.cases[a.row], department(), do...)
	return err
}

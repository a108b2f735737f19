package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Ticked says what a tick did.
type Ticked struct {
	Cases  int       // on which something was due
	Events int       // recorded
	Next   time.Time // when something is due next; zero: nothing is

	now time.Time
}

// Tick settles every case for which something is due: warnings and breaches of
// clocks, lapsed offers, expired approvals, broken promises. Each is recorded once,
// however many ticks run at once, here or on other machines: who comes late finds
// it done. A case that cannot be settled is passed over, and its error joined to
// the others'. Now is the earlier of Options.Now and the store's own clock, if it
// has one.
func (d *Desk) Tick(ctx context.Context) (Ticked, error) {
	now, err := d.tickNow(ctx)
	if err != nil {
		return Ticked{}, err
	}
	done := Ticked{now: now}
	var errs []error
	for h, err := range history.Heads(ctx, d.store, history.Query{Kind: kindCase, Open: true, DueBy: now}) {
		if err != nil {
			return done, errors.Join(append(errs, err)...)
		}
		n, err := d.settle(ctx, h, now)
		if err != nil {
			errs = append(errs, err)
			if ctx.Err() != nil {
				break
			}
		}
		if n > 0 {
			done.Cases++
			done.Events += n
		}
	}
	next, err := d.nextDue(ctx, now)
	done.Next = next
	return done, errors.Join(append(errs, err)...)
}

func (d *Desk) tickNow(ctx context.Context) (time.Time, error) {
	now := micro(d.options.Now())
	if clock, ok := d.store.(history.Clock); ok {
		theirs, err := clock.Now(ctx)
		if err != nil {
			return now, err
		}
		if theirs = micro(theirs); theirs.Before(now) {
			return theirs, nil
		}
	}
	return now, nil
}

// settle records what is due on one case, and says how many events that was. Of
// those who race one wins, and the others find nothing left to do.
func (d *Desk) settle(ctx context.Context, h history.Head, now time.Time) (int, error) {
	t := task{op: "tick", id: h.Stream, by: system()}
	if err := d.keep(ctx); err != nil {
		return 0, t.fail(err)
	}
	n, again := 0, false
	err := d.racing(ctx, func() (err error) {
		if again {
			if h, err = d.store.Head(ctx, h.Stream); err != nil {
				return err
			}
		}
		again = true
		n, err = d.settleOn(ctx, t, h, now)
		return err
	})
	if err != nil {
		return 0, t.fail(err)
	}
	return n, nil
}

// settleOn records what is due on a case that stands at a head.
func (d *Desk) settleOn(ctx context.Context, t task, h history.Head, now time.Time) (int, error) {
	l := d.fresh(t)
	l.now = now
	c, err := d.fromHead(ctx, h)
	if err == nil {
		err = d.standOn(ctx, &l, h, c)
	}
	if err != nil {
		return 0, t.fail(err)
	}
	w, err := d.decide(ctx, t, l)
	if err != nil || len(w.events) == 0 {
		return 0, err
	}
	commit := history.Commit{Key: tickKey(h)}
	if commit.Batches, err = w.batches(h); err != nil {
		return 0, t.fail(err)
	}
	receipt, err := d.append(ctx, commit, d.store.Append)
	if err != nil {
		return 0, t.fail(err)
	}
	if receipt.Replayed {
		return 0, nil
	}
	d.seen(commit.Batches[0].Head, w.c)
	return len(w.events), nil
}

// tickKey is the same for all who settle the same head.
func tickKey(h history.Head) string {
	return "amends:tick:" + h.Stream.String() + ":" + h.Hash.String()
}

// nextDue is when something is due next after now.
func (d *Desk) nextDue(ctx context.Context, now time.Time) (time.Time, error) {
	var last uuid.UUID // the greatest id: after it comes what is due later
	for i := range last {
		last[i] = 0xff
	}
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	q := history.Query{Kind: kindCase, Open: true, DueBy: end, Limit: 1, After: history.Mark{Due: now, Stream: last}}
	heads, err := d.store.Heads(ctx, q)
	if err != nil || len(heads) == 0 {
		return time.Time{}, err
	}
	return heads[0].Due, nil
}

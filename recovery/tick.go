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
	Now    time.Time // the instant of the tick: what was due by then is recorded
}

// Tick settles every case for which something is due: warnings and breaches of
// clocks, lapsed offers, expired approvals, broken promises. Each is recorded once,
// however many ticks run at once, here or on other machines: who comes late finds
// it done.
//
// Several ticks share the work without a word to one another. Each goes through all
// that is due, the longest due first, and settles one share of it, some cases in a
// commit; then another share, rather one that nobody seems to be at. One that loses a
// race waits for a moment and chooses anew among what is left by then; what little is
// left at the end it leaves to the others for as long as they go on. One that sees no
// sign of others takes all that is due for its share.
//
// A case that cannot be settled is passed over, and its error joined to the others'.
// Now is the earlier of Options.Now and the store's own clock, if it has one.
func (d *Desk) Tick(ctx context.Context) (Ticked, error) {
	now, err := d.tickNow(ctx)
	if err != nil {
		return Ticked{}, err
	}
	t := d.ticking(now)
	for more := true; more && err == nil; {
		more, err = t.page(ctx)
	}
	if err == nil {
		t.done.Next, err = d.nextDue(ctx, now)
	}
	return t.done, errors.Join(append(t.errs, err)...)
}

// Settle is Tick for one case: it records what is due on it. For hosts whose own
// timers know which case is due. Next is then when something is due next on this
// case. A case that is not there is [history.ErrNotFound].
func (d *Desk) Settle(ctx context.Context, id uuid.UUID) (Ticked, error) {
	t := task{op: "settle", id: id, by: system()}
	now, err := d.tickNow(ctx)
	if err != nil {
		return Ticked{}, t.fail(err)
	}
	h, err := d.store.Head(ctx, id)
	if err == nil && h.Kind != kindCase {
		err = history.ErrNotFound
	}
	if err != nil {
		return Ticked{}, t.fail(err)
	}
	done := Ticked{Now: now, Next: h.Due}
	if !h.Open || h.Due.IsZero() || h.Due.After(now) {
		return done, nil
	}
	n, _, err := d.settle(ctx, t, h, now)
	if err != nil {
		return done, err
	}
	done.count(n)
	if h, err = d.store.Head(ctx, id); err != nil {
		return done, t.fail(err)
	}
	done.Next = h.Due
	return done, nil
}

func (t *Ticked) count(events int) {
	if events > 0 {
		t.Cases++
		t.Events += events
	}
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

// settleTogether records what is due on several cases in one commit, and says how
// many events that was. It writes nothing where that can't be: another was at one
// of them, something is wrong with one, there is nothing to do on one, or what is
// due on one concerns other streams too. They are settled one by one then.
func (d *Desk) settleTogether(ctx context.Context, heads []history.Head, now time.Time) (events int, err error) {
	if len(heads) < 2 {
		return 0, errAlone
	}
	if err := d.keep(ctx); err != nil {
		return 0, err
	}
	all := history.Commit{Key: "amends:ticks:" + uuid.NewString()}
	done := make([]*work, len(heads))
	for i, h := range heads {
		w, c, err := d.settlement(ctx, task{op: "tick", id: h.Stream, by: system()}, h, now)
		if err != nil {
			return 0, err
		}
		if len(c.Batches) != 1 {
			return 0, errAlone
		}
		all.Batches = append(all.Batches, c.Batches[0])
		done[i] = w
		events += len(w.events)
	}
	if _, err := d.append(ctx, all, d.store.Append); err != nil {
		return 0, err
	}
	for i, w := range done {
		d.seen(all.Batches[i].Head, w.c)
	}
	return events, nil
}

// errAlone says that a case is settled in a commit of its own.
var errAlone = errors.New("recovery: not settled together with others")

// settle records what is due on one case, and says how many events that was, and
// whether another was at it too. Of those who race one wins, and the others find
// nothing left to do.
func (d *Desk) settle(ctx context.Context, t task, h history.Head, now time.Time) (n int, raced bool, err error) {
	if err := d.keep(ctx); err != nil {
		return 0, false, t.fail(err)
	}
	again := false
	err = d.racing(ctx, func() (err error) {
		if again {
			raced = true
			if h, err = d.store.Head(ctx, h.Stream); err != nil {
				return err
			}
		}
		again = true
		var late bool
		n, late, err = d.settleOn(ctx, t, h, now)
		raced = raced || late
		return err
	})
	if err != nil {
		return 0, raced, t.fail(err)
	}
	return n, raced, nil
}

// settleOn records what is due on a case that stands at a head. It is late if that
// has been recorded.
func (d *Desk) settleOn(ctx context.Context, t task, h history.Head, now time.Time) (n int, late bool, err error) {
	w, commit, err := d.settlement(ctx, t, h, now)
	if err != nil || len(commit.Batches) == 0 {
		return 0, false, err
	}
	receipt, err := d.append(ctx, commit, d.store.Append)
	if err != nil {
		return 0, false, t.fail(err)
	}
	if receipt.Replayed {
		return 0, true, nil
	}
	d.seen(commit.Batches[0].Head, w.c)
	return len(w.events), false, nil
}

// settlement decides what is to be recorded on a case that stands at a head: no
// batch if nothing is.
func (d *Desk) settlement(ctx context.Context, t task, h history.Head, now time.Time) (*work, history.Commit, error) {
	commit := history.Commit{Key: tickKey(h)}
	l := d.fresh(t)
	l.now = now
	c, err := d.fromHead(ctx, h)
	if err == nil {
		err = d.standOn(ctx, &l, h, c)
	}
	if err != nil {
		return nil, commit, t.fail(err)
	}
	w, err := d.decide(ctx, t, l)
	if err != nil || len(w.events) == 0 {
		return w, commit, err
	}
	if commit.Batches, err = w.batches(h); err != nil {
		return w, commit, t.fail(err)
	}
	return w, commit, nil
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

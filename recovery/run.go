package recovery

import (
	"context"
	"time"

	"github.com/amends-go/amends/history"
)

// Run ticks whenever something is due, until its context ends; then it returns
// the context's error. Between ticks it sleeps: to the next due instant, or for
// Options.Poll, since another process may have written something; what is written
// through this desk, or through a store that can wake, wakes it. A tick that fails
// is logged to Options.Log, which discards by default, and tried again. It starts no goroutine of its own.
// Several may run on one store, in one process or many.
func (d *Desk) Run(ctx context.Context) error {
	var theirs <-chan struct{}
	if w, ok := d.store.(history.Waker); ok {
		if c, err := w.Wake(ctx); err == nil {
			theirs = c
		} else if ctx.Err() == nil {
			d.options.Log.WarnContext(ctx, "the store can't wake this desk; polling", "error", err)
		}
	}
	for {
		began := time.Now()
		done, err := d.Tick(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.options.Log.ErrorContext(ctx, "tick failed", "error", err)
		}
		if theirs, err = d.sleep(ctx, d.rest(done, time.Since(began)), theirs); err != nil {
			return err
		}
	}
}

// Wake has this desk's Run look again at once. A host calls it after it has committed
// a transaction in which a desk wrote (see [Desk.In]); what a desk writes by itself
// wakes Run anyway. A Run on another machine hears of it by the store alone.
func (d *Desk) Wake() { d.signal() }

// settleFor is how long Run waits after it was woken, so that a burst of commits
// wakes it once, and steady ones, on any machine, ten times a second at most. By so
// much may be late what somebody has just made due; what was known to be due is not.
const settleFor = 100 * time.Millisecond

// shortest is the least that Run rests after a tick.
const shortest = 10 * time.Millisecond

// rest is how long there is nothing to do after a tick that took some time itself.
func (d *Desk) rest(done Ticked, took time.Duration) time.Duration {
	rest := d.options.Poll
	if !done.Next.IsZero() {
		rest = min(rest, done.Next.Sub(done.Now)-took)
	}
	return max(rest, shortest)
}

// sleep returns when its time is over, or when somebody has written.
func (d *Desk) sleep(ctx context.Context, rest time.Duration, theirs <-chan struct{}) (<-chan struct{}, error) {
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return theirs, ctx.Err()
	case <-timer.C:
		return theirs, nil
	case <-d.wake:
	case _, ok := <-theirs:
		if !ok {
			theirs = nil // no more hints; polling remains
		}
	}
	select {
	case <-ctx.Done():
		return theirs, ctx.Err()
	case <-timer.C: // something is due
	case <-time.After(settleFor):
	}
	return theirs, nil
}

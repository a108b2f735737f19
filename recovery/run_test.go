package recovery_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

// In these tests time is that of synctest: it jumps to the next timer as soon as
// everybody waits, so that days pass in no time and to the nanosecond.

const longPoll = 240 * time.Hour

// running makes a desk on a store and lets it run until the test ends; the desk
// has to end with its context.
func running(t *testing.T, s history.Store, o recovery.Options) *recovery.Desk {
	t.Helper()
	d, err := recovery.New(s, &o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		synctest.Wait()
		select {
		case err := <-ended:
			assert.ErrorIs(t, err, context.Canceled)
		default:
			t.Error("Run did not end with its context")
		}
	})
	synctest.Wait()
	return d
}

// promiseIn makes a case with a promise that is due after a time, through a desk.
func promiseIn(t *testing.T, d *recovery.Desk, in time.Duration) (id uuid.UUID, due time.Time) {
	t.Helper()
	due = time.Now().Add(in).UTC()
	c, err := d.Open(t.Context(), recovery.Actor{ID: "ana"}, recovery.Complaint{Customer: "42", Channel: recovery.Phone},
		recovery.Promise{What: "call back", Due: due, Aside: true})
	require.NoError(t, err)
	return c.ID, due
}

// brokenAt is when a broken promise was recorded; zero: not yet.
func brokenAt(t *testing.T, s history.Store, id uuid.UUID) time.Time {
	t.Helper()
	for r, err := range history.Stream(t.Context(), s, id) {
		require.NoError(t, err)
		if r.Type == "promise.broken/1" {
			return r.Time
		}
	}
	return time.Time{}
}

// countingStore counts the queries for heads. It wakes, as Memory does.
type countingStore struct {
	*history.Memory
	heads atomic.Int64
}

func (s *countingStore) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	s.heads.Add(1)
	return s.Memory.Heads(ctx, q)
}

// TestRunSleepsUntilTheNextDueInstant, whoever wrote what is due.
func TestRunSleepsUntilTheNextDueInstant(t *testing.T) {
	for name, x := range map[string]struct {
		waker bool // the store can wake
		own   bool // what is due is written through the desk that runs
	}{"own append": {own: true}, "own append and waker": {waker: true, own: true}, "another desk's append": {waker: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := new(history.Memory)
				var s history.Store = memory
				if !x.waker {
					s = &bentStore{Store: memory}
				}
				d := running(t, s, recovery.Options{Poll: longPoll})
				if !x.own {
					var err error
					d, err = recovery.New(memory, nil)
					require.NoError(t, err)
				}
				later, laterDue := promiseIn(t, d, 5*time.Hour)
				soon, soonDue := promiseIn(t, d, 3*time.Hour)
				time.Sleep(3*time.Hour - time.Minute)
				synctest.Wait()
				assert.Zero(t, brokenAt(t, memory, soon), "too soon")
				time.Sleep(time.Minute)
				synctest.Wait()
				assert.Equal(t, soonDue, brokenAt(t, memory, soon))
				assert.Zero(t, brokenAt(t, memory, later))
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				assert.Equal(t, laterDue, brokenAt(t, memory, later))
			})
		})
	}
}

// quietStore counts the queries for heads, erases, and wakes nobody.
type quietStore struct {
	history.Store
	history.Eraser
	heads atomic.Int64
}

func (s *quietStore) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	s.heads.Add(1)
	return s.Store.Heads(ctx, q)
}

func TestAnErasureWakesRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := new(history.Memory)
		s := &quietStore{Store: memory, Eraser: memory}
		d := running(t, s, recovery.Options{Poll: longPoll})
		id, _ := promiseIn(t, d, time.Hour)
		time.Sleep(time.Minute)
		synctest.Wait()
		was := s.heads.Load()
		_, err := d.Erase(t.Context(), id, recovery.Actor{ID: "ana"}, "request 17")
		require.NoError(t, err)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Greater(t, s.heads.Load(), was)
	})
}

// TestALongTickCountsTowardsTheSleep that follows it.
func TestALongTickCountsTowardsTheSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := new(history.Memory)
		elsewhere, err := recovery.New(memory, nil)
		require.NoError(t, err)
		id, due := promiseIn(t, elsewhere, 15*time.Minute)
		s := &bentStore{Store: memory}
		var slow atomic.Bool
		slow.Store(true)
		s.onHeads = func(ctx context.Context, q history.Query) ([]history.Head, error) {
			if slow.CompareAndSwap(true, false) {
				time.Sleep(10 * time.Minute)
			}
			return memory.Heads(ctx, q)
		}
		running(t, s, recovery.Options{Poll: longPoll})
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		assert.Equal(t, due, brokenAt(t, memory, id))
	})
}

// TestRunFindsWithinItsPollWhatNobodyToldIt.
func TestRunFindsWithinItsPollWhatNobodyToldIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := new(history.Memory)
		running(t, &bentStore{Store: memory}, recovery.Options{Poll: time.Hour})
		elsewhere, err := recovery.New(memory, nil)
		require.NoError(t, err)
		id, due := promiseIn(t, elsewhere, 10*time.Minute)
		time.Sleep(time.Hour)
		synctest.Wait()
		at := brokenAt(t, memory, id)
		require.NotZero(t, at)
		assert.LessOrEqual(t, at.Sub(due), time.Hour)
		c := onlyCase(t, elsewhere, id)
		assert.Equal(t, due, c.Promises[0].Settled, "stamped with the instant at which it was due")
	})
}

// TestRunBurnsNothingWhenIdle: a tick a poll, whatever is the matter with the store.
func TestRunBurnsNothingWhenIdle(t *testing.T) {
	overdue := func(t *testing.T, s *countingStore) {
		t.Helper()
		d, err := recovery.New(s, nil)
		require.NoError(t, err)
		id, _ := promiseIn(t, d, time.Minute)
		appendRecord(t, s, id, history.Record{Type: "case.teleported/1", Data: []byte(`{}`), Actor: "agent::ana"})
	}
	farOff := func(t *testing.T, s *countingStore) {
		t.Helper()
		d, err := recovery.New(s, nil)
		require.NoError(t, err)
		promiseIn(t, d, 100*24*time.Hour)
	}
	for name, x := range map[string]struct {
		before func(*testing.T, *countingStore)
		store  func(*countingStore) history.Store
	}{
		"nothing to do":             {},
		"something due far off":     {before: farOff},
		"a case that is bad":        {before: overdue},
		"a waker that gives up":     {store: func(s *countingStore) history.Store { return givesUp{s} }},
		"a waker that fails":        {store: func(s *countingStore) history.Store { return cannotWake{s} }},
		"a clock that is behind":    {before: farOff, store: func(s *countingStore) history.Store { return slowClock(s, 99*24*time.Hour) }},
		"a clock that stands still": {before: farOff, store: func(s *countingStore) history.Store { return stoppedClock(s) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(countingStore)
				s.Memory = new(history.Memory)
				if x.before != nil {
					x.before(t, s)
				}
				var store history.Store = s
				if x.store != nil {
					store = x.store(s)
				}
				running(t, store, recovery.Options{Poll: time.Hour})
				s.heads.Store(0)
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				assert.LessOrEqual(t, s.heads.Load(), int64(2*25), "two queries a tick, a tick an hour")
				assert.GreaterOrEqual(t, s.heads.Load(), int64(2*23), "and it goes on")
			})
		})
	}
}

// givesUp is a store that gives no more hints.
type givesUp struct{ history.Store }

func (givesUp) Wake(context.Context) (<-chan struct{}, error) {
	c := make(chan struct{})
	close(c)
	return c, nil
}

// cannotWake is a store that can give none.
type cannotWake struct{ history.Store }

func (cannotWake) Wake(context.Context) (<-chan struct{}, error) {
	return nil, errors.New("LISTEN is not to be had behind this pooler")
}

// slowClock is a store whose clock is behind.
func slowClock(s history.Store, by time.Duration) history.Store {
	return clockStore{s, func() (time.Time, error) { return time.Now().Add(-by), nil }}
}

// stoppedClock is a store whose clock stopped a nanosecond before something is due.
func stoppedClock(s history.Store) history.Store {
	at := time.Now()
	return clockStore{s, func() (time.Time, error) { return at, nil }}
}

// TestABurstWakesRunOnce, or a few times, but not for each commit.
func TestABurstWakesRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &countingStore{Memory: new(history.Memory)}
		d := running(t, s, recovery.Options{Poll: longPoll})
		s.heads.Store(0)
		for range 100 {
			promiseIn(t, d, time.Hour)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.LessOrEqual(t, s.heads.Load(), int64(2*3))
		time.Sleep(time.Hour)
		synctest.Wait()
		page, err := d.Cases(t.Context(), recovery.Query{DueBy: time.Now()})
		require.NoError(t, err)
		assert.Empty(t, page.Cases, "all hundred are settled")
	})
}

// TestSeveralRunOnOneStore: what is due is recorded once.
func TestSeveralRunOnOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(history.Memory)
		var d *recovery.Desk
		for range 5 {
			d = running(t, s, recovery.Options{Poll: time.Minute})
		}
		id, _ := promiseIn(t, d, time.Hour)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		n := 0
		for _, e := range eventsOf(t, s, id) {
			if e == "promise.broken/1" {
				n++
			}
		}
		assert.Equal(t, 1, n)
	})
}

// TestRunLogsAFailingTickAndGoesOn.
func TestRunLogsAFailingTickAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := new(history.Memory)
		s := &bentStore{Store: memory}
		var down atomic.Bool
		down.Store(true)
		s.onHeads = func(ctx context.Context, q history.Query) ([]history.Head, error) {
			if down.Load() {
				return nil, errors.New("the database is away")
			}
			return memory.Heads(ctx, q)
		}
		elsewhere, err := recovery.New(memory, nil)
		require.NoError(t, err)
		id, _ := promiseIn(t, elsewhere, time.Minute)
		var log bytes.Buffer
		running(t, s, recovery.Options{Poll: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(3*time.Hour - time.Minute)
		synctest.Wait()
		lines := bytes.Count(log.Bytes(), []byte("\n"))
		assert.Equal(t, 3, lines, "one line a tick: %s", log.String())
		assert.Contains(t, log.String(), "the database is away")
		assert.Contains(t, log.String(), "level=ERROR")
		down.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.NotZero(t, brokenAt(t, memory, id))
		assert.Equal(t, lines, bytes.Count(log.Bytes(), []byte("\n")))
	})
}

// TestRunTellsThatTheStoreCannotWakeIt, once, and polls.
func TestRunTellsThatTheStoreCannotWakeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		running(t, cannotWake{new(history.Memory)}, recovery.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")), log.String())
		assert.Contains(t, log.String(), "LISTEN")
	})
}

// TestRunEndsAtOnce where its context has ended before.
func TestRunEndsAtOnce(t *testing.T) {
	d, err := recovery.New(new(history.Memory), nil)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 0, nil)
	defer cancel()
	require.ErrorIs(t, d.Run(ctx), context.DeadlineExceeded)
}

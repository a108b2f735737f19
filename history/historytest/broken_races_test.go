package historytest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func brokenRaces() []broken {
	const (
		keyRace    = "eight appends racing on one key leave one commit"
		streamRace = "64 appends racing on one stream are each written once, without gap"
		feedRace   = "the feed skips nothing while others append"
	)
	return []broken{
		{"the key is looked up before the transaction", keyRace, nil, lookingFirst},
		{"a lost race is reported as a success", streamRace, nil, racing(nil)},
		{"a lost race is reported as a lock", streamRace, nil, racing(errors.New("database is locked"))},
		{"a position shows before a lower one does", feedRace, []string{"the last position skips nothing while others append"}, skipping},
	}
}

// others lets other goroutines come as far as this one.
func others() {
	for range 50 {
		runtime.Gosched()
	}
}

func until(done func() bool) {
	for !done() {
		runtime.Gosched()
	}
}

// lookingFirst looks for the key in one transaction, and writes in another.
func lookingFirst() history.Store {
	type done struct {
		digest  history.Hash
		receipt history.Receipt
	}
	var mu sync.Mutex
	known := map[string]done{}
	return hooked{
		Memory: new(history.Memory),
		append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			if err := errors.Join(ctx.Err(), c.Check()); err != nil {
				return history.Receipt{}, err
			}
			mu.Lock()
			was, ok := known[c.Key]
			mu.Unlock()
			switch rc := was.receipt; {
			case ok && was.digest != c.Digest:
				return history.Receipt{}, history.ErrKeyReused
			case ok:
				rc.Replayed, rc.Streams = true, slices.Clone(rc.Streams)
				return rc, nil
			}
			others()
			rc, err := m.Append(ctx, history.Commit{Key: uuid.NewString(), Batches: c.Batches})
			if err != nil {
				return rc, err
			}
			mu.Lock()
			defer mu.Unlock()
			rc.Key = c.Key
			known[c.Key] = done{c.Digest, rc}
			rc.Streams = slices.Clone(rc.Streams)
			return rc, nil
		},
	}
}

// racing returns another error than ErrConflict while several append.
func racing(lost error) func() history.Store {
	return func() history.Store {
		var inside atomic.Int32
		return hooked{
			Memory: new(history.Memory),
			append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				inside.Add(1)
				defer inside.Add(-1)
				others()
				rc, err := m.Append(ctx, c)
				if errors.Is(err, history.ErrConflict) && inside.Load() > 1 {
					return history.Receipt{Key: c.Key}, lost
				}
				return rc, err
			},
		}
	}
}

// skipping shows the records of every second commit late, as a store does that gives out positions before it commits.
func skipping() history.Store {
	var mu sync.Mutex
	var reads, commits, inside atomic.Int64
	hidden := map[uint64]bool{}
	hide := func(rc history.Receipt, late bool) {
		for p := max(rc.First, 1); p <= rc.Last; p++ {
			hidden[p] = late
		}
	}
	write := func(ctx context.Context, m *history.Memory, c history.Commit) (rc history.Receipt, number int64, err error) {
		inside.Add(1)
		defer inside.Add(-1)
		others()
		mu.Lock()
		defer mu.Unlock()
		rc, err = m.Append(ctx, c)
		number = commits.Add(1)
		hide(rc, number%2 == 0)
		return rc, number, err
	}
	return hooked{
		Memory: new(history.Memory),
		append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			rc, number, err := write(ctx, m, c)
			if number%2 == 0 { // until a later commit shows, and was read
				until(func() bool { return commits.Load() > number || inside.Load() == 0 })
				start := reads.Load()
				until(func() bool { return reads.Load() >= start+2 || inside.Load() == 0 })
			}
			mu.Lock()
			defer mu.Unlock()
			hide(rc, false)
			return rc, err
		},
		feed: func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error) {
			defer reads.Add(1)
			mu.Lock()
			defer mu.Unlock()
			page, err := m.Feed(ctx, after, limit)
			return slices.DeleteFunc(page, func(r history.Record) bool { return hidden[r.Position] }), err
		},
	}
}

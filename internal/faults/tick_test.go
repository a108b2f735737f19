package faults_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

const agreement = `{"name": "faults", "version": "1", "objectives": [
	{"id": "answer", "metric": "acknowledgement", "target": "4h", "warn": ["50%"]}
]}`

// received is when the complaints of these tests came; five hours later their clocks have passed both thresholds.
func received() time.Time { return time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC) }

// deskAt is a desk whose clock stands still so long after the complaints were received.
func deskAt(s history.Store, after time.Duration) (*recovery.Desk, error) {
	a, err := sla.Load([]byte(agreement))
	if err != nil {
		return nil, err
	}
	return recovery.New(s, &recovery.Options{Agreement: a, Now: func() time.Time { return received().Add(after) }})
}

// openCases opens n cases, each with a clock. They are opened in memory and then moved, many in a commit, which is quicker.
func openCases(t *testing.T, s history.Store, n int) {
	t.Helper()
	memory := new(history.Memory)
	d, err := deskAt(memory, time.Second)
	require.NoError(t, err)
	for i := range n {
		_, err := d.Open(t.Context(), recovery.Actor{ID: "ana"}, recovery.Complaint{
			Customer: fmt.Sprint(i), Channel: recovery.Email, Received: received().Add(time.Duration(i%1000) * time.Millisecond),
		})
		require.NoError(t, err)
	}
	var c history.Commit
	flush := func() {
		c.Key = fmt.Sprint("moved ", c.Batches[0].Stream)
		_, err := s.Append(t.Context(), c)
		require.NoError(t, err)
		c.Batches = nil
	}
	for h, err := range history.Heads(t.Context(), memory, history.Query{}) {
		require.NoError(t, err)
		b := history.Batch{Stream: h.Stream, Head: h}
		for r, err := range history.Stream(t.Context(), memory, h.Stream) {
			require.NoError(t, err)
			b.Records = append(b.Records, r)
		}
		if c.Batches = append(c.Batches, b); len(c.Batches) == 100 {
			flush()
		}
	}
	if len(c.Batches) > 0 {
		flush()
	}
}

// counting counts what a worker asks of its store.
type counting struct {
	history.Store
	pages, appends, met atomic.Int64
}

func (c *counting) Append(ctx context.Context, commit history.Commit) (history.Receipt, error) {
	rc, err := c.Store.Append(ctx, commit)
	c.appends.Add(1)
	if rc.Replayed || errors.Is(err, history.ErrConflict) {
		c.met.Add(1)
	}
	return rc, err
}

func (c *counting) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	c.pages.Add(1)
	return c.Store.Heads(ctx, q)
}

// tickerChild ticks until nothing is due any more.
func tickerChild(ctx context.Context, _ string, s history.Store, to *reporter) error {
	c := &counting{Store: s}
	d, err := deskAt(c, 5*time.Hour)
	for err == nil {
		var done recovery.Ticked
		if done, err = d.Tick(ctx); done.Cases == 0 {
			break
		}
		to.send(report{Did: map[string]int{"cases": done.Cases}})
	}
	to.send(report{Did: map[string]int{
		"pages": int(c.pages.Load()), "appends": int(c.appends.Load()), "in vain": int(c.met.Load()), "workers that ended": 1,
	}})
	return err
}

// TestTick: four processes tick at once, two of them are killed on the way and started again, and each threshold of each clock is recorded
// once.
func TestTick(t *testing.T) {
	for kind, n := range map[string]int{inSQLite: scaled(2000), inServer: scaled(20_000)} {
		t.Run(kind, func(t *testing.T) {
			const workers = 4
			d := empty(t, kind)
			s := d.on(t)
			openCases(t, s, n)
			at, ok := s.(history.Bookmarker)
			require.True(t, ok)
			first, err := at.Last(t.Context())
			require.NoError(t, err)
			var mu sync.Mutex
			did := map[string]int{}
			hear := func(m report) {
				mu.Lock()
				defer mu.Unlock()
				for what, n := range m.Did {
					did[what] += n
				}
			}
			began := time.Now()
			var running []*child
			for i := range workers {
				running = append(running, start(t, "ticker", fmt.Sprint("ticker ", i), d, hear))
			}
			for i, part := range []float64{0.25, 0.5} {
				for last := first; float64(last-first) < part*float64(2*n); time.Sleep(time.Millisecond) {
					last, err = at.Last(t.Context())
					require.NoError(t, err)
				}
				running[i].kill()
				running[i] = start(t, "ticker", fmt.Sprint("ticker ", i, " again"), d, hear)
			}
			for _, c := range running {
				c.wait()
			}
			took := time.Since(began)
			checkFired(t, checkStore(t, s), n, "acknowledgement 1 50%", "acknowledgement 1")
			require.Equal(t, workers, did["workers that ended"])
			t.Logf("%s: %d clocks, %d thresholds, by %d processes of which 2 were killed, in %.1f s: %.0f clocks/s; of those that ended:%s",
				kind, n, 2*n, workers, took.Seconds(), float64(n)/took.Seconds(), tally(did))
		})
	}
}

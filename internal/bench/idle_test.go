package bench_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/recovery"
)

// BenchmarkIdleSQLite is what part of a core a Run takes while nothing is due on 100,000 open cases in a SQLite file: for 20 seconds, or
// one with -short. BenchmarkIdle of recovery/riverqueue is the same on PostgreSQL.
func BenchmarkIdleSQLite(b *testing.B) {
	const batch = 500
	cases, period := 100_000, 20*time.Second
	if testing.Short() {
		cases, period = batch, time.Second
	}
	store := newStore(b, sqlite.Normal)
	now := time.Now().UTC().Truncate(time.Second)
	for i := 0; i < cases; i += batch {
		c := history.Commit{Key: fmt.Sprint(i)}
		for j := i; j < i+batch; j++ {
			next, err := history.Next(history.Head{}, history.Head{
				Stream: history.StreamOf(fmt.Sprint(j)), Kind: "case", Open: true, Due: now.Add(24*time.Hour + time.Duration(j)*time.Second),
				Keys: []string{fmt.Sprint("customer:", j)}, State: []byte(`{}`),
			}, history.Record{Type: "case.opened/1", Time: now, Actor: "agent:ana", Data: []byte(`{}`)})
			require.NoError(b, err)
			c.Batches = append(c.Batches, next)
		}
		_, err := store.Append(b.Context(), c)
		require.NoError(b, err)
	}
	for _, poll := range []time.Duration{0, time.Second} {
		b.Run(fmt.Sprintf("poll=%v", poll), func(b *testing.B) {
			desk, err := recovery.New(store, &recovery.Options{Poll: poll})
			require.NoError(b, err)
			for b.Loop() {
				ctx, cancel := context.WithCancel(b.Context())
				ended := make(chan error)
				go func() { ended <- desk.Run(ctx) }()
				before := processTime(b)
				<-time.After(period)
				took := processTime(b) - before
				cancel()
				require.ErrorIs(b, <-ended, context.Canceled)
				b.ReportMetric(100*took.Seconds()/period.Seconds(), "%core")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// processTime is the CPU time of this process.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

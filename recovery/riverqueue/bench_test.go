package riverqueue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// These compare the two engines on one server that keeps what it commits (fsync), and report what package
// documentation says. Run them with -benchtime=1x.

func durable(b *testing.B) (house, *postgrestest.Server) {
	b.Helper()
	s := postgrestest.Start(b, nil)
	return houseIn(b, s.Database(b), func(c *pgxpool.Config) { c.MaxConns = 16 }), s
}

// BenchmarkOpen is what the wake-up adds to a command.
func BenchmarkOpen(b *testing.B) {
	h, _ := durable(b)
	for name, s := range map[string]history.Store{"Run": h.inner, "River": h.store} {
		desk := deskAt(b, s, nil)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := desk.Open(b.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
				require.NoError(b, err)
			}
		})
	}
}

// due opens cases with a promise that was due in the past.
func due(b *testing.B, s history.Store, cases int) {
	b.Helper()
	start := ago(24 * time.Hour)
	desk := deskAt(b, s, stands(start))
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := w; n < cases; n += 4 {
				_, err := desk.Open(b.Context(), ana, complaint(n), recovery.Promise{What: "call", Due: start.Add(time.Hour), Aside: true})
				assert.NoError(b, err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkSettling is how many cases that are due are settled in a second.
func BenchmarkSettling(b *testing.B) {
	cases := atMost(100, 1500)
	report := func(b *testing.B, h house, took time.Duration) {
		b.Helper()
		left, err := h.store.Heads(b.Context(), history.Query{Kind: "case", Open: true, DueBy: time.Now().Add(-17 * time.Hour).UTC().Truncate(time.Second)})
		require.NoError(b, err)
		require.Empty(b, left)
		b.ReportMetric(float64(cases)/took.Seconds(), "cases/s")
		b.ReportMetric(0, "ns/op")
	}
	b.Run("Tick/workers=4", func(b *testing.B) {
		for b.Loop() {
			h, _ := durable(b)
			due(b, h.inner, cases)
			began := time.Now()
			var wg sync.WaitGroup
			for range 4 {
				desk := deskAt(b, h.inner, nil)
				wg.Go(func() {
					_, err := desk.Tick(b.Context())
					assert.NoError(b, err)
				})
			}
			wg.Wait()
			report(b, h, time.Since(began))
		}
	})
	for _, c := range []struct {
		workers  int
		cooldown time.Duration
	}{{4, 100 * time.Millisecond}, {100, 100 * time.Millisecond}, {4, 5 * time.Millisecond}} {
		b.Run(fmt.Sprintf("River/workers=%d/cooldown=%v", c.workers, c.cooldown), func(b *testing.B) {
			for b.Loop() {
				h, _ := durable(b)
				due(b, h.store, cases)
				began := time.Now()
				client := workWith(b, h, deskAt(b, h.store, nil), &river.Config{
					Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: c.workers}}, FetchCooldown: c.cooldown, TestOnly: true,
				})
				for range cases {
					require.Equal(b, river.EventKindJobCompleted, client.next(b).Kind)
				}
				report(b, h, time.Since(began))
				require.NoError(b, client.Stop(context.WithoutCancel(b.Context())))
			}
		})
	}
}

// noted is a store that notes when a case was written last.
type noted struct {
	at sync.Map
}

func (n *noted) note(c history.Commit, err error) {
	if err == nil {
		for i := range c.Batches {
			n.at.Store(c.Batches[i].Stream, time.Now())
		}
	}
}

type notedRun struct {
	*postgres.Store
	noted
}

func (s *notedRun) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	r, err := s.Store.Append(ctx, c)
	s.note(c, err)
	return r, err
}

type notedRiver struct {
	*riverqueue.Store
	noted
}

func (s *notedRiver) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	r, err := s.Store.Append(ctx, c)
	s.note(c, err)
	return r, err
}

// atMost is a number that is smaller with -short, which is for those who only want to see that a benchmark runs.
func atMost[N int | time.Duration](short, whole N) N {
	if testing.Short() {
		return short
	}
	return whole
}

// BenchmarkLateness is how long after its instant what is due is recorded: 300 cases, due over 15 seconds.
func BenchmarkLateness(b *testing.B) {
	cases := atMost(30, 300)
	measure := func(b *testing.B, s history.Store, n *noted, start func(desk *recovery.Desk) (stop func())) {
		b.Helper()
		desk := deskAt(b, s, nil)
		stop := start(desk)
		first := time.Now().Add(atMost(2*time.Second, 8*time.Second)).UTC().Truncate(time.Second)
		dues := map[uuid.UUID]time.Time{}
		for i := range cases {
			at := first.Add(time.Duration(i) * 50 * time.Millisecond)
			dues[complaint(i).ID] = at
			open(b, desk, i, recovery.Promise{What: "call", Due: at, Aside: true})
		}
		require.True(b, time.Now().Before(first), "opening took too long")
		var late []time.Duration
		for deadline := first.Add(30 * time.Second); len(late) < cases && time.Now().Before(deadline); {
			<-time.After(250 * time.Millisecond)
			late = late[:0]
			for id, due := range dues {
				if at, ok := n.at.Load(id); ok && !at.(time.Time).Before(due) { //nolint:errcheck // it is one
					late = append(late, at.(time.Time).Sub(due)) //nolint:errcheck // as above
				}
			}
		}
		stop()
		require.Len(b, late, cases)
		slices.Sort(late)
		b.ReportMetric(float64(late[cases/2].Microseconds())/1e3, "p50-ms")
		b.ReportMetric(float64(late[cases*99/100].Microseconds())/1e3, "p99-ms")
		b.ReportMetric(float64(late[cases-1].Microseconds())/1e3, "max-ms")
		b.ReportMetric(0, "ns/op")
	}
	b.Run("Run", func(b *testing.B) {
		for b.Loop() {
			h, _ := durable(b)
			s := &notedRun{Store: h.inner}
			measure(b, s, &s.noted, func(desk *recovery.Desk) func() { return run(b, desk) })
		}
	})
	for _, poll := range []time.Duration{time.Second, 100 * time.Millisecond} {
		b.Run(fmt.Sprintf("River/poll=%v", poll), func(b *testing.B) {
			for b.Loop() {
				h, _ := durable(b)
				s := &notedRiver{Store: h.store}
				measure(b, s, &s.noted, func(desk *recovery.Desk) func() {
					client := workWith(b, h, desk, &river.Config{
						Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}}, FetchPollInterval: poll,
					})
					return func() { require.NoError(b, client.Stop(context.WithoutCancel(b.Context()))) }
				})
			}
		})
	}
}

// run lets a desk run until it is stopped.
func run(b *testing.B, desk *recovery.Desk) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- desk.Run(ctx) }()
	return func() {
		cancel()
		require.ErrorIs(b, <-ended, context.Canceled)
	}
}

// BenchmarkIdle is what part of a core an engine takes, this process and the database's apart, while nothing is due on
// 100,000 open cases, each with its scheduled job: for 20 seconds, or as $IDLE says.
func BenchmarkIdle(b *testing.B) {
	h, s := durable(b)
	const batch = 500
	cases := atMost(batch, 100_000)
	from := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	for i := 0; i < cases; i += batch {
		c := history.Commit{Key: strconv.Itoa(i)}
		for j := range batch {
			next, err := history.Next(history.Head{}, history.Head{
				Stream: complaint(i + j).ID, Kind: "case", Open: true, Due: from.Add(time.Duration(i+j) * time.Second),
				Keys: []string{"customer:" + strconv.Itoa(i+j)}, State: []byte(`{}`),
			}, history.Record{Type: "case.opened/1", Time: from.Add(-24 * time.Hour), Actor: "agent:ana", Data: []byte(`{}`)})
			require.NoError(b, err)
			c.Batches = append(c.Batches, next)
		}
		_, err := h.store.Append(b.Context(), c)
		require.NoError(b, err)
	}
	require.Len(b, wakes(b, h, uuid.Nil), cases)
	_, err := h.pool.Exec(b.Context(), `VACUUM ANALYZE`)
	require.NoError(b, err)
	period := atMost(time.Second, 20*time.Second)
	if text := os.Getenv("IDLE"); text != "" {
		period, err = time.ParseDuration(text)
		require.NoError(b, err)
	}
	idle := func(name string, start func(b *testing.B) func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				stop := start(b)
				<-time.After(2 * time.Second) // so that beginning is over
				own, theirs := ownTime(b), serverTime(b, s)
				<-time.After(period)
				own, theirs = ownTime(b)-own, serverTime(b, s)-theirs
				stop()
				b.ReportMetric(100*own.Seconds()/period.Seconds(), "%core-own")
				b.ReportMetric(100*theirs.Seconds()/period.Seconds(), "%core-server")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
	idle("nothing", func(*testing.B) func() { return func() {} })
	idle("Run", func(b *testing.B) func() {
		b.Helper()
		return run(b, deskAt(b, h.inner, nil))
	})
	idle("Run/poll=1s", func(b *testing.B) func() {
		b.Helper()
		desk, err := recovery.New(h.inner, &recovery.Options{Poll: time.Second})
		require.NoError(b, err)
		return run(b, desk)
	})
	idle("River", func(b *testing.B) func() {
		b.Helper()
		client := workWith(b, h, deskAt(b, h.store, nil), &river.Config{
			Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
			PeriodicJobs: []*river.PeriodicJob{riverqueue.SweepEvery(0, nil)},
		})
		return func() { require.NoError(b, client.Stop(context.WithoutCancel(b.Context()))) }
	})
}

// ownTime is the CPU time of this process.
func ownTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// serverTime is the CPU time of a server's processes, which have its directory in their environment or its main
// process for a parent, as Linux tells it in ticks of 10 ms; elsewhere it is 0.
func serverTime(b *testing.B, s *postgrestest.Server) time.Duration {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir(), "postmaster.pid"))
	require.NoError(b, err)
	parent, _, _ := strings.Cut(string(text), "\n")
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(b, err)
	var sum time.Duration
	for _, name := range all {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		f := strings.Fields(rest) // from the third field on: state, parent, …
		if f[1] != parent && filepath.Base(filepath.Dir(name)) != parent {
			continue
		}
		for _, ticks := range f[11:15] { // own and waited-for children's, user and system
			n, err := strconv.Atoi(ticks)
			require.NoError(b, err)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

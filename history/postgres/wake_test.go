package postgres_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

func hinted(t *testing.T, hints <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-hints:
		require.True(t, open, "the channel is closed")
	case <-time.After(20 * time.Second):
		require.FailNow(t, "no hint came")
	}
}

func closes(t *testing.T, hints <-chan struct{}) {
	t.Helper()
	require.Eventually(t, func() bool {
		select {
		case _, open := <-hints:
			return !open
		default:
			return false
		}
	}, 20*time.Second, time.Millisecond)
}

// TestWakeOnAnotherMachine: two stores on one schema, three who wait on one of them, and a tenant beside.
func TestWakeOnAnotherMachine(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	p := connect(t, dsn, nil)
	here, there := store(t, p), store(t, connect(t, dsn, nil))
	tenant := storeWith(t, p, postgres.Options{Schema: "another"})
	foreign, err := tenant.Wake(t.Context())
	require.NoError(t, err)
	var all []<-chan struct{}
	var stops []context.CancelFunc
	for range 3 {
		ctx, stop := context.WithCancel(t.Context())
		hints, err := here.Wake(ctx)
		require.NoError(t, err)
		all, stops = append(all, hints), append(stops, stop)
	}
	require.Equal(t, 2, listeners(t, p), "one connection for all who wait on a store")
	appended(t, there, next(t, there, "one", "case", 1))
	for _, hints := range all {
		hinted(t, hints)
	}
	stops[0]()
	closes(t, all[0])
	appended(t, there, next(t, there, "two", "case", 1))
	hinted(t, all[1])
	hinted(t, all[2])
	stops[1]()
	stops[2]()
	closes(t, all[1])
	closes(t, all[2])
	require.Eventually(t, func() bool { return listeners(t, p) == 1 }, 20*time.Second, 5*time.Millisecond, "nobody waits, nobody listens")
	again, err := here.Wake(t.Context())
	require.NoError(t, err)
	appended(t, there, next(t, there, "three", "case", 1))
	hinted(t, again)
	require.Empty(t, foreign, "another tenant's")
	require.NoError(t, here.Close())
	closes(t, again)
	_, err = here.Wake(t.Context())
	require.ErrorContains(t, err, "closed")
}

func listeners(t *testing.T, p *pgxpool.Pool) (n int) {
	t.Helper()
	require.NoError(t, p.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(&n))
	return n
}

// TestWakeAfterTheConnectionIsLost: it gives a hint, for something may have been missed, and hears again.
func TestWakeAfterTheConnectionIsLost(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s := store(t, p)
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	for _, key := range []string{"one", "two"} {
		execute(t, p, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`)
		hinted(t, hints)
		appended(t, s, next(t, s, key, "case", 1))
		hinted(t, hints)
	}
}

// TestNotify is for those who appended in a transaction of their own.
func TestNotify(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s := store(t, p)
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	tx, err := p.Begin(t.Context())
	require.NoError(t, err)
	appended(t, s.In(tx), next(t, s, "one", "case", 1))
	require.NoError(t, tx.Commit(t.Context()))
	require.Empty(t, hints)
	s.Notify()
	hinted(t, hints)
}

// TestWakeInAnySchema: also where its name is too long for a channel's, or would be cut within a letter.
func TestWakeInAnySchema(t *testing.T) {
	t.Parallel()
	p := pool(t)
	for _, name := range []string{strings.Repeat("n", 63), strings.Repeat("大", 21), `a "quoted".name; --`} {
		s := storeWith(t, p, postgres.Options{Schema: name})
		hints, err := s.Wake(t.Context())
		require.NoError(t, err)
		appended(t, s, next(t, s, "one", "case", 1))
		hinted(t, hints)
	}
}

// TestNotifyWaitsForNobody: neither it nor Close, when the host has all connections of its pool in use.
func TestNotifyWaitsForNobody(t *testing.T) {
	t.Parallel()
	p := connect(t, server.Database(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	s, err := postgres.New(t.Context(), p, &postgres.Options{Migrate: true})
	require.NoError(t, err)
	conn, err := p.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			s.Notify()
		}
		_ = s.Close()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		require.FailNow(t, "it waits")
	}
}

// TestNoticeAtTheEnd: what was appended just before Close is told.
func TestNoticeAtTheEnd(t *testing.T) {
	t.Parallel()
	p := pool(t)
	here := store(t, p)
	hints, err := here.Wake(t.Context())
	require.NoError(t, err)
	for range 5 {
		s, err := postgres.New(t.Context(), p, nil)
		require.NoError(t, err)
		s.Notify()
		hinted(t, hints)
		s.Notify() // within the time in which there is no second notice
		require.NoError(t, s.Close())
		hinted(t, hints)
	}
}

// TestNoticesAreFew: one for all that come within ten milliseconds.
func TestNoticesAreFew(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s, err := postgres.New(t.Context(), p, &postgres.Options{Migrate: true})
	require.NoError(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), p.Config().ConnConfig)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	_, err = conn.Exec(t.Context(), `LISTEN "amends:amends"`)
	require.NoError(t, err)
	began := time.Now()
	for time.Since(began) < 100*time.Millisecond {
		s.Notify()
		runtime.Gosched()
	}
	require.NoError(t, s.Close())
	most := int(time.Since(began)/(10*time.Millisecond)) + 2
	execute(t, p, `SELECT pg_notify('amends:amends', 'the end')`)
	for heard := 0; ; heard++ {
		n, err := conn.WaitForNotification(t.Context())
		require.NoError(t, err)
		if n.Payload != "" {
			require.Positive(t, heard)
			break
		}
		require.LessOrEqual(t, heard, most)
	}
}

// TestWakeConnectsAsThePoolDoes: as the user that its BeforeConnect says, and again after pauses that double while nobody is there.
func TestWakeConnectsAsThePoolDoes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var dials []time.Time // while nobody is there
	away := false
	p := connect(t, server.Database(t), func(c *pgxpool.Config) {
		right := c.ConnConfig.User
		c.ConnConfig.User = "nobody_" + c.ConnConfig.Database
		c.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
			c.User = right
			return nil
		}
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if away && len(dials) < 6 {
				dials = append(dials, time.Now())
				return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		}
	})
	s := store(t, p)
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	mu.Lock()
	away = true
	mu.Unlock()
	execute(t, p, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`)
	hinted(t, hints)
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, dials, 6)
	for i := range dials[1:] {
		require.GreaterOrEqual(t, dials[i+1].Sub(dials[i]), 40*time.Millisecond<<i)
	}
}

func TestWakeHearsItsContext(t *testing.T) {
	t.Parallel()
	s := store(t, pool(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Wake(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestNow(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s := store(t, p)
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), now, time.Minute, "the server is this machine")

	tx, err := p.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	clock, ok := s.In(tx).(history.Clock)
	require.True(t, ok)
	first, err := clock.Now(t.Context())
	require.NoError(t, err)
	second, err := clock.Now(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, first, second, "it does not stand still in a transaction")
}

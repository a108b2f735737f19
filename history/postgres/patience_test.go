package postgres_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// TestAllConnectionsTaken: a call waits for a connection as long as patience lasts, and an append has all its patience then.
func TestAllConnectionsTaken(t *testing.T) {
	t.Parallel()
	p := connect(t, server.Database(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	s := storeWith(t, p, postgres.Options{Patience: time.Second})
	c := next(t, s, "one", "case", 1)
	conn, err := p.Acquire(t.Context())
	require.NoError(t, err)
	back := time.AfterFunc(100*time.Millisecond, conn.Release)
	defer back.Stop()
	require.EqualValues(t, 1, appended(t, s, c).First)

	s = storeWith(t, p, postgres.Options{Patience: 50 * time.Millisecond})
	conn, err = p.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	for name, call := range calls(t, s, next(t, new(history.Memory), "two", "case", 1)) {
		err := call(t.Context())
		require.ErrorIs(t, err, postgres.ErrUnavailable, name)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		err = call(ended)
		require.ErrorIs(t, err, context.Canceled, name)
		require.NotErrorIs(t, err, postgres.ErrUnavailable, name)
	}
	_, err = s.Append(t.Context(), c)
	require.ErrorContains(t, err, "of the pool's 1, 1 are in use")
}

// calls are one of each kind.
func calls(t *testing.T, s *postgres.Store, c history.Commit) map[string]func(ctx context.Context) error {
	t.Helper()
	return map[string]func(ctx context.Context) error{
		"append":   func(ctx context.Context) error { _, err := s.Append(ctx, c); return err },
		"erase":    func(ctx context.Context) error { _, err := s.Erase(ctx, c); return err },
		"head":     func(ctx context.Context) error { _, err := s.Head(ctx, c.Batches[0].Stream); return err },
		"feed":     func(ctx context.Context) error { _, err := s.Feed(ctx, 0, 1); return err },
		"now":      func(ctx context.Context) error { _, err := s.Now(ctx); return err },
		"last":     func(ctx context.Context) error { _, err := s.Last(ctx); return err },
		"move":     func(ctx context.Context) error { return s.MoveBookmark(ctx, "index", 0, 1) },
		"transact": func(ctx context.Context) error { return s.Transact(ctx, nothing) },
	}
}

func nothing(context.Context, pgx.Tx, history.Store) error { return nil }

// silent takes connections, and says nothing on them.
func silent(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// TestServerAway: no call lasts longer than Patience says, whether connections are refused or there is no answer; and
// the error can be told, and says why once.
func TestServerAway(t *testing.T) {
	t.Parallel()
	const patience = time.Second
	for name, addr := range map[string]string{"refused": "127.0.0.1:1", "silent": silent(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			away := new(atomic.Bool)
			p := connect(t, server.Database(t), func(c *pgxpool.Config) {
				c.ConnConfig.ConnectTimeout = patience // what pgx waits for is the pool's, and its places are taken until then
				c.ConnConfig.DialFunc = func(ctx context.Context, network, to string) (net.Conn, error) {
					if away.Load() {
						to = addr
					}
					return new(net.Dialer).DialContext(ctx, network, to)
				}
			})
			s := storeWith(t, p, postgres.Options{Patience: patience})
			c := next(t, s, "one", "case", 1)
			away.Store(true)
			p.Reset()
			begin := time.Now()
			var wg sync.WaitGroup
			for name, call := range calls(t, s, c) {
				wg.Go(func() {
					err := call(t.Context())
					assert.ErrorIs(t, err, postgres.ErrUnavailable, name)
					assert.NotErrorIs(t, err, history.ErrUncertain, name)
				})
			}
			wg.Go(func() {
				_, err := s.Wake(t.Context())
				assert.ErrorIs(t, err, postgres.ErrUnavailable)
			})
			wg.Go(func() {
				_, err := postgres.Open(t.Context(), "postgres://crm@"+addr+"/crm", &postgres.Options{Patience: patience})
				assert.ErrorIs(t, err, postgres.ErrUnavailable)
				assert.NotContains(t, err.Error(), "\n")
				assert.LessOrEqual(t, strings.Count(err.Error(), "connection refused"), 1)
			})
			wg.Wait()
			require.Less(t, time.Since(begin), 2*patience+patience*3/2, "twice, and what a busy machine takes")
			away.Store(false)
			require.False(t, appended(t, storeWith(t, p, postgres.Options{}), c).Replayed)
		})
	}
}

// TestErrorThatEndsAConnection is one, whatever language the server speaks and whoever stands between.
func TestErrorThatEndsAConnection(t *testing.T) {
	t.Parallel()
	for _, e := range []pgconn.PgError{
		{Code: "XX000", Severity: "FATAL"},
		{Code: "XX000", Severity: "ВАЖНО", SeverityUnlocalized: "FATAL"},
		{Code: "XX000", Severity: "PANIK", SeverityUnlocalized: "PANIC"},
		{Code: "57P01", Severity: "FATAL"},
		{Code: "57P01"},
		{Code: "08P01", Severity: "ERROR"},
	} {
		assert.True(t, postgres.Unknown(&e), "%v", e)
	}
	for _, e := range []pgconn.PgError{
		{Code: "57014", Severity: "ERROR", SeverityUnlocalized: "ERROR"},
		{Code: "53300", Severity: "FATAL", SeverityUnlocalized: "FATAL"},
		{Code: "57P03", Severity: "FATAL", SeverityUnlocalized: "FATAL"},
		{Code: "40001", Severity: "FEHLER", SeverityUnlocalized: "ERROR"},
	} {
		assert.False(t, postgres.Unknown(&e), "%v", e)
	}
}

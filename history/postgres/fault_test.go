package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// writers lets n goroutines append commits to a stream each, while trouble is made, and checks that each was written once.
func writers(t *testing.T, s *postgres.Store, n, commits int, trouble func(ctx context.Context)) {
	t.Helper()
	ctx, quiet := context.WithCancel(t.Context())
	var troubled, wg sync.WaitGroup
	troubled.Go(func() { trouble(ctx) })
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			name := fmt.Sprint("writer ", i)
			prev := history.Head{}
			for j := range commits {
				b := batch(t, prev, name, 1+j%3)
				c := history.Commit{Key: fmt.Sprint(name, " commit ", j), Batches: []history.Batch{b}}
				if _, err := s.Append(t.Context(), c); err != nil {
					errs[i] = err
					return
				}
				prev = b.Head
			}
		})
	}
	wg.Wait()
	quiet()
	troubled.Wait()
	require.NoError(t, errors.Join(errs...))
	want := 0
	for j := range commits {
		want += n * (1 + j%3)
	}
	require.Len(t, feed(t, s), want)
	sound(t, s)
}

// pause waits a little, and reports whether there is more trouble to make.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// TestTerminatedConnections: the server ends the connections of writers again and again.
func TestTerminatedConnections(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	s := store(t, connect(t, dsn, nil))
	admin := connect(t, dsn, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["application_name"] = "admin" })
	writers(t, s, 4, 20, func(ctx context.Context) {
		for pause(ctx, 40*time.Millisecond) {
			_, _ = admin.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name <> 'admin'`)
		}
	})
}

// TestServerRestarts: it crashes and comes back while others write, and those who wait in Wake get a hint.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	own := postgrestest.Start(t, nil)
	s := store(t, connect(t, own.Database(t), nil))
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	var restarts []error
	writers(t, s, 3, 40, func(ctx context.Context) {
		for i, stop := range []func() error{own.Crash, own.Stop, own.Kill} {
			if i == 0 || pause(ctx, 50*time.Millisecond) {
				restarts = append(restarts, stop(), own.Restart())
			}
		}
	})
	require.NoError(t, errors.Join(restarts...))
	hinted(t, hints)
}

// proxy stands between a store and its server, and swallows answers when told to.
type proxy struct {
	net.Listener
	swallow atomic.Bool
	wg      sync.WaitGroup
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: l}
	p.wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			if p.swallow.Load() {
				_ = client.Close()
				continue
			}
			up, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.wg.Go(func() { _, _ = io.Copy(up, client); _ = up.Close() })
			p.wg.Go(func() {
				defer client.Close() //nolint:errcheck // of no interest any more
				buffer := make([]byte, 64<<10)
				for {
					n, err := up.Read(buffer)
					if p.swallow.Load() || err != nil {
						return
					}
					if _, err := client.Write(buffer[:n]); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); p.wg.Wait() })
	return p
}

// TestAnswerLost: the commit is written and its answer is lost. If the server is not reached again in time, that
// is ErrUncertain; if it is, the key tells.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	direct := connect(t, server.Database(t), nil)
	witness := store(t, direct)
	between := newProxy(t, server.Server(t).Addr())
	dsn := strings.Replace(direct.Config().ConnString(), server.Server(t).Addr(), between.Addr().String(), 1)
	patience := 300 * time.Millisecond
	s := storeWith(t, connect(t, dsn, nil), postgres.Options{Patience: patience})
	appended(t, s, next(t, s, "before", "case", 1))

	c := next(t, s, "lost", "case", 1)
	between.swallow.Store(true)
	begin := time.Now()
	_, err := s.Append(t.Context(), c)
	require.ErrorIs(t, err, history.ErrUncertain)
	require.NotErrorIs(t, err, postgres.ErrUnavailable, "which would say that nothing was written")
	require.GreaterOrEqual(t, time.Since(begin), patience, "it tried for long enough")
	require.Len(t, feed(t, witness), 2, "it was written")
	_, err = s.Head(t.Context(), history.StreamOf("case"))
	require.Error(t, err)
	between.swallow.Store(false)
	require.True(t, appended(t, s, c).Replayed)

	c = next(t, s, "lost for a moment", "case", 1)
	between.swallow.Store(true)
	back := time.AfterFunc(patience/2, func() { between.swallow.Store(false) })
	defer back.Stop()
	require.Equal(t, history.Receipt{Key: c.Key, First: 3, Last: 3, Streams: streams(c), Replayed: true}, appended(t, s, c))

	c = next(t, s, "never sent", "case", 1)
	require.NoError(t, between.Close())
	s = storeWith(t, direct, postgres.Options{Patience: patience})
	require.False(t, appended(t, s, c).Replayed)
	sound(t, witness)
}

// TestCallerLeavesWhileUncertain: the end of the context ends the attempts to find out.
func TestCallerLeavesWhileUncertain(t *testing.T) {
	t.Parallel()
	direct := connect(t, server.Database(t), nil)
	witness := store(t, direct)
	between := newProxy(t, server.Server(t).Addr())
	s := storeWith(t, connect(t, strings.Replace(direct.Config().ConnString(), server.Server(t).Addr(), between.Addr().String(), 1), nil),
		postgres.Options{Patience: time.Hour})
	appended(t, s, next(t, s, "before", "case", 1))
	c := next(t, s, "lost", "case", 1)
	between.swallow.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := s.Append(ctx, c)
	require.ErrorIs(t, err, history.ErrUncertain)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, feed(t, witness), 2)
}

func streams(c history.Commit) (list []uuid.UUID) {
	for i := range c.Batches {
		list = append(list, c.Batches[i].Stream)
	}
	return list
}

// TestHeldLock: whoever holds a lock longer than patience makes Append fail, and nothing is written.
func TestHeldLock(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s := storeWith(t, p, postgres.Options{LockTimeout: 20 * time.Millisecond, Patience: time.Second})
	appended(t, s, next(t, s, "one", "case", 1))
	for _, held := range []string{
		`SELECT FROM amends.heads FOR UPDATE`, `UPDATE amends.feed SET last = last`, `LOCK TABLE amends.commits`,
	} {
		tx, err := p.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), held)
		require.NoError(t, err)
		c := next(t, s, held, "case", 1)
		_, err = s.Append(t.Context(), c)
		assert.ErrorIs(t, err, postgres.ErrBusy)
		assert.ErrorContains(t, err, "55P03")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err = s.Append(ctx, c)
		cancel()
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, tx.Rollback(t.Context()))
		require.False(t, appended(t, s, c).Replayed)
	}
	sound(t, s)
}

// TestDeadlock: PostgreSQL ends one of two who wait for each other, and the store's append is tried again.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	p := pool(t)
	s := store(t, connect(t, p.Config().ConnString(), func(c *pgxpool.Config) {
		c.ConnConfig.RuntimeParams["deadlock_timeout"] = "20ms" // the first to notice is the one who gives up
	}))
	appended(t, s, next(t, s, "one", "case", 1))
	appended(t, s, next(t, s, "two", "another case", 1))
	conn, err := pgx.ConnectConfig(t.Context(), p.Config().ConnConfig)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SET LOCAL deadlock_timeout = '1h'`)
	require.NoError(t, err)
	appended(t, s.In(tx), next(t, s, "host", "case", 1)) // holds the feed
	c := next(t, s, "three", "another case", 1)
	done := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), c)
		done <- err
	}()
	waiting(t, p, 1)
	_, err = tx.Exec(t.Context(), `SELECT FROM amends.heads FOR UPDATE`) // and wants what the append holds
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-done)
	sound(t, s)
}

// TestManyAtOnce: writers that meet on streams and on the feed, at every isolation, some of several streams.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"read committed", "repeatable read", "serializable"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			many(t, store(t, connect(t, server.Database(t), isolation(level))))
		})
	}
}

func many(t *testing.T, s *postgres.Store) {
	t.Helper()
	const racers, rounds = 6, 12
	var wg sync.WaitGroup
	errs := make([]error, racers)
	for i := range racers {
		wg.Go(func() {
			for j := range rounds {
				if errs[i] = contend(t, s, i, j); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, feed(t, s), racers*rounds*3)
	sound(t, s)
}

// contend appends to three of four streams, in an order of its own, until it has.
func contend(t *testing.T, s *postgres.Store, i, j int) error {
	t.Helper()
	for {
		c := history.Commit{Key: fmt.Sprint("racer ", i, " round ", j)}
		for k := range 3 {
			name := fmt.Sprint("contested ", (i+j+k)%4)
			if i%2 == 0 {
				name = fmt.Sprint("contested ", (j+2-k)%4)
			}
			prev, err := s.Head(t.Context(), history.StreamOf(name))
			if err != nil && !errors.Is(err, history.ErrNotFound) {
				return err
			}
			c.Batches = append(c.Batches, batch(t, prev, name, 1))
		}
		if _, err := s.Append(t.Context(), c); !errors.Is(err, history.ErrConflict) {
			return err
		}
	}
}

package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// meddler does something on a connection in place of sending what is in b.
type meddler func(c net.Conn, b []byte) (int, error)

// breakBefore breaks the connection before the server has heard it.
func breakBefore(c net.Conn, b []byte) (int, error) { return len(b), c.Close() }

// breakAfter breaks the connection after the server has done it.
func breakAfter(c net.Conn, b []byte) (int, error) {
	if _, err := c.Write(b); err != nil {
		return 0, err
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		return 0, err
	}
	return len(b), c.Close()
}

// trap waits for a statement on any connection of a pool, and meddles with it once. It counts the connections too.
type trap struct {
	mu   sync.Mutex
	what string
	then meddler
	open map[*trapped]bool
	away bool // no connection is to be had any more
}

func (t *trap) set(what string, then meddler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.what, t.then = what, then
}

func (t *trap) sprung() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.then == nil
}

// meddled is a pool with a trap. It describes no statements before it sends them.
func meddled(t *testing.T, dsn string) (*pgxpool.Pool, *trap) {
	t.Helper()
	set := &trap{open: map[*trapped]bool{}}
	return connect(t, dsn, func(c *pgxpool.Config) {
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if set.isAway() {
				return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			c := &trapped{conn, set}
			set.opened(c, err == nil)
			return c, err
		}
	}), set
}

func (t *trap) isAway() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.away
}

type trapped struct {
	net.Conn
	trap *trap
}

func (c *trapped) Write(b []byte) (int, error) {
	if then := c.trap.hit(b); then != nil {
		return then(c.Conn, b)
	}
	return c.Conn.Write(b)
}

// Close counts.
func (c *trapped) Close() error {
	c.trap.opened(c, false)
	return c.Conn.Close()
}

func (t *trap) opened(c *trapped, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if delete(t.open, c); is {
		t.open[c] = true
	}
}

// only waits until no connection is open but those of the pool.
func only(t *testing.T, in *trap, p *pgxpool.Pool) {
	t.Helper()
	require.Eventually(t, func() bool {
		in.mu.Lock()
		defer in.mu.Unlock()
		return len(in.open) == int(p.Stat().TotalConns())
	}, 20*time.Second, time.Millisecond)
}

func (t *trap) hit(b []byte) meddler {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.then == nil || !bytes.Contains(b, []byte(t.what)) {
		return nil
	}
	then := t.then
	t.then = nil
	return then
}

// TestBookmarkUnknown: whether a bookmark that was moved on a connection that broke has moved, Bookmark tells; it is not tried again,
// which would say that another has moved it. What only reads is asked again.
func TestBookmarkUnknown(t *testing.T) {
	t.Parallel()
	p, trap := meddled(t, server.Database(t))
	s := store(t, p)
	ctx := t.Context()
	require.NoError(t, s.MoveBookmark(ctx, "mail", 0, 1))
	for _, c := range []struct {
		then     meddler
		from, at uint64
	}{{breakBefore, 1, 1}, {breakAfter, 1, 2}} {
		trap.set("bookmarks SET position", c.then)
		err := s.MoveBookmark(ctx, "mail", c.from, 2)
		require.ErrorIs(t, err, postgres.ErrUnavailable)
		require.NotErrorIs(t, err, history.ErrMoved)
		require.True(t, trap.sprung())
		trap.set("SELECT position FROM", breakAfter)
		at, err := s.Bookmark(ctx, "mail")
		require.NoError(t, err)
		require.Equal(t, c.at, at)
		require.True(t, trap.sprung())
		trap.set("SELECT last FROM", breakBefore)
		last, err := s.Last(ctx)
		require.NoError(t, err)
		require.Zero(t, last)
		require.True(t, trap.sprung())
	}
}

// TestNeverSent: an append that surely never left is not uncertain, also when its connection was there.
func TestNeverSent(t *testing.T) {
	t.Parallel()
	p, trap := meddled(t, server.Database(t))
	s := storeWith(t, p, postgres.Options{Patience: 100 * time.Millisecond})
	c := next(t, s, "one", "case", 1)
	trap.set(".append(", func(c net.Conn, _ []byte) (int, error) {
		trap.mu.Lock()
		defer trap.mu.Unlock()
		trap.away = true
		return 0, errors.Join(net.ErrClosed, c.Close())
	})
	_, err := s.Append(t.Context(), c)
	require.True(t, trap.sprung())
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	require.NotErrorIs(t, err, history.ErrUncertain)
}

// TestWakeUnknown: a connection that breaks when it is to listen is a server that is not there.
func TestWakeUnknown(t *testing.T) {
	t.Parallel()
	p, trap := meddled(t, server.Database(t))
	s := store(t, p)
	for _, then := range []meddler{breakBefore, breakAfter} {
		trap.set("LISTEN ", then)
		_, err := s.Wake(t.Context())
		require.ErrorIs(t, err, postgres.ErrUnavailable)
		require.True(t, trap.sprung())
	}
	ctx, leave := context.WithCancel(t.Context())
	trap.set("LISTEN ", func(c net.Conn, b []byte) (int, error) { leave(); return breakBefore(c, b) })
	_, err := s.Wake(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, postgres.ErrUnavailable)
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	appended(t, s, next(t, s, "one", "case", 1))
	hinted(t, hints)
}

// TestWakeHearsItsContextInTurn: while another is still to begin to listen.
func TestWakeHearsItsContextInTurn(t *testing.T) {
	t.Parallel()
	p, trap := meddled(t, server.Database(t))
	s := store(t, p)
	begun, goOn, first := make(chan struct{}), make(chan struct{}), make(chan error)
	trap.set("LISTEN ", func(c net.Conn, b []byte) (int, error) {
		close(begun)
		<-goOn
		return c.Write(b)
	})
	go func() {
		_, err := s.Wake(t.Context())
		first <- err
	}()
	<-begun
	ctx, leave := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer leave()
	second := make(chan error, 1)
	go func() {
		_, err := s.Wake(ctx)
		second <- err
	}()
	select {
	case err := <-second:
		require.ErrorIs(t, err, context.DeadlineExceeded)
	case <-time.After(5 * time.Second): // half of patience
		require.Fail(t, "it does not hear its context")
	}
	close(goOn)
	require.NoError(t, <-first)
}

// TestWakeLeavesNoConnection: neither when nobody waits any more, nor when it fails.
func TestWakeLeavesNoConnection(t *testing.T) {
	t.Parallel()
	p, trap := meddled(t, server.Database(t))
	s := store(t, p)
	ctx, leave := context.WithCancel(t.Context())
	hints, err := s.Wake(ctx)
	require.NoError(t, err)
	leave()
	closes(t, hints)
	only(t, trap, p)

	trap.set("LISTEN ", func(c net.Conn, b []byte) (int, error) {
		return c.Write(bytes.Replace(b, []byte("LISTEN "), []byte("MISTEN "), 1))
	})
	_, err = s.Wake(t.Context())
	require.ErrorContains(t, err, "syntax error")
	require.NotErrorIs(t, err, postgres.ErrUnavailable)
	only(t, trap, p)

	trap.set("LISTEN ", func(c net.Conn, b []byte) (int, error) {
		require.NoError(t, s.Close())
		return c.Write(b)
	})
	_, err = s.Wake(t.Context())
	require.ErrorContains(t, err, "the store is closed")
	only(t, trap, p)
}

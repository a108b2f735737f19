package riverqueue_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// TestConnectionsThatBreak, at any moment, part no case from its wake-up, and lose nothing that was acknowledged: the
// server's processes are ended again and again while cases are opened, and once the whole server.
func TestConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	own := postgrestest.Start(t, &postgrestest.Options{Settings: map[string]string{"fsync": "off"}})
	h := houseIn(t, own.Database(t), nil)
	desk := deskAt(t, h.store, nil)
	const writers, each = 4, 40
	var opened, uncertain sync.Map
	tries := make(chan int)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				n := w*each + i
				tries <- n
				_, err := desk.Open(t.Context(), ana, complaint(n))
				if errors.Is(err, history.ErrUncertain) {
					uncertain.Store(n, true)
				} else if assert.NoError(t, err) {
					opened.Store(n, true)
				}
			}
		})
	}
	go func() { wg.Wait(); close(tries) }()
	admin := connect(t, own.DSN("postgres"), nil)
	cut, n := 0, 0
	for range tries {
		if n++; n == writers*each/2 {
			assert.NoError(t, own.Crash())
			assert.NoError(t, own.Restart())
			continue
		}
		var ended int
		if err := admin.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname <> 'postgres' AND state <> 'idle'`).Scan(&ended); err == nil {
			cut += ended
		}
	}
	t.Logf("%d connections cut", cut)
	for n := range writers * each {
		id := complaint(n).ID
		_, unsure := uncertain.Load(n)
		_, err := h.store.Head(t.Context(), id)
		if unsure && errors.Is(err, history.ErrNotFound) {
			require.Empty(t, wakes(t, h, id))
			continue
		}
		require.NoError(t, err)
		require.Len(t, wakes(t, h, id), 1, "case %d", n)
		require.NoError(t, history.Verify(t.Context(), h.store, id))
	}
	require.LessOrEqual(t, len(wakes(t, h, uuid.Nil)), writers*each)
}

// TestAConnectionThatBreaksWhileCommitting, before the server has heard it or after it has committed: the key settles
// which, so that there is one case and one wake-up, and no error.
func TestAConnectionThatBreaksWhileCommitting(t *testing.T) {
	t.Parallel()
	for name, heard := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := &cutter{heard: heard}
			h := houseIn(t, server.Database(t), func(c *pgxpool.Config) {
				c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, addr)
					return &cutConn{conn, cut}, err
				}
			})
			desk := deskAt(t, h.store, nil)
			open(t, desk, 0) // keeps the agreement
			cut.armed.Store(true)
			c := open(t, desk, 1)
			require.False(t, cut.armed.Load())
			require.Len(t, wakes(t, h, c.ID), 1)
			require.Len(t, events(t, h.store, c.ID), 1)
		})
	}
}

// TestAnOutcomeThatNobodyKnows is ErrUncertain, and repeating the command settles it.
func TestAnOutcomeThatNobodyKnows(t *testing.T) {
	t.Parallel()
	cut := &cutter{heard: true, forever: true}
	h := houseIn(t, server.Database(t), func(c *pgxpool.Config) {
		c.MaxConns = 1
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if cut.dead.Load() {
				return nil, errors.New("no route to host")
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &cutConn{conn, cut}, err
		}
	})
	desk := deskAt(t, tenantWith(t, h.pool, postgres.Options{Patience: time.Second}).store, nil)
	open(t, desk, 0)
	cut.armed.Store(true)
	_, err := desk.Once("the host's key").Open(t.Context(), ana, complaint(1))
	require.ErrorIs(t, err, history.ErrUncertain)
	cut.dead.Store(false)
	c, err := desk.Once("the host's key").Open(t.Context(), ana, complaint(1))
	require.NoError(t, err)
	require.Len(t, wakes(t, h, c.ID), 1)
	require.Len(t, events(t, h.store, c.ID), 1)
}

// cutter breaks the next connection that commits.
type cutter struct {
	heard   bool // only after the server has committed
	forever bool // and lets no other through
	armed   atomic.Bool
	dead    atomic.Bool
}

type cutConn struct {
	net.Conn
	*cutter
}

func (c *cutConn) Write(b []byte) (int, error) {
	if !bytes.Contains(b, []byte("commit\x00")) || !c.armed.CompareAndSwap(true, false) {
		return c.Conn.Write(b)
	}
	c.dead.Store(c.forever)
	if c.heard {
		if _, err := c.Conn.Write(b); err != nil {
			return 0, err
		}
		if _, err := c.Read(make([]byte, 1)); err != nil {
			return 0, err
		}
	}
	return len(b), c.Close()
}

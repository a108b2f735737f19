package riverqueue_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
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

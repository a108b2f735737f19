package riverqueue_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/recovery"
)

// Ticks settle many cases in a commit, from different places on. Their jobs are inserted in one order, so that none waits
// for another's in a circle.
func TestTicksThatMeetDoNotLockOneAnother(t *testing.T) {
	h := newHouse(t)
	start := ago(24 * time.Hour)
	const cases = 120
	early := deskAt(t, h.store, stands(start))
	for n := range cases {
		open(t, early, n, recovery.Promise{What: "call", Due: start.Add(time.Hour), Aside: true})
	}
	var settled atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		desk := deskAt(t, h.store, nil)
		all.Go(func() {
			done, err := desk.Tick(t.Context())
			assert.NoError(t, err)
			settled.Add(int64(done.Cases))
		})
	}
	all.Wait()
	require.EqualValues(t, cases, settled.Load())
	require.NoError(t, h.store.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
		var deadlocks int
		if err := tx.QueryRow(ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&deadlocks); err != nil {
			return err
		}
		assert.Zero(t, deadlocks)
		return nil
	}))
}

// A job that another transaction is about to insert too is waited for as any other lock is.
func TestAJobThatIsHeldIsBusy(t *testing.T) {
	pool := newHouse(t).pool
	h := tenantWith(t, pool, postgres.Options{LockTimeout: 20 * time.Millisecond, Patience: 200 * time.Millisecond, Migrate: true})
	due := recovery.Promise{What: "call", Due: time.Now().Add(time.Hour), Aside: true}
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = deskAt(t, h.store.In(tx), nil).Open(t.Context(), ana, complaint(1), due)
	require.NoError(t, err)
	_, err = deskAt(t, h.store, nil).Open(t.Context(), ana, complaint(1), due)
	require.ErrorIs(t, err, postgres.ErrBusy)
	require.NoError(t, tx.Rollback(t.Context()))
	open(t, deskAt(t, h.store, nil), 1, due)
}

package sqlite_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// hosted is a pool in whose file a host keeps a table of its own.
func hosted(t *testing.T, dsn string) (*sql.DB, *sqlite.Store) {
	t.Helper()
	db := pool(t, dsn, 0)
	_, err := db.ExecContext(t.Context(), `CREATE TABLE tickets (name TEXT PRIMARY KEY)`)
	require.NoError(t, err)
	return db, store(t, db)
}

func begin(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func ticket(t *testing.T, tx *sql.Tx, name string) {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), `INSERT INTO tickets (name) VALUES (?)`, name)
	require.NoError(t, err)
}

func tickets(t *testing.T, db *sql.DB) int {
	t.Helper()
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM tickets`).Scan(&n))
	return n
}

func TestHostsTransaction(t *testing.T) {
	for name, dsn := range map[string]string{"deferred": "", "immediate": "?_txlock=immediate"} {
		t.Run(name, func(t *testing.T) {
			db, s := hosted(t, "file:"+file(t)+dsn)
			before := appended(t, s, next(t, s, "before", "case", 1))

			tx := begin(t, db)
			ticket(t, tx, "lost")
			in := s.In(tx)
			c := next(t, in, "one", "case", 2)
			receipt := appended(t, in, c)
			require.Equal(t, before.Last+1, receipt.First)
			h, err := in.Head(t.Context(), history.StreamOf("case"))
			require.NoError(t, err)
			require.EqualValues(t, 3, h.Sequence, "its own write")
			require.Len(t, feed(t, in), 3)
			require.True(t, appended(t, in, c).Replayed)
			require.Len(t, feed(t, s), 1, "nobody else sees it yet")
			require.NoError(t, tx.Rollback())
			require.Zero(t, tickets(t, db))
			require.Len(t, feed(t, s), 1)

			tx = begin(t, db)
			ticket(t, tx, "kept")
			require.False(t, appended(t, s.In(tx), c).Replayed)
			require.NoError(t, tx.Commit())
			require.Equal(t, 1, tickets(t, db))
			require.Len(t, feed(t, s), 3)
			sound(t, db, s)
		})
	}
}

// TestConflictInHostsTransaction: the commit that fails leaves nothing, and what else the transaction did stays.
func TestConflictInHostsTransaction(t *testing.T) {
	db, s := hosted(t, "file:"+file(t))
	stale := next(t, s, "two", "case", 1)
	tx := begin(t, db)
	ticket(t, tx, "kept")
	in := s.In(tx)
	appended(t, in, next(t, in, "one", "case", 1))
	stale.Batches = append(next(t, in, "two", "another case", 2).Batches, stale.Batches...)
	_, err := in.Append(t.Context(), stale)
	require.ErrorIs(t, err, history.ErrConflict)
	_, err = in.Append(t.Context(), history.Commit{Key: "one", Digest: history.Hash{1}})
	require.ErrorIs(t, err, history.ErrKeyReused)
	_, err = in.Head(t.Context(), history.StreamOf("another case"))
	require.ErrorIs(t, err, history.ErrNotFound)
	past := next(t, in, "past", "another case", 0)
	past.Batches = append(past.Batches, batch(t, batch(t, history.Head{}, "case", 1).Head, "case", 1))
	_, err = in.Append(t.Context(), past)
	require.ErrorIs(t, err, history.ErrConflict)
	require.ErrorContains(t, err, "at 1 as expected, but with another past")
	_, err = in.Head(t.Context(), history.StreamOf("another case"))
	require.ErrorIs(t, err, history.ErrNotFound)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = in.Append(ended, next(t, in, "three", "case", 1))
	require.ErrorIs(t, err, context.Canceled)
	appended(t, in, next(t, in, "two", "case", 1))
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, tickets(t, db))
	require.Len(t, feed(t, s), 2)
	sound(t, db, s)
}

// TestDeferredTransactionThatReadFirst is the trap that In's documentation names.
func TestDeferredTransactionThatReadFirst(t *testing.T) {
	db, s := hosted(t, "file:"+file(t)+"?_pragma=busy_timeout(5000)")
	tx := begin(t, db)
	in := s.In(tx)
	c := next(t, in, "one", "case", 1) // reads
	appended(t, s, next(t, s, "other", "another case", 1))
	_, err := in.Append(t.Context(), c)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	require.ErrorContains(t, err, "517")
	require.ErrorContains(t, err, "immediate")
	coded := interface{ Code() int }(nil)
	require.ErrorAs(t, err, &coded)
	require.Equal(t, 517, coded.Code())
	require.NoError(t, tx.Rollback())
	tx = begin(t, db)
	appended(t, s.In(tx), c)
	require.NoError(t, tx.Commit())
	sound(t, db, s)
}

func TestTransactionOfAnotherPool(t *testing.T) {
	_, s := hosted(t, "file:"+file(t))
	other, _ := hosted(t, "file:"+file(t))
	in := s.In(begin(t, other))
	_, err := in.Feed(t.Context(), 0, 0)
	require.ErrorContains(t, err, "different database")
	_, err = in.Append(t.Context(), next(t, s, "one", "case", 1))
	require.ErrorContains(t, err, "different database")
}

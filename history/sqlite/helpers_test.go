package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// pool opens a pool over a data source name of modernc.org/sqlite.
func pool(t *testing.T, dsn string, maxConns int) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(maxConns)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// file is a database file that does not exist yet.
func file(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "history.db")
}

// store makes a store that does not wait for the disk.
func store(t *testing.T, db *sql.DB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.New(t.Context(), db, &sqlite.Options{Durability: sqlite.Normal})
	require.NoError(t, err)
	return s
}

// next is a commit that adds n records to a stream as it now stands.
func next(t *testing.T, s history.Store, key, stream string, n int) history.Commit {
	t.Helper()
	prev, err := s.Head(t.Context(), history.StreamOf(stream))
	if err != nil {
		require.ErrorIs(t, err, history.ErrNotFound)
	}
	return history.Commit{Key: key, Batches: []history.Batch{batch(t, prev, stream, n)}}
}

func batch(t *testing.T, prev history.Head, stream string, n int) history.Batch {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	records := make([]history.Record, n)
	for i := range records {
		number := prev.Sequence + uint64(i) + 1
		records[i] = history.Record{
			Type: "note.added/1", Time: at.Add(time.Duration(number) * time.Minute), Actor: "agent:ana",
			Data: fmt.Appendf(nil, `{"number":%d}`, number), Private: fmt.Appendf(nil, "text %d of %s", number, stream),
		}
	}
	b, err := history.Next(prev, history.Head{
		Stream: history.StreamOf(stream), Kind: "case", Open: true, Due: at.Add(time.Hour),
		Keys: []string{"customer:42", "name:" + stream}, State: fmt.Appendf(nil, `{"records":%d}`, prev.Sequence+uint64(n)),
	}, records...)
	require.NoError(t, err)
	return b
}

func appended(t *testing.T, s history.Store, c history.Commit) history.Receipt {
	t.Helper()
	r, err := s.Append(t.Context(), c)
	require.NoError(t, err)
	return r
}

// feed returns all records, in pages.
func feed(t *testing.T, s history.Store) []history.Record {
	t.Helper()
	var all []history.Record
	for r, err := range history.Feed(t.Context(), s, 0) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// sound checks that nothing is half written: each stream is dense and its chain holds, the feed has no position
// twice, and SQLite finds its file in order.
func sound(t *testing.T, db *sql.DB, s history.Store) {
	t.Helper()
	total := uint64(0)
	for h, err := range history.Heads(t.Context(), s, history.Query{}) {
		require.NoError(t, err)
		require.NoError(t, history.Verify(t.Context(), s, h.Stream))
		total += h.Sequence
	}
	last, count := uint64(0), uint64(0)
	for _, r := range feed(t, s) {
		require.Greater(t, r.Position, last)
		last = r.Position
		count++
	}
	require.Equal(t, total, count, "records in the feed")
	var verdict string
	require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict))
	require.Equal(t, "ok", verdict)
}

// idle checks that every connection of a pool of one is outside of any transaction.
func idle(t *testing.T, db *sql.DB) {
	t.Helper()
	conn, err := db.Conn(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = conn.ExecContext(t.Context(), `BEGIN`)
	require.NoError(t, err, "a connection came back inside a transaction")
	_, err = conn.ExecContext(t.Context(), `ROLLBACK`)
	require.NoError(t, err)
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewRandom()
	require.NoError(t, err)
	return id.String()
}

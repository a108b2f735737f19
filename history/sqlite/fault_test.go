package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// twoStreams is a commit with all that an Append can write: new heads and old ones, keys gained and lost.
func twoStreams(t *testing.T, s history.Store, key string) history.Commit {
	t.Helper()
	c := next(t, s, key, "old", 2)
	c.Batches[0].Head.Keys = []string{"customer:43"}
	c.Batches[0].Head.Kind = "closed"
	c.Batches = append(c.Batches, next(t, s, key, "new "+key, 3).Batches...)
	return c
}

// counts is the number of rows in each of our tables.
func counts(t *testing.T, s history.Store) (records, heads int) {
	t.Helper()
	h, err := s.Heads(t.Context(), history.Query{})
	require.NoError(t, err)
	return len(feed(t, s)), len(h)
}

// TestFaultAtEveryStatement fails each statement of an Append in turn, before it runs and after it ran.
func TestFaultAtEveryStatement(t *testing.T) {
	db, f := faultyPool(t, "file:"+file(t))
	s := store(t, db)
	appended(t, s, next(t, s, "first", "old", 1))
	for _, when := range []string{"before", "after"} {
		for n := 0; ; n++ {
			c := twoStreams(t, s, when+newID(t))
			records, heads := counts(t, s)
			left, failedAt := n, ""
			fault := func(query string) error {
				if left--; left == -1 {
					failedAt = query
					return errInjected
				}
				return nil
			}
			if when == "before" {
				f.before = fault
			} else {
				f.after = fault
			}
			receipt, err := s.Append(t.Context(), c)
			f.before, f.after = nil, nil
			idle(t, db)
			if failedAt == "" { // past the last statement
				require.NoError(t, err)
				require.Greater(t, n, 10)
				break
			}
			require.ErrorIs(t, err, errInjected, failedAt)
			require.Zero(t, receipt)
			require.Equal(t, failedAt == "COMMIT", errors.Is(err, history.ErrUncertain), "%s: %v", failedAt, err)
			if failedAt != "COMMIT" {
				r, h := counts(t, s)
				require.Equal(t, []int{records, heads}, []int{r, h}, "failed %s %s", when, failedAt)
			}
			again := appended(t, s, c) // the same key settles it
			require.Equal(t, failedAt == "COMMIT" && when == "after", again.Replayed, "failed %s %s", when, failedAt)
			r, h := counts(t, s)
			require.Equal(t, []int{records + 5, heads + 1}, []int{r, h})
		}
	}
	sound(t, db, s)
}

// TestCancelAtEveryStatement ends the context at each statement of an Append in turn. Up to the commit nothing is
// written, from there on everything.
func TestCancelAtEveryStatement(t *testing.T) {
	db, f := faultyPool(t, "file:"+file(t))
	s := store(t, db)
	appended(t, s, next(t, s, "first", "old", 1))
	for n := 0; ; n++ {
		c := twoStreams(t, s, newID(t))
		records, heads := counts(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		left := n
		f.before = func(string) error {
			if left--; left == -1 {
				cancel()
			}
			return nil
		}
		_, err := s.Append(ctx, c)
		cancel()
		f.before = nil
		idle(t, db)
		r, h := counts(t, s)
		if err == nil {
			require.Equal(t, []int{records + 5, heads + 1}, []int{r, h})
		} else {
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, []int{records, heads}, []int{r, h})
		}
		if left >= 0 {
			require.Greater(t, n, 10)
			break
		}
	}
	sound(t, db, s)
}

// TestFullDisk fills the database to its last page: SQLite has a limit of its own, which fails like a full disk.
func TestFullDisk(t *testing.T) {
	for _, within := range []string{"its own transaction", "a host's transaction"} {
		t.Run(within, func(t *testing.T) {
			db := pool(t, "file:"+file(t), 1)
			s := store(t, db)
			_, err := db.ExecContext(t.Context(), `PRAGMA max_page_count = 60`)
			require.NoError(t, err)
			written := 0
			for {
				c := next(t, s, newID(t), "old", 3)
				c.Batches[0].Head.State = []byte(strings.Repeat("s", 20_000))
				if err = add(t, s, db, within, c); err != nil {
					break
				}
				written += 3
			}
			require.ErrorContains(t, err, "full")
			require.Greater(t, written, 0)
			idle(t, db)
			require.Len(t, feed(t, s), written)
			sound(t, db, s)
			_, err = db.ExecContext(t.Context(), `PRAGMA max_page_count = 1000`)
			require.NoError(t, err)
			require.NoError(t, add(t, s, db, within, next(t, s, newID(t), "old", 3)))
			require.Len(t, feed(t, s), written+3)
			sound(t, db, s)
		})
	}
}

func add(t *testing.T, s *sqlite.Store, db *sql.DB, within string, c history.Commit) error {
	t.Helper()
	if within == "its own transaction" {
		_, err := s.Append(t.Context(), c)
		return err
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	if _, err := s.In(tx).Append(t.Context(), c); err != nil {
		_ = tx.Rollback() // SQLite may have done so
		return err
	}
	return tx.Commit()
}

// TestFailedRollback fails an Append and then its rollback too: the connection, still within the transaction, must
// not come back.
func TestFailedRollback(t *testing.T) {
	db, f := faultyPool(t, "file:"+file(t))
	s := store(t, db)
	appended(t, s, next(t, s, "first", "old", 1))
	f.before = func(query string) error {
		if query == "ROLLBACK" || strings.Contains(query, "INTO amends_records") {
			return errInjected
		}
		return nil
	}
	_, err := s.Append(t.Context(), twoStreams(t, s, "second"))
	require.ErrorIs(t, err, errInjected)
	f.before = nil
	idle(t, db)
	appended(t, s, twoStreams(t, s, "second"))
	sound(t, db, s)
}

// TestLocked meets a lock that another connection holds: for a while, and for longer than the store's patience.
func TestLocked(t *testing.T) {
	db, f := faultyPool(t, "file:"+file(t))
	s := store(t, db)
	for _, at := range []string{"INTO amends_commits", "COMMIT", "FROM amends_records", "FROM amends_heads h"} {
		tries := 0
		f.before = func(query string) error {
			if strings.Contains(query, at) && tries < 3 {
				tries++
				return errors.New("database is locked (5) (SQLITE_BUSY)")
			}
			return nil
		}
		receipt := appended(t, s, next(t, s, at, "stream "+at, 1))
		require.False(t, receipt.Replayed)
		_, err := s.Feed(t.Context(), 0, 0)
		require.NoError(t, err)
		require.Equal(t, 3, tries, at)
	}

	hasty, err := sqlite.New(t.Context(), db, &sqlite.Options{Patience: time.Millisecond})
	require.NoError(t, err)
	c := next(t, s, "never", "old", 1)
	f.before = func(string) error { return errors.New("database is locked") }
	_, err = hasty.Append(t.Context(), c)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	require.NotErrorIs(t, err, history.ErrUncertain)
	_, err = hasty.Feed(t.Context(), 0, 0)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	f.before = nil
	appended(t, s, c)

	other := pool(t, f.dsn, 1) // and a real lock, while waiting for which the context ends
	tx, err := other.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), `CREATE TABLE host (n)`)
	require.NoError(t, err)
	c = next(t, s, "behind", "old", 1)
	_, err = hasty.Append(t.Context(), c)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	ctx, cancel := context.WithCancel(t.Context())
	f.before = func(query string) error {
		if query == "ROLLBACK" {
			cancel()
		}
		return nil
	}
	_, err = s.Append(ctx, c)
	require.ErrorIs(t, err, context.Canceled)
	f.before = nil
	require.NoError(t, tx.Commit())
	appended(t, s, c)
	sound(t, db, s)
}

package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// hostTx is a transaction of the host's, whichever library it uses.
type hostTx struct {
	exec             func(statement string) error
	in               history.Store
	commit, rollback func() error
}

// hosts begin transactions in each way that a host may.
func hosts() map[string]func(t *testing.T, p *pgxpool.Pool, s *postgres.Store, level string) hostTx {
	return map[string]func(t *testing.T, p *pgxpool.Pool, s *postgres.Store, level string) hostTx{
		"pgx": func(t *testing.T, p *pgxpool.Pool, s *postgres.Store, level string) hostTx {
			t.Helper()
			ctx := context.WithoutCancel(t.Context())
			tx, err := p.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.TxIsoLevel(level)})
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback(ctx) })
			return hostTx{
				func(statement string) error { _, err := tx.Exec(ctx, statement); return err },
				s.In(tx),
				func() error { return tx.Commit(ctx) },
				func() error { return tx.Rollback(ctx) },
			}
		},
		"database/sql": func(t *testing.T, p *pgxpool.Pool, s *postgres.Store, level string) hostTx {
			t.Helper()
			db := stdlib.OpenDBFromPool(p)
			ctx := context.WithoutCancel(t.Context())
			tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: map[string]sql.IsolationLevel{"repeatable read": sql.LevelRepeatableRead}[level]})
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback(); _ = db.Close() })
			return hostTx{
				func(statement string) error { _, err := tx.ExecContext(ctx, statement); return err },
				s.InSQL(tx), tx.Commit, tx.Rollback,
			}
		},
	}
}

func tickets(t *testing.T, p *pgxpool.Pool) int {
	t.Helper()
	var n int
	require.NoError(t, p.QueryRow(t.Context(), `SELECT count(*) FROM tickets`).Scan(&n))
	return n
}

// hosted is a store in a database in which a host keeps a table of its own.
func hosted(t *testing.T, o postgres.Options) (*pgxpool.Pool, *postgres.Store) {
	t.Helper()
	p := pool(t)
	_, err := p.Exec(t.Context(), `CREATE TABLE tickets (name text PRIMARY KEY)`)
	require.NoError(t, err)
	return p, storeWith(t, p, o)
}

func TestHostsTransaction(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			before := appended(t, s, next(t, s, "before", "case", 1))

			tx := begin(t, p, s, "")
			require.NoError(t, tx.exec(`INSERT INTO tickets VALUES ('lost')`))
			c := next(t, tx.in, "one", "case", 2)
			receipt := appended(t, tx.in, c)
			require.Equal(t, before.Last+1, receipt.First)
			h, err := tx.in.Head(t.Context(), history.StreamOf("case"))
			require.NoError(t, err)
			require.EqualValues(t, 3, h.Sequence, "its own write")
			require.Len(t, feed(t, tx.in), 3)
			require.True(t, appended(t, tx.in, c).Replayed)
			require.Len(t, feed(t, s), 1, "nobody else sees it yet")
			require.NoError(t, tx.rollback())
			require.Zero(t, tickets(t, p))
			require.Len(t, feed(t, s), 1)

			tx = begin(t, p, s, "")
			require.NoError(t, tx.exec(`INSERT INTO tickets VALUES ('kept')`))
			require.False(t, appended(t, tx.in, c).Replayed)
			require.NoError(t, tx.commit())
			require.Equal(t, 1, tickets(t, p))
			require.Len(t, feed(t, s), 3)
			sound(t, s)
		})
	}
}

// TestErrorInHostsTransaction: the commit that fails leaves nothing, and what else the transaction did stays.
func TestErrorInHostsTransaction(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{LockTimeout: 50 * time.Millisecond})
			stale := next(t, s, "two", "case", 1)
			tx := begin(t, p, s, "")
			require.NoError(t, tx.exec(`SET LOCAL lock_timeout = '17s'`))
			require.NoError(t, tx.exec(`INSERT INTO tickets VALUES ('kept')`))
			appended(t, tx.in, next(t, tx.in, "one", "case", 1))
			stale.Batches = append(next(t, tx.in, "two", "another case", 2).Batches, stale.Batches...)
			_, err := tx.in.Append(t.Context(), stale)
			require.ErrorIs(t, err, history.ErrConflict)
			require.ErrorContains(t, err, "at 1, expected 0")
			_, err = tx.in.Append(t.Context(), history.Commit{Key: "one", Digest: history.Hash{1}})
			require.ErrorIs(t, err, history.ErrKeyReused)
			_, err = tx.in.Head(t.Context(), history.StreamOf("another case"))
			require.ErrorIs(t, err, history.ErrNotFound)
			past := next(t, tx.in, "past", "another case", 0)
			past.Batches = append(past.Batches, batch(t, batch(t, history.Head{}, "case", 1).Head, "case", 1))
			_, err = tx.in.Append(t.Context(), past)
			require.ErrorIs(t, err, history.ErrConflict)
			require.ErrorContains(t, err, "at 1 as expected, but with another past")
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = tx.in.Append(ended, next(t, tx.in, "three", "case", 1))
			require.ErrorIs(t, err, context.Canceled)
			require.NoError(t, tx.exec(`DO $$ BEGIN ASSERT current_setting('lock_timeout') = '17s'; END $$`), "the host's setting is as it was")
			appended(t, tx.in, next(t, tx.in, "two", "case", 1))
			require.NoError(t, tx.exec(`DO $$ BEGIN ASSERT current_setting('lock_timeout') = '17s'; END $$`), "the host's setting is as it was")
			require.NoError(t, tx.commit())
			require.Equal(t, 1, tickets(t, p))
			require.Len(t, feed(t, s), 2)

			holder := begin(t, p, s, "")
			appended(t, holder.in, next(t, holder.in, "holder", "case", 1))
			tx = begin(t, p, s, "")
			require.NoError(t, tx.exec(`INSERT INTO tickets VALUES ('kept too')`))
			c := next(t, tx.in, "waiting", "third case", 1)
			_, err = tx.in.Append(t.Context(), c)
			require.ErrorIs(t, err, postgres.ErrBusy)
			require.NoError(t, holder.commit())
			appended(t, tx.in, c)
			require.NoError(t, tx.commit())
			require.Equal(t, 2, tickets(t, p))
			sound(t, s)
		})
	}
}

// TestHostsTransactionShared: several goroutines may use one, a statement at a time.
func TestHostsTransactionShared(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			tx := begin(t, p, s, "")
			marks, ok := tx.in.(history.Bookmarker)
			require.True(t, ok)
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for i := range errs {
				c := next(t, tx.in, fmt.Sprint("key ", i), fmt.Sprint("case ", i), 2)
				wg.Go(func() {
					_, err := tx.in.Append(t.Context(), c)
					_, read := tx.in.Feed(t.Context(), 0, 0)
					errs[i] = errors.Join(err, read, marks.MoveBookmark(t.Context(), c.Key, 0, 1))
				})
			}
			wg.Wait()
			require.NoError(t, errors.Join(errs...))
			require.NoError(t, tx.commit())
			require.Len(t, feed(t, s), 16)
			sound(t, s)
		})
	}
}

// TestHostsTransactionOutlivesACaller: a context that ends while an append waits does not break the transaction.
func TestHostsTransactionOutlivesACaller(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{LockTimeout: time.Minute})
			holder, tx := begin(t, p, s, ""), begin(t, p, s, "")
			appended(t, holder.in, next(t, holder.in, "holder", "case", 1))
			c := next(t, tx.in, "waits", "another case", 1)
			ctx, leave := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				_, err := tx.in.Append(ctx, c)
				done <- err
			}()
			waiting(t, p, 1)
			leave()
			require.NoError(t, holder.commit())
			require.NoError(t, <-done)
			require.NoError(t, tx.commit())
			sound(t, s)
		})
	}
}

// TestAbortedHostsTransaction: what is asked of a transaction that has failed is not done, and told with PostgreSQL's reason.
func TestAbortedHostsTransaction(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			tx := begin(t, p, s, "")
			c := next(t, tx.in, "one", "case", 1)
			require.Error(t, tx.exec(`SELECT 1/0`))
			marks, ok := tx.in.(history.Bookmarker)
			require.True(t, ok)
			_, appending := tx.in.Append(t.Context(), c)
			_, reading := tx.in.Head(t.Context(), c.Batches[0].Stream)
			for _, err := range []error{marks.MoveBookmark(t.Context(), "mail", 0, 1), appending, reading} {
				failure := new(pgconn.PgError)
				require.ErrorAs(t, err, &failure)
				require.Equal(t, "25P02", failure.Code)
				require.NotErrorIs(t, err, history.ErrMoved)
			}
		})
	}
}

// TestSnapshotOfHostsTransaction: at REPEATABLE READ, a transaction that others have overtaken cannot append any more, and is told so.
func TestSnapshotOfHostsTransaction(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			tx := begin(t, p, s, "repeatable read")
			c := next(t, tx.in, "one", "case", 1)
			appended(t, s, next(t, s, "other", "another case", 1))
			_, err := tx.in.Append(t.Context(), c)
			failure := new(pgconn.PgError)
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "40001", failure.Code)
			require.NoError(t, tx.rollback())
			tx = begin(t, p, s, "repeatable read")
			appended(t, tx.in, c)
			require.NoError(t, tx.commit())
			sound(t, s)
		})
	}
}

// TestKeyWonByAnotherTransaction: a transaction that waits for one that has the same key gets that one's receipt.
func TestKeyWonByAnotherTransaction(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			c := next(t, s, "key", "case", 1)
			other := next(t, s, "key", "another case", 1)
			first, second := begin(t, p, s, ""), begin(t, p, s, "")
			want := appended(t, first.in, c)
			type result struct {
				history.Receipt
				error
			}
			results := make(chan result, 3)
			for _, try := range []struct {
				history.Store
				history.Commit
			}{{second.in, other}, {s, c}, {s, other}} {
				go func() {
					rc, err := try.Append(t.Context(), try.Commit)
					results <- result{rc, err}
				}()
			}
			waiting(t, p, 3)
			require.NoError(t, first.commit())
			want.Replayed = true
			for range 3 {
				got := <-results
				require.NoError(t, got.error)
				require.Equal(t, want, got.Receipt)
			}
			require.NoError(t, second.commit())
			require.Len(t, feed(t, s), 1)
			_, err := s.Head(t.Context(), history.StreamOf("another case"))
			require.ErrorIs(t, err, history.ErrNotFound)
			sound(t, s)
		})
	}
}

// waiting waits until n connections to this database wait for a lock.
func waiting(t *testing.T, p *pgxpool.Pool, n int) {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), p.Config().ConnConfig)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	require.Eventually(t, func() bool {
		var got int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&got)
		return err == nil && got == n
	}, 20*time.Second, 5*time.Millisecond)
}

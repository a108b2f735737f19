package postgres_test

import (
	"context"
	"errors"
	"net"
	"sync"
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

// ticket is a host's function: a row of its own, and a record.
func ticket(t *testing.T, name string, before func(try int) error) func(ctx context.Context, tx pgx.Tx, s history.Store) error {
	t.Helper()
	try := 0
	return func(ctx context.Context, tx pgx.Tx, s history.Store) error {
		try++
		if _, err := tx.Exec(ctx, `INSERT INTO tickets VALUES ($1) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
		prev, err := s.Head(ctx, history.StreamOf("case"))
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return err
		}
		if before != nil {
			if err := before(try); err != nil {
				return err
			}
		}
		_, err = s.Append(ctx, history.Commit{Key: name, Batches: []history.Batch{batch(t, prev, "case", 1)}})
		return err
	}
}

// TestTransactTogether: many at once on one stream, each written once, with its row; and who listens hears of it.
func TestTransactTogether(t *testing.T) {
	t.Parallel()
	p, s := hosted(t, postgres.Options{})
	hints, err := s.Wake(t.Context())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		wg.Go(func() { assert.NoError(t, s.Transact(t.Context(), ticket(t, name, nil))) })
	}
	wg.Wait()
	hinted(t, hints)
	require.Equal(t, 3, tickets(t, p))
	require.Len(t, feed(t, s), 3)
	sound(t, s)
}

// TestTransactAgain: what passes is done again, whether the server says so, another was faster or the connection breaks.
func TestTransactAgain(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(ctx context.Context, s *postgres.Store, tx pgx.Tx) error{
		"serialization": func(context.Context, *postgres.Store, pgx.Tx) error { return &pgconn.PgError{Code: "40001"} },
		"deadlock":      func(context.Context, *postgres.Store, pgx.Tx) error { return &pgconn.PgError{Code: "40P01"} },
		"busy":          func(context.Context, *postgres.Store, pgx.Tx) error { return postgres.ErrBusy },
		"another was faster": func(_ context.Context, s *postgres.Store, _ pgx.Tx) error {
			_, err := s.Append(context.WithoutCancel(t.Context()), next(t, s, "faster", "case", 1))
			return err
		},
		"connection": func(ctx context.Context, s *postgres.Store, tx pgx.Tx) error {
			_, err := s.Pool().Exec(ctx, `SELECT pg_terminate_backend($1)`, int32(tx.Conn().PgConn().PID()))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := hosted(t, postgres.Options{})
			var now pgx.Tx
			tries := 0
			do := ticket(t, "kept", func(try int) error {
				if tries = try; try > 1 {
					return nil
				}
				return trouble(t.Context(), s, now)
			})
			require.NoError(t, s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, s history.Store) error {
				now = tx
				return do(ctx, tx, s)
			}))
			require.Equal(t, 2, tries)
			require.Equal(t, 1, tickets(t, p))
			sound(t, s)
		})
	}
}

// TestTransactRefused: any other error comes back as it is, and nothing was written.
func TestTransactRefused(t *testing.T) {
	t.Parallel()
	p, s := hosted(t, postgres.Options{Patience: 2 * time.Second})
	mine := errors.New("no such customer")
	require.Equal(t, mine, s.Transact(t.Context(), ticket(t, "lost", func(int) error { return mine })))
	elsewhere := &pgconn.ConnectError{}
	tries := 0
	require.ErrorIs(t, s.Transact(t.Context(), ticket(t, "lost", func(try int) error { tries = try; return elsewhere })), error(elsewhere))
	require.Equal(t, 1, tries, "the host's other database is not this package's to wait for")

	stays := &pgconn.PgError{Code: "23505"}
	require.ErrorIs(t, s.Transact(t.Context(), ticket(t, "lost", func(int) error { return stays })), error(stays))
	err := s.Transact(t.Context(), ticket(t, "lost", func(try int) error { tries = try; return history.ErrConflict }))
	require.Equal(t, history.ErrConflict, err)
	require.Equal(t, 10, tries)

	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, s.Transact(ctx, ticket(t, "lost", func(int) error { cancel(); return nil })), context.Canceled)
	require.ErrorIs(t, s.Transact(ctx, nothing), context.Canceled)
	require.ErrorIs(t, s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
		_, _ = tx.Exec(ctx, `SELECT 1/0`)
		return nil
	}), pgx.ErrTxCommitRollback)
	ctx, cancel = context.WithCancel(t.Context())
	err = s.Transact(ctx, ticket(t, "lost", func(int) error { cancel(); return mine }))
	require.ErrorIs(t, err, mine)
	require.ErrorIs(t, err, context.Canceled)
	require.Panics(t, func() { _ = s.Transact(t.Context(), ticket(t, "lost", func(int) error { panic("the host's") })) }) //nolint:forbidigo // hosts may
	require.Zero(t, tickets(t, p))
	require.Empty(t, feed(t, s))
}

// TestTransactTooLong: a transaction that does not end is cut off, so that others get on.
func TestTransactTooLong(t *testing.T) {
	t.Parallel()
	const patience = 500 * time.Millisecond
	p, other := hosted(t, postgres.Options{})
	s := storeWith(t, p, postgres.Options{Patience: patience, LockTimeout: 10 * time.Millisecond})
	begin := time.Now()
	do := ticket(t, "lost", nil)
	err := s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, s history.Store) error {
		if err := do(ctx, tx, s); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	require.ErrorContains(t, err, "took too long")
	require.Less(t, time.Since(begin), 2*patience+2*time.Second)
	require.False(t, appended(t, other, next(t, other, "next", "case", 1)).Replayed)
	require.Zero(t, tickets(t, p))

	tx, err := p.Begin(t.Context())
	require.NoError(t, err)
	appended(t, other.In(tx), next(t, other, "holder", "case", 1))
	require.ErrorIs(t, s.Transact(t.Context(), ticket(t, "lost", nil)), postgres.ErrBusy)
	begin = time.Now()
	waits := storeWith(t, p, postgres.Options{Patience: patience, LockTimeout: time.Hour}) // an append does not hear that it is too long
	require.ErrorIs(t, waits.Transact(t.Context(), ticket(t, "lost", nil)), postgres.ErrUnavailable)
	require.Less(t, time.Since(begin), time.Minute)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, s.Transact(t.Context(), ticket(t, "kept", nil)))
	require.Equal(t, 1, tickets(t, p))
	sound(t, s)
}

// TestTransactUncertain: a connection that breaks during the COMMIT, which the server has heard or not, is ErrUncertain;
// the same function again settles it.
func TestTransactUncertain(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]meddler{"heard": breakAfter, "not heard": breakBefore} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct, _ := hosted(t, postgres.Options{})
			p, trap := meddled(t, direct.Config().ConnString())
			s := storeWith(t, p, postgres.Options{})
			trap.set("commit\x00", then)
			err := s.Transact(t.Context(), ticket(t, "kept", nil))
			require.ErrorIs(t, err, history.ErrUncertain)
			require.NotErrorIs(t, err, postgres.ErrUnavailable)
			require.True(t, trap.sprung())
			require.NoError(t, s.Transact(t.Context(), ticket(t, "kept", nil)))
			require.Equal(t, 1, tickets(t, p))
			require.Len(t, feed(t, s), 1)
			sound(t, s)
		})
	}
}

// TestTransactNeverThrough: what never passes is told by this package, in its words.
func TestTransactNeverThrough(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble func(ctx context.Context, s *postgres.Store, tx pgx.Tx) error
		want    error
	}{
		"busy": {func(context.Context, *postgres.Store, pgx.Tx) error { return postgres.ErrBusy }, postgres.ErrBusy},
		"broken": {func(ctx context.Context, s *postgres.Store, tx pgx.Tx) error {
			_, _ = s.Pool().Exec(ctx, `SELECT pg_terminate_backend($1)`, int32(tx.Conn().PgConn().PID()))
			_, err := tx.Exec(ctx, `SELECT 1`)
			return err
		}, postgres.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, s := hosted(t, postgres.Options{Patience: 300 * time.Millisecond})
			err := s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
				return c.trouble(context.WithoutCancel(ctx), s, tx)
			})
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, "postgres: transact: ")
			require.NotErrorIs(t, err, history.ErrUncertain)
		})
	}
}

// TestTransactNoticesWhatItsFunctionDidNot: a connection that broke before the COMMIT, which is then not sent.
func TestTransactNoticesWhatItsFunctionDidNot(t *testing.T) {
	t.Parallel()
	p, s := hosted(t, postgres.Options{})
	tries := 0
	require.NoError(t, s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
		_, err := tx.Exec(ctx, `INSERT INTO tickets VALUES ('kept')`)
		if tries++; tries == 1 {
			require.NoError(t, tx.Conn().Close(ctx))
		}
		return err
	}))
	require.Equal(t, 2, tries)
	require.Equal(t, 1, tickets(t, p))
}

// TestTransactSetsItsTransactionUp: READ COMMITTED whatever the pool's default is, and up to twice patience to work in.
func TestTransactSetsItsTransactionUp(t *testing.T) {
	t.Parallel()
	s := storeWith(t, connect(t, server.Database(t), isolation("serializable")), postgres.Options{Patience: time.Minute, LockTimeout: 1234 * time.Millisecond})
	require.NoError(t, s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
		cut, ok := ctx.Deadline()
		require.True(t, ok)
		require.Greater(t, time.Until(cut), time.Minute)
		var level, timeout string
		require.NoError(t, tx.QueryRow(ctx, `SELECT current_setting('transaction_isolation'), current_setting('lock_timeout')`).Scan(&level, &timeout))
		require.Equal(t, []string{"read committed", "1234ms"}, []string{level, timeout})
		return nil
	}))
}

// TestTransactCommitsThoughItsCallerLeaves: a context that ends during the COMMIT does not interrupt it.
func TestTransactCommitsThoughItsCallerLeaves(t *testing.T) {
	t.Parallel()
	direct, _ := hosted(t, postgres.Options{})
	p, trap := meddled(t, direct.Config().ConnString())
	s := storeWith(t, p, postgres.Options{})
	ctx, leave := context.WithCancel(t.Context())
	trap.set("commit\x00", func(c net.Conn, b []byte) (int, error) {
		leave()
		return c.Write(b)
	})
	require.NoError(t, s.Transact(ctx, ticket(t, "kept", nil)))
	require.True(t, trap.sprung())
	require.Equal(t, 1, tickets(t, direct))
}

// TestTransactKeepsItsConnection: a function that fails costs none.
func TestTransactKeepsItsConnection(t *testing.T) {
	t.Parallel()
	p := connect(t, server.Database(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	s := storeWith(t, p, postgres.Options{})
	var pids [2]int
	for i := range pids {
		mine := errors.New("no such customer")
		require.Equal(t, mine, s.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
			require.NoError(t, tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pids[i]))
			return mine
		}))
	}
	require.Equal(t, pids[0], pids[1])
}

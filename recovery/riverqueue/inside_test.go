package riverqueue_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// hostTx is a transaction of the host's, whichever library it uses.
type hostTx struct {
	exec             func(statement string) error
	in               history.Store
	commit, rollback func() error
}

// hosts begin transactions in each way that a host may.
func hosts() map[string]func(tb testing.TB, h house) hostTx {
	return map[string]func(tb testing.TB, h house) hostTx{
		"pgx": func(tb testing.TB, h house) hostTx {
			tb.Helper()
			ctx := context.WithoutCancel(tb.Context())
			tx, err := h.pool.Begin(ctx)
			require.NoError(tb, err)
			tb.Cleanup(func() { _ = tx.Rollback(ctx) })
			return hostTx{
				func(statement string) error { _, err := tx.Exec(ctx, statement); return err },
				h.store.In(tx),
				func() error { return tx.Commit(ctx) },
				func() error { return tx.Rollback(ctx) },
			}
		},
		"database/sql": func(tb testing.TB, h house) hostTx {
			tb.Helper()
			ctx := context.WithoutCancel(tb.Context())
			tx, err := openSQL(tb, h).BeginTx(ctx, nil)
			require.NoError(tb, err)
			tb.Cleanup(func() { _ = tx.Rollback() })
			return hostTx{
				func(statement string) error { _, err := tx.ExecContext(ctx, statement); return err },
				h.store.InSQL(tx), tx.Commit, tx.Rollback,
			}
		},
	}
}

func openSQL(tb testing.TB, h house) *sql.DB {
	tb.Helper()
	db := stdlib.OpenDBFromPool(h.pool)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// TestAWakeUpIsHeard by a client at once when the host commits, and not when it looks next.
func TestAWakeUpIsHeard(t *testing.T) {
	t.Parallel()
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			client := workWith(t, h, deskAt(t, h.store, nil), &river.Config{
				Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
				FetchPollInterval: time.Hour, TestOnly: true,
			})
			tx := begin(t, h)
			c := open(t, deskAt(t, tx.in, stands(ago(7*time.Hour))), 1)
			require.NoError(t, tx.commit())
			require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
			require.Len(t, events(t, h.store, c.ID), 2)
		})
	}
}

// TestATransactionThatManyShare, and that ends by its context while River has its connection: nothing is written that
// the transaction did not commit.
func TestATransactionThatManyShare(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	db := openSQL(t, h)
	open(t, deskAt(t, h.store, nil), 0) // keeps the agreement
	before := feed(t, h.store)
	for round := range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		desk := deskAt(t, h.store.InSQL(tx), nil)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				defer cancel()
				for n := range 1000 {
					_, err := desk.Open(context.WithoutCancel(ctx), ana, complaint(1+1000*w+n))
					if err != nil {
						assert.Error(t, ctx.Err(), "failed too early: %v", err)
						return
					}
					if w == 0 && n == round {
						cancel()
					}
				}
			})
		}
		all.Wait()
		cancel()
		require.Error(t, tx.Commit())
	}
	require.Len(t, wakes(t, h, uuid.Nil), 1)
	require.Equal(t, before, feed(t, h.store))
}

func feed(tb testing.TB, s history.Store) []history.Record {
	tb.Helper()
	all, err := s.Feed(tb.Context(), 0, 1000)
	require.NoError(tb, err)
	return all
}

// TestAnotherDriver is told what it should be.
func TestAnotherDriver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, fails := range map[string]error{"takes anything": nil, "knows what it takes": errors.New("what is that?")} {
		db := sql.OpenDB(otherDriver{fails: fails})
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		due := ago(-time.Hour)
		b, err := history.Next(history.Head{}, history.Head{Stream: complaint(1).ID, Kind: "case", Open: true, Due: due},
			history.Record{Type: "note.added/1", Time: due.Add(-time.Hour), Actor: "agent:ana", Data: []byte(`{}`)})
		require.NoError(t, err)
		_, err = h.store.InSQL(tx).Append(t.Context(), history.Commit{Key: "one", Batches: []history.Batch{b}})
		require.ErrorContains(t, err, "github.com/jackc/pgx/v5/stdlib", name)
		if fails != nil {
			require.ErrorIs(t, err, fails)
		}
		require.NoError(t, tx.Rollback())
		require.NoError(t, db.Close())
	}
}

// otherDriver is a driver and its connection that know nothing of pgx.
type otherDriver struct {
	sqldriver.Conn
	sqldriver.Tx
	fails error
}

func (d otherDriver) Connect(context.Context) (sqldriver.Conn, error) { return d, nil }
func (d otherDriver) Driver() sqldriver.Driver                        { return nil }
func (d otherDriver) Begin() (sqldriver.Tx, error)                    { return d, nil }
func (d otherDriver) Rollback() error                                 { return nil }
func (d otherDriver) Close() error                                    { return nil }
func (d otherDriver) CheckNamedValue(*sqldriver.NamedValue) error     { return d.fails }

func (d otherDriver) ExecContext(context.Context, string, []sqldriver.NamedValue) (sqldriver.Result, error) {
	return sqldriver.RowsAffected(0), nil
}

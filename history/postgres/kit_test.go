package postgres_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *pgxpool.Config){
		"default pool": nil,
		"pool of one":  func(c *pgxpool.Config) { c.MaxConns = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			historytest.TestStore(t, func(t *testing.T) history.Store {
				t.Helper()
				return store(t, connect(t, server.Database(t), change))
			})
		})
	}
	t.Run("in a host's transaction", func(t *testing.T) {
		t.Parallel()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			p := pool(t)
			s := store(t, p)
			tx, err := p.Begin(context.WithoutCancel(t.Context()))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, tx.Commit(context.WithoutCancel(t.Context()))) })
			return s.In(tx)
		})
	})
	t.Run("in a host's transaction of database/sql", func(t *testing.T) {
		t.Parallel()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			p := pool(t)
			s := store(t, p)
			db := stdlib.OpenDBFromPool(p)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			tx := beginSQL(t, db)
			t.Cleanup(func() { require.NoError(t, tx.Commit()) })
			return s.InSQL(tx)
		})
	})
}

func beginSQL(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(context.WithoutCancel(t.Context()), nil)
	require.NoError(t, err)
	return tx
}

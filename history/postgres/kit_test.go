package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
	"github.com/amends-go/amends/history/postgres"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *pgxpool.Config){
		"default pool": nil,
		"pool of one":  func(c *pgxpool.Config) { c.MaxConns = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, schema := server.Database(t), schemas()
			historytest.TestStore(t, func(t *testing.T) history.Store {
				t.Helper()
				return storeWith(t, connect(t, dsn, change), schema())
			})
		})
	}
	t.Run("in a host's transaction", func(t *testing.T) {
		t.Parallel()
		p, schema := pool(t), schemas()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			s := storeWith(t, p, schema())
			tx, err := p.Begin(context.WithoutCancel(t.Context()))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, tx.Commit(context.WithoutCancel(t.Context()))) })
			return s.In(tx)
		})
	})
	t.Run("in a host's transaction of database/sql", func(t *testing.T) {
		t.Parallel()
		p, schema := pool(t), schemas()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			s := storeWith(t, p, schema())
			db := stdlib.OpenDBFromPool(p)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			tx := beginSQL(t, db)
			t.Cleanup(func() { require.NoError(t, tx.Commit()) })
			return s.InSQL(tx)
		})
	})
}

// schemas gives every store of a test a schema of its own, which is made faster than a database.
func schemas() func() postgres.Options {
	n := 0
	return func() postgres.Options {
		n++
		return postgres.Options{Schema: fmt.Sprint("tenant ", n)}
	}
}

func beginSQL(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(context.WithoutCancel(t.Context()), nil)
	require.NoError(t, err)
	return tx
}

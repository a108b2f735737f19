package riverqueue_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *pgxpool.Config){
		"default pool": nil,
		"pool of one":  func(c *pgxpool.Config) { c.MaxConns = 1 },
		"serializable": func(c *pgxpool.Config) {
			c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, n := houseIn(t, server.Database(t), change), 0
			historytest.TestStore(t, func(t *testing.T) history.Store {
				t.Helper()
				n++
				return tenant(t, h.pool, fmt.Sprint(n)).store
			})
		})
	}
	t.Run("in a host's transaction", func(t *testing.T) {
		t.Parallel()
		shared, n := newHouse(t), 0
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			n++
			h := tenant(t, shared.pool, fmt.Sprint(n))
			tx, err := h.pool.Begin(context.WithoutCancel(t.Context()))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, tx.Commit(context.WithoutCancel(t.Context()))) })
			return h.store.In(tx)
		})
	})
}

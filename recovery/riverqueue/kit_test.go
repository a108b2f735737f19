package riverqueue_test

import (
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
	for name, begin := range hosts() {
		t.Run("in a host's transaction of "+name, func(t *testing.T) {
			t.Parallel()
			shared, n := newHouse(t), 0
			historytest.TestStore(t, func(t *testing.T) history.Store {
				t.Helper()
				n++
				tx := begin(t, tenant(t, shared.pool, fmt.Sprint(n)))
				t.Cleanup(func() { require.NoError(t, tx.commit()) })
				return tx.in
			})
		})
	}
}

package sqlite_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for name, conns := range map[string]int{"pool of one": 1, "default pool": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			historytest.TestStore(t, func(t *testing.T) history.Store {
				t.Helper()
				return store(t, pool(t, "file:"+file(t), conns))
			})
		})
	}
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			return store(t, pool(t, ":memory:", 1))
		})
	})
	t.Run("in a host's transaction", func(t *testing.T) {
		t.Parallel()
		historytest.TestStore(t, func(t *testing.T) history.Store {
			t.Helper()
			db := pool(t, "file:"+file(t), 1)
			s := store(t, db)
			tx, err := db.BeginTx(context.WithoutCancel(t.Context()), nil)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, tx.Commit()) })
			return s.In(tx)
		})
	})
}

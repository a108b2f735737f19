package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// TestKeysChangedElsewhere: what a store remembers of the keys it wrote is checked: another store on the same file,
// and a transaction that was rolled back, have changed them meanwhile.
func TestKeysChangedElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history.db")
	open := func() (*sqlite.Store, *sql.DB) {
		db, err := sql.Open("sqlite", file)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		s, err := sqlite.New(t.Context(), db, nil)
		require.NoError(t, err)
		return s, db
	}
	one, db := open()
	other, _ := open()
	head := history.Head{Stream: history.StreamOf("case")}
	n := 0
	write := func(s history.Store, keep bool, keys ...string) {
		n++
		at := time.Date(2026, 3, 1, 9, 0, n, 0, time.UTC)
		b, err := history.Next(head, history.Head{Stream: head.Stream, Kind: "case", Open: true, Keys: keys},
			history.Record{Type: "noted/1", Time: at, Data: []byte("{}")})
		require.NoError(t, err)
		_, err = s.Append(t.Context(), history.Commit{Key: fmt.Sprint(n), Batches: []history.Batch{b}})
		require.NoError(t, err)
		if keep {
			head = b.Head
		}
	}
	found := func(want ...string) {
		t.Helper()
		for _, key := range []string{"a", "b", "c", "d"} {
			heads, err := one.Heads(t.Context(), history.Query{Key: key})
			require.NoError(t, err)
			require.Equal(t, slices.Contains(want, key), len(heads) == 1, "key %q", key)
		}
		h, err := one.Head(t.Context(), head.Stream)
		require.NoError(t, err)
		require.ElementsMatch(t, want, h.Keys)
	}
	write(one, true, "a", "b")
	found("a", "b")
	write(one, true, "a", "c")
	found("a", "c")
	write(other, true, "b", "d")
	found("b", "d")
	write(one, true, "a", "c") // one remembers these very keys
	found("a", "c")
	write(other, true, "d")
	write(one, true, "c", "d")
	found("c", "d")
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	write(one.In(tx), false, "a")
	require.NoError(t, tx.Rollback())
	found("c", "d")
	write(one, true, "a", "b")
	found("a", "b")
}

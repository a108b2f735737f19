package sqlite_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// TestRestoredFromBackup: what was decided on a file that is lost since is refused by the one restored from its backup,
// which has grown to the same length: by the store under which it grew, and by one that knows nothing of it yet.
func TestRestoredFromBackup(t *testing.T) {
	backup, path := file(t), file(t)
	db := pool(t, "file:"+path, 1)
	lost := store(t, db)
	appended(t, lost, next(t, lost, "one", "case", 2))
	_, err := db.ExecContext(t.Context(), `VACUUM INTO ?`, backup)
	require.NoError(t, err)
	appended(t, lost, next(t, lost, "two", "case", 1))
	decided := next(t, lost, "three", "case", 1)
	rekeyed := decided
	rekeyed.Batches = []history.Batch{decided.Batches[0]}
	rekeyed.Batches[0].Head.Keys = []string{"customer:43"}
	require.NoError(t, db.Close())
	require.NoError(t, os.Remove(path))

	restored := pool(t, "file:"+backup, 0)
	one := store(t, restored)
	appended(t, one, next(t, one, "other", "case", 1))
	want := feed(t, one)
	for _, s := range []*sqlite.Store{one, store(t, restored)} {
		for _, c := range []history.Commit{decided, rekeyed} {
			for _, write := range []func(history.Commit) (history.Receipt, error){
				func(c history.Commit) (history.Receipt, error) { return s.Append(t.Context(), c) },
				func(c history.Commit) (history.Receipt, error) { return s.Erase(t.Context(), c) },
				func(c history.Commit) (history.Receipt, error) {
					tx := begin(t, restored)
					defer func() { require.NoError(t, tx.Rollback()) }()
					return s.In(tx).Append(t.Context(), c)
				},
			} {
				_, err := write(c)
				require.ErrorIs(t, err, history.ErrConflict)
				require.ErrorContains(t, err, "at 3 as expected, but with another past")
			}
		}
	}
	require.Equal(t, want, feed(t, one))
	appended(t, one, next(t, one, "three", "case", 1))
	sound(t, restored, one)
}

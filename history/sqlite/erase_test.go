package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// TestErasedBytesAreGone looks for erased texts in the files themselves: those of records, and those of the states
// that heads had, short ones and ones over many pages.
func TestErasedBytesAreGone(t *testing.T) {
	for _, within := range []string{"its own transaction", "a host's transaction"} {
		t.Run(within, func(t *testing.T) {
			path := file(t)
			db := pool(t, "file:"+path, 1)
			s := store(t, db)
			for i := range 8 {
				c := next(t, s, fmt.Sprint(i), "case", 2)
				text := strings.Repeat(fmt.Sprint("PERSONAL text number ", i), 1+i%2*1000)
				c.Batches[0].Head.State = []byte(text)
				c.Batches[0].Records[0].Private = []byte(text)
				c.Batches[0] = rechained(t, s, c.Batches[0])
				appended(t, s, c)
				appended(t, s, next(t, s, fmt.Sprint("other ", i), "other", 1))
			}
			require.True(t, inFiles(t, path, "PERSONAL"))

			erasure := next(t, s, "erase", "case", 0)
			if within == "its own transaction" {
				_, err := s.Erase(t.Context(), erasure)
				require.NoError(t, err)
			} else {
				tx := begin(t, db)
				eraser, ok := s.In(tx).(history.Eraser)
				require.True(t, ok)
				_, err := eraser.Erase(t.Context(), erasure)
				require.NoError(t, err)
				require.NoError(t, tx.Commit())
				_, err = db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`)
				require.NoError(t, err)
			}
			require.False(t, inFiles(t, path, "PERSONAL"))
			sound(t, db, s)
			for _, r := range feed(t, s) {
				require.Equal(t, r.Stream == history.StreamOf("case"), r.Erased())
			}
		})
	}
}

// rechained makes the batch anew after its records were changed.
func rechained(t *testing.T, s history.Store, b history.Batch) history.Batch {
	t.Helper()
	prev, err := s.Head(t.Context(), b.Stream)
	if err != nil {
		require.ErrorIs(t, err, history.ErrNotFound)
	}
	b, err = history.Next(prev, b.Head, b.Records...)
	require.NoError(t, err)
	return b
}

func inFiles(t *testing.T, path, text string) bool {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}

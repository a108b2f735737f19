package sqlite_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// TestOldFile opens a file as the first release's schema had it: everything in it is there, and what is new works.
func TestOldFile(t *testing.T) {
	path := file(t)
	db := pool(t, "file:"+path, 1)
	text, err := os.ReadFile("testdata/0001.sql")
	require.NoError(t, err)
	for statement := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), ";\n\n") {
		_, err := db.ExecContext(t.Context(), strings.TrimSuffix(statement, ";\n"))
		require.NoError(t, err, statement)
	}
	for range 2 { // the second time nothing is left to do
		s := store(t, db)
		made, err := sqlite.Dump(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, sqlite.SchemaText(), made)
		records := feed(t, s)
		require.Len(t, records, 3)
		assert.Equal(t, "text 2 of case", string(records[1].Private))
		assert.True(t, appended(t, s, history.Commit{Key: "one"}).Replayed)
		sound(t, db, s)
	}
	s := store(t, db)
	require.NoError(t, s.MoveBookmark(t.Context(), "mail", 0, 2))
	appended(t, s, next(t, s, "three", "case", 1))
	last, err := s.Last(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 4, last)
}

// TestBookmarkInHostsTransaction: it moves together with the host's rows, or not at all.
func TestBookmarkInHostsTransaction(t *testing.T) {
	db, s := hosted(t, "file:"+file(t))
	at := func() uint64 {
		t.Helper()
		position, err := s.Bookmark(t.Context(), "index")
		require.NoError(t, err)
		return position
	}
	require.NoError(t, s.MoveBookmark(t.Context(), "index", 0, 1))
	move := func(keep bool, from, to uint64) error {
		t.Helper()
		tx := begin(t, db)
		ticket(t, tx, "ticket")
		in, ok := s.In(tx).(history.Bookmarker)
		require.True(t, ok)
		err := in.MoveBookmark(t.Context(), "index", from, to)
		if err == nil {
			position, err := in.Bookmark(t.Context(), "index")
			require.NoError(t, err)
			assert.Equal(t, to, position, "its own write")
		}
		if keep {
			require.NoError(t, tx.Commit())
		} else {
			require.NoError(t, tx.Rollback())
		}
		return err
	}
	require.NoError(t, move(false, 1, 2))
	require.EqualValues(t, 1, at())
	require.Zero(t, tickets(t, db))
	require.ErrorIs(t, move(false, 7, 9), history.ErrMoved)
	require.ErrorContains(t, move(false, 7, 9), `"index" is at 1, not at 7`)
	require.NoError(t, move(true, 1, 2))
	require.EqualValues(t, 2, at())
	require.Equal(t, 1, tickets(t, db))
}

// TestBookmarkAndLock: as an append, a move waits for other writers, and in a deferred transaction that has read first
// it says what to do.
func TestBookmarkAndLock(t *testing.T) {
	db, s := hosted(t, "file:"+file(t))
	in, ok := s.In(begin(t, db)).(history.Bookmarker)
	require.True(t, ok)
	_, err := in.Last(t.Context()) // reads
	require.NoError(t, err)

	tx := begin(t, db)
	ticket(t, tx, "locks")
	moved := make(chan error)
	go func() { moved <- s.MoveBookmark(t.Context(), "mail", 0, 1) }()
	require.NoError(t, tx.Commit())
	require.NoError(t, <-moved)

	err = in.MoveBookmark(t.Context(), "other", 0, 1)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	require.ErrorContains(t, err, "immediate")
}

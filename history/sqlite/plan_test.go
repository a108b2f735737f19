package sqlite_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// TestEveryQueryWalksAnIndex: no query looks at all heads or sorts them, but for the heads of one key by what is due.
func TestEveryQueryWalksAnIndex(t *testing.T) {
	db := pool(t, "file:"+file(t), 1)
	store(t, db)
	mark := history.Mark{Due: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Stream: history.StreamOf("case")}
	for choice := range 32 {
		var q history.Query
		on := func(bit int) bool { return choice&(1<<bit) != 0 }
		if on(0) {
			q.Kind = "case"
		}
		if on(1) {
			q.Key = "customer:42"
		}
		q.Open = on(2)
		if on(3) {
			q.DueBy = mark.Due
		}
		if on(4) {
			q.After = mark
		}
		query, args := sqlite.HeadsQuery(q)
		text := plan(t, db, query, args...)
		require.Contains(t, text, "INDEX", query)
		if !on(1) || !on(3) {
			require.NotContains(t, text, "TEMP B-TREE", query)
		}
		if q.Key != "" || !q.DueBy.IsZero() || q.Kind != "" && !q.Open || q.After != (history.Mark{}) {
			require.NotContains(t, text, "SCAN", query)
		}
	}
}

// TestRecordsAreFound: those of a stream by the index over columns that are not stored, those of the feed by their position,
// and none is sorted.
func TestRecordsAreFound(t *testing.T) {
	db := pool(t, "file:"+file(t), 1)
	store(t, db)
	stream := history.StreamOf("case")
	const found = "USING INDEX amends_records_stream (stream=? AND sequence"
	require.Equal(t, "SEARCH amends_records "+found+">?)", plan(t, db, sqlite.RecordsQuery, stream[:], 1, 100))
	require.Equal(t, "SEARCH amends_records "+found+"<?)", plan(t, db, sqlite.EraseRecords, stream[:], 1))
	require.Equal(t, "SEARCH amends_records USING INTEGER PRIMARY KEY (rowid>?)", plan(t, db, sqlite.FeedQuery, 1, 100))
}

// plan is how SQLite carries out a statement.
func plan(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return strings.Join(steps, "; ")
}

package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// BenchmarkSQLiteFeed reads the feed of 200,000 records of the size that BenchmarkSQLiteAppend writes, from the first to
// the last: once through the store, and once by hand, in turn: the same statement, and what it reads left where the driver
// has put it. "ratio" is the store's time over the bare one's. 300,000 records/s are the aim.
func BenchmarkSQLiteFeed(b *testing.B) {
	const records = 200_000
	db := openFile(b, "")
	s, err := sqlite.New(b.Context(), db, &sqlite.Options{Durability: sqlite.Normal})
	require.NoError(b, err)
	for n := 0; n < records; n += history.MaxPage {
		page := make([]history.Record, history.MaxPage)
		for i := range page {
			page[i] = history.Record{
				Type: "contact.logged/1", Time: time.UnixMicro(int64(n + i)), Actor: "agent:ana", Data: fill(300, i), Private: fill(200, i),
			}
		}
		batch, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf(fmt.Sprint(n))}, page...)
		require.NoError(b, err)
		_, err = s.Append(b.Context(), history.Commit{Key: fmt.Sprint(n), Batches: []history.Batch{batch}})
		require.NoError(b, err)
	}
	bare, err := db.PrepareContext(b.Context(), `SELECT record FROM amends_records WHERE position > ? + 0 ORDER BY position LIMIT 1000`)
	require.NoError(b, err)
	var spent, byHand time.Duration
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		start := time.Now()
		for at := 0; at < records; at += 1000 {
			require.NoError(b, readBare(b.Context(), bare, at))
		}
		byHand += time.Since(start)
		b.StartTimer()
		start = time.Now()
		n := 0
		for _, err := range history.Feed(b.Context(), s, 0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		spent += time.Since(start)
		require.Equal(b, records, n)
	}
	b.ReportMetric(records*float64(b.N)/spent.Seconds(), "records/s")
	b.ReportMetric(float64(spent)/float64(byHand), "ratio")
}

func readBare(ctx context.Context, s *sql.Stmt, after int) error {
	rows, err := s.QueryContext(ctx, after)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var record sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&record); err != nil {
			return err
		}
	}
	return rows.Err()
}

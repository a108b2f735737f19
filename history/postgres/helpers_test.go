package postgres_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

var server = postgrestest.Shared{Options: postgrestest.Options{Fast: true}} //nolint:gochecknoglobals // one server for all tests

func TestMain(m *testing.M) { os.Exit(server.Main(m)) } //nolint:forbidigo // that is how TestMain ends

// pool opens a pool on a new database.
func pool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	return connect(t, server.Database(t), nil)
}

func connect(t *testing.T, dsn string, change func(c *pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	if change != nil {
		change(config)
	}
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// store makes a store in a pool, and its schema.
func store(t *testing.T, p *pgxpool.Pool) *postgres.Store {
	t.Helper()
	return storeWith(t, p, postgres.Options{})
}

func storeWith(t *testing.T, p *pgxpool.Pool, o postgres.Options) *postgres.Store {
	t.Helper()
	o.Migrate = true
	s, err := postgres.New(t.Context(), p, &o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// next is a commit that adds n records to a stream as it now stands.
func next(t *testing.T, s history.Store, key, stream string, n int) history.Commit {
	t.Helper()
	prev, err := s.Head(t.Context(), history.StreamOf(stream))
	if err != nil {
		require.ErrorIs(t, err, history.ErrNotFound)
	}
	return history.Commit{Key: key, Batches: []history.Batch{batch(t, prev, stream, n)}}
}

func batch(t *testing.T, prev history.Head, stream string, n int) history.Batch {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	records := make([]history.Record, n)
	for i := range records {
		number := prev.Sequence + uint64(i) + 1
		records[i] = history.Record{
			Type: "note.added/1", Time: at.Add(time.Duration(number) * time.Minute), Actor: "agent:ana",
			Data: fmt.Appendf(nil, `{"number":%d}`, number), Private: fmt.Appendf(nil, "text %d of %s", number, stream),
		}
	}
	b, err := history.Next(prev, history.Head{
		Stream: history.StreamOf(stream), Kind: "case", Open: true, Due: at.Add(time.Hour),
		Keys: []string{"customer:42", "name:" + stream}, State: fmt.Appendf(nil, `{"records":%d}`, prev.Sequence+uint64(n)),
	}, records...)
	require.NoError(t, err)
	return b
}

func appended(t *testing.T, s history.Store, c history.Commit) history.Receipt {
	t.Helper()
	r, err := s.Append(t.Context(), c)
	require.NoError(t, err)
	return r
}

// feed returns all records, in pages.
func feed(t *testing.T, s history.Store) []history.Record {
	t.Helper()
	var all []history.Record
	for r, err := range history.Feed(t.Context(), s, 0) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// sound checks that nothing is half written: each stream is dense and its chain holds, and the feed is dense.
func sound(t *testing.T, s history.Store) {
	t.Helper()
	total := uint64(0)
	for h, err := range history.Heads(t.Context(), s, history.Query{}) {
		require.NoError(t, err)
		require.NoError(t, history.Verify(t.Context(), s, h.Stream))
		total += h.Sequence
	}
	count := uint64(0)
	for _, r := range feed(t, s) {
		count++
		require.Equal(t, count, r.Position)
	}
	require.Equal(t, total, count, "records in the feed")
}

package postgres_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// TestDamaged: hashes that cannot be are reported, and who is told so holds no connection.
func TestDamaged(t *testing.T) {
	t.Parallel()
	p := connect(t, server.Database(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	s := storeWith(t, p, postgres.Options{})
	appended(t, s, next(t, s, "one", "case", 2))
	stream := history.StreamOf("case")
	reads := map[string][]func() error{
		"record": {
			func() error { _, err := s.Feed(t.Context(), 0, 0); return err },
			func() error { _, err := s.Records(t.Context(), stream, 0, 0); return err },
		},
		"head": {
			func() error { _, err := s.Head(t.Context(), stream); return err },
			func() error { _, err := s.Heads(t.Context(), history.Query{}); return err },
		},
	}
	for _, c := range []struct{ damage, repair, what, says string }{
		{`UPDATE amends.records SET hash = '\x00'`, `UPDATE amends.records SET hash = sha256('')`, "record", "record at position 1: damaged"},
		{`UPDATE amends.records SET hash = hash || '\x00'`, `UPDATE amends.records SET hash = sha256('')`, "record", "record at position 1: damaged"},
		{`UPDATE amends.records SET seal = '\x00' WHERE position = 2`, `UPDATE amends.records SET seal = NULL`, "record", "record at position 2: damaged"},
		{`UPDATE amends.heads SET hash = hash || '\x00'`, `UPDATE amends.heads SET hash = sha256('')`, "head", "head of stream " + stream.String() + ": damaged"},
		{`UPDATE amends.heads SET hash = '\x00'`, `UPDATE amends.heads SET hash = sha256('')`, "head", "head of stream " + stream.String() + ": damaged"},
	} {
		execute(t, p, c.damage)
		for _, read := range reads[c.what] {
			require.ErrorContains(t, read(), c.says)
		}
		execute(t, p, c.repair)
		for _, read := range reads[c.what] {
			require.NoError(t, read())
		}
	}
}

// TestEdgesOfTime: what is due by, or after, an instant that PostgreSQL does not have is what memory says.
func TestEdgesOfTime(t *testing.T) {
	t.Parallel()
	s, m := store(t, pool(t)), new(history.Memory)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	dues := []time.Time{time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), at, at.Add(time.Microsecond), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
	for i, due := range dues {
		stream := history.StreamOf(string(rune('a' + i)))
		b, err := history.Next(history.Head{}, history.Head{Stream: stream, Kind: "case", Due: due}, history.Record{Type: "note.added/1", Time: at})
		require.NoError(t, err)
		for _, to := range []history.Store{s, m} {
			appended(t, to, history.Commit{Key: stream.String(), Batches: []history.Batch{b}})
		}
	}
	for year, want := range map[int]int{-300_000: 0, 300_000: len(dues)} { // beyond what microseconds can count
		got, err := s.Heads(t.Context(), history.Query{DueBy: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		require.NoError(t, err)
		require.Len(t, got, want)
	}
	edges := []time.Time{
		time.Date(-290_000, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 6, 1, 0, 0, 0, 0, time.UTC),
		at.Add(-1), at, at.Add(1), at.Add(999), at.Add(1001), dues[0].Add(-1), dues[3].Add(999),
		time.Date(10_001, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(290_000, 1, 1, 0, 0, 0, 999, time.UTC),
	}
	for _, by := range edges {
		for _, after := range edges {
			for _, stream := range []uuid.UUID{{}, history.StreamOf("b"), uuid.Max} {
				q := history.Query{DueBy: by, After: history.Mark{Due: after, Stream: stream}}
				want, err := m.Heads(t.Context(), q)
				require.NoError(t, err)
				got, err := s.Heads(t.Context(), q)
				require.NoError(t, err)
				require.Len(t, got, len(want), "%+v", q)
				for i := range want {
					require.Equal(t, want[i].Stream, got[i].Stream, "%+v", q)
				}
			}
		}
	}
}

// TestAfterEverything: nothing comes after what PostgreSQL cannot count to.
func TestAfterEverything(t *testing.T) {
	t.Parallel()
	s := store(t, pool(t))
	appended(t, s, next(t, s, "one", "case", 2))
	for _, after := range []uint64{math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
		page, err := s.Feed(t.Context(), after, 0)
		require.NoError(t, err)
		require.Empty(t, page)
		page, err = s.Records(t.Context(), history.StreamOf("case"), after, 0)
		require.NoError(t, err)
		require.Empty(t, page)
		require.ErrorIs(t, s.MoveBookmark(t.Context(), "mail", after, 1), history.ErrMoved)
	}
}

package bench_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// openCases is how many open cases BenchmarkPostgresDue has: 100,000, or what $CASES says.
func openCases(b *testing.B) int {
	b.Helper()
	text := os.Getenv("CASES")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	return n
}

// BenchmarkPostgresDue finds the 200 cases that are due among many open ones, and sees that nothing is.
func BenchmarkPostgresDue(b *testing.B) {
	cases := openCases(b)
	pool, err := pgxpool.New(b.Context(), server.Database(b))
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	s, err := postgres.New(b.Context(), pool, &postgres.Options{Migrate: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	_, err = pool.Exec(b.Context(), `INSERT INTO amends.heads (stream, kind, sequence, hash, time, open, due, keys, state)
		SELECT gen_random_uuid(), 'case', 1, decode(repeat('00', 32), 'hex'), $1, true, $1::timestamptz + make_interval(secs => n - 199), ARRAY['customer:' || n], $3
		FROM generate_series(0, $2 - 1) n`, now, cases, []byte(strings.Repeat("s", 400)))
	require.NoError(b, err)
	_, err = pool.Exec(b.Context(), `VACUUM ANALYZE amends.heads`)
	require.NoError(b, err)
	for _, look := range []struct {
		name  string
		q     history.Query
		found int
	}{
		{"due", history.Query{Kind: "case", Open: true, DueBy: now, Limit: 200}, min(200, cases)},
		{"nothing", history.Query{Kind: "case", Open: true, DueBy: now.AddDate(-1, 0, 0), Limit: 200}, 0},
	} {
		b.Run(fmt.Sprintf("%s/open=%d", look.name, cases), func(b *testing.B) {
			for b.Loop() {
				heads, err := s.Heads(b.Context(), look.q)
				if err != nil || len(heads) != look.found {
					b.Fatal(len(heads), err)
				}
			}
		})
	}
}

package postgres_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// node is the part of a query's plan that matters, with what executing it came to.
type node struct {
	Type     string  `json:"Node Type"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Plans    []node
}

// walked is how many rows the plan's scans have read, and the indexes and kinds of steps that it has.
func (n node) walked() (rows float64, indexes, types []string) {
	types = append(types, n.Type)
	if n.Index != "" {
		indexes = append(indexes, n.Index)
	}
	if len(n.Plans) == 0 {
		rows = (n.Rows + n.Filtered) * n.Loops
	}
	for _, p := range n.Plans {
		r, i, ty := p.walked()
		rows, indexes, types = rows+r, append(indexes, i...), append(types, ty...)
	}
	return rows, indexes, types
}

// TestPlans: among 120,000 heads, of which 24,000 are due and 60,000 are closed, a page costs no more than its rows, whether PostgreSQL
// plans for the values asked for or for any.
func TestPlans(t *testing.T) {
	t.Parallel()
	p := pool(t)
	store(t, p)
	execute(t, p, `INSERT INTO amends.heads (stream, kind, sequence, hash, time, open, due, keys, state)
		SELECT gen_random_uuid(), CASE WHEN n % 10 = 0 THEN 'ledger' ELSE 'case' END, 1, '\x00', now(), n % 2 = 0,
			CASE WHEN n % 2 = 0 AND n % 10 > 0 THEN timestamptz '2026-03-01 09:00Z' + n * interval '1 second' END,
			ARRAY['customer:' || n % 1000, 'assignee:' || n % 10], '{}'
		FROM generate_series(1, 120000) n;
		INSERT INTO amends.keys (key, stream) SELECT unnest(keys), stream FROM amends.heads; ANALYZE amends.heads; ANALYZE amends.keys`)
	due := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(60_000 * time.Second)
	middle := history.Mark{Due: due.Add(-30_000 * time.Second), Stream: history.StreamOf("some case")}
	const page = 100
	for name, c := range map[string]struct {
		query history.Query
		index string
		least float64 // of the rows read, this part is of the page
	}{
		"due":                    {history.Query{DueBy: due}, "heads_due", 1},
		"due, on":                {history.Query{DueBy: due, After: middle}, "heads_due", 1},
		"due, open, of a kind":   {history.Query{DueBy: due, Open: true, Kind: "case"}, "heads_due", 1},
		"due, so, on":            {history.Query{DueBy: due, Open: true, Kind: "case", After: middle}, "heads_due", 1},
		"open":                   {history.Query{Open: true}, "heads_open", 1},
		"open, of a kind":        {history.Query{Open: true, Kind: "case"}, "heads_", 0.4},
		"open, of a kind, on":    {history.Query{Open: true, Kind: "case", After: middle}, "heads_", 0.4},
		"of a kind":              {history.Query{Kind: "case"}, "heads_", 0.8},
		"of a rare kind":         {history.Query{Kind: "ledger", After: middle}, "heads_kind", 1},
		"of a key":               {history.Query{Key: "customer:42"}, "keys_pkey", 0.3},
		"of a common key":        {history.Query{Key: "assignee:3"}, "keys_pkey", 0.06}, // a tenth of the heads have it, and may be merged with it
		"of a common key, on":    {history.Query{Key: "assignee:3", After: middle}, "keys_pkey", 0.06},
		"all":                    {history.Query{}, "heads_pkey", 1},
		"all, on":                {history.Query{After: middle}, "heads_pkey", 1},
		"next of all to be due":  {history.Query{DueBy: due.AddDate(1, 0, 0), Open: true, Kind: "case", After: middle}, "heads_due", 1},
		"none that is due by so": {history.Query{DueBy: due.AddDate(-1, 0, 0), Open: true, Kind: "case"}, "heads_due", 1},
	} {
		for _, plan := range []string{"force_custom_plan", "force_generic_plan"} {
			t.Run(name+"/"+plan, func(t *testing.T) {
				c.query.Limit = page
				query, args := postgres.HeadsQuery("amends", c.query)
				conn, err := p.Acquire(t.Context())
				require.NoError(t, err)
				defer conn.Release()
				_, err = conn.Exec(t.Context(), `SET plan_cache_mode = `+plan)
				require.NoError(t, err)
				var text []byte
				require.NoError(t, conn.QueryRow(t.Context(), `EXPLAIN (ANALYZE, FORMAT JSON) `+query, args...).Scan(&text))
				var explained []struct{ Plan node }
				require.NoError(t, json.Unmarshal(text, &explained))
				rows, indexes, types := explained[0].Plan.walked()
				shown := fmt.Sprintf("%s\n%s", query, text)
				require.Contains(t, strings.Join(indexes, " "), c.index, shown)
				require.NotContains(t, types, "Seq Scan", shown)
				require.NotContains(t, types, "Sort", shown)
				require.LessOrEqual(t, rows, page/c.least+page/2, shown)
			})
		}
	}
}

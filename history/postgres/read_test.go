package postgres_test

import (
	"testing"

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

package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/postgres"
)

// TestAllConnectionsTaken: an append waits for a connection as long as its context lets it, and has all its patience then.
func TestAllConnectionsTaken(t *testing.T) {
	t.Parallel()
	p := connect(t, server.Database(t), func(c *pgxpool.Config) { c.MaxConns = 1 })
	patience := 100 * time.Millisecond
	s := storeWith(t, p, postgres.Options{Patience: patience})
	c := next(t, s, "one", "case", 1)
	conn, err := p.Acquire(t.Context())
	require.NoError(t, err)
	back := time.AfterFunc(3*patience, conn.Release)
	defer back.Stop()
	require.EqualValues(t, 1, appended(t, s, c).First)
}

// TestErrorThatEndsAConnection is one, whatever language the server speaks and whoever stands between.
func TestErrorThatEndsAConnection(t *testing.T) {
	t.Parallel()
	for _, e := range []pgconn.PgError{
		{Code: "XX000", Severity: "FATAL"},
		{Code: "XX000", Severity: "ВАЖНО", SeverityUnlocalized: "FATAL"},
		{Code: "XX000", Severity: "PANIK", SeverityUnlocalized: "PANIC"},
		{Code: "57P01", Severity: "FATAL"},
		{Code: "08P01", Severity: "ERROR"},
	} {
		assert.True(t, postgres.Unknown(&e), "%v", e)
	}
	for _, e := range []pgconn.PgError{
		{Code: "57014", Severity: "ERROR", SeverityUnlocalized: "ERROR"},
		{Code: "57P03", Severity: "FATAL", SeverityUnlocalized: "FATAL"},
		{Code: "40001", Severity: "FEHLER", SeverityUnlocalized: "ERROR"},
	} {
		assert.False(t, postgres.Unknown(&e), "%v", e)
	}
}

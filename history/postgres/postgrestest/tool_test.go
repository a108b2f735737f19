package postgrestest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// TestTool: PostgreSQL's programs find the server, and a database of it by its name.
func TestTool(t *testing.T) {
	s := postgrestest.Start(t, &postgrestest.Options{Fast: true})
	said, err := s.Tool(t.Context(), "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command=SELECT 6 * 7", "postgres").Output()
	require.NoError(t, err)
	require.Equal(t, "42", strings.TrimSpace(string(said)))
}

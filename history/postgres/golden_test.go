package postgres_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/postgres"
)

// What is stored is a contract: a schema written by one release is read by all later ones.

// TestSchema compares what the migrations make with schema.txt, which New compares every schema with.
func TestSchema(t *testing.T) {
	t.Parallel()
	p := pool(t)
	tx, err := p.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	_, err = tx.Exec(t.Context(), `CREATE SCHEMA "my own"; SET LOCAL search_path = "my own", pg_temp`)
	require.NoError(t, err)
	for _, name := range migrationNames(t) {
		text, err := fs.ReadFile(postgres.Migrations(), name)
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), strings.ReplaceAll(string(text), "\r\n", "\n"))
		require.NoError(t, err)
	}
	made, err := postgres.Dump(t.Context(), tx, "my own")
	require.NoError(t, err)
	golden(t, "schema.txt", strings.Join(made, "\n")+"\n")
}

func migrationNames(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(postgres.Migrations(), "*.up.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

// TestMigrationsNeverChange: a database that has seen a migration will not see it again.
func TestMigrationsNeverChange(t *testing.T) {
	t.Parallel()
	var sums strings.Builder
	for _, name := range migrationNames(t) {
		text, err := fs.ReadFile(postgres.Migrations(), name)
		require.NoError(t, err)
		sum := sha256.Sum256([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
		fmt.Fprintf(&sums, "%s %s\n", hex.EncodeToString(sum[:]), name)
	}
	golden(t, "testdata/migrations.sha256", sums.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got, "set UPDATE_GOLDEN only if no release has stored this")
}

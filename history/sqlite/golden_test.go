package sqlite_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// What is stored is a contract: files written by one release are read by all later ones.

// TestSchema compares what the migrations make with schema.sql, which New compares every database with.
func TestSchema(t *testing.T) {
	db := pool(t, "file:"+file(t), 1)
	store(t, db)
	made, err := sqlite.Dump(t.Context(), db)
	require.NoError(t, err)
	golden(t, "schema.sql", strings.Join(made, ";\n\n")+";\n")
	require.Equal(t, sqlite.SchemaText(), made)
}

// TestMigrationsNeverChange: a database that has seen a migration will not see it again.
func TestMigrationsNeverChange(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	var sums strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		sum := sha256.Sum256([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
		fmt.Fprintf(&sums, "%s %s\n", hex.EncodeToString(sum[:]), filepath.Base(f))
	}
	golden(t, "testdata/migrations.sha256", sums.String())
}

// TestRows compares all columns of all rows.
func TestRows(t *testing.T) {
	db := pool(t, "file:"+file(t), 1)
	s := store(t, db)
	at := time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC)
	id := func(n byte) uuid.UUID { return uuid.UUID{6: 0x70, 8: 0x80, 15: n} }
	b, err := history.Next(history.Head{}, history.Head{
		Stream: history.StreamOf("customer:42"), Kind: "customer", Open: true, Due: at.Add(time.Hour),
		Keys: []string{"customer:42", "größe\n"}, State: []byte(`{"a":1}`),
	}, history.Record{ID: id(1), Type: "a.happened/1", Time: at, Actor: "agent:ana", Data: []byte("\x00\xff"), Private: []byte("secret"), Salt: []byte("0123456789abcdef")},
		history.Record{ID: id(2), Type: "b.happened/1", Time: time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)})
	require.NoError(t, err)
	bare, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("empty")})
	require.NoError(t, err)
	appended(t, s, history.Commit{Key: "one", Digest: history.Hash{1, 2, 3}, Batches: []history.Batch{b, bare}})
	appended(t, s, history.Commit{Key: "nothing"})
	require.NoError(t, s.MoveBookmark(t.Context(), "größe\n", 0, 2))
	var text strings.Builder
	for _, table := range []string{"amends_schema", "amends_records", "amends_heads", "amends_keys", "amends_commits", "amends_bookmarks"} {
		var columns string
		require.NoError(t, db.QueryRowContext(t.Context(),
			`SELECT group_concat('''' || name || '=''||quote(' || name || ')', '||'' ''||') FROM pragma_table_xinfo(?)`, table).Scan(&columns))
		rows, err := db.QueryContext(t.Context(), `SELECT `+columns+` FROM `+table+` ORDER BY 1`)
		require.NoError(t, err)
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			fmt.Fprintf(&text, "%s %s\n", table, line)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	golden(t, "testdata/rows.golden", text.String())
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

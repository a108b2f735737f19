package faults_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
	"github.com/amends-go/amends/history/sqlite"
)

// server is for the tests that do not break it.
var server postgrestest.Shared //nolint:gochecknoglobals // one for all of them

func TestMain(m *testing.M) { os.Exit(server.Main(m)) } //nolint:forbidigo // as Shared.Main has it

func now() time.Time { return time.Now().UTC() }

// scaled is how often something is done: n times, a tenth of it under the race detector, and AMENDS_FAULTS times as often where that is
// set, for a long run.
func scaled(n int) int {
	if times, err := strconv.ParseFloat(os.Getenv("AMENDS_FAULTS"), 64); err == nil {
		return max(1, int(float64(n)*times))
	}
	if raceDetector {
		return max(1, n/10)
	}
	return n
}

// unable skips a test that this machine cannot run, and fails it in CI, where every test has to run.
func unable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// The kinds of database.
const (
	inMemory = "memory"
	inSQLite = "sqlite"
	inServer = "postgres"
)

// database is where a store keeps its records, for this process and others.
type database struct {
	kind     string
	dsn      string
	patience time.Duration // of a store in PostgreSQL; 0: as it has it by itself
}

// store opens a store on it, with connections of its own.
func (d database) store(ctx context.Context) (s history.Store, closing func(), err error) {
	switch d.kind {
	case inSQLite:
		db, err := sql.Open("sqlite", d.dsn)
		if err != nil {
			return nil, nil, err
		}
		s, err := sqlite.New(ctx, db, nil)
		return s, func() { _ = db.Close() }, err
	case inServer:
		s, err := postgres.Open(ctx, d.dsn, &postgres.Options{Migrate: true, Patience: d.patience})
		return s, func() { _ = s.Close() }, err
	case inMemory:
		return new(history.Memory), func() {}, nil
	}
	return nil, nil, fmt.Errorf("no kind of database: %q", d.kind)
}

// on opens a store until the test ends.
func (d database) on(t *testing.T) history.Store {
	t.Helper()
	s, closing, err := d.store(t.Context())
	require.NoError(t, err)
	t.Cleanup(closing)
	return s
}

// empty makes a database of a kind.
func empty(t *testing.T, kind string) database {
	t.Helper()
	switch kind {
	case inSQLite:
		return database{kind: kind, dsn: "file:" + filepath.Join(t.TempDir(), "history.db")}
	case inServer:
		return database{kind: kind, dsn: server.Database(t)}
	}
	return database{kind: kind}
}

// onEach runs a test on databases of these kinds, all empty.
func onEach(t *testing.T, kinds []string, test func(t *testing.T, d database)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { test(t, empty(t, kind)) })
	}
}

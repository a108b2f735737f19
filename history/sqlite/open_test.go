package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

func TestReopen(t *testing.T) {
	path := file(t)
	var want []history.Record
	for i := range 3 {
		db := pool(t, "file:"+path, 0)
		s := store(t, db)
		require.Equal(t, want, feed(t, s))
		appended(t, s, next(t, s, newID(t), "case", i+1))
		want = feed(t, s)
		require.NoError(t, db.Close())
	}
	db := pool(t, "file:"+path, 0)
	sound(t, db, store(t, db))
}

// TestHostsOwnTables: a host's tables, and what its file says of itself, are left alone.
func TestHostsOwnTables(t *testing.T) {
	db := pool(t, "file:"+file(t), 0)
	for _, statement := range []string{
		`PRAGMA user_version = 7`, `PRAGMA application_id = 1234`,
		`CREATE TABLE amendsx (n INTEGER)`, `CREATE TABLE records (n INTEGER)`, `INSERT INTO records VALUES (1)`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	s := store(t, db)
	_, err := db.ExecContext(t.Context(), `CREATE INDEX hosts_own ON amends_records (actor)`)
	require.NoError(t, err)
	appended(t, s, next(t, s, "one", "case", 1))
	store(t, db)
	var version, application, rows int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT user_version, application_id, (SELECT count(*) FROM records)
		FROM pragma_user_version, pragma_application_id`).Scan(&version, &application, &rows))
	require.Equal(t, []int{7, 1234, 1}, []int{version, application, rows})
}

// TestRefused: what New refuses, it leaves as it was, to the last byte.
func TestRefused(t *testing.T) {
	ours := func(change string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			db := pool(t, "file:"+path, 1)
			store(t, db)
			_, err := db.ExecContext(t.Context(), change)
			require.NoError(t, err)
			require.NoError(t, db.Close())
		}
	}
	theirs := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			db := pool(t, "file:"+path, 1)
			for _, s := range statements {
				_, err := db.ExecContext(t.Context(), s)
				require.NoError(t, err)
			}
			require.NoError(t, db.Close())
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want error
		says string
	}{
		"newer schema": {
			ours(`INSERT INTO amends_schema VALUES (3, '0003_something_new')`), sqlite.ErrNewer, "0003_something_new",
		},
		"other migrations": {
			ours(`UPDATE amends_schema SET name = '0001_other'`), sqlite.ErrForeign, "0001_other",
		},
		"a column more": {
			ours(`ALTER TABLE amends_heads ADD COLUMN mood TEXT`), sqlite.ErrForeign, "amends_heads",
		},
		"an index less": {
			ours(`DROP INDEX amends_heads_due`), sqlite.ErrForeign, "missing: CREATE INDEX amends_heads_due",
		},
		"a table more": {
			ours(`CREATE TABLE amends_extra (n INTEGER)`), sqlite.ErrForeign, "amends_extra",
		},
		"somebody else's table": {
			theirs(`CREATE TABLE amends_bills (amount INTEGER)`, `INSERT INTO amends_bills VALUES (5)`), sqlite.ErrForeign, "amends_",
		},
		"somebody else's schema table": {
			theirs(`CREATE TABLE Amends_Schema (version TEXT)`), sqlite.ErrForeign, "amends_schema",
		},
		"a view in place of a table": {
			theirs(`CREATE VIEW amends_schema AS SELECT 1 AS version, '0001_history' AS name`), sqlite.ErrForeign, "amends_schema",
		},
		"a database in UTF-16": {
			theirs(`PRAGMA encoding = 'UTF-16le'`, `CREATE TABLE tickets (n INTEGER)`), sqlite.ErrUnsafe, "UTF-16le, want UTF-8",
		},
		"no database": {
			func(t *testing.T, path string) {
				t.Helper()
				require.NoError(t, os.WriteFile(path, []byte("Dear Sir or Madam, my laptop failed after two weeks. "+newID(t)), 0o600))
			}, nil, "not a database",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t)
			c.make(t, path)
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			db := pool(t, "file:"+path, 0)
			_, err = sqlite.New(t.Context(), db, nil)
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			require.ErrorContains(t, err, c.says)
			require.NoError(t, db.Close())
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, before, after)
			left, err := filepath.Glob(path + "*")
			require.NoError(t, err)
			require.Equal(t, []string{path}, left)
		})
	}
}

func TestInMemory(t *testing.T) {
	for _, dsn := range []string{":memory:", "file::memory:?cache=shared", ""} {
		for _, conns := range []int{0, 2} {
			_, err := sqlite.New(t.Context(), pool(t, dsn, conns), nil)
			require.ErrorIs(t, err, sqlite.ErrUnsafe)
			require.ErrorContains(t, err, "SetMaxOpenConns(1)")
		}
		s := store(t, pool(t, dsn, 1))
		appended(t, s, next(t, s, "one", "case", 1))
	}
}

func TestSuitable(t *testing.T) {
	for version, want := range map[string]bool{
		"3.51.2": false, "3.51.3": true, "3.52.0": true, "3.53.3": true, "3.6.0": false, "3.7": false,
		"3.51": false, "4.0": true, "3.51.3.1": true, "": false, "three": false,
	} {
		err := sqlite.Suitable(version, false, 0)
		assert.Equal(t, want, err == nil, "%q: %v", version, err)
		assert.Equal(t, !want, errors.Is(err, sqlite.ErrUnsafe))
	}
	require.NoError(t, sqlite.Suitable("3.45.1", true, 1), "no write-ahead log in memory")
	require.ErrorContains(t, sqlite.Suitable("3.36.0", true, 1), "3.37.0")
}

func TestOptions(t *testing.T) {
	_, err := sqlite.New(t.Context(), pool(t, ":memory:", 1), &sqlite.Options{Durability: "fast", Patience: -time.Second})
	require.ErrorContains(t, err, `Durability is "fast"`)
	require.ErrorContains(t, err, "Patience is -1s")

	for durability, want := range map[sqlite.Durability]int{"": 2, sqlite.Full: 2, sqlite.Normal: 1, sqlite.Unchanged: 0} {
		db := pool(t, "file:"+file(t)+"?_pragma=synchronous(off)", 1)
		s, err := sqlite.New(t.Context(), db, &sqlite.Options{Durability: durability})
		require.NoError(t, err)
		for _, key := range []string{"one", "two"} {
			appended(t, s, next(t, s, key, "case", 1))
			var got, secure int
			require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&got))
			require.Equal(t, want, got, durability)
			require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA secure_delete`).Scan(&secure))
			require.Equal(t, 1, secure)
			_, err := db.ExecContext(t.Context(), `PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF`) // the host, meanwhile
			require.NoError(t, err)
		}
		var mode string
		require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&mode))
		require.Equal(t, "wal", mode)
	}
}

func TestNewHearsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sqlite.New(ctx, pool(t, "file:"+file(t), 0), nil)
	require.ErrorIs(t, err, context.Canceled)

	// At each statement in turn: then a later New finds either nothing or all.
	for n, finished := 0, false; !finished; n++ {
		db, f := faultyPool(t, "file:"+file(t))
		left := n
		ctx, cancel := context.WithCancel(t.Context())
		f.before = func(string) error {
			if left--; left == -1 {
				cancel()
			}
			return nil
		}
		_, err := sqlite.New(ctx, db, nil)
		cancel()
		f.before = nil
		idle(t, db)
		finished = left >= 0
		if finished {
			require.NoError(t, err)
			require.Greater(t, n, 5)
		}
		objects, err := sqlite.Dump(t.Context(), db)
		require.NoError(t, err)
		if len(objects) > 0 {
			require.Equal(t, sqlite.SchemaText(), objects)
		}
	}
}

// TestFaultWhileMigrating fails each statement of New in turn: the next New finds nothing or all.
func TestFaultWhileMigrating(t *testing.T) {
	for n, finished := 0, false; !finished; n++ {
		db, f := faultyPool(t, "file:"+file(t))
		left := n
		f.before = func(string) error {
			if left--; left == -1 {
				return errInjected
			}
			return nil
		}
		_, err := sqlite.New(t.Context(), db, nil)
		f.before = nil
		idle(t, db)
		if finished = left >= 0; !finished {
			require.ErrorIs(t, err, errInjected)
		}
		objects, err := sqlite.Dump(t.Context(), db)
		require.NoError(t, err)
		require.True(t, len(objects) == 0 || slices.Equal(objects, sqlite.SchemaText()))
		s := store(t, db)
		appended(t, s, next(t, s, "one", "case", 1))
	}
}

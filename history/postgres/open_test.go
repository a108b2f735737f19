package postgres_test

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

func execute(t *testing.T, p *pgxpool.Pool, statement string) {
	t.Helper()
	_, err := p.Exec(t.Context(), statement)
	require.NoError(t, err)
}

// dump is what there is under the names of ours.
func dump(t *testing.T, p *pgxpool.Pool) []string {
	t.Helper()
	objects, err := postgres.Dump(t.Context(), p, "amends")
	require.NoError(t, err)
	return objects
}

// TestMissingSchema: nothing is made unless the host has asked for it.
func TestMissingSchema(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	p := connect(t, dsn, nil)
	for range 2 {
		_, err := postgres.Open(t.Context(), dsn, nil)
		require.ErrorIs(t, err, postgres.ErrOutdated)
		require.ErrorContains(t, err, `schema "amends" is at migration 0 of 1: set Options.Migrate`)
		require.Empty(t, dump(t, p))
		execute(t, p, `CREATE SCHEMA IF NOT EXISTS amends`)
	}
	s, err := postgres.Open(t.Context(), dsn, &postgres.Options{Migrate: true})
	require.NoError(t, err)
	appended(t, s, next(t, s, "one", "case", 1))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	s, err = postgres.Open(t.Context(), dsn, nil)
	require.NoError(t, err)
	require.Len(t, feed(t, s), 1)
	require.NoError(t, s.Close())
}

// TestHostMigrates: a host's own tool has run the migrations, and this package only looks.
func TestHostMigrates(t *testing.T) {
	t.Parallel()
	p := pool(t)
	conn, err := p.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), `CREATE SCHEMA crm; SET search_path = crm, pg_temp`)
	require.NoError(t, err)
	for _, name := range migrationNames(t) {
		text, err := fs.ReadFile(postgres.Migrations(), name)
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), string(text))
		require.NoError(t, err)
	}
	s, err := postgres.New(t.Context(), p, &postgres.Options{Schema: "crm"})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	appended(t, s, next(t, s, "one", "case", 1))
	sound(t, s)
}

// TestRenamedSchema: what was renamed, or restored under another name, would append to the schema that has its old name.
func TestRenamedSchema(t *testing.T) {
	t.Parallel()
	p := pool(t)
	for from, to := range map[string]string{"tenant": "tenant_b", `the "Old"`: `the "Old" one`, "Some": "some"} {
		old, renamed := pgx.Identifier{from}.Sanitize(), pgx.Identifier{to}.Sanitize()
		was := storeWith(t, p, postgres.Options{Schema: from})
		appended(t, was, next(t, was, "before", "case", 1))
		execute(t, p, `ALTER SCHEMA `+old+` RENAME TO `+renamed)
		anew := storeWith(t, p, postgres.Options{Schema: from})
		for _, o := range []postgres.Options{{Schema: to}, {Schema: to, Migrate: true}} {
			_, err := postgres.New(t.Context(), p, &o)
			require.ErrorIs(t, err, postgres.ErrForeign)
			require.ErrorContains(t, err, "that writes to another schema")
		}
		for _, path := range []string{renamed + `, pg_temp`, renamed} {
			execute(t, p, `ALTER FUNCTION `+renamed+`.append SET search_path = `+path)
			s := storeWith(t, p, postgres.Options{Schema: to})
			appended(t, s, next(t, s, path, "case", 1))
			sound(t, s)
		}
		require.Empty(t, feed(t, anew))
	}
}

// TestTwoProgramsAtOnce: eight of them make one schema.
func TestTwoProgramsAtOnce(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), dsn, &postgres.Options{Migrate: true})
			if errs[i] = err; err == nil {
				errs[i] = s.Close()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	s := store(t, connect(t, dsn, nil))
	appended(t, s, next(t, s, "one", "case", 1))
}

// TestTenants: schemas of any name side by side share nothing, not even keys and positions.
func TestTenants(t *testing.T) {
	t.Parallel()
	p := pool(t)
	names := []string{"amends", "Amends", `a "quoted".name; --`, "größe", strings.Repeat("n", 63)}
	for _, name := range names {
		s := storeWith(t, p, postgres.Options{Schema: name})
		require.EqualValues(t, 1, appended(t, s, next(t, s, "one", "case", 1)).First)
		require.NoError(t, s.MoveBookmark(t.Context(), "mail", 0, 1))
		sound(t, s)
	}
	for _, name := range names {
		require.Len(t, feed(t, storeWith(t, p, postgres.Options{Schema: name})), 1)
	}
}

// TestRefused: what New refuses, it leaves as it was.
func TestRefused(t *testing.T) {
	t.Parallel()
	ours := func(change string) func(t *testing.T, p *pgxpool.Pool) {
		return func(t *testing.T, p *pgxpool.Pool) {
			t.Helper()
			store(t, p)
			execute(t, p, `SET search_path = amends; `+change+`; SET search_path = DEFAULT`)
		}
	}
	theirs := func(statements string) func(t *testing.T, p *pgxpool.Pool) {
		return func(t *testing.T, p *pgxpool.Pool) {
			t.Helper()
			execute(t, p, `CREATE SCHEMA amends; SET search_path = amends; `+statements+`; SET search_path = DEFAULT`)
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, p *pgxpool.Pool)
		want error
		says string
	}{
		"newer schema":           {ours(`INSERT INTO migrations VALUES (2, '0002_something_new')`), postgres.ErrNewer, "0002_something_new"},
		"other migrations":       {ours(`UPDATE migrations SET name = '0001_other'`), postgres.ErrForeign, "0001_other"},
		"a column more":          {ours(`ALTER TABLE heads ADD COLUMN mood text`), postgres.ErrForeign, "heads column mood text"},
		"a column less":          {ours(`ALTER TABLE bookmarks DROP COLUMN position`), postgres.ErrForeign, "missing: table bookmarks column position"},
		"another collation":      {ours(`ALTER TABLE heads ALTER COLUMN kind TYPE text COLLATE "POSIX"`), postgres.ErrForeign, "heads"},
		"an index less":          {ours(`DROP INDEX heads_due`), postgres.ErrForeign, "missing: CREATE INDEX heads_due"},
		"another function":       {ours(`CREATE FUNCTION append(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'`), postgres.ErrForeign, "function append"},
		"somebody else's tables": {theirs(`CREATE TABLE records (amount int)`), postgres.ErrForeign, "but not the table migrations"},
		"another migrator's":     {theirs(`CREATE TABLE migrations (version text)`), postgres.ErrForeign, "but not the table migrations"},
		"a view in its place":    {theirs(`CREATE VIEW migrations AS SELECT 1 AS version, '0001_history' AS name`), postgres.ErrForeign, "migrations"},
		"emptied":                {ours(`DELETE FROM migrations`), postgres.ErrForeign, "already exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pool(t)
			c.make(t, p)
			before := dump(t, p)
			for _, migrate := range []bool{true, false} {
				if !migrate && name == "emptied" {
					continue // that is outdated, as far as can be seen
				}
				_, err := postgres.New(t.Context(), p, &postgres.Options{Migrate: migrate})
				require.ErrorIs(t, err, c.want)
				require.ErrorContains(t, err, c.says)
				require.Equal(t, before, dump(t, p))
			}
		})
	}
}

// TestHostsOwnTables: a host's other tables in the schema and its own indexes over ours are fine.
func TestHostsOwnTables(t *testing.T) {
	t.Parallel()
	p := pool(t)
	execute(t, p, `CREATE SCHEMA amends; CREATE TABLE amends.goose_db_version (id int)`)
	store(t, p)
	execute(t, p, `CREATE INDEX hosts_own ON amends.records (actor)`)
	s := store(t, p)
	appended(t, s, next(t, s, "one", "case", 1))
}

// TestFewRights: to work with a schema takes no more than the right to use it.
func TestFewRights(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	p := connect(t, dsn, nil)
	store(t, p)
	var database string
	require.NoError(t, p.QueryRow(t.Context(), `SELECT current_database()`).Scan(&database))
	role := "app_" + database
	execute(t, p, `CREATE ROLE `+role+` LOGIN; GRANT USAGE ON SCHEMA amends TO `+role+`;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA amends TO `+role)
	limited := connect(t, dsn, func(c *pgxpool.Config) { c.ConnConfig.User = role })
	s, err := postgres.New(t.Context(), limited, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	appended(t, s, next(t, s, "one", "case", 1))
	_, err = s.Erase(t.Context(), next(t, s, "two", "case", 1))
	require.NoError(t, err)
	sound(t, s)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []postgres.Options{
		{Schema: strings.Repeat("n", 64)}, {Schema: "a\x00b"}, {Schema: "\xff"}, {Schema: "pg_mine"}, {Schema: "information_schema"},
	} {
		o.Patience, o.LockTimeout = -time.Second, time.Microsecond
		_, err := postgres.Open(t.Context(), "", &o)
		require.ErrorContains(t, err, "Options.Schema is")
		require.ErrorContains(t, err, "Options.Patience is -1s")
		require.ErrorContains(t, err, "Options.LockTimeout is 1µs")
	}
	_, err := postgres.New(t.Context(), nil, nil)
	require.ErrorContains(t, err, "a *pgxpool.Pool is needed")
	_, err = postgres.Open(t.Context(), "postgres://%zz", nil)
	require.ErrorContains(t, err, "postgres: open: ")
}

// TestNobodyThere: a server that does not answer is waited for, but not one that says no.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	begin := time.Now()
	_, err := postgres.Open(t.Context(), strings.Replace(dsn, "/test", "/no_such_", 1), nil)
	require.ErrorContains(t, err, "does not exist")
	require.Less(t, time.Since(begin), 5*time.Second)
	_, err = postgres.Open(t.Context(), "postgres://postgres@127.0.0.1:1/x?sslmode=disable", &postgres.Options{Patience: 50 * time.Millisecond})
	require.ErrorContains(t, err, "refused")
}

// TestCollations: bytes decide, in a database whose own order is another.
func TestCollations(t *testing.T) {
	t.Parallel()
	p := pool(t)
	execute(t, p, `CREATE DATABASE sorted_`+p.Config().ConnConfig.Database+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-u-ks-level1'`)
	sorted := connect(t, server.Server(t).DSN("sorted_"+p.Config().ConnConfig.Database), nil)
	s := store(t, sorted)
	for _, key := range []string{"a", "A", "á", "a ", "b"} {
		c := next(t, s, key, key, 1)
		c.Batches[0].Head.Kind, c.Batches[0].Head.Keys = key, []string{key}
		require.False(t, appended(t, s, c).Replayed)
	}
	for _, key := range []string{"a", "A", "á", "a ", "b"} {
		for _, q := range []history.Query{{Kind: key}, {Key: key}} {
			found, err := s.Heads(t.Context(), q)
			require.NoError(t, err)
			require.Len(t, found, 1)
		}
	}
	sound(t, s)
}

// TestEncodings: what does not keep texts as they are is refused, and nothing is made in it.
func TestEncodings(t *testing.T) {
	t.Parallel()
	p := pool(t)
	for _, c := range []struct{ database, client, says string }{
		{"LATIN1", "", `has the encoding LATIN1, want UTF8: make another, by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`},
		{"LATIN1", "UTF8", "has the encoding LATIN1, want UTF8"},
		{"SQL_ASCII", "", "has the encoding SQL_ASCII, want UTF8"},
		{"SQL_ASCII", "LATIN1", "is LATIN1, want UTF8: set it for the role, or in the connection string"},
		{"UTF8", "LATIN1", "is LATIN1, want UTF8: set it for the role, or in the connection string"},
		{"UTF8", "unicode", ""},
	} {
		name := strings.ToLower(c.database+"_"+c.client+"_") + p.Config().ConnConfig.Database
		execute(t, p, `CREATE DATABASE `+name+` ENCODING '`+c.database+`' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`)
		there := connect(t, server.Server(t).DSN(name), func(config *pgxpool.Config) {
			if c.client != "" {
				config.ConnConfig.RuntimeParams["client_encoding"] = c.client
			}
		})
		for _, migrate := range []bool{true, false} {
			s, err := postgres.New(t.Context(), there, &postgres.Options{Migrate: migrate})
			if c.says == "" {
				require.NoError(t, err)
				appended(t, s, next(t, s, fmt.Sprint("größe → 大小 ", migrate), "größe → 大小", 1))
				sound(t, s)
				require.NoError(t, s.Close())
				continue
			}
			require.ErrorContains(t, err, "postgres: open: ")
			require.ErrorContains(t, err, `database "`+name+`"`)
			require.ErrorContains(t, err, c.says)
			require.Empty(t, dump(t, there))
		}
	}
}

// TestRoleWithoutRights: what it lacks is named when the store is opened, and not when the first append fails.
func TestRoleWithoutRights(t *testing.T) {
	t.Parallel()
	dsn := server.Database(t)
	p := connect(t, dsn, nil)
	store(t, p)
	role := "clerk_of_" + p.Config().ConnConfig.Database // roles are the server's
	grant := func(statements string) { execute(t, p, strings.ReplaceAll(statements, "clerk", role)) }
	grant(`CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA amends TO clerk; GRANT SELECT ON ALL TABLES IN SCHEMA amends TO clerk;
		GRANT INSERT ON amends.records, amends.heads, amends.keys, amends.commits TO clerk; GRANT DELETE ON amends.keys TO clerk;
		REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA amends FROM PUBLIC`)
	clerk := connect(t, dsn, func(c *pgxpool.Config) { c.ConnConfig.User = role })
	_, err := postgres.New(t.Context(), clerk, nil)
	require.EqualError(t, err, `postgres: open: schema "amends": the role of the connection lacks UPDATE on heads, UPDATE on feed, `+
		`EXECUTE on function append: grant it`)
	grant(`GRANT UPDATE ON amends.heads, amends.feed TO clerk; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA amends TO clerk`)
	s, err := postgres.New(t.Context(), clerk, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	appended(t, s, next(t, s, "one", "case", 1))
	appended(t, s, next(t, s, "two", "case", 1))
	sound(t, s)
}

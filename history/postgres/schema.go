package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// migrationFiles holds the steps that lead from nothing to schema.txt. A step that was released is never changed: a new
// need is a new file.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// schemaText is the schema as it is after the last migration, as the server's catalog describes it: see dump. Tests keep
// it equal to what the migrations make.
//
//go:embed schema.txt
var schemaText string

// Migrations are the steps from an empty schema to the one that this release needs, for hosts that run such steps with a
// tool of their own instead of Options.Migrate: files named 0001_….up.sql, 0002_….up.sql, …, in plain SQL, with annotations for
// goose; golang-migrate takes them too. Nothing leads back. Each must be run once, in order, in a transaction,
// with search_path set to the schema (which must exist) and pg_temp:
//
//	CREATE SCHEMA amends;
//	SET search_path = amends, pg_temp;
//
// A tool takes that in its connection string: …?search_path=amends,pg_temp. Each notes in the schema's table migrations
// that it was run, so that Open and New know it whoever ran it.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return migrationFiles // cannot be: the name is valid
	}
	return sub
}

// migration is one step. Its version is its index plus 1.
type migration struct{ name, text string }

func migrations() ([]migration, error) {
	files, err := fs.ReadDir(Migrations(), ".") // sorted by name
	if err != nil {
		return nil, err
	}
	steps := make([]migration, 0, len(files))
	for _, f := range files {
		text, err := fs.ReadFile(Migrations(), f.Name())
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{strings.TrimSuffix(f.Name(), ".up.sql"), unixLines(string(text))})
	}
	return steps, nil
}

// unixLines has the line ends LF however the source was checked out: the text is stored and compared.
func unixLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// prepare checks the schema, touching nothing until all checks have passed, and brings it to the last migration if
// the host wants that, which takes as long as it takes.
func (s *Store) prepare(ctx context.Context, set Options) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	var done int
	err = s.retry(ctx, often, func(ctx context.Context) (err error) {
		if err = unicode(ctx, s.pool); err != nil {
			return err
		}
		done, err = inspect(ctx, s.pool, set.Schema, steps)
		if err == nil && done == len(steps) {
			err = allowed(ctx, s.pool, set.Schema)
		}
		return err
	})
	switch {
	case err != nil || done == len(steps):
		return err
	case !set.Migrate:
		return fmt.Errorf("%w: schema %q is at migration %d of %d: set Options.Migrate, or run Migrations with a tool of your own",
			ErrOutdated, set.Schema, done, len(steps))
	}
	return s.again(ctx, func(time.Time) (fate, error) {
		err := migrate(ctx, s.pool, set.Schema, steps)
		f := fateOf(err, lost(err))
		if f == unknown {
			f = unsent // it looks again what there is
		}
		return f, err
	})
}

// unicode looks whether texts are what they are here, UTF-8, both in the database and on the way there: under another encoding some
// cannot be stored, and others are stored as something else.
func unicode(ctx context.Context, q querier) error {
	found, err := lines(ctx, q, `SELECT unnest(ARRAY[current_database()::text, getdatabaseencoding()::text, pg_client_encoding()::text])`)
	if err != nil {
		return err
	}
	const want = "UTF8"
	var faults []error
	if found[1] != want {
		faults = append(faults, fmt.Errorf("database %q has the encoding %s, want %s: make another, by CREATE DATABASE … ENCODING '%[3]s' TEMPLATE template0",
			found[0], found[1], want))
	}
	if found[2] != want && found[2] != found[1] { // it follows the database where nobody has set it
		faults = append(faults, fmt.Errorf("the client_encoding of connections to database %q is %s, want %s: set it for the role, or in the connection string",
			found[0], found[2], want))
	}
	return errors.Join(faults...)
}

// allowed looks whether the role may do what an append does, and names all that it may not.
func allowed(ctx context.Context, q querier, schema string) error {
	lacks, err := lines(ctx, q, `
		SELECT right_to || ' on ' || name FROM (VALUES ('heads', 'SELECT'), ('heads', 'INSERT'), ('heads', 'UPDATE'), ('keys', 'SELECT'),
			('keys', 'INSERT'), ('keys', 'DELETE'), ('records', 'SELECT'), ('records', 'INSERT'), ('feed', 'SELECT'), ('feed', 'UPDATE'),
			('commits', 'SELECT'), ('commits', 'INSERT')) AS needed (name, right_to)
		WHERE NOT has_table_privilege(quote_ident($1) || '.' || name, right_to)
		UNION ALL
		SELECT 'EXECUTE on function append' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname = $1 AND p.proname = 'append' AND NOT has_function_privilege(p.oid, 'EXECUTE')`, schema)
	if err == nil && len(lacks) > 0 {
		err = fmt.Errorf("schema %q: the role of the connection lacks %s: grant it", schema, strings.Join(lacks, ", "))
	}
	return err
}

// migrate brings the schema to the last step in one transaction that holds a lock, so that of two programs that start
// at once one waits for the other and then finds the work done.
func migrate(ctx context.Context, pool *pgxpool.Pool, schema string, steps []migration) error {
	quoted := pgx.Identifier{schema}.Sanitize()
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "amends:"+schema); err != nil {
			return err
		}
		done, err := inspect(ctx, tx, schema, steps)
		if err != nil || done == len(steps) {
			return err
		}
		var exists bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)`, schema).Scan(&exists); err != nil {
			return err
		}
		if !exists { // asked before, since IF NOT EXISTS wants the right to create it even where it exists
			if _, err := tx.Exec(ctx, `CREATE SCHEMA `+quoted); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `SET LOCAL search_path = `+quoted+`, pg_temp`); err != nil {
			return err
		}
		for _, step := range steps[done:] {
			if _, err := tx.Exec(ctx, step.text); err != nil {
				if c := code(err); c == codeDuplicateTable || c == codeDuplicateFunction {
					err = fmt.Errorf("%w: schema %q: %w", ErrForeign, schema, err)
				}
				return fmt.Errorf("migration %s: %w", step.name, err)
			}
		}
		_, err = inspect(ctx, tx, schema, steps)
		return err
	})
}

// querier is what a pool and a transaction have in common.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// inspect tells how many of the steps the schema has seen. It only reads. A schema without an object of ours has seen
// none; one whose objects are not ours is ErrForeign, one that has seen steps unknown here ErrNewer.
func inspect(ctx context.Context, q querier, schema string, steps []migration) (int, error) {
	objects, err := dump(ctx, q, schema)
	if err != nil || len(objects) == 0 {
		return 0, err
	}
	want := strings.Split(strings.TrimSpace(unixLines(schemaText)), "\n")
	for _, line := range want {
		if strings.HasPrefix(line, "table migrations ") && !slices.Contains(objects, line) {
			return 0, fmt.Errorf("%w: schema %q has tables of these names, but not the table migrations that this package makes",
				ErrForeign, schema)
		}
	}
	names, err := lines(ctx, q, `SELECT name FROM `+pgx.Identifier{schema, "migrations"}.Sanitize()+` ORDER BY version`)
	if err != nil {
		return 0, err
	}
	for i, name := range names[:min(len(names), len(steps))] {
		if name != steps[i].name {
			return 0, fmt.Errorf("%w: schema %q: its migration %d is %q, here it is %q", ErrForeign, schema, i+1, name, steps[i].name)
		}
	}
	switch {
	case len(names) > len(steps):
		return 0, fmt.Errorf("%w: schema %q is at migration %d (%s), this program knows %d: run the newer program",
			ErrNewer, schema, len(names), names[len(names)-1], len(steps))
	case len(names) < len(steps):
		return len(names), nil
	}
	for _, o := range objects {
		if !slices.Contains(want, o) {
			return 0, fmt.Errorf("%w: schema %q: this is not of this package: %s", ErrForeign, schema, o)
		}
	}
	for _, w := range want {
		if !slices.Contains(objects, w) {
			return 0, fmt.Errorf("%w: schema %q: this is missing: %s", ErrForeign, schema, w)
		}
	}
	return len(names), nil
}

// dump describes what the schema has under the names of ours: the columns and indexes of tables and the functions, a
// line for each. A function's search_path still names the old schema when its own was renamed since. Other tables, and other indexes over ours, are the host's.
func dump(ctx context.Context, q querier, schema string) ([]string, error) {
	return lines(ctx, q, `
		WITH ours AS (
			SELECT c.oid, c.relname, c.relkind, quote_ident(n.nspname) || '.' AS prefix
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relname IN ('migrations', 'records', 'heads', 'keys', 'commits', 'bookmarks', 'feed',
				'migrations_pkey', 'records_pkey', 'records_stream', 'heads_pkey', 'heads_kind', 'heads_open', 'heads_due',
				'keys_pkey', 'commits_pkey', 'bookmarks_pkey', 'feed_pkey')
		)
		SELECT line COLLATE "C" FROM (
			SELECT concat_ws(' ', CASE o.relkind WHEN 'r' THEN 'table' ELSE 'relation of kind ' || o.relkind::text END,
				o.relname, 'column', a.attname, format_type(a.atttypid, a.atttypmod),
				CASE WHEN a.attnotnull THEN 'not null' END,
				CASE WHEN a.attcollation <> 0 THEN (SELECT 'collation ' || collname FROM pg_collation WHERE oid = a.attcollation) END)
			FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid
			WHERE o.relkind <> 'i' AND a.attnum > 0 AND NOT a.attisdropped
			UNION ALL
			SELECT replace(pg_get_indexdef(o.oid), o.prefix, '') || CASE WHEN i.indisvalid THEN '' ELSE ' (not valid)' END
			FROM ours o JOIN pg_index i ON i.indexrelid = o.oid
			UNION ALL
			SELECT concat_ws(' ', 'function', p.proname, 'of', p.pronargs::text, 'arguments', md5(p.prosrc),
				CASE WHEN p.path ~ '^(,| |$)' THEN NULL ELSE 'that writes to another schema' END)
			FROM (
				SELECT f.*, coalesce((
					SELECT substr(path, length(own) + 1)
					FROM unnest(f.proconfig) config, ltrim(substr(config, length('search_path=') + 1)) path,
						unnest(ARRAY[quote_ident(n.nspname), '"' || replace(n.nspname, '"', '""') || '"']) own
					WHERE config LIKE 'search\_path=%' AND starts_with(path, own)
					LIMIT 1
				), 'none') AS path
				FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
				WHERE n.nspname = $1 AND f.proname IN ('append')
			) p
		) AS dumped (line) ORDER BY 1`, schema)
}

// lines returns the only column of a query.
func lines(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	found, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}

package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// migrationFiles holds the steps that lead from nothing to schema.sql. A step
// that was released is never changed: a new need is a new file.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// schemaText is the schema as it is after the last migration: what sqlite_schema
// says of it, sorted by name. Tests keep it equal to what the migrations make.
//
//go:embed schema.sql
var schemaText string

// migration is one step. Its version is its index plus 1.
type migration struct {
	name       string // "0001_history"
	statements []string
}

// migrations reads the embedded steps in order.
func migrations() ([]migration, error) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	steps := make([]migration, 0, len(files))
	for _, f := range files { // ReadDir sorts by name
		text, err := migrationFiles.ReadFile(path.Join("migrations", f.Name()))
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{strings.TrimSuffix(f.Name(), ".sql"), statements(string(text))})
	}
	return steps, nil
}

// statements cuts a text into its statements, which empty lines part, so that no
// driver has to understand several at once. Line ends are LF however the source
// was checked out: the text is stored and compared.
func statements(text string) []string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	parts := strings.Split(text, "\n\n")
	for i, p := range parts {
		parts[i] = strings.TrimSuffix(p, ";")
	}
	return parts
}

// querier is what a connection and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// inspect tells how many of the steps the database has seen. It only reads. A
// database without an object of ours has seen none; one whose amends_ objects
// are not ours is ErrForeign, one that has seen steps unknown here ErrNewer.
func inspect(ctx context.Context, q querier, steps []migration) (int, error) {
	objects, err := dump(ctx, q)
	if err != nil || len(objects) == 0 {
		return 0, err
	}
	if !slices.Contains(objects, steps[0].statements[0]) {
		return 0, fmt.Errorf("%w: it has amends_ tables but not the amends_schema that this package makes", ErrForeign)
	}
	names, err := texts(ctx, q, `SELECT name FROM amends_schema ORDER BY version`)
	if err != nil {
		return 0, err
	}
	for i, name := range names[:min(len(names), len(steps))] {
		if name != steps[i].name {
			return 0, fmt.Errorf("%w: its migration %d is %q, here it is %q", ErrForeign, i+1, name, steps[i].name)
		}
	}
	switch {
	case len(names) > len(steps):
		return 0, fmt.Errorf("%w: it is at migration %d (%s), this program knows %d: run the newer program",
			ErrNewer, len(names), names[len(names)-1], len(steps))
	case len(names) == len(steps):
		return len(names), verify(objects)
	}
	return len(names), nil
}

// verify compares what the database has with what it should have.
func verify(objects []string) error {
	want := statements(schemaText)
	for _, o := range objects {
		if !slices.Contains(want, o) {
			return fmt.Errorf("%w: this is not of this package: %s", ErrForeign, firstLine(o))
		}
	}
	for _, w := range want {
		if !slices.Contains(objects, w) {
			return fmt.Errorf("%w: this is missing: %s", ErrForeign, firstLine(w))
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// dump returns the statements that made the objects named amends_…, sorted by name.
func dump(ctx context.Context, q querier) ([]string, error) {
	return texts(ctx, q, `SELECT sql FROM sqlite_master
		WHERE name LIKE 'amends\_%' ESCAPE '\' AND sql IS NOT NULL ORDER BY name`)
}

// texts returns the only column of a query.
func texts(ctx context.Context, q querier, query string) ([]string, error) {
	rows, err := q.QueryContext(ctx, query)
	return collect(rows, err, 100, func(row scanner) (text string, err error) {
		err = row.Scan(&text)
		return text, err
	})
}

// migrate brings the database to the last step in one transaction that holds the
// write lock, so that of two programs that start at once one waits for the other
// and then finds the work done.
func migrate(ctx context.Context, conn *sql.Conn, steps []migration) error {
	return immediately(ctx, conn, func(ctx context.Context) error {
		done, err := inspect(ctx, conn, steps)
		if err != nil {
			return err
		}
		for i, step := range steps[done:] {
			for _, statement := range step.statements {
				if _, err := conn.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("migration %s: %w", step.name, err)
				}
			}
			if _, err := conn.ExecContext(ctx, `INSERT INTO amends_schema (version, name) VALUES (?, ?)`,
				done+i+1, step.name); err != nil {
				return fmt.Errorf("migration %s: %w", step.name, err)
			}
		}
		_, err = inspect(ctx, conn, steps)
		return err
	})
}

package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// database is what a pool and the host's transactions have in common. What is scanned and given is what both pgx and
// database/sql over it can handle: integers, texts, bytes, bools, times, [16]byte, and slices of these.
type database interface {
	query(ctx context.Context, query string, args ...any) (rows, error)
	exec(ctx context.Context, statement string, args ...any) (changed int64, err error)
}

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// collect reads all rows of a query that has succeeded, and so gives their connection back before anything else happens.
func collect[T any](r rows, err error, scan func(rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []T
	for r.Next() {
		one, err := scan(r)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, r.Err()
}

// inPool runs each statement on any connection of the pool, as a transaction of its own.
type inPool struct{ *pgxpool.Pool }

func (d inPool) query(ctx context.Context, query string, args ...any) (rows, error) {
	return d.Query(ctx, query, args...)
}

func (d inPool) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	tag, err := d.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

// inTx is a transaction of the host's in pgx.
type inTx struct{ pgx.Tx }

func (d inTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	return d.Query(ctx, query, args...)
}

func (d inTx) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	tag, err := d.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

// inSQLTx is a transaction of the host's in database/sql over pgx/stdlib.
type inSQLTx struct {
	*sql.Tx
	types *pgtype.Map
}

func (d inSQLTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := d.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{r, d.types}, nil
}

func (d inSQLTx) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := d.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

type sqlRows struct {
	*sql.Rows
	types *pgtype.Map
}

// Scan is that of sql.Rows, and knows more types.
func (r sqlRows) Scan(dest ...any) error {
	for i, d := range dest { // database/sql knows nothing of these
		switch d.(type) {
		case *[16]byte:
			dest[i] = textual{r.types, pgtype.UUIDOID, d}
		case *[][16]byte:
			dest[i] = textual{r.types, pgtype.UUIDArrayOID, d}
		case *[]string:
			dest[i] = textual{r.types, pgtype.TextArrayOID, d}
		}
	}
	return r.Rows.Scan(dest...)
}

// textual scans what pgx hands to database/sql as PostgreSQL writes it.
type textual struct {
	types *pgtype.Map
	oid   uint32
	dest  any
}

// Scan implements [sql.Scanner].
func (t textual) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		return t.types.Scan(t.oid, pgtype.TextFormatCode, nil, t.dest)
	case string:
		return t.types.Scan(t.oid, pgtype.TextFormatCode, []byte(text), t.dest)
	}
	return fmt.Errorf("got a %T, want text: is the driver github.com/jackc/pgx/v5/stdlib?", src)
}

// Close is that of sql.Rows; what it could say, Err has said.
func (r sqlRows) Close() { _ = r.Rows.Close() }

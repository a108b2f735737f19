package riverqueue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// transaction is one of the host's, in whichever library.
type transaction interface {
	// save sets the savepoint and does something behind it, with the transaction as River wants it.
	save(ctx context.Context, do func(tx pgx.Tx) error) error
	exec(ctx context.Context, statement string) error
}

const (
	save   = `SAVEPOINT amends_wakes`
	keep   = `RELEASE SAVEPOINT amends_wakes`
	forget = `ROLLBACK TO SAVEPOINT amends_wakes; RELEASE SAVEPOINT amends_wakes`
)

// inTx is a transaction in pgx.
type inTx struct{ pgx.Tx }

func (t inTx) save(ctx context.Context, do func(tx pgx.Tx) error) error {
	if err := t.exec(ctx, save); err != nil {
		return err
	}
	return do(t.Tx)
}

func (t inTx) exec(ctx context.Context, statement string) error {
	_, err := t.Exec(ctx, statement)
	return err
}

// inSQLTx is a transaction in database/sql over pgx/stdlib.
type inSQLTx struct{ *sql.Tx }

// save needs the connection, which database/sql gives to nobody but the driver. The driver, pgx, gives it to what rewrites
// a statement, and as long as that lasts, database/sql keeps everyone else from it: others who use the transaction,
// and its end.
func (t inSQLTx) save(ctx context.Context, do func(tx pgx.Tx) error) error {
	b := &borrower{do: do}
	_, err := t.ExecContext(ctx, `SELECT`, b)
	switch {
	case b.err != nil:
		return b.err
	case err != nil:
		return fmt.Errorf("ask the driver of the *sql.Tx, which must be github.com/jackc/pgx/v5/stdlib, for its connection: %w", err)
	case !b.came:
		return errors.New("the driver of the *sql.Tx is not github.com/jackc/pgx/v5/stdlib")
	}
	return nil
}

func (t inSQLTx) exec(ctx context.Context, statement string) error {
	_, err := t.ExecContext(ctx, statement)
	return err
}

// borrower gets hold of a connection on which a transaction is open.
type borrower struct {
	do   func(tx pgx.Tx) error
	came bool
	err  error
}

// RewriteQuery implements [pgx.QueryRewriter]: it leaves the statement as it is.
func (b *borrower) RewriteQuery(ctx context.Context, conn *pgx.Conn, statement string, _ []any) (string, []any, error) {
	b.came = true
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: save}) // whoever began the real one will end it
	if err == nil {
		err = b.do(tx)
	}
	b.err = err
	return statement, nil, err
}

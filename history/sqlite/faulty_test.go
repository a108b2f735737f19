package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

var errInjected = errors.New("injected fault")

// faulty is a driver around modernc.org/sqlite that tells a test what is about to run, and fails when the test says
// so.
type faulty struct {
	driver driver.Driver
	dsn    string
	before func(query string) error // "COMMIT" and "ROLLBACK" too
	after  func(query string) error
}

func (f *faulty) Connect(context.Context) (driver.Conn, error) {
	c, err := f.driver.Open(f.dsn)
	if err != nil {
		return nil, err
	}
	full, ok := c.(fullConn)
	if !ok {
		return nil, errors.New("the driver's connection lacks a method that this test wraps")
	}
	return &faultyConn{full, f}, nil
}

func (f *faulty) Driver() driver.Driver { return f.driver }

func (f *faulty) run(query string, do func() error) error {
	if f.before != nil {
		if err := f.before(query); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if f.after != nil {
		return f.after(query)
	}
	return nil
}

// faultyPool is a pool of one over a faulty driver.
func faultyPool(t *testing.T, dsn string) (*sql.DB, *faulty) {
	t.Helper()
	f := &faulty{driver: pool(t, dsn, 1).Driver(), dsn: dsn}
	db := sql.OpenDB(f)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		f.before, f.after = nil, nil
		require.NoError(t, db.Close())
	})
	return db, f
}

type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	direct
	pooled
}

type direct interface {
	driver.ExecerContext
	driver.QueryerContext
}

type pooled interface {
	driver.SessionResetter
	driver.Validator
}

type faultyConn struct {
	fullConn
	f *faulty
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	err = c.f.run(query, func() error {
		r, err = c.fullConn.ExecContext(ctx, query, args)
		return err
	})
	return r, err
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Rows, err error) {
	err = c.f.run(query, func() error {
		r, err = c.fullConn.QueryContext(ctx, query, args)
		return err
	})
	return r, err
}

func (c *faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	full, ok := s.(fullStmt)
	if !ok {
		return nil, errors.New("the driver's statement lacks a method that this test wraps")
	}
	return &faultyStmt{full, query, c.f}, nil
}

func (c *faultyConn) BeginTx(ctx context.Context, o driver.TxOptions) (tx driver.Tx, err error) {
	err = c.f.run("BEGIN", func() error {
		tx, err = c.fullConn.BeginTx(ctx, o)
		return err
	})
	return &faultyTx{tx, c.f}, err
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type faultyStmt struct {
	fullStmt
	query string
	f     *faulty
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (r driver.Result, err error) {
	err = s.f.run(s.query, func() error {
		r, err = s.fullStmt.ExecContext(ctx, args)
		return err
	})
	return r, err
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (r driver.Rows, err error) {
	err = s.f.run(s.query, func() error {
		r, err = s.fullStmt.QueryContext(ctx, args)
		return err
	})
	return r, err
}

type faultyTx struct {
	driver.Tx
	f *faulty
}

func (t *faultyTx) Commit() error   { return t.f.run("COMMIT", t.Tx.Commit) }
func (t *faultyTx) Rollback() error { return t.f.run("ROLLBACK", t.Tx.Rollback) }

package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/amends-go/amends/history"
)

// races is how often Transact begins again after another has been faster on a stream. It does not do so for all of
// patience, since a conflict can also be one that stays: an id that is taken.
const races = 10

// Transact does something in a transaction of the host's, so that rows of its own and what is appended commit together or
// not at all, and does it again where that failed for a reason that passes. The function gets the transaction and
// the store within it, as [Store.In] returns it:
//
//	err := store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, s history.Store) error {
//		if _, err := tx.Exec(ctx, `INSERT INTO tickets VALUES (991, 'Laptop') ON CONFLICT DO NOTHING`); err != nil {
//			return err
//		}
//		_, err := desk.In(s).Once("ticket 991").Open(ctx, by, complaint)
//		return err
//	})
//
// If the function returns nil, the transaction is committed, and [Store.Notify] called. If it returns an error, the
// transaction is rolled back. It is then begun anew, at READ COMMITTED and with Options.LockTimeout, and the function
// called again, after a serialization failure (40001), a deadlock (40P01), a lock that was not to be had (55P03,
// ErrBusy), and when the connection breaks before the COMMIT: for Options.Patience. After history.ErrConflict too, for
// others may have been faster, but ten times at most. Any other error Transact returns as it is, at once. So the
// function must return what the transaction and the store return (it may wrap it), and what it does elsewhere may be
// done more than once: send the mail afterwards. It must not commit or roll back. Append last, as [Store.In] says.
//
// Transact lasts at most twice Options.Patience. Then the transaction is cut off, however far the function has come; its ctx
// ends at that moment, so that it returns. The caller's ctx is heard until the COMMIT, which it does not interrupt.
//
// Errors are those of the function; ErrBusy, where others were in the way all the time; ErrUnavailable, where the server
// was not there; and history.ErrUncertain, when the connection broke during the COMMIT. With all but the last, nothing was
// written. After ErrUncertain, now or after a restart of the program, call Transact again with a function that can be
// repeated: commands under a key of the host's (the desk's Once, or the same history.Commit), and rows of the host's by ON CONFLICT DO NOTHING.
func (s *Store) Transact(ctx context.Context, do func(ctx context.Context, tx pgx.Tx, s history.Store) error) error {
	lost, own := 0, false // races; whether it was the function that failed
	err := s.again(ctx, func(until time.Time) (fate, error) {
		var f fate
		var err error
		f, own, err = s.transaction(ctx, until, do)
		switch {
		case f == unknown: // who calls it knows how to find out
			return refused, uncertain(err)
		case errors.Is(err, history.ErrConflict):
			if lost++; lost < races {
				f = contended
			}
		}
		return f, err
	})
	switch {
	case err == nil:
		s.Notify()
		return nil
	case own && !errors.Is(err, ErrBusy) && !errors.Is(err, ErrUnavailable) && ctx.Err() == nil:
		return err
	}
	return failed(ctx, "transact", err)
}

// transaction makes one attempt. It reports too whether it was the host's function that failed.
func (s *Store) transaction(ctx context.Context, until time.Time, do func(ctx context.Context, tx pgx.Tx, s history.Store) error) (fate, bool, error) {
	conn, f, err := s.connection(ctx, until)
	if err != nil {
		return f, false, err
	}
	defer conn.Release()
	cut := until.Add(s.patience)
	heard, cancel := context.WithDeadline(ctx, cut)
	defer cancel()
	steady, cancel := context.WithDeadline(context.WithoutCancel(ctx), cut)
	defer cancel()
	line := conn.Conn().PgConn().Conn()
	late := context.AfterFunc(steady, func() { _ = line.Close() }) // an append within does not hear a context
	defer func() {
		if !late() {
			hangUp(conn.Conn()) // so that the pool gives it to nobody
		}
	}()
	before := func(err error) fate { // what an error means before the COMMIT
		f := fateOf(err, conn.Conn().IsClosed())
		switch {
		case errors.Is(err, ErrBusy):
			return contended
		case conn.Conn().IsClosed():
			return unsent
		case f == unsent, f == unknown: // it was another connection's, of the host's
			return refused
		}
		return f
	}
	tx, err := conn.BeginTx(heard, pgx.TxOptions{
		BeginQuery: "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = " + s.text.lockTimeout,
	})
	if err != nil {
		return before(err), false, err
	}
	defer func() { _ = tx.Rollback(steady) }()
	if err := do(heard, tx, s.In(tx)); err != nil {
		return before(err), true, err
	}
	if err := heard.Err(); err != nil {
		return unsent, false, fmt.Errorf("it took too long: %w", err)
	}
	if conn.Conn().IsClosed() {
		return unsent, false, errors.New("the connection broke")
	}
	if err := tx.Commit(steady); err != nil {
		f := fateOf(err, conn.Conn().IsClosed())
		if f == unsent { // pgx says so of a connection that is closed, whenever that was
			f = unknown
		}
		return f, false, err
	}
	return refused, false, nil
}

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// SQLite's primary result code for a lock that another connection holds.
const codeBusy = 5

// busy reports whether the error says that another connection holds the lock.
// database/sql has no word for it, so it is read from the code, where the
// driver's error has one, and else from SQLite's own message, which the drivers
// pass on.
func busy(err error) bool {
	if err == nil {
		return false
	}
	if coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return coded.Code()&0xff == codeBusy
	}
	return strings.Contains(err.Error(), "database is locked")
}

// retry calls do until it returns anything but busy, the context ends, or the
// time for waiting is over. It waits outside of SQLite, where a context is heard
// and no connection of the pool is held.
func retry(ctx context.Context, patience time.Duration, do func() error) error {
	over := time.NewTimer(patience)
	defer over.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
		err := do()
		if !busy(err) {
			return err
		}
		again := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-again.C:
		case <-over.C:
			again.Stop()
			return fmt.Errorf("%w after %v (a transaction of this program's own? then use Store.In): %w", ErrBusy, patience, err)
		case <-ctx.Done():
			again.Stop()
			return ctx.Err()
		}
	}
}

// giveBack returns a connection to the pool. One that is broken has failed in what it was for already.
func giveBack(conn *sql.Conn) { _ = conn.Close() }

// immediately calls do within a transaction that holds the write lock from its
// start. The context is heard before it begins and not within it: a transaction
// is short, and one that is never interrupted leaves nothing to guess.
func immediately(ctx context.Context, conn *sql.Conn, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		clean(ctx, conn)
		return err
	}
	err := do(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, `COMMIT`)
	}
	if err != nil {
		if _, failed := conn.ExecContext(ctx, `ROLLBACK`); failed != nil {
			clean(ctx, conn)
		}
	}
	return err
}

// clean makes sure that no transaction is open on a connection that goes back to
// the pool. Only a connection outside of one can begin another; one that cannot is
// thrown away, and SQLite rolls back what it had begun.
func clean(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(ctx, `BEGIN`); err == nil {
		if _, err = conn.ExecContext(ctx, `ROLLBACK`); err == nil {
			return
		}
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // its error is this one
}

package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/amends-go/amends/history"
)

// append writes the commit in a transaction of its own.
func (s *Store) append(ctx context.Context, what string, c history.Commit, erase bool) (history.Receipt, error) {
	if err := c.Check(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	var receipt history.Receipt
	err := s.inTurn(ctx, func() (err error) {
		receipt, err = s.transact(ctx, &c, erase)
		return err
	})
	if err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	return receipt, nil
}

// inTurn calls do once the store's other writers are done, and again while the database is locked.
func (s *shared) inTurn(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.retry(ctx, do)
}

// transact makes one attempt. Once it has a connection, only writing hears the context: whatever comes of it, the
// connection goes back to the pool outside of any transaction.
func (s *shared) transact(ctx context.Context, c *history.Commit, erase bool) (history.Receipt, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return history.Receipt{}, err
	}
	defer giveBack(conn)
	steady := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(steady, s.settings); err != nil {
		return history.Receipt{}, err
	}
	tx, err := conn.BeginTx(steady, nil)
	if err != nil {
		clean(steady, conn)
		return history.Receipt{}, err
	}
	receipt, err := view{s, &guarded{Tx: tx}}.write(ctx, c, erase)
	if err != nil || receipt.Replayed {
		if tx.Rollback() != nil {
			clean(steady, conn)
		}
		return receipt, err
	}
	if err := tx.Commit(); err != nil {
		clean(steady, conn)
		if busy(err) { // the one error after which SQLite has surely not committed
			return history.Receipt{}, err
		}
		return history.Receipt{}, fmt.Errorf("%w: %w", history.ErrUncertain, err)
	}
	if erase {
		// The commit stands, so that a log which cannot be emptied now is no error.
		_, _ = conn.ExecContext(steady, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	return receipt, nil
}

// append writes the commit in the host's transaction. A savepoint makes it the whole commit or nothing there too.
func (s *inside) append(ctx context.Context, what string, c history.Commit, erase bool) (history.Receipt, error) {
	if err := c.Check(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	if err := ctx.Err(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	s.tx.mu.Lock()
	defer s.tx.mu.Unlock()
	receipt, err := s.nest(ctx, &c, erase)
	if err = locked(err); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	return receipt, nil
}

// locked says what to do about a lock that was met in a transaction of the host's.
func locked(err error) error {
	if !busy(err) {
		return err
	}
	return fmt.Errorf("%w: another connection writes, or has written since this transaction first read; "+
		"begin the transaction as immediate, or write before reading: %w", ErrBusy, err)
}

func (s *inside) nest(ctx context.Context, c *history.Commit, erase bool) (history.Receipt, error) {
	steady := context.WithoutCancel(ctx)
	if _, err := s.tx.ExecContext(steady, settings(Unchanged)); err != nil {
		return history.Receipt{}, err
	}
	if err := s.exec(steady, s.savepoint); err != nil {
		return history.Receipt{}, err
	}
	receipt, err := s.write(ctx, c, erase)
	if err != nil {
		err = errors.Join(err, s.exec(steady, s.rollback))
	}
	err = errors.Join(err, s.exec(steady, s.release))
	return receipt, err
}

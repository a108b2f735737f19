package riverqueue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// write writes a commit and its jobs in a transaction of its own, again and again until its fate is known.
func (s *Store) write(ctx context.Context, c history.Commit, how how) (history.Receipt, error) {
	jobs := s.wakes(&c)
	if len(jobs) == 0 || c.Check() != nil || ctx.Err() != nil {
		return how.to(ctx, s.store, c)
	}
	begin := time.Now()
	until := begin.Add(s.patience)
	open := false // whether an attempt may have written it
	var r history.Receipt
	var err error
	for pause := time.Millisecond; ; pause = min(2*pause, 64*time.Millisecond) {
		var f fate
		if r, f, err = s.attempt(ctx, until, jobs, func(in history.Store) (history.Receipt, error) { return how.to(ctx, in, c) }); err == nil {
			if !r.Replayed || open {
				s.store.Notify()
			}
			return r, nil
		}
		if f == refused {
			break
		}
		if f == unknown && !open {
			open, until = true, begin.Add(2*s.patience) // as much time again to settle it
		}
		wait := pause/2 + rand.N(pause)
		if time.Until(until) < wait {
			if f == contended && !errors.Is(err, postgres.ErrBusy) {
				err = fmt.Errorf("%w: %w", postgres.ErrBusy, err)
			}
			break
		}
		if ended := sleep(ctx, wait); ended != nil {
			err = fmt.Errorf("%w: %w", ended, err)
			break
		}
	}
	if open && !errors.Is(err, history.ErrConflict) && !errors.Is(err, history.ErrKeyReused) {
		err = fmt.Errorf("%w: %w", history.ErrUncertain, err)
	}
	return history.Receipt{}, fmt.Errorf("riverqueue: %s: %w", how, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt makes one transaction. The caller's context is heard until the statement that appends; what is sent then is
// not interrupted, but the connection is cut off when time is up.
func (s *Store) attempt(ctx context.Context, until time.Time, jobs []river.InsertManyParams, do func(in history.Store) (history.Receipt, error)) (history.Receipt, fate, error) {
	var none history.Receipt
	begins, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	conn, err := s.pool.Acquire(begins)
	if err != nil {
		return none, fateOf(err, false, unsent), err
	}
	defer conn.Release()
	steady, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	line := conn.Conn().PgConn().Conn()
	late := context.AfterFunc(steady, func() { _ = line.Close() })
	defer func() {
		if !late() {
			_ = conn.Conn().Close(steady) // so that the pool does not give it to anyone
		}
	}()
	failed := func(err error, ifLost fate) (history.Receipt, fate, error) {
		return none, fateOf(err, conn.Conn().IsClosed(), ifLost), err
	}
	tx, err := conn.BeginTx(steady, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return failed(err, unsent)
	}
	defer func() { _ = tx.Rollback(steady) }()
	if err = s.insert(steady, tx, jobs); err != nil {
		return failed(err, unsent)
	}
	r, err := do(s.store.In(tx))
	switch {
	case err != nil:
		return failed(err, unsent)
	case r.Replayed:
		return r, refused, nil
	}
	if err = tx.Commit(steady); err != nil {
		return failed(err, unknown)
	}
	return r, refused, nil
}

// fate is what an error says about the transaction that failed.
type fate int

const (
	refused   fate = iota // it has changed nothing, and would be refused again
	contended             // it has changed nothing, and lost to another transaction: worth trying again
	unsent                // it has changed nothing, for the server went away before it was to commit: worth trying again
	unknown               // nobody can tell whether it has changed something
)

// fateOf judges an error; gone is whether its connection is closed now, and ifLost what it is then.
func fateOf(err error, gone bool, ifLost fate) fate {
	pg, answered := errors.AsType[*pgconn.PgError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case !answered && (connecting || gone):
		return ifLost
	case !answered && errors.Is(err, postgres.ErrBusy):
		return contended
	case !answered:
		return refused
	case slices.Contains([]string{"40001", "40P01", "55P03"}, pg.Code): // serialization failure, deadlock, lock timeout
		return contended
	case connecting && slices.Contains([]string{"28", "3D", "42", "22", "0A"}, pg.Code[:min(2, len(pg.Code))]):
		return refused // a wrong password, database, role or setting stays wrong
	case connecting, strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "08"), pg.Code == "53300",
		pg.Severity == "FATAL", pg.Severity == "PANIC":
		return ifLost
	}
	return refused
}

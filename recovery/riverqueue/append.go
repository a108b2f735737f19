package riverqueue

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// errDone ends a transaction that is not to be committed, with an answer that is not to be asked for again.
var errDone = errors.New("nothing to commit")

// write writes a commit and its jobs in a transaction of its own. If its outcome is unknown, the key of a second one tells.
func (s *Store) write(ctx context.Context, c history.Commit, how how) (history.Receipt, error) {
	jobs := s.wakes(&c)
	if len(jobs) == 0 || c.Check() != nil || ctx.Err() != nil {
		return how.to(ctx, s.store, c)
	}
	var r history.Receipt
	var answer error
	try := func() error {
		return s.store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, in history.Store) error {
			r, answer = history.Receipt{}, nil
			if err := s.insert(ctx, tx, jobs); err != nil {
				return err
			}
			var err error
			r, err = how.to(ctx, in, c)
			switch {
			case errors.Is(err, history.ErrConflict), errors.Is(err, history.ErrKeyReused):
				answer = err
				return errDone
			case err == nil && r.Replayed:
				return errDone
			}
			return err
		})
	}
	err := try()
	open := errors.Is(err, history.ErrUncertain)
	if open {
		err = try()
		switch {
		case err == nil, errors.Is(err, errDone), errors.Is(err, history.ErrUncertain):
		case errors.Is(err, postgres.ErrUnavailable): // which would say that nothing was written
			err = fmt.Errorf("%w: %v", history.ErrUncertain, err) //nolint:errorlint // therefore
		default:
			err = fmt.Errorf("%w: %w", history.ErrUncertain, err)
		}
	}
	switch {
	case errors.Is(err, errDone):
		if open && answer == nil {
			s.store.Notify()
		}
		err = answer
	case err == nil:
		return r, nil
	}
	if err != nil {
		return history.Receipt{}, fmt.Errorf("riverqueue: %s: %w", how, err)
	}
	return r, nil
}

package riverqueue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/amends-go/amends/history"
)

// inside is the store in a transaction of the host's. A transaction is for one goroutine at a time, so they take turns.
type inside struct {
	read  reader // what inner reads
	inner history.Store
	store *Store
	tx    transaction
	turn  sync.Mutex
}

var (
	_ history.Store      = (*inside)(nil)
	_ history.Eraser     = (*inside)(nil)
	_ history.Clock      = (*inside)(nil)
	_ history.Bookmarker = (*inside)(nil)
)

// Append implements [history.Store], as [Store.In] says.
func (s *inside) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, write)
}

// Erase implements [history.Eraser], as [Store.In] says.
func (s *inside) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, erase)
}

// write keeps jobs and commit behind a savepoint: where the commit isn't written, nor are they, and the transaction can
// go on.
func (s *inside) write(ctx context.Context, c history.Commit, how how) (history.Receipt, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	jobs := s.store.wakes(&c)
	if len(jobs) == 0 || c.Check() != nil || ctx.Err() != nil {
		return how.to(ctx, s.inner, c)
	}
	steady := context.WithoutCancel(ctx)
	if err := s.tx.save(steady, func(tx pgx.Tx) error { return s.store.insert(steady, tx, jobs) }); err != nil {
		return history.Receipt{}, fmt.Errorf("riverqueue: %s: %w", how, errors.Join(err, s.tx.exec(steady, forget)))
	}
	r, err := how.to(ctx, s.inner, c)
	if err != nil {
		return r, errors.Join(err, s.tx.exec(steady, forget))
	}
	end := keep
	if r.Replayed {
		end = forget
	}
	if err = s.tx.exec(steady, end); err != nil {
		return history.Receipt{}, fmt.Errorf("riverqueue: %s: %w", how, err)
	}
	return r, nil
}

func inTurn[T any](s *inside, read func() (T, error)) (T, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return read()
}

// Head implements [history.Store].
func (s *inside) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	return inTurn(s, func() (history.Head, error) { return s.read.Head(ctx, stream) })
}

// Heads implements [history.Store].
func (s *inside) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	return inTurn(s, func() ([]history.Head, error) { return s.read.Heads(ctx, q) })
}

// Records implements [history.Store].
func (s *inside) Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	return inTurn(s, func() ([]history.Record, error) { return s.read.Records(ctx, stream, after, limit) })
}

// Feed implements [history.Store].
func (s *inside) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	return inTurn(s, func() ([]history.Record, error) { return s.read.Feed(ctx, after, limit) })
}

// Now implements [history.Clock].
func (s *inside) Now(ctx context.Context) (time.Time, error) {
	return inTurn(s, func() (time.Time, error) { return s.read.Now(ctx) })
}

// Last implements [history.Bookmarker].
func (s *inside) Last(ctx context.Context) (uint64, error) {
	return inTurn(s, func() (uint64, error) { return s.read.Last(ctx) })
}

// Bookmark implements [history.Bookmarker].
func (s *inside) Bookmark(ctx context.Context, name string) (uint64, error) {
	return inTurn(s, func() (uint64, error) { return s.read.Bookmark(ctx, name) })
}

// MoveBookmark implements [history.Bookmarker].
func (s *inside) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	_, err := inTurn(s, func() (struct{}, error) { return struct{}{}, s.read.MoveBookmark(ctx, name, from, to) })
	return err
}

package riverqueue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// Store is a [postgres.Store] that, in the same transaction as a case's records, inserts the [Wake] that settles it when
// it is due next. In all else it is the postgres.Store, with all that is optional: [history.Eraser],
// [history.Clock], [history.Waker] and [history.Bookmarker]. It is safe for concurrent use. NewStore makes it.
type Store struct {
	reader
	store    *postgres.Store
	pool     *pgxpool.Pool
	client   *river.Client[pgx.Tx]
	jobs     river.InsertOpts
	patience time.Duration
}

// reader is what of a store inserts no jobs.
type reader interface {
	heads
	records
	history.Clock
	history.Bookmarker
}

type heads interface {
	Head(ctx context.Context, stream uuid.UUID) (history.Head, error)
	Heads(ctx context.Context, q history.Query) ([]history.Head, error)
}

type records interface {
	Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error)
	Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error)
}

var (
	_ history.Store      = (*Store)(nil)
	_ history.Eraser     = (*Store)(nil)
	_ history.Clock      = (*Store)(nil)
	_ history.Waker      = (*Store)(nil)
	_ history.Bookmarker = (*Store)(nil)
)

// NewStore returns a store on another one and on a pool of the same database, in which River's tables are too. It
// takes neither over: it closes none of them, and starts nothing. Nil options are the defaults.
func NewStore(store *postgres.Store, pool *pgxpool.Pool, o *Options) (*Store, error) {
	var faults []error
	if store == nil {
		faults = append(faults, errors.New("a *postgres.Store is needed, as postgres.New returns it"))
	}
	if pool == nil {
		faults = append(faults, errors.New("a *pgxpool.Pool is needed, as pgxpool.New returns it"))
	}
	set, err := o.check()
	if err = errors.Join(append(faults, err)...); err != nil {
		return nil, fmt.Errorf("riverqueue: %w", err)
	}
	return &Store{reader: store, store: store, pool: pool, client: set.Client, jobs: set.Jobs, patience: set.Patience}, nil
}

// Append implements [history.Store]. A commit that leaves no case due is one statement, as it is for postgres.Store; any
// other is a transaction, with its jobs inserted first, so that it holds up the appends of others no longer than
// need be. A commit that turns out to be stored already inserts none.
//
// It tries again, hears a context that ends, and settles an outcome that nobody could know, as [postgres.Store.Append]
// does; errors are those too, and River's where a job can't be inserted.
func (s *Store) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, write)
}

// Erase implements [history.Eraser], as Append does.
func (s *Store) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, erase)
}

// Wake implements [history.Waker].
func (s *Store) Wake(ctx context.Context) (<-chan struct{}, error) { return s.store.Wake(ctx) }

// In returns the store within a transaction of the host's, so that rows of its own, a case and its wake-up commit together
// or not at all: see [postgres.Store.In], which says what holds there. Call [postgres.Store.Notify] after the commit
// if somebody follows the feed; River needs no such call.
func (s *Store) In(tx pgx.Tx) history.Store {
	inner := s.store.In(tx)
	read, _ := inner.(reader)
	return &inside{read: read, inner: inner, store: s, tx: tx}
}

// how a commit is written: by Append or by Erase.
type how bool

const (
	write how = false
	erase how = true
)

func (h how) String() string {
	if h == erase {
		return "erase"
	}
	return "append"
}

func (h how) to(ctx context.Context, s history.Store, c history.Commit) (history.Receipt, error) {
	if h == write {
		return s.Append(ctx, c)
	}
	e, ok := s.(history.Eraser)
	if !ok {
		return history.Receipt{}, errors.New("the store can't erase")
	}
	return e.Erase(ctx, c)
}

func (s *Store) insert(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if _, err := s.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("insert wake-up: %w", err)
	}
	return nil
}

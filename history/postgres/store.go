package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/amends-go/amends/history"
)

// Store is a [history.Store] in a PostgreSQL schema, with all that is optional: [history.Eraser], [history.Clock],
// [history.Waker] and [history.Bookmarker]. It is safe for concurrent use, by any number of goroutines, programs and machines. Open and
// New make it.
type Store struct {
	view
	pool     *pgxpool.Pool
	owned    bool // Close closes the pool
	schema   string
	patience time.Duration
	guarded  atomic.Bool // appends need a transaction that says READ COMMITTED
	appended chan struct{}
	hub      hub
	end      context.CancelFunc
	work     sync.WaitGroup
}

var (
	_ history.Store      = (*Store)(nil)
	_ history.Eraser     = (*Store)(nil)
	_ history.Clock      = (*Store)(nil)
	_ history.Waker      = (*Store)(nil)
	_ history.Bookmarker = (*Store)(nil)
)

// Open connects to the database that a connection string names (a URL, or keywords and values; see
// [pgxpool.ParseConfig]), and returns a store in it, with a pool of connections of its own, which [Store.Close] closes.
// Making one connection may take Options.Patience at most, or the string's connect_timeout if that is less. See [New] for the rest.
func Open(ctx context.Context, dsn string, o *Options) (*Store, error) {
	set, err := o.check()
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "amends"
	}
	if c := config.ConnConfig; c.ConnectTimeout <= 0 || c.ConnectTimeout > set.Patience {
		c.ConnectTimeout = set.Patience // pgx's two minutes would hold the pool's places long after the server is back
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, failed(ctx, "open", err)
	}
	s, err := open(ctx, pool, set)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.owned = true
	return s, nil
}

// New returns a store in the database of a pool, which stays the host's: the store takes connections from it, gives them back,
// and never closes it. Nil options are the defaults. It fails with ErrOutdated, ErrNewer or ErrForeign, having touched
// nothing, if the schema is none to write to; with Options.Migrate it makes or updates the schema. A server that is not
// there yet is tried for Options.Patience, and then it is ErrUnavailable.
//
// Give the pool a connect_timeout of a few seconds: pgx's is two minutes, and attempts to connect to a server that says
// nothing take the pool's places for that long, even when it is back.
//
// New starts a goroutine, which sends hints to those who wait in Wake. [Store.Close] ends it.
func New(ctx context.Context, pool *pgxpool.Pool, o *Options) (*Store, error) {
	set, err := o.check()
	if err != nil {
		return nil, err
	}
	if pool == nil {
		return nil, errors.New("postgres: open: a *pgxpool.Pool is needed, as pgxpool.New returns it")
	}
	return open(ctx, pool, set)
}

func open(ctx context.Context, pool *pgxpool.Pool, set Options) (*Store, error) {
	s := &Store{
		view: view{database: inPool{pool}, text: textsFor(set)},
		pool: pool, schema: set.Schema, patience: set.Patience, appended: make(chan struct{}, 1),
		hub: hub{turn: make(chan struct{}, 1)},
	}
	s.patiently = s.retry
	if err := s.prepare(ctx, set); err != nil {
		return nil, failed(ctx, "open", err)
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	s.work.Go(func() { s.announce(life) })
	return s, nil
}

// Pool is the pool that the store works in: the host's own that New was given, or the one that Open has made. It is for
// what goes with the store, as a job queue in the same database, or the host's tables; whoever uses it does not close it.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Close ends what the store has started: the hints, and with them the channels that Wake returned. If Open made the
// store, it closes the pool too, waiting until its connections have come back. The store must not be used any more. It never fails; closing
// twice is harmless.
func (s *Store) Close() error {
	s.end()
	s.hub.close()
	s.work.Wait()
	if s.owned {
		s.pool.Close()
	}
	return nil
}

// Append implements [history.Store]: in one statement, which is one round trip and a transaction of its own.
//
// A context that ends is heard until the statement is sent, and between two attempts. The statement itself is not
// interrupted, but ends by Options.LockTimeout and Options.Patience, which says how long an append can last. What failed
// for a reason that passes is tried again under the same key; then it is ErrBusy or ErrUnavailable. If a connection
// breaks before the answer comes, the next attempt finds out by the key whether the commit was written, and then the receipt
// has Replayed set. history.ErrUncertain comes only if no attempt found it out in time, or ctx ended before.
func (s *Store) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

// Erase implements [history.Eraser], as Append does. PostgreSQL removes the old versions of the rows from its files when it
// vacuums the tables; copies, replicas, archived logs and backups are the host's to find.
func (s *Store) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

// In returns the store within a transaction that the host has begun and will commit, so that rows of its own and what is
// appended commit together or not at all. [Store.Transact] begins, commits and tries again by itself, and is the better
// choice wherever the host can use it. Reads see the transaction's own writes. What In returns is also a [history.Eraser],
// [history.Clock] and [history.Bookmarker]. It is good until tx ends; tx must be of the database that the store is
// in. Call In once for a transaction if several goroutines share it.
//
// Append last: from an append of records on until the transaction ends, no one else's append gets on, in the whole schema.
// Rows of the host's that name the case can still be written before it: give the case its id yourself
// (recovery.Complaint.ID, by uuid.NewV7).
// Call [Store.Notify] after the commit, if somebody waits in Wake.
//
// An Append that fails has written nothing, and the transaction may go on: a savepoint sees to that. Nothing is tried
// again here, for only the host can begin again: a lock that is not to be had within Options.LockTimeout is ErrBusy, and a
// deadlock (40P01) or serialization failure (40001, under REPEATABLE READ or SERIALIZABLE) is the driver's
// *pgconn.PgError; roll back and begin again. READ COMMITTED, PostgreSQL's default, has no serialization failures.
// A context that ends while a statement of tx runs breaks its connection, as pgx does it, so Append hears it before.
// Receipts and positions count only once the host has committed. A COMMIT that the connection did not survive may have
// committed: do it all again, with commands under keys of the host's (the desk's Once) and rows by ON CONFLICT DO NOTHING.
func (s *Store) In(tx pgx.Tx) history.Store {
	return &inside{view: view{database: inTx{tx}, text: s.text, turn: new(sync.Mutex)}}
}

// InSQL is [Store.In] for hosts that use database/sql. The driver must be pgx's own, github.com/jackc/pgx/v5/stdlib:
// others do not take the types that this package hands over. One pool can serve both, so that connections are counted once:
//
//	db := stdlib.OpenDBFromPool(store.Pool())
func (s *Store) InSQL(tx *sql.Tx) history.Store {
	return &inside{view: view{database: inSQLTx{tx, pgtype.NewMap()}, text: s.text, turn: new(sync.Mutex)}}
}

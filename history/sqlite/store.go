package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/amends-go/amends/history"
)

// Errors that a host may branch on, with [errors.Is]. All others are history's or the driver's.
var (
	// ErrNewer says that a newer release of this package has made the database, so that this one cannot tell what it
	// would destroy. Nothing was touched: run the newer program.
	ErrNewer = errors.New("database is of a newer release")
	// ErrForeign says that the database has tables or indexes named amends_… that are not as this package
	// makes them. Nothing was touched.
	ErrForeign = errors.New("database has amends_ tables of something else")
	// ErrUnsafe says that records could be lost with this SQLite, this file or this pool, and why. Nothing was touched.
	ErrUnsafe = errors.New("not safe for history")
	// ErrBusy says that another connection held the write lock for all of Options.Patience. Nothing was
	// written: try again later.
	ErrBusy = errors.New("another connection holds the lock")
)

// Durability is what a commit must survive.
type Durability string

// What Options.Durability may be.
const (
	// Full has every commit on the disk before Append returns, so that it survives a power failure (PRAGMA
	// synchronous = FULL).
	Full Durability = "full"
	// Normal lets the last commits before a power failure be lost, whole commits and the newest ones only; a
	// crash of the program loses none (PRAGMA synchronous = NORMAL). It is several times faster.
	Normal Durability = "normal"
	// Unchanged leaves the setting of the host's connections as it is.
	Unchanged Durability = "unchanged"
)

// Options are settings that have defaults. The zero value is ready to use.
type Options struct {
	// Durability is what a commit must survive. Defaults to Full.
	Durability Durability
	// Patience is for how long New and the store's methods try to get a lock that another connection holds, most often
	// another process that writes, before they fail with ErrBusy. A busy_timeout that the host has set on its
	// connections comes on top. Defaults to 10 seconds.
	Patience time.Duration
}

// check fills in the defaults, and names every fault.
func (o *Options) check() (Options, error) {
	var set Options
	if o != nil {
		set = *o
	}
	var faults []error
	switch set.Durability {
	case "":
		set.Durability = Full
	case Full, Normal, Unchanged:
	default:
		faults = append(faults, fmt.Errorf("sqlite: Options.Durability is %q, want Full, Normal or Unchanged", set.Durability))
	}
	if set.Patience < 0 {
		faults = append(faults, fmt.Errorf("sqlite: Options.Patience is %v, want 0 or more", set.Patience))
	}
	if set.Patience == 0 {
		set.Patience = 10 * time.Second
	}
	return set, errors.Join(faults...)
}

// Store is a [history.Store] and [history.Eraser] in an SQLite database. It is safe for concurrent use, by any number of
// goroutines and, since the database is, by any number of processes on one machine. New makes it.
type Store struct {
	view
}

var (
	_ history.Store  = (*Store)(nil)
	_ history.Eraser = (*Store)(nil)
)

// New returns a store in the database that db opens, making its tables if there are none; any other tables are the
// host's, and left alone. It fails with ErrForeign, ErrNewer or ErrUnsafe, having touched nothing, if the database is none to write
// to; a file that is no SQLite database fails with the driver's error. Nil options are the defaults.
//
// The pool stays the host's: the store takes connections from it and gives them back, and never closes it. It
// prepares its statements once, so make one store for a pool and share it.
func New(ctx context.Context, db *sql.DB, o *Options) (*Store, error) {
	set, err := o.check()
	if err != nil {
		return nil, err
	}
	steps, err := migrations()
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	s := &shared{db: db, patience: set.Patience, settings: settings(set.Durability), turn: make(chan struct{}, 1)}
	if err := s.retry(ctx, func() error { return open(ctx, db, steps) }); err != nil {
		return nil, failed(ctx, "open", err)
	}
	if err := s.retry(ctx, func() error { return s.prepare(ctx, db) }); err != nil {
		return nil, failed(ctx, "open", err)
	}
	return &Store{view{s, nil}}, nil
}

// settings are what a connection needs before the store writes on it. They stay
// with the connection; a new one starts without them, and no one tells when the
// pool opens one, so that they are set every time.
func settings(d Durability) string {
	const secure = `PRAGMA secure_delete = ON`
	switch d {
	case Normal:
		return `PRAGMA synchronous = NORMAL; ` + secure
	case Unchanged:
		return secure
	case Full:
	}
	return `PRAGMA synchronous = FULL; ` + secure
}

// Append implements [history.Store]. It waits for its turn, one Append at a time, so that the others hold no connection and
// do not poll for the lock; then it takes one connection for one transaction. A context that ends is heard up to the moment
// when the transaction begins and between its batches. If it fails with history.ErrUncertain, the disk or the
// connection failed while committing.
func (s *Store) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

// Erase implements [history.Eraser]. What it removes, and the heads that it replaces, SQLite overwrites with zeros in the
// file (secure_delete, as in every write of this store); the write-ahead log is emptied after it, unless a reader of
// an older state keeps it, in which case the next checkpoint that can does so. Copies and backups are the host's to find.
func (s *Store) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

// In returns the store within a transaction of the host's, so that rows of its own and what is appended commit together or
// not at all. Reads see the transaction's own writes. It is also a [history.Eraser]. It is good until tx ends; tx must be of the pool that New was
// given. Call In once for a transaction if several goroutines share it.
//
// An Append that fails has written nothing, and the transaction may go on, except where SQLite itself has rolled it back (full
// disk, failing disk): after any error but history's own, roll back. Receipts and positions count only once the host has committed.
//
// SQLite has one writer. Begin the transaction as an immediate one if the driver can (modernc.org/sqlite and mattn/go-sqlite3: _txlock=immediate in
// the data source name), or write before reading. A deferred transaction that has read first cannot become a
// writer once another connection has written, and waiting does not help: Append fails with ErrBusy and the driver's SQLITE_BUSY_SNAPSHOT (517), and
// the host begins again. Append does not retry here. Options.Durability does not apply either: the host's connection
// keeps its setting.
func (s *Store) In(tx *sql.Tx) history.Store {
	return &inside{view{s.shared, &guarded{Tx: tx}}}
}

// shared is what the store and its views in transactions share.
type shared struct {
	db       *sql.DB
	patience time.Duration
	settings string
	turn     chan struct{} // one Append at a time
	prepared
}

func (s *shared) retry(ctx context.Context, do func() error) error { return retry(ctx, s.patience, do) }

// failed says what failed, and makes sure that the end of the context can be told.
func failed(ctx context.Context, what string, err error) error {
	if end := ctx.Err(); end != nil && !errors.Is(err, end) {
		return fmt.Errorf("sqlite: %s: %w: %w", what, end, err)
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}

// view reads, in the pool or in a transaction.
type view struct {
	*shared
	tx *guarded // nil: any connection of the pool
}

// guarded is a transaction for one goroutine at a time: in a transaction, unlike in the pool, all share one instance of a
// prepared statement, and savepoints nest where appends do not.
type guarded struct {
	*sql.Tx
	mu sync.Mutex
}

// on returns a prepared statement to use in this view.
func (v view) on(ctx context.Context, s *sql.Stmt) *sql.Stmt {
	if v.tx == nil {
		return s
	}
	return v.tx.StmtContext(ctx, s)
}

// reading runs a read, again if the database was locked, which in WAL mode is rare (another process that opens or
// closes it). In a transaction of the host's nothing is tried again.
func (v view) reading(ctx context.Context, what string, read func() error) error {
	err := ctx.Err()
	switch {
	case err != nil:
	case v.tx == nil:
		err = v.retry(ctx, read)
	default:
		v.tx.mu.Lock()
		defer v.tx.mu.Unlock()
		err = read()
	}
	if err != nil {
		return failed(ctx, what, err)
	}
	return nil
}

// inside is the store in a transaction of the host's.
type inside struct {
	view
}

var (
	_ history.Store  = (*inside)(nil)
	_ history.Eraser = (*inside)(nil)
)

func (s *inside) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

func (s *inside) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/amends-go/amends/history"
)

// Store is a [history.Store], [history.Eraser] and [history.Bookmarker] in an SQLite database. It is safe for concurrent use, by any
// number of goroutines and, since the database is, by any number of processes on one machine. New makes it.
type Store struct {
	view
}

var (
	_ history.Store      = (*Store)(nil)
	_ history.Eraser     = (*Store)(nil)
	_ history.Bookmarker = (*Store)(nil)
)

// New returns a store in the database that db opens, making its tables if there are none; any other tables are the
// host's, and left alone. It fails with ErrForeign, ErrNewer or ErrUnsafe, having touched nothing, if the database
// is none to write to; a file that is no SQLite database fails with the driver's error. Nil options are the
// defaults.
//
// The pool stays the host's: the store takes connections from it and gives them back, and never closes it. It
// prepares its statements once, so make one store for a pool and share it.
func New(ctx context.Context, db *sql.DB, o *Options) (*Store, error) {
	if db == nil {
		return nil, errors.New("sqlite: open: a *sql.DB is needed, as sql.Open returns it")
	}
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

// Append implements [history.Store]. It waits for its turn, one Append at a time, so that the others hold no
// connection and do not poll for the lock; then it takes one connection for one transaction. A context that ends is
// heard up to the moment when the transaction begins and between its batches. If it fails with
// history.ErrUncertain, the disk or the connection failed while committing.
func (s *Store) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

// Erase implements [history.Eraser]. What it removes, and the heads that it replaces, SQLite overwrites with zeros
// in the file (secure_delete, as in every write of this store); the write-ahead log is emptied after it, unless a
// reader of an older state keeps it, in which case the next checkpoint that can does so. Copies and backups are the
// host's to find.
func (s *Store) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

// In returns the store within a transaction of the host's, so that rows of its own and what is appended commit
// together or not at all. Reads see the transaction's own writes. It is also a [history.Eraser] and a [history.Bookmarker]. It is good until
// tx ends; tx must be of the pool that New was given. Call In once for a transaction if several goroutines share
// it.
//
// An Append that fails has written nothing, and the transaction may go on, except where SQLite itself has rolled it
// back (full disk, failing disk): after any error but history's own, roll back. Receipts and positions count only
// once the host has committed.
//
// SQLite has one writer. Begin the transaction as an immediate one if the driver can (modernc.org/sqlite and
// mattn/go-sqlite3: _txlock=immediate in the data source name), or write before reading. A deferred transaction
// that has read first cannot become a writer once another connection has written, and waiting does not help: Append
// fails with ErrBusy and the driver's SQLITE_BUSY_SNAPSHOT (517), and the host begins again. Append does not retry
// here. Options.Durability does not apply either: the host's connection keeps its setting.
func (s *Store) In(tx *sql.Tx) history.Store {
	return &inside{view{s.shared, &guarded{Tx: tx}}}
}

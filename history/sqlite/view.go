package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/amends-go/amends/history"
)

// shared is what the store and its views in transactions share.
type shared struct {
	db       *sql.DB
	patience time.Duration
	settings string
	turn     chan struct{} // one Append at a time
	lately   lately        // keys of heads written
	prepared
}

func (s *shared) retry(ctx context.Context, do func() error) error { return retry(ctx, s.patience, do) }

// view reads, in the pool or in a transaction.
type view struct {
	*shared
	tx *guarded // nil: any connection of the pool
}

// guarded is a transaction for one goroutine at a time: in a transaction, unlike in the pool, all share one
// instance of a prepared statement, and savepoints nest where appends do not.
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
	_ history.Store      = (*inside)(nil)
	_ history.Eraser     = (*inside)(nil)
	_ history.Bookmarker = (*inside)(nil)
)

// Append implements [history.Store], as [Store.In] says.
func (s *inside) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

// Erase implements [history.Eraser], as [Store.In] says.
func (s *inside) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

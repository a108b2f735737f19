package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// Errors that a host may branch on, with [errors.Is]. All others are history's or the driver's.
var (
	// ErrNewer says that a newer release of this package has made the database, so that this one cannot tell what it
	// would destroy. Nothing was touched: run the newer program.
	ErrNewer = errors.New("database is of a newer release")
	// ErrForeign says that the database has tables or indexes named amends_… that are not as this package
	// makes them. Nothing was touched.
	ErrForeign = errors.New("database has amends_ tables of something else")
	// ErrUnsafe says that records could be lost with this SQLite, this file or this pool, and why. Nothing was
	// touched.
	ErrUnsafe = errors.New("not safe for history")
	// ErrBusy says that another connection held the write lock for all of Options.Patience. Nothing was
	// written: try again later. In a transaction of the host's it comes at once, see [Store.In].
	ErrBusy = errors.New("another connection holds the lock")
)

// failed says what failed, and makes sure that the end of the context can be told.
func failed(ctx context.Context, what string, err error) error {
	if end := ctx.Err(); end != nil && !errors.Is(err, end) {
		return fmt.Errorf("sqlite: %s: %w: %w", what, end, err)
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}

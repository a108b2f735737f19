package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/amends-go/amends/history"
)

// Bookmark implements [history.Bookmarker].
func (v view) Bookmark(ctx context.Context, name string) (uint64, error) {
	if err := history.CheckBookmark(name, 0); err != nil {
		return 0, failed(ctx, "bookmark", err)
	}
	var position int64
	err := v.reading(ctx, "bookmark", func() error {
		err := v.on(ctx, v.bookmark).QueryRowContext(ctx, name).Scan(&position)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%q: %w", name, history.ErrNotFound)
		}
		return err
	})
	return uint64(position), err
}

// Last implements [history.Bookmarker].
func (v view) Last(ctx context.Context) (uint64, error) {
	var position int64
	err := v.reading(ctx, "last", func() error {
		return v.on(ctx, v.last).QueryRowContext(ctx).Scan(&position)
	})
	return uint64(position), err
}

// MoveBookmark implements [history.Bookmarker]. It takes its turn among the store's appends, and one connection.
func (s *Store) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	err := history.CheckBookmark(name, to)
	if err == nil {
		err = s.inTurn(ctx, func() error {
			conn, err := s.db.Conn(ctx)
			if err != nil {
				return err
			}
			defer giveBack(conn)
			return move(ctx, conn, s.settings, name, from, to)
		})
	}
	if err != nil {
		return failed(ctx, "move bookmark", err)
	}
	return nil
}

// MoveBookmark implements [history.Bookmarker], as [Store.In] says.
func (s *inside) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	err := history.CheckBookmark(name, to)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return failed(ctx, "move bookmark", err)
	}
	s.tx.mu.Lock()
	defer s.tx.mu.Unlock()
	if err := locked(move(ctx, s.tx, settings(Unchanged), name, from, to)); err != nil {
		return failed(ctx, "move bookmark", err)
	}
	return nil
}

// writer is what a connection and a transaction have in common.
type writer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// move is one statement, which SQLite does wholly or not at all also where no transaction is open, and which takes the
// write lock before it reads; and a look at why, if it changed nothing. It is not interrupted, as no write is.
func move(ctx context.Context, w writer, settings, name string, from, to uint64) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := w.ExecContext(ctx, settings); err != nil {
		return err
	}
	query, args := `UPDATE amends_bookmarks SET position = ? WHERE name = ? AND position = ?`, []any{int64(to), name, int64(from)}
	if from == 0 {
		query, args = `INSERT INTO amends_bookmarks (name, position) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE position = 0`, []any{name, int64(to)}
	}
	result, err := w.ExecContext(ctx, query, args...) // a from that is no int64 became a negative one, where no bookmark is
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var position int64
	err = w.QueryRowContext(ctx, `SELECT position FROM amends_bookmarks WHERE name = ?`, name).Scan(&position)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return fmt.Errorf("%q is at %d, not at %d: %w", name, position, from, history.ErrMoved)
}

package postgres

import (
	"context"
	"fmt"

	"github.com/amends-go/amends/history"
)

// Bookmark implements [history.Bookmarker].
func (v view) Bookmark(ctx context.Context, name string) (uint64, error) {
	if err := history.CheckBookmark(name, 0); err != nil {
		return 0, failed(ctx, "bookmark", err)
	}
	n, err := v.number(ctx, `SELECT position FROM `+v.text.schema+`.bookmarks WHERE name = $1`, name)
	if err != nil {
		return 0, failed(ctx, fmt.Sprintf("bookmark %q", name), err)
	}
	return n, nil
}

// Last implements [history.Bookmarker].
func (v view) Last(ctx context.Context) (uint64, error) {
	n, err := v.number(ctx, `SELECT last FROM `+v.text.schema+`.feed`)
	if err != nil {
		return 0, failed(ctx, "last", err)
	}
	return n, nil
}

// number reads the only column of the only row, or ErrNotFound if there is none.
func (v view) number(ctx context.Context, query string, args ...any) (uint64, error) {
	var n int64
	err := v.repeating(ctx, often, func(ctx context.Context) error {
		found, err := v.query(ctx, query, args...)
		list, err := collect(found, err, func(r rows) (n int64, err error) {
			err = r.Scan(&n)
			return n, err
		})
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return history.ErrNotFound
		}
		n = list[0]
		return nil
	})
	return uint64(n), err
}

// MoveBookmark implements [history.Bookmarker]. It waits for another transaction that moves the bookmark as long as the
// connection's own lock_timeout says.
func (v view) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	if err := history.CheckBookmark(name, to); err != nil {
		return failed(ctx, "move bookmark", err)
	}
	statement := `UPDATE ` + v.text.schema + `.bookmarks SET position = $3 WHERE name = $1 AND position = $2`
	if from == 0 { // there may be none yet
		statement = `INSERT INTO ` + v.text.schema + `.bookmarks AS b (name, position) VALUES ($1, $3)
			ON CONFLICT (name) DO UPDATE SET position = $3 WHERE b.position = $2`
	}
	var changed int64
	err := v.repeating(ctx, once, func(ctx context.Context) (err error) {
		changed, err = v.exec(ctx, statement, name, int64(from), int64(to)) // where no bookmark can be, from is negative
		return err
	})
	switch {
	case err != nil:
		return failed(ctx, "move bookmark", err)
	case changed == 0:
		return failed(ctx, "move bookmark", fmt.Errorf("%w: %q is not at %d", history.ErrMoved, name, from))
	}
	return nil
}

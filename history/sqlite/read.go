package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Head implements [history.Store].
func (v view) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	var h history.Head
	err := v.reading(ctx, "head", func() (err error) {
		h, err = scanHead(v.on(ctx, v.head).QueryRowContext(ctx, stream[:]))
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("stream %s: %w", stream, history.ErrNotFound)
		}
		return err
	})
	return h, err
}

// Records implements [history.Store].
func (v view) Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	var page []history.Record
	err := v.reading(ctx, "records", func() (err error) {
		page, err = collect(scanRecord)(v.on(ctx, v.records).QueryContext(ctx, stream[:], sequenceValue(after), history.PageSize(limit)))
		return err
	})
	return page, err
}

// Feed implements [history.Store].
func (v view) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	var page []history.Record
	err := v.reading(ctx, "feed", func() (err error) {
		page, err = collect(scanRecord)(v.on(ctx, v.feed).QueryContext(ctx, sequenceValue(after), history.PageSize(limit)))
		return err
	})
	return page, err
}

// Heads implements [history.Store].
func (v view) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	query, args := headsQuery(q)
	run := v.db.QueryContext
	if v.tx != nil {
		run = v.tx.QueryContext
	}
	var page []history.Head
	err := v.reading(ctx, "heads", func() (err error) {
		page, err = collect(scanHead)(run(ctx, query, args...))
		return err
	})
	return page, err
}

// collect reads all rows and gives the connection back before anything else happens with it.
func collect[T any](scan func(scanner) (T, error)) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		var page []T
		for rows.Next() {
			item, err := scan(rows)
			if err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			page = append(page, item)
		}
		return page, rows.Err() // Next has closed them
	}
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

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
	err := v.reading(ctx, "records", func() error {
		rows, err := v.on(ctx, v.records).QueryContext(ctx, stream[:], sequenceValue(after), history.PageSize(limit))
		page, err = collect(rows, err, history.PageSize(limit), recordScanner())
		return err
	})
	return page, err
}

// Feed implements [history.Store].
func (v view) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	var page []history.Record
	err := v.reading(ctx, "feed", func() error {
		rows, err := v.on(ctx, v.feed).QueryContext(ctx, sequenceValue(after), history.PageSize(limit))
		if page, err = collect(rows, err, history.PageSize(limit), recordScanner()); err != nil {
			return err
		}
		last := after
		for i := range page {
			if page[i].Position <= last { // who follows would go in circles
				return fmt.Errorf("record at position %d comes after %d: damaged", page[i].Position, last)
			}
			last = page[i].Position
		}
		return nil
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
	err := v.reading(ctx, "heads", func() error {
		rows, err := run(ctx, query, args...)
		page, err = collect(rows, err, history.PageSize(q.Limit), scanHead)
		return err
	})
	return page, err
}

// collect reads all rows of a query that has succeeded, and so gives their connection back before anything else happens.
// Most is how many it makes room for, once there are more than a few.
func collect[T any](rows *sql.Rows, err error, most int, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if n := len(all); n == cap(all) { // records are large: copy few of them
			grow := max(16, 3*n)
			if n >= 64 {
				grow = max(most-n, n)
			}
			all = slices.Grow(all, grow)
		}
		all = append(all, one)
	}
	return all, rows.Err() // Next has closed them
}

package postgres

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Head implements [history.Store].
func (v view) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	var h history.Head
	err := v.reading(ctx, "head", func(ctx context.Context) error {
		found, err := v.query(ctx, `SELECT `+headColumnNames+` FROM `+v.text.schema+`.heads h WHERE h.stream = $1`, id(stream))
		list, err := collect(found, err, scanHead)
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return fmt.Errorf("stream %s: %w", stream, history.ErrNotFound)
		}
		h = list[0]
		return nil
	})
	return h, err
}

// Records implements [history.Store].
func (v view) Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	return v.page(ctx, "records", `stream = $1 AND sequence > $2 ORDER BY sequence`, limit, id(stream), ordinal(after))
}

// Feed implements [history.Store]. Positions are dense, 1, 2, 3, …, unless a host has removed streams (see GROWING.md).
func (v view) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	return v.page(ctx, "feed", `position > $1 ORDER BY position`, limit, ordinal(after))
}

// page reads records. The limit is part of the text, so that the server knows how few rows it is asked for when it plans.
func (v view) page(ctx context.Context, what, where string, limit int, args ...any) ([]history.Record, error) {
	query := `SELECT ` + recordColumnNames + ` FROM ` + v.text.schema + `.records WHERE ` + where +
		` LIMIT ` + strconv.Itoa(history.PageSize(limit))
	var page []history.Record
	err := v.reading(ctx, what, func(ctx context.Context) error {
		found, err := v.query(ctx, query, args...)
		page, err = collect(found, err, scanRecord)
		return err
	})
	return page, err
}

// Heads implements [history.Store].
func (v view) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	query, args := v.text.headsQuery(q)
	var page []history.Head
	err := v.reading(ctx, "heads", func(ctx context.Context) error {
		found, err := v.query(ctx, query, args...)
		page, err = collect(found, err, scanHead)
		return err
	})
	return page, err
}

func scanRecord(row rows) (history.Record, error) {
	var (
		r                  history.Record
		position, sequence int64
		hash, seal         []byte
	)
	err := row.Scan(&position, (*[16]byte)(&r.Stream), &sequence, (*[16]byte)(&r.ID), &r.Time, &r.Type, &r.Actor,
		&hash, &seal, &r.Data, &r.Salt, &r.Private)
	if err != nil {
		return history.Record{}, err
	}
	r.Position, r.Sequence, r.Time = uint64(position), uint64(sequence), r.Time.UTC()
	copy(r.Hash[:], hash)
	copy(r.Seal[:], seal)
	if len(hash) != len(r.Hash) || len(seal) > 0 && len(seal) != len(r.Seal) {
		return history.Record{}, fmt.Errorf("record at position %d: damaged: a hash has the wrong length", position)
	}
	return r, nil
}

func scanHead(row rows) (history.Head, error) {
	var (
		h        history.Head
		sequence int64
		due      *time.Time
		hash     []byte
	)
	err := row.Scan((*[16]byte)(&h.Stream), &h.Kind, &sequence, &hash, &h.Time, &h.Open, &due, &h.Keys, &h.State)
	if err != nil {
		return history.Head{}, err
	}
	h.Sequence, h.Time = uint64(sequence), h.Time.UTC()
	if due != nil {
		h.Due = due.UTC()
	}
	copy(h.Hash[:], hash)
	if len(hash) != len(h.Hash) {
		return history.Head{}, fmt.Errorf("head of stream %s: damaged: its hash has the wrong length", h.Stream)
	}
	return h, nil
}

// ordinal is a sequence or position to go on after: those that PostgreSQL cannot hold are after everything.
func ordinal(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// write writes the commit in the view's transaction, which must be undone if it fails: it writes first and finds
// out what it met by what that changed, which in the usual case needs no other look.
//
// The context ends it between two batches. No single statement is interrupted, for SQLite may answer that by
// rolling back the whole transaction, the host's rows with it.
func (v view) write(ctx context.Context, c *history.Commit, erase bool) (history.Receipt, error) {
	steady := context.WithoutCancel(ctx)
	receipt, err := v.claim(steady, c)
	if err != nil || receipt.Replayed {
		return receipt, err
	}
	addRecord := v.on(steady, v.addRecord)
	for i := range c.Batches {
		b := &c.Batches[i]
		if err := ctx.Err(); err != nil {
			return history.Receipt{}, err
		}
		if err := v.replaceHead(steady, b); err != nil {
			return history.Receipt{}, fmt.Errorf("stream %s: %w", b.Stream, err)
		}
		if erase {
			if err := v.exec(steady, v.erase, b.Stream[:], int64(b.Expect)); err != nil {
				return history.Receipt{}, fmt.Errorf("stream %s: %w", b.Stream, err)
			}
		}
		for j := range b.Records {
			position, err := put(steady, addRecord, &b.Records[j])
			if err != nil {
				return history.Receipt{}, fmt.Errorf("stream %s: record %d: %w", b.Stream, b.Records[j].Sequence, err)
			}
			if receipt.First == 0 {
				receipt.First = position
			}
			receipt.Last = position
		}
	}
	return receipt, nil
}

// claim takes the write lock and stores the key. If the key is stored, it returns the stored receipt, else one that
// still lacks the positions.
func (v view) claim(ctx context.Context, c *history.Commit) (history.Receipt, error) {
	streams, records := make([]uuid.UUID, len(c.Batches)), 0
	for i := range c.Batches {
		streams[i] = c.Batches[i].Stream
		records += len(c.Batches[i].Records)
	}
	claimed, err := v.changes(ctx, v.prepared.claim, c.Key, c.Digest[:], packStreams(streams), records)
	if err == nil && !claimed {
		return v.stored(ctx, c)
	}
	return history.Receipt{Key: c.Key, Streams: streams}, err
}

// put writes a record and returns its position.
func put(ctx context.Context, addRecord *sql.Stmt, r *history.Record) (uint64, error) {
	packed, err := packRecord(r)
	if err != nil {
		return 0, err
	}
	result, err := addRecord.ExecContext(ctx, packed)
	if err != nil {
		return 0, err
	}
	position, err := result.LastInsertId()
	return uint64(position), err
}

// stored is the receipt of the commit that has the key already.
func (v view) stored(ctx context.Context, c *history.Commit) (history.Receipt, error) {
	var digest, packed []byte
	var records, first int64
	if err := v.on(ctx, v.commit).QueryRowContext(ctx, c.Key).Scan(&digest, &packed, &records, &first); err != nil {
		return history.Receipt{}, err
	}
	if !bytes.Equal(digest, c.Digest[:]) {
		return history.Receipt{}, fmt.Errorf("key %q: %w", c.Key, history.ErrKeyReused)
	}
	r := history.Receipt{Key: c.Key, Replayed: true}
	if records > 0 {
		r.First, r.Last = uint64(first), uint64(first+records)-1
	}
	var err error
	r.Streams, err = unpackStreams(packed)
	return r, err
}

// replaceHead writes the batch's head and its keys, or returns ErrConflict if the stream is not where the batch
// expects it, or not by the past that it expects.
func (v view) replaceHead(ctx context.Context, b *history.Batch) error {
	h, keys := &b.Head, packKeys(b.Head.Keys)
	values := []any{
		int64(h.Sequence), h.Hash[:], micros(h.Time), dueValue(h.Due), filled(h.State),
		h.Kind, truth(h.Open), keys, h.Stream[:], int64(b.Expect), b.Prev[:],
	}
	if b.Expect == 0 { // most likely a new stream
		if added, err := v.changes(ctx, v.addHead, values[:9]...); err != nil {
			return err
		} else if added {
			v.lately.put(b.Stream, keys)
			return v.replaceKeys(ctx, h, nil)
		}
	}
	if had, ok := v.lately.get(b.Stream); ok && !bytes.Equal(had, keys) {
		if turned, err := v.changes(ctx, v.turnHead, append(values, had)...); err != nil {
			return err
		} else if turned {
			v.lately.put(b.Stream, keys)
			return v.replaceKeys(ctx, h, had)
		}
	}
	if moved, err := v.changes(ctx, v.moveHead, values...); err != nil || moved {
		return err
	}
	// The stream is elsewhere, or not all of its standing stays.
	var sequence int64
	var hash, had []byte
	err := v.on(ctx, v.standing).QueryRowContext(ctx, h.Stream[:]).Scan(&sequence, &hash, &had)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	switch {
	case uint64(sequence) != b.Expect:
		return fmt.Errorf("at %d, expected %d: %w", sequence, b.Expect, history.ErrConflict)
	case !bytes.Equal(hash, b.Prev[:]):
		return fmt.Errorf("at %d as expected, but with another past: hash %x, expected %s: %w", sequence, hash, b.Prev, history.ErrConflict)
	}
	if err := v.exec(ctx, v.putHead, values[:9]...); err != nil {
		return err
	}
	v.lately.put(b.Stream, keys)
	return v.replaceKeys(ctx, h, had)
}

// replaceKeys writes the difference between the keys that the head has and those it had.
func (v view) replaceKeys(ctx context.Context, h *history.Head, packed []byte) error {
	had, err := unpackKeys(packed)
	if err != nil {
		return err
	}
	for _, k := range had {
		if !slices.Contains(h.Keys, k) {
			if err := v.exec(ctx, v.dropKey, k, h.Stream[:]); err != nil {
				return err
			}
		}
	}
	for _, k := range h.Keys {
		if !slices.Contains(had, k) {
			if err := v.exec(ctx, v.addKey, k, h.Stream[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// exec runs a statement of which only the error matters.
func (v view) exec(ctx context.Context, s *sql.Stmt, args ...any) error {
	_, err := v.on(ctx, s).ExecContext(ctx, args...)
	return err
}

// changes runs a statement and reports whether it changed a row.
func (v view) changes(ctx context.Context, s *sql.Stmt, args ...any) (bool, error) {
	result, err := v.on(ctx, s).ExecContext(ctx, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

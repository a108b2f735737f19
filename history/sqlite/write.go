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

// write writes the commit in the view's transaction, having taken the write lock: from there on nobody else
// appends, so that what it reads stays true, and the next position is one more than the last.
//
// The context ends it between two batches. No single statement is interrupted, for SQLite may answer that by
// rolling back the whole transaction, the host's rows with it.
func (v view) write(ctx context.Context, c *history.Commit, erase bool) (history.Receipt, error) {
	steady := context.WithoutCancel(ctx)
	if err := v.exec(steady, v.lock); err != nil {
		return history.Receipt{}, err
	}
	receipt, found, err := v.replay(steady, c)
	if err != nil || found {
		return receipt, err
	}
	old := make([]standing, len(c.Batches))
	for i := range c.Batches {
		if old[i], err = v.expect(steady, &c.Batches[i]); err != nil {
			return history.Receipt{}, err
		}
	}
	last, err := v.last(steady)
	if err != nil {
		return history.Receipt{}, err
	}
	receipt = history.Receipt{Key: c.Key, Streams: make([]uuid.UUID, 0, len(c.Batches))}
	put := v.on(steady, v.putRecord)
	for i := range c.Batches {
		b := &c.Batches[i]
		if err := ctx.Err(); err != nil {
			return history.Receipt{}, err
		}
		if erase {
			if err := v.exec(steady, v.erase, b.Stream[:], int64(b.Expect)); err != nil {
				return history.Receipt{}, err
			}
		}
		for j := range b.Records {
			last++
			if _, err := put.ExecContext(steady, recordValues(&b.Records[j], last)...); err != nil {
				return history.Receipt{}, fmt.Errorf("stream %s record %d: %w", b.Stream, b.Records[j].Sequence, err)
			}
			if receipt.First == 0 {
				receipt.First = uint64(last)
			}
			receipt.Last = uint64(last)
		}
		if err := v.replaceHead(steady, &b.Head, &old[i]); err != nil {
			return history.Receipt{}, fmt.Errorf("stream %s head: %w", b.Stream, err)
		}
		receipt.Streams = append(receipt.Streams, b.Stream)
	}
	if err := v.exec(steady, v.putCommit, c.Key, c.Digest[:], int64(receipt.First), int64(receipt.Last),
		packStreams(receipt.Streams)); err != nil {
		return history.Receipt{}, err
	}
	return receipt, nil
}

// replay returns the receipt that is stored under the commit's key, if there is one.
func (v view) replay(ctx context.Context, c *history.Commit) (history.Receipt, bool, error) {
	var digest, streams []byte
	var first, last int64
	err := v.on(ctx, v.findCommit).QueryRowContext(ctx, c.Key).Scan(&digest, &first, &last, &streams)
	if errors.Is(err, sql.ErrNoRows) {
		return history.Receipt{}, false, nil
	}
	if err != nil {
		return history.Receipt{}, false, err
	}
	if !bytes.Equal(digest, c.Digest[:]) {
		return history.Receipt{}, false, fmt.Errorf("key %q: %w", c.Key, history.ErrKeyReused)
	}
	r := history.Receipt{Key: c.Key, First: uint64(first), Last: uint64(last), Replayed: true}
	r.Streams, err = unpackStreams(streams)
	return r, true, err
}

// standing is what the database holds of a head that an Append must know.
type standing struct {
	exists   bool
	sequence int64
	kind     string
	open     bool
	keys     []byte // packed
}

// expect returns the head's standing, and ErrConflict if it is not where the batch expects it.
func (v view) expect(ctx context.Context, b *history.Batch) (standing, error) {
	var s standing
	err := v.on(ctx, v.standing).QueryRowContext(ctx, b.Stream[:]).Scan(&s.sequence, &s.kind, &s.open, &s.keys)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return standing{}, err
	}
	s.exists = err == nil
	if uint64(s.sequence) != b.Expect {
		return standing{}, fmt.Errorf("stream %s is at %d, expected %d: %w", b.Stream, s.sequence, b.Expect, history.ErrConflict)
	}
	return s, nil
}

// last returns the greatest position, 0 if there is no record. Records are never deleted, so that no position comes twice.
func (v view) last(ctx context.Context) (position int64, err error) {
	err = v.on(ctx, v.position).QueryRowContext(ctx).Scan(&position)
	return position, err
}

// replaceHead writes the head and the keys that it gains and loses.
func (v view) replaceHead(ctx context.Context, h *history.Head, old *standing) error {
	keys := packKeys(h.Keys)
	values := []any{int64(h.Sequence), h.Hash[:], micros(h.Time), dueValue(h.Due), filled(h.State)}
	if old.exists && old.kind == h.Kind && old.open == h.Open && bytes.Equal(old.keys, keys) {
		return v.exec(ctx, v.moveHead, append(values, h.Stream[:])...)
	}
	put := v.putHead
	if !old.exists {
		put = v.addHead
	}
	if err := v.exec(ctx, put, append(values, h.Kind, truth(h.Open), keys, h.Stream[:])...); err != nil {
		return err
	}
	had, err := unpackKeys(old.keys)
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

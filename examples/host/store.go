package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Tables are a CRM's own tables, which keep its cases: a [history.Store], checked
// by historytest.TestStore. Maps and a slice stand for the tables here, and the
// mutex for a transaction of the highest isolation. The zero value is ready to use.
type Tables struct {
	mu       sync.Mutex
	events   []history.Record           // a row for each record; its number is the position
	standing map[uuid.UUID]history.Head // a row for each stream
	commits  map[string]commit          // a row for each key
}

// commit is a row that lets a repeated request be answered as the first time.
type commit struct {
	digest  history.Hash
	receipt history.Receipt
}

var _ history.Store = (*Tables)(nil)

// Append looks at the key, then at what the batches expect, then writes all of it.
func (t *Tables) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	if err := c.Check(); err != nil {
		return history.Receipt{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return history.Receipt{}, err
	}
	if done, ok := t.commits[c.Key]; ok {
		if done.digest != c.Digest {
			return history.Receipt{}, fmt.Errorf("key %q: %w", c.Key, history.ErrKeyReused)
		}
		r := done.receipt
		r.Streams, r.Replayed = slices.Clone(r.Streams), true
		return r, nil
	}
	for _, b := range c.Batches {
		at := t.standing[b.Stream]
		if at.Sequence != b.Expect {
			return history.Receipt{}, fmt.Errorf("stream %s is at %d, not at %d: %w", b.Stream, at.Sequence, b.Expect, history.ErrConflict)
		}
		if at.Hash != b.Prev {
			return history.Receipt{}, fmt.Errorf("stream %s is at %d with another past: %w", b.Stream, at.Sequence, history.ErrConflict)
		}
	}
	return t.write(c), nil
}

func (t *Tables) write(c history.Commit) history.Receipt {
	if t.commits == nil {
		t.standing, t.commits = map[uuid.UUID]history.Head{}, map[string]commit{}
	}
	r := history.Receipt{Key: c.Key}
	for _, b := range c.Batches {
		for _, record := range b.Records {
			record.Position = uint64(len(t.events)) + 1
			t.events = append(t.events, cloneRecord(record))
			if r.Last = record.Position; r.First == 0 {
				r.First = r.Last
			}
		}
		t.standing[b.Stream] = cloneHead(b.Head)
		r.Streams = append(r.Streams, b.Stream)
	}
	kept := r
	kept.Streams = slices.Clone(r.Streams)
	t.commits[c.Key] = commit{c.Digest, kept}
	return r
}

// Head is the row of a stream.
func (t *Tables) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return history.Head{}, err
	}
	h, ok := t.standing[stream]
	if !ok {
		return h, fmt.Errorf("stream %s: %w", stream, history.ErrNotFound)
	}
	return cloneHead(h), nil
}

// Heads are the rows that a query selects, in its order.
func (t *Tables) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var found []history.Head
	for h := range maps.Values(t.standing) {
		if q.Matches(h) {
			found = append(found, cloneHead(h))
		}
	}
	slices.SortFunc(found, q.Compare)
	return found[:min(len(found), history.PageSize(q.Limit))], nil
}

// Records are a stream's rows after a sequence.
func (t *Tables) Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	return t.page(ctx, limit, func(r *history.Record) bool { return r.Stream == stream && r.Sequence > after })
}

// Feed are all rows after a position.
func (t *Tables) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	return t.page(ctx, limit, func(r *history.Record) bool { return r.Position > after })
}

func (t *Tables) page(ctx context.Context, limit int, wanted func(*history.Record) bool) ([]history.Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var found []history.Record
	for i := range t.events {
		if len(found) == history.PageSize(limit) {
			break
		}
		if wanted(&t.events[i]) {
			found = append(found, cloneRecord(t.events[i]))
		}
	}
	return found, nil
}

// A store shares no slice with its callers. A database copies by itself.

func cloneHead(h history.Head) history.Head {
	h.Keys, h.State = slices.Clone(h.Keys), bytes.Clone(h.State)
	return h
}

func cloneRecord(r history.Record) history.Record {
	r.Data, r.Private, r.Salt = bytes.Clone(r.Data), bytes.Clone(r.Private), bytes.Clone(r.Salt)
	return r
}

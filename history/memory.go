package history

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// Memory is a [Store] that keeps everything in memory, for tests, demonstrations and short-lived programs. The zero value
// is ready to use, and safe for concurrent use; it must not be copied. It is an [Eraser],
// a [Bookmarker] and a [Waker].
//
// Appending and loading a head cost the same however much it holds.
type Memory struct {
	mu      sync.RWMutex
	streams map[uuid.UUID]*stream
	feed    []*Record // Position p is at p-1
	commits map[string]*settled
	index   headIndex
	marks   map[string]uint64 // bookmarks
	wakers  map[chan struct{}]struct{}
}

// stream is one stream as Memory keeps it.
type stream struct {
	head    Head
	records []*Record // Sequence n is at n-1
}

// settled is a commit that was written.
type settled struct {
	digest  Hash
	receipt Receipt
}

var (
	_ Store      = (*Memory)(nil)
	_ Eraser     = (*Memory)(nil)
	_ Bookmarker = (*Memory)(nil)
	_ Waker      = (*Memory)(nil)
)

// Append implements [Store].
func (m *Memory) Append(ctx context.Context, c Commit) (Receipt, error) {
	return m.commit(ctx, c, false)
}

// Erase implements [Eraser]. What it erases is overwritten in memory too.
func (m *Memory) Erase(ctx context.Context, c Commit) (Receipt, error) {
	return m.commit(ctx, c, true)
}

func (m *Memory) commit(ctx context.Context, c Commit, erase bool) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	if err := c.Check(); err != nil {
		return Receipt{}, err
	}
	batches := copyBatches(c.Batches) // before the lock: it is the longest part

	m.mu.Lock()
	defer m.mu.Unlock()
	if was, ok := m.commits[c.Key]; ok {
		if was.digest != c.Digest {
			return Receipt{}, fmt.Errorf("%w: key %q", ErrKeyReused, c.Key)
		}
		rc := was.receipt.clone()
		rc.Replayed = true
		return rc, nil
	}
	if err := m.expected(batches); err != nil {
		return Receipt{}, err
	}
	if m.streams == nil {
		m.streams, m.commits = map[uuid.UUID]*stream{}, map[string]*settled{}
	}
	rc := Receipt{Key: c.Key, Streams: make([]uuid.UUID, len(batches))}
	before := len(m.feed)
	for i := range batches {
		rc.Streams[i] = batches[i].Stream
		m.write(&batches[i], erase)
	}
	if last := len(m.feed); last > before {
		rc.First, rc.Last = uint64(before)+1, uint64(last)
	}
	m.commits[c.Key] = &settled{digest: c.Digest, receipt: rc}
	m.wake()
	return rc.clone(), nil
}

// expected checks that every batch's stream is where the batch expects it, with the past that it expects.
func (m *Memory) expected(batches []Batch) error {
	for i := range batches {
		b := &batches[i]
		at := &Head{}
		if s, ok := m.streams[b.Stream]; ok {
			at = &s.head
		}
		switch {
		case at.Sequence != b.Expect:
			return fmt.Errorf("%w: stream %s is at %d, the commit expects %d", ErrConflict, b.Stream, at.Sequence, b.Expect)
		case at.Hash != b.Prev:
			return fmt.Errorf("%w: stream %s is at %d as the commit expects, but with another past: its hash is %s, not %s",
				ErrConflict, b.Stream, at.Sequence, at.Hash, b.Prev)
		}
	}
	return nil
}

// write puts a batch, which nobody else holds, into its stream, the feed and the index.
func (m *Memory) write(b *Batch, erase bool) {
	s, ok := m.streams[b.Stream]
	if !ok {
		s = &stream{}
		m.streams[b.Stream] = s
	}
	if erase {
		for _, r := range s.records {
			clear(r.Private)
			clear(r.Salt)
			r.Private, r.Salt = nil, nil
		}
	}
	for i := range b.Records {
		r := &b.Records[i]
		r.Position = uint64(len(m.feed)) + 1
		m.feed = append(m.feed, r)
		s.records = append(s.records, r)
	}
	var was *Head
	if ok {
		was = &s.head
	}
	m.index.replace(was, &b.Head)
	s.head = b.Head
}

// Head implements [Store].
func (m *Memory) Head(ctx context.Context, id uuid.UUID) (Head, error) {
	if err := ctx.Err(); err != nil {
		return Head{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.streams[id]
	if !ok {
		return Head{}, fmt.Errorf("%w: stream %s", ErrNotFound, id)
	}
	return cloneHead(&s.head), nil
}

// Heads implements [Store]. With a Key or a Kind it looks only at the heads that have it, with a DueBy and no Key only at those
// that are due.
func (m *Memory) Heads(ctx context.Context, q Query) ([]Head, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	limit := PageSize(q.Limit)
	ids, sorted := m.index.candidates(&q)
	var found []*Head
	for id := range ids {
		h := &m.streams[id].head
		if !q.matches(h) {
			continue
		}
		if found = append(found, h); sorted && len(found) == limit {
			break
		}
	}
	if !sorted {
		slices.SortFunc(found, func(a, b *Head) int { return q.order(a.Mark(), b.Mark()) })
		found = found[:min(limit, len(found))]
	}
	page := make([]Head, len(found))
	for i, h := range found {
		page[i] = cloneHead(h)
	}
	return page, nil
}

// Records implements [Store].
func (m *Memory) Records(ctx context.Context, id uuid.UUID, after uint64, limit int) ([]Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.streams[id]
	if !ok {
		return nil, nil
	}
	return copyPage(s.records, after, limit), nil
}

// Feed implements [Store].
func (m *Memory) Feed(ctx context.Context, after uint64, limit int) ([]Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return copyPage(m.feed, after, limit), nil
}

// Bookmark implements [Bookmarker].
func (m *Memory) Bookmark(ctx context.Context, name string) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := CheckBookmark(name, 0); err != nil {
		return 0, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	at, ok := m.marks[name]
	if !ok {
		return 0, fmt.Errorf("%w: bookmark %q", ErrNotFound, name)
	}
	return at, nil
}

// MoveBookmark implements [Bookmarker].
func (m *Memory) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBookmark(name, to); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.marks[name]; at != from {
		return fmt.Errorf("%w: %q is at %d, not at %d", ErrMoved, name, at, from)
	}
	if m.marks == nil {
		m.marks = map[string]uint64{}
	}
	m.marks[name] = to
	return nil
}

// Last implements [Bookmarker].
func (m *Memory) Last(ctx context.Context) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return uint64(len(m.feed)), nil
}

// Wake implements [Waker].
func (m *Memory) Wake(ctx context.Context) (<-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	hint := make(chan struct{}, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wakers == nil {
		m.wakers = map[chan struct{}]struct{}{}
	}
	m.wakers[hint] = struct{}{}
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.wakers, hint)
		close(hint)
	})
	return hint, nil
}

func (m *Memory) wake() {
	for hint := range m.wakers {
		select {
		case hint <- struct{}{}:
		default: // one is waiting to be read already
		}
	}
}

// copyPage copies the records of a list, whose numbers are 1, 2, …, after a number.
func copyPage(list []*Record, after uint64, limit int) []Record {
	list = list[min(after, uint64(len(list))):]
	list = list[:min(len(list), PageSize(limit))]
	page := make([]Record, len(list))
	for i, r := range list {
		page[i] = cloneRecord(r)
	}
	return page
}

func copyBatches(batches []Batch) []Batch {
	out := slices.Clone(batches)
	for i := range out {
		b := &out[i]
		b.Head = cloneHead(&b.Head)
		b.Records = slices.Clone(b.Records)
		for j := range b.Records {
			b.Records[j] = cloneRecord(&b.Records[j])
		}
	}
	return out
}

func cloneRecord(r *Record) Record {
	c := *r
	c.Data, c.Private, c.Salt = bytes.Clone(r.Data), bytes.Clone(r.Private), bytes.Clone(r.Salt)
	return c
}

func cloneHead(h *Head) Head {
	c := *h
	c.Keys, c.State = slices.Clone(h.Keys), bytes.Clone(h.State)
	return c
}

func (r Receipt) clone() Receipt {
	r.Streams = slices.Clone(r.Streams)
	return r
}

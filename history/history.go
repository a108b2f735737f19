// Package history keeps what happened: records, heads and the Store contract.
package history

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

var (
	ErrNotFound  = errors.New("history: not found")
	ErrConflict  = errors.New("history: stream has moved on")
	ErrKeyReused = errors.New("history: key was used for something else")
	ErrUncertain = errors.New("history: outcome of the commit unknown")
	ErrInvalid   = errors.New("history: invalid")
)

type Hash [32]byte

// Record is one fact. A Store sets Position and changes nothing else.
type Record struct {
	ID       uuid.UUID
	Stream   uuid.UUID
	Sequence uint64
	Position uint64 // the store's, 0 before it is stored; not part of the chain
	Type     string // "case.opened/1"
	Time     time.Time
	Actor    string
	Data     []byte // what the fold needs; never erased
	Private  []byte // personal texts; nil if none or erased
	Salt     []byte // erased with Private
	Seal     Hash   // HMAC-SHA256(Salt, Private), zero if there never was any; survives erasure
	Hash     Hash
}

func (r Record) Erased() bool { return r.Private == nil && r.Seal != (Hash{}) }

// Head is a stream's standing. The caller computes all of it.
type Head struct {
	Stream   uuid.UUID
	Kind     string
	Sequence uint64
	Hash     Hash
	Time     time.Time
	Open     bool
	Due      time.Time
	Keys     []string
	State    []byte
}

type Mark struct {
	Due    time.Time
	Stream uuid.UUID
}

func (h Head) Mark() Mark { return Mark{h.Due, h.Stream} }

type Batch struct {
	Stream  uuid.UUID
	Expect  uint64
	Records []Record
	Head    Head
}

type Commit struct {
	Key     string
	Digest  Hash
	Batches []Batch
}

type Receipt struct {
	Key         string
	First, Last uint64
	Streams     []uuid.UUID
	Replayed    bool
}

// Query selects heads: all conditions hold. Order: by (Due, Stream) with DueBy, else by Stream.
type Query struct {
	Kind  string
	Key   string
	Open  bool
	DueBy time.Time
	After Mark
	Limit int
}

// Store is what a host implements; historytest.TestStore checks it.
type Store interface {
	Append(ctx context.Context, c Commit) (Receipt, error)
	Head(ctx context.Context, stream uuid.UUID) (Head, error)
	Heads(ctx context.Context, q Query) ([]Head, error)
	Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]Record, error)
	Feed(ctx context.Context, after uint64, limit int) ([]Record, error)
}

// Optional interfaces of a Store.
type (
	// Eraser appends a commit as Append does and, in the same transaction, removes
	// Private and Salt of every earlier record of the commit's streams.
	Eraser interface {
		Erase(ctx context.Context, c Commit) (Receipt, error)
	}
	// Clock is a store with a clock of its own.
	Clock interface {
		Now(ctx context.Context) (time.Time, error)
	}
	// Waker signals that something was appended: a hint only.
	Waker interface {
		Wake(ctx context.Context) (<-chan struct{}, error)
	}
)

func chainHash(prev Hash, r *Record) Hash {
	h := sha256.New()
	h.Write([]byte("amends/1"))
	h.Write(prev[:])
	h.Write(r.ID[:])
	h.Write(r.Stream[:])
	var n [8]byte
	put := func(v uint64) { binary.BigEndian.PutUint64(n[:], v); h.Write(n[:]) }
	put(r.Sequence)
	put(uint64(r.Time.UnixMicro()))
	for _, s := range []string{r.Type, r.Actor} {
		put(uint64(len(s)))
		h.Write([]byte(s))
	}
	d := sha256.Sum256(r.Data)
	h.Write(d[:])
	h.Write(r.Seal[:])
	return Hash(h.Sum(nil))
}

func seal(salt, private []byte) Hash {
	m := hmac.New(sha256.New, salt)
	m.Write(private)
	return Hash(m.Sum(nil))
}

// Next chains records to prev and returns the batch that a Store appends unchanged.
// It fills ID, Stream, Sequence, Salt, Seal, Hash, and next's Stream, Sequence, Hash and Time.
func Next(prev, next Head, records ...Record) (Batch, error) {
	b := Batch{Stream: next.Stream, Expect: prev.Sequence, Head: next}
	b.Head.Sequence, b.Head.Hash, b.Head.Time = prev.Sequence, prev.Hash, prev.Time
	for _, r := range records {
		if r.ID == uuid.Nil {
			id, err := uuid.NewV7()
			if err != nil {
				return Batch{}, err
			}
			r.ID = id
		}
		r.Stream, r.Sequence = next.Stream, b.Head.Sequence+1
		r.Time = r.Time.UTC().Truncate(time.Microsecond)
		if r.Time.Before(b.Head.Time) {
			r.Time = b.Head.Time
		}
		if r.Private != nil {
			r.Salt = make([]byte, 16)
			rand.Read(r.Salt)
			r.Seal = seal(r.Salt, r.Private)
		}
		r.Hash = chainHash(b.Head.Hash, &r)
		b.Head.Sequence, b.Head.Hash, b.Head.Time = r.Sequence, r.Hash, r.Time
		b.Records = append(b.Records, r)
	}
	return b, nil
}

// StreamOf names a stream by text: "customer:42".
func StreamOf(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte("amends:"+name)) }

type ChainError struct {
	Stream   uuid.UUID
	Sequence uint64
	Why      string
}

func (e *ChainError) Error() string {
	return fmt.Sprintf("history: stream %s record %d: %s", e.Stream, e.Sequence, e.Why)
}

func Verify(ctx context.Context, s Store, stream uuid.UUID) error {
	var prev Hash
	var seq uint64
	for r, err := range Stream(ctx, s, stream) {
		if err != nil {
			return err
		}
		seq++
		switch {
		case r.Sequence != seq:
			return &ChainError{stream, seq, "missing"}
		case r.Private != nil && seal(r.Salt, r.Private) != r.Seal:
			return &ChainError{stream, seq, "private part altered"}
		case chainHash(prev, &r) != r.Hash:
			return &ChainError{stream, seq, "altered"}
		}
		prev = r.Hash
	}
	h, err := s.Head(ctx, stream)
	if err != nil {
		return err
	}
	if h.Sequence != seq || h.Hash != prev {
		return &ChainError{stream, seq + 1, "head does not match"}
	}
	return nil
}

func Stream(ctx context.Context, s Store, stream uuid.UUID) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for after := uint64(0); ; {
			page, err := s.Records(ctx, stream, after, 500)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				after = r.Sequence
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

// Memory is a Store; the zero value is ready.
type Memory struct {
	mu      sync.Mutex
	heads   map[uuid.UUID]Head
	feed    []Record
	streams map[uuid.UUID][]uint64
	keys    map[string]stored
}
type stored struct {
	digest  Hash
	receipt Receipt
}

func (m *Memory) Append(ctx context.Context, c Commit) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.keys[c.Key]; ok && c.Key != "" {
		if s.digest != c.Digest {
			return Receipt{}, ErrKeyReused
		}
		r := s.receipt
		r.Replayed = true
		return r, nil
	}
	for _, b := range c.Batches {
		if m.heads[b.Stream].Sequence != b.Expect {
			return Receipt{}, ErrConflict
		}
	}
	if m.heads == nil {
		m.heads, m.streams, m.keys = map[uuid.UUID]Head{}, map[uuid.UUID][]uint64{}, map[string]stored{}
	}
	rc := Receipt{Key: c.Key}
	for _, b := range c.Batches {
		rc.Streams = append(rc.Streams, b.Stream)
		for _, r := range b.Records {
			r.Position = uint64(len(m.feed) + 1)
			r.Data, r.Private = bytes.Clone(r.Data), bytes.Clone(r.Private)
			m.feed = append(m.feed, r)
			m.streams[b.Stream] = append(m.streams[b.Stream], r.Position)
			if rc.First == 0 {
				rc.First = r.Position
			}
			rc.Last = r.Position
		}
		h := b.Head
		h.Keys, h.State = slices.Clone(h.Keys), bytes.Clone(h.State)
		m.heads[b.Stream] = h
	}
	m.keys[c.Key] = stored{c.Digest, rc}
	return rc, nil
}

func (m *Memory) Head(_ context.Context, id uuid.UUID) (Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.heads[id]
	if !ok {
		return Head{}, fmt.Errorf("stream %s: %w", id, ErrNotFound)
	}
	h.Keys, h.State = slices.Clone(h.Keys), bytes.Clone(h.State)
	return h, nil
}

func (m *Memory) Heads(_ context.Context, q Query) ([]Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Head
	for _, h := range m.heads {
		if q.matches(h) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, q.compare)
	return out[:min(len(out), q.limit())], nil
}

func (q Query) limit() int {
	if q.Limit <= 0 || q.Limit > 1000 {
		return 1000
	}
	return q.Limit
}

func (q Query) matches(h Head) bool {
	return (q.Kind == "" || q.Kind == h.Kind) && (q.Key == "" || slices.Contains(h.Keys, q.Key)) && (!q.Open || h.Open) &&
		(q.DueBy.IsZero() || !h.Due.IsZero() && !h.Due.After(q.DueBy)) && q.compare(Head{Stream: q.After.Stream, Due: q.After.Due}, h) < 0
}

func (q Query) compare(a, b Head) int {
	if !q.DueBy.IsZero() {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
	}
	return bytes.Compare(a.Stream[:], b.Stream[:])
}

func (m *Memory) Records(_ context.Context, id uuid.UUID, after uint64, limit int) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Record
	for _, p := range m.streams[id][min(after, uint64(len(m.streams[id]))):] {
		out = append(out, m.feed[p-1])
		if len(out) == limit {
			break
		}
	}
	return out, nil
}

func (m *Memory) Feed(_ context.Context, after uint64, limit int) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.feed[min(after, uint64(len(m.feed))):]
	return slices.Clone(s[:min(len(s), cmp.Or(limit, 1000))]), nil
}

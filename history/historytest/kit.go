package historytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// kit is what a duty works with: a test, a store and its usual moves.
type kit struct {
	tb
	ctx   context.Context //nolint:containedctx // lives as long as one duty, which is one call
	store history.Store
	large int // bytes that a store must at least hold in one piece
}

// noon is when everything happens that does not test times.
func noon() time.Time { return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) }

// blank is the head of a stream that is yet to be written.
func blank(name string) history.Head {
	return history.Head{Stream: history.StreamOf(name), Kind: "case", State: []byte(`{}`)}
}

// facts are n plain records.
func facts(n int) []history.Record {
	list := make([]history.Record, n)
	for i := range list {
		list[i] = history.Record{Type: "test.happened/1", Time: noon(), Actor: "kit", Data: []byte("{}")}
	}
	return list
}

// next chains records to a head.
func (k *kit) next(prev, next history.Head, records ...history.Record) history.Batch {
	k.Helper()
	b, err := history.Next(prev, next, records...)
	if err != nil {
		k.Fatalf("Next: %v", err)
	}
	return b
}

// more is a batch of n plain records that changes nothing else about the head.
func (k *kit) more(prev history.Head, n int) history.Batch {
	k.Helper()
	return k.next(prev, prev, facts(n)...)
}

// write appends batches under a key, and returns the receipt and the first batch's head.
func (k *kit) write(key string, batches ...history.Batch) (history.Receipt, history.Head) {
	k.Helper()
	rc, err := k.store.Append(k.ctx, history.Commit{Key: key, Digest: digest(key), Batches: batches})
	if err != nil {
		k.Fatalf("Append of %q: %v", key, err)
	}
	if len(batches) == 0 {
		return rc, history.Head{}
	}
	return rc, batches[0].Head
}

// refused appends a commit and wants an error wrapping want.
func (k *kit) refused(want error, c history.Commit, when string) {
	k.Helper()
	if rc, err := k.store.Append(k.ctx, c); !errors.Is(err, want) {
		k.Errorf("Append %s: got receipt %+v, error %v; want an error wrapping %q", when, rc, err, want)
	}
}

func (k *kit) head(stream uuid.UUID) history.Head {
	k.Helper()
	h, err := k.store.Head(k.ctx, stream)
	if err != nil {
		k.Fatalf("Head: %v", err)
	}
	return h
}

func (k *kit) records(stream uuid.UUID, after uint64, limit int) []history.Record {
	k.Helper()
	page, err := k.store.Records(k.ctx, stream, after, limit)
	if err != nil {
		k.Fatalf("Records after %d, limit %d: %v", after, limit, err)
	}
	return page
}

func (k *kit) feed(after uint64, limit int) []history.Record {
	k.Helper()
	page, err := k.store.Feed(k.ctx, after, limit)
	if err != nil {
		k.Fatalf("Feed after %d, limit %d: %v", after, limit, err)
	}
	return page
}

func (k *kit) heads(q history.Query) []history.Head {
	k.Helper()
	page, err := k.store.Heads(k.ctx, q)
	if err != nil {
		k.Fatalf("Heads %+v: %v", q, err)
	}
	return page
}

// untouched checks that a stream has no head and no records.
func (k *kit) untouched(stream uuid.UUID, when string) {
	k.Helper()
	if h, err := k.store.Head(k.ctx, stream); !errors.Is(err, history.ErrNotFound) {
		k.Errorf("%s: a stream that was not to be written has head %+v, error %v; want ErrNotFound", when, h, err)
	}
	if page := k.records(stream, 0, 0); len(page) > 0 {
		k.Errorf("%s: a stream that was not to be written has %d records, want none", when, len(page))
	}
}

// standsAt checks a stream's sequence, by its head and by its records.
func (k *kit) standsAt(stream uuid.UUID, sequence uint64, when string) {
	k.Helper()
	if got := k.head(stream).Sequence; got != sequence {
		k.Errorf("%s: the head's sequence is %d, want %d", when, got, sequence)
	}
	if got := len(k.records(stream, 0, 0)); uint64(got) != sequence {
		k.Errorf("%s: the stream has %d records, want %d", when, got, sequence)
	}
}

// sameIDs compares which records came, and in which order.
func (k *kit) sameIDs(what string, got, want []history.Record) {
	k.Helper()
	if g, w := ids(got), ids(want); !slices.Equal(g, w) {
		k.Errorf("%s: got %d records, want %d, in this order\n got %v\nwant %v", what, len(g), len(w), g, w)
	}
}

// sameRecord compares all but the position.
func (k *kit) sameRecord(what string, got, want history.Record) {
	k.Helper()
	k.same(what, "ID", got.ID, want.ID)
	k.same(what, "Stream", got.Stream, want.Stream)
	k.same(what, "Sequence", got.Sequence, want.Sequence)
	k.same(what, "Type", got.Type, want.Type)
	k.sameTime(what, "Time", got.Time, want.Time)
	k.same(what, "Actor", got.Actor, want.Actor)
	k.sameBytes(what, "Data", got.Data, want.Data)
	k.sameBytes(what, "Private", got.Private, want.Private)
	k.sameBytes(what, "Salt", got.Salt, want.Salt)
	k.same(what, "Seal", got.Seal, want.Seal)
	k.same(what, "Hash", got.Hash, want.Hash)
}

// sameHead compares everything, the keys as a set.
func (k *kit) sameHead(what string, got, want history.Head) {
	k.Helper()
	k.same(what, "Stream", got.Stream, want.Stream)
	k.same(what, "Kind", got.Kind, want.Kind)
	k.same(what, "Sequence", got.Sequence, want.Sequence)
	k.same(what, "Hash", got.Hash, want.Hash)
	k.sameTime(what, "Time", got.Time, want.Time)
	k.same(what, "Open", got.Open, want.Open)
	k.sameTime(what, "Due", got.Due, want.Due)
	k.same(what, "Keys", fmt.Sprintf("%q", slices.Sorted(slices.Values(got.Keys))),
		fmt.Sprintf("%q", slices.Sorted(slices.Values(want.Keys))))
	k.sameBytes(what, "State", got.State, want.State)
}

func (k *kit) same(what, field string, got, want any) {
	k.Helper()
	if got != want {
		k.Errorf("%s: %s is %v, want %v", what, field, got, want)
	}
}

func (k *kit) sameTime(what, field string, got, want time.Time) {
	k.Helper()
	if !got.Equal(want) || got.Location() != time.UTC {
		k.Errorf("%s: %s is %v, want %v", what, field, got, want)
	}
}

func (k *kit) sameBytes(what, field string, got, want []byte) {
	k.Helper()
	if !bytes.Equal(got, want) {
		k.Errorf("%s: %s is %s, want %s", what, field, brief(got), brief(want))
	}
}

// brief shows bytes, but not megabytes of them.
func brief(b []byte) string {
	const shown = 300
	if len(b) > shown {
		return fmt.Sprintf("%q… (%d bytes)", b[:shown], len(b))
	}
	return fmt.Sprintf("%q (%d bytes)", b, len(b))
}

func sameReceipt(a, b history.Receipt) bool {
	return a.Key == b.Key && a.First == b.First && a.Last == b.Last && slices.Equal(a.Streams, b.Streams)
}

func ids(records []history.Record) []uuid.UUID {
	list := make([]uuid.UUID, len(records))
	for i, r := range records {
		list[i] = r.ID
	}
	return list
}

func streams(heads []history.Head) []uuid.UUID {
	list := make([]uuid.UUID, len(heads))
	for i, h := range heads {
		list[i] = h.Stream
	}
	return list
}

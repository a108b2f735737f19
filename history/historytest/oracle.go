package historytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/amends-go/amends/history"
)

// TestSameAsMemory does n random appends and erasures, conflicts, repetitions and reused keys among them, to an empty
// store and to a [history.Memory], and then asks both n random queries: every answer must be the same. It finds by chance what
// [TestStore] does not ask by name. The same n does the same things each time. A store that is no [history.Eraser] erases nothing.
func TestSameAsMemory(t *testing.T, s history.Store, n int) {
	t.Helper()
	sameAsMemory(&kit{tb: t, ctx: t.Context(), store: s}, n)
}

func sameAsMemory(k *kit, n int) {
	k.Helper()
	want := new(history.Memory)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same things each time
	eraser, erases := k.store.(history.Eraser)
	for i := range n {
		c := k.randomCommit(random, want, i)
		do, oracle := k.store.Append, want.Append
		if random.IntN(8) == 0 && erases {
			do, oracle = eraser.Erase, want.Erase
		}
		got, gotErr := do(k.ctx, c)
		exp, expErr := oracle(k.ctx, c)
		for _, kind := range []error{history.ErrConflict, history.ErrKeyReused} {
			if errors.Is(expErr, kind) != errors.Is(gotErr, kind) {
				k.Fatalf("commit %d: error %v, memory has %v", i, gotErr, expErr)
			}
		}
		if (expErr == nil) != (gotErr == nil) {
			k.Fatalf("commit %d: error %v, memory has %v", i, gotErr, expErr)
		}
		what := fmt.Sprintf("commit %d", i)
		k.same(what, "Key", got.Key, exp.Key)
		k.same(what, "Replayed", got.Replayed, exp.Replayed)
		k.same(what, "number of records", got.Last-got.First, exp.Last-exp.First)
		if !slices.Equal(got.Streams, exp.Streams) {
			k.Errorf("%s: Streams %v, memory has %v", what, got.Streams, exp.Streams)
		}
	}
	k.sameFeed(want)
	for range n {
		k.sameHeads(want, randomQuery(random))
	}
}

// sameFeed compares all records but for their positions, which may have gaps.
func (k *kit) sameFeed(want history.Store) {
	k.Helper()
	all := func(s history.Store) (list []history.Record) {
		for r, err := range history.Feed(k.ctx, s, 0) {
			if err != nil {
				k.Fatalf("Feed: %v", err)
			}
			list = append(list, r)
		}
		return list
	}
	got, exp := all(k.store), all(want)
	k.same("the feed", "number of records", len(got), len(exp))
	for i := range min(len(got), len(exp)) {
		exp[i].Position = got[i].Position
		k.sameRecord(fmt.Sprintf("record %d of the feed", i+1), got[i], exp[i])
	}
}

// sameHeads compares what a query selects, page by page.
func (k *kit) sameHeads(want history.Store, q history.Query) {
	k.Helper()
	for range 30 { // there are 24 streams
		exp, err := want.Heads(k.ctx, q)
		if err != nil {
			k.Fatalf("Heads of memory, %+v: %v", q, err)
		}
		got := k.heads(q)
		k.same(fmt.Sprintf("a page of %+v", q), "number of heads", len(got), len(exp))
		for i := range min(len(got), len(exp)) {
			k.sameHead(fmt.Sprintf("head %d of %+v", i+1, q), got[i], exp[i])
		}
		if len(got) == 0 || len(got) != len(exp) {
			return
		}
		q.After = got[len(got)-1].Mark()
	}
	k.Errorf("paging through %+v does not end", q)
}

func (k *kit) randomCommit(random *rand.Rand, now history.Store, i int) history.Commit {
	k.Helper()
	c := history.Commit{Key: fmt.Sprint("key ", i)}
	if random.IntN(6) == 0 {
		c.Key = fmt.Sprint("key ", random.IntN(i+1))
	}
	if random.IntN(12) == 0 {
		c.Digest[0] = 1
	}
	for _, n := range random.Perm(24)[:random.IntN(4)] {
		stream := fmt.Sprint("stream ", n)
		prev, err := now.Head(k.ctx, history.StreamOf(stream))
		if errors.Is(err, history.ErrNotFound) {
			prev = blank(stream)
		} else if err != nil {
			k.Fatalf("Head of memory: %v", err)
		}
		if random.IntN(10) == 0 && prev.Sequence > 0 { // another past: a conflict
			prev.Hash[0]++
		}
		b := k.private(prev, random.IntN(4))
		b.Head.Kind = []string{"", "case", "customer", "ledger"}[random.IntN(4)]
		b.Head.Open = random.IntN(2) == 0
		b.Head.Keys = []string{}
		for name := range 4 {
			if random.IntN(2) == 0 {
				b.Head.Keys = append(b.Head.Keys, fmt.Sprint("key:", name))
			}
		}
		if b.Head.Due = (time.Time{}); random.IntN(3) > 0 {
			b.Head.Due = someTime(random)
		}
		if random.IntN(10) == 0 && len(b.Records) > 0 { // in the past: a conflict
			b = k.private(blank(stream), 1)
		}
		c.Batches = append(c.Batches, b)
	}
	return c
}

func randomQuery(random *rand.Rand) history.Query {
	q := history.Query{
		Kind:  []string{"", "", "case", "ledger", "none"}[random.IntN(5)],
		Key:   []string{"", "", "key:1", "key:2", "key"}[random.IntN(5)],
		Open:  random.IntN(2) == 0,
		Limit: []int{0, 1, 2, 5, 24}[random.IntN(5)],
	}
	if random.IntN(2) == 0 {
		q.DueBy = someTime(random)
	}
	if random.IntN(3) == 0 {
		q.After = history.Mark{Due: someTime(random).Add(time.Duration(random.IntN(2))), Stream: history.StreamOf("stream 1")}
	}
	return q
}

// someTime is one of few, so that there are equal ones, to the ends of what a head can hold.
func someTime(random *rand.Rand) time.Time {
	return []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 1, 9, 0, 0, 1000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}[random.IntN(5)]
}

// private is a batch of n records with private parts.
func (k *kit) private(prev history.Head, n int) history.Batch {
	k.Helper()
	records := facts(n)
	for i := range records {
		records[i].Private = []byte("private")
	}
	return k.next(prev, prev, records...)
}

package historytest

import (
	"slices"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func sharingDuties() []duty {
	return []duty{
		{name: "what is given to Append may be changed afterwards", check: givenNotKept},
		{name: "what is returned may be changed", check: returnedNotShared},
	}
}

// full is a commit that has every kind of slice.
func (k *kit) full() history.Commit {
	k.Helper()
	list := facts(2)
	list[0].Private, list[1].Private = []byte("private 1"), []byte("private 2")
	h := blank("full")
	h.Keys = []string{"customer:42", "ref:A-17"}
	return history.Commit{Key: "full", Batches: []history.Batch{k.next(history.Head{}, h, list...)}}
}

func scratchRecords(list []history.Record) {
	for i := range list {
		scratch(list[i].Data, list[i].Private, list[i].Salt)
		list[i].Type = "scratched"
	}
}

func scratchHeads(list []history.Head) {
	for i := range list {
		scratch(list[i].State)
		for j := range list[i].Keys {
			list[i].Keys[j] = "scratched"
		}
	}
}

func scratch(lists ...[]byte) {
	for _, b := range lists {
		for i := range b {
			b[i] = '#'
		}
	}
}

// intact checks that the store still has what a commit like full's says.
func (k *kit) intact(want history.Batch, when string) {
	k.Helper()
	k.sameHead(when, k.head(want.Stream), want.Head)
	records := k.records(want.Stream, 0, 0)
	if len(records) != len(want.Records) {
		k.Fatalf("%s: got %d records, want %d", when, len(records), len(want.Records))
	}
	for i, r := range records {
		k.sameRecord(when, r, want.Records[i])
	}
	k.same(when, "number of heads found by key", len(k.heads(history.Query{Key: "customer:42"})), 1)
}

// cloned is a copy that shares nothing.
func cloned(b history.Batch) history.Batch {
	b.Records = slices.Clone(b.Records)
	for i := range b.Records {
		r := &b.Records[i]
		r.Data, r.Private, r.Salt = slices.Clone(r.Data), slices.Clone(r.Private), slices.Clone(r.Salt)
	}
	b.Head.Keys, b.Head.State = slices.Clone(b.Head.Keys), slices.Clone(b.Head.State)
	return b
}

func givenNotKept(k *kit) {
	c := k.full()
	want := cloned(c.Batches[0])
	given := c.Batches[0]
	if _, err := k.store.Append(k.ctx, c); err != nil {
		k.Fatalf("Append: %v", err)
	}
	c.Batches[0] = history.Batch{}
	scratchRecords(given.Records)
	scratchHeads([]history.Head{given.Head})
	k.intact(want, "after the caller changed what it had appended")
}

func returnedNotShared(k *kit) {
	c := k.full()
	want := cloned(c.Batches[0])
	first, err := k.store.Append(k.ctx, c)
	if err != nil {
		k.Fatalf("Append: %v", err)
	}
	stored := history.Receipt{Key: "full", First: first.First, Last: first.Last, Streams: []uuid.UUID{want.Stream}}
	for range 3 { // of the first append, of the replay, and to see that the replay's was not shared
		if !sameReceipt(first, stored) {
			k.Errorf("after the caller changed a receipt: got %+v, want %+v", first, stored)
		}
		clear(first.Streams)
		if first, err = k.store.Append(k.ctx, c); err != nil {
			k.Fatalf("Append, repeated: %v", err)
		}
	}
	scratchRecords(k.records(want.Stream, 0, 0))
	k.intact(want, "after the caller changed what Records returned")
	scratchRecords(k.feed(0, 0))
	k.intact(want, "after the caller changed what Feed returned")
	scratchHeads([]history.Head{k.head(want.Stream)})
	k.intact(want, "after the caller changed what Head returned")
	scratchHeads(k.heads(history.Query{}))
	k.intact(want, "after the caller changed what Heads returned")
}

package historytest

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func appendDuties() []duty {
	return []duty{
		{name: "a receipt names the commit's positions and streams", check: receipts},
		{name: "an append that expects another sequence is refused", check: expected},
		{name: "the right sequence on another past is a conflict and writes nothing", check: otherPast},
		{name: "several batches are written together or not at all", check: allOrNothing},
		{name: "a batch without records replaces only the head", check: headOnly},
		{name: "a commit without batches keeps only its key", check: keyOnly},
		{name: "an invalid commit is refused", check: invalid},
	}
}

func receipts(k *kit) {
	k.write("before", k.more(blank("other"), 3))
	a, b := k.more(blank("a"), 2), k.more(blank("b"), 3)
	rc, _ := k.write("both", a, b)
	if rc.Replayed {
		k.Errorf("a first append's receipt says Replayed")
	}
	stored := append(k.records(a.Stream, 0, 0), k.records(b.Stream, 0, 0)...)
	if len(stored) != 5 {
		k.Fatalf("got %d records, want 5", len(stored))
	}
	want := history.Receipt{
		Key: "both", First: stored[0].Position, Last: stored[4].Position, Streams: []uuid.UUID{a.Stream, b.Stream},
	}
	if !sameReceipt(rc, want) {
		k.Errorf("got receipt %+v, want %+v", rc, want)
	}
	for i := range stored[1:] {
		if stored[i].Position >= stored[i+1].Position {
			k.Errorf("positions %d and then %d in one commit, want them to rise", stored[i].Position, stored[i+1].Position)
		}
	}
}

func expected(k *kit) {
	late := k.more(history.Head{Stream: history.StreamOf("new"), Sequence: 1, Hash: digest("x"), Time: noon()}, 1)
	k.refused(history.ErrConflict, history.Commit{Key: "new", Batches: []history.Batch{late}}, "of record 2 to a new stream")
	k.untouched(late.Stream, "after an append that expected records")

	first := k.more(blank("a"), 2)
	_, head := k.write("first", first)
	k.refused(history.ErrConflict, history.Commit{Key: "again", Batches: []history.Batch{k.more(blank("a"), 1)}},
		"that expects 0, at 2")
	k.refused(history.ErrConflict, history.Commit{Key: "low", Batches: []history.Batch{
		k.more(history.Head{Stream: head.Stream, Sequence: 1, Hash: first.Records[0].Hash, Time: noon()}, 1),
	}}, "that expects 1, at 2")
	high := head
	high.Sequence = 3
	k.refused(history.ErrConflict, history.Commit{Key: "high", Batches: []history.Batch{k.more(high, 1)}}, "that expects 3, at 2")
	k.standsAt(head.Stream, 2, "after appends that were refused")
	k.write("right", k.more(head, 1))
	k.standsAt(head.Stream, 3, "after the right append")
}

// otherPast appends what was decided on another past of the same length: on the records, say, that a backup lacked from
// which the store was restored.
func otherPast(k *kit) {
	_, head := k.write("first", k.more(blank("a"), 2))
	lost := k.more(blank("a"), 2).Head // its records have other ids
	marked := lost
	marked.State, marked.Keys, marked.Open = []byte("lost"), []string{"lost"}, true
	fresh, after := k.more(blank("b"), 1), k.more(blank("c"), 1)
	for when, batches := range map[string][]history.Batch{
		"on another past":                        {k.more(lost, 1)},
		"on another past, of other keys":         {k.next(lost, marked, facts(1)...)},
		"on another past, of no records":         {k.next(lost, marked)},
		"whose first batch is on another past":   {k.more(lost, 1), fresh},
		"whose last batch is on another past":    {fresh, after, k.more(lost, 1)},
		"whose batch between is on another past": {fresh, k.next(lost, marked), after},
	} {
		k.refused(history.ErrConflict, history.Commit{Key: "lost", Batches: batches}, when)
		k.sameHead("after an append "+when, k.head(head.Stream), head)
		k.standsAt(head.Stream, 2, "after an append "+when)
		k.untouched(fresh.Stream, "after an append "+when)
		k.untouched(after.Stream, "after an append "+when)
	}
	if rc, _ := k.write("first", k.more(lost, 1)); !rc.Replayed { // the key is looked at first
		k.Errorf("a repeated key on another past: got receipt %+v, want the stored one", rc)
	}
	if rc, _ := k.write("lost", fresh, k.more(head, 1)); rc.Replayed {
		k.Errorf("decided again under the same key: got receipt %+v, want it written", rc)
	}
	k.standsAt(head.Stream, 3, "after an append on the right past")
}

func allOrNothing(k *kit) {
	_, b := k.write("b", k.more(blank("b"), 1))
	_, c := k.write("c", k.more(blank("c"), 1))
	changed := c
	changed.State = []byte(`{"changed":true}`)
	k.refused(history.ErrConflict, history.Commit{Key: "stale in the middle", Batches: []history.Batch{
		k.more(blank("a"), 2), k.more(blank("b"), 1), k.next(c, changed, facts(1)...),
	}}, "whose second batch of three is stale")
	k.untouched(history.StreamOf("a"), "after a commit with a stale batch")
	k.standsAt(b.Stream, 1, "after a commit with a stale batch")
	k.standsAt(c.Stream, 1, "after a commit with a stale batch")
	k.sameBytes("after a commit with a stale batch", "State", k.head(c.Stream).State, c.State)
	k.same("after a commit with a stale batch", "number of records in the feed", len(k.feed(0, 0)), 2)

	k.write("right", k.more(blank("a"), 2), k.more(b, 1), k.next(c, changed, facts(1)...))
	k.standsAt(history.StreamOf("a"), 2, "after the commit of three batches")
	k.standsAt(b.Stream, 2, "after the commit of three batches")
	k.standsAt(c.Stream, 2, "after the commit of three batches")
}

func headOnly(k *kit) {
	_, was := k.write("1", k.more(blank("a"), 2))
	next := was
	next.State, next.Keys, next.Open, next.Due = []byte("replaced"), []string{"customer:42"}, true, noon()
	rc, _ := k.write("2", k.next(was, next))
	k.sameHead("after a batch without records", k.head(was.Stream), next)
	k.same("after a batch without records", "number of records", len(k.records(was.Stream, 0, 0)), 2)
	k.same("receipt of a batch without records", "First", rc.First, uint64(0))
	k.same("receipt of a batch without records", "Last", rc.Last, uint64(0))

	stale := history.Head{Stream: was.Stream, Sequence: 1, Hash: digest("x"), Time: noon()}
	k.refused(history.ErrConflict, history.Commit{Key: "3", Batches: []history.Batch{k.next(stale, stale)}},
		"of a batch without records that expects 1, at 2")

	fresh := blank("a head without any record")
	k.write("4", k.next(fresh, fresh))
	k.sameHead("a head without any record", k.head(fresh.Stream), fresh)
	k.write("5", k.more(fresh, 1))
	k.standsAt(fresh.Stream, 1, "after the first record behind a head without any")
}

func keyOnly(k *kit) {
	for _, replayed := range []bool{false, true} {
		rc, _ := k.write("nothing to write")
		if want := (history.Receipt{Key: "nothing to write"}); !sameReceipt(rc, want) || rc.Replayed != replayed {
			k.Errorf("got receipt %+v, want %+v with Replayed %v", rc, want, replayed)
		}
	}
	k.refused(history.ErrKeyReused, history.Commit{Key: "nothing to write", Digest: digest("else")}, "under its key, of something else")
}

// invalid checks that the store calls Commit.Check: whether that finds everything, its own tests know.
func invalid(k *kit) {
	good := func() history.Commit {
		return history.Commit{Key: "key", Batches: []history.Batch{k.more(blank("a"), 2)}}
	}
	for when, spoil := range map[string]func(c *history.Commit){
		"without key":                        func(c *history.Commit) { c.Key = "" },
		"with a key that is too long":        func(c *history.Commit) { c.Key = strings.Repeat("k", history.MaxName+1) },
		"with two batches for one stream":    func(c *history.Commit) { c.Batches = append(c.Batches, c.Batches[0]) },
		"with a record of another stream":    func(c *history.Commit) { c.Batches[0].Records[0].Stream = history.StreamOf("b") },
		"with a gap in its sequences":        func(c *history.Commit) { c.Batches[0].Records = c.Batches[0].Records[1:] },
		"with a head that stands elsewhere":  func(c *history.Commit) { c.Batches[0].Head.Sequence = 1 },
		"with an unchained record":           func(c *history.Commit) { c.Batches[0].Records[0].Hash = history.Hash{} },
		"with a record without type":         func(c *history.Commit) { c.Batches[0].Records[0].Type = "" },
		"with a due time in nanoseconds":     func(c *history.Commit) { c.Batches[0].Head.Due = noon().Add(time.Nanosecond) },
		"with a due time in the year 10,000": func(c *history.Commit) { c.Batches[0].Head.Due = noon().AddDate(8000, 0, 0) },
	} {
		c := good()
		spoil(&c)
		k.refused(history.ErrInvalid, c, when)
		k.untouched(history.StreamOf("a"), "after a commit "+when)
	}
	k.write("key", good().Batches...)
}

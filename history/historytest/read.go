package historytest

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func readDuties() []duty {
	return []duty{
		{name: "a stream's records come in order, after a sequence", check: recordsInOrder},
		{name: "the feed has every record once, by position", check: feedInOrder},
		{name: "a stream that does not exist has no head and no records", check: unknownStream},
		{name: "a limit below 1 or above 1000 means 1000", check: limits},
		{name: "appending inside a loop over a page works", check: appendInLoop},
	}
}

func recordsInOrder(k *kit) {
	a := k.more(blank("a"), 3)
	_, head := k.write("a1", a)
	k.write("b1", k.more(blank("b"), 2))
	a2 := k.more(head, 2)
	k.write("a2", a2)
	want := slices.Concat(a.Records, a2.Records)
	for after := range uint64(7) {
		rest := want[min(after, 5):]
		for limit := range 6 {
			page := rest
			if limit > 0 {
				page = rest[:min(limit, len(rest))]
			}
			k.sameIDs(fmt.Sprintf("Records after %d, limit %d", after, limit), k.records(head.Stream, after, limit), page)
		}
	}
}

func feedInOrder(k *kit) {
	a, b, c := k.more(blank("a"), 2), k.more(blank("b"), 2), k.more(blank("c"), 1)
	k.write("1", a)
	k.write("2", b, c)
	a2 := k.more(a.Head, 1)
	k.write("3", a2)
	want := slices.Concat(a.Records, b.Records, c.Records, a2.Records)
	all := k.feed(0, 0)
	k.sameIDs("Feed", all, want)
	for i, r := range all {
		if i > 0 && r.Position <= all[i-1].Position || r.Position == 0 {
			k.Errorf("Feed: record %d has position %d, want more than that of the one before it", i, r.Position)
		}
		k.sameIDs(fmt.Sprintf("Feed after record %d", i), k.feed(r.Position, 0), want[i+1:])
		k.sameIDs(fmt.Sprintf("Feed after record %d, limit 2", i), k.feed(r.Position, 2), want[i+1:min(i+3, len(want))])
	}
}

func unknownStream(k *kit) {
	k.write("1", k.more(blank("a"), 1))
	k.untouched(history.StreamOf("unknown"), "after a commit to another stream")
}

func limits(k *kit) {
	const n = history.MaxPage + 5
	batches := []history.Batch{k.more(blank("long"), n)}
	for i := range n {
		h := blank(strconv.Itoa(i))
		h.Kind = "many"
		batches = append(batches, k.more(h, 1))
	}
	k.write("all", batches...)
	for _, limit := range []int{0, -1, history.MaxPage, history.MaxPage + 1, math.MaxInt} {
		k.same("Records", fmt.Sprintf("page for limit %d", limit), len(k.records(batches[0].Stream, 0, limit)), history.MaxPage)
		k.same("Feed", fmt.Sprintf("page for limit %d", limit), len(k.feed(0, limit)), history.MaxPage)
		k.same("Heads", fmt.Sprintf("page for limit %d", limit), len(k.heads(history.Query{Limit: limit})), history.MaxPage)
	}
	k.same("Heads", "page for limit 7", len(k.heads(history.Query{Limit: 7})), 7)
}

func appendInLoop(k *kit) {
	prev := map[uuid.UUID]history.Head{}
	for _, name := range []string{"a", "b", "c"} {
		_, h := k.write(name, k.more(blank(name), 3))
		prev[h.Stream] = h
	}
	count := 0
	extend := func(stream uuid.UUID) {
		count++
		_, prev[stream] = k.write(fmt.Sprintf("in loop %d", count), k.more(prev[stream], 1))
	}
	a := history.StreamOf("a")
	for _, r := range k.records(a, 0, 2) {
		extend(r.Stream)
	}
	for _, r := range k.feed(0, 2) {
		extend(r.Stream)
	}
	for _, h := range k.heads(history.Query{Kind: "case", Limit: 2}) {
		extend(h.Stream)
	}
	visited := 0
	for h, err := range history.Heads(k.ctx, k.store, history.Query{Kind: "case", Limit: 1}) {
		if err != nil {
			k.Fatalf("Heads: %v", err)
		}
		if visited++; visited > 3 {
			break // a cursor that does not move would go on forever
		}
		extend(h.Stream)
	}
	k.same("loop over heads", "number of streams", visited, 3)
	total := 0
	for stream, h := range prev {
		k.standsAt(stream, h.Sequence, "after the loops")
		total += int(h.Sequence)
	}
	k.same("after the loops", "number of records", total, 9+count)
}

package historytest

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func headDuties() []duty {
	return []duty{
		{name: "heads are found by kind", check: headsByKind},
		{name: "heads are found by key, compared byte by byte", check: headsByKey},
		{name: "open heads are found", check: headsOpen},
		{name: "heads are found by when they are due", check: headsByDue},
		{name: "heads must meet all conditions at once", check: headsByAll},
		{name: "heads come in a stable order, page by page", check: headPages},
		{name: "heads are found by what they are now", check: headsChanged},
	}
}

// place writes heads, each with one record.
func (k *kit) place(heads ...history.Head) {
	k.Helper()
	batches := make([]history.Batch, len(heads))
	for i, h := range heads {
		batches[i] = k.more(h, 1)
	}
	k.write("place "+heads[0].Stream.String(), batches...)
}

// finds checks which of the named streams a query selects, in whatever order.
func (k *kit) finds(q history.Query, names ...string) {
	k.Helper()
	want := make([]uuid.UUID, len(names))
	for i, n := range names {
		want[i] = history.StreamOf(n)
	}
	got := streams(k.heads(q))
	order := func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		k.Errorf("Heads %+v: got %v, want %v, which is %q", q, got, want, names)
	}
}

func headsByKind(k *kit) {
	ledger, none := blank("ledger"), blank("none")
	ledger.Kind, none.Kind = "ledger", ""
	k.place(blank("a"), ledger, blank("b"), none)
	k.finds(history.Query{}, "a", "b", "ledger", "none")
	k.finds(history.Query{Kind: "case"}, "a", "b")
	k.finds(history.Query{Kind: "ledger"}, "ledger")
	k.finds(history.Query{Kind: "cas"})
}

func headsByKey(k *kit) {
	names := lookalikes()
	heads := []history.Head{blank("none"), blank("all")}
	heads[1].Keys = names
	for _, n := range names {
		h := blank("only " + n)
		h.Keys = []string{n}
		heads = append(heads, h)
	}
	k.place(heads...)
	for _, n := range names {
		k.finds(history.Query{Key: n}, "all", "only "+n)
	}
	k.finds(history.Query{Key: "no such key"})
	k.finds(history.Query{Key: "customer:a,customer:A"})
}

func headsOpen(k *kit) {
	open, closed := blank("open"), blank("closed")
	open.Open = true
	k.place(open, closed)
	k.finds(history.Query{}, "open", "closed")
	k.finds(history.Query{Open: true}, "open")
}

func headsByDue(k *kit) {
	now := noon()
	before, at, after, never := blank("before"), blank("at"), blank("after"), blank("never")
	before.Due, at.Due, after.Due = now.Add(-time.Second), now, now.Add(time.Second)
	k.place(before, at, after, never)
	k.finds(history.Query{DueBy: now.Add(-2 * time.Second)})
	k.finds(history.Query{DueBy: now.Add(-time.Second)}, "before")
	k.finds(history.Query{DueBy: now}, "before", "at")
	k.finds(history.Query{DueBy: now.Add(500 * time.Millisecond)}, "before", "at")
	k.finds(history.Query{DueBy: now.Add(time.Second).In(time.FixedZone("", -3*3600))}, "before", "at", "after")
	k.finds(history.Query{DueBy: now.AddDate(1000, 0, 0)}, "before", "at", "after")
	k.finds(history.Query{}, "before", "at", "after", "never")
}

// manyHeads are heads of every mixture of properties, with due times that several share.
func manyHeads() []history.Head {
	var heads []history.Head
	for i := range 48 {
		h := blank(fmt.Sprint("mixed ", i))
		h.Kind = []string{"case", "ledger"}[i%2]
		h.Open = i/2%2 == 0
		h.Keys = [][]string{nil, {"assignee:ana"}, {"assignee:ana", "customer:42"}}[i/4%3]
		if i/12%4 > 0 {
			h.Due = noon().Add(time.Duration(i/12%4) * time.Hour)
		}
		heads = append(heads, h)
	}
	return heads
}

// mixtures are queries of every mixture of conditions.
func mixtures() []history.Query {
	var list []history.Query
	for _, kind := range []string{"", "case", "nothing"} {
		for _, key := range []string{"", "assignee:ana", "customer:42"} {
			for _, open := range []bool{false, true} {
				for _, due := range []time.Time{{}, noon().Add(2 * time.Hour), noon().Add(5 * time.Hour)} {
					list = append(list, history.Query{Kind: kind, Key: key, Open: open, DueBy: due})
				}
			}
		}
	}
	return list
}

func headsByAll(k *kit) {
	all := manyHeads()
	k.place(all...)
	for _, q := range mixtures() {
		want := map[uuid.UUID]bool{}
		for _, h := range all {
			if q.Matches(h) {
				want[h.Stream] = true
			}
		}
		got := k.heads(q)
		for _, h := range got {
			if !want[h.Stream] {
				k.Errorf("Heads %+v: got %+v, which does not meet the conditions or came twice", q, h)
			}
			delete(want, h.Stream)
		}
		if len(want) > 0 {
			k.Errorf("Heads %+v: %d of %d heads that meet the conditions are missing", q, len(want), len(want)+len(got))
		}
	}
}

func headPages(k *kit) {
	all := manyHeads()
	k.place(all...)
	for _, q := range []history.Query{{}, {DueBy: noon().Add(5 * time.Hour)}, {Key: "assignee:ana", DueBy: noon().Add(5 * time.Hour)}} {
		var want []history.Head
		for _, h := range all {
			if q.Matches(h) {
				want = append(want, h)
			}
		}
		slices.SortFunc(want, q.Compare)
		if got := k.heads(q); !slices.Equal(streams(got), streams(want)) {
			k.Errorf("Heads %+v in one page: got %d, want %d, in this order\n got %v\nwant %v",
				q, len(got), len(want), streams(got), streams(want))
			continue
		}
		for q.Limit = 1; q.Limit <= 7; q.Limit += 3 {
			k.pages(q, want)
		}
	}
}

// pages reads heads page by page and changes heads meanwhile, but not their place.
func (k *kit) pages(q history.Query, want []history.Head) {
	k.Helper()
	var got []history.Head
	for page := 0; page <= len(want); page++ {
		part := k.heads(q)
		got = append(got, part...)
		if len(part) < q.Limit {
			break
		}
		h := part[len(part)-1]
		q.After = h.Mark()
		if page == 1 {
			k.write(fmt.Sprintf("between pages %s %d", h.Stream, h.Sequence), k.more(h, 1))
		}
	}
	if !slices.Equal(streams(got), streams(want)) {
		k.Errorf("Heads %+v page by page: got %d, want %d, in this order\n got %v\nwant %v",
			q, len(got), len(want), streams(got), streams(want))
	}
}

func headsChanged(k *kit) {
	a := blank("a")
	a.Open, a.Due, a.Keys = true, noon(), []string{"assignee:ana", "customer:42"}
	k.place(a, blank("b"))
	was := k.head(a.Stream)
	now := was
	now.Kind, now.Open, now.Due, now.Keys = "closed case", false, noon().Add(time.Hour), []string{"customer:42", "assignee:ben"}
	k.write("change", k.next(was, now, facts(1)...))
	k.finds(history.Query{}, "a", "b")
	k.finds(history.Query{Kind: "case"}, "b")
	k.finds(history.Query{Kind: "closed case"}, "a")
	k.finds(history.Query{Open: true})
	k.finds(history.Query{DueBy: noon()})
	k.finds(history.Query{DueBy: noon().Add(time.Hour)}, "a")
	k.finds(history.Query{Key: "assignee:ana"})
	k.finds(history.Query{Key: "assignee:ben"}, "a")
	k.finds(history.Query{Key: "customer:42"}, "a")
}

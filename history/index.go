package history

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/google/uuid"
)

// headIndex finds heads by what queries ask for. Each list holds the streams of one value of one property, in
// the order of queries.
type headIndex struct {
	lists map[property]*ranking
}

// property is something that heads have in common.
type property struct {
	of   facet
	text string // the kind or the key
}

type facet int

const (
	ofAll facet = iota
	ofKind
	ofOpenKind
	ofDue
	ofKey
)

// entry is a head's place in one list.
type entry struct {
	list property
	rank rank
}

// replace takes was, nil if the head is new, out of the lists and puts h into them. What stays the same is left alone.
func (x *headIndex) replace(was, h *Head) {
	var old, now []entry
	if was != nil {
		if was.Kind == h.Kind && was.Open == h.Open && was.Due.Equal(h.Due) && slices.Equal(was.Keys, h.Keys) {
			return
		}
		old = entries(make([]entry, 0, 16), was)
	}
	now = entries(make([]entry, 0, 16), h)
	for _, e := range old {
		if !slices.Contains(now, e) {
			x.remove(e)
		}
	}
	for _, e := range now {
		if !slices.Contains(old, e) {
			x.add(e)
		}
	}
}

// entries appends the places that a head has.
func entries(list []entry, h *Head) []entry {
	r := rank{stream: h.Stream}
	list = append(list, entry{property{of: ofAll}, r}, entry{property{ofKind, h.Kind}, r})
	if h.Open {
		list = append(list, entry{property{ofOpenKind, h.Kind}, r})
	}
	for _, k := range h.Keys {
		list = append(list, entry{property{ofKey, k}, r})
	}
	if !h.Due.IsZero() {
		list = append(list, entry{property{of: ofDue}, rank{due: h.Due.UnixMicro(), stream: h.Stream}})
	}
	return list
}

func (x *headIndex) add(e entry) {
	if x.lists == nil {
		x.lists = map[property]*ranking{}
	}
	list, ok := x.lists[e.list]
	if !ok {
		list = &ranking{}
		x.lists[e.list] = list
	}
	list.add(e.rank)
}

func (x *headIndex) remove(e entry) {
	list, ok := x.lists[e.list]
	if !ok {
		return
	}
	if list.remove(e.rank); len(list.chunks) == 0 {
		delete(x.lists, e.list)
	}
}

// candidates yields the streams among which all lie that a query selects, and says whether they come in its order.
func (x *headIndex) candidates(q *Query) (ids iter.Seq[uuid.UUID], sorted bool) {
	from, to := rank{stream: q.After.Stream}, rank{due: 1}
	p := property{of: ofAll}
	sorted = q.DueBy.IsZero()
	switch {
	case q.Key != "":
		p = property{ofKey, q.Key}
	case !q.DueBy.IsZero():
		p, sorted = property{of: ofDue}, true
		from.due, to = q.After.Due.UnixMicro(), rank{due: q.DueBy.UnixMicro() + 1}
	case q.Open && q.Kind != "":
		p = property{ofOpenKind, q.Kind}
	case q.Kind != "":
		p = property{ofKind, q.Kind}
	}
	if !sorted { // the mark is of another order than the list
		from = rank{}
	}
	return func(yield func(uuid.UUID) bool) {
		if list, ok := x.lists[p]; ok {
			list.between(from, to, yield)
		}
	}, sorted
}

// rank is a head's place in a list: by when it is due in Unix microseconds, 0 in lists that don't care, then by stream.
type rank struct {
	due    int64
	stream uuid.UUID
}

func (a rank) compare(b rank) int {
	if c := cmp.Compare(a.due, b.due); c != 0 {
		return c
	}
	return bytes.Compare(a.stream[:], b.stream[:])
}

// ranking is an ordered set of ranks, in chunks that follow one another and are never empty, so that adding and
// removing move one chunk at most.
type ranking struct {
	chunks [][]rank
}

const chunkSize = 256

// find returns where r is or belongs.
func (l *ranking) find(r rank) (chunk, at int, found bool) {
	chunk = sort.Search(len(l.chunks), func(i int) bool {
		c := l.chunks[i]
		return c[len(c)-1].compare(r) >= 0
	})
	if chunk == len(l.chunks) {
		return chunk, 0, false
	}
	at, found = slices.BinarySearchFunc(l.chunks[chunk], r, rank.compare)
	return chunk, at, found
}

func (l *ranking) add(r rank) {
	i, at, found := l.find(r)
	switch {
	case found:
		return
	case len(l.chunks) == 0:
		l.chunks = [][]rank{{r}}
		return
	case i == len(l.chunks): // greater than all
		i--
		at = len(l.chunks[i])
	}
	c := slices.Insert(l.chunks[i], at, r)
	l.chunks[i] = c
	if half := len(c) / 2; len(c) > chunkSize {
		l.chunks[i] = c[:half:half]
		l.chunks = slices.Insert(l.chunks, i+1, slices.Clone(c[half:]))
	}
}

func (l *ranking) remove(r rank) {
	i, at, found := l.find(r)
	if !found {
		return
	}
	l.chunks[i] = slices.Delete(l.chunks[i], at, at+1)
	if len(l.chunks[i]) == 0 {
		l.chunks = slices.Delete(l.chunks, i, i+1)
	}
}

// between yields the streams from one rank on, up to another and without it.
func (l *ranking) between(from, to rank, yield func(uuid.UUID) bool) {
	i, at, _ := l.find(from)
	for ; i < len(l.chunks); i, at = i+1, 0 {
		for _, r := range l.chunks[i][at:] {
			if r.compare(to) >= 0 || !yield(r.stream) {
				return
			}
		}
	}
}

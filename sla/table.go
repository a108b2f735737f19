package sla

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ErrHorizon is wrapped when an answer would lie outside the years 1 to 9999: the calendar does not have that much open time, or that many
// business days, before or after the time in question.
var ErrHorizon = errors.New("sla: no such time in the years 1 to 9999")

const (
	firstYear, lastYear = 1, 9999
	yearSeconds         = 31_556_952 // on average
	epochDay            = 719_162    // days from 1 January of year 1 to 1 January 1970
	firstSecond         = -epochDay * daySeconds
	endSecond           = 253_402_300_800 // 1 January 10000
)

// measure is what time is counted in.
type measure int

const (
	openSeconds measure = iota
	businessDay
)

// entry is a year in a table: its first second, and how many open seconds and business days lie before it, counted from
// a year that stays the same for the calendar's life.
type entry struct {
	start  int64
	before [2]int64
	page   *page // nil in the last entry, which only says where the year before it ends
	year   int
}

// reaches reports whether a count is reached in the year: what lies before it is at most x, what lies before the next is more.
func (e *entry) reaches(x int64, m measure) bool {
	return uint64(x-e.before[m]) < uint64(e.page.size[m])
}

// table is a run of compiled years and where they end: the last entry has no page, and is alone in the first table of a calendar. A table is
// immutable; a calendar replaces it by a longer one.
type table struct {
	first   int
	entries []entry
}

// years are a calendar's compiled years: filled as they are asked for, read without a lock.
type years struct {
	rules *rules
	table atomic.Pointer[table]
	grow  sync.Mutex
	pages map[shape]*page // under grow
}

// get is a year; nil if the table does not have it.
func (t *table) get(year int) *entry {
	if i := year - t.first; uint(i) < uint(len(t.entries)-1) {
		return &t.entries[i]
	}
	return nil
}

// find is the year that has a second; nil if the table does not have it, or only just: on the first day of its first year.
func (t *table) find(sec int64) *entry {
	// No year begins more than 18 hours after or 36 before the average says.
	i := int(uint64(sec-firstSecond-daySeconds)/yearSeconds) + firstYear - t.first // or the next
	if uint(i) >= uint(len(t.entries)-1) {
		return nil
	}
	if sec < t.entries[i+1].start {
		return &t.entries[i]
	}
	if i+2 < len(t.entries) {
		return &t.entries[i+1]
	}
	return nil
}

// at is the year that has a second of the years 1 to 9999. It compiles it if need be.
func (y *years) at(sec int64) *entry {
	if e := y.table.Load().find(sec); e != nil {
		return e
	}
	return y.get(time.Unix(sec, 0).UTC().Year())
}

// get is one of the years 1 to 9999. It compiles it if need be.
func (y *years) get(year int) *entry {
	if e := y.table.Load().get(year); e != nil {
		return e
	}
	return y.extend(year, func(_, _ *entry) bool { return false }).get(year)
}

// seek finds the year in which a count is reached. It tries e and the next, then those where it would be if all years were like e, then
// all that are compiled, and compiles more as long as there are any. It is nil if there is none.
func (y *years) seek(e *entry, x int64, m measure) *entry {
	if e.reaches(x, m) {
		return e
	}
	t := y.table.Load()
	if next := t.get(e.year + 1); next != nil && next.reaches(x, m) {
		return next
	}
	guess := e.year + int((x-e.before[m])/int64(max(e.page.size[m], 1)))
	for year := guess - 1; year <= guess+1; year++ {
		if near := t.get(year); near != nil && near.reaches(x, m) {
			return near
		}
	}
	between := func(first, last *entry) bool { return first.before[m] <= x && x < last.before[m] }
	if x < t.entries[0].before[m] {
		t = y.extend(firstYear, between)
	} else if x >= t.entries[len(t.entries)-1].before[m] {
		t = y.extend(lastYear, between)
	}
	if !between(&t.entries[0], &t.entries[len(t.entries)-1]) {
		return nil
	}
	next, _ := slices.BinarySearchFunc(t.entries, x, func(e entry, x int64) int {
		if e.before[m] <= x {
			return -1
		}
		return 1
	})
	return &t.entries[next-1]
}

// extend lengthens the table toward a year: until it has the year, or is found to be enough by its first and last entry.
func (y *years) extend(year int, enough func(first, last *entry) bool) *table {
	y.grow.Lock()
	defer y.grow.Unlock()
	t := y.table.Load()
	if len(t.entries) == 1 {
		first, _ := yearDays(year)
		t = &table{year, []entry{{start: first * daySeconds, year: year}}}
	}
	first, lo, hi := t.first, t.entries[0], t.entries[len(t.entries)-1]
	var earlier []entry
	for ; first > year && !enough(&lo, &hi); first-- {
		day, n := yearDays(first - 1)
		p := y.page(day, n)
		lo = entry{day * daySeconds, [2]int64{lo.before[0] - int64(p.size[0]), lo.before[1] - int64(p.size[1])}, p, first - 1}
		earlier = append(earlier, lo)
	}
	slices.Reverse(earlier)
	entries := append(earlier, t.entries...)
	for ; hi.year <= year && !enough(&lo, &hi); entries = append(entries, hi) {
		day, n := yearDays(hi.year)
		p := y.page(day, n)
		entries[len(entries)-1].page = p
		hi = entry{(day + int64(n)) * daySeconds, [2]int64{hi.before[0] + int64(p.size[0]), hi.before[1] + int64(p.size[1])}, nil, hi.year + 1}
	}
	t = &table{first, entries}
	y.table.Store(t)
	return t
}

// page compiles the year that begins on a date and has n days, or finds one of the same shape.
func (y *years) page(first int64, n int) *page {
	segs := segments(y.rules.loc, first*daySeconds-margin, (first+int64(n))*daySeconds+margin)
	for i := range segs {
		segs[i].from -= margin
	}
	key, shared := shapeOf(y.rules, segs, first, n)
	if p := y.pages[key]; shared && p != nil {
		return p
	}
	p := compile(y.rules, segs, first, n)
	if shared {
		if y.pages == nil {
			y.pages = map[shape]*page{}
		}
		y.pages[key] = p
	}
	return p
}

// yearDays is a year's first day since 1 January 1970, and how many days it has.
func yearDays(year int) (first int64, n int) {
	day := func(year int) int64 {
		return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC).Unix() / daySeconds
	}
	first = day(year)
	return first, int(day(year+1) - first)
}

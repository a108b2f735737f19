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
	epochDay            = 719_162 // days from 1 January of year 1 to 1 January 1970
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
}

// table is a run of compiled years and where they end. It is immutable; a calendar replaces it by a longer one.
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

// find is the index of the year that has a second; below 0 or past the last year if the table does not have it.
func (t *table) find(sec int64) int {
	n := len(t.entries) - 1
	guess := int((sec-firstSecond)/daySeconds*400/146_097) + firstYear // at most one year off
	i := min(max(guess-t.first, 0), n-1)
	for i >= 0 && sec < t.entries[i].start {
		i--
	}
	for i >= 0 && i < n && sec >= t.entries[i+1].start {
		i++
	}
	return i
}

func (t *table) has(i int) bool { return uint(i) < uint(len(t.entries)-1) }

// at finds the year that has a second of the years 1 to 9999, compiling it if need be.
func (y *years) at(sec int64) (*table, int) {
	t := y.table.Load()
	if t != nil {
		if i := t.find(sec); t.has(i) {
			return t, i
		}
	}
	year := time.Unix(sec, 0).UTC().Year()
	t = y.extend(year, func(_, _ entry) bool { return false })
	return t, year - t.first
}

// seek finds the year in which a count is reached: what lies before it is at most x, what lies before the next is more. It tries the
// years from index i on, and compiles more as long as there are any.
func (y *years) seek(t *table, i int, x int64, m measure) (*table, int, bool) {
	within := func(first, last entry) bool { return first.before[m] <= x && x < last.before[m] }
	if within(t.entries[i], t.entries[i+1]) {
		return t, i, true
	}
	last := len(t.entries) - 1
	if x < t.entries[0].before[m] {
		t = y.extend(firstYear, within)
	} else if x >= t.entries[last].before[m] {
		t = y.extend(lastYear, within)
	}
	if !within(t.entries[0], t.entries[len(t.entries)-1]) {
		return t, 0, false
	}
	next, _ := slices.BinarySearchFunc(t.entries, x, func(e entry, x int64) int {
		if e.before[m] <= x {
			return -1
		}
		return 1
	})
	return t, next - 1, true
}

// extend lengthens the table toward a year: until it has the year, or is found to be enough by its first and last entry.
func (y *years) extend(year int, enough func(first, last entry) bool) *table {
	y.grow.Lock()
	defer y.grow.Unlock()
	t := y.table.Load()
	if t == nil {
		first, _ := yearDays(year)
		t = &table{year, []entry{{start: first * daySeconds}}}
	}
	first, lo, hi := t.first, t.entries[0], t.entries[len(t.entries)-1]
	var earlier []entry
	for ; first > year && !enough(lo, hi); first-- {
		day, n := yearDays(first - 1)
		p := y.page(day, n)
		lo = entry{day * daySeconds, [2]int64{lo.before[0] - int64(p.open), lo.before[1] - int64(len(p.days))}, p}
		earlier = append(earlier, lo)
	}
	slices.Reverse(earlier)
	entries := append(earlier, t.entries...)
	for next := first + len(entries) - 1; next <= year && !enough(lo, hi); next++ {
		day, n := yearDays(next)
		p := y.page(day, n)
		entries[len(entries)-1].page = p
		hi = entry{(day + int64(n)) * daySeconds, [2]int64{hi.before[0] + int64(p.open), hi.before[1] + int64(len(p.days))}, nil}
		entries = append(entries, hi)
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

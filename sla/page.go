package sla

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// margin is how far beyond a year its compilation looks: windows and tails of neighboring dates, at any offset a zone ever had.
const margin = 6 * daySeconds

// window is a stretch of open time, in seconds of the year; open is how much of the year was open before it.
type window struct{ start, end, open uint32 }

// page is one compiled year of a calendar: all seconds from its first 00:00 UTC to the next year's. It is immutable, and years that
// look alike (same weekdays, same offsets, no dates of their own) share one.
//
// Two tables make look-ups independent of the number of windows: byDay by time, byRank by open time.
type page struct {
	windows []window  // at least one, which is empty if the year is never open, and one that begins after every second of the year
	byDay   []uint32  // per day, and one more: the first window that ends after the day's start; the last if there is none
	byRank  []uint32  // per 1<<shift seconds of open time, and one more: the first window that ends after that much
	shift   uint8     //
	size    [2]uint32 // of the whole year, by measure
	days    []uint16  // business days, as days of the year from 0
	before  []uint16  // per day, and one more: how many of days are before it
	segs    []segment // from margin before the year's start to margin after its end, relative to the year's start
}

// compile works a year out. The year begins on the date first and has n days.
func compile(r *rules, segs []segment, first int64, n int) *page {
	p := &page{segs: segs, byDay: make([]uint32, n+1), before: make([]uint16, n+1)}
	end := int64(n) * daySeconds
	spans := make([]span, 0, 2*n)
	for day := -3; day < n+2; day++ {
		had := len(spans)
		spans = r.owned(spans, first+int64(day), first*daySeconds, segs)
		if day < 0 || day >= n {
			continue
		}
		p.before[day] = uint16(len(p.days))
		if len(spans) > had {
			p.days = append(p.days, uint16(day))
		}
	}
	p.before[n] = uint16(len(p.days))
	p.windows = union(spans, end)
	p.size = [2]uint32{openSeconds: p.windows[len(p.windows)-1].open, businessDay: uint32(len(p.days))}
	p.index(n)
	return p
}

// union merges spans that overlap or touch, cuts them to [0, end), and makes windows of them as a page has them.
func union(spans []span, end int64) []window {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := spans[:0]
	for _, s := range spans {
		s.from, s.to = max(s.from, 0), min(s.to, end)
		if k := len(merged); k > 0 && s.from <= merged[k-1].to {
			merged[k-1].to = max(merged[k-1].to, s.to)
		} else if s.from < s.to {
			merged = append(merged, s)
		}
	}
	if len(merged) == 0 {
		merged = append(merged, span{})
	}
	windows := make([]window, len(merged)+1)
	var open uint32
	for i, s := range merged {
		windows[i] = window{uint32(s.from), uint32(s.to), open}
		open += windows[i].end - windows[i].start
	}
	windows[len(merged)] = window{math.MaxUint32, math.MaxUint32, open}
	return windows
}

func (p *page) index(n int) {
	last := uint32(len(p.windows) - 2)
	var w uint32
	for day := range p.byDay {
		for w < last && p.windows[w].end <= uint32(day)*daySeconds {
			w++
		}
		p.byDay[day] = w
	}
	open := p.size[openSeconds]
	for open>>p.shift > uint32(2*n) || open>>p.shift > 2*(last+1) {
		p.shift++
	}
	p.byRank = make([]uint32, open>>p.shift+2)
	w = 0
	for i := range p.byRank {
		for w < last && uint64(p.windows[w+1].open) <= uint64(i)<<p.shift {
			w++
		}
		p.byRank[i] = w
	}
}

// at is the last window that begins by a second of the year, or one after it if that second is not in it either.
func (p *page) at(s uint32) *window {
	day := s / daySeconds
	i := p.byDay[day]
	if p.windows[i+1].start <= s { // not the day's first
		return p.last(i+1, p.byDay[day+1], func(w *window) bool { return w.start <= s })
	}
	return &p.windows[i]
}

// last is the last window from lo to hi that a condition holds for; it holds for lo.
func (p *page) last(lo, hi uint32, holds func(*window) bool) *window {
	for lo+4 < hi {
		if mid := (lo + hi) / 2; holds(&p.windows[mid]) {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	for lo < hi && holds(&p.windows[lo+1]) {
		lo++
	}
	return &p.windows[lo]
}

func (w *window) has(s uint32) bool { return s-w.start < w.end-w.start }

// until is how much of the year was open before a second. The window is what at gives for it.
func (w *window) until(s uint32) uint32 { return w.open + min(max(s, w.start), w.end) - w.start }

// after is the second that follows exactly that much open time of the year; there must be more of it.
func (p *page) after(open uint32) uint32 {
	block := open >> p.shift
	i := p.byRank[block]
	w := &p.windows[i]
	if p.windows[i+1].open <= open { // not the block's first
		w = p.last(i+1, p.byRank[block+1], func(w *window) bool { return w.open <= open })
	}
	return w.start + open - w.open
}

// shape is what pages of years without dates of their own differ in.
type shape struct {
	weekday time.Weekday
	days, n int
	segs    [8]segment
}

// shapeOf is the year's shape, and whether it has one.
func shapeOf(r *rules, segs []segment, first int64, n int) (shape, bool) {
	s := shape{weekday: weekday(first), days: n, n: len(segs)}
	if len(segs) > len(s.segs) || !r.plain(first-margin/daySeconds, first+int64(n)+margin/daySeconds) {
		return shape{}, false
	}
	copy(s.segs[:], segs)
	return s, true
}

package sla

import (
	"cmp"
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
	windows []window
	byDay   []uint32  // per day, and one more: the first window that ends after the day's start
	byRank  []uint32  // per 1<<shift seconds of open time, and one more: the first window that ends after that much
	shift   uint8     //
	open    uint32    // seconds in the whole year
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
	if k := len(p.windows); k > 0 {
		last := p.windows[k-1]
		p.open = last.open + last.end - last.start
	}
	p.index(n)
	return p
}

// union merges spans that overlap or touch and cuts them to [0, end).
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
	windows := make([]window, len(merged))
	var open uint32
	for i, s := range merged {
		windows[i] = window{uint32(s.from), uint32(s.to), open}
		open += windows[i].end - windows[i].start
	}
	return windows
}

func (p *page) index(n int) {
	var w uint32
	for day := range p.byDay {
		for int(w) < len(p.windows) && p.windows[w].end <= uint32(day)*daySeconds {
			w++
		}
		p.byDay[day] = w
	}
	for p.open>>p.shift > uint32(2*n) || p.open>>p.shift > uint32(2*len(p.windows)) {
		p.shift++
	}
	p.byRank = make([]uint32, p.open>>p.shift+2)
	w = 0
	for i := range p.byRank {
		for int(w) < len(p.windows) && uint64(p.closes(w)) <= uint64(i)<<p.shift {
			w++
		}
		p.byRank[i] = w
	}
}

// closes is how much of the year was open by the end of a window.
func (p *page) closes(w uint32) uint32 {
	x := &p.windows[w]
	return x.open + x.end - x.start
}

// at is the first window that ends after a second of the year; len(windows) if there is none.
func (p *page) at(s uint32) uint32 {
	day := s / daySeconds
	lo, hi := p.byDay[day], p.byDay[day+1]
	for lo+4 < hi {
		if mid := (lo + hi) / 2; p.windows[mid].end <= s {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for lo < hi && p.windows[lo].end <= s {
		lo++
	}
	return lo
}

// until is how much of the year was open before a second, and whether that second is.
func (p *page) until(s uint32) (open uint32, isOpen bool) {
	i := p.at(s)
	if int(i) == len(p.windows) {
		return p.open, false
	}
	w := &p.windows[i]
	if s < w.start {
		return w.open, false
	}
	return w.open + s - w.start, true
}

// after is the second that follows exactly that much open time of the year; there must be more of it.
func (p *page) after(open uint32) uint32 {
	lo, hi := p.byRank[open>>p.shift], p.byRank[open>>p.shift+1]
	for lo+4 < hi {
		if mid := (lo + hi) / 2; p.closes(mid) <= open {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for lo < hi && p.closes(lo) <= open {
		lo++
	}
	w := &p.windows[lo]
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

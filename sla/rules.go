package sla

import (
	"slices"
	"time"
)

// span is [from, to) in seconds: of a day in a calendar's rules (to may lie on the next day), of a year once it is compiled.
type span struct{ from, to int64 }

// rules are what a calendar says, before any year is compiled. Dates are days since 1 January 1970.
type rules struct {
	week   [7][]span        // by time.Weekday, each rising
	dates  map[int64][]span // dates with hours of their own; holidays have none
	breaks map[int64][]span // subtracted last
	marked []int64          // all dates in dates and breaks, rising
	loc    *time.Location
}

// mark fills marked.
func (r *rules) mark() {
	for d := range r.dates {
		r.marked = append(r.marked, d)
	}
	for d := range r.breaks {
		r.marked = append(r.marked, d)
	}
	slices.Sort(r.marked)
	r.marked = slices.Compact(r.marked)
}

// plain reports whether no date from first to last has rules of its own.
func (r *rules) plain(first, last int64) bool {
	i, _ := slices.BinarySearch(r.marked, first)
	return i == len(r.marked) || r.marked[i] > last
}

// owned appends the stretches that a date owns to buf: its windows as real time, less what the next date's own hours and breaks take
// away. Seconds are relative to base; the segments must reach from two days before the date to three days after it.
func (r *rules) owned(buf []span, date, base int64, segs []segment) []span {
	midnight := date*daySeconds - base
	windows, own := r.dates[date]
	if !own {
		windows = r.week[weekday(date)]
	}
	n := len(buf)
	for _, w := range windows {
		s := span{instant(segs, midnight+w.from), instant(segs, midnight+w.to)}
		if w.to > daySeconds {
			if _, own := r.dates[date+1]; own {
				s.to = min(s.to, instant(segs, midnight+daySeconds))
			}
		}
		if s.from < s.to {
			buf = append(buf, s)
		}
	}
	if len(r.breaks) == 0 || len(buf) == n {
		return buf
	}
	for d := date - 1; d <= date+1; d++ { // a break of the day before may last past midnight
		for _, b := range r.breaks[d] {
			at := d*daySeconds - base
			buf = subtract(buf, n, span{instant(segs, at+b.from), instant(segs, at+b.to)})
		}
	}
	return buf
}

// subtract takes the break out of the spans from index n on, which keep their order.
func subtract(spans []span, n int, b span) []span {
	if b.from >= b.to {
		return spans
	}
	for i := n; i < len(spans); i++ {
		s := spans[i]
		switch before, after := s.from < b.from, s.to > b.to; {
		case s.to <= b.from || s.from >= b.to:
		case before && after:
			spans[i].to = b.from
			spans = slices.Insert(spans, i+1, span{b.to, s.to})
			i++
		case before:
			spans[i].to = b.from
		case after:
			spans[i].from = b.to
		default:
			spans = slices.Delete(spans, i, i+1)
			i--
		}
	}
	return spans
}

// everOpens reports whether there is any open time: weekly hours outlast all dates that a document can list, and if there are none
// the dates with hours of their own decide.
func (r *rules) everOpens() bool {
	for _, windows := range r.week {
		if len(windows) > 0 {
			return true
		}
	}
	for date, windows := range r.dates {
		if len(windows) == 0 {
			continue
		}
		base := date * daySeconds
		segs := segments(r.loc, base-margin, base+margin) // relative to base-margin
		if len(r.owned(nil, date, base-margin, segs)) > 0 {
			return true
		}
	}
	return false
}

// weekday is that of a day since 1 January 1970, a Thursday.
func weekday(date int64) time.Weekday { return time.Weekday(((date+4)%7 + 7) % 7) }

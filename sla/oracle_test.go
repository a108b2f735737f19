package sla_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// oracle knows, minute by minute over some weeks, whether a calendar is open. It shares nothing with the package: it steps through real time,
// reads the zone's clock at each minute, and applies the rules as they are written.
type oracle struct {
	from    time.Time
	reading []int64 // what the local clock reads, in minutes since 1970, at each minute of real time
	open    []bool
	owns    map[int64]bool // dates that own open time
}

func newOracle(tb testing.TB, s sla.CalendarSpec, from time.Time, days int) *oracle {
	tb.Helper()
	loc, err := time.LoadLocation(s.Zone)
	require.NoError(tb, err)
	o := &oracle{from: from, reading: make([]int64, days*1440), open: make([]bool, days*1440), owns: map[int64]bool{}}
	for i := range o.reading {
		l := from.Add(time.Duration(i) * time.Minute).In(loc)
		o.reading[i] = time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC).Unix() / 60
	}
	first := from.Unix() / 86400
	owner := make([][]int64, len(o.open))
	for date := first + 2; date < first+int64(days)-3; date++ {
		for _, h := range hoursOf(s, date) {
			o.each(date, h, func(i int) { owner[i] = append(owner[i], date) })
		}
	}
	for date := first + 2; date < first+int64(days)-3; date++ {
		if isSpecial(s, date) { // nothing owned by another date is open on it
			o.each(date, sla.Interval{From: "00:00", To: "24:00"}, func(i int) {
				var own []int64
				for _, d := range owner[i] {
					if d == date {
						own = append(own, d)
					}
				}
				owner[i] = own
			})
		}
	}
	for date := first + 2; date < first+int64(days)-3; date++ {
		for _, b := range s.Breaks[dateText(date)] {
			o.each(date, b, func(i int) { owner[i] = nil })
		}
	}
	for i, dates := range owner {
		o.open[i] = len(dates) > 0
		for _, d := range dates {
			o.owns[d] = true
		}
	}
	return o
}

func dateText(date int64) string { return time.Unix(date*86400, 0).UTC().Format(time.DateOnly) }

func isSpecial(s sla.CalendarSpec, date int64) bool {
	_, override := s.Overrides[dateText(date)]
	for _, h := range s.Holidays {
		override = override || h == dateText(date)
	}
	return override
}

func hoursOf(s sla.CalendarSpec, date int64) []sla.Interval {
	if isSpecial(s, date) {
		return s.Overrides[dateText(date)]
	}
	return s.Weekly[time.Unix(date*86400, 0).UTC().Weekday()]
}

// each visits the minutes of an interval of a date: from the first whose clock reads its beginning or later to that of its end.
func (o *oracle) each(date int64, h sla.Interval, visit func(int)) {
	minute := func(text string) int64 {
		var h, m int64
		_, _ = fmt.Sscanf(text, "%d:%d", &h, &m)
		return h*60 + m
	}
	from, to := minute(h.From), minute(h.To)
	if to < from {
		to += 1440
	}
	end := o.first(date*1440 + to)
	for i := o.first(date*1440 + from); i < end; i++ {
		visit(i)
	}
}

func (o *oracle) first(local int64) int {
	for i, r := range o.reading {
		if r >= local {
			return i
		}
	}
	return len(o.reading)
}

func (o *oracle) at(i int) time.Time { return o.from.Add(time.Duration(i) * time.Minute) }

func (o *oracle) between(a, b int) time.Duration {
	n := 0
	for i := a; i < b; i++ {
		if o.open[i] {
			n++
		}
	}
	return time.Duration(n) * time.Minute
}

func randomSpec(r *rand.Rand, zone string, first int64, days int) sla.CalendarSpec {
	clock := func(n int) string { return fmt.Sprintf("%02d:%02d", n/60, n%60) }
	hours := func() []sla.Interval {
		all := []sla.Interval{}
		for range r.IntN(4) {
			step := []int{1, 15, 30, 60}[r.IntN(4)]
			from, to := r.IntN(1440/step)*step, (1+r.IntN(1440/step))*step
			if from != to {
				all = append(all, sla.Interval{From: clock(from), To: clock(to)})
			}
		}
		return all
	}
	s := sla.CalendarSpec{
		Zone: zone, Weekly: map[time.Weekday][]sla.Interval{}, Overrides: map[string][]sla.Interval{}, Breaks: map[string][]sla.Interval{},
	}
	for d := range time.Weekday(7) {
		if r.IntN(3) > 0 {
			s.Weekly[d] = hours()
		}
	}
	s.Weekly[time.Tuesday] = []sla.Interval{{From: "09:00", To: "17:00"}}
	for i := range days {
		text := dateText(first + int64(i))
		switch r.IntN(12) {
		case 0:
			s.Holidays = append(s.Holidays, text)
		case 1:
			s.Overrides[text] = hours()
		case 2:
			s.Breaks[text] = hours()
		case 3:
			s.Holidays, s.Overrides[text] = append(s.Holidays, text), hours()
		}
	}
	return s
}

// around are the zones' most awkward nights, and plain ones.
func around() map[string][]string {
	return map[string][]string{
		"Etc/UTC":             {"2026-03-01", "2026-12-28", "2040-12-31", "2000-02-29"},
		"America/New_York":    {"2026-03-08", "2026-11-01", "2044-12-31", "2044-03-13"},
		"America/Santiago":    {"2026-04-05", "2026-09-06", "2048-12-31"},
		"America/Havana":      {"2026-03-08", "2026-11-01"},
		"America/St_Johns":    {"2006-04-02", "2006-10-29"}, // clocks change at 00:01
		"America/Sao_Paulo":   {"2018-11-04", "2019-02-17"},
		"Africa/Casablanca":   {"2026-02-15", "2026-03-22", "2086-05-01"},
		"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
		"Antarctica/Troll":    {"2026-03-29", "2026-10-25"}, // two hours
		"Asia/Tehran":         {"2022-03-22", "2022-09-22"},
		"Asia/Beirut":         {"2026-03-29", "2026-10-25"},
		"Asia/Kathmandu":      {"1986-01-01"},
		"Atlantic/Azores":     {"2026-03-29", "2026-10-25"},
		"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"}, // half an hour
		"Europe/Dublin":       {"2026-03-29", "2026-10-25", "2040-12-31"},
		"Pacific/Apia":        {"2011-12-30", "2012-04-01"}, // a day that never was
		"Pacific/Kwajalein":   {"1993-08-21", "1969-09-30"}, // one that never was, one that came twice
		"America/Juneau":      {"1983-10-30"},
	}
}

func TestCalendarAgainstMinutes(t *testing.T) {
	const days, trials, asks = 24, 5, 60
	for zone, nights := range around() {
		for _, night := range nights {
			t.Run(zone+"/"+night, func(t *testing.T) {
				t.Parallel()
				at, err := time.Parse(time.DateOnly, night)
				require.NoError(t, err)
				r := rand.New(rand.NewPCG(1, uint64(at.Unix())))
				from := at.AddDate(0, 0, -days/2)
				for range trials {
					spec := randomSpec(r, zone, from.Unix()/86400, days)
					c, err := sla.NewCalendar(spec)
					require.NoError(t, err)
					checkAgainst(t, r, c, newOracle(t, spec, from, days), days, asks)
					if t.Failed() {
						t.Fatalf("calendar %+v", spec)
					}
				}
			})
		}
	}
}

func checkAgainst(t *testing.T, r *rand.Rand, c *sla.Calendar, o *oracle, days, asks int) {
	t.Helper()
	const edge = 5 * 1440 // what the oracle cannot know at its ends
	n := days * 1440
	for range asks {
		a := edge + r.IntN(n-2*edge)
		b := a + r.IntN(n-edge-a)
		require.Equal(t, o.open[a], c.IsOpen(o.at(a)), "open at %v", o.at(a))
		require.Equal(t, o.between(a, b), c.Between(o.at(a), o.at(b)), "between %v and %v", o.at(a), o.at(b))
		require.Equal(t, -o.between(a, b), c.Between(o.at(b), o.at(a)))

		next := a
		for next < n-edge && !o.open[next] {
			next++
		}
		if got, ok := c.NextOpen(o.at(a)); next < n-edge {
			require.True(t, ok)
			require.True(t, got.Equal(o.at(next)), "next open from %v: got %v, want %v", o.at(a), got, o.at(next))
		}

		if d := o.between(a, b); d > 0 {
			end := b // the earliest time by which as much was open
			for !o.open[end-1] {
				end--
			}
			got, err := c.Add(o.at(a), d)
			require.NoError(t, err)
			require.True(t, got.Equal(o.at(end)), "%v + %v: got %v, want %v", o.at(a), d, got, o.at(end))
			got, err = c.Add(o.at(a), d-time.Second)
			require.NoError(t, err)
			require.True(t, got.Equal(o.at(end).Add(-time.Second)), "%v + %v - 1s: got %v, want %v", o.at(a), d, got, o.at(end))

			start := a // the latest time from which as much is open
			for !o.open[start] {
				start++
			}
			got, err = c.Add(o.at(b), -d)
			require.NoError(t, err)
			require.True(t, got.Equal(o.at(start)), "%v - %v: got %v, want %v", o.at(b), d, got, o.at(start))
		}
		checkDays(t, c, o, a, r.IntN(4)+1)
	}
}

// checkDays checks the n-th business day after and before a minute.
func checkDays(t *testing.T, c *sla.Calendar, o *oracle, i, n int) {
	t.Helper()
	today, minute := o.reading[i]/1440, o.reading[i]%1440
	if minute < 0 {
		today, minute = today-1, minute+1440
	}
	for _, step := range []int64{1, -1} {
		date, left := today, n
		for left > 0 {
			date += step
			if date < o.from.Unix()/86400+4 || date > o.from.Unix()/86400+18 {
				return
			}
			if o.owns[date] {
				left--
			}
		}
		want := o.first(date*1440 + minute)
		if want == len(o.reading) {
			return
		}
		got, err := c.AddDays(o.at(i), int(step)*n, sla.IntakeRules{})
		require.NoError(t, err)
		require.True(t, got.Equal(o.at(want)), "%d business days from %v: got %v, want %v", int(step)*n, o.at(i).In(c.Location()), got, o.at(want))
	}
}

package sla_test

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// oracle knows, tick by tick over some weeks, whether a calendar is open. It shares nothing with the package: it steps through real time,
// reads the zone's clock at each tick, and applies the rules as they are written. A tick is a minute, or a second where hours or a zone's
// offset have seconds.
type oracle struct {
	from    time.Time
	tick    int64    // in seconds
	days    int      // how many it covers; at its ends it cannot know the answers
	reading []int64  // what the local clock reads at each tick of real time, in ticks since 1970
	reached []int64  // the highest reading so far
	owners  []uint32 // the dates that own open time, as bits counted from the first date
	opened  []int64  // how many ticks were open before
	owns    uint32   // the dates that own open time anywhere
}

func newOracle(tb testing.TB, s sla.CalendarSpec, from time.Time, days int, tick int64) *oracle {
	tb.Helper()
	loc, err := time.LoadLocation(s.Zone)
	require.NoError(tb, err)
	n := int64(days) * 86400 / tick
	o := &oracle{
		from: from, tick: tick, days: days,
		reading: make([]int64, n), reached: make([]int64, n), owners: make([]uint32, n), opened: make([]int64, n+1),
	}
	offset := func(i int) int64 {
		_, offset := o.at(i).In(loc).Zone()
		return int64(offset)
	}
	highest, hour := int64(math.MinInt64), 3600/int(tick)
	var now, soon int64 // offsets at the tick, and an hour after the beginning of its hour
	for i := range o.reading {
		if i%hour == 0 {
			now, soon = offset(i), offset(i+hour)
		} else if now != soon { // clocks change in this hour
			now = offset(i)
		}
		o.reading[i] = floorDiv(from.Unix()+int64(i)*tick+now, tick)
		highest = max(highest, o.reading[i])
		o.reached[i] = highest
	}
	o.each(func(date int64, bit uint32) {
		for _, h := range hoursOf(s, date) {
			for i := range o.ticks(date, h) {
				o.owners[i] |= bit
			}
		}
	})
	o.each(func(date int64, bit uint32) {
		if isSpecial(s, date) { // nothing owned by another date is open on it
			for i := range o.ticks(date, sla.Interval{From: "00:00", To: "24:00"}) {
				o.owners[i] &= bit
			}
		}
	})
	o.each(func(date int64, _ uint32) {
		for _, b := range s.Breaks[dateText(date)] {
			for i := range o.ticks(date, b) {
				o.owners[i] = 0
			}
		}
	})
	for i, dates := range o.owners {
		o.owns |= dates
		o.opened[i+1] = o.opened[i]
		if dates != 0 {
			o.opened[i+1]++
		}
	}
	return o
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

func (o *oracle) firstDate() int64 { return floorDiv(o.from.Unix(), 86400) }

// each visits the dates that the oracle covers, but for its ends.
func (o *oracle) each(visit func(date int64, bit uint32)) {
	for d := 2; d < o.days-3; d++ {
		visit(o.firstDate()+int64(d), 1<<d)
	}
}

func dateText(date int64) string { return time.Unix(date*86400, 0).UTC().Format(time.DateOnly) }

func isSpecial(s sla.CalendarSpec, date int64) bool {
	_, override := s.Overrides[dateText(date)]
	return override || slices.Contains(s.Holidays, dateText(date))
}

func hoursOf(s sla.CalendarSpec, date int64) []sla.Interval {
	if isSpecial(s, date) {
		return s.Overrides[dateText(date)]
	}
	return s.Weekly[time.Unix(date*86400, 0).UTC().Weekday()]
}

// ticks are those of an interval of a date: from the first at which the clock reads its beginning or later to that of its end.
func (o *oracle) ticks(date int64, h sla.Interval) iter.Seq[int] {
	second := func(text string) int64 {
		var h, m, s int64
		_, _ = fmt.Sscanf(text, "%d:%d:%d", &h, &m, &s)
		return h*3600 + m*60 + s
	}
	from, to := second(h.From), second(h.To)
	if to < from {
		to += 86400
	}
	begin, end := o.first(date*86400+from), o.first(date*86400+to)
	return func(yield func(int) bool) {
		for i := begin; i < end && yield(i); i++ {
			continue
		}
	}
}

// first is the first tick at which the local clock reads a second, since 1970, or later.
func (o *oracle) first(local int64) int {
	i, _ := slices.BinarySearch(o.reached, floorDiv(local, o.tick))
	return i
}

func (o *oracle) at(i int) time.Time { return o.from.Add(time.Duration(int64(i)*o.tick) * time.Second) }

func (o *oracle) open(i int) bool { return o.owners[i] != 0 }

func (o *oracle) between(a, b int) time.Duration {
	return time.Duration((o.opened[b]-o.opened[a])*o.tick) * time.Second
}

// randomSpec draws a calendar: hours of every kind, and dates of their own in the days from the first. Its times are whole ticks.
func randomSpec(r *rand.Rand, zone string, first int64, days int, tick int64) sla.CalendarSpec {
	clock := func(n int) string {
		if n%60 != 0 {
			return fmt.Sprintf("%02d:%02d:%02d", n/3600, n/60%60, n%60)
		}
		return fmt.Sprintf("%02d:%02d", n/3600, n/60%60)
	}
	hours := func() []sla.Interval {
		all := []sla.Interval{}
		for range r.IntN(4) {
			step := []int{int(tick), 900, 1800, 3600}[r.IntN(4)]
			from, to := r.IntN(86400/step)*step, (1+r.IntN(86400/step))*step
			switch r.IntN(8) {
			case 0:
				from = 0
			case 1:
				to = 86400
			case 2:
				from, to = to%86400, (to+step)%86400 // short ones, many of them about midnight
			}
			if from != to {
				all = append(all, sla.Interval{From: clock(from), To: clock(to)})
			}
		}
		return all
	}
	s := sla.CalendarSpec{
		Zone: zone, Weekly: map[time.Weekday][]sla.Interval{}, Overrides: map[string][]sla.Interval{}, Breaks: map[string][]sla.Interval{},
	}
	everyDay := hours()
	always := r.IntN(12) == 0
	for d := range time.Weekday(7) {
		switch {
		case always:
			s.Weekly[d] = []sla.Interval{{From: "00:00", To: "24:00"}}
		case r.IntN(3) > 0:
			s.Weekly[d] = hours()
		default:
			s.Weekly[d] = everyDay
		}
	}
	s.Weekly[time.Tuesday] = []sla.Interval{{From: "09:00", To: "17:00"}}
	if r.IntN(4) == 0 {
		return s // years without dates of their own share their compilation
	}
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
		case 4:
			s.Overrides[text], s.Breaks[text] = hours(), hours()
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

// tickOf is a minute, or a second if the zone's offset from then on, for some days, is not whole minutes.
func tickOf(loc *time.Location, from time.Time, days int) int64 {
	for h := range days * 24 {
		if _, offset := from.Add(time.Duration(h) * time.Hour).In(loc).Zone(); offset%60 != 0 {
			return 1
		}
	}
	return 60
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
				for range trials {
					checkSome(t, r, zone, at.AddDate(0, 0, -days/2), days, asks, 60)
				}
			})
		}
	}
}

func TestCalendarAgainstSeconds(t *testing.T) {
	const days, asks = 14, 60
	for zone, nights := range map[string][]string{
		"Africa/Monrovia":  {"1972-01-07", "1919-03-01"}, // 44 minutes and 30 seconds, until 1972
		"America/Juneau":   {"1867-10-18"},               // from Russia to America: a day that came twice
		"America/New_York": {"1883-11-18", "2026-03-08"},
		"Asia/Manila":      {"1844-12-31"}, // a day that never was
		"Europe/Amsterdam": {"1937-07-01", "1835-01-01"},
		"Europe/Dublin":    {"1916-05-21", "1916-10-01"},
		"Pacific/Apia":     {"1892-07-05", "2011-12-30"},
	} {
		for _, night := range nights {
			t.Run(zone+"/"+night, func(t *testing.T) {
				t.Parallel()
				at, err := time.Parse(time.DateOnly, night)
				require.NoError(t, err)
				r := rand.New(rand.NewPCG(2, uint64(at.Unix())))
				checkSome(t, r, zone, at.AddDate(0, 0, -days/2), days, asks, 1)
			})
		}
	}
}

// checkSome draws a calendar and compares its answers with the oracle's over some days.
func checkSome(t *testing.T, r *rand.Rand, zone string, from time.Time, days, asks int, tick int64) {
	t.Helper()
	spec := randomSpec(r, zone, floorDiv(from.Unix(), 86400), days, tick)
	c, err := sla.NewCalendar(spec)
	require.NoError(t, err)
	defer func() {
		if t.Failed() {
			t.Logf("calendar %+v", spec)
		}
	}()
	if from.Year() > 100 && from.Year() < 9900 {
		c.Between(from.AddDate(-r.IntN(50), 0, 0), from.AddDate(r.IntN(50), 0, 0)) // compiles years, in another order
	}
	checkAgainst(t, r, c, newOracle(t, spec, from, days, tick), asks)
}

func checkAgainst(t *testing.T, r *rand.Rand, c *sla.Calendar, o *oracle, asks int) {
	t.Helper()
	n := len(o.reading)
	edge := 5 * n / o.days // what the oracle cannot know at its ends
	for range asks {
		a := edge + r.IntN(n-2*edge)
		b := a + r.IntN(n-edge-a)
		part := time.Duration(r.Int64N(o.tick * 1e9)) // of a tick
		require.Equal(t, o.open(a), c.IsOpen(o.at(a).Add(part)), "open at %v", o.at(a))
		require.Equal(t, o.between(a, b), c.Between(o.at(a), o.at(b)), "between %v and %v", o.at(a), o.at(b))
		require.Equal(t, -o.between(a, b), c.Between(o.at(b), o.at(a)))
		checkParts(t, c, o, a, b, part)

		next := a
		for next < n-edge && !o.open(next) {
			next++
		}
		if got, ok := c.NextOpen(o.at(a)); next < n-edge {
			require.True(t, ok)
			require.True(t, got.Equal(o.at(next)), "next open from %v: got %v, want %v", o.at(a), got, o.at(next))
		}

		if d := o.between(a, b); d > 0 {
			end := b // the earliest time by which as much was open
			for !o.open(end - 1) {
				end--
			}
			checkAdd(t, c, o.at(a), d, o.at(end))
			checkAdd(t, c, o.at(a), d-1, o.at(end).Add(-1))
			start := a // the latest time from which as much is open
			for !o.open(start) {
				start++
			}
			checkAdd(t, c, o.at(b), -d, o.at(start))
			checkAdd(t, c, o.at(b), 1-d, o.at(start).Add(1))
		}
		checkDays(t, c, o, a, r.IntN(4)+1)
	}
}

func checkAdd(t *testing.T, c *sla.Calendar, at time.Time, d time.Duration, want time.Time) {
	t.Helper()
	if d == 0 {
		want = at
	}
	got, err := c.Add(at, d)
	require.NoError(t, err)
	require.True(t, got.Equal(want), "%v + %v: got %v, want %v", at, d, got, want)
	require.Equal(t, c.Location(), got.Location())
}

// checkParts checks instants within a tick, which is open or closed as a whole.
func checkParts(t *testing.T, c *sla.Calendar, o *oracle, a, b int, part time.Duration) {
	t.Helper()
	want := o.between(a, b)
	if o.open(a) {
		want -= part
	}
	require.Equal(t, want, c.Between(o.at(a).Add(part), o.at(b)), "between %v later than %v and %v", part, o.at(a), o.at(b))
	want = -o.between(a, b)
	if o.open(b) {
		want -= part
	}
	require.Equal(t, want, c.Between(o.at(b).Add(part), o.at(a)))
}

// checkDays checks the n-th business day after and before a tick.
func checkDays(t *testing.T, c *sla.Calendar, o *oracle, i, n int) {
	t.Helper()
	perDay := 86400 / o.tick
	today := floorDiv(o.reading[i], perDay)
	clock := o.reading[i] - today*perDay
	for _, step := range []int64{1, -1} {
		date, left := today, n
		for left > 0 {
			date += step
			bit := date - o.firstDate()
			if bit < 4 || bit >= int64(o.days)-4 {
				return
			}
			if o.owns&(1<<bit) != 0 {
				left--
			}
		}
		want := o.first((date*perDay + clock) * o.tick)
		if want == len(o.reading) {
			return
		}
		got, err := c.AddDays(o.at(i), int(step)*n, sla.IntakeRules{})
		require.NoError(t, err)
		require.True(t, got.Equal(o.at(want)), "%d business days from %v: got %v, want %v", int(step)*n, o.at(i).In(c.Location()), got, o.at(want))
	}
}

// oddZones have a history, and most a future, of their own.
func oddZones() []string {
	return []string{
		"Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Juba", "Africa/Monrovia", "Africa/Windhoek", "America/Adak",
		"America/Asuncion", "America/Caracas", "America/Goose_Bay", "America/Havana", "America/Juneau", "America/Metlakatla", "America/Miquelon",
		"America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo", "America/Scoresbysund", "America/St_Johns", "Antarctica/Casey",
		"Antarctica/Troll", "Antarctica/Vostok", "Asia/Amman", "Asia/Beirut", "Asia/Dhaka", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu",
		"Asia/Manila", "Asia/Pyongyang", "Asia/Tehran", "Atlantic/Azores", "Australia/Eucla", "Australia/Lord_Howe", "Australia/Sydney", "Etc/GMT+12",
		"Etc/GMT-14", "Etc/UTC", "Europe/Amsterdam", "Europe/Chisinau", "Europe/Dublin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London",
		"Europe/Moscow", "Europe/Volgograd", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "Pacific/Fakaofo", "Pacific/Kiritimati",
		"Pacific/Kwajalein", "Pacific/Norfolk", "Pacific/Tongatapu",
	}
}

// FuzzCalendarAgainstOracle draws calendars in odd zones about their clock changes, or about the end of a year.
func FuzzCalendarAgainstOracle(f *testing.F) {
	for i := range uint64(12) {
		f.Add(i, i*9_876_543_210_987)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		const days, asks = 14, 20
		r := rand.New(rand.NewPCG(a, b))
		zones := oddZones()
		zone := zones[r.IntN(len(zones))]
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		year := 1972 + r.IntN(150)
		switch r.IntN(16) {
		case 0: // offsets with seconds take long to step through
			year = 1830 + r.IntN(142)
		case 1, 2, 3:
			year = 2100 + r.IntN(7899)
		}
		at := time.Date(year, time.Month(1+r.IntN(12)), 1+r.IntN(31), 0, 0, 0, 0, time.UTC)
		if _, change := at.In(loc).ZoneBounds(); r.IntN(4) > 0 && !change.IsZero() {
			at = change
		} else if r.IntN(3) == 0 {
			at = time.Date(year&^3, 12, 31, 0, 0, 0, 0, time.UTC)
		}
		from := at.UTC().Truncate(24*time.Hour).AddDate(0, 0, r.IntN(3)-days/2)
		tick := tickOf(loc, from, days)
		if r.IntN(64) == 0 {
			tick = 1
		}
		checkSome(t, r, zone, from, days, asks, tick)
	})
}

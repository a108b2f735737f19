package sla_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func date(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(tb, err)
	return at
}

// someCalendars are a plain one, one that is always open, nights, and one that is hardly ever open.
func someCalendars(tb testing.TB) map[string]*sla.Calendar {
	tb.Helper()
	every := func(from, to string) map[time.Weekday][]sla.Interval {
		week := map[time.Weekday][]sla.Interval{}
		for d := range time.Weekday(7) {
			week[d] = []sla.Interval{{From: from, To: to}}
		}
		return week
	}
	all := map[string]*sla.Calendar{"office": office(tb, "America/New_York"), "lmt": office(tb, "Europe/Amsterdam")}
	for name, spec := range map[string]sla.CalendarSpec{
		"always":   {Zone: "Europe/London", Weekly: every("00:00", "24:00")},
		"nights":   {Zone: "America/Santiago", Weekly: every("22:00", "06:00"), Breaks: map[string][]sla.Interval{"2026-05-05": {{From: "23:00", To: "01:00:01"}}}},
		"a minute": {Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{time.Wednesday: {{From: "12:00", To: "12:01"}}}},
	} {
		c, err := sla.NewCalendar(spec)
		require.NoError(tb, err)
		all[name] = c
	}
	return all
}

func TestCalendarProperties(t *testing.T) {
	for name, c := range someCalendars(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, 7))
			at := func() time.Time { // mostly near, sometimes anywhere from year 2 to 9000
				if r.IntN(10) == 0 {
					return time.Unix(r.Int64N(284e9)-62.1e9, r.Int64N(1e9))
				}
				return time.Unix(1.7e9+r.Int64N(3e8), r.Int64N(1e9))
			}
			for range 2000 {
				a, b, x := at(), at(), at()
				d := time.Duration(1 + r.Int64N(int64(2000*time.Hour)))
				if name == "a minute" {
					d /= 1000
				}
				end, err := c.Add(a, d)
				require.NoError(t, err)
				require.Equal(t, d, c.Between(a, end), "Between(%v, Add(%v))", a, d)
				require.Zero(t, c.Between(a, end.Add(-1))-d+1, "one nanosecond earlier it is one less")
				start, err := c.Add(a, -d)
				require.NoError(t, err)
				require.Equal(t, d, c.Between(start, a))
				require.True(t, c.IsOpen(start), "the latest time to begin is open")

				further, err := c.Add(a, d+time.Duration(1+r.Int64N(int64(time.Hour))))
				require.NoError(t, err)
				require.True(t, further.After(end), "longer is later")
				if later, err := c.Add(a.Add(time.Duration(r.Int64N(int64(99*time.Hour)))), d); err == nil {
					require.False(t, later.Before(end), "from later on it is not earlier")
				}
				if ab, bx := c.Between(a, b), c.Between(b, x); abs(ab) < math.MaxInt64/4 && abs(bx) < math.MaxInt64/4 {
					require.Equal(t, ab+bx, c.Between(a, x), "additive")
					require.Equal(t, -ab, c.Between(b, a), "antisymmetric")
				}
				open, ok := c.NextOpen(a)
				require.True(t, ok)
				require.True(t, c.IsOpen(open))
				require.Zero(t, c.Between(a, open))
			}
		})
	}
}

func abs(d time.Duration) time.Duration { return max(d, -d) }

func TestCalendarHorizon(t *testing.T) {
	c := office(t, "Europe/London")
	first, last := date(t, "0001-01-01T00:00:00Z"), date(t, "9999-12-31T23:59:59Z")

	for _, at := range []time.Time{first.Add(-1), last.Add(time.Second), time.Unix(math.MaxInt32*1000, 0)} {
		assert.False(t, c.IsOpen(at))
		_, err := c.Add(at, time.Hour)
		assert.ErrorIs(t, err, sla.ErrHorizon)
		_, err = c.Add(at, 0)
		assert.ErrorIs(t, err, sla.ErrHorizon)
		_, err = c.AddDays(at, 1, sla.IntakeRules{})
		assert.ErrorIs(t, err, sla.ErrHorizon)
	}
	_, err := c.Add(first, -1)
	assert.ErrorIs(t, err, sla.ErrHorizon)
	_, err = c.Add(last, time.Hour)
	assert.ErrorIs(t, err, sla.ErrHorizon)
	_, err = c.AddDays(last, math.MaxInt, sla.IntakeRules{})
	assert.ErrorIs(t, err, sla.ErrHorizon)
	_, err = c.AddDays(last, math.MinInt, sla.IntakeRules{})
	assert.ErrorIs(t, err, sla.ErrHorizon)
	_, ok := c.NextOpen(last)
	assert.False(t, ok)
	open, ok := c.NextOpen(first.AddDate(-1, 0, 0))
	assert.True(t, ok)
	assert.Equal(t, "0001-01-01", open.Format(time.DateOnly))

	// 292 years of open time are some 1,200 years of offices.
	end, err := c.Add(date(t, "2026-01-01T00:00:00Z"), math.MaxInt64)
	require.NoError(t, err)
	assert.Equal(t, time.Duration(math.MaxInt64), c.Between(date(t, "2026-01-01T00:00:00Z"), end))
	assert.Equal(t, time.Duration(math.MaxInt64), c.Between(first, last), "the longest Duration")
	assert.Equal(t, time.Duration(-math.MaxInt64), c.Between(last, first))
	assert.Equal(t, c.Between(first, first.AddDate(5, 0, 0)), c.Between(first.AddDate(-9, 0, 0), first.AddDate(5, 0, 0)))
}

func TestCalendarOfManyHours(t *testing.T) {
	var minutes []sla.Interval
	for m := 0; m < 1440; m += 2 {
		minutes = append(minutes, sla.Interval{From: fmt.Sprintf("%02d:%02d", m/60, m%60), To: fmt.Sprintf("%02d:%02d", m/60, m%60+1)})
	}
	week := map[time.Weekday][]sla.Interval{}
	for d := range time.Weekday(7) {
		week[d] = minutes
	}
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Etc/UTC", Weekly: week})
	require.NoError(t, err)
	from := date(t, "2026-01-01T00:00:00Z")
	for i := range 5000 {
		at := from.Add(time.Duration(i) * 97 * time.Second)
		require.Equal(t, at.Minute()%2 == 0, c.IsOpen(at))
		end, err := c.Add(from, time.Duration(i+1)*time.Minute)
		require.NoError(t, err)
		require.True(t, end.Equal(from.Add(time.Duration(2*i+1)*time.Minute)))
	}
}

// What is always open counts all time, in any zone and any year: there is no gap or overlap where days or compiled years meet.
func TestCalendarAlwaysOpen(t *testing.T) {
	for _, zone := range oddZones() {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			c, err := sla.NewCalendar(sla.CalendarSpec{Zone: zone, Weekly: weekOf(sla.Interval{From: "00:00", To: "24:00"})})
			require.NoError(t, err)
			r := rand.New(rand.NewPCG(5, 5))
			first, last := date(t, "0001-01-01T00:00:00Z"), date(t, "9999-12-31T23:59:59Z")
			at := func() time.Time { return time.Unix(first.Unix()+r.Int64N(last.Unix()-first.Unix()), r.Int64N(1e9)) }
			for range 300 {
				a := at()
				d := time.Duration(r.Int64N(math.MaxInt64)) >> r.IntN(40)
				require.True(t, c.IsOpen(a))
				open, ok := c.NextOpen(a)
				require.True(t, ok && open.Equal(a))
				for _, d := range []time.Duration{d, -d} {
					want := a.Add(d)
					got, err := c.Add(a, d)
					if want.Before(first) || want.After(last) {
						require.ErrorIs(t, err, sla.ErrHorizon)
						continue
					}
					require.NoError(t, err)
					require.True(t, got.Equal(want), "%v + %v: got %v", a, d, got)
					require.Equal(t, d, c.Between(a, got))
				}
			}
		})
	}
}

// Calendars that open once a year, on no regular date, against a list of their hours.
func TestCalendarOfRareOpenings(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	spec := sla.CalendarSpec{Zone: "Etc/UTC", Overrides: map[string][]sla.Interval{}}
	var opens, closes []time.Time
	for year := 1950; year < 2070; year++ {
		from := time.Date(year, 1, 1, 0, 0, r.IntN(364*86400), 0, time.UTC)
		to := from.Add(time.Duration(1+r.IntN(86399)) * time.Second)
		if to.Day() != from.Day() && r.IntN(2) == 0 { // to midnight
			to = time.Date(year, from.Month(), from.Day()+1, 0, 0, 0, 0, time.UTC)
		}
		hours := sla.Interval{From: from.Format(time.TimeOnly), To: to.Format(time.TimeOnly)}
		if hours.To == "00:00:00" {
			hours.To = "24:00"
		}
		spec.Overrides[from.Format(time.DateOnly)] = []sla.Interval{hours}
		opens, closes = append(opens, from), append(closes, to)
	}
	c, err := sla.NewCalendar(spec)
	require.NoError(t, err)
	between := func(a, b time.Time) (sum time.Duration) {
		for i := range opens {
			from, to := opens[i], closes[i]
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			sum += max(to.Sub(from), 0)
		}
		return sum
	}
	for range 3000 {
		a := opens[0].Add(time.Duration(r.Int64N(int64(closes[len(closes)-1].Sub(opens[0])))))
		b := a.Add(time.Duration(r.Int64N(int64(40 * 366 * 24 * time.Hour))))
		d := between(a, b)
		require.Equal(t, d, c.Between(a, b))
		require.Equal(t, between(a, a.Add(1)) == 1, c.IsOpen(a))
		if d == 0 {
			continue
		}
		end, err := c.Add(a, d)
		require.NoError(t, err)
		require.True(t, !end.After(b) && between(a, end) == d && between(a, end.Add(-1)) == d-1, "%v + %v: got %v", a, d, end)
		start, err := c.Add(b, -d)
		require.NoError(t, err)
		require.True(t, !start.Before(a) && between(start, b) == d && between(start.Add(1), b) == d-1, "%v - %v: got %v", b, d, start)
	}
	for i, from := range opens {
		got, err := c.AddDays(opens[0], i, sla.IntakeRules{})
		require.NoError(t, err)
		require.Equal(t, from.Format(time.DateOnly), got.Format(time.DateOnly))
		if i > 0 {
			next, ok := c.NextOpen(closes[i-1])
			require.True(t, ok && next.Equal(from))
		}
	}
	_, err = c.Add(opens[0], between(opens[0], closes[len(closes)-1])+1)
	require.ErrorIs(t, err, sla.ErrHorizon)
	_, err = c.AddDays(opens[0], len(opens), sla.IntakeRules{})
	require.ErrorIs(t, err, sla.ErrHorizon)
}

// Days that end at a time which clocks skip, or read twice, or on a date that never was.
func TestAddDaysAcrossClockChanges(t *testing.T) {
	for _, x := range []struct {
		zone, from string
		days       int
		want       string
	}{
		{"America/New_York", "2026-03-07T02:30:00-05:00", 1, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-03-09T02:30:00-04:00", -1, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-10-31T01:30:00-04:00", 1, "2026-11-01T01:30:00-04:00"},
		{"America/New_York", "2026-11-01T01:30:00-05:00", 1, "2026-11-02T01:30:00-05:00"},
		{"America/New_York", "2026-11-02T01:30:00-05:00", -1, "2026-11-01T01:30:00-04:00"},
		{"Europe/Berlin", "2026-03-28T02:30:00.5+01:00", 1, "2026-03-29T03:00:00+02:00"},
		{"Europe/Dublin", "2026-03-28T01:30:00Z", 1, "2026-03-29T02:00:00+01:00"},
		{"Europe/Dublin", "2026-10-24T01:30:00+01:00", 1, "2026-10-25T01:30:00+01:00"},
		{"America/Santiago", "2026-09-05T00:30:00-04:00", 1, "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-04-03T23:30:00-03:00", 1, "2026-04-04T23:30:00-03:00"},
		{"Australia/Lord_Howe", "2026-10-03T02:15:00+10:30", 1, "2026-10-04T02:30:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-04T01:45:00+11:00", 1, "2026-04-05T01:45:00+11:00"},
		{"Antarctica/Troll", "2026-03-28T02:00:00Z", 1, "2026-03-29T03:00:00+02:00"},
		{"Africa/Casablanca", "2026-02-14T02:30:00+01:00", 1, "2026-02-15T02:30:00+01:00"},
		{"Pacific/Apia", "2011-12-29T10:00:00-10:00", 1, "2011-12-31T10:00:00+14:00"},
		{"Pacific/Apia", "2012-01-01T10:00:00+14:00", -2, "2011-12-29T10:00:00-10:00"},
		{"Pacific/Kwajalein", "1993-08-20T10:00:00-12:00", 1, "1993-08-22T10:00:00+12:00"},
		{"Etc/UTC", "2044-12-30T23:00:00Z", 1, "2044-12-31T23:00:00Z"},
		{"America/New_York", "2044-12-30T23:00:00-05:00", 2, "2045-01-01T23:00:00-05:00"},
	} {
		c, err := sla.NewCalendar(sla.CalendarSpec{Zone: x.zone, Weekly: weekOf(sla.Interval{From: "00:00", To: "24:00"})})
		require.NoError(t, err)
		got, err := c.AddDays(date(t, x.from), x.days, sla.IntakeRules{})
		require.NoError(t, err)
		assert.Equal(t, x.want, got.Format(time.RFC3339), "%s: %s + %d", x.zone, x.from, x.days)
	}
}

// The hours of a night, and of a date that never was, on the zones' most awkward nights.
func TestCalendarHoursOfAwkwardNights(t *testing.T) {
	for _, x := range []struct {
		zone, hours, from, to string
		want                  time.Duration
	}{
		{"America/Santiago", "22:00-06:00", "2026-09-05T12:00:00-04:00", "2026-09-06T12:00:00-03:00", 7 * time.Hour},
		{"America/Santiago", "22:00-06:00", "2026-04-04T12:00:00-03:00", "2026-04-05T12:00:00-04:00", 9 * time.Hour},
		{"America/Santiago", "00:00-00:30", "2026-09-05T12:00:00-04:00", "2026-09-06T12:00:00-03:00", 0},
		{"America/Santiago", "23:00-24:00", "2026-04-04T12:00:00-03:00", "2026-04-05T12:00:00-04:00", 2 * time.Hour},
		{"Australia/Lord_Howe", "01:00-03:00", "2026-04-05T00:00:00+11:00", "2026-04-05T12:00:00+10:30", 2*time.Hour + 30*time.Minute},
		{"Australia/Lord_Howe", "01:00-03:00", "2026-10-04T00:00:00+10:30", "2026-10-04T12:00:00+11:00", 90 * time.Minute},
		{"Antarctica/Troll", "00:00-04:00", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00+02:00", 2 * time.Hour},
		{"Antarctica/Troll", "00:00-04:00", "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00Z", 6 * time.Hour},
		{"Europe/Dublin", "00:00-24:00", "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00Z", 25 * time.Hour},
		{"Africa/Casablanca", "00:00-24:00", "2026-02-15T00:00:00+01:00", "2026-02-16T00:00:00Z", 25 * time.Hour},
		{"Pacific/Apia", "09:00-17:00", "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00", 16 * time.Hour},
		{"Pacific/Apia", "22:00-06:00", "2011-12-29T12:00:00-10:00", "2012-01-01T00:00:00+14:00", 10 * time.Hour}, // the 30th has a tail
		{"Asia/Manila", "09:00-17:00", "1844-12-29T16:00:00Z", "1845-01-01T16:00:00Z", 24 * time.Hour},
	} {
		from, to, _ := strings.Cut(x.hours, "-")
		c, err := sla.NewCalendar(sla.CalendarSpec{Zone: x.zone, Weekly: weekOf(sla.Interval{From: from, To: to})})
		require.NoError(t, err)
		assert.Equal(t, x.want, c.Between(date(t, x.from), date(t, x.to)), "%s %s from %s", x.zone, x.hours, x.from)
	}
}

func TestCalendarAllocatesNothing(t *testing.T) {
	c := office(t, "America/New_York")
	at := date(t, "2026-03-06T21:00:00Z")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		end, _ := c.Add(at, 2000*time.Hour)
		c.Between(at, end)
		c.IsOpen(at)
		c.NextOpen(at)
		_, _ = c.AddDays(at, 10, sla.IntakeRules{After: sla.NextDayOpening})
	}))
}

// Every 31 December is like any other day, in zones where ZoneBounds thinks otherwise.
func TestCalendarYearEnds(t *testing.T) {
	for _, zone := range []string{"Europe/London", "America/New_York", "America/Santiago", "Australia/Sydney", "Asia/Tokyo"} {
		c := office(t, zone)
		for year := 2036; year < 2120; year++ {
			noon := time.Date(year, 12, 31, 12, 0, 0, 0, c.Location())
			require.Equal(t, noon.Weekday() >= time.Monday && noon.Weekday() <= time.Friday, c.IsOpen(noon), "%v", noon)
			next, err := c.AddDays(noon, 1, sla.IntakeRules{})
			require.NoError(t, err)
			require.Equal(t, 12, next.Hour())
		}
	}
}

func TestCalendarIsSafeForConcurrentUse(t *testing.T) {
	c, want := office(t, "America/New_York"), office(t, "America/New_York")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(g)))
			for range 200 {
				at := time.Date(1950+r.IntN(150), 6, 1, 12, 0, 0, 0, time.UTC)
				d := time.Duration(r.IntN(9000)+1) * time.Hour
				end, err := c.Add(at, d)
				assert.NoError(t, err)
				assert.Equal(t, d, c.Between(at, end))
			}
		})
	}
	wg.Wait()
	a, b := time.Unix(0, 0), time.Unix(4e9, 0)
	assert.Equal(t, want.Between(a, b), c.Between(a, b))
}

func TestAddDaysByIntake(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Zone: "America/New_York",
		Weekly: map[time.Weekday][]sla.Interval{
			time.Monday: {{From: "08:30", To: "12:00"}, {From: "13:00", To: "17:00"}}, time.Tuesday: {{From: "09:00", To: "17:00"}},
			time.Wednesday: {{From: "08:30", To: "17:00"}}, time.Thursday: {{From: "08:30", To: "17:00"}}, time.Friday: {{From: "08:30", To: "17:00"}},
		},
		Holidays: []string{"2015-02-16"},
	})
	require.NoError(t, err)
	all := func(i sla.Intake) sla.IntakeRules { return sla.IntakeRules{Before: i, After: i, DayOff: i} }
	for _, x := range []struct {
		received string
		days     int
		in       sla.IntakeRules
		want     string
		why      string
	}{
		{"Mon 2015-02-09 08:00", 1, all(sla.KeepTime), "Tue 2015-02-10 08:00", "before opening, kept"},
		{"Mon 2015-02-09 08:00", 1, all(sla.ToOpening), "Tue 2015-02-10 08:30", "before opening, to the opening"},
		{"Mon 2015-02-09 08:00", 1, all(sla.NextDayOpening), "Wed 2015-02-11 09:00", "before opening, to the next day's"},
		{"Mon 2015-02-09 08:30", 1, all(sla.NextDayOpening), "Tue 2015-02-10 08:30", "opening time is open"},
		{"Mon 2015-02-09 12:30", 1, all(sla.NextDayOpening), "Tue 2015-02-10 12:30", "a pause in the day keeps its time"},
		{"Mon 2015-02-09 16:59", 1, all(sla.NextDayOpening), "Tue 2015-02-10 16:59", "open"},
		{"Mon 2015-02-09 17:00", 1, all(sla.NextDayOpening), "Wed 2015-02-11 09:00", "closing time is closed"},
		{"Mon 2015-02-09 17:00", 1, all(sla.ToOpening), "Wed 2015-02-11 09:00", "the next opening is the next day's"},
		{"Mon 2015-02-09 17:00", 1, all(sla.KeepTime), "Tue 2015-02-10 17:00", "kept"},
		{"Sat 2015-02-14 10:00", 1, all(sla.NextDayOpening), "Wed 2015-02-18 09:00", "a day off before a holiday"},
		{"Sat 2015-02-14 10:00", 1, all(sla.KeepTime), "Tue 2015-02-17 10:00", "a day off, kept"},
		{"Mon 2015-02-16 10:00", 0, all(sla.ToOpening), "Tue 2015-02-17 09:00", "no days: the intake itself"},
		{"Mon 2015-02-16 10:00", 0, sla.IntakeRules{Before: sla.ToOpening, After: sla.ToOpening}, "Mon 2015-02-16 10:00", "each rule by itself"},
		{"Tue 2015-02-17 10:00", -1, all(sla.KeepTime), "Fri 2015-02-13 10:00", "back over the holiday"},
		{"Fri 2015-03-06 16:00", 1, all(sla.KeepTime), "Mon 2015-03-09 16:00", "the same time of day across the clock change"},
		{"Thu 2015-02-12 16:00", 10, all(sla.KeepTime), "Fri 2015-02-27 16:00", "ten days with a holiday"},
	} {
		at, err := time.ParseInLocation("Mon 2006-01-02 15:04", x.received, c.Location())
		require.NoError(t, err)
		got, err := c.AddDays(at, x.days, x.in)
		require.NoError(t, err)
		assert.Equal(t, x.want, got.Format("Mon 2006-01-02 15:04"), "%s + %d: %s", x.received, x.days, x.why)
	}
}

func TestCalendarSaysWhatItIs(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "x", Zone: "Asia/Tokyo", Version: "2026", Weekly: map[time.Weekday][]sla.Interval{time.Monday: {{From: "09:00", To: "17:00"}}},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"x", "2026", "Asia/Tokyo"}, []string{c.Name(), c.Version(), c.Location().String()})
	end, err := c.Add(date(t, "2026-03-01T00:00:00Z"), time.Hour)
	require.NoError(t, err)
	assert.Equal(t, "2026-03-02T10:00:00+09:00", end.Format(time.RFC3339), "answers are in the calendar's zone")
}

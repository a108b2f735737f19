package sla_test

import (
	"fmt"
	"math"
	"math/rand/v2"
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

func TestCalendarFaults(t *testing.T) {
	week := map[time.Weekday][]sla.Interval{time.Monday: {{From: "09:00", To: "17:00"}}}
	monday := func(from, to string) sla.CalendarSpec {
		return sla.CalendarSpec{Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{time.Monday: {{From: from, To: to}}}}
	}
	for want, spec := range map[string]sla.CalendarSpec{
		`zone: a calendar needs the IANA name`:               {Weekly: week},
		`zone "Local" depends on the machine`:                {Zone: "Local", Weekly: week},
		`zone "localtime" depends on the machine`:            {Zone: "localtime", Weekly: week},
		`zone "right/Etc/UTC" depends on the machine`:        {Zone: "right/Etc/UTC", Weekly: week},
		`unknown zone "Europe/Lodnon"`:                       {Zone: "Europe/Lodnon", Weekly: week},
		`unknown zone "../Europe/London"`:                    {Zone: "../Europe/London", Weekly: week},
		`weekly.mon[0]: "25:00-26:00" is no interval`:        monday("25:00", "26:00"),
		`"09:00-24:01" is no interval`:                       monday("09:00", "24:01"),
		`"9:00-17:00" is no interval`:                        monday("9:00", "17:00"),
		`"09:60-17:00" is no interval`:                       monday("09:60", "17:00"),
		`"-" is no interval`:                                 monday("", ""),
		`"24:00-06:00" begins at 24:00`:                      monday("24:00", "06:00"),
		`"09:00-09:00" begins and ends at the same time`:     monday("09:00", "09:00"),
		`unknown day of the week "weekday 9"`:                {Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{9: nil, 1: week[1]}},
		`holidays[1]: the holiday 2026-12-25 is given twice`: {Zone: "Etc/UTC", Weekly: week, Holidays: []string{"2026-12-25", "2026-12-25"}},
		`holidays[0]: "2026-02-30" is no such date`:          {Zone: "Etc/UTC", Weekly: week, Holidays: []string{"2026-02-30"}},
		`overrides.26-02-03: "26-02-03" is no such date`:     {Zone: "Etc/UTC", Weekly: week, Overrides: map[string][]sla.Interval{"26-02-03": nil}},
		`"0000-02-03" is no such date`:                       {Zone: "Etc/UTC", Weekly: week, Breaks: map[string][]sla.Interval{"0000-02-03": nil}},
		`never opens`:                                        {Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{time.Monday: {}}},
		`sla: the calendar never opens`:                      {Zone: "Pacific/Apia", Overrides: map[string][]sla.Interval{"2011-12-30": {{From: "09:00", To: "17:00"}}}},
	} {
		_, err := sla.NewCalendar(spec)
		assert.ErrorContains(t, err, want)
	}
	_, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Mars/Olympus", Weekly: monday("1", "2").Weekly, Holidays: []string{"x"}})
	var all *sla.DocumentError
	require.ErrorAs(t, err, &all)
	assert.Len(t, all.Faults, 3, "all at once")
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

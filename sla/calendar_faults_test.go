package sla_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

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
		`unknown zone "./right/Europe/London"`:               {Zone: "./right/Europe/London", Weekly: week},
		`unknown zone "Europe//London"`:                      {Zone: "Europe//London", Weekly: week},
		`weekly.mon[0]: "25:00-26:00" is no interval`:        monday("25:00", "26:00"),
		`"09:00-24:01" is no interval`:                       monday("09:00", "24:01"),
		`"9:00-17:00" is no interval`:                        monday("9:00", "17:00"),
		`"09:60-17:00" is no interval`:                       monday("09:60", "17:00"),
		`"-" is no interval`:                                 monday("", ""),
		`"24:00-06:00" begins at 24:00`:                      monday("24:00", "06:00"),
		`"09:00-09:00" begins and ends at the same time`:     monday("09:00", "09:00"),
		`unknown day of the week "weekday 9"`:                {Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{9: nil, 1: week[1]}},
		`holidays[1]: the holiday 2026-12-25 is given twice`: {Zone: "Etc/UTC", Weekly: week, Holidays: []string{"2026-12-25", "2026-12-25"}},
		`holidays[0]: "2026-02-30": no such date`:            {Zone: "Etc/UTC", Weekly: week, Holidays: []string{"2026-02-30"}},
		`overrides.26-02-03: "26-02-03" is no date`:          {Zone: "Etc/UTC", Weekly: week, Overrides: map[string][]sla.Interval{"26-02-03": nil}},
		`"0000-02-03": no such date`:                         {Zone: "Etc/UTC", Weekly: week, Breaks: map[string][]sla.Interval{"0000-02-03": nil}},
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

// Each fault of a document is told with its line and column, all at once.
func TestCalendarDocumentFaults(t *testing.T) {
	const doc = `{"name": "x", "version": "1", "objectives": [], "calendars": [
{"name": "hours", "zone": "Europe/London",
 "weekly": {"mon-wed": ["08:00-12:00", "25:00-26:00", "09:00-24:01", "24:00-06:00", "12:00-12:00", "9-5", 9],
  "tue": [],
  "mo": ["09:00-17:00"]}},
{"name": "dates", "zone": "Europe/London", "weekly": {"mon": ["09:00-17:00"]},
 "holidays": ["2026-12-25", "2026-12-25",
  "2026-02-29", "0000-01-01", "25.12.2026"],
 "overrides": {"2026-12-25": ["10:00-12:00"], "2026-13-01": [],
  "2026-12-25": []},
 "breaks": {"10000-01-01": ["10:00-12:00"], "2026-12-24": ["17:00-17:00"]}},
{"name": "local", "zone": "Local", "weekly": {"mon": ["09:00-17:00"]}},
{"name": "empty", "zone": "", "weekly": {"mon": ["09:00-17:00"]}},
{"name": "unknown", "zone": "Europe/Lundon", "weekly": {"mon": ["09:00-17:00"]}},
{"name": "no zone", "weekly": {"mon": ["09:00-17:00"]}},
{"name": "closed", "zone": "Europe/London", "weekly": {"mon": []}, "overrides": {"2026-12-24": []}},
{"name": "broken", "zone": "Europe/London", "overrides": {"2026-12-24": ["10:00-12:00"]}, "breaks": {"2026-12-24": ["09:00-13:00"]}},
{"name": "skipped", "zone": "Europe/London", "overrides": {"2026-03-29": ["01:15-01:45"]}}
]}`
	_, err := sla.Load([]byte(doc))
	var all *sla.DocumentError
	require.ErrorAs(t, err, &all)
	got := make([]string, len(all.Faults))
	for i, f := range all.Faults {
		got[i] = f.String()
	}
	assert.Equal(t, strings.Split(strings.TrimSpace(`
3:40: calendars[0].weekly.mon-wed[1]: "25:00-26:00" is no interval of a day: want "09:00-17:30", from 00:00 to 24:00
3:55: calendars[0].weekly.mon-wed[2]: "09:00-24:01" is no interval of a day: want "09:00-17:30", from 00:00 to 24:00
3:70: calendars[0].weekly.mon-wed[3]: "24:00-06:00" begins at 24:00: write 00:00 on the next day
3:85: calendars[0].weekly.mon-wed[4]: "12:00-12:00" begins and ends at the same time: a whole day is "00:00-24:00"
3:100: calendars[0].weekly.mon-wed[5]: "9-5" is no interval of a day: want "09:00-17:30", from 00:00 to 24:00
3:107: calendars[0].weekly.mon-wed[6]: want a string, got a number
4:3: calendars[0].weekly.tue: "tue" repeats tue, which "mon-wed" has given hours
5:3: calendars[0].weekly.mo: unknown day of the week "mo" (did you mean "mon"?)
7:29: calendars[1].holidays[1]: the holiday 2026-12-25 is given twice
8:3: calendars[1].holidays[2]: "2026-02-29": no such date in the years 1 to 9999
8:17: calendars[1].holidays[3]: "0000-01-01": no such date in the years 1 to 9999
8:31: calendars[1].holidays[4]: "25.12.2026" is no date: want one as in "2026-12-25", in the years 1 to 9999
9:47: calendars[1].overrides.2026-13-01: "2026-13-01": no such date in the years 1 to 9999
10:3: calendars[1].overrides.2026-12-25: the field "2026-12-25" is there twice, first on line 9
11:13: calendars[1].breaks.10000-01-01: "10000-01-01" is no date: want one as in "2026-12-25", in the years 1 to 9999
11:60: calendars[1].breaks.2026-12-24[0]: "17:00-17:00" begins and ends at the same time: a whole day is "00:00-24:00"
12:27: calendars[2].zone: zone "Local" depends on the machine; give an IANA name, as in "Europe/London"
13:27: calendars[3].zone: a calendar needs the IANA name of its zone, as in "Europe/London" or "Etc/UTC"
14:29: calendars[4].zone: unknown zone "Europe/Lundon": want an IANA name, as in "Europe/London" (did you mean "Europe/London"?)
15:1: calendars[5].zone: the field "zone" is missing
16:1: calendars[6]: the calendar never opens: it needs weekly hours, or an override with hours
17:1: calendars[7]: the calendar never opens: it needs weekly hours, or an override with hours
18:1: calendars[8]: the calendar never opens: it needs weekly hours, or an override with hours
`), "\n"), got)
}

// What a calendar might be asked for or told in no sensible order, and yet has an answer.
func TestCalendarTakesInAnyOrder(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Zone: "Etc/UTC", Weekly: weekOf(sla.Interval{From: "13:00", To: "17:00"}, sla.Interval{From: "09:00", To: "12:00"}),
		Holidays:  []string{"2026-12-26", "2026-12-25"},
		Overrides: map[string][]sla.Interval{"2026-12-25": {{From: "10:00", To: "11:00"}}},
		Breaks:    map[string][]sla.Interval{"2026-12-25": {{From: "23:00", To: "01:00"}}},
	})
	require.NoError(t, err)
	day := func(text string) time.Duration {
		return c.Between(date(t, text+"T00:00:00Z"), date(t, text+"T00:00:00Z").AddDate(0, 0, 1))
	}
	assert.Equal(t, 7*time.Hour, day("2026-12-24"), "hours out of order")
	assert.Equal(t, time.Hour, day("2026-12-25"), "an override on a holiday wins")
	assert.Zero(t, day("2026-12-26"), "a holiday")
}

func TestCalendarHugeDurations(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{Name: "always", Zone: "Etc/UTC", Weekly: weekOf(sla.Interval{From: "00:00", To: "24:00"})})
	require.NoError(t, err)
	from := date(t, "2026-01-01T00:00:00Z")
	for _, d := range []time.Duration{math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1, -1} {
		got, err := c.Add(from, d)
		require.NoError(t, err)
		assert.True(t, got.Equal(from.Add(d)), "%v: got %v", d, got)
		assert.Equal(t, max(d, -math.MaxInt64), c.Between(from, got))
		assert.Equal(t, -max(d, -math.MaxInt64), c.Between(got, from))
	}
	_, err = c.Add(date(t, "9999-12-31T00:00:00Z"), math.MaxInt64)
	assert.EqualError(t, err, `sla: no such time in the years 1 to 9999: 2562047h47m16.854775807s of open time from 9999-12-31T00:00:00Z in calendar "always"`)
	_, err = c.Add(date(t, "0001-01-02T00:00:00Z"), math.MinInt64)
	assert.EqualError(t, err, `sla: no such time in the years 1 to 9999: -2562047h47m16.854775808s of open time from 0001-01-02T00:00:00Z in calendar "always"`)
	for _, n := range []int{math.MaxInt, math.MinInt, 4_000_000, -4_000_000} {
		_, err = c.AddDays(from, n, sla.IntakeRules{})
		require.ErrorIs(t, err, sla.ErrHorizon)
		assert.ErrorContains(t, err, `business days in calendar "always"`)
	}
	end := date(t, "9999-12-31T23:59:59.999999999Z").Add(1)
	assert.Equal(t, 24*time.Hour, c.Between(end.AddDate(0, 0, -1), end.AddDate(5, 0, 0)), "nothing is open after 9999")
	assert.Equal(t, -24*time.Hour, c.Between(date(t, "0001-01-02T00:00:00Z"), date(t, "0001-01-01T00:00:00Z").AddDate(-5, 0, 0)), "nor before 1")
	_, err = c.Add(end.Add(-time.Hour), time.Hour)
	require.ErrorIs(t, err, sla.ErrHorizon, "the year 10000")
	got, err := c.Add(end.Add(-time.Hour), time.Hour-1)
	require.NoError(t, err)
	assert.True(t, got.Equal(end.Add(-1)))
	got, err = c.Add(end.Add(-1), -time.Hour)
	require.NoError(t, err)
	assert.True(t, got.Equal(end.Add(-1-time.Hour)))
	got, err = c.Add(date(t, "0001-01-01T01:00:00Z"), -time.Hour)
	require.NoError(t, err)
	assert.Equal(t, "0001-01-01T00:00:00Z", got.Format(time.RFC3339))
	last, err := c.AddDays(from, int(date(t, "9999-12-31T00:00:00Z").Unix()-from.Unix())/86400, sla.IntakeRules{})
	require.NoError(t, err)
	assert.Equal(t, "9999-12-31T00:00:00Z", last.Format(time.RFC3339))
}

// The first and the last date, in zones where they begin or end in another year of UTC.
func TestCalendarFirstAndLastDates(t *testing.T) {
	for zone, ok := range map[string][2]bool{"Etc/GMT-9": {false, true}, "Etc/GMT+9": {true, false}, "Etc/UTC": {true, true}} {
		c, err := sla.NewCalendar(sla.CalendarSpec{Zone: zone, Weekly: weekOf(sla.Interval{From: "00:00", To: "24:00"})})
		require.NoError(t, err)
		_, err = c.AddDays(time.Date(1, 1, 3, 1, 0, 0, 0, c.Location()), -2, sla.IntakeRules{})
		assert.Equal(t, ok[0], err == nil, "%s: %v", zone, err)
		_, err = c.AddDays(time.Date(9999, 12, 29, 23, 0, 0, 0, c.Location()), 2, sla.IntakeRules{})
		assert.Equal(t, ok[1], err == nil, "%s: %v", zone, err)
	}
}

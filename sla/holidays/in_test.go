package holidays_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
	"github.com/amends-go/amends/sla/holidays"
)

// What governments publish, copied by hand: gov.uk, OPM, the Bavarian and German laws on holidays, Japan's Cabinet Office. Weekends are left
// out where the lists leave them out.
func TestKnownDates(t *testing.T) {
	for _, c := range []struct {
		place    string
		year     int
		weekends bool
		want     string
	}{
		{"GB-ENG", 2026, false, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"},
		{"GB-ENG", 2027, false, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"},
		{"gb-wls", 2023, false, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"},
		{"US", 2026, false, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"},
		{"US", 2021, false, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"}, // New Year of 2022 on a Saturday
		{"DE", 2026, true, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		{"DE-BY", 2026, true, "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
		{"FR", 2026, true, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
		{"JP", 2026, true, "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23"},
		{"ECB", 2026, true, "01-01 04-03 04-06 05-01 12-25 12-26"},
	} {
		list, err := holidays.In(c.place, c.year, c.year)
		require.NoError(t, err)
		var got []string
		for _, h := range list {
			d, err := time.Parse(time.DateOnly, h.Date)
			require.NoError(t, err)
			assert.NotEmpty(t, h.Name)
			if c.weekends || d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				got = append(got, h.Date[len("2026-"):])
			}
		}
		assert.Equal(t, c.want, strings.Join(got, " "), "%s %d", c.place, c.year)
	}
}

// Asking for years together gives what asking for each gives, and a calendar takes it as it is.
func TestPlaces(t *testing.T) {
	places := holidays.Places()
	assert.Greater(t, len(places), 90)
	for i, p := range places {
		assert.True(t, i == 0 || places[i-1].Code < p.Code, "%s is out of order", p.Code)
		all, err := holidays.In(p.Code, 2024, 2033)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, len(all), 60, p.Code)
		var single []holidays.Holiday
		for year := 2024; year <= 2033; year++ {
			list, err := holidays.In(p.Code, year, year)
			require.NoError(t, err)
			single = append(single, list...)
		}
		assert.Equal(t, single, all, p.Code)
		_, err = sla.NewCalendar(sla.CalendarSpec{
			Zone: "Etc/UTC", Weekly: map[time.Weekday][]sla.Interval{time.Monday: {{From: "09:00", To: "17:00"}}},
			Holidays: holidays.Dates(all, all, single),
		})
		assert.NoError(t, err, p.Code)
	}
}

// The dates are the same on every machine, also where clocks go forward at midnight.
func TestZoneOfTheMachine(t *testing.T) {
	read := func() (lists [][]holidays.Holiday) {
		for _, p := range holidays.Places() {
			list, err := holidays.In(p.Code, 2010, 2030)
			require.NoError(t, err)
			lists = append(lists, list)
		}
		return lists
	}
	home := cal.DefaultLoc
	defer func() { cal.DefaultLoc = home }()
	cal.DefaultLoc = time.UTC
	want := read()
	for _, zone := range []string{"Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Sao_Paulo", "America/Havana", "Asia/Amman", "Asia/Tehran"} {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		cal.DefaultLoc = loc
		assert.Equal(t, want, read(), zone)
	}
}

func TestInRefuses(t *testing.T) {
	for _, c := range []struct {
		place    string
		from, to int
		want     string
	}{
		{"GB", 2026, 2026, `"GB"; did you mean GB-ENG or GB-WLS?`},
		{"AU-XYZ", 2026, 2026, `did you mean AU-ACT, AU-NSW, AU-NT, AU-QLD, AU-SA, AU-TAS, AU-VIC or AU-WA?`},
		{"deby", 2026, 2026, `did you mean DE-BY?`},
		{"germany", 2026, 2026, `did you mean DE?`},
		{"Zürich", 2026, 2026, `did you mean CH-ZH?`},
		{"XX", 2026, 2026, `want an ISO 3166 code of Places, as in "US" or "DE-BY"`},
		{"", 2026, 2026, `no holidays known for ""`},
		{"US", 2027, 2026, "years 2027 to 2026: want a first and a last year, from 1900 to 2199"},
		{"US", 1899, 2026, "years 1899 to 2026"},
		{"US", 2026, 2200, "years 2026 to 2200"},
	} {
		list, err := holidays.In(c.place, c.from, c.to)
		assert.Nil(t, list)
		assert.ErrorContains(t, err, c.want)
	}
}

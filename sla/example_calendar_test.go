package sla_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
)

// The rules of calendars, in the order of the package documentation.

// weekOf has the same hours every day of the week.
func weekOf(hours ...sla.Interval) map[time.Weekday][]sla.Interval {
	week := map[time.Weekday][]sla.Interval{}
	for day := range time.Weekday(7) {
		week[day] = hours
	}
	return week
}

// clockTime reads a time in the calendar's zone.
func clockTime(c *sla.Calendar, text string) time.Time {
	t, _ := time.ParseInLocation(time.DateTime, text, c.Location())
	return t
}

// A time that clocks skip is the moment they do; one that comes twice is its first occurrence.
func ExampleCalendar_clockChanges() {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "America/New_York", Weekly: weekOf(sla.Interval{From: "01:30", To: "02:30"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	// On 8 March clocks go from 02:00 to 03:00: there is no 02:30, and 03:00 is the end.
	open, _ := c.NextOpen(clockTime(c, "2026-03-08 00:00:00"))
	end, _ := c.Add(open, 30*time.Minute)
	fmt.Println(open, "to", end)
	// On 1 November they go from 02:00 back to 01:00: from the first 01:30 to 02:30 it is two hours.
	open, _ = c.NextOpen(clockTime(c, "2026-11-01 00:00:00"))
	end, _ = c.Add(open, 2*time.Hour)
	fmt.Println(open, "to", end)
	// Output:
	// 2026-03-08 01:30:00 -0500 EST to 2026-03-08 03:00:00 -0400 EDT
	// 2026-11-01 01:30:00 -0400 EDT to 2026-11-01 02:30:00 -0500 EST
}

// Hours are half-open, and durations are real time: a night in which clocks go forward is an hour shorter.
func ExampleCalendar_Between() {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Weekly: weekOf(sla.Interval{From: "22:00", To: "06:00"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.IsOpen(clockTime(c, "2026-03-27 22:00:00")), c.IsOpen(clockTime(c, "2026-03-28 06:00:00")))
	fmt.Println(c.Between(clockTime(c, "2026-03-27 12:00:00"), clockTime(c, "2026-03-28 12:00:00")))
	fmt.Println(c.Between(clockTime(c, "2026-03-28 12:00:00"), clockTime(c, "2026-03-29 12:00:00")))
	fmt.Println(c.Between(clockTime(c, "2026-03-29 12:00:00"), clockTime(c, "2026-03-28 12:00:00")))
	// Output:
	// true false
	// 8h0m0s
	// 7h0m0s
	// -7h0m0s
}

// Hours that end before they begin last past midnight; equal ends are an error, as is 25:00.
func ExampleInterval() {
	_, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Weekly: map[time.Weekday][]sla.Interval{
		time.Monday:  {{From: "22:00", To: "06:00"}, {From: "00:00", To: "24:00"}},
		time.Tuesday: {{From: "09:00", To: "09:00"}, {From: "17:00", To: "25:00"}},
	}})
	fmt.Println(err)
	// Output:
	// sla: 2 faults:
	// weekly.tue[0]: "09:00-09:00" begins and ends at the same time: a whole day is "00:00-24:00"
	// weekly.tue[1]: "17:00-25:00" is no interval of a day: want "09:00-17:30", from 00:00 to 24:00
}

// Hours that overlap or touch count once.
func ExampleCalendar_overlap() {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Weekly: map[time.Weekday][]sla.Interval{
		time.Monday:  {{From: "09:00", To: "12:00"}, {From: "11:00", To: "15:00"}, {From: "15:00", To: "17:00"}, {From: "20:00", To: "04:00"}},
		time.Tuesday: {{From: "02:00", To: "10:00"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Between(clockTime(c, "2026-06-01 00:00:00"), clockTime(c, "2026-06-01 18:00:00")))
	fmt.Println(c.Between(clockTime(c, "2026-06-01 18:00:00"), clockTime(c, "2026-06-03 00:00:00")))
	// Output:
	// 8h0m0s
	// 14h0m0s
}

// A holiday has no hours, not even those of the night before; an override has its own, and beats a holiday; breaks come off last.
func ExampleCalendarSpec() {
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Zone: "Europe/London", Weekly: weekOf(sla.Interval{From: "18:00", To: "02:00"}),
		Holidays:  []string{"2026-12-25", "2026-12-26"},
		Overrides: map[string][]sla.Interval{"2026-12-26": {{From: "10:00", To: "12:00"}}},
		Breaks:    map[string][]sla.Interval{"2026-12-24": {{From: "20:00", To: "20:30"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for t := clockTime(c, "2026-12-24 12:00:00"); t.Before(clockTime(c, "2026-12-27 12:00:00")); {
		opens, _ := c.NextOpen(t)
		for t = opens; c.IsOpen(t); {
			t = t.Add(30 * time.Minute)
		}
		fmt.Println(opens.Format("Mon 2 Jan 15:04"), "to", t.Format("Mon 2 Jan 15:04"))
	}
	// Output:
	// Thu 24 Dec 18:00 to Thu 24 Dec 20:00
	// Thu 24 Dec 20:30 to Fri 25 Dec 00:00
	// Sat 26 Dec 10:00 to Sat 26 Dec 12:00
	// Sun 27 Dec 18:00 to Mon 28 Dec 02:00
}

// What fills a day is due at its closing. A negative duration goes back, to the latest time from which that much is open.
func ExampleCalendar_Add() {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Weekly: weekOf(sla.Interval{From: "09:00", To: "17:00"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	from := clockTime(c, "2026-06-01 16:00:00")
	for _, d := range []time.Duration{time.Hour, time.Hour + 1, 0, -7 * time.Hour, -7*time.Hour - 1} {
		t, _ := c.Add(from, d)
		fmt.Println(t.Format("Mon 2 Jan 15:04:05.999999999"))
	}
	// Output:
	// Mon 1 Jun 17:00:00
	// Tue 2 Jun 09:00:00.000000001
	// Mon 1 Jun 16:00:00
	// Mon 1 Jun 09:00:00
	// Sun 31 May 16:59:59.999999999
}

// A calendar that never opens is refused, and what it will never be open for is an error.
func ExampleCalendar_horizon() {
	_, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Holidays: []string{"2026-12-25"}})
	fmt.Println(err)

	c, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "sale", Zone: "Europe/London", Overrides: map[string][]sla.Interval{"2026-11-27": {{From: "09:00", To: "17:00"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	end, _ := c.Add(clockTime(c, "2026-01-01 00:00:00"), 8*time.Hour)
	fmt.Println(end)
	_, err = c.Add(clockTime(c, "2026-01-01 00:00:00"), 9*time.Hour)
	fmt.Println(errors.Is(err, sla.ErrHorizon), err)
	_, ok := c.NextOpen(end)
	fmt.Println(ok)
	// Output:
	// sla: the calendar never opens: it needs weekly hours, or an override with hours
	// 2026-11-27 17:00:00 +0000 GMT
	// true sla: no such time in the years 1 to 9999: 9h0m0s of open time from 2026-01-01T00:00:00Z in calendar "sale"
	// false
}

// The zone is an IANA name, and answers are in it, whatever zone is asked in.
func ExampleCalendar_zone() {
	for _, zone := range []string{"", "Local", "Asia/Tokio"} {
		_, err := sla.NewCalendar(sla.CalendarSpec{Zone: zone, Weekly: weekOf(sla.Interval{From: "09:00", To: "17:00"})})
		fmt.Println(err)
	}
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Asia/Tokyo", Weekly: weekOf(sla.Interval{From: "09:00", To: "17:00"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, _ := c.Add(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), time.Hour)
	fmt.Println(t)
	// Output:
	// sla: zone: a calendar needs the IANA name of its zone, as in "Europe/London" or "Etc/UTC"
	// sla: zone: zone "Local" depends on the machine; give an IANA name, as in "Europe/London"
	// sla: zone: unknown zone "Asia/Tokio": want an IANA name, as in "Europe/London" (did you mean "Asia/Tokyo"?)
	// 2026-06-02 10:00:00 +0900 JST
}

// Business days are dates with hours of their own: the tail of Friday's night does not make Saturday one. They end at the
// same time of day as they began.
func ExampleCalendar_AddDays() {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Holidays: []string{"2026-03-31"}, Weekly: map[time.Weekday][]sla.Interval{
		time.Monday: {{From: "09:00", To: "17:00"}}, time.Tuesday: {{From: "09:00", To: "17:00"}}, time.Friday: {{From: "22:00", To: "06:00"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	received := clockTime(c, "2026-03-26 18:30:00") // a Thursday; clocks change on Sunday
	for _, n := range []int{1, 2, 3, -1} {
		t, _ := c.AddDays(received, n, sla.IntakeRules{})
		fmt.Println(t.Format("Mon 2 Jan 15:04 MST"))
	}
	// Counted from the next opening, Friday at 22:00:
	t, _ := c.AddDays(received, 1, sla.IntakeRules{DayOff: sla.ToOpening})
	fmt.Println(t.Format("Mon 2 Jan 15:04 MST"))
	// Output:
	// Fri 27 Mar 18:30 GMT
	// Mon 30 Mar 18:30 BST
	// Fri 3 Apr 18:30 BST
	// Tue 24 Mar 18:30 GMT
	// Mon 30 Mar 22:00 BST
}

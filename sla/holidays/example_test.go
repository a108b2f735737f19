package holidays_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-go/amends/sla"
	"github.com/amends-go/amends/sla/holidays"
)

// An office in London: the public holidays of England, and what the company's own calendar adds.
func Example() {
	england, err := holidays.In("GB-ENG", 2026, 2027)
	if err != nil {
		fmt.Println(err)
		return
	}
	company, err := holidays.ICal(strings.NewReader(companyCalendar), 2026, 2027)
	if err != nil {
		fmt.Println(err)
		return
	}
	nineToFive := []sla.Interval{{From: "09:00", To: "17:00"}}
	office, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "office", Zone: "Europe/London", Version: "2026-11",
		Weekly: map[time.Weekday][]sla.Interval{
			time.Monday: nineToFive, time.Tuesday: nineToFive, time.Wednesday: nineToFive, time.Thursday: nineToFive, time.Friday: nineToFive,
		},
		Holidays: holidays.Dates(england, company),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	christmasEve := time.Date(2026, time.December, 24, 12, 0, 0, 0, office.Location())
	due, err := office.Add(christmasEve, 8*time.Hour)
	fmt.Println(due, err)
	// Output: 2027-01-04 12:00:00 +0000 GMT <nil>
}

// An agreement that is kept as a document gets its holidays when the program starts, or once a year when the document is written.
func ExampleDates() {
	kept, err := sla.Load([]byte(`{"name": "bank", "version": "2026",
		"calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}}],
		"objectives": [{"id": "answer", "metric": "acknowledgement", "target": "8 working hours", "calendar": "office"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	england, err := holidays.In("GB-ENG", 2026, 2027)
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := kept.Spec()
	spec.Calendars[0].Holidays = holidays.Dates(england)
	agreement, err := sla.NewAgreement(spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := agreement.Objectives()[0]
	clock, err := agreement.Start("answer", &answer, time.Date(2026, time.December, 24, 12, 0, 0, 0, time.UTC), 1)
	fmt.Println(clock.Due, err)
	// Output: 2026-12-29 12:00:00 +0000 UTC <nil>
}

// Independence Day of 2026 is a Saturday, so that the Friday before is off.
func ExampleIn() {
	federal, err := holidays.In("US", 2026, 2026)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range federal[5:8] {
		fmt.Println(h.Date, h.Name, h.Observed)
	}
	_, err = holidays.In("Bavaria", 2026, 2026)
	fmt.Println(err)
	// Output:
	// 2026-07-03 Independence Day true
	// 2026-07-04 Independence Day false
	// 2026-09-07 Labor Day false
	// holidays: no holidays known for "Bavaria"; did you mean DE-BY?
}

const companyCalendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example Ltd//Closures//EN
BEGIN:VEVENT
UID:shutdown@example.com
DTSTART;VALUE=DATE:20251229
DTEND;VALUE=DATE:20260101
RRULE:FREQ=YEARLY
SUMMARY:Between the years
END:VEVENT
BEGIN:VEVENT
UID:founding@example.com
DTSTART;VALUE=DATE:20200612
RRULE:FREQ=YEARLY;BYMONTH=6;BYDAY=2FR
EXDATE;VALUE=DATE:20270611
SUMMARY:Founding day
END:VEVENT
END:VCALENDAR
`

// Each event is read by its dates; DTEND is the day after the last.
func ExampleICal() {
	company, err := holidays.ICal(strings.NewReader(companyCalendar), 2026, 2027)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range company {
		fmt.Println(h.Date, h.Name)
	}
	_, err = holidays.ICal(strings.NewReader(strings.Replace(companyCalendar, ";VALUE=DATE:20200612", ":20200612T120000Z", 1)), 2026, 2027)
	fmt.Println(err)
	// Output:
	// 2026-06-12 Founding day
	// 2026-12-29 Between the years
	// 2026-12-30 Between the years
	// 2026-12-31 Between the years
	// 2027-12-29 Between the years
	// 2027-12-30 Between the years
	// 2027-12-31 Between the years
	// holidays: line 13: DTSTART is at a time of day, "20200612T120000Z": a holiday is a date, as in DTSTART;VALUE=DATE:20261225
}

package sla_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
)

func hours(from, to string, days ...time.Weekday) map[time.Weekday][]sla.Interval {
	week := map[time.Weekday][]sla.Interval{}
	for _, d := range days {
		week[d] = []sla.Interval{{From: from, To: to}}
	}
	return week
}

// Eight working hours from Friday afternoon, over a weekend on which the clocks change.
func Example_calendar() {
	office, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "office", Zone: "America/New_York",
		Weekly: hours("09:00", "17:00", time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	received := time.Date(2026, 3, 6, 16, 0, 0, 0, office.Location())
	due, err := office.Add(received, 8*time.Hour)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(due)
	fmt.Println(office.Between(received, due), "of", due.Sub(received))
	// Output:
	// 2026-03-09 16:00:00 -0400 EDT
	// 8h0m0s of 71h0m0s
}

// A time of day that the clocks skip is the moment they do; one that comes twice is its first occurrence.
func Example_clockChange() {
	nights, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Europe/London", Weekly: hours("01:30", "03:00", time.Sunday)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, day := range []time.Time{time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)} {
		opens, _ := nights.NextOpen(day)
		fmt.Println(opens, nights.Between(day, day.Add(24*time.Hour)))
	}
	// Output:
	// 2026-03-29 02:00:00 +0100 BST 1h0m0s
	// 2026-10-25 01:30:00 +0100 BST 2h30m0s
}

// A holiday takes the tail of its own night shift, and of the one before; an override beats a holiday; breaks come last.
func Example_overnight() {
	week := hours("22:00", "06:00", time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
	nights, err := sla.NewCalendar(sla.CalendarSpec{
		Zone: "Etc/UTC", Weekly: week,
		Holidays:  []string{"2026-12-24", "2026-12-25"},
		Overrides: map[string][]sla.Interval{"2026-12-24": {{From: "20:00", To: "24:00"}}},
		Breaks:    map[string][]sla.Interval{"2026-12-24": {{From: "21:00", To: "21:30"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for day := 23; day <= 26; day++ {
		from := time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC)
		fmt.Println(from.Format(time.DateOnly), nights.Between(from, from.AddDate(0, 0, 1)))
	}
	// Output:
	// 2026-12-23 8h0m0s
	// 2026-12-24 3h30m0s
	// 2026-12-25 0s
	// 2026-12-26 0s
}

// The same point of business time can be two instants: eight and a half hours end at closing, a business day on the next one.
func ExampleTarget_From() {
	city, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "city", Zone: "America/New_York",
		Weekly: hours("08:30", "17:00", time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	intake := sla.IntakeRules{Before: sla.ToOpening, After: sla.NextDayOpening, DayOff: sla.NextDayOpening}
	received := time.Date(2015, 2, 5, 18, 0, 0, 0, city.Location()) // Thursday, after closing
	for _, text := range []string{"510 working minutes", "1 business day", "close of 1 business day", "1 week"} {
		target, err := sla.ParseTarget(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		due, err := target.From(received, city, intake)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(due.Format("Mon 2 Jan 15:04"), "–", target)
	}
	// Output:
	// Fri 6 Feb 17:00 – 510 working minutes
	// Mon 9 Feb 08:30 – 1 business day
	// Mon 9 Feb 17:00 – close of 1 business day
	// Fri 13 Feb 08:30 – 1 week
}

// An agreement's document, and which objectives it has for a case.
func ExampleLoad() {
	agreement, err := sla.Load([]byte(`{
	  "name": "retail", "version": "2026-11",
	  "calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:30"], "sat": ["10:00-14:00"]}, "holidays": ["2026-12-25"]}],
	  "objectives": [
	    {"id": "social", "metric": "solution", "when": {"channel": ["social"]}, "target": "4 working hours", "calendar": "office", "warn": ["50%"]},
	    {"id": "others", "metric": "solution", "target": "3 business days", "calendar": "office", "pause": ["customer"]},
	    {"id": "law", "metric": "solution", "target": "8 weeks", "calendar": "office", "statutory": true, "source": "FCA DISP 1.6.2R"}
	  ]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range agreement.Select(sla.Solution, sla.Facts{"channel": "social", "severity": "high"}) {
		fmt.Printf("%s: %s (statutory: %t)\n", o.ID, o.Target, o.Statutory)
	}
	// Output:
	// social: 4 working hours (statutory: false)
	// law: 8 weeks (statutory: true)
}

// All that is wrong with a document is said at once.
func ExampleDocumentError() {
	_, err := sla.Load([]byte(`{
  "name": "retail", "version": "1",
  "objectives": [
    {"id": "answer", "metric": "aknowledgement", "target": "8 working hours", "warn": ["120%"]}
  ]
}`))
	if faults, ok := errors.AsType[*sla.DocumentError](err); ok {
		for _, f := range faults.Faults {
			fmt.Println(f)
		}
	}
	// Output:
	// 4:32: objectives[0].metric: unknown metric "aknowledgement" (did you mean "acknowledgement"?); there are acknowledgement, next_response, update, clarification, approval, solution, promise, escalation, check_back, resolution, final_response
	// 4:60: objectives[0].target: "8 working hours": working time and business days need a calendar
	// 4:88: objectives[0].warn[0]: warning "120%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"
}

// A clock that waits for the customer over a night, and how its due time came about.
func ExampleAgreement_Explain() {
	agreement, err := sla.Load([]byte(terms))
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	objective := agreement.Select(sla.Solution, sla.Facts{"severity": "normal"})[0]

	clock, err := agreement.Start("solution", objective, at(2, 10), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("due", clock.Due)
	if clock, err = agreement.Pause(clock, at(2, 15)); err != nil {
		fmt.Println(err)
		return
	}
	if clock, err = agreement.Resume(clock, at(3, 11)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("due", clock.Due)
	spans, err := agreement.Explain(clock, at(3, 11))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range spans {
		fmt.Println(s)
	}
	clock, crossed := clock.Cross(at(3, 13))
	for _, x := range crossed {
		fmt.Println(x.Threshold.Name, x.Threshold.At.Format("15:04"), x.Threshold.Notify, x.Announce)
	}
	status, err := agreement.At(clock, at(3, 13))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(status.State, status.Elapsed, status.Remaining, status.Share)
	// Output:
	// due 2026-11-03 10:00:00 +0000 UTC
	// due 2026-11-03 14:00:00 +0000 UTC
	// Mon 2026-11-02 10:00:00 – 15:00:00 open 5h0m0s
	// Mon 2026-11-02 15:00:00 – 17:00:00 paused 2h0m0s
	// Mon 2026-11-02 17:00:00 – Tue 2026-11-03 09:00:00 closed 16h0m0s
	// Tue 2026-11-03 09:00:00 – 11:00:00 paused 2h0m0s
	// Tue 2026-11-03 11:00:00 – 14:00:00 open 3h0m0s
	// 50% 14:00 lead false
	// 75% 12:00  false
	// 1h before 13:00  true
	// at_risk 7h0m0s 1h0m0s 0.875
}

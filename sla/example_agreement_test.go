package sla_test

import (
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
)

// Eight and a half working hours and "the next business day, same time" are different targets. Where a day has just that many hours they
// end at the same point of business time, with nothing open between them, and at different instants: at closing, and at the next opening.
func Example_sameBusinessTime() {
	city, err := sla.NewCalendar(sla.CalendarSpec{
		Zone:   "America/New_York",
		Weekly: hours("08:30", "17:00", time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	received := time.Date(2026, 11, 5, 8, 30, 0, 0, city.Location()) // Thursday, at the opening
	var due [2]time.Time
	for i, text := range []string{"510 working minutes", "1 business day"} {
		target, err := sla.ParseTarget(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		if due[i], err = target.From(received, city, sla.IntakeRules{}); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(due[i].Format("Mon 15:04"), "–", target)
	}
	fmt.Println("open in between:", city.Between(due[0], due[1]))
	// Output:
	// Thu 17:00 – 510 working minutes
	// Fri 08:30 – 1 business day
	// open in between: 0s
}

// A regulator's limits beside the house's own, by configuration alone. A holding response gives more time, if it is sent in time.
func ExamplePreset() {
	agreement, err := sla.Load([]byte(`{
	  "name": "lender", "version": "2026-11",
	  "calendars": [{"name": "office", "zone": "America/New_York", "weekly": {"mon-fri": ["09:00-17:00"]}}],
	  "objectives": [
	    {"id": "house", "metric": "final_response", "target": "5 business days", "calendar": "office"},
	    {"preset": "CFPB", "calendar": "office", "when": {"source": ["cfpb"]}, "warn": [{"at": "48h before", "notify": "compliance"}]}
	  ]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	for _, o := range agreement.Select(sla.FinalResponse, sla.Facts{"source": "cfpb"}) {
		clock, err := agreement.Start(o.ID, o, sent, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(o.ID, "–", o.Target, "–", clock.Due.Format(time.DateOnly))
		clock, extended, err := agreement.Extend(clock, "holding", sent.AddDate(0, 0, 3))
		if err != nil {
			fmt.Println(err)
			return
		}
		if extended {
			fmt.Println("in progress:", clock.Target, "–", clock.Due.Format(time.DateOnly), "–", o.Source)
		}
	}
	// Output:
	// house – 5 business days – 2026-11-09
	// cfpb – 15 days – 2026-11-17
	// in progress: 60 days – 2027-01-01 – CFPB (US), complaints sent to companies; preset "CFPB", version 1
}

// The same in Go.
func ExamplePresetObjectives() {
	limits, err := sla.PresetObjectives("ASIC RG 271", "office", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	agreement, err := sla.NewAgreement(sla.AgreementSpec{
		Name: "lender", Version: "1", Objectives: limits,
		Calendars: []sla.CalendarSpec{{Name: "office", Zone: "Australia/Sydney", Weekly: hours("09:00", "17:00", time.Monday)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range agreement.Objectives() {
		fmt.Println(o.Metric, "in", o.Target)
	}
	// Output:
	// acknowledgement in 24h
	// final_response in 30 days
}

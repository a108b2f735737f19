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

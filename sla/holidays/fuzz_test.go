package holidays_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-go/amends/sla/holidays"
)

// Whatever a file says, ICal ends, and what it gives are dates of the years asked for, sorted, each once.
func FuzzICal(f *testing.F) {
	f.Add(companyCalendar)
	f.Add(calendar("UID:a\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=3", "UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART:20260113\nDURATION:P2W"))
	f.Add("BEGIN:VCALENDAR\nX;A=\"b:c\";D=e,f:g\n h\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, file string) { check(t, file) })
}

// The same for the rules of an event.
func FuzzRule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "FREQ=YEARLY;BYDAY=53MO,-53SU", "FREQ=YEARLY;BYWEEKNO=53,-53,1,-1;BYDAY=MO;WKST=SU", "FREQ=YEARLY;BYYEARDAY=366,-366,1",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=31,-31;INTERVAL=5", "FREQ=WEEKLY;INTERVAL=1000;WKST=WE;BYDAY=TU,SU;COUNT=9",
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20990101;INTERVAL=7;BYDAY=TU",
	} {
		f.Add("20201231", rule)
	}
	f.Fuzz(func(t *testing.T, start, rule string) { check(t, calendar("DTSTART:"+start+"\nRRULE:"+rule)) })
}

func check(t *testing.T, file string) {
	t.Helper()
	list, err := holidays.ICal(strings.NewReader(file), 2026, 2028)
	if err != nil {
		if list != nil || !strings.HasPrefix(err.Error(), "holidays: ") {
			t.Fatalf("got %v, %v", list, err)
		}
		return
	}
	dates := holidays.Dates(list)
	if len(dates) != len(list) || !slices.IsSorted(dates) {
		t.Fatalf("not sorted, or not unique: %v", list)
	}
	for i, h := range list {
		if d, err := time.Parse(time.DateOnly, h.Date); err != nil || d.Year() < 2026 || d.Year() > 2028 || dates[i] != h.Date {
			t.Fatalf("got date %q, %v", h.Date, err)
		}
	}
}

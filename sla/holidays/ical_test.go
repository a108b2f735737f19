package holidays_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/teambition/rrule-go"

	"github.com/amends-go/amends/sla/holidays"
)

// calendar wraps events, given by their lines between BEGIN and END.
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for i, e := range events {
		if !strings.Contains(e, "UID:") {
			e = fmt.Sprintf("UID:%d@example.com\n%s", i, e)
		}
		b.WriteString("BEGIN:VEVENT\r\n" + strings.ReplaceAll(e, "\n", "\r\n") + "\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// read is the dates of 2026 and 2027, those of 2026 without the year.
func read(t *testing.T, file string) string {
	t.Helper()
	list, err := holidays.ICal(strings.NewReader(file), 2026, 2027)
	require.NoError(t, err)
	return strings.ReplaceAll(strings.Join(holidays.Dates(list), " "), "2026-", "")
}

func TestICalDates(t *testing.T) {
	for _, c := range []struct{ name, event, want string }{
		{"one day", "DTSTART;VALUE=DATE:20261225", "12-25"},
		{"without VALUE", "DTSTART:20261225", "12-25"},
		{"end on the next day", "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226", "12-25"},
		{"end on the same day", "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225", "12-25"},
		{"several days", "DTSTART;VALUE=DATE:20260227\nDTEND;VALUE=DATE:20260302", "02-27 02-28 03-01"},
		{"across the years asked for", "DTSTART;VALUE=DATE:20251230\nDTEND;VALUE=DATE:20260103", "01-01 01-02"},
		{"duration in days", "DTSTART;VALUE=DATE:20261230\nDURATION:P3D", "12-30 12-31 2027-01-01"},
		{"duration in weeks", "DTSTART;VALUE=DATE:20260101\nDURATION:P1W", "01-01 01-02 01-03 01-04 01-05 01-06 01-07"},
		{"other years", "DTSTART;VALUE=DATE:20251225", ""},
		{"later years", "DTSTART;VALUE=DATE:20400101\nRRULE:FREQ=DAILY", ""},
		{"yearly", "DTSTART;VALUE=DATE:19700501\nRRULE:FREQ=YEARLY", "05-01 2027-05-01"},
		{"yearly since before most calendars", "DTSTART;VALUE=DATE:16000501\nRRULE:FREQ=YEARLY", "05-01 2027-05-01"},
		{"leap days", "DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY", ""},
		{"last Monday of May", "DTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "05-25 2027-05-31"},
		{"Thanksgiving", "DTSTART;VALUE=DATE:20201126\nRRULE:freq=yearly;bymonth=11;byday=4th", "11-26 2027-11-25"},
		{"the last working day of a quarter", "DTSTART;VALUE=DATE:20260331\nRRULE:FREQ=MONTHLY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4", "03-31 06-30 09-30 12-31"},
		{"until, which is included", "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;UNTIL=20260119", "01-05 01-12 01-19"},
		{"until after the years", "DTSTART;VALUE=DATE:20271230\nRRULE:FREQ=DAILY;UNTIL=20400101", "2027-12-30 2027-12-31"},
		{"until outside the years of Go's durations", "DTSTART;VALUE=DATE:20271231\nRRULE:FREQ=YEARLY;UNTIL=99991231", "2027-12-31"},
		{"count", "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=2", "01-05 01-12"},
		{"count of one", "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=1", "01-05"},
		{"a date that its rule would not give is the first of count", "DTSTART;VALUE=DATE:20260106\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2", "01-06 01-12"},
		{"a rule without dates", "DTSTART;VALUE=DATE:20260106\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "01-06"},
		{"exceptions", "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20260105,20260112\nEXDATE:20260126", "01-19"},
		{"extra dates", "DTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260301,20280301\nRDATE;VALUE=DATE:20260401", "01-05 03-01 04-01"},
		{"an extra date that is excepted", "DTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260301\nEXDATE:20260301", "01-05"},
		{"recurring for several days", "DTSTART;VALUE=DATE:20241231\nDTEND;VALUE=DATE:20250102\nRRULE:FREQ=YEARLY", "01-01 12-31 2027-01-01 2027-12-31"},
		{"canceled", "DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", ""},
		{"tentative and transparent", "DTSTART;VALUE=DATE:20261225\nSTATUS:TENTATIVE\nTRANSP:TRANSPARENT", "12-25"},
		{"a zone says nothing about a date", "DTSTART;TZID=\"Pacific/Auckland; or so: there\";VALUE=DATE:20261225", "12-25"},
		{"an alarm's own properties", "DTSTART;VALUE=DATE:20261225\nBEGIN:VALARM\nTRIGGER;VALUE=DATE-TIME:20261224T090000Z\nDURATION:PT5M\nEND:VALARM", "12-25"},
		{"unknown properties", "DTSTART;VALUE=DATE:20261225\nX-WR-NOTHING;X=1;Y=\"a:b\",c:d\nCLASS:PUBLIC", "12-25"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, read(t, calendar(c.event))) })
	}
}

func TestICalOccurrencesChanged(t *testing.T) {
	const weekly = "UID:a\nSUMMARY:Weekly\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=3"
	for _, c := range []struct {
		name   string
		events []string
		want   string
	}{
		{"moved", []string{weekly, "UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260113\nDURATION:P2D"}, "01-05 01-13 01-14 01-19"},
		{"moved, before its event in the file", []string{"UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260113", weekly}, "01-05 01-13 01-19"},
		{"canceled", []string{weekly, "UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260112\nSTATUS:CANCELLED"}, "01-05 01-19"},
		{"moved out of the years", []string{weekly, "UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20280112"}, "01-05 01-19"},
		{"alone in the file", []string{"UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260113"}, "01-13"},
		{"of a canceled event", []string{weekly + "\nSTATUS:CANCELLED", "UID:a\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260113"}, ""},
		{"in a later version", []string{
			weekly, "UID:a\nSEQUENCE:2\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260113",
			"UID:a\nSEQUENCE:1\nRECURRENCE-ID;VALUE=DATE:20260112\nDTSTART;VALUE=DATE:20260114",
		}, "01-05 01-13 01-19"},
		{"a later version of the event", []string{weekly + "\nSEQUENCE:0", "UID:a\nSEQUENCE:1\nDTSTART;VALUE=DATE:20260601"}, "06-01"},
		{"events without UID are different ones", []string{"UID:\nDTSTART:20260101", "UID:\nDTSTART:20260102"}, "01-01 01-02"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, read(t, calendar(c.events...))) })
	}
}

func TestICalNames(t *testing.T) {
	list, err := holidays.ICal(strings.NewReader("\ufeff"+calendar(
		"DTSTART:20261225\nSUMMARY;LANGUAGE=en:Christmas\\, the \n first\\nday",
		"DTSTART:20261225\nSUMMARY:Weihnachten",
		"DTSTART:20261225\nSUMMARY:Weihnachten",
		"DTSTART:20261226",
		"DTSTART:20261226\nSUMMARY:"+strings.Repeat("ü", 300),
		"DTSTART:20261228\nSUMMARY:Neujahr im B\xc3\n \xbcro", // folded within a character, as RFC 5545 tells of
	)), 2026, 2026)
	require.NoError(t, err)
	assert.Equal(t, []holidays.Holiday{
		{Date: "2026-12-25", Name: "Christmas, the first day / Weihnachten"},
		{Date: "2026-12-26", Name: strings.Repeat("ü", 98) + "…"},
		{Date: "2026-12-28", Name: "Neujahr im Büro"},
	}, list)
}

func TestICalTakesSeveralCalendarsAndZones(t *testing.T) {
	const zone = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYDAY=1SU\nEND:STANDARD\nEND:VTIMEZONE\n" +
		"BEGIN:VTODO\nDTSTART:20260101T000000\nEND:VTODO\nEND:VCALENDAR\n"
	assert.Equal(t, "01-01 01-02", read(t, calendar("UID:a\nDTSTART:20260101")+zone+"\n"+calendar("UID:b\nDTSTART:20260102")))
}

func TestICalRefuses(t *testing.T) {
	day := func(lines string) string { return calendar("DTSTART;VALUE=DATE:20260105\n" + lines) }
	rule := func(rule string) string { return day("RRULE:" + rule) }
	for _, c := range []struct{ file, want string }{
		{"", "line 1: the file is empty: want BEGIN:VCALENDAR"},
		{"<html>", "line 1: want NAME:value, not \"<html>\""},
		{"HTTP/1.1:Not Found", "want BEGIN:VCALENDAR, not HTTP/1.1"},
		{"BEGIN:VEVENT\nEND:VEVENT", "want BEGIN:VCALENDAR"},
		{strings.TrimSuffix(day(""), "END:VCALENDAR\r\n"), "line 1: BEGIN:VCALENDAR has no END: the file is cut short"},
		{"BEGIN:VCALENDAR\nEND:VEVENT", "line 2: END:VEVENT ends nothing that is open"},
		{"BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR", "line 2: METHOD:CANCEL"},
		{strings.Repeat("BEGIN:VCALENDAR\n", 20), "line 9: more than 8 components"},
		{"BEGIN:VCALENDAR\nX;A=\"b:c\nEND:VCALENDAR", "line 2: X: the parameters have no end"},
		{"BEGIN:VCALENDAR\nX;A:c\nEND:VCALENDAR", "line 2: X: want a parameter as in VALUE=DATE"},
		{"BEGIN:VCALENDAR\nX:" + strings.Repeat("y", 70_000), "line 2: line of more than 65536 bytes"},
		{"BEGIN:VCALENDAR\n" + strings.Repeat("X:y\n", 2<<20), "more than 4194304 bytes"},
		{"BEGIN:VCALENDAR\xff", "line 1: the line is not in UTF-8"},
		{strings.Repeat(calendar("UID:\nDTSTART:20260101"), 1) + "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n", 20_000), "more than 20000 events"},

		{calendar("SUMMARY:Xmas"), `line 3: "Xmas": the event has no DTSTART`},
		{calendar("DTSTART:20261225T000000Z"), "line 5: DTSTART is at a time of day"},
		{calendar("DTSTART;VALUE=DATE:20261225T000000Z"), "line 5: DTSTART is at a time of day"},
		{calendar("DTSTART;VALUE=DATE-TIME:20261225"), "line 5: DTSTART is at a time of day"},
		{calendar("DTSTART:20260229"), `line 5: DTSTART: no date: "20260229"`},
		{calendar("DTSTART:"), `line 5: DTSTART: no date`},
		{calendar("DTSTART:15821231"), `from the year 1583 on`},
		{day("DTSTART:20260106"), "a second DTSTART"},
		{day("DTEND:20260104"), "line 3: the event lasts -1 days"},
		{day("DTEND:20280104"), "want 1 to 366"},
		{day("DTEND:20260106T120000"), "DTEND is at a time of day"},
		{day("DTEND:20260106\nDURATION:P1D"), "a DTEND and a DURATION"},
		{day("DURATION:PT24H"), `want whole days, as in P1D or P2W, not "PT24H"`},
		{day("DURATION:P0D"), "want whole days"},
		{day("DURATION:-P1D"), "want whole days"},
		{day("DURATION:P60W"), "the event lasts 420 days"},
		{day("SEQUENCE:x"), "SEQUENCE: want a number"},
		{day("EXDATE:20260105T000000"), "EXDATE is at a time of day"},
		{day("RDATE;VALUE=PERIOD:20260105T000000Z/PT1H"), "RDATE is at a time of day"},
		{day("RDATE:20260105,"), "RDATE: no date"},
		{day("EXRULE:FREQ=DAILY"), "EXRULE is not read"},
		{day("RECURRENCE-ID;RANGE=THISANDFUTURE:20260105"), "RECURRENCE-ID with RANGE"},
		{day("RECURRENCE-ID:20260105\nRRULE:FREQ=DAILY"), "no RRULE of its own"},
		{calendar("UID:\nDTSTART:20260105\nRECURRENCE-ID:20260105"), "needs the UID"},
		{calendar("UID:a\nDTSTART:20260105", "UID:a\nDTSTART:20260106"), `line 7: the same UID and SEQUENCE as the event in line 3: "a"`},

		{rule("FREQ=DAILY\nRRULE:FREQ=DAILY"), "a second RRULE"},
		{rule("INTERVAL=2"), "FREQ is required"},
		{rule("FREQ=HOURLY"), "FREQ=HOURLY is no rule for dates"},
		{rule("FREQ=SECONDLY;COUNT=999999999"), "FREQ=SECONDLY"},
		{rule("FREQ=DAILY;FREQ=DAILY"), "each name once"},
		{rule("FREQ=DAILY;COUNT"), "want NAME=value"},
		{rule("FREQ=DAILY;COUNT=0"), "COUNT: want 1 or more"},
		{rule("FREQ=DAILY;COUNT=-1"), "COUNT: want 1 or more"},
		{rule("FREQ=DAILY;COUNT=1;UNTIL=20270101"), "COUNT and UNTIL"},
		{rule("FREQ=DAILY;UNTIL=20270101T000000Z"), "UNTIL is at a time of day"},
		{rule("FREQ=DAILY;UNTIL=20260104"), "RRULE ends on 2026-01-04, before the event begins"},
		{rule("FREQ=DAILY;INTERVAL=0"), "INTERVAL: want 1 to 1000"},
		{rule("FREQ=DAILY;INTERVAL=9223372036854775807"), "INTERVAL: want 1 to 1000"},
		{rule("FREQ=YEARLY;BYMONTH=13"), "bymonth must be between 1 and 12"},
		{rule("FREQ=MONTHLY;BYMONTHDAY=0"), "0 is no number of a day"},
		{rule("FREQ=YEARLY;BYWEEKNO=54"), "byweekno"},
		{rule("FREQ=MONTHLY;BYWEEKNO=1"), "BYWEEKNO goes with FREQ=YEARLY"},
		{rule("FREQ=DAILY;BYYEARDAY=1"), "BYYEARDAY goes with FREQ=YEARLY"},
		{rule("FREQ=WEEKLY;BYMONTHDAY=1"), "BYMONTHDAY does not go"},
		{rule("FREQ=MONTHLY;BYDAY=53MO"), "BYDAY: there is no 53MO"},
		{rule("FREQ=MONTHLY;BYDAY=-53MO"), "BYDAY: there is no -53MO"},
		{rule("FREQ=YEARLY;BYMONTH=5;BYDAY=6MO"), "BYDAY: there is no 6MO"},
		{rule("FREQ=WEEKLY;BYDAY=1MO"), "BYDAY: there is no 1MO"},
		{rule("FREQ=MONTHLY;BYDAY=0MO"), "BYDAY: there is no 0MO"},
		{rule("FREQ=MONTHLY;BYDAY=XX"), "undefined weekday"},
		{rule("FREQ=MONTHLY;BYSETPOS=1"), "BYSETPOS needs another"},
		{rule("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1" + strings.Repeat(",2", 12)), "BYSETPOS with more than 12 positions"},
		{rule("FREQ=DAILY;BYHOUR=1"), "BYHOUR has no place"},
		{rule("FREQ=YEARLY;BYEASTER=0"), "BYEASTER has no place"},
		{rule("FREQ=YEARLY;WKST=2MO"), "WKST: want a day of the week"},
		{rule("RSCALE=CHINESE;FREQ=YEARLY"), "RSCALE"},
		{rule("FREQ=YEARLY;BYMONTHDAY=1" + strings.Repeat(",1", 200)), "RRULE of more than 256 bytes"},
		{calendar(strings.Split(strings.Repeat("DTSTART:20260101\nRRULE:FREQ=YEARLY|", 201), "|")[:201]...), "more than 200 rules"},
		{calendar(strings.Split(strings.Repeat("DTSTART:19000101\nDURATION:P300D\nRRULE:FREQ=DAILY|", 99), "|")[:99]...), "too many occurrences"},
	} {
		list, err := holidays.ICal(strings.NewReader(c.file), 2026, 2027)
		assert.Nil(t, list)
		if assert.ErrorContains(t, err, c.want) {
			assert.True(t, strings.HasPrefix(err.Error(), "holidays: "), err)
		}
	}
}

func TestICalNamesAllFaults(t *testing.T) {
	_, err := holidays.ICal(strings.NewReader(calendar(
		"DTSTART:20260101T000000", "SUMMARY:No date", "DTSTART:20260101\nRRULE:FREQ=DAILY;COUNT=0", "SUMMARY:Twice wrong\nDTSTART:x\nDTEND:y",
	)), 2026, 2026)
	assert.EqualError(t, err, `holidays: line 5: DTSTART is at a time of day, "20260101T000000": a holiday is a date, as in DTSTART;VALUE=DATE:20261225
holidays: line 7: "No date": the event has no DTSTART
holidays: line 14: RRULE "FREQ=DAILY;COUNT=0": COUNT: want 1 or more
holidays: line 19: "Twice wrong": DTSTART: no date: "x"; want one as in 20261225, from the year 1583 on
holidays: line 20: "Twice wrong": DTEND: no date: "y"; want one as in 20261225, from the year 1583 on`)

	_, err = holidays.ICal(strings.NewReader(strings.Repeat("no line\n", 1000)), 2026, 2026)
	assert.Len(t, strings.Split(err.Error(), "\n"), 20)
	_, err = holidays.ICal(iotest.ErrReader(assert.AnError), 2026, 2026)
	assert.ErrorIs(t, err, assert.AnError)
	_, err = holidays.ICal(strings.NewReader(""), 2027, 2026)
	assert.ErrorContains(t, err, "years 2027 to 2026")
}

// A rule gives what the library gives for it from its beginning, though it is run centuries later.
func TestICalRulesRunLater(t *testing.T) {
	for _, text := range []string{
		"FREQ=YEARLY", "FREQ=YEARLY;BYWEEKNO=53,1;BYDAY=SU", "FREQ=YEARLY;BYYEARDAY=366,-366,60", "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=-1FR",
		"FREQ=MONTHLY;INTERVAL=7;BYMONTHDAY=31,-1", "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,MO", "FREQ=DAILY;INTERVAL=97", "FREQ=YEARLY;INTERVAL=4;BYDAY=20MO",
	} {
		start := time.Date(1996, time.December, 29, 0, 0, 0, 0, time.UTC)
		rule, err := rrule.StrToRRule("DTSTART=19961229T000000Z;" + text)
		require.NoError(t, err)
		for _, year := range []int{1996, 1997, 1999, 2000, 2004, 2026, 2027, 2028, 2055, 2100, 2119} {
			var want []string
			for _, at := range rule.Between(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC), true) {
				want = append(want, at.Format(time.DateOnly))
			}
			if year == start.Year() && !slices.Contains(want, start.Format(time.DateOnly)) {
				want = slices.Sorted(slices.Values(append(want, start.Format(time.DateOnly))))
			}
			got, err := holidays.ICal(strings.NewReader(calendar("DTSTART:19961229\nRRULE:"+text)), year, year)
			require.NoError(t, err)
			assert.Equal(t, want, holidays.Dates(got), "%s in %d", text, year)
		}
	}
}

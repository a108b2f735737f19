package sla_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// What is probably wrong with an agreement that loads.
func ExampleAgreement_Lint() {
	agreement, err := sla.Load([]byte(`{
  "name": "retail", "version": "2026-11",
  "calendars": [
    {"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-12-25", "2026-12-28", "2027-01-01"]}
  ],
  "objectives": [
    {"id": "house", "metric": "final_response", "target": "40 business days", "calendar": "office", "warn": ["75%", "2h before"]},
    {"preset": "FCA DISP 1", "calendar": "office"},
    {"id": "answer", "metric": "next_response", "when": {"channel": ["email"]}, "target": "4 working hours", "calendar": "office", "warn": ["6h before"]},
    {"id": "gold", "metric": "next_response", "when": {"Channel": ["chat"]}, "target": "4h"}
  ]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range agreement.Lint(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(f)
	}
	// Output:
	// 7:5: objectives[0].target: "40 business days" can end after the "8 weeks" of the statutory "fca-disp-1": what is received on Wed 2026-11-04 09:00 GMT is due on Mon 2027-01-04 09:00 GMT instead of Wed 2026-12-30 09:00 GMT; want a shorter target (longer_than_statutory)
	// 9:5: objectives[2].warn[0]: "6h before" is given at once: what counts from Mon 2026-11-02 09:00 GMT is due on Mon 2026-11-02 13:00 GMT; want a time or a share less than the target, "4 working hours" (warning_at_start)
	// 10:5: objectives[3].when.Channel: "Channel" is written "channel" elsewhere: facts have one spelling, and the other never holds (alike_names)
	// 10:5: objectives[3].target: "4h" passes at night and on days off, while "answer" has "4 working hours"; if that is not meant, want "4 working hours" on a calendar, else name the calendar to say so (no_calendar)
}

func lint(t *testing.T, calendars, objectives string) []sla.Finding {
	t.Helper()
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [` + calendars + `], "objectives": [` + "\n" + objectives + `]}`))
	require.NoError(t, err)
	return a.Lint(nov(1, 12, 0))
}

func TestLint(t *testing.T) {
	const office = `{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-12-25", "2026-12-28", "2027-01-01"]}`
	const statutory = `, {"id": "law", "metric": "solution", "statutory": true, "target": "14 days", "calendar": "office"}`
	for _, x := range []struct {
		name, objectives string
		check            sla.Check // empty: nothing is found
		path, want       string
	}{
		{
			"longer by a holiday", `{"id": "a", "metric": "solution", "target": "10 business days", "calendar": "office"}` + statutory,
			sla.CheckStatutory, "objectives[0].target",
			`"10 business days" can end after the "14 days" of the statutory "law": what is received on Wed 2026-12-16 09:00 GMT is due on Mon 2027-01-04 09:00 GMT instead of Wed 2026-12-30 09:00 GMT; want a shorter target`,
		},
		{"as long at the most", `{"id": "a", "metric": "solution", "target": "7 business days", "calendar": "office"}` + statutory, "", "", ""},
		{
			"longer by the intake rules", `{"id": "a", "metric": "solution", "target": "14 days", "calendar": "office", "intake": {"dayOff": "to_opening"}}` + statutory,
			sla.CheckStatutory, "objectives[0].target", `received on Fri 2026-12-25 00:00 GMT is due on Tue 2027-01-12 09:00 GMT instead of Fri 2027-01-08 00:00 GMT`,
		},
		{"the same", `{"id": "a", "metric": "solution", "target": "2 weeks", "calendar": "office"}` + statutory, "", "", ""},
		{"of another metric", `{"id": "a", "metric": "resolution", "target": "3 weeks", "calendar": "office"}` + statutory, "", "", ""},
		{
			"for other cases",
			`{"id": "a", "metric": "solution", "when": {"tier": ["gold"]}, "target": "3 weeks", "calendar": "office"},
			{"id": "law", "metric": "solution", "when": {"tier": ["silver"]}, "statutory": true, "target": "14 days", "calendar": "office"}`,
			"", "", "",
		},
		{
			"for some of the same cases",
			`{"id": "a", "metric": "solution", "when": {"tier": ["gold", "silver"]}, "target": "3 weeks", "calendar": "office"},
			{"id": "law", "metric": "solution", "when": {"tier": ["silver"], "channel": ["x"]}, "statutory": true, "target": "14 days", "calendar": "office"}`,
			sla.CheckStatutory, "objectives[0].target", `want a shorter target`,
		},
		{
			"longer than the time for a final response", `{"id": "a", "metric": "resolution", "target": "9 weeks", "calendar": "office"}, {"preset": "FCA DISP 1", "calendar": "office"}`,
			sla.CheckStatutory, "objectives[0].target", `"9 weeks" can end after the "8 weeks" of the statutory "fca-disp-1", by which the final response is due: what is received on`,
		},
		{
			"a solution after the final response", `{"id": "a", "metric": "solution", "target": "60 days", "calendar": "office"}, {"preset": "FCA DISP 1", "calendar": "office"}`,
			sla.CheckStatutory, "objectives[0].target", `by which the final response is due`,
		},
		{"an update after it", `{"id": "a", "metric": "update", "target": "9 weeks", "calendar": "office"}, {"preset": "FCA DISP 1", "calendar": "office"}`, "", "", ""},
		{
			"final responses to others",
			`{"id": "a", "metric": "resolution", "when": {"tier": ["gold"]}, "target": "9 weeks", "calendar": "office"}, {"preset": "FCA DISP 1", "calendar": "office", "when": {"tier": ["silver"]}}`, "", "", "",
		},
		{
			"a warning in working time at the start", `{"id": "a", "metric": "solution", "target": "1 business day", "calendar": "office", "warn": ["8 working hours before"]}`,
			sla.CheckEarlyWarn, "objectives[0].warn[0]", `"8 working hours before" is given at once: what counts from`,
		},
		{"one that is later", `{"id": "a", "metric": "solution", "target": "2 business days", "calendar": "office", "warn": ["7 working hours before", {"at": "due", "notify": "x"}]}`, "", "", ""},
		{"days of nowhere", `{"id": "a", "metric": "solution", "target": "3 days"}, {"id": "b", "metric": "update", "target": "3 days", "calendar": "office"}`, sla.CheckNoCalendar, "objectives[0].target", `those of UTC`},
		{
			"hours at night", `{"id": "a", "metric": "update", "when": {"tier": ["gold"]}, "target": "8h"}, {"id": "b", "metric": "update", "target": "2 business days", "calendar": "office"}`,
			sla.CheckNoCalendar, "objectives[0].target",
			`"8h" passes at night and on days off, while "b" has "2 business days"; if that is not meant, want "8 working hours" on a calendar, else name the calendar to say so`,
		},
		{"hours at night on purpose", `{"id": "a", "metric": "update", "when": {"tier": ["gold"]}, "target": "8h", "calendar": "office"}, {"id": "b", "metric": "update", "target": "2 business days", "calendar": "office"}`, "", "", ""},
		{"a promise without a target", `{"id": "a", "metric": "promise", "calendar": "office", "warn": ["50%"]}`, "", "", ""},
		{
			"a warning at the start", `{"id": "a", "metric": "solution", "target": "1 business day", "calendar": "office", "warn": ["24h before"]}`,
			sla.CheckEarlyWarn, "objectives[0].warn[0]", `"24h before" is given at once: what counts from`,
		},
		{"one that is always later", `{"id": "a", "metric": "solution", "target": "1 business day", "calendar": "office", "warn": ["22h before", "50%", "30h after"]}`, "", "", ""},
		{
			"two at a time", `{"id": "a", "metric": "solution", "target": "24h", "calendar": "office", "warn": ["75%", "6h before"]}`,
			sla.CheckTwice, "objectives[0].warn[1]", `"6h before" always comes with "75%"`,
		},
		{"two at a time for two", `{"id": "a", "metric": "solution", "target": "24h", "calendar": "office", "warn": ["75%", {"at": "6h before", "notify": "lead"}]}`, "", "", ""},
		{
			"two at a time for one of two objectives", `{"id": "b", "metric": "update", "target": "24h", "calendar": "office", "warn": ["75%", {"at": "6h before", "notify": "lead"}]},
			{"id": "a", "metric": "solution", "target": "24h", "calendar": "office", "warn": ["75%", "6h before"]}`,
			sla.CheckTwice, "objectives[1].warn[1]", `"6h before" always comes with "75%"`,
		},
		{"two at a time on some days", `{"id": "a", "metric": "solution", "target": "8 working hours", "calendar": "office", "warn": ["75%", "2h before"]}`, "", "", ""},
		{
			"an extension that is none", `{"id": "a", "metric": "solution", "target": "10 business days", "calendar": "office", "extend": [{"on": "holding", "target": "13 days"}]}`,
			sla.CheckExtension, "objectives[0].extend[0].target", `"13 days" can end before the "10 business days" that it extends`,
		},
		{
			"one name in two spellings", `{"id": "a", "metric": "solution", "when": {"tier": ["gold "]}, "target": "1h"}, {"id": "b", "metric": "update", "when": {"tier": ["Gold"]}, "target": "1h", "calendar": "office"}`,
			sla.CheckAlike, "objectives[1].when.tier", `"Gold" is written "gold " elsewhere`,
		},
		{"the same word of two attributes", `{"id": "a", "metric": "solution", "when": {"tier": ["gold"], "source": ["Gold"]}, "target": "1h", "calendar": "office"}`, "", "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			found := lint(t, office, x.objectives)
			if x.check == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.Equal(t, x.check, found[0].Check)
			assert.Equal(t, x.path, found[0].Path)
			assert.Contains(t, found[0].Msg, x.want)
			assert.GreaterOrEqual(t, found[0].Line, 2)
		})
	}
}

func TestLintCalendars(t *testing.T) {
	const weekly = `"zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}`
	found := lint(t, `{"name": "unused", `+weekly+`},
{"name": "old", `+weekly+`, "holidays": ["2025-12-25"], "overrides": {"2026-10-31": [], "2026-12-24": ["09:00-12:00"]}},
{"name": "new", `+weekly+`, "holidays": ["2025-12-25"], "overrides": {"2026-12-24": []}}, {"name": "none", `+weekly+`}`,
		`{"id": "a", "metric": "solution", "target": "1h", "calendar": "old"}, {"id": "b", "metric": "update", "target": "1h", "calendar": "new"},
		{"id": "c", "metric": "resolution", "target": "1h", "calendar": "none"}`)
	require.Len(t, found, 2)
	assert.Equal(t, sla.CheckUnused, found[0].Check)
	assert.Equal(t, `1:45: calendars[0]: no objective names the calendar "unused"; take it out, or name it (unused_calendar)`, found[0].String())
	assert.Equal(t, `2:1: calendars[1].holidays: the last holiday of "old" was on 2026-10-31: from then on it is open on every one; list those to come (no_holidays_left)`, found[1].String())
}

// Holidays that end in one year where targets end in the next are missed a month ahead, and not earlier.
func TestLintOfHolidaysThatRunOut(t *testing.T) {
	load := func(holidays, objective string) *sla.Agreement {
		a, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [{"name": "uk", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]},
			"holidays": [` + holidays + `]}], "objectives": [{"id": "short", "metric": "update", "target": "2 working hours", "calendar": "uk"},
			{"id": "a", "metric": "final_response", "calendar": "uk", ` + objective + `}]}`))
		require.NoError(t, err)
		return a
	}
	const days, long, both = `"2025-12-25", "2026-12-25", "2026-12-28"`, `"target": "15 business days"`, `"target": "15 business days", "extend": [{"on": "holding", "target": "35 business days"}]`
	for _, x := range []struct {
		holidays, objective string
		month, day          int
		want                string
	}{
		{days, long, 12, 20, `calendars[0].holidays: the last holiday of "uk" is on 2026-12-28, and the "15 business days" of "a" end in 2027 for what is received on 2027-01-19: list the holidays of 2027 (no_holidays_left)`},
		{days, long, 11, 22, `for what is received on 2026-12-22`},
		{days, long, 11, 1, ``},
		{days, both, 11, 1, `the "35 business days" of "a" end in 2027`},
		{days, `"target": "26 weeks"`, 11, 1, ``}, // holidays make no difference to it
		{days + `, "2027-01-01"`, long, 12, 20, ``},
		{``, long, 12, 20, ``},
		{days, long, 12, 29, `the last holiday of "uk" was on 2026-12-28`},
	} {
		found := load(x.holidays, x.objective).Lint(time.Date(2026, time.Month(x.month), x.day, 12, 0, 0, 0, time.UTC))
		if x.want == "" {
			assert.Empty(t, found, "%+v", x)
		} else if assert.Len(t, found, 1, "%+v", x) {
			assert.Contains(t, found[0].String(), x.want)
		}
	}
}

func TestLintOfSwappedHours(t *testing.T) {
	for weekly, want := range map[string]string{
		`{"mon-fri": ["17:30-09:00"]}`:                             `calendars[0].weekly: "17:30-09:00" lasts past midnight, 15h30m0s, on every day that "x" opens; if that is not meant, want "09:00-17:30" (swapped_hours)`,
		`{"mon-fri": ["17:30-09:00"], "sat": ["14:00-00:00"]}`:     ``, // ten hours
		`{"mon-sun": ["20:00-08:00"]}`:                             ``,
		`{"mon-fri": ["17:30-09:00"], "sat-sun": ["00:00-24:00"]}`: ``, // out of hours
		`{"mon-fri": ["09:00-17:30"]}`:                             ``,
	} {
		found := lint(t, `{"name": "x", "zone": "Europe/London", "weekly": `+weekly+`}`, `{"id": "a", "metric": "solution", "target": "8 working hours", "calendar": "x"}`)
		if want == "" {
			assert.Empty(t, found, weekly)
		} else if assert.Len(t, found, 1) {
			assert.Contains(t, found[0].String(), want)
		}
	}
}

func TestLintInGoAndAtTheEdges(t *testing.T) {
	a, err := sla.NewAgreement(sla.AgreementSpec{
		Name: "x", Version: "1", Calendars: []sla.CalendarSpec{{Name: "office", Zone: "UTC", Weekly: hours("09:00", "17:00", time.Monday)}},
		Objectives: []sla.Objective{{ID: "a", Metric: sla.Solution, Target: sla.Target{Days: 1, Unit: sla.CalendarDays}, Warn: []sla.Warning{{Before: 48 * time.Hour}}}},
	})
	require.NoError(t, err)
	checks := func(now time.Time) string {
		var all []string
		for _, f := range a.Lint(now) {
			assert.Zero(t, f.Line)
			assert.NotEmpty(t, f.Path)
			all = append(all, string(f.Check))
		}
		return strings.Join(all, " ")
	}
	assert.Equal(t, "unused_calendar no_calendar warning_at_start", checks(nov(1, 0, 0)))
	assert.Equal(t, "unused_calendar no_calendar warning_at_start", checks(time.Time{}), "the year 1")
	assert.Equal(t, "unused_calendar no_calendar", checks(time.Date(9999, 6, 1, 0, 0, 0, 0, time.UTC)), "no year left to look at")
	assert.Equal(t, "unused_calendar no_calendar", checks(time.Date(-5, 6, 1, 0, 0, 0, 0, time.UTC)))

	for _, doc := range []string{quickstart, terms} {
		a, err := sla.Load([]byte(doc))
		require.NoError(t, err)
		assert.Empty(t, a.Lint(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)))
	}
}

func BenchmarkLintTenThousand(b *testing.B) {
	s := tenThousand("usual")
	s.Calendars = []sla.CalendarSpec{{Name: "office", Zone: "Europe/London", Weekly: hours("09:00", "17:00", time.Monday, time.Tuesday)}}
	for i := range s.Objectives {
		s.Objectives[i].Calendar, s.Objectives[i].Target.Days = "office", 1+i%30
	}
	law := sla.Objective{ID: "law", Metric: sla.Solution, Statutory: true, Calendar: "office", Target: sla.Target{Days: 30, Unit: sla.CalendarDays}}
	s.Objectives = append(s.Objectives, law)
	a, err := sla.NewAgreement(s)
	require.NoError(b, err)
	for b.Loop() {
		if found := a.Lint(nov(1, 0, 0)); len(found) > 0 {
			b.Fatal(found[0])
		}
	}
}

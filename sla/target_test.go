package sla_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func TestTargetTexts(t *testing.T) {
	for text, want := range map[string]sla.Target{
		"24h":                      {Span: 24 * time.Hour, Unit: sla.Elapsed},
		"90m":                      {Span: 90 * time.Minute, Unit: sla.Elapsed},
		"45s":                      {Span: 45 * time.Second, Unit: sla.Elapsed},
		"1 working hour":           {Span: time.Hour, Unit: sla.Working},
		"8 working hours":          {Span: 8 * time.Hour, Unit: sla.Working},
		"15 working minutes":       {Span: 15 * time.Minute, Unit: sla.Working},
		"1 working second":         {Span: time.Second, Unit: sla.Working},
		"10 business days":         {Days: 10, Unit: sla.BusinessDays},
		"1 business day":           {Days: 1, Unit: sla.BusinessDays},
		"close of 3 business days": {Days: 3, Unit: sla.BusinessDays, Edge: sla.AtClose},
		"close of 1 business day":  {Days: 1, Unit: sla.BusinessDays, Edge: sla.AtClose},
		"56 days":                  {Days: 56, Unit: sla.CalendarDays},
		"1 day":                    {Days: 1, Unit: sla.CalendarDays},
		"8 weeks":                  {Days: 56, Unit: sla.CalendarWeeks},
		"1 week":                   {Days: 7, Unit: sla.CalendarWeeks},
	} {
		got, err := sla.ParseTarget(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, text, got.String())
		data, err := json.Marshal(got)
		require.NoError(t, err)
		assert.Equal(t, `"`+text+`"`, string(data))
		var back sla.Target
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, got, back)
	}
	for text, want := range map[string]string{"1h30m": "90m", "1440m": "24h", "60 working minutes": "1 working hour", "2 working hour": "2 working hours"} {
		got, err := sla.ParseTarget(text)
		require.NoError(t, err)
		assert.Equal(t, want, got.String(), "in the largest whole unit")
	}
}

func TestTargetsToRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "want a time",
		"soon":                                 "want a time",
		"24":                                   "want a time",
		"0h":                                   "longer than zero",
		"-1h":                                  "longer than zero",
		"500ms":                                "whole seconds",
		"1e3h":                                 "want a time",
		"infh":                                 "want a time",
		"h":                                    "want a time",
		"0 business days":                      "longer than zero",
		"-3 business days":                     "longer than zero",
		"3  days":                              "want a time",
		"03 days":                              "want a time",
		"+3 days":                              "want a time",
		"3.5 days":                             "want a time",
		"3 working days":                       "want a time",
		"3 Days":                               "want a time",
		"close of 3 days":                      `"close of" goes with business days`,
		"close of 24h":                         "want a time",
		"100001 days":                          "too long",
		"99999999999999999999 days":            "too long",
		"9223372036854775807 weeks":            "9223372036854775807 weeks are too long a time; at most 14285",
		"-9223372036854775808 weeks":           "longer than zero",
		"9223372036854775807 working hours":    "too long",
		"9999999h":                             "9999999h is too long a time",
		"-9223372036854775808 working minutes": "longer than zero",
	} {
		_, err := sla.ParseTarget(text)
		assert.ErrorContains(t, err, want, text)
		assert.ErrorContains(t, err, "sla: target", text)
	}
	for _, bad := range []sla.Target{{Span: time.Hour}, {Days: 1, Unit: 9}, {Days: 1, Unit: sla.CalendarDays, Edge: sla.AtClose}, {Days: 8, Unit: sla.CalendarWeeks}} {
		_, err := bad.MarshalText()
		assert.Error(t, err)
		_, err = bad.From(nov(2, 10, 0), nil, sla.IntakeRules{})
		assert.Error(t, err)
	}
	var none sla.Target
	assert.Empty(t, none.String())
	require.NoError(t, none.UnmarshalText(nil))
}

func TestTargetsThatWereProbablyMeant(t *testing.T) {
	for text, want := range map[string]string{
		"30 minutes":               `"30m" or "30 working minutes"`,
		"2 hours":                  `"2h" or "2 working hours"`,
		"1 hour":                   `"1h" or "1 working hour"`,
		"1.5 h":                    `"90m" or "90 working minutes"`,
		"1.5 days":                 `"36h"`,
		"1.5 working hours":        `"90 working minutes"`,
		"24":                       `"24h" or "24 working hours" or "24 business days"`,
		"24H":                      `"24h" or "24 working hours"`,
		"10 buisness days":         `"10 business days"`,
		"3 working days":           `"3 business days"`,
		"8 business hours":         `"8 working hours"`,
		"3 Days":                   `"3 days"`,
		"3  days":                  `"3 days"`,
		"+3 days":                  `"3 days"`,
		"03 days":                  `"3 days"`,
		"2days":                    `"2 days"`,
		"1d":                       `"1 day"`,
		"2w":                       `"2 weeks"`,
		"56 calendar days":         `"56 days"`,
		"close of 3 days":          `"close of 3 business days"`,
		"close of 3 buisness days": `"close of 3 business days"`,
	} {
		_, err := sla.ParseTarget(text)
		require.ErrorContains(t, err, "(did you mean "+want+"?)", text)
	}
	for _, text := range []string{"", "soon", "1 month", "2.5 business days", "0.5 weeks", "1e9 hours", "99999999999 hours", "NaN hours", "close of 24h", "-.5 days"} {
		_, err := sla.ParseTarget(text)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "did you mean", "nothing that could be meant by %q", text)
	}
}

// Each of the three settings, each of the three ways, around the opening and the closing time.
func TestIntake(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Zone: "Europe/London", Holidays: []string{"2026-11-04"},
		Weekly: map[time.Weekday][]sla.Interval{
			time.Monday: {{From: "09:00", To: "12:00"}, {From: "13:00", To: "17:00"}}, time.Tuesday: {{From: "09:00", To: "17:00"}},
			time.Wednesday: {{From: "09:00", To: "17:00"}}, time.Thursday: {{From: "10:00", To: "17:00"}},
		},
	})
	require.NoError(t, err)
	const layout = "Mon 2 15:04:05"
	keep, opening, next := sla.KeepTime, sla.ToOpening, sla.NextDayOpening
	for _, x := range []struct {
		at   time.Time
		when string // which of the settings it falls under
		in   sla.Intake
		want string
	}{
		{nov(2, 8, 59), "before", keep, "Mon 2 08:59:00"},
		{nov(2, 8, 59), "before", opening, "Mon 2 09:00:00"},
		{nov(2, 8, 59), "before", next, "Tue 3 09:00:00"},
		{nov(2, 0, 0), "before", opening, "Mon 2 09:00:00"},
		{nov(3, 17, 0), "after", keep, "Tue 3 17:00:00"},
		{nov(3, 17, 0), "after", opening, "Thu 5 10:00:00"}, // the closing time is after it
		{nov(3, 17, 0), "after", next, "Thu 5 10:00:00"},
		{nov(3, 23, 59), "after", next, "Thu 5 10:00:00"},
		{nov(4, 10, 0), "dayOff", keep, "Wed 4 10:00:00"}, // a holiday
		{nov(4, 10, 0), "dayOff", opening, "Thu 5 10:00:00"},
		{nov(4, 10, 0), "dayOff", next, "Thu 5 10:00:00"},
		{nov(6, 10, 0), "dayOff", next, "Mon 9 09:00:00"}, // a Friday
		{nov(2, 9, 0), "", next, "Mon 2 09:00:00"},
		{nov(2, 16, 59), "", next, "Mon 2 16:59:00"},
		{nov(2, 12, 30), "", next, "Mon 2 12:30:00"}, // in a pause between the hours of a day
	} {
		for _, others := range []sla.Intake{keep, opening, next} { // whatever the others say
			in := sla.IntakeRules{Before: others, After: others, DayOff: others}
			switch x.when {
			case "before":
				in.Before = x.in
			case "after":
				in.After = x.in
			case "dayOff":
				in.DayOff = x.in
			}
			got, err := c.AddDays(x.at, 0, in)
			require.NoError(t, err)
			assert.Equal(t, x.want, got.Format(layout), "%s %+v", x.at, in)
			due, err := sla.Target{Span: time.Second, Unit: sla.Elapsed}.From(x.at, c, in)
			require.NoError(t, err)
			assert.Equal(t, got.Add(time.Second), due, "for every unit")
		}
	}
}

func TestTargetFrom(t *testing.T) {
	c := office(t, "America/New_York")
	next := sla.IntakeRules{Before: sla.ToOpening, After: sla.NextDayOpening, DayOff: sla.NextDayOpening}
	const layout = "2006-01-02 15:04 MST"
	for _, x := range []struct {
		target, at string
		in         sla.IntakeRules
		want       string
	}{
		{"24h", "2026-03-07 12:00 EST", sla.IntakeRules{}, "2026-03-08 13:00 EDT"},
		{"1 day", "2026-03-07 12:00 EST", sla.IntakeRules{}, "2026-03-08 12:00 EDT"},
		{"1 day", "2026-03-07 02:30 EST", sla.IntakeRules{}, "2026-03-08 03:00 EDT"},
		{"2 weeks", "2026-03-02 12:00 EST", sla.IntakeRules{}, "2026-03-16 12:00 EDT"},
		{"8 working hours", "2026-03-06 16:00 EST", sla.IntakeRules{}, "2026-03-09 16:00 EDT"},
		{"8 working hours", "2026-03-06 18:00 EST", next, "2026-03-09 17:00 EDT"},
		{"1 business day", "2026-03-06 17:00 EST", sla.IntakeRules{}, "2026-03-09 17:00 EDT"},
		{"1 business day", "2026-03-06 17:00 EST", next, "2026-03-10 09:00 EDT"},
		{"close of 3 business days", "2026-03-06 23:00 EST", sla.IntakeRules{}, "2026-03-11 17:00 EDT"},
		{"24h", "2026-03-06 18:00 EST", next, "2026-03-10 09:00 EDT"},
	} {
		at, err := time.ParseInLocation(layout, x.at, c.Location())
		require.NoError(t, err)
		target, err := sla.ParseTarget(x.target)
		require.NoError(t, err)
		got, err := target.From(at, c, x.in)
		require.NoError(t, err)
		assert.Equal(t, x.want, got.Format(layout), "%s from %s", x.target, x.at)
	}
	days := sla.Target{Days: 3, Unit: sla.CalendarDays}
	got, err := days.From(date(t, "2026-03-06T23:00:00-05:00"), nil, sla.IntakeRules{})
	require.NoError(t, err)
	assert.Equal(t, "2026-03-10T04:00:00Z", got.Format(time.RFC3339), "without a calendar, days are those of UTC")
	_, err = sla.Target{Days: 3, Unit: sla.BusinessDays}.From(nov(2, 10, 0), nil, sla.IntakeRules{})
	require.ErrorContains(t, err, "need a calendar")
	for _, target := range []sla.Target{days, {Span: time.Hour, Unit: sla.Elapsed}} {
		_, err = target.From(date(t, "9999-12-31T23:00:00Z"), nil, sla.IntakeRules{})
		require.ErrorIs(t, err, sla.ErrHorizon)
	}
	_, err = days.From(date(t, "9999-12-31T12:00:00Z"), c, sla.IntakeRules{})
	require.ErrorIs(t, err, sla.ErrHorizon)
}

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
		"9223372036854775807 weeks":            "too long",
		"9223372036854775807 working hours":    "too long",
		"9999999h":                             "want a time",
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

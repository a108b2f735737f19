package sla_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// withWarnings loads an objective with warnings, and with whatever else is given.
func withWarnings(warn, fields string) (*sla.Agreement, error) {
	return sla.Load([]byte(`{"name": "x", "version": "1",
"calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-12:30", "13:00-17:00"]}}],
"objectives": [{"id": "a", "metric": "solution", "calendar": "office", "warn": ` + warn + fields + `}]}`))
}

// Who is to hear of the breach itself is said without a threshold of its own.
func TestWhoIsToldOfABreach(t *testing.T) {
	a, err := withWarnings(`["75%", {"at": "due", "notify": "manager"}, {"at": "2h after", "notify": "head"}]`, `, "target": "8h"`)
	require.NoError(t, err)
	o, _ := a.Objective("a")
	assert.Equal(t, sla.Warning{Notify: "manager"}, o.Warn[1])
	assert.Equal(t, "due", o.Warn[1].String())
	assert.Contains(t, string(a.Document()), `{"at":"due","notify":"manager"}`)
	again, err := sla.NewAgreement(a.Spec())
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), again.Digest())

	c := start(t, a, "a", nov(2, 10, 0))
	require.Len(t, c.Thresholds, 3)
	c, crossed := c.Cross(nov(2, 18, 0))
	require.Len(t, crossed, 2)
	assert.Equal(t, sla.Crossing{Threshold: sla.Threshold{At: nov(2, 18, 0), Name: "due", Notify: "manager"}, Breach: true, Announce: true}, crossed[1])
	assert.Equal(t, "[75% at Mon 2026-11-02 16:00:00 UTC (silent) due at Mon 2026-11-02 18:00:00 UTC, for manager (breach)]", fmt.Sprint(crossed))
	assert.Equal(t, "due, no time while paused, for manager", sla.Threshold{Name: "due", Notify: "manager"}.String())
	_, crossed = c.Cross(nov(2, 20, 0))
	assert.Equal(t, "[2h after at Mon 2026-11-02 20:00:00 UTC, for head]", fmt.Sprint(crossed))
	moved, err := a.Retarget(c, o, nov(2, 17, 0))
	require.NoError(t, err)
	assert.Equal(t, "manager", moved.Thresholds[1].Notify, "computed anew")

	for warn, want := range map[string]string{
		`["due"]`:                         `warn[0]: want {"at": "due", "notify": "manager"}: that is the due time`,
		`["100%"]`:                        `warning "100%": want {"at": "due", "notify": "manager"}`,
		`["0h after"]`:                    `warning "0h after": want {"at": "due", "notify": "manager"}`,
		`[{"at": "100%", "notify": "x"}]`: `warning "100%": want {"at": "due", "notify": "manager"}`,
		`[{"at": "due", "notify": ""}]`:   `notify: an empty text`,
		`[{"at": "due", "notify": "x"}, {"at": "due", "notify": "y"}]`: `warn[1].at: there is a warning "due" already`,
	} {
		_, err := withWarnings(warn, `, "target": "8h"`)
		assert.ErrorContains(t, err, want, warn)
	}
}

// Rungs in working time, against the calendar's own arithmetic.
func TestRungsInWorkingTime(t *testing.T) {
	a, err := withWarnings(`["2 working hours before", "90 working minutes after", {"at": "2h before", "notify": "x"}]`, `, "target": "3 days"`)
	require.NoError(t, err)
	assert.Contains(t, string(a.Document()), `"warn":["2 working hours before","90 working minutes after",`)
	again, err := sla.Load(a.Document())
	require.NoError(t, err)
	assert.Equal(t, a.Objectives(), again.Objectives())
	office, _ := a.Calendar("office")
	r := rand.New(rand.NewPCG(31, 31))
	for range 200 {
		c := start(t, a, "a", nov(1, 0, 0).Add(time.Duration(r.IntN(9*86400))*time.Second))
		at := map[string]time.Time{}
		for _, x := range c.Thresholds {
			at[x.Name] = x.At
		}
		before, after := at["2 working hours before"], at["90 working minutes after"]
		if office.Between(c.Started, c.Due) <= 2*time.Hour {
			require.Equal(t, c.Started, before)
		} else {
			require.Equal(t, 2*time.Hour, office.Between(before, c.Due))
			require.True(t, office.IsOpen(before), "the latest such time")
		}
		require.Equal(t, 90*time.Minute, office.Between(c.Due, after))
		require.Equal(t, 2*time.Hour, c.Due.Sub(at["2h before"]))
	}
	c := start(t, a, "a", nov(6, 16, 0)) // a Friday, and due on Monday
	assert.Equal(t, nov(9, 14, 0), c.Thresholds[0].At)
	c = start(t, a, "a", nov(4, 10, 0)) // due on Saturday
	assert.Equal(t, nov(6, 15, 0), c.Thresholds[0].At)
	assert.Equal(t, nov(9, 10, 30), c.Thresholds[3].At)

	for fields, want := range map[string]string{
		`, "target": "2 working hours"`: `"2 working hours before" is no time in a target of "2 working hours"`,
		`, "target": "1h"`:              ``,
	} {
		_, err := withWarnings(`["2 working hours before"]`, fields)
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
	_, err = sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [{"id": "a", "metric": "solution", "target": "8h", "warn": ["2 working hours after"]}]}`))
	assert.ErrorContains(t, err, `"2 working hours after": working time and business days need a calendar`)
	made, err := sla.NewAgreement(sla.AgreementSpec{
		Name: "x", Version: "1", Calendars: []sla.CalendarSpec{{Name: "office", Zone: "UTC", Weekly: hours("09:00", "17:00", time.Monday)}},
		Objectives: []sla.Objective{{
			ID: "a", Metric: sla.Solution, Calendar: "office", Target: sla.Target{Days: 3, Unit: sla.BusinessDays},
			Warn: []sla.Warning{{Before: time.Hour, Working: true}, {Notify: "head"}},
		}},
	})
	require.NoError(t, err)
	assert.Contains(t, string(made.Document()), `"warn":["1 working hour before",{"at":"due","notify":"head"}]`)
}

func TestWarningsThatWereProbablyMeant(t *testing.T) {
	for warn, want := range map[string]string{
		`"75 %"`:                    `(did you mean "75%"?)`,
		`"75"`:                      `(did you mean "75%"?)`,
		`"0.75"`:                    `(did you mean "75%"?)`,
		`"7.5%"`:                    `(did you mean "8%"?)`,
		`75`:                        `want a string, got a number: a share of the target is written "75%"`,
		`"2 hours after"`:           `(did you mean "2h after" or "2 working hours after"?)`,
		`"2 business hours before"`: `(did you mean "2 working hours before"?)`,
		`"2 days before"`:           `(did you mean "48h before"?)`,
		`"30 Minutes  Before"`:      `(did you mean "30m before" or "30 working minutes before"?)`,
	} {
		_, err := withWarnings("["+warn+"]", `, "target": "80h"`)
		assert.ErrorContains(t, err, want, warn)
	}
	for _, warn := range []string{`""`, `"soon"`, `"NaN%"`, `"Inf"`, `"1e300%"`, `"250%"`, `"3 business days before"`, `"before"`, `"%"`, `"2h"`} {
		_, err := withWarnings("["+warn+"]", `, "target": "80h"`)
		if assert.Error(t, err, warn) {
			assert.NotContains(t, err.Error(), "did you mean", warn)
		}
	}
}

// What caps pauses is suggested in the units that may.
func TestCapsThatWereProbablyMeant(t *testing.T) {
	for text, want := range map[string]string{
		"3d":              `(did you mean "72h"?)`,
		"1 week":          `(did you mean "168h"?)`,
		"2 hours":         `(did you mean "2h" or "2 working hours"?)`,
		"4 office hours":  `(did you mean "4 working hours"?)`,
		"3 working days":  ``,
		"3 business days": ``,
		"a while":         ``,
	} {
		_, err := withWarnings(`[]`, `, "target": "80h", "pause": ["customer"], "maxPause": "`+text+`"`)
		assert.ErrorContains(t, err, `maxPause: "`+text+`": a cap on pauses is a sum of time: want elapsed or working time, as in "24h" or "10 working hours"`, text)
		assert.ErrorContains(t, err, want, text)
		if want == "" {
			assert.NotContains(t, err.Error(), "did you mean", text)
		}
	}
}

package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/sla"
)

func TestZonesThatWereProbablyMeant(t *testing.T) {
	for zone, want := range map[string]string{
		"London":         `"Europe/London"`,
		"Europe/Londn":   `"Europe/London"`,
		"europe/lodnon":  `"Europe/London"`,
		"new york":       `"America/New_York"`,
		"BST":            `"Europe/London"`,
		"PST":            `"America/Los_Angeles"`,
		"CEST":           `"Europe/Paris" or "Europe/Berlin"`,
		"UTC+1":          `"Etc/GMT-1"`,
		"GMT-05:00":      `"Etc/GMT+5"`,
		"UTC+5:30":       ``,
		"UTC+99":         ``,
		"Mars/Base":      ``,
		"../Etc/passwd":  ``,
		"Europe//London": `"Europe/London"`,
	} {
		_, err := sla.NewCalendar(sla.CalendarSpec{Zone: zone, Weekly: hours("09:00", "17:00", time.Monday)})
		if !assert.ErrorContains(t, err, `unknown zone "`+zone+`": want an IANA name, as in "Europe/London"`) {
			continue
		}
		assert.NotContains(t, err.Error(), "tzdata", "the machine knows zones")
		if want == "" {
			assert.NotContains(t, err.Error(), "did you mean", zone)
		} else {
			assert.ErrorContains(t, err, "(did you mean "+want+"?)", zone)
		}
	}
}

func TestDaysAndDatesThatWereProbablyMeant(t *testing.T) {
	for fields, want := range map[string]string{
		`"weekly": {"Monday-Friday": ["09:00-17:00"]}`: `"Monday-Friday" is no day of the week (did you mean "mon-fri"?)`,
		`"weekly": {"Mondays": ["09:00-17:00"]}`:       `(did you mean "mon"?)`,
		`"weekly": {"Tue to Thurs": ["09:00-17:00"]}`:  `(did you mean "tue-thu"?)`,
		`"weekly": {"Sat – Sun": ["09:00-17:00"]}`:     `(did you mean "sat-sun"?)`,
		`"weekly": {"Monkey": ["09:00-17:00"]}`:        `unknown day of the week "Monkey"`,
		`"weekly": {"-": ["09:00-17:00"]}`:             `unknown day of the week "-"`,
		`"holidays": ["25/12/2026"]`:                   `"25/12/2026" is no date: want one as in "2026-12-25"`,
		`"holidays": ["2026-2-3"]`:                     `"2026-2-3" is no date: want one as in "2026-12-25"`,
		`"holidays": ["2026-02-30"]`:                   `"2026-02-30": no such date`,
		`"holidays": ["0000-01-01"]`:                   `"0000-01-01": no such date in the years 1 to 9999`,
		`"overrides": {"Christmas": []}`:               `"Christmas" is no date`,
	} {
		_, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [], "calendars": [{"name": "a", "zone": "Etc/UTC", ` + fields + `}]}`))
		assert.ErrorContains(t, err, want, fields)
	}
}

package sla_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

const presetCalendars = `"calendars": [
	{"name": "uk", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-12-25", "2026-12-28", "2027-01-01"]},
	{"name": "ny", "zone": "America/New_York", "weekly": {"mon-fri": ["09:00-17:00"]}},
	{"name": "au", "zone": "Australia/Sydney", "weekly": {"mon-fri": ["09:00-17:00"]}}]`

func withPresets(t *testing.T, objectives string) *sla.Agreement {
	t.Helper()
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", ` + presetCalendars + `, "objectives": [` + objectives + `]}`))
	require.NoError(t, err)
	return a
}

// What each preset makes of a date, counted by hand.
func TestPresets(t *testing.T) {
	const layout = "2006-01-02 15:04 MST"
	type objective struct {
		id     string
		metric sla.Metric
		target string
		due    string // of what was received at the time below
	}
	tested := map[string]bool{}
	for _, x := range []struct {
		preset, calendar, received string
		want                       []objective
		holding                    string // the due time once a holding response was sent; "stops" if that is all that was owed; empty: it changes nothing
	}{
		{
			"FCA DISP 1", "uk", "2026-11-16 10:00 GMT",
			[]objective{{"fca-disp-1", sla.FinalResponse, "8 weeks", "2027-01-11 10:00 GMT"}},
			"stops",
		},
		{
			"FCA DISP 1", "uk", "2026-03-27 10:00 GMT",
			[]objective{{"fca-disp-1", sla.FinalResponse, "8 weeks", "2026-05-22 10:00 BST"}},
			"stops",
		},
		{
			"FCA DISP 1 payment services", "uk", "2026-11-16 10:00 GMT",
			[]objective{{"fca-disp-1-payments", sla.FinalResponse, "15 business days", "2026-12-07 10:00 GMT"}},
			"2027-01-07 10:00 GMT",
		},
		{
			"FCA DISP 1 summary resolution", "uk", "2026-11-20 18:00 GMT",
			[]objective{{"fca-disp-1-summary", sla.FinalResponse, "close of 3 business days", "2026-11-25 17:00 GMT"}},
			"",
		},
		{
			"CFPB", "ny", "2026-03-01 10:00 EST",
			[]objective{{"cfpb", sla.FinalResponse, "15 days", "2026-03-16 10:00 EDT"}},
			"2026-04-30 10:00 EDT",
		},
		{
			"ASIC RG 271", "au", "2026-10-03 12:00 AEST",
			[]objective{
				{"asic-rg-271-acknowledgement", sla.Acknowledgement, "24h", "2026-10-04 13:00 AEDT"},
				{"asic-rg-271-response", sla.FinalResponse, "30 days", "2026-11-02 12:00 AEDT"},
			},
			"",
		},
		{
			"ASIC RG 271 superannuation", "au", "2026-10-03 12:00 AEST",
			[]objective{
				{"asic-rg-271-super-acknowledgement", sla.Acknowledgement, "24h", "2026-10-04 13:00 AEDT"},
				{"asic-rg-271-super-response", sla.FinalResponse, "45 days", "2026-11-17 12:00 AEDT"},
			},
			"",
		},
		{
			"US DOT 14 CFR 259.7", "ny", "2026-01-31 09:30 EST",
			[]objective{
				{"us-dot-259-7-acknowledgement", sla.Acknowledgement, "30 days", "2026-03-02 09:30 EST"},
				{"us-dot-259-7-response", sla.FinalResponse, "60 days", "2026-04-01 09:30 EDT"},
			},
			"",
		},
		{
			"US Reg Z", "ny", "2026-01-31 09:30 EST",
			[]objective{
				{"us-reg-z-acknowledgement", sla.Acknowledgement, "30 days", "2026-03-02 09:30 EST"},
				{"us-reg-z-response", sla.FinalResponse, "90 days", "2026-05-01 09:30 EDT"},
			},
			"",
		},
	} {
		tested[x.preset] = true
		a := withPresets(t, `{"preset": "`+x.preset+`", "calendar": "`+x.calendar+`"}`)
		c, ok := a.Calendar(x.calendar)
		require.True(t, ok)
		received, err := time.ParseInLocation(layout, x.received, c.Location())
		require.NoError(t, err)
		require.Len(t, a.Objectives(), len(x.want))
		for i, o := range a.Objectives() {
			k, err := a.Start(o.ID, &o, received, 1)
			require.NoError(t, err)
			assert.Equal(t, x.want[i], objective{o.ID, o.Metric, o.Target.String(), k.Due.In(c.Location()).Format(layout)}, x.preset)
			assert.Equal(t, x.preset != "FCA DISP 1 summary resolution", o.Statutory, x.preset)
			assert.Contains(t, o.Source, x.preset)

			longer, extended, err := a.Extend(k, "holding", k.Due.Add(-time.Second))
			require.NoError(t, err)
			assert.Equal(t, x.holding == "stops", o.StopsOn("holding"), x.preset)
			if assert.Equal(t, x.holding != "stops" && x.holding != "", extended, x.preset) && extended {
				assert.Equal(t, x.holding, longer.Due.In(c.Location()).Format(layout), x.preset)
			}
			_, extended, err = a.Extend(k, "holding", k.Due)
			require.NoError(t, err)
			assert.False(t, extended, "too late")
		}
	}
	for _, p := range sla.Presets() {
		assert.True(t, tested[p.Name], p.Name)
		for _, text := range []string{p.Version, p.Source, p.Gaps} {
			assert.NotEmpty(t, text, p.Name)
		}
	}
}

func TestPresetsAreTakenOverWhole(t *testing.T) {
	a := withPresets(t, `{"id": "own", "metric": "acknowledgement", "target": "2h"},
		{"preset": "ASIC RG 271", "calendar": "au", "when": {"category": ["loan", "card"], "tier": ["x"]}, "warn": ["50%", {"at": "12h before", "notify": "lead"}, "1h after"]},
		{"preset": "US Reg Z", "calendar": "ny", "id": "z"}, {"preset": "CFPB", "calendar": "ny", "id": "bureau"}, {"preset": "US Reg Z", "calendar": "uk"},
		{"id": "rest", "metric": "final_response", "target": "20 days"}`)
	var ids []string
	for _, o := range a.Objectives() {
		ids = append(ids, o.ID)
	}
	assert.Equal(t, []string{
		"own", "asic-rg-271-acknowledgement", "asic-rg-271-response", "z-acknowledgement", "z-final_response", "bureau",
		"us-reg-z-acknowledgement", "us-reg-z-response", "rest",
	}, ids)
	o := a.Objectives()[2]
	assert.Equal(t, map[string][]string{"category": {"card", "loan"}, "tier": {"x"}}, o.When)
	assert.Equal(t, []sla.Warning{{Percent: 50}, {Before: 12 * time.Hour, Notify: "lead"}, {After: time.Hour}}, o.Warn)
	assert.Equal(t, "au", o.Calendar)
	assert.NotContains(t, string(a.Document()), `"preset":`, "the objectives are what is kept")
	again, err := sla.Load(a.Document())
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), again.Digest())
	var names []string
	for n := range withPresets(t, `{"preset": "FCA DISP 1", "calendar": "uk", "when": {"tier": ["x"]}}, {"preset": "CFPB", "calendar": "uk"}`).Names() {
		assert.Equal(t, 4, n.Line)
		names = append(names, n.Attribute+" "+n.Value)
	}
	assert.Equal(t, []string{"tier x", "stop holding", "extend holding"}, names)

	k, err := a.Start("z", &a.Objectives()[4], nov(2, 10, 0), 1)
	require.NoError(t, err)
	paused, err := a.Pause(k, nov(3, 10, 0))
	require.NoError(t, err)
	assert.Equal(t, k, paused, "statutory clocks never pause")
}

func TestPresetsInGo(t *testing.T) {
	when := map[string][]string{"category": {"payments"}}
	objectives, err := sla.PresetObjectives("FCA DISP 1 payment services", "uk", when)
	require.NoError(t, err)
	when["category"][0] = "changed"
	made := sla.AgreementSpec{Name: "x", Version: "1", Objectives: objectives, Calendars: []sla.CalendarSpec{
		{Name: "uk", Zone: "Europe/London", Weekly: hours("09:00", "17:00", time.Monday)},
	}}
	a, err := sla.NewAgreement(made)
	require.NoError(t, err)
	b, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [{"name": "uk", "zone": "Europe/London", "weekly": {"mon": ["09:00-17:00"]}}],
		"objectives": [{"preset": "FCA DISP 1 payment services", "calendar": "uk", "when": {"category": ["payments"]}}]}`))
	require.NoError(t, err)
	assert.Equal(t, b.Digest(), a.Digest())

	objectives[0].Extend[0].On = "changed"
	again, err := sla.PresetObjectives("FCA DISP 1 payment services", "uk", nil)
	require.NoError(t, err)
	assert.Equal(t, "holding", again[0].Extend[0].On, "each is the caller's own")

	_, err = sla.PresetObjectives("FCA DISP", "uk", nil)
	require.ErrorContains(t, err, `sla: unknown preset "FCA DISP" (did you mean "FCA DISP 1"?); there are ["FCA DISP 1" "FCA`)
	_, err = sla.PresetObjectives("CFPB", "", nil)
	require.ErrorContains(t, err, `sla: preset "CFPB": a preset needs a calendar`)
}

func TestPresetFaults(t *testing.T) {
	_, err := sla.Load([]byte(`{"name": "x", "version": "1", ` + presetCalendars + `, "objectives": [
{"preset": "FCA DISP1", "calendar": "uk"},
{"preset": "CFPB"},
{"preset": "CFPB", "calendar": "us", "id": "second"},
{"preset": "ASIC RG 271", "calendar": "au", "target": "31 days", "when": {"tier": []}, "warn": ["25h before", "75"]},
{"preset": "ASIC RG 271", "calendar": "au"},
{"preset": 7, "calendar": "au", "id": ""},
{"preset": "", "calendar": 7, "statutory": false},
{"id": "fca-disp-1", "metric": "update", "target": "1h"}, {"preset": "FCA DISP 1", "calendar": "uk"}]}`))
	assert.EqualError(t, err, `sla: 15 faults:
5:12: objectives[0].preset: unknown preset "FCA DISP1" (did you mean "FCA DISP 1"?)
6:1: objectives[1].calendar: the field "calendar" is missing
7:32: objectives[2].calendar: unknown calendar "us" (did you mean "uk"?)
8:45: objectives[3].target: unknown field "target" (known: preset, calendar, when, warn, id)
8:83: objectives[3].when.tier: no value: the objective would never apply; leave "tier" out if any will do
8:97: objectives[3].warn[0]: "25h before" is no time in a target of "24h", as objective "asic-rg-271-acknowledgement" has
8:111: objectives[3].warn[1]: warning "75": want a share of the target as in "75%", or a time as in "2h before", "2h after" or "2 working hours after" (did you mean "75%"?)
9:12: objectives[4].preset: there is an objective "asic-rg-271-acknowledgement" already; give this one an "id" of its own
9:12: objectives[4].preset: there is an objective "asic-rg-271-response" already; give this one an "id" of its own
10:12: objectives[5].preset: want a string, got a number
10:39: objectives[5].id: an empty text
11:12: objectives[6].preset: unknown preset "" (known: FCA DISP 1, FCA DISP 1 payment services, FCA DISP 1 summary resolution, CFPB, ASIC RG 271, ASIC RG 271 superannuation, US DOT 14 CFR 259.7, US Reg Z)
11:28: objectives[6].calendar: want a string, got a number
11:31: objectives[6].statutory: unknown field "statutory" (known: preset, calendar, when, warn, id)
12:70: objectives[8].preset: there is an objective "fca-disp-1" already; give this one an "id" of its own`)
}

// The documentation of Preset names all that there are, with their figures.
func TestPresetsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("presets.go")
	require.NoError(t, err)
	for _, p := range sla.Presets() {
		line := regexp.MustCompile(`(?m)^//\t` + regexp.QuoteMeta(p.Name) + ` {2,}(.*)$`).FindStringSubmatch(string(source))
		require.NotNil(t, line, p.Name)
		body, _, _ := strings.Cut(p.Source, ", text of")
		assert.Contains(t, line[1], body)
		for _, o := range p.Objectives {
			number, _, _ := strings.Cut(strings.TrimPrefix(o.Target.String(), "close of "), " ")
			assert.Contains(t, line[1], number, "%s: %s", p.Name, o.ID)
			for _, e := range o.Extend {
				number, _, _ = strings.Cut(e.Target.String(), " ")
				assert.Contains(t, line[1], number)
			}
		}
	}
}

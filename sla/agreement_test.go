package sla_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func TestAgreementHasOneDocument(t *testing.T) {
	for _, doc := range []string{quickstart, terms} {
		a, err := sla.Load([]byte(doc))
		require.NoError(t, err)
		assert.Equal(t, sla.Digest(sha256.Sum256(a.Document())), a.Digest())
		again, err := sla.Load(a.Document())
		require.NoError(t, err)
		assert.Equal(t, a.Digest(), again.Digest())
		assert.Equal(t, a.Document(), again.Document())
		assert.Equal(t, a.Objectives(), again.Objectives())

		spec := a.Spec()
		slices.Reverse(spec.Calendars) // their order says nothing
		made, err := sla.NewAgreement(spec)
		require.NoError(t, err)
		assert.Equal(t, string(a.Document()), string(made.Document()), "made in Go")

		doc := a.Document()
		doc[0] = 'x'
		assert.NotEqual(t, doc, a.Document(), "the caller's own")
	}
	a, err := sla.Load([]byte(`{"objectives": [{"metric": "solution", "id": "a", "target": "1440m", "stop": ["y", "x"],
		"when": {"tier": ["silver", "gold"]}}], "version": "1", "name": "x"}`))
	require.NoError(t, err)
	b, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [], "objectives": [{"id": "a", "metric": "solution", "target": "24h",
		"when": {"tier": ["gold", "silver"]}, "stop": ["x", "y"], "statutory": false}]}`))
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), b.Digest(), "what says the same has the same digest")
	assert.JSONEq(t, `{"name": "x", "version": "1", "objectives": [{"id": "a", "metric": "solution", "target": "24h",
		"when": {"tier": ["gold", "silver"]}, "stop": ["x", "y"]}]}`, string(a.Document()))
}

// TestSpecIsTheCallers: what becomes of a specification does not reach the agreement that it is of.
func TestSpecIsTheCallers(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1",
		"calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": ["2026-12-25"]}],
		"objectives": [{"id": "a", "metric": "solution", "target": "1 business day", "calendar": "office", "when": {"tier": ["gold"]}}, {"preset": "CFPB", "calendar": "office"}]}`))
	require.NoError(t, err)
	spec := a.Spec()
	require.Len(t, spec.Objectives, len(a.Objectives()))
	spec.Version = "2"
	spec.Calendars[0].Holidays = append(spec.Calendars[0].Holidays, "2026-12-28")
	spec.Calendars[0].Weekly[time.Monday][0].From = "12:00"
	spec.Objectives[0].When["tier"][0] = "silver"
	next, err := sla.NewAgreement(spec)
	require.NoError(t, err)
	assert.NotEqual(t, a.Digest(), next.Digest())
	again, err := sla.NewAgreement(a.Spec())
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), again.Digest())
	office, _ := next.Calendar("office")
	assert.False(t, office.IsOpen(time.Date(2026, 12, 28, 14, 0, 0, 0, time.UTC)))
	was, _ := a.Calendar("office")
	assert.True(t, was.IsOpen(time.Date(2026, 12, 28, 10, 0, 0, 0, time.UTC)))
}

func TestCanonicalCalendar(t *testing.T) {
	load := func(calendar string) *sla.Agreement {
		a, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [` + calendar + `], "objectives": []}`))
		require.NoError(t, err)
		return a
	}
	a := load(`{"name": "c", "zone": "Asia/Tokyo", "version": "7", "weekly": {"fri-mon": ["13:00:30-17:00:00", "22:00-06:00", "09:00-12:00"], "wed": []},
		"holidays": ["2026-12-25", "2026-01-01"], "overrides": {"2026-12-31": [], "2026-12-24": ["09:00-12:00"]}, "breaks": {"2026-05-05": ["12:00-13:00"]}}`)
	const hours = `["09:00-12:00","13:00:30-17:00","22:00-06:00"]`
	assert.Equal(t, `{"name":"x","version":"1","calendars":[{"name":"c","zone":"Asia/Tokyo","version":"7",`+
		`"weekly":{"mon":`+hours+`,"fri":`+hours+`,"sat":`+hours+`,"sun":`+hours+`},"holidays":["2026-01-01","2026-12-25"],`+
		`"overrides":{"2026-12-24":["09:00-12:00"],"2026-12-31":[]},"breaks":{"2026-05-05":["12:00-13:00"]}}],"objectives":[]}`, string(a.Document()))
	assert.Equal(t, a.Digest(), load(string(a.Document()[len(`{"name":"x","version":"1","calendars":[`):len(a.Document())-len(`],"objectives":[]}`)])).Digest())
	c, ok := a.Calendar("c")
	require.True(t, ok)
	assert.Equal(t, "7", c.Version())
	_, ok = a.Calendar("d")
	assert.False(t, ok)
}

func TestSelect(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [
		{"id": "both", "metric": "solution", "when": {"channel": ["social", "chat"], "severity": ["high"]}, "target": "1h"},
		{"id": "law", "metric": "solution", "statutory": true, "target": "30 days"},
		{"id": "social", "metric": "solution", "when": {"channel": ["social"]}, "target": "2h"},
		{"id": "law-social", "metric": "solution", "when": {"channel": ["social"]}, "statutory": true, "target": "20 days"},
		{"id": "any", "metric": "solution", "target": "3h"},
		{"id": "ack", "metric": "acknowledgement", "when": {"tier": ["gold"]}, "target": "3h"}]}`))
	require.NoError(t, err)
	ids := func(m sla.Metric, f sla.Facts) string {
		var ids []string
		for _, o := range a.Select(m, f) {
			ids = append(ids, o.ID)
			own, ok := a.Objective(o.ID)
			require.True(t, ok)
			require.Same(t, own, o)
		}
		return strings.Join(ids, " ")
	}
	assert.Equal(t, "both law law-social", ids(sla.Solution, sla.Facts{"channel": "social", "severity": "high"}))
	assert.Equal(t, "both law", ids(sla.Solution, sla.Facts{"channel": "chat", "severity": "high"}))
	assert.Equal(t, "law social law-social", ids(sla.Solution, sla.Facts{"channel": "social", "severity": "low"}))
	assert.Equal(t, "law any", ids(sla.Solution, nil))
	assert.Equal(t, "ack", ids(sla.Acknowledgement, sla.Facts{"tier": "gold"}))
	assert.Empty(t, ids(sla.Acknowledgement, sla.Facts{"tier": ""}))
	assert.Empty(t, ids(sla.CheckBack, nil))
	_ = append(a.Select(sla.Acknowledgement, sla.Facts{"tier": "gold"}), nil)
	assert.Equal(t, "law any", ids(sla.Solution, nil), "appending to what was selected changes nothing")
	assert.Zero(t, testing.AllocsPerRun(100, func() { a.Select(sla.Acknowledgement, sla.Facts{"tier": "gold"}) }))
	_, ok := a.Objective("nobody")
	assert.False(t, ok)

	copies := a.Objectives()
	copies[0].When["channel"][0] = "fax"
	copies[0].ID = "x"
	assert.Equal(t, []string{"chat", "social"}, a.Objectives()[0].When["channel"])
}

func TestNames(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [
  {"id": "a", "metric": "solution", "when": {"tier": ["gold"], "channel": ["chat"]}, "target": "1h",
   "warn": ["50%", {"at": "75%", "notify": "lead"}], "pause": ["customer"], "stop": ["accepted"], "extend": [{"on": "holding", "target": "2h"}]}]}`))
	require.NoError(t, err)
	want := []sla.Name{
		{Attribute: "tier", Value: "gold", Line: 2, Column: 55},
		{Attribute: "channel", Value: "chat", Line: 2, Column: 76},
		{Attribute: "extend", Value: "holding", Line: 3, Column: 117},
		{Attribute: "role", Value: "lead", Line: 3, Column: 44},
		{Attribute: "pause", Value: "customer", Line: 3, Column: 64},
		{Attribute: "stop", Value: "accepted", Line: 3, Column: 86},
	}
	assert.Equal(t, want, slices.Collect(a.Names()))
	made, err := sla.NewAgreement(sla.AgreementSpec{Name: "x", Version: "1", Objectives: a.Objectives()})
	require.NoError(t, err)
	for name := range made.Names() {
		assert.Zero(t, name.Line)
	}
}

func TestAgreementFaults(t *testing.T) {
	const calendars = `"calendars": [{"name": "office", "zone": "Etc/UTC", "weekly": {"mon-fri": ["09:00-17:00"]}}], `
	objective := func(fields string) string {
		return `{"name": "x", "version": "1", ` + calendars + `"objectives": [` + "\n" + `{"id": "a", "metric": "solution", "target": "1h"` + fields + `}]}`
	}
	of := func(fields string) string {
		return `{"name": "x", "version": "1", ` + calendars + `"objectives": [` + "\n" + fields + `]}`
	}
	for doc, want := range map[string]string{
		``:                                 "1:1",
		`[]`:                               "want an object",
		`{"name": "x", "version": "1"}`:    `the field "objectives" is missing`,
		`{"name": "", "objectives": []}`:   "name: an empty text",
		`{"version": 1, "objectives": []}`: "version: want a string",
		`{"nmae": "x", "objectives": []}`:  `unknown field "nmae" (did you mean "name"?)`,
		objective(`, "wran": []`):          `2:51: objectives[0].wran: unknown field "wran" (did you mean "warn"?)`,
		objective(`, "metric": "x"`):       `metric`,
		of(`{"metric": "solution"}`):       `the field "id" is missing`,
		of(`{"id": "a", "target": "1h"}`):  `the field "metric" is missing`,
		of(`{"id": "a", "metric": "aknowledgement", "target": "1h"}`):                                            `unknown metric "aknowledgement" (did you mean "acknowledgement"?)`,
		of(`{"id": "a", "metric": "solution"}`):                                                                  `the field "target" is missing`,
		of(`{"id": "a", "metric": "solution", "target": "0h"}`):                                                  `target "0h": a target must be longer than zero`,
		of(`{"id": "a", "metric": "solution", "target": "soon"}`):                                                `target "soon": want a time as in`,
		of(`{"id": "a", "metric": "solution", "target": "8 working hours"}`):                                     `"8 working hours": working time and business days need a calendar`,
		of(`{"id": "a", "metric": "solution", "target": "close of 1 business day"}`):                             `need a calendar`,
		of(`{"id": "a", "metric": "solution", "target": "1h"}, {"id": "a", "metric": "update", "target": "1h"}`): `objectives[1].id: there is an objective "a" already`,
		objective(`, "calendar": "offfice"`):                                                                     `unknown calendar "offfice" (did you mean "office"?)`,
		objective(`, "warn": ["75"]`):                                                                            `warn[0]: warning "75": want a share`,
		objective(`, "warn": ["100%"]`):                                                                          `want {"at": "due", "notify": "manager"}`,
		objective(`, "warn": ["150%"]`):                                                                          `comes before the due time`,
		objective(`, "warn": ["0%"]`):                                                                            `comes before the due time`,
		objective(`, "warn": ["-5%"]`):                                                                           `comes before the due time`,
		objective(`, "warn": ["1h before"]`):                                                                     `"1h before" is no time in a target of "1h"`,
		objective(`, "warn": ["0h before"]`):                                                                     `want {"at": "due", "notify": "manager"}`,
		objective(`, "warn": ["1ms before"]`):                                                                    `whole seconds`,
		objective(`, "warn": ["30m before", "30m before"]`):                                                      `warn[1]: there is a warning "30m before" already`,
		objective(`, "warn": [{"notify": "lead"}]`):                                                              `the field "at" is missing`,
		objective(`, "warn": [{"at": "75%", "notify": ""}]`):                                                     `an empty text`,
		objective(`, "warn": [75]`):                                                                              `want a string`,
		objective(`, "when": {"channel": []}`):                                                                   `the objective would never apply`,
		objective(`, "when": {"channel": "chat"}`):                                                               `want an array`,
		objective(`, "when": {"channel": ["chat", "chat"]}`):                                                     `when.channel[1]: "chat" is given twice`,
		objective(`, "when": {"": ["chat"]}`):                                                                    `an attribute without a name`,
		objective(`, "statutory": true, "pause": ["customer"]`):                                                  `a statutory objective never pauses`,
		objective(`, "intake": {"before": "to_opening"}`):                                                        `intake rules need a calendar`,
		objective(`, "calendar": "office", "intake": {"before": "to_openning"}`):                                 `unknown intake "to_openning" (did you mean "to_opening"?)`,
		objective(`, "extend": [{"on": "holding", "target": "30m"}]`):                                            `"30m" is not longer than the target, "1h"`,
		objective(`, "extend": [{"on": "x", "target": "2h"}, {"on": "x", "target": "3h"}]`):                      `extend[1].on: "x" extends the target already`,
		objective(`, "extend": [{"on": "x", "target": "3 business days"}]`):                                      `need a calendar`,
		objective(`, "source": ""`):                                                                              `source: an empty text`,
		of(`{"id": "p", "metric": "promise", "pause": ["customer"]}`):                                            `does not pause`,
		of(`{"id": "a", "metric": "solution", "target": "1h"}, {"id": "b", "metric": "solution", "target": "2h", "when": {"tier": ["gold"]}}`):                                                                                           `objectives[1]: objective "b" never applies: "a" comes before it`,
		of(`{"id": "a", "metric": "solution", "target": "1h", "when": {"tier": ["gold", "silver"]}}, {"id": "b", "metric": "solution", "target": "2h", "when": {"tier": ["gold"], "channel": ["x"]}}`):                                   `never applies`,
		`{"name": "x", "version": "1", "objectives": [], "calendars": [{"zone": "Etc/UTC", "weekly": {"mon": ["09:00-17:00"]}}]}`:                                                                                                        `calendars[0].name: the field "name" is missing`,
		`{"name": "x", "version": "1", "objectives": [], "calendars": [{"name": "a", "zone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"], "fri": []}}]}`:                                                                                `"fri" repeats fri, which "mon-fri" has given hours`,
		`{"name": "x", "version": "1", "objectives": [], "calendars": [{"name": "a", "zone": "UTC", "weekly": {"mon-fry": ["09:00-17:00"]}}]}`:                                                                                           `unknown day of the week "mon-fry" (did you mean "mon-fri"?)`,
		`{"name": "x", "version": "1", "objectives": [], "calendars": [` + strings.Repeat(`{"name": "a", "zone": "UTC", "weekly": {"mon": ["09:00-17:00"]}},`, 1) + `{"name": "a", "zone": "UTC", "weekly": {"mon": ["09:00-17:00"]}}]}`: `there is a calendar "a" already`,
	} {
		_, err := sla.Load([]byte(doc))
		var all *sla.DocumentError
		if assert.ErrorAs(t, err, &all, doc) {
			assert.ErrorContains(t, err, want, doc)
		}
	}
	for _, fine := range []string{
		of(`{"id": "a", "metric": "solution", "target": "1h"}, {"id": "b", "metric": "solution", "target": "2h", "statutory": true}`),
		of(`{"id": "a", "metric": "solution", "target": "1h", "when": {"tier": ["gold"]}}, {"id": "b", "metric": "solution", "target": "2h", "when": {"tier": ["gold", "silver"]}}`),
		of(`{"id": "a", "metric": "solution", "target": "8 working hours", "calendar": "office", "warn": ["12h before"]}`),
		of(`{"id": "p", "metric": "promise", "target": "2h", "pause": ["customer"]}`),
		of(``),
	} {
		_, err := sla.Load([]byte(fine))
		assert.NoError(t, err)
	}
	_, err := sla.Load([]byte(of(`{"id": "a", "metric": "x", "target": "y", "warn": ["z"]}`)))
	var all *sla.DocumentError
	require.ErrorAs(t, err, &all)
	assert.Len(t, all.Faults, 3, "all at once")
	assert.Equal(t, 2, all.Faults[0].Line)
}

func TestAgreementMadeInGoIsCheckedToo(t *testing.T) {
	_, err := sla.NewAgreement(sla.AgreementSpec{
		Name: "x", Version: "1",
		Objectives: []sla.Objective{
			{ID: "a", Metric: sla.Solution, Target: sla.Target{Span: time.Hour, Days: 1, Unit: sla.Elapsed}},
			{ID: "b", Metric: sla.Solution, Target: sla.Target{Span: -time.Hour, Unit: sla.Elapsed}, Warn: []sla.Warning{{Percent: 5, Before: time.Second}, {}}},
			{ID: "c", Metric: "x", Target: sla.Target{Days: 9, Unit: sla.CalendarWeeks}, Intake: sla.IntakeRules{Before: 9}, When: map[string][]string{"a": nil}},
		},
	})
	var all *sla.DocumentError
	require.ErrorAs(t, err, &all)
	assert.Len(t, all.Faults, 10, "%v", err)
	for _, f := range all.Faults {
		assert.Zero(t, f.Line)
		assert.NotEmpty(t, f.Path)
	}
}

func TestDigestText(t *testing.T) {
	a := agreement(t)
	text, err := a.Digest().MarshalText()
	require.NoError(t, err)
	assert.Equal(t, a.Digest().String(), string(text))
	var d sla.Digest
	require.NoError(t, d.UnmarshalText(text))
	assert.Equal(t, a.Digest(), d)
	assert.Error(t, d.UnmarshalText(text[1:]))
	assert.Error(t, d.UnmarshalText(append(text[1:], 'x')))
}

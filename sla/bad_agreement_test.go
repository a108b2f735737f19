package sla_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// Whatever is wrong with targets and objectives is said with its line and column, and all of it at once.
func TestBadObjectivesAllAtOnce(t *testing.T) {
	_, err := sla.Load([]byte(`{"name": "x", "version": 2, "owner": "ana",
"calendars": [{"name": "office", "zone": "Etc/UTC", "weekly": {"mon-fri": ["09:00-17:00"]}}],
"objectives": [
{"id": "zero", "statutory": true, "metric": "solution", "target": "0 business days", "calendar": "office"},
{"id": "negative", "statutory": true, "metric": "solution", "target": "-8h"},
{"id": "huge", "statutory": true, "metric": "solution", "target": "99999999999999999999 days"},
{"id": "longer than time", "statutory": true, "metric": "solution", "target": "9999999h"},
{"id": "too many hours", "statutory": true, "metric": "solution", "target": "9223372036854775807 working hours", "calendar": "office"},
{"id": "too many days", "statutory": true, "metric": "solution", "target": "100001 days"},
{"id": "too many weeks", "statutory": true, "metric": "solution", "target": "14286 weeks"},
{"id": "parts", "statutory": true, "metric": "solution", "target": "1.5s"},
{"id": "words", "statutory": true, "metric": "solution", "target": "two days"},
{"id": "misspelt", "statutory": true, "metric": "solution", "target": "10 buisness days", "calendar": "office"},
{"id": "number", "statutory": true, "metric": "solution", "target": 8},
{"id": "null", "statutory": true, "metric": "solution", "target": null},
{"id": "shares", "statutory": true, "metric": "solution", "target": "8h", "warn": ["100%", "101%", "1000000000000000000000%", "0%", "-5%", "7.5%", "9h before", "-1h before"]},
{"id": "types", "metric": ["solution"], "target": "8h", "when": "gold", "warn": "75%", "pause": {}, "stop": [7], "statutory": "yes", "intake": []},
{"id": "fields", "statutory": true, "metric": "solution", "targte": "8h", "extend": [{"on": "", "to": "9h"}]},
"an objective", 7
]}`))
	assert.EqualError(t, err, `sla: 36 faults:
1:26: version: want a string, got a number
1:29: owner: unknown field "owner" (known: name, version, calendars, objectives)
4:67: objectives[0].target: target "0 business days": a target must be longer than zero
5:71: objectives[1].target: target "-8h": a target must be longer than zero
6:67: objectives[2].target: target "99999999999999999999 days": 99999999999999999999 is too long a time
7:79: objectives[3].target: target "9999999h": 9999999h is too long a time
8:77: objectives[4].target: target "9223372036854775807 working hours": 9223372036854775807 is too long a time
9:76: objectives[5].target: target "100001 days": 100001 days are too long a time; at most 100000
10:77: objectives[6].target: target "14286 weeks": 14286 weeks are too long a time; at most 14285
11:68: objectives[7].target: target "1.5s": a target is in whole seconds
12:68: objectives[8].target: target "two days": want a time as in "24h", "8 working hours", "10 business days", "close of 3 business days", "56 days" or "8 weeks"
13:71: objectives[9].target: target "10 buisness days": want a time as in "24h", "8 working hours", "10 business days", "close of 3 business days", "56 days" or "8 weeks" (did you mean "10 business days"?)
14:69: objectives[10].target: want a string, got a number
15:67: objectives[11].target: want a string, got null; leave it out if there is none
16:84: objectives[12].warn[0]: warning "100%": want {"at": "due", "notify": "manager"}: that is the due time, a threshold of every clock, and all there is to say is whom to notify
16:92: objectives[12].warn[1]: warning "101%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"
16:100: objectives[12].warn[2]: warning "1000000000000000000000%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"
16:127: objectives[12].warn[3]: warning "0%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"
16:133: objectives[12].warn[4]: warning "-5%": a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"
16:140: objectives[12].warn[5]: warning "7.5%": want a share of the target as in "75%", or a time as in "2h before", "2h after" or "2 working hours after" (did you mean "8%"?)
16:148: objectives[12].warn[6]: "9h before" is no time in a target of "8h"
16:161: objectives[12].warn[7]: warning "-1h before": a warning's time is longer than zero, before or after the due time
17:27: objectives[13].metric: want a string, got an array
17:65: objectives[13].when: want an object, got a string
17:81: objectives[13].warn: want an array, got a string
17:97: objectives[13].pause: want an array, got an object
17:110: objectives[13].stop[0]: want a string, got a number
17:127: objectives[13].statutory: want true or false, got a string
17:144: objectives[13].intake: want an object, got an array
18:1: objectives[14].target: the field "target" is missing
18:59: objectives[14].targte: unknown field "targte" (did you mean "target"?)
18:86: objectives[14].extend[0].target: the field "target" is missing
18:93: objectives[14].extend[0].on: an empty text
18:97: objectives[14].extend[0].to: unknown field "to" (known: on, target)
19:1: objectives[15]: want an object, got a string
19:17: objectives[16]: want an object, got a number`)
}

// A target can be right by itself and end beyond the calendar's years: that is said when a clock starts.
func TestTargetsBeyondTheYears(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "calendars": [{"name": "c", "zone": "Etc/UTC", "weekly": {"mon": ["09:00-09:01"]}}],
		"objectives": [{"id": "a", "metric": "solution", "target": "100000 working hours", "calendar": "c"},
			{"id": "b", "metric": "solution", "statutory": true, "target": "100000 days"},
			{"id": "c", "metric": "solution", "statutory": true, "target": "100000 business days", "calendar": "c"}]}`))
	require.NoError(t, err)
	objectives := a.Objectives()
	_, err = a.Start("a", &objectives[0], nov(2, 10, 0), 1)
	require.ErrorIs(t, err, sla.ErrHorizon)
	k, err := a.Start("b", &objectives[1], nov(2, 10, 0), 1)
	require.NoError(t, err)
	assert.Equal(t, 2300, k.Due.Year())
	k, err = a.Start("c", &objectives[2], nov(2, 10, 0), 1)
	require.NoError(t, err)
	assert.Equal(t, 3943, k.Due.Year())
	assert.NotPanics(t, func() { a.Lint(nov(2, 10, 0)) })
}

func TestDocumentsTooLarge(t *testing.T) {
	const one = `{"id": "a", "metric": "solution", "target": "8h"},`
	_, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [` + strings.Repeat(one, 11<<20/len(one))))
	require.ErrorContains(t, err, "at most 10485760 are read")
	_, err = sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [` + strings.Repeat(`7,`, 1_000_001) + `7]}`))
	require.ErrorContains(t, err, "more than 1000000 values")
	_, err = sla.Load([]byte(`{"name": "x", "version": "1", "objectives": ` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`))
	require.ErrorContains(t, err, "deep")
}

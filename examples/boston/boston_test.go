package main_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"

	boston "github.com/amends-go/amends/examples/boston"
	"github.com/amends-go/amends/examples/internal/realfile"
)

// run runs the program, and returns what it printed and logged.
func run(t *testing.T, args ...string) (printed, logged string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = boston.Run(t.Context(), args, &out, &log, false)
	return out.String(), log.String(), err
}

// write makes a file of lines.
func write(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "requests.csv")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return name
}

func sampleLines() []string { return strings.Split(strings.TrimSpace(string(boston.Sample())), "\n") }

// says checks that a line of the report starts with words, however they are spaced.
func says(t *testing.T, report string, lines ...string) {
	t.Helper()
	report = regexp.MustCompile(` +`).ReplaceAllString(report, " ")
	for _, line := range lines {
		assert.Regexp(t, `(?m)^ ?`+regexp.QuoteMeta(line)+`( |$)`, report)
	}
}

// The sample was made by the rule, on another computer's calendar: 38 target dates, of
// which one is two hours off, one is the opening itself, one is a second early, and
// four were computed from seconds that the file does not show.
func TestSample(t *testing.T) {
	printed, logged, err := run(t)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "40 requests of the sample, 0 bad rows left out",
		"from 2015-01-02: 3 types, 3 different targets", "from 2015-02-16: 3 types, 3 different targets", "Broken Bench 10 business days → 5 business days",
		"to the second 31 of 38 81.58 %", "… or to the minute, where the file is cut to it 35 of 38 92.11 %",
		"within a minute 36 of 38", "on the day 37 of 38", "to the second, of what came in outside hours 12 of 12",
		"of one mind 39 of 39 100.00 % without flag: 1; due when opened: 1",
		"of one mind, by the target dates that the desk computed 36 of 37",
		"Broken Bench 1 of 17 5.88 % no number of days: 1", "Pothole 1 of 15")
	assert.Regexp(t, `\d+ cases per second`, printed)
}

func TestWholeFile(t *testing.T) {
	realfile.SkipSlow(t)
	file := realfile.Path(t, "boston311_2015H1.csv")
	printed, logged, err := run(t, "-boston", file)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "58119 requests of boston311_2015H1.csv, 0 bad rows left out",
		"from 2015-01-01: 97 types, 18 different targets", "from 2015-02-16: 109 types, 19 different targets",
		"Abandoned Vehicles 20 business days → 12 business days",
		"to the second 28408 of 43592 65.17 %", "… or to the minute, where the file is cut to it 36965 of 43592 84.80 %",
		"within a minute 41806 of 43592 95.90 %", "on the day 42724 of 43592 98.01 %",
		"to the second, of what came in outside hours 12168 of 12395 98.17 %",
		"within a minute, with levels from other rows 41762 of 43592 95.80 %",
		"of one mind 58017 of 58017 100.00 % without flag: 102; due when opened: 7",
		"of one mind, by the target dates that the desk computed 43056 of 43477 99.03 %",
		"Street Light Outages 378 of 3422 11.05 % no number of days: 357; others: 21, mostly 263 business days (3)",
		"Request for Recycling Cart 362 of 1680", "General Lighting Request 180 of 480")
}

// The agreements that are kept are all that it takes.
func TestKeptAgreements(t *testing.T) {
	dir := t.TempDir()
	_, _, err := run(t, "-out", dir)
	require.NoError(t, err)
	for from, want := range map[string]string{"2015-01-02": "2015-02-26 09:00", "2015-02-16": "2015-02-19 09:00"} {
		doc, err := os.ReadFile(filepath.Join(dir, "boston-311-"+from+".json"))
		require.NoError(t, err)
		a, err := sla.Load(doc)
		require.NoError(t, err)
		o := a.Select(sla.Resolution, sla.Facts{"category": "Broken Bench"})
		require.Len(t, o, 1)
		cal, ok := a.Calendar("boston")
		require.True(t, ok)
		c, err := a.Start(o[0].ID, o[0], time.Date(2015, 2, 11, 9, 0, 0, 0, cal.Location()), 1)
		require.NoError(t, err)
		assert.Equal(t, want, c.Due.In(cal.Location()).Format("2006-01-02 15:04"))
	}
	_, _, err = run(t, "-out", filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestLevels(t *testing.T) {
	days := func(n int, unit sla.Unit) sla.Target { return sla.Target{Days: n, Unit: unit} }
	business := func(n int) []sla.Target { return []sla.Target{days(n, sla.BusinessDays)} }
	at := func(day int) time.Time { return time.Date(2015, 1, day, 12, 0, 0, 0, time.UTC) }

	assert.Empty(t, boston.Levels(nil, nil, nil))
	assert.Equal(t, map[string]map[string]sla.Target{"2015-01-05": {}},
		boston.Levels([]string{"a"}, []time.Time{at(5)}, [][]sla.Target{nil}), "nothing fits")
	assert.Equal(t, map[string]map[string]sla.Target{"2015-01-05": {"a": days(30, sla.CalendarDays)}},
		boston.Levels([]string{"a"}, []time.Time{at(5)}, [][]sla.Target{{days(21, sla.BusinessDays), days(30, sla.CalendarDays)}}), "the rounder number")
	assert.Equal(t, map[string]map[string]sla.Target{"2015-01-05": {"a": days(5, sla.BusinessDays)}, "2015-01-08": {"a": days(3, sla.BusinessDays)}},
		boston.Levels([]string{"a", "a", "a", "a"}, []time.Time{at(9), at(5), at(6), at(8)},
			[][]sla.Target{business(3), business(5), business(5), business(3)}), "a change, in rows that are out of order")
}

func TestBadRowsAreToldAndLeftOut(t *testing.T) {
	lines := sampleLines()
	file := write(t,
		lines[0],
		lines[1],
		"S050,2015-01-02 09:12:31",
		strings.Replace(lines[2], "2015-01-02", "2/1/2015", 1),
		strings.Replace(lines[3], "2015-01-08 08:30:00", "2014-12-31 08:30:00", 1),
		lines[1],
		strings.Replace(lines[4], "Broken Bench", "", 1),
		",,,,MAYBE,,,,,,,,,,",
		strings.Replace(lines[5], "S005", strings.Repeat("x", 201), 1),
		strings.Replace(lines[6], "S006,2015", "S006,1015", 1),
		lines[7],
	)
	printed, logged, err := run(t, "-boston", file)
	require.NoError(t, err)
	says(t, printed, "3 requests of requests.csv, 7 bad rows left out")
	assert.Equal(t, []string{
		"requests.csv:3: left out: 2 columns, want 15",
		`requests.csv:4: left out: open_dt is "2/1/2015 16:59:59", want 2015-01-02 15:04:05`,
		"requests.csv:5: left out: target_dt is before open_dt",
		"requests.csv:6: left out: case_id S001 is that of line 2",
		"requests.csv:8: left out: no case_id; no type; no open_dt; ontime is \"MAYBE\", want ONTIME, OVERDUE or nothing",
		"requests.csv:9: left out: case_id has 201 bytes, want 200 at most",
		"requests.csv:10: left out: open_dt is in the year 1015",
		"",
	}, strings.Split(logged, "\n"))
}

// The check bites: a flag that says something else is found.
func TestDisagreement(t *testing.T) {
	lines := sampleLines()
	printed, _, err := run(t, "-boston", write(t, lines[0], strings.Replace(lines[1], "ONTIME", "OVERDUE", 1), lines[2]))
	require.ErrorContains(t, err, "overdue")
	says(t, printed, "of one mind 1 of 2")
}

func TestFilesThatAreNone(t *testing.T) {
	_, _, err := run(t, "-boston", filepath.Join(t.TempDir(), "missing.csv"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = run(t, "-boston", write(t, "id,text", "1,hello"))
	require.ErrorContains(t, err, `requests.csv: line 1: the columns are ["id" "text"], want ["case_id"`)
	_, _, err = run(t, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
	printed, _, err := run(t, "-boston", write(t, sampleLines()[0]))
	require.NoError(t, err)
	says(t, printed, "0 requests of requests.csv, 0 bad rows left out")
}

func TestProgressIsForThoseWhoWatch(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, boston.Run(t.Context(), nil, &out, &log, true))
	assert.Regexp(t, `\r\d+ of \d+\n$`, log.String())
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, log bytes.Buffer
	require.ErrorIs(t, boston.Run(ctx, nil, &out, &log, false), context.Canceled)
	assert.Empty(t, out.String())
}

// Whatever a file says, what is left of it goes through the desk.
func FuzzFile(f *testing.F) {
	f.Add(boston.Sample())
	lines := sampleLines()
	f.Add([]byte(strings.Join([]string{lines[0], lines[4], lines[4], lines[17]}, "\n")))
	f.Add([]byte(lines[0] + "\n\"" + lines[1]))
	f.Add([]byte(lines[0] + "\n" + strings.Replace(lines[1], "2015-01-07", "2099-12-31", 1)))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, cases, err := boston.Replayed(t.Context(), file)
		if err != nil && !strings.HasPrefix(err.Error(), "line 1: ") {
			t.Error(err)
		}
		if err == nil && rows != cases {
			t.Errorf("%d cases of %d rows", cases, rows)
		}
	})
}

package main_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"

	"github.com/amends-go/amends/examples/internal/realfile"
	servicenow "github.com/amends-go/amends/examples/servicenow"
)

// run runs the program, and returns what it printed and logged.
func run(t *testing.T, args ...string) (printed, logged string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = servicenow.Run(t.Context(), args, &out, &log, false)
	return out.String(), log.String(), err
}

// write makes a file of lines.
func write(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "events.csv")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return name
}

func sampleLines() []string {
	return strings.Split(strings.TrimSpace(string(servicenow.Sample())), "\n")
}

// says checks that a line of the report starts with words, however they are spaced.
func says(t *testing.T, report string, lines ...string) {
	t.Helper()
	report = regexp.MustCompile(` +`).ReplaceAllString(report, " ")
	for _, line := range lines {
		assert.Regexp(t, `(?m)^ ?`+regexp.QuoteMeta(line)+`( |$)`, report)
	}
}

func TestSample(t *testing.T) {
	printed, logged, err := run(t)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "55 events of 10 incidents in the sample, 0 bad rows left out",
		"incidents 10 10", "reopened 3 3", "reopenings 4 4", "pauses 6 6", "hours paused 674 674",
		"reopen_count is the desk's on 10 of 10 incidents", "agrees with the log: yes",
		"solution clocks 14, a cycle for each round", "paused 4 (28.6 %)", "breached 3 (21.4 %), by",
		"no clock of the example breached 7 0", "one breached 0 3")
	assert.Regexp(t, `\d+ cases per second`, printed)
}

func TestWholeFile(t *testing.T) {
	realfile.SkipSlow(t)
	file := realfile.Path(t, "servicenow_incidents_first8000cases.csv")
	printed, logged, err := run(t, "-log", file)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "52791 events of 8000 incidents in servicenow_incidents_first8000cases.csv, 0 bad rows left out",
		"incidents 8000 8000", "reopened 118 118", "reopenings 146 146", "pauses 2881 2881", "hours paused 808811 808811",
		"reopen_count is the desk's on 8000 of 8000 incidents", "agrees with the log: yes",
		"solution clocks 8146, a cycle for each round", "paused 2628 (32.3 %)", "breached 1598 (19.6 %), by",
		"no clock of the example breached 2874 3539", "one breached 21 1566")
}

// What becomes of each clock, to the minute.
func TestClocks(t *testing.T) {
	all, agrees, err := servicenow.Replayed(t.Context(), servicenow.Sample())
	require.NoError(t, err)
	assert.True(t, agrees)
	for incident, want := range map[string][]string{
		"INC001": {"solve 07 09:02 – 08 16:30, due 14 09:02"},
		// due on the 14th, 10:15, but waited from the 7th, 13:20, to the 10th, 09:30: 26 hours and 10 minutes of open time
		"INC002": {"solve 07 10:15 – 14 12:00, due 16 16:25, 1 pause"},
		"INC003": {"solve-critical 07 23:50 – 08 11:59, due 08 12:00"},
		"INC004": {
			"solve-high 08 08:30 – 10 17:45, due 09 08:30, breached 09 08:30",
			"solve-high 11 08:05 – 11 15:00, due 14 08:05", "solve-high 14 09:00 – 14 10:00, due 15 09:00",
		},
		"INC006": {"solve 09 11:11 – 09 11:25, due 16 11:11", "solve 21 08:00 – 24 09:00, due 30 15:30, 1 pause"},
		"INC007": {"solve 10 07:27 – 21 10:16, due 17 07:27, breached 17 07:27"},
		"INC008": {"solve-high 11 12:00 – 16 09:00, due 14 12:00, breached 14 12:00"}, // raised at 15:00 on the 11th
		"INC009": {"solve 14 15:45 – 14 16:30, due 21 15:45"},
	} {
		var got []string
		for _, k := range all[incident] {
			got = append(got, describe(k))
		}
		assert.Equal(t, want, got, incident)
	}
	assert.Len(t, all["INC005"], 1)
	assert.Len(t, all["INC005"][0].Pauses, 3, "each state that it waited in")
	assert.Len(t, all["INC010"], 2)
}

func describe(k sla.Clock) string {
	const form = "02 15:04"
	s := fmt.Sprintf("%s %s – %s, due %s", k.Objective, k.Started.Format(form), k.StoppedAt.Format(form), k.Due.Format(form))
	if len(k.Pauses) > 0 {
		s += fmt.Sprintf(", %d pause", len(k.Pauses))
	}
	if !k.BreachedAt.IsZero() {
		s += ", breached " + k.BreachedAt.Format(form)
	}
	return s
}

func TestBadRowsAreToldAndLeftOut(t *testing.T) {
	lines := sampleLines()
	file := write(t,
		lines[0],
		lines[1],
		"INC001,Active",
		strings.Replace(lines[2], "Active", "-100", 1),
		strings.Replace(lines[3], "7/3/2016 11:00", "3/17/2016 11:00", 1),
		",Dreaming,true,0,-1,2,perhaps,11,8,?,?,?,602,7/3/1016 11:00,Pigeon,?,?,?,?,?,2,2,9,?,?,false,false,?,?,?,?,?,?,?,?,?",
		lines[4],
	)
	printed, logged, err := run(t, "-log", file)
	require.NoError(t, err)
	says(t, printed, "2 events of 1 incidents in events.csv, 4 bad rows left out")
	assert.Equal(t, []string{
		"events.csv:3: left out: 2 columns, want 36",
		`events.csv:4: left out: unknown incident_state "-100"`,
		`events.csv:5: left out: sys_updated_at is "3/17/2016 11:00", want day/month/year hour:minute`,
		`events.csv:6: left out: opened_at is "?", want day/month/year hour:minute; sys_updated_at is in the year 1016; ` +
			`reopen_count is "-1"; no number; unknown incident_state "Dreaming"; made_sla is "perhaps", want true or false; ` +
			`unknown contact_type "Pigeon"; unknown priority "9"`,
		"",
	}, strings.Split(logged, "\n"))
}

// The check bites: a column that says something else is found.
func TestDisagreement(t *testing.T) {
	lines := sampleLines()
	lines[5] = strings.Replace(lines[5], "Closed,false,0,0", "Closed,false,0,1", 1)
	printed, _, err := run(t, "-log", write(t, lines[:6]...))
	require.ErrorContains(t, err, "what the desk says is not what the log says")
	says(t, printed, "reopenings 0 1", "agrees with the log: no")
}

func TestFilesThatAreNone(t *testing.T) {
	_, _, err := run(t, "-log", filepath.Join(t.TempDir(), "missing.csv"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = run(t, "-log", write(t, "id,text", "1,hello"))
	require.ErrorContains(t, err, `events.csv: line 1: the columns are ["id" "text"], want ["number"`)
	_, _, err = run(t, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
	printed, _, err := run(t, "-log", write(t, sampleLines()[0]))
	require.NoError(t, err)
	says(t, printed, "0 events of 0 incidents in events.csv, 0 bad rows left out")
}

func TestProgressIsForThoseWhoWatch(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, servicenow.Run(t.Context(), nil, &out, &log, true))
	assert.Regexp(t, `\r\d+ of \d+\n$`, log.String())
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, log bytes.Buffer
	require.ErrorIs(t, servicenow.Run(ctx, nil, &out, &log, false), context.Canceled)
	assert.Empty(t, out.String())
}

// Whatever a log says, what is left of it goes through the desk.
func FuzzFile(f *testing.F) {
	f.Add(servicenow.Sample())
	lines := sampleLines()
	f.Add([]byte(strings.Join([]string{lines[0], lines[4], lines[4], lines[17]}, "\n")))
	f.Add([]byte(strings.Join(append([]string{lines[0]}, append(lines[30:], lines[1:30]...)...), "\n")))
	f.Add([]byte(strings.ReplaceAll(strings.Join(lines[:40], "\n"), "Active", "Resolved")))
	f.Add([]byte(strings.ReplaceAll(strings.Join(lines, "\n"), "Resolved", "Closed")))
	f.Add([]byte(strings.ReplaceAll(strings.Join(lines, "\n"), "2016", "2099")))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, agrees, err := servicenow.Replayed(t.Context(), file)
		if err != nil && !strings.HasPrefix(err.Error(), "line 1: ") {
			t.Error(err)
		}
		if err == nil && !agrees {
			t.Error("the desk does not say what the log says")
		}
	})
}

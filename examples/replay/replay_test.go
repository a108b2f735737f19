package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/recovery"

	"github.com/amends-go/amends/examples/internal/realfile"
	replay "github.com/amends-go/amends/examples/replay"
)

// run runs the program, and returns what it printed and logged.
func run(t *testing.T, args ...string) (printed, logged string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = replay.Run(t.Context(), args, &out, &log, false)
	return out.String(), log.String(), err
}

// write makes a file of lines.
func write(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "complaints.csv")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return name
}

func sampleLines() []string { return strings.Split(strings.TrimSpace(string(replay.Sample())), "\n") }

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
	says(t, printed, "25 complaints of the sample, 0 bad rows left out",
		"cases 25 25", "closed with monetary relief 4 4", "closed with non-monetary relief 3 3",
		"closed with explanation 12 12", "closed 2 2", "in progress 2 2", "untimely response 2 2",
		"not timely 5 5", "disputed 6 6", "sent before they were received 1 1", "rows that repeat an earlier one 1 1",
		"agrees with the file: yes", "rounds 31", "remedies explanation 12, monetary_relief 4, correction 3",
		"standing closed 13, received 8, acknowledged 2, presented 2",
		"clocks 5 over the 15 days, 2 of them never answered;")
	assert.Regexp(t, `\d+ cases per second`, printed)
}

// The bureau's own figures for the whole file stand in the README beside it.
func TestWholeFile(t *testing.T) {
	file := realfile.Path(t, "cfpb_3186_2013.csv")
	printed, logged, err := run(t, "-cfpb", file)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "3186 complaints of cfpb_3186_2013.csv, 0 bad rows left out",
		"cases 3186 3186", "closed with monetary relief 216 216", "closed with non-monetary relief 384 384",
		"closed with explanation 2489 2489", "closed 68 68", "in progress 3 3", "untimely response 26 26",
		"not timely 93 93", "disputed 595 595", "sent before they were received 6 6", "rows that repeat an earlier one 11 11",
		"agrees with the file: yes", "rounds 3781", "clocks 93 over the 15 days, 26 of them never answered; 26 over the 60 days")
}

func TestBadRowsAreToldAndLeftOut(t *testing.T) {
	lines := sampleLines()
	good := lines[1]
	file := write(t,
		lines[0],
		good,
		"3/1/2016,Mortgage",
		strings.Replace(good, "3/1/2016", "13/1/2016", 1),
		strings.Replace(good, "Closed with explanation", "Closed with a smile", 1),
		strings.Replace(good, "Harbor & Pine Bank", `Harbor "Pine" Bank`, 1),
		"3/1/2016,Yacht,,,,,OR,972XX,,Pigeon,2016-03-01,Untimely response,Yes,Yes",
		strings.Replace(good, "Harbor & Pine Bank", strings.Repeat("x", 201), 1),
		strings.Replace(good, ",Yes,No", ",Perhaps,Maybe", 1),
		lines[2],
	)
	printed, logged, err := run(t, "-cfpb", file)
	require.NoError(t, err)
	says(t, printed, "2 complaints of complaints.csv, 7 bad rows left out", "cases 2 2", "agrees with the file: yes")
	assert.Equal(t, []string{
		"complaints.csv:3: left out: 2 columns, want 14",
		`complaints.csv:4: left out: unknown date received "13/1/2016", want month/day/year`,
		`complaints.csv:5: left out: unknown response "Closed with a smile"`,
		`complaints.csv:6: left out: bare " in non-quoted-field`,
		`complaints.csv:7: left out: unknown date sent to company "2016-03-01", want month/day/year; unknown product "Yacht"; ` +
			`unknown way of submission "Pigeon"; no company; no issue; an untimely response is said to be timely; ` +
			`whether a response was disputed is said (Yes), but there is none`,
		"complaints.csv:8: left out: Company has 201 bytes, want 200 at most",
		`complaints.csv:9: left out: timely is "Perhaps", want Yes or No; disputed is "Maybe", want Yes, No or nothing`,
		"",
	}, strings.Split(logged, "\n"))
}

func TestFilesThatAreNone(t *testing.T) {
	_, _, err := run(t, "-cfpb", filepath.Join(t.TempDir(), "missing.csv"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = run(t, "-cfpb", write(t, "id,text", "1,hello"))
	require.ErrorContains(t, err, `complaints.csv: line 1: the columns are ["id" "text"], want ["Date received"`)
	_, _, err = run(t, "-cfpb", write(t))
	require.ErrorContains(t, err, "complaints.csv: line 1: EOF")
	_, _, err = run(t, "-db", filepath.Join(t.TempDir(), "missing", "c.db"))
	require.ErrorContains(t, err, "c.db")
	_, _, err = run(t, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
}

// Excel puts a byte order mark before the first column and ends lines as Windows does.
func TestFileFromASpreadsheet(t *testing.T) {
	file := write(t, "\uFEFF"+strings.ReplaceAll(strings.TrimSpace(string(replay.Sample())), "\n", "\r\n"))
	printed, logged, err := run(t, "-cfpb", file)
	require.NoError(t, err)
	assert.Empty(t, logged)
	says(t, printed, "cases 25 25", "agrees with the file: yes")
}

func TestRunningAgainChangesNothing(t *testing.T) {
	db := filepath.Join(t.TempDir(), "c.db")
	lines := sampleLines()
	_, _, err := run(t, "-cfpb", write(t, lines[:10]...), "-db", db) // as if it had been interrupted
	require.NoError(t, err)

	first, _, err := run(t, "-db", db)
	require.NoError(t, err)
	says(t, first, "cases 25 25", "agrees with the file: yes", "events 254")
	before, err := os.ReadFile(db)
	require.NoError(t, err)

	again, _, err := run(t, "-db", db)
	require.NoError(t, err)
	after, err := os.ReadFile(db)
	require.NoError(t, err)
	says(t, again, "written 0 records in this run")
	assert.Equal(t, sha256.Sum256(before), sha256.Sum256(after), "the file changed")
	assert.Equal(t, upTo(first, "written"), upTo(again, "written"))

	other, _, err := run(t, "-cfpb", write(t, lines[0], strings.Replace(lines[1], "972XX", "97201", 1)), "-db", db)
	require.NoError(t, err)
	says(t, other, "cases 1 1", "agrees with the file: yes", "others 25 cases in the store that are not of this file")
}

func upTo(s, word string) string {
	before, _, _ := strings.Cut(s, word)
	return before
}

// desk opens the cases that a run has kept.
func desk(t *testing.T, file string) *recovery.Desk {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	store, err := sqlite.New(t.Context(), db, nil)
	require.NoError(t, err)
	d, err := recovery.New(store, nil)
	require.NoError(t, err)
	return d
}

// The check bites: what the file does not say is found.
func TestDisagreement(t *testing.T) {
	db := filepath.Join(t.TempDir(), "c.db")
	_, _, err := run(t, "-db", db)
	require.NoError(t, err)
	d := desk(t, db)
	cases, err := d.Cases(t.Context(), recovery.Query{Limit: 2})
	require.NoError(t, err)
	_, err = d.Do(t.Context(), cases.Cases[0].ID, recovery.Actor{ID: "ana"}, recovery.Link{As: recovery.Related, To: cases.Cases[1].ID})
	require.NoError(t, err)

	printed, _, err := run(t, "-db", db)
	require.ErrorContains(t, err, "what the desk says is not what the file says")
	says(t, printed, "rows that repeat an earlier one 2 1", "agrees with the file: no")
}

func TestWhatBecomesOfEachResponse(t *testing.T) {
	db := filepath.Join(t.TempDir(), "c.db")
	_, _, err := run(t, "-db", db)
	require.NoError(t, err)
	d := desk(t, db)
	byLine := map[string]recovery.Case{}
	page, err := d.Cases(t.Context(), recovery.Query{})
	require.NoError(t, err)
	for _, c := range page.Cases {
		line, _, _ := strings.Cut(c.Reference, "-")
		byLine[line] = c
	}
	for _, test := range []struct {
		line, what string
		step       recovery.Step
		round      int
		history    string
	}{
		// closing takes an offer back that nobody has answered
		{"3", "monetary relief", recovery.StepClosed, 1, "03-02 17:00 received, 03-17 09:00 acknowledged, 03-17 09:00 clarified, " +
			"03-17 09:00 approved, 03-17 09:00 presented, 05-16 09:00 clarified, 05-16 09:00 closed"},
		{"5", "explanation, disputed", recovery.StepReceived, 2, "03-04 17:00 received, 03-19 09:00 acknowledged, 03-19 09:00 clarified, " +
			"03-19 09:00 approved, 03-19 09:00 presented, 03-20 09:00 received"},
		{"7", "none at all", recovery.StepReceived, 1, "03-03 17:00 received"},
		{"8", "too late", recovery.StepClosed, 1, "03-09 17:00 received, 03-25 09:00 acknowledged, 03-25 09:00 clarified, " +
			"03-25 09:00 approved, 03-25 09:00 presented, 05-24 09:00 clarified, 05-24 09:00 closed"},
		{"18", "closed, disputed", recovery.StepReceived, 2, "03-21 17:00 received, 04-06 09:00 acknowledged, 04-06 09:00 clarified, " +
			"04-06 09:00 closed, 04-07 09:00 received"},
		{"23", "not disputed yet", recovery.StepPresented, 1, "04-20 17:00 received, 05-05 09:00 acknowledged, 05-05 09:00 clarified, " +
			"05-05 09:00 approved, 05-05 09:00 presented"},
		{"24", "in progress", recovery.StepAcknowledged, 1, "04-25 17:00 received, 05-10 09:00 acknowledged"},
	} {
		c := byLine[test.line]
		assert.Equal(t, test.step, c.Step, test.what)
		assert.Equal(t, test.round, c.Round, test.what)
		assert.Equal(t, test.history, steps(t, d, c), test.what)
	}
	response, ok := byLine["7"].Clock("cfpb-response")
	require.True(t, ok)
	assert.Equal(t, "2016-03-18 17:00", response.BreachedAt.Format("2006-01-02 15:04"))
	response, _ = byLine["8"].Clock("cfpb-response")
	assert.True(t, response.Late())
	response, _ = byLine["24"].Clock("cfpb-response")
	assert.False(t, response.Running(), "the holding response stops it")
	final, _ := byLine["24"].Clock("cfpb-final")
	assert.True(t, final.Running(), "and not the final one's")
}

// steps are the steps that a case has reached, and when.
func steps(t *testing.T, d *recovery.Desk, c recovery.Case) string {
	t.Helper()
	var all []string
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		if _, step, moved := strings.Cut(e.String(), "→ "); moved {
			all = append(all, e.Time.Format("01-02 15:04")+" "+step)
		}
	}
	return strings.Join(all, ", ")
}

func TestProgressIsForThoseWhoWatch(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, replay.Run(t.Context(), nil, &out, &log, true))
	assert.Regexp(t, `\r\d+ of \d+\n$`, log.String())
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, log bytes.Buffer
	require.ErrorIs(t, replay.Run(ctx, nil, &out, &log, false), context.Canceled)
	assert.Empty(t, out.String())
}

// Whatever a file says, what is left of it goes through the desk.
func FuzzFile(f *testing.F) {
	f.Add(replay.Sample())
	lines := sampleLines()
	f.Add([]byte(strings.Join([]string{lines[0], lines[4], lines[4], lines[17]}, "\n")))
	f.Add([]byte(lines[0] + "\n\"" + lines[1]))
	f.Add([]byte(lines[0] + "\n" + strings.Replace(lines[1], "3/1/2016", "1/1/0001", 2)))
	f.Add([]byte(lines[0] + "\n" + strings.Replace(lines[1], "3/1/2016", "12/31/9999", 2)))
	f.Fuzz(func(t *testing.T, file []byte) {
		agrees, err := replay.Replayed(t.Context(), file)
		if err != nil && !strings.HasPrefix(err.Error(), "line 1: ") {
			t.Error(err)
		}
		if err == nil && !agrees {
			t.Error("the desk does not say what the file says")
		}
	})
}

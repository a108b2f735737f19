package recovery_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// TestEntriesReadWell: each event is one line, with its time, who did it, what it
// is and the step that it led to, full or empty.
func TestEntriesReadWell(t *testing.T) {
	for _, full := range sampleEvents() {
		for _, e := range []recovery.Event{full, zeroOf(t, full)} {
			r, err := recovery.Encode(e)
			require.NoError(t, err)
			kind, _, _ := strings.Cut(r.Type, "/")
			line := recovery.Entry{Time: sampleTime(5), Actor: sampleActor(), Event: e}.String()
			assert.True(t, strings.HasPrefix(line, "2026-11-16 09:05  ben          "+kind), line)
			assert.NotContains(t, line, "%!", "a format that does not fit")
			assert.NotContains(t, line, "\n")
			if step := stepOf(t, e); step != "" {
				assert.True(t, strings.HasSuffix(line, "  → "+string(step)), line)
			}
		}
	}
	said := recovery.Entry{Time: sampleTime(5), Actor: sampleActor(), Event: recovery.Noted{Note: recovery.Note{Text: "two\nlines,\r\ta\x1b[31m color"}}}.String()
	assert.True(t, strings.HasSuffix(said, "case.noted           two lines, a [31m color"), "%q", said)
}

// TestErrorsReadWell: a sentence that says what, where, and what would be right.
func TestErrorsReadWell(t *testing.T) {
	d := recoverytest.New(t, nil)
	d.Complaint.ID = uuid.MustParse("0192a5d0-0000-7000-8000-000000000001")
	c := d.At(recovery.StepClarified)
	fails := func(want string, cmds ...recovery.Command) {
		t.Helper()
		_, err := d.Do(t.Context(), c.ID, d.Agent, cmds...)
		require.EqualError(t, err, want)
	}
	const where = ` on case 0192a5d0-0000-7000-8000-000000000001`
	fails(`recovery: present`+where+`: step "clarified": not possible in this step (possible: strategize, clarify, propose, promise, fulfil, release, `+
		`respond, close, refer, contact, wait, resume, assign, escalate, reclassify, learn, flag_abuse, link, note)`, recovery.Present{})
	fails(`recovery: propose`+where+`: step "clarified": denied by policy: denied (no rule allows it)`, recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Gift}}})
	fails(`recovery: note`+where+`: step "clarified": text: must not be empty`, recovery.Note{})
	fails(`recovery: do` + where + `: commands: none was given`)
	fails(`recovery: do`+where+`: commands[1]: <nil> is none of the library's commands; pass one of them, by value`, recovery.Note{Text: "x"}, nil)

	_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Gift}}})
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.Equal(t, policy.Denied, denied.Decision.Verdict)
}

// TestMoreCasesThanADeskHolds: what a desk has let go of it reads again.
func TestMoreCasesThanADeskHolds(t *testing.T) {
	d := recoverytest.New(t, nil)
	var ids []uuid.UUID
	for range 1200 {
		ids = append(ids, d.At(recovery.StepReceived).ID)
	}
	for _, id := range ids {
		c, err := d.Do(t.Context(), id, d.Agent, recovery.Acknowledge{})
		require.NoError(t, err)
		require.Equal(t, recovery.StepAcknowledged, c.Step)
	}
}

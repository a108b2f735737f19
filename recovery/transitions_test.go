package recovery_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// steps are all there are, in the order of the process.
func steps() []recovery.Step {
	return []recovery.Step{
		recovery.StepReceived, recovery.StepStrategized, recovery.StepAcknowledged, recovery.StepClarified, recovery.StepApproval, recovery.StepApproved,
		recovery.StepPresented, recovery.StepFulfilling, recovery.StepDelivered, recovery.StepResolved, recovery.StepReferred, recovery.StepClosed,
	}
}

// design is the transition table as the design has it.
func design() map[string]struct{ from, to string } {
	const understanding = "acknowledged clarified approval approved presented"
	const open = "received strategized acknowledged clarified approval approved presented fulfilling delivered resolved"
	return map[string]struct{ from, to string }{
		"strategize":   {"received", "strategized"},
		"acknowledge":  {"received strategized", "acknowledged"},
		"unclear":      {understanding, "acknowledged"},
		"clarify":      {understanding, "clarified"},
		"ask_approval": {"clarified approved presented", "approval"},
		"clear":        {"clarified approval approved presented", "approved"},
		"withhold":     {"approval approved presented", "clarified"},
		"present":      {"approved", "presented"},
		"accept":       {"presented", "fulfilling"},
		"accept_done":  {"presented", "delivered"},
		"deliver":      {"fulfilling", "delivered"},
		"satisfy":      {"delivered", "resolved"},
		"new_round":    {"presented fulfilling delivered resolved closed referred", "received"},
		"refer":        {open + " closed", "referred"},
		"award":        {"referred", "fulfilling"},
		"close":        {open + " referred", "closed"},
	}
}

func TestTheTableIsTheDesigns(t *testing.T) {
	var want [][3]string
	for event, row := range design() {
		for from := range strings.FieldsSeq(row.from) {
			want = append(want, [3]string{event, from, row.to})
		}
	}
	assert.ElementsMatch(t, want, recovery.Table())
}

// commandFor is a command by which a case moves along a row of the table.
func (h *house) commandFor(event string, from recovery.Step) (recovery.Actor, recovery.Command) {
	switch event {
	case "strategize":
		return h.ana, recovery.Strategize{Goal: "keep the customer"}
	case "acknowledge":
		return h.ana, recovery.Acknowledge{}
	case "unclear":
		return h.ana, recovery.Clarify{Questions: []recovery.Question{{Asked: "since when?"}}}
	case "clarify":
		return h.ana, recovery.Clarify{Restated: "it does not turn on", Basis: recovery.Confirmed}
	case "ask_approval":
		return h.ana, offer(money(policy.Refund, 400))
	case "clear":
		if from == recovery.StepApproval {
			return h.cem, recovery.Approve{}
		}
		return h.ana, offer(policy.Remedy{Kind: policy.Repair})
	case "withhold":
		return h.ana, recovery.Retract{Reason: "a mistake"}
	case "present":
		return h.ana, recovery.Present{}
	case "accept", "accept_done":
		return h.customer, recovery.Accept{}
	case "deliver":
		return h.ana, recovery.Fulfil{}
	case "satisfy":
		return h.customer, recovery.CheckBack{Satisfied: true}
	case "new_round":
		switch from {
		case recovery.StepPresented:
			return h.customer, recovery.Decline{}
		case recovery.StepReferred:
			return h.ana, recovery.Decide{Ruling: recovery.SentBack}
		case recovery.StepResolved, recovery.StepClosed:
			return h.customer, recovery.Reopen{}
		default:
			return h.customer, recovery.CheckBack{}
		}
	case "refer":
		return h.ana, recovery.Refer{To: "ombudsman"}
	case "award":
		return h.ana, recovery.Decide{
			Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Refund, 900)}, Promises: []recovery.Promise{{What: "pay", Within: "72h"}},
		}
	case "close":
		return h.ana, recovery.Close{As: recovery.Deadlock, Reason: "no agreement"}
	}
	h.t.Fatalf("no command for %s", event)
	return recovery.Actor{}, nil
}

func TestEveryRowIsReachedByCommands(t *testing.T) {
	for _, row := range recovery.Table() {
		event, from, to := row[0], recovery.Step(row[1]), recovery.Step(row[2])
		t.Run(event+" from "+row[1], func(t *testing.T) {
			h := newHouse(t)
			if event == "accept_done" {
				h.Offer.Promises = nil
			}
			c := h.At(from)
			by, cmd := h.commandFor(event, from)
			after := h.do(by, c, cmd)
			assert.Equal(t, to, after.Step)
			assert.Greater(t, after.Sequence, c.Sequence)

			next, err := recovery.Next(from, event)
			require.NoError(t, err)
			assert.Equal(t, to, next, "the state machine itself")
		})
	}
}

func TestTimeAloneWithholdsAnOfferAndStartsARound(t *testing.T) {
	for _, x := range []struct {
		name     string
		from, to recovery.Step
		wait     time.Duration
	}{
		{"nobody approves", recovery.StepApproval, recovery.StepClarified, 2 * day},
		{"nobody answers", recovery.StepPresented, recovery.StepClarified, 14 * day},
		{"a promise is broken", recovery.StepFulfilling, recovery.StepReceived, 3 * day},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			c := h.At(x.from)
			assert.Equal(t, x.from, h.after(x.wait-time.Second, c).Step)
			assert.Equal(t, x.to, h.after(time.Second, c).Step)
		})
	}
}

func TestWhatAStepDoesNotHaveTheMachineRefuses(t *testing.T) {
	for event, row := range design() {
		for _, from := range steps() {
			if !slices.Contains(strings.Fields(row.from), string(from)) {
				_, err := recovery.Next(from, event)
				require.ErrorIs(t, err, recovery.ErrStep, "%s from %s", event, from)
			}
		}
	}
	_, err := recovery.Next(recovery.StepReceived, "dance")
	require.ErrorIs(t, err, recovery.ErrStep)
	to, err := recovery.Next(recovery.StepReceived, "acknowledge")
	require.NoError(t, err, "a machine that refused is as good as new")
	assert.Equal(t, recovery.StepAcknowledged, to)
}

// every is one of each command, in the order of the process, and the steps from
// which its documentation says that it is possible.
func every(now time.Time) []struct {
	name  string
	cmd   recovery.Command
	steps string
} {
	const all = "received strategized acknowledged clarified approval approved presented fulfilling delivered resolved referred closed"
	open := strings.TrimSuffix(all, " closed")
	return []struct {
		name  string
		cmd   recovery.Command
		steps string
	}{
		{"strategize", recovery.Strategize{Goal: "solve it"}, open},
		{"acknowledge", recovery.Acknowledge{}, "received strategized"},
		{"clarify", recovery.Clarify{Restated: "it is broken", Basis: recovery.Written}, "acknowledged clarified approval approved presented"},
		{"propose", offer(policy.Remedy{Kind: policy.Apology}), "clarified approval approved presented"},
		{"approve", recovery.Approve{}, "approval"},
		{"refuse", recovery.Refuse{Reason: "too much"}, "approval"},
		{"present", recovery.Present{}, "approved"},
		{"retract", recovery.Retract{Reason: "a mistake"}, "approval approved presented"},
		{"accept", recovery.Accept{}, "presented"},
		{"decline", recovery.Decline{}, "presented"},
		{"promise", recovery.Promise{What: "call back", Within: "4h"}, open},
		{"fulfil", recovery.Fulfil{}, all},
		{"release", recovery.Release{}, all},
		{"check_back", recovery.CheckBack{}, "presented fulfilling delivered resolved"},
		{"respond", recovery.Respond{Kind: recovery.Progress}, all},
		{"close", recovery.Close{As: recovery.Forwarded, Reason: "to the maker"}, open},
		{"reopen", recovery.Reopen{}, "resolved closed"},
		{"refer", recovery.Refer{To: "ombudsman"}, strings.Replace(all, "referred ", "", 1)},
		{"decide", recovery.Decide{Ruling: recovery.Dismissed}, "referred"},
		{"contact", recovery.Contact{}, all},
		{"wait", recovery.Wait{}, open},
		{"resume", recovery.Resume{}, open},
		{"assign", recovery.Assign{To: "kim"}, open},
		{"escalate", recovery.Escalate{}, open},
		{"reclassify", recovery.Reclassify{Severity: recovery.High}, open},
		{"learn", recovery.Learn{Language: "tr"}, open},
		{"flag_abuse", recovery.FlagAbuse{Level: 1, Review: now.Add(30 * day)}, open},
		{"link", recovery.Link{As: recovery.KnownIssue, Reference: "K-1"}, all},
		{"note", recovery.Note{Text: "a remark"}, all},
	}
}

func TestEveryCommandInEveryStep(t *testing.T) {
	for _, step := range steps() {
		t.Run(string(step), func(t *testing.T) {
			h := newHouse(t)
			var legal []string
			for _, x := range every(h.Now()) {
				c := h.At(step)
				if !slices.Contains(strings.Fields(x.steps), string(step)) {
					ce := h.refusal(recovery.ErrStep, h.cem, c, x.cmd)
					assert.Equal(t, x.name, ce.Op)
					assert.Equal(t, c.ID, ce.Case)
					assert.Equal(t, step, ce.Step)
					assert.Equal(t, c.Legal(), ce.Legal)
					continue
				}
				legal = append(legal, x.name)
				_, err := h.Do(t.Context(), c.ID, h.cem, x.cmd)
				if ce, ok := errors.AsType[*recovery.CaseError](err); ok {
					assert.Contains(t, []string{"fulfil", "release", "resume"}, x.name, "these alone need more than the step: %v", err)
					assert.ErrorIs(t, err, recovery.ErrStep)
					assert.Empty(t, ce.Legal, "the step is not what it lacks")
				}
			}
			assert.Equal(t, legal, h.At(step).Legal())
		})
	}
	assert.Nil(t, recovery.Case{}.Legal(), "a case that is none")
}

func TestTheErrorSaysWhereAndWhatWouldBePossible(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepApproval)
	_, err := h.Do(t.Context(), c.ID, h.ana, recovery.Accept{})
	assert.EqualError(t, err, "recovery: accept on case "+c.ID.String()+
		`: step "approval": not possible in this step (possible: `+strings.Join(c.Legal(), ", ")+")")
}

func TestTheErrorListsWhatTheActorMayGive(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepPresented)
	assert.Equal(t, []string{"accept", "decline", "release", "check_back", "close", "contact", "escalate"},
		h.refusal(recovery.ErrStep, h.customer, c, recovery.Reopen{}).Legal)
	assert.Equal(t, []string{"fulfil", "contact", "wait", "resume", "assign", "reclassify", "learn", "link", "note"},
		h.refusal(recovery.ErrStep, h.bot, c, recovery.Acknowledge{}).Legal)
	assert.Equal(t, c.Legal(), h.refusal(recovery.ErrStep, h.ana, c, recovery.Reopen{}).Legal)
	other := recovery.Actor{ID: "43", Kind: recovery.Customer}
	assert.Empty(t, h.refusal(recovery.ErrStep, other, c, recovery.Reopen{}).Legal, "the case is not theirs")
}

func TestATableThatMakesNoSenseIsFound(t *testing.T) {
	sound := [][3]string{{"acknowledge", "received", "acknowledged"}, {"clarify", "acknowledged", "clarified"}}
	require.NoError(t, recovery.CheckRows(sound...))
	for _, x := range []struct {
		name, says string
		row        [3]string
	}{
		{"one event with two destinations", "acknowledge from received stands twice", [3]string{"acknowledge", "received", "clarified"}},
		{"a row that stands twice", "clarify from acknowledged stands twice", [3]string{"clarify", "acknowledged", "clarified"}},
		{"a step that nothing leads to", "step presented cannot be reached", [3]string{"accept", "presented", "delivered"}},
		{"a name that means any event", `"event" is reserved`, [3]string{"event", "received", "clarified"}},
		{"a name that means any state", `"state" is reserved`, [3]string{"state", "received", "clarified"}},
		{"no name", `"" is reserved`, [3]string{"", "received", "clarified"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			assert.ErrorContains(t, recovery.CheckRows(append(sound, x.row)...), x.says)
		})
	}
}

// TestDiagram compares with the files in testdata; UPDATE_GOLDEN=1 writes them anew.
func TestDiagram(t *testing.T) {
	for format, file := range map[recovery.Format]string{recovery.Mermaid: "diagram.mmd", recovery.Graphviz: "diagram.dot"} {
		t.Run(string(format), func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, recovery.Diagram(&got, format))
			path := filepath.Join("testdata", file)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(path, got.Bytes(), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
			for _, row := range recovery.Table() {
				assert.Contains(t, got.String(), row[0])
			}
		})
	}
	var b bytes.Buffer
	err := recovery.Diagram(&b, "crayon")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	assert.ErrorContains(t, err, `"crayon"`)
	assert.Empty(t, b.String())
	assert.ErrorContains(t, recovery.Diagram(brokenWriter{}, recovery.Mermaid), "the pipe broke")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the pipe broke") }

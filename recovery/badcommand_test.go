package recovery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// badCommand is a command that is wrong by itself, in a step where it is possible.
type badCommand struct {
	step   recovery.Step
	cmd    recovery.Command
	fields []string
}

func badCommands() map[string]badCommand {
	now := recoverytest.Start()
	future, past := now.Add(time.Minute), now.Add(-time.Minute)
	longID := strings.Repeat("x", 201)
	propose := func(r policy.Remedy) recovery.Propose { return recovery.Propose{Remedies: []policy.Remedy{r}} }
	promising := func(p ...recovery.Promise) recovery.Propose {
		return recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: p}
	}
	return map[string]badCommand{
		"strategize: nothing":  {recovery.StepReceived, recovery.Strategize{Goal: " ", Playbook: "unheard-of"}, []string{"playbook", "goal"}},
		"strategize: too long": {recovery.StepReceived, recovery.Strategize{Goal: longText}, []string{"goal"}},
		"acknowledge: all": {
			recovery.StepReceived,
			recovery.Acknowledge{At: future, Channel: "pigeon", Text: longText},
			[]string{"at", "channel", "text"},
		},
		"acknowledge: before received": {recovery.StepReceived, recovery.Acknowledge{At: past}, []string{"at"}},
		"acknowledge: not UTF-8":       {recovery.StepReceived, recovery.Acknowledge{Text: notUTF8}, []string{"text"}},
		"clarify: nothing restated":    {recovery.StepAcknowledged, recovery.Clarify{Basis: recovery.Confirmed}, []string{"restated"}},
		"clarify: unknown basis":       {recovery.StepAcknowledged, recovery.Clarify{Restated: "x", Basis: "guessed"}, []string{"basis"}},
		"clarify: assumed for nothing": {recovery.StepAcknowledged, recovery.Clarify{Basis: recovery.Assumed}, []string{"restated", "reason", "basis"}},
		"clarify: texts": {
			recovery.StepAcknowledged,
			recovery.Clarify{
				At: future, Channel: "x", Questions: []recovery.Question{{}, {Asked: longText, Answer: notUTF8}}, Restated: longText, Wanted: longText,
				Reason: longText,
			},
			[]string{"at", "channel", "questions[1].asked", "questions[1].answer", "wanted", "reason", "restated"},
		},
		"clarify: many questions": {recovery.StepAcknowledged, recovery.Clarify{Questions: make([]recovery.Question, 3)}, []string{"questions"}},
		"promise: nothing":        {recovery.StepReceived, recovery.Promise{}, []string{"promise.what", "promise"}},
		"promise: past": {
			recovery.StepReceived,
			recovery.Promise{What: "x", Due: past, Owner: longID},
			[]string{"promise.owner", "promise.due"},
		},
		"promise: now":                  {recovery.StepReceived, recovery.Promise{What: "x", Due: now}, []string{"promise.due"}},
		"promise: due and within":       {recovery.StepReceived, recovery.Promise{What: "x", Due: future, Within: "2h"}, []string{"promise"}},
		"promise: no such time":         {recovery.StepReceived, recovery.Promise{What: "x", Within: "soon"}, []string{"promise.within"}},
		"promise: within minus":         {recovery.StepReceived, recovery.Promise{What: "x", Within: "-2h"}, []string{"promise.within"}},
		"promise: item":                 {recovery.StepReceived, recovery.Promise{What: "x", Within: "2h", Item: 1}, []string{"promise.item"}},
		"promise: out of time":          {recovery.StepReceived, recovery.Promise{What: "x", Within: "9999999 days"}, []string{"promise.within"}},
		"propose: nothing":              {recovery.StepClarified, recovery.Propose{}, []string{"remedies"}},
		"propose: unknown remedy":       {recovery.StepClarified, propose(policy.Remedy{Kind: "refnud", Amount: euros(1)}), []string{"remedies[0]"}},
		"propose: no amount":            {recovery.StepClarified, propose(policy.Remedy{Kind: policy.Refund}), []string{"remedies[0]"}},
		"propose: zero":                 {recovery.StepClarified, propose(policy.Remedy{Kind: policy.Refund, Amount: euros(0)}), []string{"remedies[0]"}},
		"propose: negative":             {recovery.StepClarified, propose(policy.Remedy{Kind: policy.Refund, Amount: euros(-5)}), []string{"remedies[0]"}},
		"propose: negative cost":        {recovery.StepClarified, propose(policy.Remedy{Kind: policy.Repair, Amount: euros(-5)}), []string{"remedies[0]"}},
		"propose: an amount of apology": {recovery.StepClarified, propose(policy.Remedy{Kind: policy.Apology, Amount: euros(5)}), []string{"remedies[0]"}},
		"propose: no currency": {
			recovery.StepClarified, propose(policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 5}}),
			[]string{"remedies[0]"},
		},
		"propose: other currency": {
			recovery.StepClarified, propose(policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 5, Currency: policy.USD}}),
			[]string{"remedies[0].amount"},
		},
		"propose: a remedy's texts": {
			recovery.StepClarified, propose(policy.Remedy{Kind: policy.Apology, Item: longText, Payee: longID, By: past}),
			[]string{"remedies[0].item", "remedies[0].payee", "remedies[0].by"},
		},
		"propose: many": {
			recovery.StepClarified,
			recovery.Propose{
				Remedies: make([]policy.Remedy, 3), Promises: make([]recovery.Promise, 3), Alternatives: make([]recovery.Option, 3),
			},
			nil,
		},
		"propose: promises": {
			recovery.StepClarified, promising(recovery.Promise{What: "x", Within: "soon"}, recovery.Promise{Due: past, Item: 2}),
			[]string{"promises[0].within", "promises[1].what", "promises[1].due", "promises[1].item"},
		},
		"propose: promise out of time": {
			recovery.StepClarified, promising(recovery.Promise{What: "x", Within: "9999999 days"}),
			[]string{"promises[0].within"},
		},
		"propose: alternatives": {
			recovery.StepClarified,
			recovery.Propose{
				Remedies:     []policy.Remedy{{Kind: policy.Apology}},
				Alternatives: []recovery.Option{{}, {Remedies: []policy.Remedy{{Kind: policy.Refund}}, Promises: []recovery.Promise{{}}}},
			},
			[]string{"alternatives[0].remedies", "alternatives[1].remedies[0]", "alternatives[1].promises[0].what", "alternatives[1].promises[0]"},
		},
		"propose: answer by": {
			recovery.StepClarified,
			recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}}, AnswerBy: now},
			[]string{"answer_by"},
		},
		"approve: note":   {recovery.StepApproval, recovery.Approve{Note: longText}, []string{"note"}},
		"refuse: reason":  {recovery.StepApproval, recovery.Refuse{}, []string{"reason"}},
		"retract: reason": {recovery.StepPresented, recovery.Retract{Reason: "\t"}, []string{"reason"}},
		"present: all": {
			recovery.StepApproved,
			recovery.Present{At: future, Channel: "x", Text: longText},
			[]string{"at", "channel", "text"},
		},
		"accept: option":           {recovery.StepPresented, recovery.Accept{At: future, Option: 1}, []string{"at", "option"}},
		"accept: minus":            {recovery.StepPresented, recovery.Accept{Option: -1}, []string{"option"}},
		"accept: items":            {recovery.StepPresented, recovery.Accept{Items: []int{0, 1, 1, 2}}, []string{"items", "items", "items"}},
		"decline: all":             {recovery.StepPresented, recovery.Decline{At: future, Reason: longText}, []string{"at", "reason"}},
		"fulfil: all":              {recovery.StepFulfilling, recovery.Fulfil{At: future, Note: notUTF8}, []string{"at", "note"}},
		"fulfil: unknown promise":  {recovery.StepFulfilling, recovery.Fulfil{Promise: 7}, []string{"promise"}},
		"release: unknown promise": {recovery.StepFulfilling, recovery.Release{Promise: -1, Reason: "x"}, []string{"promise"}},
		"release: reason":          {recovery.StepFulfilling, recovery.Release{Reason: longText}, []string{"reason"}},
		"check back: all": {
			recovery.StepDelivered,
			recovery.CheckBack{At: future, Channel: "x", Score: 11, Comment: longText},
			[]string{"at", "channel", "score", "comment"},
		},
		"check back: answers": {
			recovery.StepDelivered,
			recovery.CheckBack{Exceeded: "Yes", Heard: "true", CaredFor: "?", Valued: "maybe", WouldReturn: "n", WouldRecommend: "yes "},
			[]string{"exceeded", "heard", "cared_for", "valued", "would_return", "would_recommend"},
		},
		"check back: negative score": {recovery.StepDelivered, recovery.CheckBack{Score: -1}, []string{"score"}},
		"respond: all": {
			recovery.StepReceived,
			recovery.Respond{Kind: "shrug", At: future, Channel: "x", Text: longText},
			[]string{"at", "channel", "text", "kind"},
		},
		"respond: holding for nothing": {recovery.StepReceived, recovery.Respond{Kind: recovery.Holding}, []string{"reason"}},
		"close: unknown":               {recovery.StepReceived, recovery.Close{As: "done"}, []string{"as"}},
		"close: deadlock for nothing":  {recovery.StepReceived, recovery.Close{As: recovery.Deadlock}, []string{"reason"}},
		"close: findings": {
			recovery.StepReceived,
			recovery.Close{
				As: recovery.Withdrawn, Reason: longText, Findings: []recovery.Finding{{Result: "x", Reason: longText, Cause: longID}, {Concern: 5}},
			},
			[]string{"reason", "findings[0].result", "findings[0].reason", "findings[0].cause", "findings[1].concern"},
		},
		"close: findings twice": {
			recovery.StepReceived,
			recovery.Close{As: recovery.Withdrawn, Reason: "x", Findings: []recovery.Finding{{}, {}, {Concern: -1}}},
			[]string{"findings", "findings[1].concern", "findings[2].concern"},
		},
		"reopen: reason": {recovery.StepClosed, recovery.Reopen{Reason: longText}, []string{"reason"}},
		"refer: to nobody": {
			recovery.StepReceived,
			recovery.Refer{Reference: longID, Reason: longText},
			[]string{"to", "reference", "reason"},
		},
		"decide: unknown": {
			recovery.StepReferred,
			recovery.Decide{Ruling: "maybe", At: future, Reason: longText},
			[]string{"at", "reason", "ruling"},
		},
		"decide: an award of nothing": {
			recovery.StepReferred,
			recovery.Decide{Ruling: recovery.Award, Promises: []recovery.Promise{{}}},
			[]string{"remedies", "promises[0].what", "promises[0]"},
		},
		"decide: other currency": {
			recovery.StepReferred,
			recovery.Decide{
				Ruling: recovery.Award, Remedies: []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: 5, Currency: policy.USD}}},
			},
			[]string{"remedies[0].amount"},
		},
		"decide: many promises": {
			recovery.StepReferred,
			recovery.Decide{
				Ruling: recovery.Award, Remedies: []policy.Remedy{{Kind: policy.Apology}},
				Promises: []recovery.Promise{{What: "x", Within: "2h"}, {What: "x", Within: "2h"}, {What: "x", Within: "2h"}},
			},
			[]string{"promises"},
		},
		"decide: promise out of time": {
			recovery.StepReferred,
			recovery.Decide{
				Ruling: recovery.Award, Remedies: []policy.Remedy{{Kind: policy.Apology}},
				Promises: []recovery.Promise{{What: "x", Within: "9999999 days"}},
			},
			[]string{"promises[0].within"},
		},
		"decide: dismissed with more": {
			recovery.StepReferred,
			recovery.Decide{Ruling: recovery.Dismissed, Remedies: []policy.Remedy{{Kind: policy.Apology}}},
			[]string{"remedies"},
		},
		"contact: all": {
			recovery.StepReceived,
			recovery.Contact{At: future, Channel: "x", Text: longText, Reference: longID, NoAnswer: true},
			[]string{"at", "channel", "text", "reference", "no_answer"},
		},
		"contact: needs none":    {recovery.StepReceived, recovery.Contact{Out: true, NeedsNone: true}, []string{"needs_none"}},
		"wait: on whom":          {recovery.StepReceived, recovery.Wait{On: "godot", Reason: longText}, []string{"on", "reason"}},
		"assign: to":             {recovery.StepReceived, recovery.Assign{To: notUTF8}, []string{"to"}},
		"escalate: unknown role": {recovery.StepReceived, recovery.Escalate{To: "emperor", Reason: longText}, []string{"reason", "to"}},
		"reclassify: nothing":    {recovery.StepReceived, recovery.Reclassify{}, []string{"reclassify"}},
		"reclassify: all": {
			recovery.StepReceived,
			recovery.Reclassify{Category: "x", Situation: "y", Severity: "z"},
			[]string{"category", "situation", "severity"},
		},
		"learn: nothing": {recovery.StepReceived, recovery.Learn{}, []string{"learn"}},
		"learn: all": {
			recovery.StepReceived,
			recovery.Learn{
				Customer: "43", Tier: "x", Preferred: "y", Language: notUTF8, Authority: "z", About: []string{""}, Order: policy.Order{Paid: euros(-1)},
				Facts: policy.Facts{"a": longText},
			},
			[]string{"customer", "tier", "preferred", "language", "authority", "order.paid", "facts.a", "about[0]"},
		},
		"learn: fact of no type": {recovery.StepReceived, recovery.Learn{Facts: policy.Facts{"a": []int{1}}}, []string{"facts"}},
		"learn: many": {
			recovery.StepReceived,
			recovery.Learn{Facts: policy.Facts{"a": 1, "b": 2, "c": 3}, About: []string{"a", "b", "c"}},
			[]string{"facts", "about"},
		},
		"learn: year 10000": {
			recovery.StepReceived,
			recovery.Learn{Order: policy.Order{Purchased: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
			[]string{"order.purchased"},
		},
		"flag abuse: minus": {
			recovery.StepReceived,
			recovery.FlagAbuse{Level: -1, Review: past, Note: longText},
			[]string{"note", "review", "level"},
		},
		"flag abuse: no review": {recovery.StepReceived, recovery.FlagAbuse{Level: 1}, []string{"review"}},
		"link: nothing":         {recovery.StepReceived, recovery.Link{As: "x"}, []string{"as", "to"}},
		"link: reference":       {recovery.StepReceived, recovery.Link{As: recovery.Related, Reference: "a\x00"}, []string{"reference"}},
		"note: nothing":         {recovery.StepReceived, recovery.Note{Text: "\n"}, []string{"text"}},
		"note: too long":        {recovery.StepReceived, recovery.Note{Text: longText}, []string{"text"}},
		"note: not UTF-8":       {recovery.StepReceived, recovery.Note{Text: notUTF8}, []string{"text"}},
	}
}

// TestBadCommands: every fault is told, by field, and nothing is recorded, with a
// key and without.
func TestBadCommands(t *testing.T) {
	for name, bad := range badCommands() {
		t.Run(name, func(t *testing.T) {
			d := strictDesk(t)
			d.Complaint.Order.Paid = euros(999)
			c := d.At(bad.step)
			was := recordCount(t, d.Store)
			_, err := d.Do(t.Context(), c.ID, d.Boss, bad.cmd)
			if bad.fields == nil {
				bad.fields = faultyFields(err)
				require.Subset(t, bad.fields, []string{"remedies", "promises", "alternatives"})
			}
			wantFaults(t, err, bad.fields)
			_, err = d.Once("k").Do(t.Context(), c.ID, d.Boss, bad.cmd)
			wantFaults(t, err, bad.fields)
			assert.Equal(t, was, recordCount(t, d.Store))
		})
	}
}

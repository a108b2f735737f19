package recovery_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// What stands beside the step: contacts, waits, who has the case, who was demanded.

func TestContactsAreCounted(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepReceived)
	assert.Equal(t, recovery.Contacts{In: 1, LastIn: h.Now()}, c.Contacts, "the complaint itself")
	h.Advance(time.Hour)
	asked := h.Now()
	c = h.do(h.ana, c, recovery.Contact{Text: "any news?", Channel: recovery.Chat})
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Contact{Text: "hello?"}, recovery.Contact{Out: true, NoAnswer: true}, recovery.Contact{Out: true, NoAnswer: true})
	same(t, asked, c.Contacts.Unanswered, "the oldest that nobody answered")
	assert.Equal(t, 2, c.Contacts.Attempts)

	c = h.do(h.bot, c, recovery.Contact{Out: true, Text: "a newsletter"})
	assert.Equal(t, 0, c.Contacts.Out, "no person spoke")
	same(t, asked, c.Contacts.Unanswered)

	c = h.do(h.ana, c, recovery.Contact{Out: true, Text: "here I am"})
	assert.Equal(t, recovery.Contacts{In: 3, Out: 1, LastIn: h.Now(), LastOut: h.Now(), LastAsked: h.Now()}, c.Contacts)

	c = h.do(h.ana, c, recovery.Contact{Text: "thanks", NeedsNone: true})
	assert.Zero(t, c.Contacts.Unanswered, "a trailing thanks needs no answer")
	assert.Equal(t, recovery.StepReceived, c.Step, "contacts move nothing")

	for _, wrong := range []recovery.Contact{{NoAnswer: true}, {Out: true, NeedsNone: true}, {At: h.Now().Add(time.Second)}, {Channel: "pigeon"}} {
		h.refuses(recovery.ErrInvalid, h.ana, c, wrong)
	}
}

// Contacts are entered in another order than that in which they happened.
func TestContactsEnteredLate(t *testing.T) {
	for _, x := range []struct {
		name    string
		entered string // i: from the customer, o: from the house, each with its hour
		want    int    // the hour of the oldest question that is unanswered; 0: none
	}{
		{"in their order", "i10 o11 i12", 12},
		{"an older question", "i11 i10", 10},
		{"an answer from before the question", "i11 o10", 11},
		{"a question from before the answer", "o11 i10", 0},
		{"an answer to both", "i11 i10 o12", 0},
		{"an answer in the same moment", "i10 o10", 0},
		{"a question in the same moment", "o10 i10", 10},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t, with(t, `{"id": "n", "metric": "next_response", "target": "48h"}`))
			nine := h.Now()
			hour := func(n int) time.Time { return nine.Add(time.Duration(n-9) * time.Hour) }
			c := h.At(recovery.StepReceived)
			h.Advance(day)
			for e := range strings.FieldsSeq(x.entered) {
				n, err := strconv.Atoi(e[1:])
				require.NoError(t, err)
				c = h.do(h.ana, c, recovery.Contact{At: hour(n), Out: e[0] == 'o'})
			}
			k, _ := c.Clock("next_response")
			assert.Equal(t, x.want > 0, k.Running())
			if x.want == 0 {
				assert.Zero(t, c.Contacts.Unanswered)
				return
			}
			same(t, hour(x.want), c.Contacts.Unanswered)
			same(t, hour(x.want), k.Started)
			same(t, hour(x.want+48), k.Due)
		})
	}
}

func TestWaitingEndsWhenTheCustomerSpeaks(t *testing.T) {
	h := newHouse(t, suppliers)
	c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Wait{Reason: "for a photo"})
	assert.Equal(t, recovery.Waiting{On: recovery.WaitCustomer, Since: h.Now()}, *c.Waiting)
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Wait{})
	c = h.do(h.ana, c, recovery.Contact{Out: true, NoAnswer: true})
	assert.NotNil(t, c.Waiting, "our own attempts do not end it")
	h.Advance(time.Hour)
	c = h.do(h.customer, c, recovery.Contact{Text: "here it is"})
	assert.Nil(t, c.Waiting)
	same(t, h.Now(), last[recovery.Resumed](h, c).At)
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Resume{})

	c = h.do(h.ana, c, recovery.Wait{On: "supplier"}, recovery.Contact{Text: "any news?"})
	assert.NotNil(t, c.Waiting, "the customer's word is not the supplier's")
	assert.Nil(t, h.do(h.ana, c, recovery.Resume{}).Waiting)
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepClarified), recovery.Wait{On: "the weather"})
}

// Whoever answers has spoken, whoever enters it.
func TestAnAnswerEndsTheWaitAndTheFailedAttempts(t *testing.T) {
	missed := recovery.Contact{Out: true, NoAnswer: true}
	for _, x := range []struct {
		at  recovery.Step
		cmd recovery.Command
	}{
		{recovery.StepAcknowledged, recovery.Clarify{Restated: "dead", Basis: recovery.Confirmed}},
		{recovery.StepPresented, recovery.Accept{}},
		{recovery.StepPresented, recovery.Decline{}},
		{recovery.StepPresented, recovery.CheckBack{}},
		{recovery.StepDelivered, recovery.CheckBack{Satisfied: true}},
		{recovery.StepFulfilling, recovery.CheckBack{}},
	} {
		h := newHouse(t, with(t, waits), suppliers)
		c := h.do(h.ana, h.At(x.at), recovery.Wait{}, missed)
		h.Advance(time.Hour)
		c = h.do(h.ana, c, x.cmd)
		assert.Nil(t, c.Waiting, "%T in %s", x.cmd, x.at)
		assert.Zero(t, c.Contacts.Attempts, "%T in %s", x.cmd, x.at)
		for _, k := range c.Clocks {
			assert.False(t, k.Paused(), k.ID)
		}
	}
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepAcknowledged), recovery.Wait{}, missed, missed, missed,
		recovery.Clarify{Restated: "dead", Basis: recovery.Assumed, Reason: "letters alone"})
	assert.NotNil(t, c.Waiting, "nobody answered")
	assert.Equal(t, 3, c.Contacts.Attempts)
}

// TestAttemptsFromBeforeAnAnswerDoNotCount, however late they are entered.
func TestAttemptsFromBeforeAnAnswerDoNotCount(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepAcknowledged)
	before := h.Now()
	h.Advance(5 * time.Hour)
	c = h.do(h.ana, c, recovery.Contact{Text: "here I am"})
	early := recovery.Contact{Out: true, NoAnswer: true, At: before}
	c = h.do(h.ana, c, early, early, early)
	assert.Zero(t, c.Contacts.Attempts)
	c = h.do(h.ana, c, recovery.Contact{Out: true, NoAnswer: true})
	assert.Equal(t, 1, c.Contacts.Attempts)
}

// R5: no endless transfers.
func TestTransfersAreCounted(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepReceived)
	for _, x := range []struct {
		to        string
		transfers int
	}{{"ana", 0}, {"ana", 0}, {"eve", 1}, {"", 1}, {"ana", 1}, {"ben", 2}} {
		c = h.do(h.ana, c, recovery.Assign{To: x.to})
		assert.Equal(t, x.to, c.Assignee)
		assert.Equal(t, x.transfers, c.Transfers)
	}
}

// R10: the same representative where possible.
func TestTheLastAgentWhoSpokeWithTheCustomerIsKnown(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepReceived), recovery.Acknowledge{})
	assert.Equal(t, "ana", c.LastAgent)
	for _, silent := range []recovery.Command{
		recovery.Note{Text: "a remark"},
		recovery.Contact{Out: true, NoAnswer: true},
		recovery.Assign{To: "eve"},
		recovery.Contact{},
		recovery.Clarify{Restated: "as they wrote", Basis: recovery.Written},
		offer(policy.Remedy{Kind: policy.Apology}),
	} {
		assert.Equal(t, "ana", h.do(h.eve, c, silent).LastAgent, "%T", silent)
	}
	assert.Equal(t, "eve", h.do(h.eve, c, recovery.Present{}).LastAgent)
	assert.Equal(t, "eve", h.do(h.customer, c, recovery.Accept{}).LastAgent)
	assert.Equal(t, "cem", h.do(h.cem, c, recovery.CheckBack{Satisfied: true}).LastAgent)
}

func TestAnEscalationGoesUpTheLadderAndIsAnsweredByThatRole(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.customer, h.At(recovery.StepReceived), recovery.Escalate{Reason: "the manager, please"})
	assert.Equal(t, recovery.Escalation{To: "supervisor", By: h.customer, Cause: recovery.Demanded, At: h.Now()}, *c.Escalation)
	assert.Equal(t, recovery.StepReceived, c.Step)

	c = h.do(h.ana, c, recovery.Contact{Out: true})
	assert.Zero(t, c.Escalation.Answered, "an agent is not whom they asked for")
	c = h.do(h.ben, c, recovery.Contact{Out: true, NoAnswer: true})
	assert.Zero(t, c.Escalation.Answered, "they were not reached")
	h.Advance(time.Hour)
	c = h.do(h.ben, c, recovery.Contact{Out: true})
	same(t, h.Now(), c.Escalation.Answered)

	for range 2 {
		c = h.do(h.ana, c, recovery.Escalate{})
		assert.Equal(t, policy.Role("manager"), c.Escalation.To)
	}
	c = h.do(h.ben, c, recovery.Contact{Out: true})
	assert.Zero(t, c.Escalation.Answered)
	assert.NotZero(t, h.do(h.cem, c, recovery.Acknowledge{}).Escalation.Answered, "however it is that they speak")

	c = h.do(h.ana, h.At(recovery.StepReceived), recovery.Escalate{To: "manager"})
	assert.Equal(t, policy.Role("manager"), c.Escalation.To)
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Escalate{To: "king"})
}

func TestWithoutALadderAnyAgentAnswersAnEscalation(t *testing.T) {
	h := newHouse(t).second(recovery.Options{Policy: new(policy.Set)})
	anybody := recovery.Actor{ID: "ana"}
	c := h.do(h.customer, h.At(recovery.StepAcknowledged), recovery.Escalate{})
	assert.Empty(t, c.Escalation.To)
	c = h.do(h.bot, c, recovery.Contact{Out: true})
	assert.Zero(t, c.Escalation.Answered, "but no machine")
	assert.NotZero(t, h.do(anybody, c, recovery.Contact{Out: true}).Escalation.Answered)
}

// R13: abuse is flagged, and the complaint is still judged on its merits.
func TestAbuseDoesNotReachThePolicy(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepClarified)
	before, err := h.Parameters(t.Context(), c.ID, h.ana)
	assert.NoError(t, err)
	review := h.Now().Add(30 * day)
	c = h.do(h.ana, c, recovery.FlagAbuse{Level: 3, Review: review, Note: "threats"})
	assert.Equal(t, recovery.Restriction{Level: 3, Review: review}, *c.Restriction)
	after, err := h.Parameters(t.Context(), c.ID, h.ana)
	assert.NoError(t, err)
	assert.Equal(t, before, after)
	assert.Equal(t, recovery.StepApproved, h.do(h.ana, c, offer(money(policy.Refund, 50))).Step)
	assert.Nil(t, h.do(h.ana, c, recovery.FlagAbuse{}).Restriction)
	for _, wrong := range []recovery.FlagAbuse{{Level: -1}, {Level: 1}, {Level: 1, Review: h.Now()}} {
		h.refuses(recovery.ErrInvalid, h.ana, c, wrong)
	}
}

func suppliers(o *recovery.Options) { o.Names.Waits = []string{"supplier"} }

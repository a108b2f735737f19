package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Step 4, behind the scenes: who may offer what, and with whose approval.

// waiting is a case with an offer of the agent's that needs a supervisor.
func (h *house) waiting() recovery.Case {
	h.t.Helper()
	c := h.do(h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 400)))
	require.Equal(h.t, recovery.StepApproval, c.Step)
	require.Equal(h.t, policy.Role("supervisor"), c.Offer.Decision.By)
	return c
}

func TestWithinTheirAuthorityAgentsActAlone(t *testing.T) {
	h := newHouse(t)
	for _, x := range []struct {
		by   recovery.Actor
		euro int64
		want recovery.Step
	}{
		{h.ana, 50, recovery.StepApproved},
		{h.ana, 51, recovery.StepApproval},
		{h.ben, 500, recovery.StepApproved},
		{h.ben, 501, recovery.StepApproval},
		{h.cem, 9000, recovery.StepApproved},
	} {
		c := h.do(x.by, h.At(recovery.StepClarified), offer(money(policy.Refund, x.euro)))
		assert.Equal(t, x.want, c.Step, "%s offers %d", x.by, x.euro)
	}
}

func TestADeniedOfferRecordsNothingAndCarriesTheDecision(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepPresented)
	err := h.refusal(recovery.ErrDenied, h.cem, c, recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Repair}}, Alternatives: []recovery.Option{{Remedies: []policy.Remedy{money(policy.Gift, 10)}}},
	})
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.Equal(t, policy.Denied, denied.Decision.Verdict)
	assert.Equal(t, "house", denied.Decision.Policy)
	assert.Equal(t, 1, denied.Option, "which of the options it was")
	assert.Equal(t, recovery.OfferPresented, h.now(c).Offer.State, "the offer that was open still is")
}

func TestTheRoleAloneDoesNotMakeAnApprover(t *testing.T) {
	payee := money(policy.Refund, 400)
	payee.Payee = "ben"
	for _, x := range []struct {
		name string
		open func(*recovery.Complaint)
		by   string // who proposes
		what policy.Remedy
	}{
		{"who proposed it", nil, "ben", money(policy.Compensation, 40)},
		{"who gains from it", nil, "ana", payee},
		{"who is complained about", func(c *recovery.Complaint) { c.About = []string{"ben"} }, "ana", money(policy.Refund, 400)},
		{"who is the customer", func(c *recovery.Complaint) { c.Customer = "ben" }, "ana", money(policy.Refund, 400)},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			if x.open != nil {
				x.open(&h.Complaint)
			}
			proposer := h.ana
			if x.by == "ben" {
				proposer = h.ben
			}
			c := h.do(proposer, h.At(recovery.StepClarified), offer(x.what))
			require.Equal(t, recovery.StepApproval, c.Step)
			h.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{})
			h.refuses(recovery.ErrDenied, h.ben, c, recovery.Refuse{Reason: "no"})
			assert.Equal(t, recovery.StepApproved, h.do(h.cem, c, recovery.Approve{}).Step, "somebody else may")
		})
	}
}

func TestOnlyTheRoleAskedForOrAboveApproves(t *testing.T) {
	h := newHouse(t)
	c := h.waiting()
	h.refuses(recovery.ErrDenied, h.eve, c, recovery.Approve{})
	h.refuses(recovery.ErrDenied, h.eve, c, recovery.Refuse{Reason: "no"})
	h.refuses(recovery.ErrDenied, recovery.Actor{ID: "kim"}, c, recovery.Approve{})
	assert.Equal(t, recovery.StepApproved, h.do(h.cem, c, recovery.Approve{}).Step)
	assert.Equal(t, recovery.StepApproved, h.do(h.ben, h.waiting(), recovery.Approve{}).Step)

	c = h.do(h.ben, h.waiting(), recovery.Refuse{Reason: "a repair first"})
	assert.Equal(t, recovery.StepClarified, c.Step)
	assert.Equal(t, recovery.OfferRefused, c.Offer.State)
}

// The policy that is in force when somebody approves is another than the one by
// which the offer was proposed.
func TestInsufficientAuthorityMovesTheOfferUpTheLadder(t *testing.T) {
	h := newHouse(t)
	c := h.waiting()
	h.Advance(day)
	now := h.second(recovery.Options{Policy: rulesOf(t, strings.ReplaceAll(housePolicy, `"500.00"`, `"300.00"`))})
	c = now.do(h.ben, c, recovery.Approve{Note: "fine by me"})
	assert.Equal(t, recovery.StepApproval, c.Step)
	assert.Equal(t, policy.Role("manager"), c.Offer.Decision.By)
	assert.Equal(t, []recovery.Actor{h.ben}, c.Offer.Approvers)
	same(t, h.Now().Add(2*day), c.Offer.ApproveBy, "the manager has as long")

	now.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{}) // twice does not count twice
	c = now.do(h.cem, c, recovery.Approve{})
	assert.Equal(t, recovery.StepApproved, c.Step)
	assert.Equal(t, []recovery.Actor{h.ben, h.cem}, c.Offer.Approvers)
}

func TestNobodyEligibleIsAnErrorAtOnce(t *testing.T) {
	staff := map[policy.Role][]string{"supervisor": {"ben"}, "manager": {""}} // no id, nobody
	h := newHouse(t, func(o *recovery.Options) { o.Staff = func(r policy.Role) []string { return staff[r] } })
	h.waiting() // ben can
	c := h.At(recovery.StepClarified)
	for _, x := range []struct {
		name  string
		by    recovery.Actor
		offer policy.Remedy
	}{
		{"nobody has the role", h.ana, money(policy.Refund, 900)},
		{"only the proposer has it", h.ben, money(policy.Compensation, 40)},
		{"only the payee has it", h.ana, policy.Remedy{Kind: policy.Refund, Amount: money(policy.Refund, 400).Amount, Payee: "ben"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			assert.ErrorContains(t, h.refusal(recovery.ErrDenied, x.by, c, offer(x.offer)), "nobody is eligible")
		})
	}
	t.Run("only one complained about has it", func(t *testing.T) {
		h.Complaint.About = []string{"ben"}
		h.refuses(recovery.ErrDenied, h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 400)))
		h.Complaint.About = nil
	})
	t.Run("nobody is left further up", func(t *testing.T) {
		c := h.waiting()
		now := h.second(recovery.Options{
			Policy: rulesOf(t, strings.ReplaceAll(housePolicy, `"500.00"`, `"300.00"`)), Staff: func(r policy.Role) []string { return staff[r] },
		})
		now.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{})
	})
}

// Where the desk is not told who there is, an offer waits for the role that policy asks for; and one more person who has it is enough,
// whoever proposed what, so that no offer waits for what nobody could give.
func TestWhoeverHasTheRoleAskedForCanApprove(t *testing.T) {
	waited := 0
	for _, doc := range []string{housePolicy, asksPolicy, randomPolicy} {
		rules := rulesOf(t, doc)
		h := newHouse(t, func(o *recovery.Options) { o.Policy = rules })
		h.Complaint.Severity, h.Complaint.Facts = recovery.Critical, policy.Facts{"household": "17"}
		h.Complaint.Order = policy.Order{ID: "A-17", Delivered: h.Now()}
		for _, by := range []recovery.Actor{h.ana, h.ben, h.cem, {ID: "kim"}} {
			for _, kind := range rules.Kinds() {
				for _, euros := range []int64{0, 20, 40, 450, 2000} {
					h.Complaint.Customer = fmt.Sprint(by.ID, kind, euros) // with caps of their own
					h.Complaint.Order.ID = h.Complaint.Customer
					remedies := []policy.Remedy{money(kind, euros), {Kind: policy.Apology}}
					if euros == 0 {
						remedies[0].Amount = policy.Money{}
					}
					if rules.Check(remedies[0]) != nil {
						continue
					}
					c := h.At(recovery.StepClarified)
					c, err := h.Do(t.Context(), c.ID, by, recovery.Propose{Remedies: remedies})
					if err != nil || c.Step != recovery.StepApproval {
						continue
					}
					waited++
					_, onLadder := rules.Rank(c.Offer.Decision.By)
					require.True(t, onLadder)
					c = h.do(recovery.Actor{ID: "zoe", Role: c.Offer.Decision.By}, c, recovery.Approve{})
					require.Equal(t, recovery.StepApproved, c.Step, "%s offers %s", by, remedies[0])
				}
			}
		}
	}
	assert.Greater(t, waited, 30)

	h := newHouse(t) // and if there is nobody, it does not wait for ever
	c := h.after(2*day, h.do(h.cem, h.At(recovery.StepClarified), offer(money(policy.Compensation, 40))))
	assert.Equal(t, recovery.OfferExpired, c.Offer.State)
	assert.Equal(t, recovery.StepClarified, c.Step)
}

// policyWith is the house's policy with further rows.
func policyWith(rows ...string) string {
	return strings.Replace(housePolicy, `"rows": [`, `"rows": [`+strings.Join(rows, ",")+",", 1)
}

const (
	noRefunds    = `{"id": "no-refunds", "effect": "deny", "remedies": ["refund"], "channels": ["email"]}`
	noRefundsNow = `{"id": "sanctions", "effect": "block", "remedies": ["refund"], "channels": ["email"], "basis": "legal"}`
	askManager   = `{"id": "ask", "effect": "approve", "remedies": ["refund"], "by": "manager"}`
)

func TestAnOfferIsJudgedAtEveryTurn(t *testing.T) {
	for _, x := range []struct {
		name string
		at   func(h *house) recovery.Case
		by   recovery.Actor
		cmd  recovery.Command
		rows map[string]bool // by the row that is now in force too: whether it stops the command
	}{
		{
			"proposed", func(h *house) recovery.Case { return h.At(recovery.StepClarified) },
			recovery.Actor{ID: "ana", Role: "agent"},
			offer(money(policy.Refund, 20)),
			map[string]bool{noRefunds: true, noRefundsNow: true},
		},
		{
			"approved", (*house).waiting,
			recovery.Actor{ID: "ben", Role: "supervisor"},
			recovery.Approve{},
			map[string]bool{noRefunds: true, noRefundsNow: true},
		},
		{
			"presented", func(h *house) recovery.Case {
				return h.do(h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 20)))
			},
			recovery.Actor{ID: "ana", Role: "agent"},
			recovery.Present{},
			map[string]bool{noRefunds: true, noRefundsNow: true, askManager: true},
		},
		{
			"accepted", func(h *house) recovery.Case {
				return h.do(h.ana, h.At(recovery.StepClarified), offer(money(policy.Refund, 20)), recovery.Present{})
			},
			recovery.Actor{ID: "42", Kind: recovery.Customer},
			recovery.Accept{},
			map[string]bool{noRefunds: false, askManager: false},
		},
	} {
		for row, stops := range x.rows {
			t.Run(x.name+" under "+row, func(t *testing.T) {
				h := newHouse(t)
				c := x.at(h)
				now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(row))})
				if !stops {
					now.do(x.by, c, x.cmd)
					return
				}
				err := now.refusal(recovery.ErrDenied, x.by, c, x.cmd)
				var denied *recovery.DeniedError
				require.ErrorAs(t, err, &denied)
				assert.True(t, slices.ContainsFunc(denied.Decision.Findings, func(f policy.Finding) bool {
					return strings.Contains(row, `"id": "`+f.Rule+`"`)
				}), "the decision names the rule")
				h.do(x.by, c, x.cmd) // the house with the old policy still may
			})
		}
	}
}

func TestWhatWasAcceptedOnlyABlockStops(t *testing.T) {
	promise := recovery.Promise{What: "pay it out", Within: "72h"}
	fulfilling := func(h *house) recovery.Case {
		p := offer(money(policy.Refund, 20))
		p.Promises = []recovery.Promise{promise}
		return h.do(h.ana, h.At(recovery.StepClarified), p, recovery.Present{}, recovery.Accept{})
	}
	t.Run("a denial does not", func(t *testing.T) {
		h := newHouse(t)
		c := fulfilling(h)
		now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(noRefunds))})
		c = now.do(h.ana, c, recovery.Fulfil{})
		assert.Equal(t, recovery.StepDelivered, c.Step)
		assert.Equal(t, []recovery.PromiseState{recovery.PromiseKept}, states(c))
	})
	t.Run("a block does, and then it is a broken promise", func(t *testing.T) {
		h := newHouse(t)
		c := fulfilling(h)
		now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(noRefundsNow))})
		c = now.do(h.ana, c, recovery.Fulfil{})
		assert.Equal(t, recovery.StepReceived, c.Step)
		assert.Equal(t, 2, c.Round)
		assert.Equal(t, 1, c.Deviations)
		failed := last[recovery.PromiseFailed](now, c)
		require.NotNil(t, failed.Blocked)
		assert.Equal(t, policy.Blocked, failed.Blocked.Verdict)
		now.refuses(recovery.ErrDenied, h.ana, c, recovery.Fulfil{Promise: 1}) // nor the second time
	})
	t.Run("a block does in a later round too", func(t *testing.T) {
		h := newHouse(t)
		p := offer(money(policy.Refund, 20), policy.Remedy{Kind: policy.Repair})
		p.Promises = []recovery.Promise{promise}
		c := h.do(h.ana, h.At(recovery.StepClarified), p, recovery.Present{}, recovery.Accept{Items: []int{1}})
		require.Equal(t, 2, c.Round)
		now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(noRefundsNow))})
		c = now.do(h.ana, c, recovery.Fulfil{})
		assert.Equal(t, []recovery.PromiseState{recovery.PromiseBroken}, states(c))
		assert.Equal(t, 1, c.Deviations)
	})
	t.Run("a block on another remedy does not", func(t *testing.T) {
		h := newHouse(t)
		p := offer(money(policy.Refund, 20), policy.Remedy{Kind: policy.Repair})
		p.Promises = []recovery.Promise{{What: "repair it", Within: "72h", Item: 2}}
		c := h.do(h.ana, h.At(recovery.StepClarified), p, recovery.Present{}, recovery.Accept{})
		now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(noRefundsNow))})
		assert.Equal(t, recovery.StepDelivered, now.do(h.ana, c, recovery.Fulfil{}).Step)
	})
}

func TestTheStrictestOptionDecides(t *testing.T) {
	h := newHouse(t)
	p := offer(policy.Remedy{Kind: policy.Repair})
	p.Alternatives = []recovery.Option{{Remedies: []policy.Remedy{money(policy.Refund, 900)}}, {Remedies: []policy.Remedy{money(policy.Refund, 400)}}}
	c := h.do(h.ana, h.At(recovery.StepClarified), p)
	assert.Equal(t, recovery.StepApproval, c.Step)
	assert.Equal(t, policy.Role("manager"), c.Offer.Decision.By)
}

func TestAnApprovalExpires(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.ApproveWithin = 4 * time.Hour })
	c := h.At(recovery.StepApproval)
	c = h.after(day, c)
	h.WantEvents(c.ID, "offer.approval_expired")
	assert.Equal(t, recovery.OfferExpired, c.Offer.State)
	assert.Equal(t, recovery.StepClarified, c.Step)
	h.refuses(recovery.ErrStep, h.cem, c, recovery.Approve{})
}

func TestApprovedIsNotToldPresentedIs(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "s", "metric": "solution", "target": "48h"}`))
	c := h.At(recovery.StepApproved)
	spoken := c.Contacts.Out
	assert.True(t, h.clock(c, "solution").Running())
	h.refuses(recovery.ErrStep, h.customer, c, recovery.Accept{})
	h.refuses(recovery.ErrStep, h.customer, c, recovery.Decline{})
	assert.Zero(t, c.Offer.AnswerBy)

	c = h.do(h.ana, c, recovery.Present{Text: "We will explain it to you."})
	assert.Equal(t, recovery.OfferPresented, c.Offer.State)
	assert.False(t, h.clock(c, "solution").Running())
	assert.Equal(t, spoken+1, c.Contacts.Out)
	same(t, h.Now().Add(14*day), c.Offer.AnswerBy)
	assert.Equal(t, recovery.StepFulfilling, h.do(h.customer, c, recovery.Accept{}).Step)
}

package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// What was accepted counts as given, in the case and in the ledgers, unless it can't be
// delivered any more. Never do two count as one of which the customer can have both.

// sending is an offer of vouchers with one promise that delivers them all.
func sending(n int) recovery.Propose {
	p := vouchers(n)
	p.Promises = []recovery.Promise{{What: "send them", Within: "72h"}}
	return p
}

// vouchersOf is how many vouchers count as given on the case.
func vouchersOf(c recovery.Case) int {
	n := 0
	for _, g := range c.Given {
		if g.Kind == policy.Voucher {
			n += g.Count
		}
	}
	return n
}

// round are the steps up to an offer.
func round(cmds ...recovery.Command) []recovery.Command {
	return append([]recovery.Command{recovery.Acknowledge{}, recovery.Clarify{Restated: "still", Basis: recovery.Confirmed}}, cmds...)
}

// broken is a case of which three vouchers, all that the cap allows, were promised and not sent.
func (h *house) broken() recovery.Case {
	h.t.Helper()
	c := h.do(h.ana, h.At(recovery.StepClarified), sending(3), recovery.Present{}, recovery.Accept{})
	require.Len(h.t, c.Owed, 3)
	c = h.after(4*day, c)
	require.Equal(h.t, []recovery.PromiseState{recovery.PromiseBroken}, states(c))
	return c
}

func TestWhatWasNeverDeliveredCanBeOfferedAgain(t *testing.T) {
	h := newHouse(t)
	other := h.At(recovery.StepClarified)
	c := h.broken()
	assert.Equal(t, 3, vouchersOf(c), "it is still owed")
	assert.Equal(t, 0, h.left(other), "so nobody else may give it")
	assert.Equal(t, 3, h.left(c), "an offer on the case would take its place")

	c = h.do(h.ana, c, round(sending(3), recovery.Present{})...)
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(1))
	c = h.do(h.customer, c, recovery.Accept{})
	assert.Equal(t, 3, vouchersOf(c), "the new ones, and not the old")
	_, spent := h.holds(c)
	assert.Equal(t, 3, spent)
	assert.Equal(t, []int{1, 2, 3}, last[recovery.GivenBack](h, c).Items)
	h.refuses(recovery.ErrStep, h.ana, c, recovery.Fulfil{Promise: 1}) // the old can't be sent any more

	c = h.do(h.ana, c, recovery.Fulfil{})
	assert.Empty(t, c.Owed)
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(1))
	c = h.do(h.customer, c, recovery.CheckBack{})
	h.refuses(recovery.ErrDenied, h.cem, c, round(vouchers(1))...) // what was sent counts for good
}

func TestWhatIsGivenBackFreesTheCapForOtherCases(t *testing.T) {
	for name, x := range map[string]struct {
		way  func(h *house, c recovery.Case) recovery.Case // from three vouchers that were promised
		left int
	}{
		"something else accepted instead": {func(h *house, c recovery.Case) recovery.Case {
			c = h.do(h.customer, c, recovery.CheckBack{})
			return h.do(h.ana, c, round(offer(policy.Remedy{Kind: policy.Repair}), recovery.Present{}, recovery.Accept{})...)
		}, 3},
		"withdrawn": {func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.customer, c, recovery.Close{As: recovery.Withdrawn})
		}, 3},
		"broken and forgotten": {func(h *house, c recovery.Case) recovery.Case {
			c = h.after(4*day, c)
			again := round(offer(policy.Remedy{Kind: policy.Apology}), recovery.Present{}, recovery.Decline{})
			c = h.do(h.ana, c, again...)
			assert.Equal(h.t, 3, vouchersOf(c), "it can still be said to have been sent")
			return h.do(h.ana, c, again...)
		}, 3},
		"stopped by policy": {func(h *house, c recovery.Case) recovery.Case {
			const stop = `{"id": "sanctions", "effect": "block", "remedies": ["voucher"], "channels": ["email"]}`
			return h.second(recovery.Options{Policy: rulesOf(h.t, policyWith(stop))}).do(h.ana, c, recovery.Fulfil{})
		}, 3},
		"kept": {func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, recovery.Fulfil{}) }, 0},
		"kept late": {func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, h.after(4*day, c), recovery.Fulfil{Promise: 1})
		}, 0},
		"waived": {func(h *house, c recovery.Case) recovery.Case { return h.do(h.customer, c, recovery.Release{}) }, 0},
		"broken": {func(h *house, c recovery.Case) recovery.Case { return h.after(4*day, c) }, 0},
		"closed and still owed": {func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "so"})
		}, 0},
		"kept, then something else accepted": {func(h *house, c recovery.Case) recovery.Case {
			c = h.do(h.ana, c, recovery.Fulfil{}, recovery.CheckBack{})
			return h.do(h.ana, c, round(offer(policy.Remedy{Kind: policy.Repair}), recovery.Present{}, recovery.Accept{})...)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			other := h.At(recovery.StepReceived)
			c := x.way(h, h.do(h.ana, h.At(recovery.StepClarified), sending(3), recovery.Present{}, recovery.Accept{}))
			assert.Equal(t, x.left, h.left(other))
			assert.Equal(t, 3-x.left, vouchersOf(c))
			_, spent := h.holds(c)
			assert.Equal(t, 3-x.left, spent, "the case and the ledger agree")
		})
	}
}

func TestOnlyWhatNoPromiseDeliveredIsGivenBack(t *testing.T) {
	h := newHouse(t)
	other := h.At(recovery.StepReceived)
	p := vouchers(3)
	p.Promises = []recovery.Promise{
		{What: "the second", Within: "72h", Item: 2},
		{What: "the third", Within: "72h", Item: 3},
		{What: "a card with the third", Within: "72h", Item: 3, Aside: true},
		{What: "a newsletter", Within: "72h", Aside: true},
	}
	c := h.do(h.ana, h.At(recovery.StepClarified), p, recovery.Present{}, recovery.Accept{})
	require.Len(t, c.Owed, 2, "the first was handed over")
	c = h.do(h.ana, c, recovery.Fulfil{Promise: 3}, recovery.CheckBack{})
	require.Len(t, c.Owed, 1, "something of the third was sent")
	h.do(h.ana, c, round(offer(policy.Remedy{Kind: policy.Repair}), recovery.Present{}, recovery.Accept{})...)
	assert.Equal(t, 1, h.left(other), "the second")
}

// What an offer takes the place of is delivered after all, while the offer is open: the
// customer can't have both.
func TestAnOfferInPlaceOfWhatIsDeliveredIsRetracted(t *testing.T) {
	for name, cmd := range map[string]recovery.Command{"kept": recovery.Fulfil{Promise: 1}, "waived": recovery.Release{Promise: 1}} {
		for _, cmds := range [][]recovery.Command{{sending(3)}, {sending(3), recovery.Present{}}} {
			t.Run(name, func(t *testing.T) {
				h := newHouse(t)
				c := h.do(h.ana, h.broken(), round(cmds...)...)
				c = h.do(h.ana, c, cmd)
				assert.Equal(t, recovery.StepClarified, c.Step)
				assert.Equal(t, recovery.OfferRetracted, c.Offer.State)
				assert.Equal(t, "fulfil", string(last[recovery.Retracted](h, c).For))
				held, spent := h.holds(c)
				assert.Equal(t, []int{0, 3}, []int{held, spent})
				h.refuses(recovery.ErrDenied, h.ana, c, vouchers(1))
			})
		}
	}
	t.Run("but one that policy allows beside it stands", func(t *testing.T) {
		h := newHouse(t)
		c := h.do(h.ana, h.At(recovery.StepClarified), sending(1), recovery.Present{}, recovery.Accept{})
		c = h.do(h.ana, h.after(4*day, c), round(sending(2), recovery.Present{})...)
		c = h.do(h.ana, c, recovery.Fulfil{Promise: 1})
		assert.Equal(t, recovery.StepPresented, c.Step)
		c = h.do(h.customer, c, recovery.Accept{})
		assert.Equal(t, 3, vouchersOf(c))
	})
	t.Run("nor one that waits for its approval", func(t *testing.T) {
		h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(dearVouchers)) })
		c := h.do(h.ana, h.At(recovery.StepClarified), sending(1), recovery.Present{}, recovery.Accept{})
		c = h.do(h.ana, h.after(4*day, c), round(sending(2))...)
		require.Equal(t, recovery.StepApproval, c.Step)
		c = h.do(h.ana, c, recovery.Fulfil{Promise: 1})
		assert.Equal(t, recovery.StepApproval, c.Step)
		h.do(h.ben, c, recovery.Approve{})
	})
}

// What was accepted in part stands beside what is offered for the rest.
func TestWhatWasAcceptedInPartIsNotGivenBack(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), sending(3), recovery.Present{}, recovery.Accept{Items: []int{1, 2}})
	assert.Equal(t, 1, h.left(c))
	h.refuses(recovery.ErrDenied, h.ana, c, round(vouchers(2))...)
	c = h.do(h.ana, c, round(vouchers(1), recovery.Present{}, recovery.Accept{})...)
	assert.Equal(t, 3, vouchersOf(c))
}

func TestAnAwardCountsInTheLedgers(t *testing.T) {
	h := newHouse(t)
	other := h.At(recovery.StepClarified)
	c := h.do(h.ana, h.At(recovery.StepReferred), recovery.Decide{Ruling: recovery.Award, Remedies: vouchers(2).Remedies})
	assert.Equal(t, 2, vouchersOf(c))
	assert.Equal(t, 1, h.left(other))
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(2))

	c = h.do(h.ana, h.At(recovery.StepReferred), recovery.Decide{
		Ruling: recovery.Award, Remedies: vouchers(5).Remedies, Promises: []recovery.Promise{{What: "send them", Within: "72h"}},
	})
	assert.Equal(t, 5, vouchersOf(c), "no cap stands in an award's way")
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(1))
	c = h.after(4*day, c)
	again := round(offer(policy.Remedy{Kind: policy.Apology}), recovery.Present{}, recovery.Decline{})
	c = h.do(h.ana, h.do(h.ana, c, again...), again...)
	assert.Equal(t, 5, vouchersOf(c), "what is awarded is owed, whatever becomes of a promise")
	assert.Equal(t, 0, h.left(other))
}

// A block on what is about to be delivered does not count the remedy twice: as what is
// delivered and as what was given.
func TestABlockBeyondALimitCountsWhatIsDeliveredOnce(t *testing.T) {
	const block = `{"id": "ever", "effect": "block", "remedies": ["voucher"], "beyond": {"count": 3, "per": "case"}}`
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(block)) })
	c := h.do(h.ana, h.At(recovery.StepClarified), sending(3), recovery.Present{}, recovery.Accept{})
	assert.Equal(t, recovery.StepDelivered, h.do(h.ana, c, recovery.Fulfil{}).Step)
}

// R3: what can't be delivered is not promised.

const twoDays = `{"id": "bank", "effect": "deny", "remedies": ["refund"], "earliest": {"days": 2}, "reason": "the bank takes two days"}`

// by is an offer of a refund with these promises.
func by(promises ...recovery.Promise) recovery.Propose {
	return recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}, money(policy.Refund, 20)}, Promises: promises}
}

func TestAPromiseTooEarlyIsDenied(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(twoDays)) })
	c := h.At(recovery.StepClarified)
	earliest := h.Now().Add(2 * day)
	for name, x := range map[string]struct {
		offer recovery.Propose
		early bool
	}{
		"due too early":              {by(recovery.Promise{What: "pay", Due: earliest.Add(-time.Second)}), true},
		"within too little":          {by(recovery.Promise{What: "pay", Within: "47h"}), true},
		"for that remedy":            {by(recovery.Promise{What: "pay", Within: "47h", Item: 2}), true},
		"for that remedy, aside":     {by(recovery.Promise{What: "pay", Within: "47h", Item: 2, Aside: true}), true},
		"one of two":                 {by(recovery.Promise{What: "card", Within: "90h"}, recovery.Promise{What: "pay", Within: "47h"}), true},
		"by the remedy's own time":   {offer(policy.Remedy{Kind: policy.Refund, Amount: euros(20), By: earliest.Add(-time.Second)}), true},
		"just in time":               {by(recovery.Promise{What: "pay", Due: earliest}), false},
		"within just enough":         {by(recovery.Promise{What: "pay", Within: "2 days"}), false},
		"another remedy's promise":   {by(recovery.Promise{What: "write", Within: "2h", Item: 1}), false},
		"a promise of no remedy":     {by(recovery.Promise{What: "newsletter", Within: "2h", Aside: true}), false},
		"an offer without a promise": {by(), false},
	} {
		t.Run(name, func(t *testing.T) {
			if !x.early {
				h.do(h.ana, c, x.offer)
				return
			}
			err := h.refusal(recovery.ErrDenied, h.ana, c, x.offer)
			var denied *recovery.DeniedError
			require.ErrorAs(t, err, &denied)
			assert.Equal(t, policy.Denied, denied.Decision.Verdict)
			same(t, earliest, earliestOf(denied.Decision))
		})
	}
	p := offer(policy.Remedy{Kind: policy.Repair})
	p.Alternatives = []recovery.Option{{Remedies: []policy.Remedy{money(policy.Refund, 20)}, Promises: []recovery.Promise{{What: "pay", Within: "1h"}}}}
	var denied *recovery.DeniedError
	require.ErrorAs(t, h.refusal(recovery.ErrDenied, h.ana, c, p), &denied)
	assert.Equal(t, 1, denied.Option)
}

// earliestOf is the time that a decision says a promise could be kept.
func earliestOf(d policy.Decision) time.Time {
	for _, f := range d.Findings {
		if !f.Compared.Earliest.IsZero() {
			return f.Compared.Earliest
		}
	}
	return time.Time{}
}

func TestAPromiseIsJudgedAgainAtEveryTurn(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(twoDays)) })
	due := recovery.Promise{What: "pay", Due: h.Now().Add(3 * day)}
	approved := h.do(h.ana, h.At(recovery.StepClarified), by(due))
	presented := h.do(h.ana, h.At(recovery.StepClarified), by(due), recovery.Present{})
	within := h.do(h.ana, h.At(recovery.StepClarified), by(recovery.Promise{What: "pay", Within: "2 days"}), recovery.Present{})
	said := h.Now().Add(day)
	h.Advance(day + time.Hour)
	h.refuses(recovery.ErrDenied, h.ana, approved, recovery.Present{})

	err := h.refusal(recovery.ErrDenied, h.customer, presented, recovery.Accept{})
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	same(t, h.Now().Add(2*day), earliestOf(denied.Decision))
	c := h.do(h.ana, presented, recovery.Accept{At: said}) // when they said so, there was time
	same(t, due.Due, c.Promises[0].Due)
	assert.NotEmpty(t, h.do(h.ana, h.At(recovery.StepClarified), by(recovery.Promise{What: "pay", Within: "60h", Item: 2}), recovery.Present{}, recovery.Accept{Items: []int{1}}).Given)

	c = h.do(h.customer, within, recovery.Accept{}) // counts from now
	same(t, h.Now().Add(2*day), c.Promises[0].Due)
}

// A new policy leaves more time: what was presented under the old one can't be accepted as it is.
func TestWhatWithinComesToIsJudgedAtAcceptance(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), by(recovery.Promise{What: "pay", Within: "24h", Item: 2}), recovery.Present{})
	const suspicion = `{"id": "suspicious", "effect": "deny", "remedies": ["refund"], "channels": ["email"], "reason": "looks like fraud"}`
	now := h.second(recovery.Options{Policy: rulesOf(t, policyWith(twoDays, suspicion))})
	err := now.refusal(recovery.ErrDenied, h.customer, c, recovery.Accept{})
	assert.ErrorContains(t, err, "the bank takes two days")
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	require.Len(t, denied.Decision.Findings, 1, "the customer learns of nothing but the time")
	assert.NotContains(t, err.Error(), "fraud")

	now.do(h.customer, c, recovery.Accept{Items: []int{1}}) // the apology, with no promise
	other := h.second(recovery.Options{Policy: rulesOf(t, policyWith(suspicion))})
	c = h.do(h.ana, h.At(recovery.StepClarified), by(recovery.Promise{What: "pay", Within: "24h"}), recovery.Present{})
	other.do(h.customer, c, recovery.Accept{}) // a new denial does not stop what was offered
}

// A promise beside an offer is judged by its time where it says what is promised.
func TestAPromiseByItselfIsJudgedByItsTime(t *testing.T) {
	const queue = `{"id": "queue", "effect": "deny", "remedies": ["callback"], "earliest": {"hours": 4}, "explain": {"en": "all lines are busy"}},
		{"id": "not-by-mail", "effect": "deny", "remedies": ["callback"], "channels": ["email"], "reason": "looks like fraud"},
		{"id": "parts", "effect": "block", "remedies": ["repair"], "earliest": {"days": 1}}`
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(queue)) })
	for _, step := range steps()[:11] {
		c := h.At(step)
		for _, x := range []struct {
			p        recovery.Promise
			earliest time.Time
			verdict  policy.Verdict
		}{
			{recovery.Promise{What: callBack, Kind: policy.Callback, Within: "239m"}, h.Now().Add(4 * time.Hour), policy.Denied},
			{recovery.Promise{What: callBack, Kind: policy.Callback, Due: h.Now().Add(time.Hour), Aside: true}, h.Now().Add(4 * time.Hour), policy.Denied},
			{recovery.Promise{What: "repair it", Kind: policy.Repair, Within: "23h"}, h.Now().Add(day), policy.Blocked},
		} {
			var denied *recovery.DeniedError
			require.ErrorAs(t, h.refusal(recovery.ErrDenied, h.ana, c, x.p), &denied)
			same(t, x.earliest, earliestOf(denied.Decision))
			assert.Equal(t, x.verdict, denied.Decision.Verdict)
			assert.Len(t, denied.Decision.Findings, 1, "nothing but the time")
		}
		c = h.do(h.ana, c, recovery.Promise{What: callBack, Kind: policy.Callback, Within: "4h"}, recovery.Promise{What: "repair it", Kind: policy.Repair, Within: "24h"},
			recovery.Promise{What: callBack, Within: "1h"}) // of which policy is told nothing
		assert.Equal(t, []policy.Kind{policy.Callback, policy.Repair, ""}, kinds(c.Promises[len(c.Promises)-3:]))
	}
}

func kinds(promises []recovery.Pledge) []policy.Kind {
	var out []policy.Kind
	for _, p := range promises {
		out = append(out, p.Kind)
	}
	return out
}

func TestTheKindOfAPromise(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepClarified)
	for _, x := range []struct {
		cmd  recovery.Command
		want string
	}{
		{recovery.Promise{What: callBack, Kind: "calback", Within: "4h"}, `did you mean "callback"?`},
		{recovery.Promise{What: "pay", Kind: policy.Refund, Within: "4h"}, "is offered (Propose)"},
		{promised(recovery.Promise{What: callBack, Kind: policy.Callback, Within: "4h"}), "promises[0].kind: callback; a promise among remedies says by its item which one it belongs to"},
	} {
		assert.ErrorContains(t, h.refusal(recovery.ErrInvalid, h.ana, c, x.cmd), x.want)
	}
}

// What an ombudsman orders by a date is owed by then, whatever policy says.
func TestAnAwardIsNeverTooEarly(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(twoDays)) })
	c := h.do(h.ana, h.At(recovery.StepReferred), recovery.Decide{
		Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Refund, 20)}, Promises: []recovery.Promise{{What: "pay", Within: "24h"}},
	})
	same(t, h.Now().Add(day), c.Promises[0].Due)
	c = h.after(2*day, c)
	assert.Equal(t, []recovery.PromiseState{recovery.PromiseBroken}, states(c))
}

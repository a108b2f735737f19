package recovery_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Caps on what a customer gets hold across all their cases: an offer reserves, an
// acceptance spends, and whatever else becomes of the offer releases.

// holds is what the ledgers hold for a case without being spent, and what is spent in all.
func (h *house) holds(c recovery.Case) (held, spent int) {
	h.t.Helper()
	for head, err := range history.Heads(h.t.Context(), h.Store, history.Query{Kind: "ledger"}) {
		require.NoError(h.t, err)
		_, of, n, err := recovery.Held(head)
		require.NoError(h.t, err)
		held += of[c.ID]
		spent += n
	}
	return held, spent
}

// left is how many vouchers the agent sees left for the customer.
func (h *house) left(c recovery.Case) int {
	h.t.Helper()
	all, err := h.Parameters(h.t.Context(), c.ID, h.ana)
	require.NoError(h.t, err)
	for _, p := range all {
		if p.Kind == policy.Voucher {
			require.Equal(h.t, 3, p.CountMax)
			return p.CountLeft
		}
	}
	h.t.Fatal("no voucher among the parameters")
	return 0
}

func vouchers(n int) recovery.Propose {
	var p recovery.Propose
	for range n {
		p.Remedies = append(p.Remedies, money(policy.Voucher, 10))
	}
	return p
}

func TestAnOfferReservesAndAnAcceptanceSpends(t *testing.T) {
	h := newHouse(t)
	c, other := h.At(recovery.StepClarified), h.At(recovery.StepClarified)
	assert.Equal(t, 3, h.left(other))

	c = h.do(h.ana, c, vouchers(2))
	held, spent := h.holds(c)
	assert.Equal(t, []int{2, 0}, []int{held, spent})
	assert.Equal(t, 1, h.left(other), "another case of the customer sees it")
	assert.Equal(t, 3, h.left(c), "its own offer would be replaced")
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(2))

	h.do(h.ana, c, recovery.Present{}, recovery.Accept{})
	held, spent = h.holds(c)
	assert.Equal(t, []int{0, 2}, []int{held, spent})
	assert.Equal(t, 1, h.left(other))
	h.do(h.ana, other, vouchers(1))

	h.Complaint.Customer = "43"
	h.do(h.ana, h.At(recovery.StepClarified), vouchers(3)) // has a cap of their own
}

func TestReservationsAreReleasedOnEveryWayOut(t *testing.T) {
	for _, x := range []struct {
		name string
		way  func(h *house, c recovery.Case) recovery.Case // from an offer that is presented
		left int                                           // of three, for another case
	}{
		{"declined", func(h *house, c recovery.Case) recovery.Case { return h.do(h.customer, c, recovery.Decline{}) }, 3},
		{"not satisfied on the spot", func(h *house, c recovery.Case) recovery.Case { return h.do(h.customer, c, recovery.CheckBack{}) }, 3},
		{"retracted", func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, recovery.Retract{Reason: "so"}) }, 3},
		{"lapsed", func(h *house, c recovery.Case) recovery.Case { return h.after(14*day, c) }, 3},
		{"replaced", func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, offer(policy.Remedy{Kind: policy.Repair}))
		}, 3},
		{"replaced by fewer", func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, vouchers(1)) }, 2},
		{"replaced by more", func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, vouchers(3)) }, 0},
		{"clarified anew", func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Clarify{Restated: "else", Basis: recovery.Written})
		}, 3},
		{"unclear", func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, recovery.Clarify{Restated: "?"}) }, 3},
		{"referred", func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, recovery.Refer{To: "ombudsman"}) }, 3},
		{"withdrawn", func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.customer, c, recovery.Close{As: recovery.Withdrawn})
		}, 3},
		{"closed", func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Close{As: recovery.Unconfirmed})
		}, 3},
		{"accepted in part", func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.customer, c, recovery.Accept{Items: []int{2}})
		}, 2},
		{"another option accepted", func(h *house, c recovery.Case) recovery.Case { return h.do(h.customer, c, recovery.Accept{Option: 1}) }, 3},
		{"accepted", func(h *house, c recovery.Case) recovery.Case { return h.do(h.customer, c, recovery.Accept{}) }, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			other := h.At(recovery.StepReceived)
			p := vouchers(2)
			p.Alternatives = []recovery.Option{{Remedies: []policy.Remedy{{Kind: policy.Repair}}}}
			c := h.presented(p)
			require.Equal(t, 1, h.left(other))
			c = x.way(h, c)
			assert.Equal(t, x.left, h.left(other))
			held, _ := h.holds(c)
			var reserved []recovery.Reservation
			if c.Offer != nil {
				reserved = c.Offer.Reserved
			}
			assert.Len(t, reserved, held, "the case and the ledger agree")
		})
	}
}

const dearVouchers = `{"id": "dear", "effect": "approve", "remedies": ["voucher"], "by": "supervisor", "over": {"amount": "15.00", "currency": "EUR"}}`

func TestReservationsAreReleasedWhereNobodyApproves(t *testing.T) {
	for name, way := range map[string]func(h *house, c recovery.Case) recovery.Case{
		"refused": func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ben, c, recovery.Refuse{Reason: "too much"})
		},
		"expired":   func(h *house, c recovery.Case) recovery.Case { return h.after(2*day, c) },
		"retracted": func(h *house, c recovery.Case) recovery.Case { return h.do(h.ana, c, recovery.Retract{Reason: "so"}) },
		"closed": func(h *house, c recovery.Case) recovery.Case {
			return h.do(h.ana, c, recovery.Close{As: recovery.Deadlock, Reason: "so"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(dearVouchers)) })
			other := h.At(recovery.StepReceived)
			c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(2))
			require.Equal(t, recovery.StepApproval, c.Step)
			require.Equal(t, 1, h.left(other))
			way(h, c)
			assert.Equal(t, 3, h.left(other))
		})
	}
}

func TestEveryOptionReservesUntilTheCustomerHasChosen(t *testing.T) {
	for option, left := range []int{2, 1, 3} { // once the customer has chosen it
		h := newHouse(t)
		other := h.At(recovery.StepClarified)
		p := vouchers(1)
		p.Alternatives = []recovery.Option{{Remedies: vouchers(2).Remedies}, {Remedies: []policy.Remedy{{Kind: policy.Repair}}}}
		c := h.presented(p)
		held, _ := h.holds(c)
		assert.Equal(t, 3, held, "each option holds what it takes")
		assert.Equal(t, 1, h.left(other), "they can choose the most, and no more than that")
		h.refuses(recovery.ErrDenied, h.cem, other, vouchers(2))
		h.do(h.customer, c, recovery.Accept{Option: option})
		assert.Equal(t, left, h.left(other))
	}
}

// Whatever the options are, another case may have what the cap leaves of the largest
// amount of a kind among them, to the cent.
func TestACapLeavesWhatTheLargestOptionDoes(t *testing.T) {
	const capped = `{"id": "credit-cap", "effect": "deny", "remedies": ["credit", "discount"], "beyond": {"amount": {"amount": "100.00", "currency": "EUR"}, "per": "customer"}},
		{"id": "credit", "effect": "allow", "remedies": ["credit", "discount"], "role": "agent"}`
	kinds := []policy.Kind{policy.Discount, policy.Credit}
	r := rand.New(rand.NewPCG(4, 2))
	for range 50 {
		h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(capped)) })
		other := h.At(recovery.StepClarified)
		var options []recovery.Option
		most := map[policy.Kind]int64{}
		for range 1 + r.IntN(3) {
			var option recovery.Option
			sums := map[policy.Kind]int64{}
			for range 1 + r.IntN(3) {
				kind, euros := kinds[r.IntN(2)], 1+r.Int64N(20)
				option.Remedies = append(option.Remedies, money(kind, euros))
				sums[kind] += euros
			}
			options = append(options, option)
			for kind, sum := range sums {
				most[kind] = max(most[kind], sum)
			}
		}
		c := h.presented(recovery.Propose{Remedies: options[0].Remedies, Alternatives: options[1:]})
		left := 100 - most[policy.Discount] - most[policy.Credit]
		if left > 0 {
			h.refuses(recovery.ErrDenied, h.cem, other, offer(money(policy.Credit, left+1)))
			other = h.do(h.cem, other, offer(money(policy.Credit, left)), recovery.Present{})
		} else {
			h.refuses(recovery.ErrDenied, h.cem, other, offer(money(policy.Credit, 1)))
		}
		h.do(h.customer, c, recovery.Accept{Option: r.IntN(len(options))})
		if left > 0 {
			h.do(h.customer, other, recovery.Accept{}) // whatever they chose
		}
	}
}

// A cap that comes into force while an offer is open counts the offer from when it is judged again.
func TestANewCapCountsOffersThatAreOpen(t *testing.T) {
	before := rulesOf(t, strings.Replace(housePolicy, `"effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "customer", "days": 90}`,
		`"effect": "deny", "remedies": ["upgrade"]`, 1))
	h := newHouse(t, func(o *recovery.Options) { o.Policy = before })
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(2))
	held, spent := h.holds(c)
	assert.Equal(t, []int{0, 0}, []int{held, spent}, "no cap, no ledger")

	now := h.second(recovery.Options{})
	c = now.do(h.ana, c, recovery.Present{})
	held, spent = h.holds(c)
	assert.Equal(t, []int{2, 0}, []int{held, spent})
	now.do(h.ana, c, recovery.Accept{})
	held, spent = h.holds(c)
	assert.Equal(t, []int{0, 2}, []int{held, spent})
}

// A cap counts what the case itself was given before there was the cap, once.
func TestANewCapCountsWhatTheCaseWasGiven(t *testing.T) {
	paid := `{"id": "paid", "effect": "block", "remedies": ["refund"], "beyond": {"amount": {"percent": 100}, "per": "order"}}`
	h := newHouse(t)
	h.Complaint.Order = policy.Order{ID: "A-17", Paid: policy.Money{Minor: 5000, Currency: policy.EUR}}
	capped := h.second(recovery.Options{Policy: rulesOf(t, policyWith(paid))})
	again := func(c recovery.Case) recovery.Case {
		c = h.do(h.customer, c, recovery.CheckBack{})
		return h.do(h.ana, c, recovery.Acknowledge{}, recovery.Clarify{Restated: "more", Basis: recovery.Confirmed})
	}
	c := again(h.do(h.ana, h.presented(offer(money(policy.Refund, 40))), recovery.Accept{}))
	capped.refuses(recovery.ErrDenied, h.ana, c, offer(money(policy.Refund, 11)))
	c = capped.do(h.ana, c, offer(money(policy.Refund, 8)), recovery.Present{}, recovery.Accept{})
	c = again(c)
	capped.refuses(recovery.ErrDenied, h.ana, c, offer(money(policy.Refund, 3)))
	capped.do(h.ana, c, offer(money(policy.Refund, 2)), recovery.Present{}, recovery.Accept{})
}

func TestADeniedOfferReservesNothing(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(1))
	h.refuses(recovery.ErrDenied, h.ana, c, vouchers(4))
	held, _ := h.holds(c)
	assert.Equal(t, 1, held, "the offer that was open still holds what it held")
}

func TestACapsWindowPasses(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepReceived)
	h.do(h.ana, h.presented(vouchers(3)), recovery.Accept{})
	assert.Equal(t, 0, h.left(c))
	h.Advance(91 * day)
	assert.Equal(t, 3, h.left(c))
}

// A customer gets a remedy when they accept it, however long ago it was offered: until then it is in every window,
// and afterwards in those that began before they did.
func TestAWindowCountsFromTheAcceptance(t *testing.T) {
	const daily = `{"id": "daily", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 1, "per": "customer", "days": 1}}`
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(daily)) })
	c, other := h.presented(vouchers(1)), h.At(recovery.StepClarified)
	h.Advance(2 * day)
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(1)) // they can still take the first
	said := h.Now()
	h.Advance(time.Hour)
	h.do(h.ana, c, recovery.Accept{At: said})
	h.Advance(day - time.Hour - time.Microsecond)
	h.refuses(recovery.ErrDenied, h.cem, other, vouchers(1))
	h.Advance(time.Microsecond)
	h.do(h.ana, other, vouchers(1))
}

// Each of 32 agents has a case of the same customer, and all offer at once.
func TestACapHoldsAcrossRacingCases(t *testing.T) {
	h := newHouse(t)
	const agents = 32
	cases := make([]recovery.Case, agents)
	for i := range cases {
		cases[i] = h.At(recovery.StepClarified)
	}
	errs := make([]error, agents)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, c := range cases {
		all.Go(func() {
			<-start
			_, errs[i] = h.Do(t.Context(), c.ID, h.ana, vouchers(1))
		})
	}
	close(start)
	all.Wait()
	passed, held := 0, 0
	for i, err := range errs {
		of, _ := h.holds(cases[i])
		held += of
		if err == nil {
			passed++
			continue
		}
		var denied *recovery.DeniedError
		require.True(t, errors.As(err, &denied), "%v", err)
	}
	assert.Equal(t, 3, passed)
	assert.Equal(t, 3, held)
}

// byHousehold caps what a household gets, which the host names by a fact, and what an order does.
const byHousehold = `{
  "name": "household", "version": "1", "roles": ["agent", "supervisor", "manager"], "ledgers": ["household"],
  "rows": [
    {"id": "voucher", "effect": "allow", "remedies": ["voucher"], "role": "agent"},
    {"id": "home-cap", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "household"}},
    {"id": "order-cap", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 5, "per": "order"}}
  ]
}`

// heldBy counts what every ledger holds of all cases, spent or not.
func (h *house) heldBy() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for head, err := range history.Heads(h.t.Context(), h.Store, history.Query{Kind: "ledger"}) {
		require.NoError(h.t, err)
		name, of, spent, err := recovery.Held(head)
		require.NoError(h.t, err)
		for _, n := range of {
			spent += n
		}
		if spent > 0 {
			out[name] = spent
		}
	}
	return out
}

func TestACapCountsByWhatTheHostNames(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
	h.Complaint.Order.ID = "A-17"
	at := func(customer, household string) recovery.Case {
		h.Complaint.Customer, h.Complaint.Facts = customer, nil
		if household != "" {
			h.Complaint.Facts = policy.Facts{"household": household}
		}
		return h.At(recovery.StepClarified)
	}
	h.do(h.ana, at("42", "17"), vouchers(2))
	h.refuses(recovery.ErrDenied, h.cem, at("43", "17"), vouchers(2)) // of another customer
	h.do(h.ana, at("43", "17"), vouchers(1), recovery.Present{}, recovery.Accept{})
	h.refuses(recovery.ErrDenied, h.cem, at("44", "17"), vouchers(1))
	h.do(h.ana, at("44", "18"), vouchers(2)) // and then that of the order is used up
	h.refuses(recovery.ErrDenied, h.cem, at("45", "19"), vouchers(1))
	assert.Equal(t, map[string]int{"household:17": 3, "household:18": 2, "order:A-17": 5}, h.heldBy())

	var denied *recovery.DeniedError
	require.ErrorAs(t, h.refusal(recovery.ErrDenied, h.cem, at("46", ""), vouchers(1)), &denied)
	assert.Equal(t, []string{"household"}, denied.Decision.Missing, "a household that is not known is no way around")
}

// A household was mistaken for another: what the offer holds goes where it belongs once it is judged again.
func TestAnOfferMovesToTheLedgerItBelongsTo(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
	h.Complaint.Order.ID = "A-17"
	h.Complaint.Facts = policy.Facts{"household": "17"}
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(2), household18())
	assert.Equal(t, map[string]int{"household:17": 2, "order:A-17": 2}, h.heldBy())
	c = h.do(h.ana, c, recovery.Present{})
	assert.Equal(t, map[string]int{"household:18": 2, "order:A-17": 2}, h.heldBy())
	assert.Len(t, c.Offer.Reserved, 4)
	h.do(h.ana, c, recovery.Accept{})
	assert.Equal(t, map[string]int{"household:18": 2, "order:A-17": 2}, h.heldBy())
}

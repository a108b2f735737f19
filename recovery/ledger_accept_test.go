package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// household18 corrects whose household it is.
func household18() recovery.Learn { return recovery.Learn{Facts: policy.Facts{"household": "18"}} }

// It was noticed only after the customer had been told: what they accept is spent where it belongs, and nothing is
// left elsewhere.
func TestAnAcceptanceSpendsWhereItBelongs(t *testing.T) {
	for _, x := range []struct {
		name   string
		accept recovery.Accept
		want   map[string]int
	}{
		{"all of it", recovery.Accept{}, map[string]int{"household:18": 2, "order:A-17": 2}},
		{"a part", recovery.Accept{Items: []int{2}}, map[string]int{"household:18": 1, "order:A-17": 1}},
		{"another option", recovery.Accept{Option: 1}, map[string]int{"household:18": 1, "order:A-17": 1}},
		{"an option that counts nowhere", recovery.Accept{Option: 2}, map[string]int{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
			h.Complaint.Order.ID = "A-17"
			h.Complaint.Facts = policy.Facts{"household": "17"}
			p := vouchers(2)
			p.Alternatives = []recovery.Option{{Remedies: vouchers(1).Remedies}, {Remedies: []policy.Remedy{{Kind: policy.Apology}}}}
			c := h.do(h.ana, h.presented(p), household18())
			c = h.do(h.customer, c, x.accept)
			assert.Equal(t, x.want, h.heldBy())
			e := last[recovery.Accepted](h, c)
			assert.Equal(t, []string{"household:17"}, e.Freed)
			assert.Len(t, e.Reserved, x.want["household:18"])
			for _, r := range e.Reserved {
				assert.Equal(t, "household:18", r.Ledger)
			}
			held, _ := h.holds(c)
			assert.Zero(t, held)
		})
	}
}

// Forgetting whose ledger it is frees nothing: what is accepted is spent where it was reserved.
func TestAnAcceptanceSpendsWhatIsReservedOfWhomeverItWas(t *testing.T) {
	for _, known := range []recovery.Learn{
		{Facts: policy.Facts{"household": ""}},
		{Order: policy.Order{Paid: euros(1)}}, // without its id
	} {
		h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
		h.Complaint.Order.ID = "A-17"
		h.Complaint.Facts = policy.Facts{"household": "17"}
		c := h.do(h.ana, h.presented(vouchers(2)), known)
		c = h.do(h.customer, c, recovery.Accept{})
		assert.Equal(t, map[string]int{"household:17": 2, "order:A-17": 2}, h.heldBy())
		assert.Empty(t, last[recovery.Accepted](h, c).Freed)
	}
}

// What turns out to be undeliverable comes back from where it was spent.
func TestWhatWasSpentWhereItBelongsIsGivenBackThere(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
	h.Complaint.Facts = policy.Facts{"household": "17"}
	h.Complaint.Order.ID = "A-17"
	p := vouchers(2)
	p.Promises = []recovery.Promise{{What: "send them", Within: "72h"}}
	c := h.do(h.ana, h.presented(p), household18(), recovery.Accept{})
	assert.Equal(t, []string{"household:18", "order:A-17"}, slices.Sorted(slices.Values(c.Owed[0].Ledgers)))
	h.do(h.customer, c, recovery.Close{As: recovery.Withdrawn})
	assert.Empty(t, h.heldBy())
}

// What a customer was promised is kept: a cap that is used up by then refuses no acceptance, and counts it.
func TestAnAcceptanceMayOverdrawTheLedgerItBelongsTo(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
	at := func(order, household string) recovery.Case {
		h.Complaint.Order.ID, h.Complaint.Facts = order, policy.Facts{"household": household}
		return h.At(recovery.StepClarified)
	}
	h.do(h.ana, at("B-1", "18"), vouchers(3), recovery.Present{}, recovery.Accept{})
	c := h.do(h.ana, at("B-2", "17"), vouchers(2), recovery.Present{}, household18())
	h.do(h.customer, c, recovery.Accept{})
	assert.Equal(t, 5, h.heldBy()["household:18"])
	h.refuses(recovery.ErrDenied, h.cem, at("B-3", "18"), vouchers(1))
	h.do(h.ana, at("B-4", "17"), vouchers(3)) // in which nothing is left behind
}

// Customers of what was taken for 32 households accept at once, and it is one household by now: each acceptance is in its ledger.
func TestRacingAcceptancesMeetInTheLedgerTheyBelongTo(t *testing.T) {
	h := newHouse(t, func(o *recovery.Options) { o.Policy = rulesOf(t, byHousehold) })
	const customers = 32
	cases := make([]recovery.Case, customers)
	for i := range cases {
		h.Complaint.Order.ID, h.Complaint.Facts = fmt.Sprint("B-", i), policy.Facts{"household": fmt.Sprint(100 + i)}
		cases[i] = h.do(h.ana, h.presented(vouchers(2)), household18())
	}
	errs := make([]error, customers)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, c := range cases {
		all.Go(func() {
			<-start
			_, errs[i] = h.Do(t.Context(), c.ID, h.customer, recovery.Accept{})
		})
	}
	close(start)
	all.Wait()
	held := h.heldBy()
	for i, err := range errs {
		require.NoError(t, err)
		assert.Equal(t, 2, held[fmt.Sprint("order:B-", i)])
		assert.Zero(t, held[fmt.Sprint("household:", 100+i)])
	}
	assert.Equal(t, 2*customers, held["household:18"])
	require.NoError(t, history.Verify(t.Context(), h.Store, history.StreamOf("ledger:household:18")))
}

// A cap that comes into force after the customer was told counts what they accept, for other cases too.
func TestANewCapCountsWhatIsAcceptedUnderIt(t *testing.T) {
	before := rulesOf(t, strings.Replace(housePolicy, `"effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "customer", "days": 90}`,
		`"effect": "deny", "remedies": ["upgrade"]`, 1))
	h := newHouse(t, func(o *recovery.Options) { o.Policy = before })
	c, other := h.presented(vouchers(2)), h.At(recovery.StepClarified)
	now := h.second(recovery.Options{})
	now.do(h.ana, c, recovery.Accept{})
	assert.Equal(t, map[string]int{"customer:42": 2}, h.heldBy())
	now.refuses(recovery.ErrDenied, h.cem, other, vouchers(2))
	now.do(h.ana, other, vouchers(1))
}

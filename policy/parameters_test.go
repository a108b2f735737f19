package policy_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func lines(s *policy.Set, r policy.Request, kinds ...policy.Kind) []string {
	var all []string
	for _, p := range s.Parameters(r, kinds...)[:len(kinds)] {
		all = append(all, p.String())
	}
	return all
}

func TestParametersAsLines(t *testing.T) {
	s := retail(t)
	r := ask()
	r.Category = "delivery"
	kinds := []policy.Kind{
		policy.Replacement, policy.Refund, policy.Voucher, policy.Apology, policy.Upgrade, policy.Compensation,
		policy.ContractRelease, "visit", "points", policy.PartialRefund, policy.Repair,
	}
	assert.Equal(t, []string{
		"replacement: with approval by supervisor (swap-early: replaced rather than repaired in the first 14 days (10 of 14 days since delivery))",
		"refund: up to 50.00 EUR alone, up to 300.00 EUR with supervisor, up to 5000.00 EUR with manager",
		"voucher: up to 50.00 EUR alone, up to 500.00 EUR with supervisor, up to 5000.00 EUR with manager, 3 of 3 left",
		"apology: alone",
		"upgrade: with approval by manager (swap-any)",
		"compensation: up to 5000.00 EUR with approval by manager (case-budget; money-manager)",
		"contract_release: with approval by manager (release)",
		"visit: alone",
		"points: up to 25.00 EUR alone",
		"partial_refund: up to 50.00 EUR alone, up to 200.00 EUR with supervisor, 200.00 EUR left",
		"repair: alone",
	}, lines(s, r, kinds...))

	r.Category, r.Tier, r.Order.Delivered = "quality", "", time.Time{}
	r.Given = []policy.Given{
		given("case", refund(20_00), noon()), given("order:A-17", policy.Remedy{Kind: policy.PartialRefund, Amount: eur(190_00)}, noon()),
		{Ledger: "customer:42", Kind: policy.Voucher, Count: 3, Amount: eur(140_00), At: daysAgo(1)},
	}
	assert.Equal(t, []string{
		"replacement: with approval by manager (swap-any; warranty: EU 2019/771, article 10: two years [failed: missing order.delivered])",
		"refund: up to 30.00 EUR alone, up to 280.00 EUR with supervisor, up to 4980.00 EUR with manager",
		"voucher: not (three-vouchers: at most three vouchers in 90 days (3 of 3 used in 90 days))",
		"partial_refund: up to 10.00 EUR alone, 10.00 EUR left",
		"points: not (points [failed: missing tier])",
	}, lines(s, r, policy.Replacement, policy.Refund, policy.Voucher, policy.PartialRefund, "points"))
	r.Category = "sanctioned"
	assert.Equal(t, []string{"refund: blocked (sanctions: no payment to a sanctioned party)"}, lines(s, r, policy.Refund))
	r.Category, r.Order.Delivered = "quality", daysAgo(300)
	assert.Equal(t, []string{"repair: owed (warranty: EU 2019/771, article 10: two years (299 of 730 days since delivery))"}, lines(s, r, policy.Repair))
}

func TestParametersOrder(t *testing.T) {
	s := retail(t)
	var got []policy.Kind
	for _, p := range s.Parameters(ask(), policy.Voucher, policy.Repair, policy.Voucher) {
		got = append(got, p.Kind)
	}
	assert.ElementsMatch(t, s.Kinds(), got)
	assert.Equal(t, []policy.Kind{policy.Voucher, policy.Repair, policy.Apology, policy.Explanation, policy.Correction}, got[:5], "those preferred, then words")
	gift, refund := slices.Index(got, policy.Gift), slices.Index(got, policy.Refund)
	assert.Less(t, gift, refund, "goods before cash")
	assert.Equal(t, policy.Apology, s.Kinds()[0], "what Kinds gives stays")
	assert.Equal(t, policy.Kind("unheard: not (policy:offer [failed: remedy 1, \"unheard\": unknown kind])"),
		policy.Kind(s.Parameters(ask(), "unheard")[0].String()))
}

func TestParametersInTheOrdersCurrency(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"50.00","currency":"EUR"}}`,
		`{"id":"b","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"7000","currency":"JPY"}}`,
		`{"id":"c","effect":"allow","remedies":["credit"],"role":"agent"}`,
		`{"id":"d","effect":"approve","remedies":["credit"],"by":"manager","over":{"amount":"9.00","currency":"USD"}}`)
	r := ask()
	assert.Equal(t, []string{"refund: up to 50.00 EUR alone", "credit: up to 9.00 USD alone, more with manager"}, lines(s, r, policy.Refund, policy.Credit))
	r.Order.Paid.Currency = policy.JPY
	assert.Equal(t, []string{"refund: up to 7000 JPY alone"}, lines(s, r, policy.Refund))
	assert.Equal(t, []string{"voucher: not (no rule allows it)"}, lines(s, r, policy.Voucher))
}

func TestParametersHaveFloors(t *testing.T) {
	row := func(id, effect, limits string) string {
		return `{"id":"` + id + `","effect":` + effect + `,"remedies":["refund"]` + limits + `}`
	}
	const upTo, over = `,"upTo":{"amount":"%s","currency":"EUR"}`, `,"over":{"amount":"%s","currency":"EUR"}`
	limit := func(form, amount string) string { return strings.Replace(form, "%s", amount, 1) }
	petty := row("petty", `"deny"`, limit(upTo, "10")+`,"reason":"too little to book"`)
	for _, c := range []struct {
		rows []string
		want string
	}{
		{[]string{petty, row("a", `"allow","role":"agent"`, "")}, "refund: from 10.01 EUR alone"},
		{[]string{petty, row("a", `"allow","role":"agent"`, limit(upTo, "50"))}, "refund: from 10.01 EUR up to 50.00 EUR alone"},
		{
			[]string{petty, row("a", `"allow","role":"agent"`, limit(upTo, "50")), row("s", `"allow","role":"supervisor"`, limit(upTo, "90"))},
			"refund: from 10.01 EUR up to 50.00 EUR alone, up to 90.00 EUR with supervisor",
		},
		{[]string{petty, row("s", `"allow","role":"supervisor"`, limit(upTo, "90"))}, "refund: from 10.01 EUR up to 90.00 EUR with approval by supervisor (s)"},
		{[]string{row("s", `"allow","role":"supervisor"`, limit(over, "90"))}, "refund: from 90.01 EUR with approval by supervisor (s)"},
		{ // a gap
			[]string{row("a", `"allow","role":"agent"`, limit(upTo, "50")), row("s", `"allow","role":"supervisor"`, limit(over, "90"))},
			"refund: up to 50.00 EUR alone, from 90.01 EUR with supervisor",
		},
		{[]string{row("m", `"mandate"`, limit(upTo, "50"))}, "refund: owed up to 50.00 EUR (m)"},
		{[]string{row("m", `"mandate"`, limit(upTo, "50")), row("a", `"allow","role":"agent"`, limit(upTo, "90"))}, "refund: owed up to 50.00 EUR, up to 90.00 EUR alone (m)"},
		{[]string{row("m", `"mandate"`, limit(upTo, "50")), row("a", `"allow","role":"agent"`, "")}, "refund: owed up to 50.00 EUR, more alone (m)"},
		{
			[]string{row("m", `"mandate"`, limit(upTo, "50")), row("s", `"allow","role":"supervisor"`, "")},
			"refund: owed up to 50.00 EUR, more with supervisor (m)",
		},
	} {
		assert.Equal(t, []string{c.want}, lines(load(t, c.rows...), ask(), policy.Refund))
	}
	p := load(t, petty, row("a", `"allow","role":"agent"`, limit(upTo, "50"))).Parameters(ask(), policy.Refund)[0]
	assert.Equal(t, []policy.Money{eur(10_01), eur(50_00), {}}, []policy.Money{p.From, p.UpTo, p.Owed})
}

// What rules compared is what was used before: the amounts by which they were asked are nobody's.
func TestParametersSayWhatWasUsed(t *testing.T) {
	s := retail(t)
	r := ask()
	r.Given = []policy.Given{
		given("case", refund(20_00), noon()),
		{Ledger: "customer:42", Kind: policy.Voucher, Count: 3, Amount: eur(140_00), At: daysAgo(1)},
		given("order:A-17", policy.Remedy{Kind: policy.PartialRefund, Amount: eur(200_00)}, noon()),
	}
	why := func(k policy.Kind) (texts []string) {
		for _, f := range s.Parameters(r, k)[0].Why {
			texts = append(texts, f.String())
		}
		return texts
	}
	assert.Equal(t, []string{
		"case-budget: 20.00 EUR of 1000.00 EUR used", "four-eyes: four eyes above 300 EUR (20.00 EUR of 300.00 EUR used)",
		"money-agent: 20.00 EUR of 50.00 EUR used", "money-manager: 20.00 EUR of 5000.00 EUR used", "money-supervisor: 20.00 EUR of 500.00 EUR used",
	}, why(policy.Refund))
	assert.Contains(t, why(policy.Voucher), "three-vouchers: at most three vouchers in 90 days (3 of 3 used in 90 days)")
	assert.Contains(t, why(policy.Voucher), "customer-budget: 140.00 EUR of 150.00 EUR used in 365 days")
	assert.Equal(t, []string{"partial_refund: not (order-budget: no more than 200 EUR off an order; refund it (200.00 EUR of 200.00 EUR used))"},
		lines(s, r, policy.PartialRefund))
}

func TestParametersOfRulesInGo(t *testing.T) {
	rule := policy.Func{Name: "small", Is: policy.Deny, Remedies: []policy.Kind{policy.Refund}, Fn: func(r *policy.Request) (string, bool, error) {
		return "too much for a phone call", r.Offer[0].Amount.Minor > 17_23, nil
	}}
	s := loadWith(t, &policy.Options{Rules: []policy.Rule{rule}},
		`{"id":"a","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"50.00","currency":"EUR"}}`)
	p := s.Parameters(ask(), policy.Refund)[0]
	assert.Equal(t, "refund: up to 17.23 EUR alone", p.String())
	assert.Len(t, p.Why, 2)
}

// What Parameters promises, Judge keeps, and what it does not promise, Judge refuses.
func TestParametersAgreeWithJudge(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	s := retail(t)
	checked := 0
	for range 300 {
		r := randomRequest(rng, []policy.Kind{policy.Refund, policy.Voucher, policy.Credit})
		r.Approvers = nil
		for _, p := range s.Parameters(r) {
			try := func(minor int64) policy.Decision {
				r := r
				r.Offer = []policy.Remedy{{Kind: p.Kind, Amount: eur(minor)}}
				return s.Judge(r)
			}
			if !p.UpTo.IsZero() {
				checked++
				require.Contains(t, []policy.Verdict{policy.Allowed, policy.Mandated}, try(p.UpTo.Minor).Verdict, "%s", p)
				require.NotContains(t, []policy.Verdict{policy.Allowed, policy.Mandated}, try(p.UpTo.Minor+1).Verdict, "%s", p)
			}
			for _, step := range p.Ladder {
				if step.UpTo.IsZero() {
					continue
				}
				checked++
				d := try(step.UpTo.Minor)
				require.Equal(t, policy.NeedsApproval, d.Verdict, "%s", p)
				require.Equal(t, step.By, d.By, "%s", p)
				require.NotEqual(t, step.By, try(step.UpTo.Minor+1).By, "%s", p)
			}
		}
	}
	assert.Greater(t, checked, 1000)
}

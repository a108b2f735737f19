package policy_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func TestSuspicionNeverShows(t *testing.T) {
	s := load(t, `{"id":"ring","effect":"block","remedies":["refund"],"categories":["fraud"],"reason":"one of the fraud ring"}`,
		`{"id":"law","effect":"block","remedies":["refund"],"categories":["fraud"],"explain":{"en":"We cannot pay this out."}}`,
		`{"id":"no","effect":"deny","remedies":["refund"],"explain":{"en":"Not after a year.","de":"Nicht nach einem Jahr."}}`,
		`{"id":"why","effect":"deny","remedies":["refund"],"tiers":["gold"],"reason":"serial returner"}`,
		`{"id":"same","effect":"deny","remedies":["refund"],"explain":{"en":"Not after a year."}}`)
	r := ask(refund(1))
	d := s.Judge(r)
	assert.Equal(t, []string{"Not after a year."}, d.Explain("en-GB"))
	assert.Equal(t, []string{"Nicht nach einem Jahr."}, d.Explain("de"))
	assert.Empty(t, d.Explain("tr"))
	r.Category, r.Tier = "fraud", ""
	d = s.Judge(r)
	require.Equal(t, policy.Blocked, d.Verdict)
	assert.Equal(t, []string{"We cannot pay this out."}, d.Explain("en"), "but for what a rule says to the customer in so many words")
	assert.Empty(t, d.Explain("de"))
	assert.Empty(t, policy.Decision{}.Explain("en"))
	for _, f := range d.Findings {
		assert.NotContains(t, strings.Join(d.Explain("en"), " "), cmp.Or(f.Reason, "serial"))
	}
}

func TestDecisionSaysWhyInOneSentencePerRule(t *testing.T) {
	s := retail(t)
	r := ask(voucher(10_00), refund(1))
	r.Given = []policy.Given{{Ledger: "customer:42", Kind: policy.Voucher, Count: 3, At: daysAgo(1)}}
	r.Category, r.Channel = "digital", "chat"
	d := s.Judge(r)
	assert.Equal(t, "denied (no-cash-digital: digital goods are refunded in writing; "+
		"three-vouchers: at most three vouchers in 90 days (4 of 3 used in 90 days))", d.String())
	require.Len(t, d.Grounds(), 2)
	assert.Equal(t, policy.Compared{Count: 4, Max: 3, Days: 90}, d.Grounds()[1].Compared)
	assert.Greater(t, len(d.Findings), 2)
	r = ask(refund(12_00))
	r.Given = []policy.Given{given("case", refund(30_00), daysAgo(1))}
	d = s.Judge(r)
	assert.Empty(t, d.Grounds())
	assert.Equal(t, "money-agent: 42.00 EUR of 50.00 EUR used", of(d, "money-agent").String())
}

// Mandates lift what is commercial: every denial, cap and approval of the retail policy, and no block.
func TestMandateOverThePolicyOfAShop(t *testing.T) {
	rows, rest := retailRows(t)
	with, err := withRows(t, rest, append(slices.Clone(rows), `{"id":"owed","effect":"mandate","channels":["letter"]}`))
	require.ErrorContains(t, err, `it cannot suppress the mandate "owed"`)
	require.Nil(t, with)
	rows = slices.DeleteFunc(rows, func(row string) bool { return strings.Contains(row, `"no-gifts-letters"`) })
	with, err = withRows(t, rest, append(rows, `{"id":"owed","effect":"mandate","channels":["letter"]}`))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(21, 22))
	seen := map[policy.Verdict]int{}
	for range 2000 {
		r := randomRequest(rng, with.Kinds())
		r.Channel = "letter"
		for i := range r.Offer {
			if with.Check(r.Offer[i]) != nil {
				r.Offer[i].Amount = policy.Money{}
			}
		}
		d := with.Judge(r)
		seen[d.Verdict]++
		require.Contains(t, []policy.Verdict{policy.Mandated, policy.Blocked}, d.Verdict, "%s", d)
	}
	assert.Len(t, seen, 2)
}

// limitRule is a rule in Go whose verdict depends on all that is offered and was given.
func limitRule(name string, is policy.Effect, kinds []policy.Kind, most int64) policy.Func {
	f := policy.Func{Name: name, Is: is, Remedies: kinds, Fn: func(r *policy.Request) (string, bool, error) {
		sum := int64(0)
		for _, x := range r.Offer {
			if slices.Contains(kinds, x.Kind) {
				sum += x.Amount.Minor
			}
		}
		for _, g := range r.Given {
			if g.Ledger == "case" && slices.Contains(kinds, g.Kind) {
				sum += g.Amount.Minor
			}
		}
		if r.Tier == "" {
			return "", false, policy.Missing("tier")
		}
		return "", (sum <= most) == (is == policy.Allow), nil
	}}
	if is == policy.Allow || is == policy.Approve {
		f.Role = "supervisor"
	}
	return f
}

func TestOrderOfRulesInGoNeverChangesADecision(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	kinds := []policy.Kind{policy.Refund, policy.Voucher, policy.Gift}
	var rules []policy.Rule
	for i, e := range []policy.Effect{policy.Allow, policy.Allow, policy.Approve, policy.Deny, policy.Mandate, policy.Block} {
		rules = append(rules, limitRule(fmt.Sprintf("go-%d", i), e, kinds[:1+i%3], int64(100_00*(i+1))))
	}
	roles := []policy.Role{"agent", "supervisor", "manager"}
	first, err := policy.New("go", "1", roles, &policy.Options{Rules: rules})
	require.NoError(t, err)
	for range 20 {
		rng.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		other, err := policy.New("go", "1", roles, &policy.Options{Rules: rules})
		require.NoError(t, err)
		require.Equal(t, first.Digest(), other.Digest())
		for range 100 {
			r := randomRequest(rng, kinds)
			require.Equal(t, first.Judge(r), other.Judge(r))
		}
	}
}

// The forms of rows that look at the whole bundle, put together at random. Mandates are not among them: what a customer is owed is owed
// after goodwill too.
func TestNoSplittingGainsWithAnyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	kinds := []policy.Kind{policy.Refund, policy.PartialRefund, policy.Voucher}
	forms := []string{
		`"effect":"deny","remedies":["partial_refund"],"excludes":{"remedies":["refund"],"per":"order"}`,
		`"effect":"approve","by":"manager","remedies":["refund"],"excludes":{"remedies":["refund"],"per":"customer"}`,
		`"effect":"block","remedies":["refund","partial_refund"],"beyond":{"amount":{"percent":100},"per":"order"}`,
		`"effect":"deny","remedies":["partial_refund","voucher"],"over":{"percent":20}`,
		`"effect":"approve","by":"supervisor","remedies":["voucher"],"beyond":{"count":1,"per":"household","days":90}`,
		`"effect":"deny","remedies":["refund","voucher"],"beyond":{"count":2,"per":"case"}`,
		`"effect":"allow","role":"agent","remedies":["refund","partial_refund"],"upTo":{"percent":50}`,
		`"effect":"allow","role":"supervisor","remedies":["refund","partial_refund","voucher"]`,
	}
	compared := 0
	for range 2000 {
		var rows []string
		for i, f := range forms {
			if rng.IntN(2) == 0 {
				rows = append(rows, fmt.Sprintf(`{"id":"r%d",%s}`, i, f))
			}
		}
		s := declaring(t, `["household"]`, append(rows, never)...)
		r := ask()
		r.Order.Paid, r.Facts = eur(100_00), policy.Facts{"household": "17"}
		for range 2 + rng.IntN(3) {
			r.Offer = append(r.Offer, policy.Remedy{
				Kind: kinds[rng.IntN(3)], Amount: eur(1 + rng.Int64N(60_00)), Item: []string{"", "1", "2"}[rng.IntN(3)],
			})
		}
		whole := severity(t, s, s.Judge(r))
		pieces, worst := r.Offer, 0
		for i, x := range pieces {
			r.Offer = pieces[i : i+1]
			d := s.Judge(r)
			worst = max(worst, severity(t, s, d))
			r.Given = append(append(slices.Clone(r.Given), d.Reserves...), policy.Given{Ledger: "case", Kind: x.Kind, Amount: x.Amount, Line: x.Item, At: noon()})
			if worst >= 100 {
				break // refused: nothing was given
			}
		}
		if worst < 100 {
			require.GreaterOrEqual(t, worst, whole, "%v %+v", rows, pieces)
		}
		if whole > 0 && whole < 100 {
			compared++
		}
	}
	assert.Greater(t, compared, 100)
}

func TestWindowsAreHalfOpenForEveryCap(t *testing.T) {
	for _, per := range []string{"case", "order", "customer", "household"} {
		ledger := map[string]string{"case": "case", "order": "order:A-17", "customer": "customer:42", "household": "household:17"}[per]
		for _, days := range []int{1, 90, 36_500} {
			s := declaring(t, `["household"]`, `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent"}`,
				fmt.Sprintf(`{"id":"c","effect":"deny","remedies":["voucher"],"beyond":{"count":1,"per":%q,"days":%d}}`, per, days))
			r := ask(voucher(1))
			r.Facts = policy.Facts{"household": "17"}
			edge := noon().Add(-time.Duration(days) * 24 * time.Hour)
			for at, want := range map[time.Time]policy.Verdict{
				edge: policy.Allowed, edge.Add(-1): policy.Allowed, edge.Add(1): policy.Denied, noon(): policy.Denied,
				edge.In(time.FixedZone("", 7*3600)): policy.Allowed,
			} {
				r.Given = []policy.Given{given(ledger, voucher(1), at)}
				assert.Equal(t, want, s.Judge(r).Verdict, "%s %d %s", per, days, at)
			}
		}
	}
}

// Of what was offered and given there may be any number: the first few are looked up once, the others each time.
func TestLongOffersAndLedgers(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent","upTo":{"amount":"0.50","currency":"EUR"}}`,
		`{"id":"c","effect":"deny","remedies":["voucher"],"beyond":{"count":60,"per":"customer","days":90}}`)
	r := ask()
	for range 20 {
		r.Offer = append(r.Offer, voucher(1))
		r.Given = append(r.Given, given("case", voucher(1), noon()), given("customer:42", voucher(1), noon()), given("customer:43", voucher(1), noon()))
	}
	d := s.Judge(r)
	require.Equal(t, policy.Allowed, d.Verdict)
	assert.Equal(t, "0.40 EUR of 0.50 EUR used", d.Findings[0].Compared.String())
	assert.Len(t, d.Reserves, 20)
	for range 21 {
		r.Given = append(r.Given, given("customer:42", voucher(1), noon()))
	}
	assert.Equal(t, "denied (c: 61 of 60 used in 90 days)", s.Judge(r).String())
}

func TestManyRulesFire(t *testing.T) {
	var rows []string
	for i := range 40 {
		rows = append(rows, fmt.Sprintf(`{"id":"r%02d","effect":"allow","remedies":["refund"],"role":"agent","categories":["quality","c%d"]}`, i, i))
	}
	d := load(t, rows...).Judge(ask(refund(1)))
	require.Len(t, d.Findings, 40)
	assert.IsIncreasing(t, fired(d))
}

func FuzzJudge(f *testing.F) {
	s := retail(f)
	f.Add(uint64(1), "refund", "42", int64(50_00), int64(-1), "order:A-17", "line")
	f.Add(uint64(2), "voucher", "", int64(1<<62), int64(1<<62), "customer:", "")
	f.Add(uint64(3), "\xff", "ana", int64(-1<<63), int64(1<<63-1), "case", "\x00")
	f.Fuzz(func(t *testing.T, seed uint64, kind, id string, amount, had int64, ledger, line string) {
		rng := rand.New(rand.NewPCG(seed, 1))
		r := randomRequest(rng, s.Kinds())
		currency := []policy.Currency{policy.EUR, policy.JPY, 0, 7}[rng.IntN(4)]
		r.Offer = append(r.Offer, policy.Remedy{Kind: policy.Kind(kind), Amount: policy.Money{Minor: amount, Currency: currency}, Item: line, Payee: id})
		r.Given = append(r.Given, policy.Given{Ledger: ledger, Kind: policy.Kind(kind), Amount: policy.Money{Minor: had, Currency: policy.EUR}, Line: line, Count: int(had)})
		r.Actor.ID, r.Customer = id, []string{id, "42"}[rng.IntN(2)]
		r.Order.Paid.Minor = amount
		d := s.Judge(r)
		require.Equal(t, d, s.Judge(r), "it is pure")
		require.NotEmpty(t, d.String())
		require.True(t, slices.IsSortedFunc(d.Findings, func(a, b policy.Finding) int { return strings.Compare(a.Rule, b.Rule) }))
		if s.Check(r.Offer[len(r.Offer)-1]) != nil {
			require.Contains(t, []policy.Verdict{policy.Denied, policy.Blocked}, d.Verdict, "a flawed remedy is never offered")
		}
		if d.Verdict == policy.NeedsApproval {
			_, ok := s.Rank(d.By)
			require.True(t, ok)
		}
		if d.Verdict == policy.Denied || d.Verdict == policy.Blocked {
			require.Empty(t, d.Reserves)
		}
	})
}

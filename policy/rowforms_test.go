package policy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// declaring has the ladder agent, supervisor, manager, ledgers of the host's and the rows given.
func declaring(tb testing.TB, ledgers string, rows ...string) *policy.Set {
	tb.Helper()
	doc := document(rows...)
	s, err := policy.Load(append([]byte(`{"ledgers":`+ledgers+`,`), doc[1:]...), nil)
	require.NoError(tb, err)
	return s
}

func TestCapsCountByWhatTheHostNames(t *testing.T) {
	s := declaring(t, `["instrument","household"]`, `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent"}`,
		`{"id":"card","effect":"approve","by":"manager","remedies":["voucher"],"beyond":{"amount":{"amount":"20.00","currency":"EUR"},"per":"instrument"}}`,
		`{"id":"home","effect":"deny","remedies":["voucher"],"beyond":{"count":2,"per":"household","days":90}}`,
		`{"id":"me","effect":"deny","remedies":["voucher"],"beyond":{"count":9,"per":"customer"}}`)
	r := ask(voucher(10_00))
	r.Facts = policy.Facts{"household": "17", "instrument": "visa-1"}
	assert.Equal(t, []string{"customer:42", "household:17", "instrument:visa-1"}, s.Ledgers(r))
	d := s.Judge(r)
	require.Equal(t, policy.Allowed, d.Verdict)
	require.Len(t, d.Reserves, 3)
	assert.Equal(t, policy.Given{Ledger: "household:17", Kind: policy.Voucher, Amount: eur(10_00), At: noon()}, d.Reserves[1])

	other := given("household:18", voucher(10_00), daysAgo(1))
	r.Given = []policy.Given{given("household:17", voucher(10_00), daysAgo(1)), other, other, other}
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict, "the second of two; other households do not count")
	r.Given = append(r.Given, given("household:17", voucher(10_00), daysAgo(89)))
	assert.Equal(t, "denied (home: 3 of 2 used in 90 days)", s.Judge(r).String())
	r.Given = []policy.Given{given("instrument:visa-1", voucher(10_01), daysAgo(1000))}
	assert.Equal(t, "needs approval by manager (card: 20.01 EUR of 20.00 EUR used)", s.Judge(r).String(), "an exhausted cap may ask instead")

	for name, facts := range map[string]policy.Facts{"unknown": nil, "empty": {"household": "", "instrument": "visa-1"}} {
		r.Given, r.Facts = nil, facts
		d := s.Judge(r)
		assert.Equal(t, policy.Denied, d.Verdict, name)
		assert.Contains(t, d.Missing, "household", name)
		assert.NotContains(t, s.Ledgers(r), "household:", name)
	}
	r.Facts = policy.Facts{"household": 17, "instrument": "visa-1"}
	d = s.Judge(r)
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, `denied (home [failed: the fact "household" is of the type int; a ledger is named by a text])`, d.String())
	assert.Equal(t, []string{"customer:42", "instrument:visa-1"}, s.Ledgers(r))

	again, err := policy.Load(s.Document(), nil)
	require.NoError(t, err)
	assert.Equal(t, s.Digest(), again.Digest())
	assert.Equal(t, s.Judge(r), again.Judge(r))
}

const full, part = `{"id":"full","effect":"allow","remedies":["refund"],"role":"agent"}`, `{"id":"part","effect":"allow","remedies":["partial_refund"],"role":"agent"}`

func TestRemediesOfOneLineExcludeOneAnother(t *testing.T) {
	s := load(t, full, part,
		`{"id":"either","effect":"deny","remedies":["partial_refund"],"excludes":{"remedies":["refund"],"per":"order"}}`,
		`{"id":"once","effect":"deny","remedies":["refund"],"excludes":{"remedies":["refund"],"per":"order"}}`)
	on := func(x policy.Remedy, line string) policy.Remedy { x.Item = line; return x }
	half := policy.Remedy{Kind: policy.PartialRefund, Amount: eur(10_00)}
	had := func(ledger string, x policy.Remedy) []policy.Given {
		return []policy.Given{{Ledger: ledger, Kind: x.Kind, Line: x.Item, Amount: x.Amount, At: daysAgo(900)}}
	}
	for _, c := range []struct {
		name  string
		offer []policy.Remedy
		given []policy.Given
		why   string
	}{
		{"one alone", []policy.Remedy{on(half, "1")}, nil, ""},
		{"parts add up", []policy.Remedy{on(half, "1"), on(half, "1")}, nil, ""},
		{"both of a line", []policy.Remedy{on(half, "1"), on(refund(1), "1")}, nil, "either: refund and partial_refund of 1"},
		{"in the other order", []policy.Remedy{on(refund(1), "1"), on(half, "1")}, nil, "either: partial_refund and refund of 1"},
		{"of two lines", []policy.Remedy{on(half, "1"), on(refund(1), "2")}, nil, ""},
		{"one of the whole order", []policy.Remedy{on(half, "1"), refund(1)}, nil, "either: refund and partial_refund of 1"},
		{"both of the whole order", []policy.Remedy{half, refund(1)}, nil, "either: refund and partial_refund together"},
		{"one given on the case", []policy.Remedy{on(half, "1")}, had("case", on(refund(1), "1")), "either: partial_refund and refund of 1"},
		{"the other given on the case", []policy.Remedy{on(refund(1), "1")}, had("case", on(half, "1")), "either: refund and partial_refund of 1"},
		{"given on the order", []policy.Remedy{on(refund(1), "1")}, had("order:A-17", on(half, "1")), "either: refund and partial_refund of 1"},
		{"given on another order", []policy.Remedy{on(refund(1), "1")}, had("order:A-18", on(half, "1")), ""},
		{"given on another line", []policy.Remedy{on(refund(1), "1")}, had("order:A-17", on(half, "2")), ""},
		{"another kind", []policy.Remedy{on(refund(1), "1")}, had("case", on(voucher(1), "1")), ""},
		{"a line refunded twice", []policy.Remedy{on(refund(1), "1"), on(refund(1), "1")}, nil, "once: refund and refund of 1"},
		{"two lines refunded", []policy.Remedy{on(refund(1), "1"), on(refund(1), "2")}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(c.offer...)
			r.Given = c.given
			want := "allowed"
			if c.why != "" {
				want = "denied (" + c.why + ")"
			}
			assert.Equal(t, want, s.Judge(r).String())
		})
	}
	r := ask(half)
	assert.Equal(t, []string{"order:A-17"}, s.Ledgers(r))
	assert.Equal(t, "1", s.Judge(ask(on(half, "1"))).Reserves[0].Line)
	r.Order.ID = ""
	assert.Equal(t, []string{"order.id"}, s.Judge(r).Missing)
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)
	again, err := policy.Load(s.Document(), nil)
	require.NoError(t, err)
	assert.Equal(t, string(s.Document()), string(again.Document()))
	assert.Contains(t, string(s.Document()), `"remedies":["partial_refund"],"excludes":{"remedies":["refund"],"per":"order"}`)
}

func TestLimitsByWhatWasPaid(t *testing.T) {
	s := load(t, full, `{"id":"part","effect":"allow","remedies":["partial_refund"],"role":"agent","upTo":{"percent":20}}`,
		`{"id":"paid","effect":"deny","remedies":["partial_refund","refund"],"beyond":{"amount":{"percent":100},"per":"order"}}`)
	half := func(minor int64) policy.Remedy { return policy.Remedy{Kind: policy.PartialRefund, Amount: eur(minor)} }
	at := func(x policy.Remedy, paid policy.Money, given ...policy.Given) string {
		r := ask(x)
		r.Order.Paid, r.Given = paid, given
		return s.Judge(r).String()
	}
	assert.Equal(t, "allowed", at(half(199_80), eur(999_00)))
	assert.Equal(t, "denied (no rule allows it)", at(half(199_81), eur(999_00)))
	assert.Equal(t, "allowed", at(half(19), eur(99)), "19.8 cents are rounded down")
	assert.Equal(t, "denied (no rule allows it)", at(half(20), eur(99)))
	assert.Equal(t, "allowed", at(refund(1<<62), eur(1<<62)), "no product overflows")
	assert.Equal(t, "allowed", at(refund(999_00), eur(999_00)))
	assert.Equal(t, "denied (paid: 999.01 EUR of 999.00 EUR used)", at(refund(999_01), eur(999_00)))
	assert.Equal(t, "denied (paid: 999.01 EUR of 999.00 EUR used)", at(refund(99_01), eur(999_00), given("order:A-17", half(900_00), daysAgo(900))))
	assert.Equal(t, "denied (paid [failed: missing order.paid]); missing order.paid", at(refund(1), policy.Money{}))
	assert.Equal(t, "denied (paid [failed: 0.01 EUR is compared with JPY; amounts are never converted])", at(refund(1), policy.Money{Minor: 5, Currency: policy.JPY}))
	assert.Equal(t, "denied (paid [failed: what was paid is no amount: -0.05 EUR])", at(refund(1), eur(-5)))

	r := ask()
	r.Given = []policy.Given{given("order:A-17", half(900_00), noon())}
	assert.Equal(t, []string{"refund: up to 99.00 EUR alone, 99.00 EUR left"}, lines(s, r, policy.Refund))
	r.Given = nil
	assert.Equal(t, []string{"partial_refund: up to 199.80 EUR alone, 999.00 EUR left"}, lines(s, r, policy.PartialRefund))
	again, err := policy.Load(s.Document(), nil)
	require.NoError(t, err)
	assert.Equal(t, string(s.Document()), string(again.Document()))
}

func TestPromisesAreJudged(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["repair","gift"],"role":"agent"}`,
		`{"id":"m","effect":"mandate","remedies":["repair"],"channels":["letter"]}`,
		`{"id":"workshop","effect":"deny","remedies":["repair"],"earliest":{"days":3},"reason":"the workshop needs three days"}`)
	by := func(at time.Time) policy.Decision {
		return s.Judge(ask(policy.Remedy{Kind: policy.Repair, By: at}, policy.Remedy{Kind: policy.Gift, By: noon().Add(time.Hour)}))
	}
	first := noon().Add(72 * time.Hour)
	assert.Equal(t, policy.Allowed, by(time.Time{}).Verdict, "nothing was promised")
	assert.Equal(t, policy.Allowed, by(first).Verdict)
	d := by(first.Add(-time.Nanosecond))
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, first, d.Findings[1].Compared.Earliest, "a screen can say when")
	assert.Equal(t, "possible from 2026-11-19 12:00 UTC on", d.Findings[1].Compared.String())

	r := ask(policy.Remedy{Kind: policy.Repair, By: noon()})
	r.Channel = "letter"
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict, "an entitlement makes nothing feasible")
	r.Offer[0].By = first
	assert.Equal(t, policy.Mandated, s.Judge(r).Verdict)
	r.Now = time.Time{}
	assert.Equal(t, []string{"now"}, s.Judge(r).Missing)
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)

	hours := load(t, `{"id":"x","effect":"block","remedies":["callback"],"earliest":{"hours":4}}`)
	assert.Equal(t, policy.Blocked, hours.Judge(ask(policy.Remedy{Kind: policy.Callback, By: noon().Add(4*time.Hour - 1)})).Verdict)
	assert.Equal(t, policy.Denied, hours.Judge(ask(policy.Remedy{Kind: policy.Callback, By: noon().Add(4 * time.Hour)})).Verdict)
}

func TestUnfitActor(t *testing.T) {
	s := load(t, allow2, `{"id":"m","effect":"mandate","remedies":["repair"]}`, `{"id":"self","effect":"block","self":true}`,
		`{"id":"eyes","effect":"approve","remedies":["refund"],"by":"manager","over":{"amount":"9.00","currency":"EUR"}}`)
	self := func(offer ...policy.Remedy) policy.Decision {
		r := ask(offer...)
		r.Actor.ID = r.Customer
		return s.Judge(r)
	}
	repair := policy.Remedy{Kind: policy.Repair}
	d := self(repair)
	assert.Equal(t, policy.Blocked, d.Verdict)
	assert.True(t, d.Unfit, "the entitlement stays")
	assert.Empty(t, d.By, "anybody else may")
	assert.Equal(t, "blocked (self); somebody else may", d.String())
	assert.Equal(t, []string{"m", "self"}, fired(d))
	assert.Empty(t, d.Reserves)
	assert.Equal(t, "blocked (self); somebody else may (supervisor or above)", self(refund(10_00), repair).String())
	d = self(voucher(1), repair)
	assert.Equal(t, "blocked (self)", d.String(), "nobody may give a voucher")
	assert.False(t, d.Unfit)

	r := ask(repair)
	assert.Equal(t, policy.Mandated, s.Judge(r).Verdict)
	r.Offer[0].Payee = "ana"
	assert.True(t, s.Judge(r).Unfit)
	r.Offer[0].Payee = "ben"
	assert.Equal(t, policy.Mandated, s.Judge(r).Verdict)
	r.Customer = ""
	d = s.Judge(r)
	assert.Equal(t, policy.Blocked, d.Verdict, "who knows")
	assert.False(t, d.Unfit, "it would fail for anybody")
	assert.Equal(t, []string{"customer"}, d.Missing)
	r.Actor.ID = ""
	assert.Equal(t, []string{"actor"}, s.Judge(r).Missing)

	about := loadWith(t, &policy.Options{Rules: []policy.Rule{policy.Func{
		Name: "complained", Is: policy.Block, Unfit: true,
		Fn: func(r *policy.Request) (string, bool, error) {
			return "", r.Facts["about"] == r.Actor.ID, nil
		},
	}}}, allow, block)
	r = ask(refund(1))
	r.Severity, r.Facts = "high", policy.Facts{"about": "ana"}
	d = about.Judge(r)
	assert.True(t, d.Unfit)
	assert.EqualValues(t, "agent", d.By)
	r.Severity = "low"
	assert.False(t, about.Judge(r).Unfit, "a block on the remedy is stronger")
}

// Somebody who complains without a name can be answered, though not with anything of which an actor had something.
func TestSelfWithoutACustomer(t *testing.T) {
	s := load(t, `{"id":"gifts","effect":"allow","role":"agent","remedies":["gift","callback"]}`, `{"id":"own","effect":"block","self":true}`)
	judge := func(customer string, offer ...policy.Remedy) string {
		r := ask(offer...)
		r.Customer = customer
		return s.Judge(r).String()
	}
	gift := policy.Remedy{Kind: policy.Gift}
	for _, k := range []policy.Kind{policy.Apology, policy.Explanation, policy.Correction} {
		assert.Equal(t, "allowed", judge("", policy.Remedy{Kind: k}), k)
		assert.Equal(t, "blocked (own); somebody else may", judge("ana", policy.Remedy{Kind: k}), k)
		assert.Equal(t, "blocked (own [failed: missing customer]); missing customer", judge("", gift, policy.Remedy{Kind: k}), k)
	}
	assert.Equal(t, "blocked (own [failed: missing customer]); missing customer", judge("", gift))
	assert.Equal(t, "blocked (own [failed: missing customer]); missing customer", judge("", policy.Remedy{Kind: policy.Callback}))
	assert.Equal(t, "allowed", judge("42", gift))
	nobody := ask(policy.Remedy{Kind: policy.Apology})
	nobody.Actor.ID, nobody.Customer = "", ""
	assert.Equal(t, policy.Blocked, s.Judge(nobody).Verdict, "an actor without an id may be anybody")
}

func TestMisspelledEntriesDeny(t *testing.T) {
	s := declaring(t, `["household"]`, `{"id":"a","effect":"allow","role":"agent"}`, `{"id":"m","effect":"mandate","remedies":["repair"]}`,
		`{"id":"one","effect":"deny","remedies":["voucher"],"beyond":{"count":1,"per":"household"}}`)
	judge := func(x policy.Remedy, given ...policy.Given) policy.Decision {
		r := ask(x)
		r.Facts, r.Given = policy.Facts{"household": "17"}, given
		return s.Judge(r)
	}
	for _, c := range []struct {
		ledger string
		kind   policy.Kind
		why    string
	}{
		{"houshold:17", policy.Voucher, `unknown ledger "houshold" (did you mean "household"?)`},
		{"custmer:42", policy.Voucher, `unknown ledger "custmer" (did you mean "customer"?)`},
		{"household", policy.Voucher, `the ledger has no id, as in "household:42"`},
		{"case:1", policy.Voucher, `the case's own ledger is "case", without an id`},
		{"", policy.Voucher, "it has no ledger"},
		{"household:17", "vouchr", `unknown kind (did you mean "voucher"?); if it was one once, it still has to be declared`},
		{"household:17", "", "it has no kind"},
	} {
		g := policy.Given{Ledger: c.ledger, Kind: c.kind}
		d := judge(voucher(1), policy.Given{Ledger: "case", Kind: policy.Gift}, g)
		require.Equal(t, policy.Denied, d.Verdict, c.why)
		assert.Equal(t, []policy.Finding{{Rule: "policy:given", Effect: policy.Deny, Error: fmt.Sprintf("given 2, %q of %q: %s", c.kind, c.ledger, c.why)}}, d.Grounds())
		assert.Equal(t, policy.Mandated, judge(policy.Remedy{Kind: policy.Repair}, g).Verdict, "what is owed stays owed")
		assert.Contains(t, judge(voucher(1), g, policy.Given{Kind: policy.Gift}).String(), "; and 1 more]")
	}
	for _, g := range []policy.Given{
		{Ledger: "case", Kind: policy.Voucher},
		{Ledger: "order:A-17", Kind: policy.Voucher},
		{Ledger: "household:18", Kind: policy.Voucher},
		{Ledger: "branch:7", Kind: policy.Voucher},
		{Ledger: "household:17", Kind: "loaner"},
	} {
		assert.Equal(t, policy.Allowed, judge(voucher(1), g).Verdict, "it may be another policy's: %v", g)
	}
	var none *policy.Set
	r := ask(policy.Remedy{Kind: policy.Apology})
	r.Given = []policy.Given{{Ledger: "x"}}
	assert.Equal(t, policy.Allowed, none.Judge(r).Verdict, "what counts nothing misses nothing")
}

// What a rule that failed has to say to the customer may not be true.
func TestFailedRulesAreNotExplained(t *testing.T) {
	const texts = `"explain":{"en":"We can give three vouchers in 90 days."}`
	s := declaring(t, `["household"]`, `{"id":"a","effect":"allow","role":"agent"}`,
		`{"id":"three","effect":"deny","remedies":["voucher"],"beyond":{"count":3,"per":"household","days":90},`+texts+`}`)
	r := ask(voucher(1))
	d := s.Judge(r)
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, []string{"three"}, fired(policy.Decision{Findings: d.Grounds()}))
	assert.Empty(t, d.Explain("en"))
	r.Facts = policy.Facts{"household": "17"}
	r.Given = []policy.Given{{Ledger: "household:17", Kind: policy.Voucher, Count: 3}}
	assert.Equal(t, []string{"We can give three vouchers in 90 days."}, s.Judge(r).Explain("en"))
}

func TestPartiesDoNotApprove(t *testing.T) {
	s := load(t, allow2)
	for id, want := range map[string]policy.Verdict{"ben": policy.Allowed, "ana": policy.NeedsApproval, "42": policy.NeedsApproval, "paid": policy.NeedsApproval, "": policy.NeedsApproval} {
		x := refund(1)
		x.Payee = "paid"
		assert.Equal(t, want, s.Judge(by(ask(x), "agent", policy.Actor{ID: id, Role: "supervisor"})).Verdict, id)
	}
}

func TestLoadRefusesRowForms(t *testing.T) {
	for _, c := range []struct{ row, why string }{
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"household"}}`, `unknown per "household" (known: case, order, customer)`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"custmer"}}`, `(did you mean "customer"?)`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"case","days":0}}`, "want a whole number from 1 to 36500, got 0"},
		{`{"id":"x","effect":"deny","over":{"percent":101}}`, "rows[0].over.percent: want a whole number from 1 to 100, got 101"},
		{`{"id":"x","effect":"deny","over":{"percent":0}}`, "from 1 to 100, got 0"},
		{`{"id":"x","effect":"deny","over":{"percent":20,"currency":"EUR"}}`, "not both"},
		{`{"id":"x","effect":"deny","over":{"percent":20},"upTo":{"percent":20}}`, "no amount is over 20 % of what was paid and up to 20 % of what was paid"},
		{`{"id":"x","effect":"deny","remedies":["apology"],"over":{"percent":20}}`, `"apology" can have no amount`},
		{`{"id":"x","effect":"deny","excludes":{"remedies":["refund"],"per":"order"}}`, `it needs "remedies"`},
		{`{"id":"x","effect":"deny","remedies":["gift"],"excludes":{"remedies":["refnd"],"per":"order"}}`, `(did you mean "refund"?)`},
		{`{"id":"x","effect":"deny","remedies":["gift"],"excludes":{"remedies":["refund"]}}`, `the field "per" is missing`},
		{`{"id":"x","effect":"deny","remedies":["gift"],"excludes":["refund"]}`, "want an object"},
		{`{"id":"x","effect":"allow","role":"agent","remedies":["gift"],"excludes":{"remedies":["refund"],"per":"case"}}`, "an allow has none"},
		{`{"id":"x","effect":"deny","remedies":["gift"],"excludes":{"remedies":["refund"],"per":"case"},"over":{"percent":1}}`, "has no limits"},
		{`{"id":"x","effect":"deny","earliest":{}}`, `"days" or in "hours", one of them`},
		{`{"id":"x","effect":"deny","earliest":{"days":1,"hours":1}}`, `"days" or in "hours", one of them`},
		{`{"id":"x","effect":"deny","earliest":{"days":0}}`, "got 0"},
		{`{"id":"x","effect":"approve","by":"agent","earliest":{"days":1}}`, "too early is denied"},
		{`{"id":"x","effect":"mandate","self":true}`, "a mandate is for others"},
		{`{"id":"x","effect":"deny","unfit":true}`, "a deny is about the remedy"},
	} {
		_, err := policy.Load(document(c.row), nil)
		assert.ErrorContains(t, err, c.why, c.row)
	}
	for ledgers, why := range map[string]string{
		`["order"]`: "is built in", `["a","a"]`: "there twice", `["a:b"]`: "no colon", `[""]`: "not empty", `"a"`: "want an array",
		`["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31"]`: "at most 30",
	} {
		_, err := policy.Load([]byte(`{"name":"x","version":"1","roles":["a"],"ledgers":`+ledgers+`}`), nil)
		assert.ErrorContains(t, err, why, ledgers)
	}
}

package policytest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/policytest"
)

func rules(t *testing.T) *policy.Set {
	t.Helper()
	s, err := policy.Load([]byte(shop), nil)
	require.NoError(t, err)
	return s
}

// recorder is a test that may fail: it remembers what it was told, and its subtests.
type recorder struct {
	name, text string
	failed     bool
	subs       []*recorder
}

func (r *recorder) Helper() {}

func (r *recorder) Logf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) }

func (r *recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.failed = true
}

func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }

func (r *recorder) Run(name string, f func(*recorder)) bool {
	sub := &recorder{name: name}
	f(sub)
	r.subs = append(r.subs, sub)
	r.failed = r.failed || sub.failed
	return !sub.failed
}

func ran(t *testing.T, cases string) *recorder {
	t.Helper()
	r := &recorder{}
	policytest.Run(r, rules(t), []byte(cases))
	return r
}

// document has one case, of a refund of 80 euros by an agent, with these fields.
func document(more string) string {
	return `{"facts": {"now": "2026-11-16", "role": "agent"}, "cases": [{"name": "80", ` + more + `,
	  "offer": [{"kind": "refund", "amount": {"amount": "80.00", "currency": "EUR"}}]}]}`
}

func TestRun(t *testing.T) {
	good := document(`"verdict": "needs_approval", "by": "supervisor", "fires": ["refunds"], "silent": ["small-refunds", "swap-early"]`)
	policytest.Run(t, rules(t), []byte(good)) // a *testing.T will do
	r := ran(t, good)
	assert.False(t, r.failed)
	assert.Equal(t, "1 of 3 rules fired; no case fires small-refunds, swap-early", r.text, "coverage is logged")
	require.Len(t, r.subs, 1)
	assert.Equal(t, "80", r.subs[0].name)
	assert.Empty(t, r.subs[0].text)
}

func TestRunBites(t *testing.T) {
	const asks = `"verdict": "needs_approval", "by": "supervisor"`
	for more, want := range map[string]string{
		`"verdict": "allowed"`:                       "want allowed, got needs approval by supervisor",
		`"verdict": "denied"`:                        "want denied, got needs approval by supervisor",
		`"verdict": "needs_approval", "by": "agent"`: "want needs approval by agent, got needs approval by supervisor",
		asks + `, "fires": ["small-refunds"]`:        `the rule "small-refunds" did not fire`,
		asks + `, "silent": ["refunds"]`:             `the rule "refunds" fired`,
		asks + `, "fails": ["refunds"]`:              `the rule "refunds" fired instead of failing`,
		asks + `, "fails": ["swap-early"]`:           `the rule "swap-early" did not fail`,
		asks + `, "missing": ["tier"]`:               `no rule lacked the fact "tier"`,
		asks + `, "facts": {"given": [{"kind": "refund", "amount": ` + eur421 + `}]}`: "want needs approval by supervisor, got denied",
	} {
		r := ran(t, document(more))
		assert.True(t, r.failed, more)
		require.Len(t, r.subs, 1, more)
		assert.Contains(t, r.subs[0].text, want, more)
		assert.Contains(t, r.subs[0].text, "offered: refund of 80.00 EUR, by agent", "a failure says what was asked")
		assert.Contains(t, r.subs[0].text, "decided: ", "and the whole decision")
		assert.Contains(t, r.subs[0].text, `by the policy "shop", version 2026-11`)
	}
}

const eur421 = `{"amount": "421.00", "currency": "EUR"}`

func TestRunTellsFailingFromFiring(t *testing.T) {
	swap := func(more string) string {
		return `{"facts": {"now": "2026-11-16", "role": "supervisor"}, "cases": [{"name": "swap", "verdict": "denied", ` + more + `,
		  "offer": [{"kind": "replacement"}]}]}`
	}
	assert.False(t, ran(t, swap(`"fails": ["swap-early"], "missing": ["order.delivered"]`)).failed)
	r := ran(t, swap(`"fires": ["swap-early"]`))
	require.Len(t, r.subs, 1)
	assert.Contains(t, r.subs[0].text, `the rule "swap-early" failed instead of firing: missing order.delivered`)
	assert.Contains(t, r.subs[0].text, "- swap-early (allow, supervisor): replaced rather than repaired in the first 30 days "+
		"[failed: missing order.delivered]\n  not known: order.delivered")
	assert.Contains(t, ran(t, swap(`"silent": ["swap-early"]`)).subs[0].text, `the rule "swap-early" failed: missing order.delivered`)
	assert.Contains(t, r.text, "0 of 3 rules fired", "a rule that failed was not tried out")
}

func TestEveryRuleHasToFireIfTheDocumentSaysSo(t *testing.T) {
	cases := document(`"verdict": "needs_approval", "by": "supervisor"`)
	r := ran(t, strings.Replace(cases, "{", `{"everyRule": true, `, 1))
	assert.True(t, r.failed)
	assert.False(t, r.subs[0].failed, "the case itself holds")
	assert.Equal(t, "1 of 3 rules fired; no case fires small-refunds, swap-early", r.text)
}

func TestAFaultyDocumentFailsTheTest(t *testing.T) {
	r := ran(t, document(`"verdict": "allowd"`))
	assert.True(t, r.failed)
	assert.Empty(t, r.subs)
	assert.Equal(t, `policy: 1:87: cases[0].verdict: unknown verdict "allowd" (did you mean "allowed"?)`, r.text)
}

func TestCheckRefuses(t *testing.T) {
	offer := `"offer": [{"kind": "refund"}]`
	for doc, want := range map[string]string{
		``:              "the document is empty",
		`{}`:            `the field "cases" is missing`,
		`{"cases": []}`: "want at least one case",
		`{"cases": [{}]}`: `policy: 3 faults:
1:12: cases[0].name: the field "name" is missing
1:12: cases[0].offer: the field "offer" is missing
1:12: cases[0].verdict: the field "verdict" is missing`,
		`{"cases": [{"name": "a", "verdict": "denied", "offer": []}]}`:                                                                          "want at least one remedy",
		`{"cases": [{"name": "", "verdict": "denied", ` + offer + `}]}`:                                                                         "want a text that is not empty",
		`{"cases": [{"name": "a", "verdict": "needs_approval", ` + offer + `}]}`:                                                                `says "by" whom`,
		`{"cases": [{"name": "a", "verdict": "denied", "by": "agent", ` + offer + `}]}`:                                                         `only a case whose verdict is "needs_approval"`,
		`{"cases": [{"name": "a", "verdict": "denied", "unfit": true, ` + offer + `}]}`:                                                         `only a case whose verdict is "blocked"`,
		`{"cases": [{"name": "a", "verdict": "needs_approval", "by": "supervizor", ` + offer + `}]}`:                                            `did you mean "supervisor"`,
		`{"cases": [{"name": "a", "verdict": "denied", "fires": ["refnds"], ` + offer + `}]}`:                                                   `unknown rule "refnds" (did you mean "refunds"?)`,
		`{"cases": [{"name": "a", "verdict": "denied", "fires": ["refunds"], "silent": ["refunds"], ` + offer + `}]}`:                           "cannot be silent and fire",
		`{"policy": "store", "cases": [{"name": "a", "verdict": "denied", ` + offer + `}]}`:                                                     `the cases are for the policy "store", this one is "shop"`,
		`{"cases": [{"name": "a", "verdict": "denied", "unknown": ["delivered"], ` + offer + `}]}`:                                              `unknown fact "delivered"`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"tire": "gold"}, ` + offer + `}]}`:                                             `did you mean "tier"`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"order": {"delivery": "2026-01-01"}}, ` + offer + `}]}`:                        `unknown field "delivery"`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"now": "10 days ago"}, ` + offer + `}]}`:                                       `want a date such as "2026-11-16"`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"received": "10 days ago"}, ` + offer + `}]}`:                                  `"now" is not known`,
		`{"facts": {"now": "2026-11-16"}, "cases": [{"name": "a", "verdict": "denied", "facts": {"received": "ten days ago"}, ` + offer + `}]}`: `told from now`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"facts": {"x": [1]}}, ` + offer + `}]}`:                                        "want a text, true or false",
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"facts": {"x": 1.5}}, ` + offer + `}]}`:                                        "want a whole number",
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"given": [{"kind": "refund", "per": "day"}]}, ` + offer + `}]}`:                `unknown per "day"`,
		`{"cases": [{"name": "a", "verdict": "denied", "facts": {"given": [{"kind": "refund", "per": "customer"}]}, ` + offer + `}]}`:           `the customer is not known`,
		`{"cases": [{"name": "a", "verdict": "denied", "offer": [{"kind": "refund", "amount": {"amount": 5, "currency": "EUR"}}]}]}`:            "an amount is a text",
		`{"cases": [{"name": "a", "verdict": "denied", "offer": [{"kind": "refund", "amount": {"amount": "5", "currency": "EUX"}}]}]}`:          `unknown currency "EUX"`,
		`{"cases": [{"name": "a", "verdict": "denied", "offer": [{"kind": "refund", "amount": {"amount": "5.001", "currency": "EUR"}}]}]}`:      "at most 2 digits",
		`{"cases": [{"name": "a", "verdict": "denied", ` + offer + `}, {"name": "a", "verdict": "denied", ` + offer + `}]}`:                     `the case "a" is there twice`,
	} {
		_, err := policytest.Check(rules(t), []byte(doc))
		require.ErrorContains(t, err, want, doc)
		var faults *policy.DocumentError
		require.ErrorAs(t, err, &faults, doc)
		for _, f := range faults.Faults {
			assert.Positive(t, f.Line, doc)
			assert.Positive(t, f.Column, doc)
		}
	}
}

// Who is unfit, who else may, and the ledgers of the host's are part of what a case says.
func TestCasesSayWhoIsUnfitAndCountByTheHostsLedgers(t *testing.T) {
	rules, err := policy.Load([]byte(`{
  "name": "home", "version": "1", "roles": ["agent", "manager"], "ledgers": ["household"],
  "rows": [
    {"id": "gifts", "effect": "allow", "remedies": ["gift"], "role": "manager"},
    {"id": "two", "effect": "deny", "remedies": ["gift"], "beyond": {"count": 2, "per": "household", "days": 30}},
    {"id": "own", "effect": "block", "self": true}
  ]
}`), nil)
	require.NoError(t, err)
	cases := func(own string) []byte {
		return []byte(`{
  "everyRule": true, "facts": {"now": "2026-11-16", "actor": "ana", "role": "manager", "customer": "42", "facts": {"household": "H-7"}},
  "cases": [
    {"name": "first", "offer": [{"kind": "gift"}], "verdict": "allowed", "fires": ["gifts"]},
    {"name": "third", "offer": [{"kind": "gift"}], "verdict": "denied", "fires": ["two"],
     "facts": {"given": [{"per": "household", "kind": "gift", "count": 2, "at": "29 days ago"}]}},
    {"name": "later", "offer": [{"kind": "gift"}], "verdict": "allowed", "silent": ["two"],
     "facts": {"given": [{"per": "household", "kind": "gift", "count": 2, "at": "30 days ago"}]}},
    {"name": "no household", "offer": [{"kind": "gift"}], "unknown": ["facts.household"], "verdict": "denied", "fails": ["two"],
     "missing": ["household"]},
    {"name": "her own", "offer": [{"kind": "gift", "payee": "ana"}], "verdict": "blocked", ` + own + `}
  ]
}`)
	}
	policytest.Run(t, rules, cases(`"unfit": true, "by": "manager"`))
	policytest.Run(t, rules, cases(`"unfit": true`)) // by whom else is left open
	wrong, err := policytest.Check(rules, cases(`"unfit": true, "by": "agent"`))
	require.NoError(t, err)
	assert.Equal(t, []string{"want blocked for this actor; agent or above may, got blocked for this actor; manager or above may"}, wrong.Results[4].Wrong)
	plain := strings.Replace(string(cases(`"unfit": true`)), "facts.household", "household", 1)
	policytest.Run(t, rules, []byte(plain)) // as Decision.Missing has it
	for slip, want := range map[string]string{
		"houshold":       `unknown fact "houshold" (did you mean "household"?)`,
		"facts.houshold": `unknown fact "houshold" (did you mean "household"?)`,
		"facts.tier":     `unknown fact "tier" (known: household)`,
		"branch":         "order.delivered, household)",
	} {
		_, err := policytest.Check(rules, []byte(strings.Replace(plain, `"unknown": ["household"]`, `"unknown": ["`+slip+`"]`, 1)))
		assert.ErrorContains(t, err, want)
	}
	report, err := policytest.Check(rules, cases(`"unfit": false`))
	require.NoError(t, err)
	assert.Equal(t, []string{"want blocked, got blocked for this actor; manager or above may"}, report.Results[4].Wrong)
}

func TestFactsOfACase(t *testing.T) {
	const doc = `{
  "facts": {
    "now": "2026-11-16T12:00:00Z", "received": "1 day ago", "actor": "ana", "role": "agent", "case": "c", "category": "quality",
    "channel": "email", "severity": "low", "round": 2, "customer": "42", "tier": "gold",
    "order": {"id": "A-17", "paid": {"amount": "999.00", "currency": "EUR"}, "purchased": "2 weeks ago", "delivered": "2026-11-06"},
    "facts": {"text": "x", "flag": true, "number": -3, "fee": {"amount": "1.00", "currency": "EUR"}, "since": {"time": "5 hours ago"}},
    "given": [{"kind": "voucher"}]
  },
  "cases": [
    {"name": "all", "verdict": "denied", "offer": [{"kind": "gift", "item": "box", "payee": "p", "by": "in 2 days"}]},
    {"name": "own", "verdict": "denied", "offer": [{"kind": "gift"}], "unknown": ["tier", "order.purchased", "facts.flag"],
     "facts": {"role": "supervisor", "approvers": [{"id": "ben", "role": "supervisor"}], "customer": "43", "order": {"id": "B-1"}, "facts": {"text": "y"},
               "given": [{"per": "customer", "kind": "refund", "amount": {"amount": "5.00", "currency": "EUR"}, "line": "box", "count": 2, "at": "30 days ago"},
                         {"per": "order", "kind": "gift"}]}}
  ]
}`
	report, err := policytest.Check(rules(t), []byte(doc))
	require.NoError(t, err)
	noon := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	eur := func(minor int64) policy.Money { return policy.Money{Minor: minor, Currency: policy.EUR} }
	want := policy.Request{
		Now: noon, Received: noon.AddDate(0, 0, -1), Actor: policy.Actor{ID: "ana", Role: "agent"}, Case: "c", Category: "quality",
		Channel: "email", Severity: "low", Round: 2, Customer: "42", Tier: "gold",
		Order: policy.Order{ID: "A-17", Paid: eur(999_00), Purchased: noon.AddDate(0, 0, -14), Delivered: time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)},
		Facts: policy.Facts{"text": "x", "flag": true, "number": int64(-3), "fee": eur(1_00), "since": noon.Add(-5 * time.Hour)},
		Given: []policy.Given{{Ledger: "case", Kind: policy.Voucher}},
		Offer: []policy.Remedy{{Kind: policy.Gift, Item: "box", Payee: "p", By: noon.AddDate(0, 0, 2)}},
	}
	assert.Equal(t, want, report.Results[0].Request)

	want.Actor.Role, want.Approvers, want.Customer, want.Tier = "supervisor", []policy.Actor{{ID: "ben", Role: "supervisor"}}, "43", ""
	want.Order.ID, want.Order.Purchased = "B-1", time.Time{}
	want.Facts = policy.Facts{"text": "y", "number": int64(-3), "fee": eur(1_00), "since": noon.Add(-5 * time.Hour)}
	want.Given = []policy.Given{
		{Ledger: "customer:43", Kind: policy.Refund, Amount: eur(5_00), Line: "box", Count: 2, At: noon.AddDate(0, 0, -30)},
		{Ledger: "order:B-1", Kind: policy.Gift},
	}
	want.Offer = []policy.Remedy{{Kind: policy.Gift}}
	assert.Equal(t, want, report.Results[1].Request)
}

func TestCheckBoundsWhatItReads(t *testing.T) {
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	facts := make([]string, 1001)
	for i := range facts {
		facts[i] = fmt.Sprintf(`"f%d": true`, i)
	}
	one := `"cases": [{"name": "a", "verdict": "denied", "offer": [{"kind": "gift"}]}]`
	for doc, want := range map[string]string{
		`{"cases": [` + many(10_001, "{}") + `]}`:                                                                              "10001 items; at most 10000 are read",
		`{"facts": {"facts": {` + strings.Join(facts, ",") + `}}, ` + one + `}`:                                                "1001 facts; at most 1000 are read",
		`{"facts": {"given": [` + many(1001, `{"kind": "gift"}`) + `]}, ` + one + `}`:                                          "1001 items; at most 1000 are read",
		`{"cases": [{"name": "a", "verdict": "denied", "offer": [` + many(1001, `{"kind": "gift"}`) + `]}]}`:                   "1001 items",
		`{"cases": [{"name": "a", "verdict": "denied", "missing": [` + many(1001, `"x"`) + `], "offer": [{"kind": "gift"}]}]}`: "1001 items",
	} {
		_, err := policytest.Check(rules(t), []byte(doc))
		require.ErrorContains(t, err, want)
	}
}

func TestAPolicyWithoutRulesCanBeTested(t *testing.T) {
	report, err := policytest.Check(nil, []byte(`{"cases": [{"name": "sorry", "offer": [{"kind": "apology"}], "verdict": "allowed"}]}`))
	require.NoError(t, err)
	assert.True(t, report.OK())
	assert.Equal(t, "1 of 1 cases hold; 0 of 0 rules fired", report.String())
	assert.Equal(t, "1:12: sorry: holds", report.Results[0].String())
	_, err = policytest.Check(nil, []byte(`{"cases": [{"name": "sorry", "offer": [{"kind": "apology"}], "verdict": "allowed", "fires": ["x"]}]}`))
	require.ErrorContains(t, err, "the policy has no rule")
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(shopCases))
	f.Add([]byte(`{"facts": {"facts": {"x": {"time": "2026-11-16"}}}, "cases": [{"name": "a", "unknown": ["now"], "offer": [{}]}]}`))
	f.Add([]byte(`{"cases": [{"facts": {"order": 1, "given": [{"at": "in 9 weeks"}]}}]}`))
	shop, err := policy.Load([]byte(shop), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, doc []byte) {
		report, err := policytest.Check(shop, doc)
		if (report == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want a report or an error", report, err)
		}
		if report != nil {
			_ = report.String()
		}
	})
}

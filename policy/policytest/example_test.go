package policytest_test

import (
	"fmt"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/policytest"
)

const shop = `{
  "name": "shop", "version": "2026-11",
  "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "small-refunds", "effect": "allow", "remedies": ["refund"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "refunds", "effect": "allow", "remedies": ["refund"], "role": "supervisor", "upTo": {"amount": "500.00", "currency": "EUR"}},
    {"id": "swap-early", "effect": "allow", "remedies": ["replacement"], "role": "supervisor", "within": {"days": 30, "of": "delivery"},
     "reason": "replaced rather than repaired in the first 30 days"}
  ]
}`

const shopCases = `{
  "policy": "shop",
  "facts": {"now": "2026-11-16", "role": "agent", "order": {"delivered": "10 days ago"}},
  "cases": [
    {"name": "an agent refunds 50 euros alone", "verdict": "allowed", "fires": ["small-refunds"],
     "offer": [{"kind": "refund", "amount": {"amount": "50.00", "currency": "EUR"}}]},
    {"name": "and 80", "verdict": "allowed", "fires": ["small-refunds"],
     "offer": [{"kind": "refund", "amount": {"amount": "80.00", "currency": "EUR"}}]},
    {"name": "a replacement needs to know when it was delivered", "unknown": ["order.delivered"],
     "verdict": "denied", "fails": ["swap-early"], "missing": ["order.delivered"],
     "offer": [{"kind": "replacement"}]}
  ]
}`

// The owner of a policy sees which cases do not hold, and why.
func ExampleCheck() {
	rules, err := policy.Load([]byte(shop), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := policytest.Check(rules, []byte(shopCases))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.OK())
	fmt.Println(report)
	// Output:
	// false
	// 7:5: and 80: does not hold
	//   want allowed, got needs approval by supervisor
	//   the rule "small-refunds" did not fire
	//   offered: refund of 80.00 EUR, by agent
	//   decided: needs approval by supervisor
	//   - refunds (allow, supervisor): 80.00 EUR of 500.00 EUR used
	//   by the policy "shop", version 2026-11
	// 2 of 3 cases hold; 2 of 3 rules fired; no case fires swap-early
}

// A slip in the cases is an error with its place, and never a case that passes.
func ExampleCheck_faults() {
	rules, err := policy.Load([]byte(shop), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = policytest.Check(rules, []byte(`{
  "facts": {"role": "agnet"},
  "cases": [{"name": "vouchers", "offer": [{"kind": "vouchr"}], "verdict": "allowed", "fire": ["refunds"]}]
}`))
	fmt.Println(err)
	// Output:
	// policy: 3 faults:
	// 2:21: facts.role: unknown role "agnet" (did you mean "agent"?)
	// 3:53: cases[0].offer[0].kind: unknown remedy "vouchr" (did you mean "voucher"?)
	// 3:87: cases[0].fire: unknown field "fire" (did you mean "fires"?)
}

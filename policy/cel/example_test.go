package cel_test

import (
	"fmt"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

const document = `{
  "name": "retail", "version": "2026-11", "roles": ["agent", "manager"],
  "rows": [
    {"id": "money", "effect": "allow", "remedies": ["partial_refund", "voucher"], "role": "agent"},
    {"id": "a-fifth", "effect": "deny", "remedies": ["partial_refund"], "reason": "more than a fifth of what was paid",
     "when": "offer.total('EUR') + spent.case.total('EUR') > money('20.00', 'EUR') && offer.total('EUR') * 100 > order.paid * 20"},
    {"id": "chargeback", "effect": "approve", "by": "manager", "when": "facts.chargeback != 'none'"},
    {"id": "self-dealing", "effect": "block", "when": "offer.exists(r, r.payee == actor.id)"}
  ]
}`

// A policy whose rows have conditions is loaded with a compiler, which is told the host's facts.
func Example() {
	compiler, err := cel.New(&cel.Options{Facts: policy.Facts{"chargeback": ""}})
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := policy.Load([]byte(document), &policy.Options{Compiler: compiler})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		Now: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC), Actor: policy.Actor{ID: "ana", Role: "agent"}, Customer: "42",
		Order: policy.Order{ID: "A-17", Paid: policy.Money{Minor: 10000, Currency: policy.EUR}},
		Facts: policy.Facts{"chargeback": "none"},
		Offer: []policy.Remedy{{Kind: policy.PartialRefund, Amount: policy.Money{Minor: 2000, Currency: policy.EUR}}},
	}
	fmt.Println(rules.Judge(request))

	request.Offer[0].Amount.Minor = 2001
	fmt.Println(rules.Judge(request))

	request.Offer[0] = policy.Remedy{Kind: policy.Voucher, Amount: policy.Money{Minor: 500, Currency: policy.EUR}, Payee: "ana"}
	fmt.Println(rules.Judge(request))
	// Output:
	// allowed
	// denied (a-fifth: more than a fifth of what was paid)
	// blocked (self-dealing)
}

// What is not known is missing, and not false: here nobody asked about a chargeback, so that the row asks for the top role.
func Example_missing() {
	compiler, err := cel.New(&cel.Options{Facts: policy.Facts{"chargeback": ""}})
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := policy.Load([]byte(document), &policy.Options{Compiler: compiler})
	if err != nil {
		fmt.Println(err)
		return
	}
	decision := rules.Judge(policy.Request{
		Actor: policy.Actor{ID: "ana", Role: "agent"}, Customer: "42",
		Offer: []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 500, Currency: policy.EUR}}},
	})
	fmt.Println(decision)
	fmt.Println("ask for:", decision.Missing)
	// Output:
	// needs approval by manager (chargeback [failed: missing chargeback]); missing chargeback
	// ask for: [chargeback]
}

// A condition that looks at what a household was given has the policy ask for that ledger, and enter there whatever is offered. The
// document declares the ledger; the request has its name among the facts.
func ExampleCompiler_Ledgers() {
	compiler, err := cel.New(&cel.Options{Facts: policy.Facts{"household": ""}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(compiler.Ledgers("spent.household.last(90).count() > 2"))

	rules, err := policy.Load([]byte(`{
  "name": "retail", "version": "2026-11", "roles": ["agent"], "ledgers": ["household"],
  "rows": [
    {"id": "vouchers", "effect": "allow", "remedies": ["voucher"], "role": "agent"},
    {"id": "enough", "effect": "deny", "remedies": ["voucher"], "when": "spent.household.last(90).count() > 2"}
  ]
}`), &policy.Options{Compiler: compiler})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		Now: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC), Actor: policy.Actor{ID: "ana", Role: "agent"},
		Facts: policy.Facts{"household": "17"},
		Offer: []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 500, Currency: policy.EUR}}},
	}
	for range 4 {
		decision := rules.Judge(request)
		fmt.Println(rules.Ledgers(request), decision)
		request.Given = append(request.Given, decision.Reserves...)
	}
	// Output:
	// [household]
	// [household:17] allowed
	// [household:17] allowed
	// [household:17] allowed
	// [household:17] denied (enough)
}

// Everything wrong with a condition is reported when the document is loaded: where the condition is in the document, and where in
// the condition the fault is.
func ExampleCompiler_Compile() {
	compiler, err := cel.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = policy.Load([]byte(`{
  "name": "retail", "version": "2026-11", "roles": ["agent"],
  "rows": [
    {"id": "a", "effect": "deny", "when": "customer.teir == 'gold' && odrer.paid == order.paid"},
    {"id": "b", "effect": "deny", "when": "offer.total('EUR') > 50"},
    {"id": "c", "effect": "deny", "when": "offer.total('EUR') > money('49.999', 'EUR')"}
  ]
}`), &policy.Options{Compiler: compiler})
	fmt.Println(err)
	// Output:
	// policy: 3 faults:
	// 4:43: rows[0].when: 1:9: unknown field "teir"; there are id, tier; 1:28: unknown name "odrer"; there are actor, approvers, case, customer, facts, now, offer, order, spent
	// 5:43: rows[1].when: 1:20: found no matching overload for '_>_' applied to '(Money, int)'; an amount is money("49.99", "EUR")
	// 6:43: rows[2].when: 1:28: amount "49.999" EUR: EUR has at most 2 digits after the point
}

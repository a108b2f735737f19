package policy_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-go/amends/policy"
)

const shopPolicy = `{
  "name": "shop", "version": "2026-11",
  "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "small-refunds", "effect": "allow", "remedies": ["refund"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "refunds", "effect": "allow", "remedies": ["refund"], "role": "supervisor", "upTo": {"amount": "500.00", "currency": "EUR"}},
    {"id": "swap-early", "effect": "allow", "remedies": ["replacement"], "role": "supervisor", "within": {"days": 30, "of": "delivery"},
     "reason": "replaced rather than repaired in the first 30 days"}
  ]
}`

// A complaint about a laptop, a fortnight after its delivery, in the hands of an agent.
func laptop() policy.Request {
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	return policy.Request{
		Now: now, Received: now, Actor: policy.Actor{ID: "ana", Role: "agent"}, Category: "quality", Customer: "42",
		Order: policy.Order{ID: "A-17", Paid: policy.Money{Minor: 999_00, Currency: policy.EUR}, Delivered: now.AddDate(0, 0, -14)},
	}
}

func ExampleLoad() {
	_, err := policy.Load([]byte(`{
  "name": "shop", "version": "2026-11", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "refunds", "effect": "allow", "remedies": ["refnd"], "role": "supervizor"},
    {"id": "vouchers", "effect": "deny", "remedies": ["voucher"], "over": {"amount": "20.005", "currency": "EUR"}}
  ]
}`), nil)
	fmt.Println(err)
	// Output:
	// policy: 3 faults:
	// 4:55: rows[0].remedies[0]: unknown remedy "refnd" (did you mean "refund"?)
	// 4:73: rows[0].role: unknown role "supervizor" (did you mean "supervisor"?)
	// 5:86: rows[1].over.amount: amount "20.005": EUR has at most 2 digits after the point
}

func ExampleSet_Judge() {
	rules, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := laptop()
	r.Offer = []policy.Remedy{{Kind: policy.Replacement, Item: "laptop"}, {Kind: policy.Apology}}
	fmt.Println(rules.Judge(r))

	r.Approvers = []policy.Actor{{ID: "ben", Role: "supervisor"}}
	fmt.Println(rules.Judge(r))

	r.Order.Delivered = time.Time{} // not known
	fmt.Println(rules.Judge(r))
	// Output:
	// needs approval by supervisor (swap-early: replaced rather than repaired in the first 30 days (14 of 30 days since delivery))
	// allowed
	// denied (swap-early: replaced rather than repaired in the first 30 days [failed: missing order.delivered]); missing order.delivered
}

// What can I do for this customer?
func ExampleSet_Parameters() {
	rules, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range rules.Parameters(laptop(), policy.Replacement, policy.Refund, policy.Voucher, policy.Apology)[:4] {
		fmt.Println(p)
	}
	// Output:
	// replacement: with approval by supervisor (swap-early: replaced rather than repaired in the first 30 days (14 of 30 days since delivery))
	// refund: up to 50.00 EUR alone, up to 500.00 EUR with supervisor
	// voucher: not (no rule allows it)
	// apology: alone
}

// A rule that a document cannot say stands beside its rows.
func ExampleFunc() {
	selfDealing := policy.Func{
		Name: "self-dealing", Is: policy.Block, Remedies: []policy.Kind{policy.Refund},
		Fn: func(r *policy.Request) (string, bool, error) {
			for _, x := range r.Offer {
				if x.Payee == r.Actor.ID {
					return "nobody pays themselves", true, nil
				}
			}
			return "", false, nil
		},
	}
	openChargeback := policy.Func{
		Name: "chargeback", Is: policy.Deny, Remedies: []policy.Kind{policy.Refund},
		Fn: func(r *policy.Request) (string, bool, error) {
			open, known := r.Facts["chargeback_open"].(bool)
			if !known {
				return "", false, policy.Missing("chargeback_open") // a deny that cannot know denies
			}
			return "the bank is paying it back already", open, nil
		},
	}
	rules, err := policy.Load([]byte(shopPolicy), &policy.Options{Rules: []policy.Rule{selfDealing, openChargeback}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := laptop()
	r.Offer = []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: 20_00, Currency: policy.EUR}}}
	fmt.Println(rules.Judge(r))

	r.Facts = policy.Facts{"chargeback_open": false}
	fmt.Println(rules.Judge(r))

	r.Offer[0].Payee = "ana"
	fmt.Println(rules.Judge(r))
	// Output:
	// denied (chargeback [failed: missing chargeback_open]); missing chargeback_open
	// allowed
	// blocked (self-dealing: nobody pays themselves)
}

func ExampleNew() {
	rules, err := policy.New("gifts", "1", []policy.Role{"agent", "manager"}, &policy.Options{
		Kinds: map[policy.Kind]policy.Nature{"dessert": policy.Goods},
		Rules: []policy.Rule{policy.Func{
			Name: "dessert", Is: policy.Allow, Role: "agent", Remedies: []policy.Kind{"dessert"},
			Fn: func(*policy.Request) (string, bool, error) { return "on the house", true, nil },
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Judge(policy.Request{
		Actor: policy.Actor{ID: "ana", Role: "agent"}, Offer: []policy.Remedy{{Kind: "dessert"}},
	}))
	fmt.Println(rules.Check(policy.Remedy{Kind: "desert"}))
	// Output:
	// allowed
	// policy: remedy "desert": unknown kind (did you mean "dessert"?)
}

// A cap on a customer counts what other cases gave. Ledgers says whose entries a request needs, and the decision what the offer takes.
func ExampleSet_Ledgers() {
	rules, err := policy.Load([]byte(`{
  "name": "caps", "version": "1", "roles": ["agent"],
  "rows": [
    {"id": "vouchers", "effect": "allow", "remedies": ["voucher"], "role": "agent"},
    {"id": "two-vouchers", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 2, "per": "customer", "days": 90}}
  ]
}`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := laptop()
	r.Offer = []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 10_00, Currency: policy.EUR}}}
	fmt.Println(strings.Join(rules.Ledgers(r), " "))
	for range 3 {
		d := rules.Judge(r)
		fmt.Println(d)
		r.Given = append(r.Given, d.Reserves...)
	}
	// Output:
	// customer:42
	// allowed
	// allowed
	// denied (two-vouchers: 3 of 2 used in 90 days)
}

// A fifth of what was paid, and what falls to each of two lines of the order.
func ExampleMoney() {
	paid := policy.Money{Minor: 49_99, Currency: policy.EUR}
	back, err := paid.Percent(20, policy.HalfEven)
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := back.Split(29_99, 20_00)
	fmt.Println(back, lines, err)
	// Output: 10.00 EUR [6.00 EUR 4.00 EUR] <nil>
}

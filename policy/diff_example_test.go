package policy_test

import (
	"fmt"
	"strings"

	"github.com/amends-go/amends/policy"
)

// What if agents could refund 30 euros alone, and no longer 50? The requests come from wherever the host keeps what was decided.
func ExampleDiff() {
	before, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := policy.Load([]byte(strings.Replace(shopPolicy, `"50.00"`, `"30.00"`, 1)), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	past := func(yield func(policy.Request, error) bool) {
		for _, euros := range []int64{20, 40, 60} {
			r := laptop()
			r.Offer = []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: euros * 100, Currency: policy.EUR}}}
			if !yield(r, nil) {
				return
			}
		}
	}
	sum, err := policy.Diff(before, after, past, func(c policy.Change) error {
		fmt.Println(c.Request.Offer[0].Amount, c)
		return nil
	})
	fmt.Println(sum, err)
	// Output:
	// 40.00 EUR allowed → needs approval by supervisor (no longer small-refunds: 40.00 EUR of 50.00 EUR used)
	// 1 of 3 decisions change: 1 allowed → needs approval; by small-refunds (1) <nil>
}

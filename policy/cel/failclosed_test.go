package cel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

// Whatever keeps a condition from being judged, its row counts as its effect demands, and never as if the condition did not hold.
func TestConditionsFailClosed(t *testing.T) {
	var all []ref.Val
	panics := celgo.Function("boom", celgo.Overload("boom", []*celgo.Type{celgo.StringType}, celgo.BoolType,
		celgo.UnaryBinding(func(ref.Val) ref.Val {
			return all[len(all)]
		})))
	odd := celgo.Function("odd", celgo.Overload("odd", []*celgo.Type{celgo.StringType}, celgo.BoolType,
		celgo.UnaryBinding(func(ref.Val) ref.Val { return types.String("neither") })))
	c, err := cel.NewWith(&cel.Options{Facts: facts(), MaxCost: 500}, panics, odd)
	require.NoError(t, err)
	expensive := "[" + strings.Repeat("1, ", 99) + "1].all(a, [1, 2, 3, 4, 5].all(b, a <= b))"
	for _, x := range []struct{ name, when, says, missing string }{
		{"a missing fact", `facts.chargeback == "open"`, "missing chargeback", "chargeback"},
		{"a missing field", `customer.tier != "gold"`, "missing tier", "tier"},
		{"a fact of the wrong type", `facts.score > 5`, `cel: the fact "score" is of the type string, not int`, ""},
		{"a fact of no type", `facts.repeated`, `cel: the fact "repeated" is of the type []string, not bool`, ""},
		{"a runtime error", `1 / case.round == 1`, "cel: division by zero", ""},
		{"an index that is not there", `offer[7].kind == "x"`, "cel: index out of bounds: 7", ""},
		{"other currencies", `order.paid > money("1.00", "USD")`, "cel: policy: amounts of different currencies: 100.00 EUR and 1.00 USD", ""},
		{"an overflow", `order.paid * 9223372036854775807 > order.paid`, "cel: policy: amount out of range", ""},
		{"a negative entry", `spent.case.total("EUR") > order.paid`, "cel: an entry is negative", ""},
		{"the cost exceeded", expensive, "cel: judging the condition costs more than 500", ""},
		{"the cost of a list exceeded", `spent.customer.total("EUR") > money("1.00", "EUR")`, "cel: judging the condition costs more than 500", ""},
		{"a panic", `boom(order.id)`, "cel: internal error: runtime error: index out of range [0] with length 0", ""},
		{"no answer", `odd(order.id)`, "cel: the condition is of the type types.String, neither true nor false", ""},
	} {
		for effect, want := range map[string]struct {
			verdict policy.Verdict
			by      policy.Role
			error   bool
		}{
			"block":   {policy.Blocked, "", true},
			"deny":    {policy.Denied, "", true},
			"mandate": {policy.NeedsApproval, "manager", true}, // it would be denied without, so the top role decides
			"approve": {policy.NeedsApproval, "manager", true},
			"allow":   {policy.Denied, "", true},
		} {
			t.Run(x.name+"/"+effect, func(t *testing.T) {
				row := map[string]string{"allow": `,"role":"agent"`, "approve": `,"by":"supervisor"`}[effect]
				rows := fmt.Sprintf(`{"id":"x","effect":%q,"when":%q%s}`, effect, x.when, row)
				if effect != "allow" && effect != "mandate" {
					rows += `,{"id":"y","effect":"allow","role":"agent"}`
				}
				s, err := policy.Load([]byte(`{"name":"x","version":"1","roles":["agent","supervisor","manager"],"rows":[`+rows+`]}`), &policy.Options{Compiler: c})
				require.NoError(t, err)
				d := s.Judge(failing())
				assert.Equal(t, want.verdict, d.Verdict)
				assert.Equal(t, want.by, d.By)
				require.NotEmpty(t, d.Findings)
				assert.Equal(t, "x", d.Findings[0].Rule)
				assert.Equal(t, x.says, d.Findings[0].Error)
				if x.missing != "" {
					assert.Equal(t, []string{x.missing}, d.Missing)
				} else {
					assert.Empty(t, d.Missing)
				}
			})
		}
	}
}

// failing is a request on which the conditions above fail.
func failing() policy.Request {
	r := policy.Request{
		Now: time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC), Actor: policy.Actor{ID: "ana", Role: "agent"}, Customer: "42",
		Order: policy.Order{ID: "A-17", Paid: eur(10_000)},
		Facts: policy.Facts{"score": "seven", "repeated": []string{"yes"}},
		Given: []policy.Given{{Ledger: "case", Kind: policy.Voucher, Amount: eur(-1)}},
		Offer: []policy.Remedy{{Kind: policy.Refund, Amount: eur(500)}},
	}
	for range 600 {
		r.Given = append(r.Given, policy.Given{Ledger: "customer:42", Kind: policy.Voucher, Amount: eur(1)})
	}
	return r
}

func TestANilRequestIsAnError(t *testing.T) {
	holds, err := compiler(t).Compile("true")
	require.NoError(t, err)
	_, err = holds(nil)
	assert.EqualError(t, err, "cel: the request is nil")
}

package cel_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

// FuzzCondition compiles and judges whatever comes. A fault has a place, an answer is the same each time, and what is missing is named.
func FuzzCondition(f *testing.F) {
	for _, when := range []string{
		`offer.exists(r, r.payee == actor.id)`, `offer.total("EUR") * 100 > order.paid * 20`, `facts.chargeback != "none" || facts.score > 7`,
		`spent.customer.last(90).filter(g, g.kind == "voucher").count() + offer.count() > 3`, `now - order.delivered <= duration("336h")`,
		`has(customer.tier) && customer.tier in ["gold", "silver"]`, `case.round / 0 == 1`, `"a" + 1.5`, `customer.teir == 'x'`, `[1, 2].map(x, x * x)[1] == 4`,
		`money("1.00", "EUR") < money("2.00", "USD")`, `case.category.matches("a*") ? facts.repeated : !facts.repeated`, "facts.`risk-class` == 'b'",
		`approvers.all(a, a.role != "agent")`, `timestamp("2026-01-01T00:00:00Z").getHours("Europe/Berlin") == 1`, `{"a": 1}["b"] == 1`, `optional.none()`,
	} {
		f.Add(when)
	}
	c, err := cel.New(&cel.Options{Facts: facts(), MaxCost: 10_000})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, when string) {
		holds, err := c.Compile(when)
		if err != nil {
			faults, ok := errors.AsType[*cel.ConditionError](err)
			require.True(t, ok)
			require.NotEmpty(t, faults.Faults)
			for _, x := range faults.Faults {
				assert.Positive(t, x.Line)
				assert.Positive(t, x.Column)
				assert.NotEmpty(t, x.Msg)
			}
			return
		}
		for _, ledger := range c.Ledgers(when) {
			assert.Contains(t, when, ledger)
		}
		for _, r := range []*policy.Request{full(), {}, {Offer: []policy.Remedy{{}}, Given: []policy.Given{{Ledger: "case"}}}} {
			got, err := holds(r)
			again, same := holds(r)
			assert.Equal(t, got, again)
			assert.Equal(t, err == nil, same == nil)
			if err == nil {
				continue
			}
			assert.False(t, got)
			if lacks, ok := errors.AsType[*policy.MissingError](err); ok {
				assert.NotEmpty(t, lacks.Facts)
				assert.NotContains(t, lacks.Facts, "")
			}
		}
	})
}

package cel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

func TestLedgersOfConditions(t *testing.T) {
	c := compiler(t)
	for when, want := range map[string][]string{
		`offer.count() > 3 || spent.case.count() > 3`:                                         nil,
		`spent.customer.count() > 3`:                                                          {"customer"},
		`facts.repeated && spent.order.last(9).exists(g, g.amount > offer.total("EUR"))`:      {"order"},
		`spent.household.size() > spent.customer.size() || spent.household.size() > 1`:        {"customer", "household"},
		"spent.`risk-class`.count() > 3":                                                      {"risk-class"},
		`has(spent.customer)`:                                                                 {"customer"},
		`[spent].exists(s, s.order.count() > 1)`:                                              {"order"},
		`offer.all(r, (facts.repeated ? spent : spent).customer.exists(g, g.kind == r.kind))`: {"customer"},
		`[[spent.case, spent.order][case.round].count()].all(n, n > 1)`:                       {"order"},
		`order.id == customer.id`:                                                             nil,
		`spent.customer.count()`:                                                              {"customer"},
		`spent.nobody.count() > 3`:                                                            nil,
		`spent.customer.count() >`:                                                            nil,
	} {
		assert.Equal(t, want, c.Ledgers(when), when)
	}
	assert.Nil(t, new(cel.Compiler).Ledgers("true"))
}

// A cap written as a condition counts what was given on other cases, since its ledgers are asked for and written to, as those of caps are.
func TestConditionsCountAcrossCases(t *testing.T) {
	document := func(ledgers string) []byte {
		return []byte(`{"name": "x", "version": "1", "roles": ["agent"], "ledgers": [` + ledgers + `], "rows": [
  {"id": "a", "effect": "allow", "remedies": ["voucher", "gift"], "role": "agent"},
  {"id": "c", "effect": "deny", "remedies": ["voucher"], "when": "offer.count() + spent.household.last(90).count() > 3"}]}`)
	}
	s, err := policy.Load(document(`"household"`), &policy.Options{Compiler: compiler(t)})
	require.NoError(t, err)
	r := full()
	r.Given, r.Offer = nil, []policy.Remedy{{Kind: policy.Voucher, Amount: eur(1)}, {Kind: policy.Gift}}
	for r.Now = noon(); len(r.Given) < 2; r.Now = r.Now.AddDate(0, 0, 1) {
		require.Equal(t, []string{"household:17"}, s.Ledgers(*r))
		d := s.Judge(*r)
		require.Equal(t, policy.Allowed, d.Verdict)
		require.Len(t, d.Reserves, 2, "the condition counts gifts too")
		r.Given = append(r.Given, d.Reserves...)
	}
	d := s.Judge(*r)
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Empty(t, d.Reserves)
	delete(r.Facts, "household")
	d = s.Judge(*r)
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, []string{"household"}, d.Missing)

	for ledgers, want := range map[string]string{
		``:           `policy: 3:66: rows[1].when: it looks at the ledger "household", which "ledgers" does not declare`,
		`"houshold"`: `policy: 3:66: rows[1].when: it looks at the ledger "household", which "ledgers" does not declare (did you mean "houshold"?)`,
	} {
		_, err = policy.Load(document(ledgers), &policy.Options{Compiler: compiler(t)})
		assert.EqualError(t, err, want)
	}
}

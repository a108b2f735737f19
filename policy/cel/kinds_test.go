package cel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

// Words cost nothing, the host's own as well as the built-in ones, so that a sum is known beside them. It is not beside goods that may cost something.
func TestTotalsOfTheHostsOwnKinds(t *testing.T) {
	c := compiler(t)
	s, err := policy.Load([]byte(`{"name": "x", "version": "1", "roles": ["agent"], "remedies": [{"kind": "visit"}, {"kind": "loaner", "goods": true}], "rows": [
  {"id": "a", "effect": "allow", "role": "agent"},
  {"id": "c", "effect": "deny", "when": "offer.total('EUR') > money('20.00', 'EUR')"}]}`), &policy.Options{
		Compiler: c, Kinds: map[policy.Kind]policy.Nature{"call": policy.Words, "tea": policy.Goods},
	})
	require.NoError(t, err)
	r := full()
	r.Given = nil
	for kind, missing := range map[policy.Kind]bool{"visit": false, "call": false, policy.Apology: false, policy.Callback: false, "loaner": true, "tea": true, policy.Repair: true} {
		for minor, want := range map[int64]policy.Verdict{20_00: policy.Allowed, 20_01: policy.Denied} {
			r.Offer = []policy.Remedy{{Kind: kind}, {Kind: policy.Voucher, Amount: eur(minor)}}
			d := s.Judge(*r)
			if missing {
				assert.Equal(t, policy.Denied, d.Verdict, kind)
				assert.Equal(t, []string{"offer.amount"}, d.Missing, kind)
			} else {
				assert.Equal(t, want, d.Verdict, kind)
				assert.Empty(t, d.Missing, kind)
			}
		}
	}

	alone, err := c.Compile(`offer.total("EUR") == money("0.00", "EUR")`)
	require.NoError(t, err)
	r.Offer = []policy.Remedy{{Kind: "visit"}}
	_, err = alone(r)
	assert.EqualError(t, err, "policy: missing offer.amount", "the compiler that was handed over knows the built-in kinds still")
	assert.Nil(t, (*cel.Compiler)(nil).ForKinds(nil))
}

// An absent fact is missing where its value is needed. has alone asks for none.
func TestHasIsNeverMissing(t *testing.T) {
	c := compiler(t)
	r := full()
	for _, x := range []struct {
		when  string
		facts policy.Facts
		want  any // a bool or an error's text
	}{
		{`facts.repeated`, nil, "policy: missing repeated"},
		{`!facts.repeated`, nil, "policy: missing repeated"},
		{`has(facts.repeated)`, nil, false},
		{`!has(facts.repeated)`, nil, true},
		{`has(facts.repeated) && facts.repeated`, nil, false},
		{`!has(facts.repeated) || facts.repeated`, nil, true},
		{`has(facts.repeated) || facts.repeated`, nil, "policy: missing repeated"},
		{`has(facts.repeated) && facts.repeated`, policy.Facts{"repeated": true}, true},
		{`has(facts.repeated)`, policy.Facts{"repeated": false}, true},
		{`has(facts.chargeback) && facts.chargeback == ""`, policy.Facts{"chargeback": ""}, true},
		{`has(facts.repeated)`, policy.Facts{"repeated": "no"}, true},
		{`has(facts.repeated) && facts.repeated`, policy.Facts{"repeated": "no"}, `cel: the fact "repeated" is of the type string, not bool`},
		{`!has(order.delivered) || now - order.delivered < duration("720h")`, nil, true},
	} {
		f, err := c.Compile(x.when)
		require.NoError(t, err, x.when)
		r.Facts = x.facts
		got, err := f(r)
		if text, fails := x.want.(string); fails {
			assert.EqualError(t, err, text, x.when)
			continue
		}
		require.NoError(t, err, x.when)
		assert.Equal(t, x.want, got, x.when)
	}
	_, err := c.Compile(`has(facts.repaeted)`)
	assert.ErrorContains(t, err, `unknown field "repaeted"`)
}

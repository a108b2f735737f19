package policy_test

import (
	"encoding/json"
	"maps"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func TestFactsRoundTrip(t *testing.T) {
	facts := policy.Facts{
		"text": "ünï \u0000 😀", "yes": true, "no": false, "n": 7, "most": int64(math.MaxInt64), "exact": int64(1<<53 + 1),
		"money": eur(4999), "at": time.Date(2026, 11, 16, 10, 0, 0, 123456789, time.FixedZone("", 3600)),
		"first": time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), "last": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	b, err := json.Marshal(facts)
	require.NoError(t, err)
	var back policy.Facts
	require.NoError(t, json.Unmarshal(b, &back))
	want := maps.Clone(facts)
	want["n"], want["at"] = int64(7), time.Date(2026, 11, 16, 9, 0, 0, 123456789, time.UTC)
	assert.Equal(t, want, back)

	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.Equal(t, string(b), string(again))
	assert.Contains(t, string(b), `"money":{"amount":"49.99","currency":"EUR"}`)
	assert.Contains(t, string(b), `"at":{"time":"2026-11-16T09:00:00.123456789Z"}`)
}

func TestFactsCheckReportsAll(t *testing.T) {
	facts := policy.Facts{"a": 1.5, "b": nil, "c": []string{}, "d": "\xff", "e": policy.Money{Minor: 1}, "f": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "": 1, "g": int32(1), "h": policy.Money{}}
	err := facts.Check()
	assert.EqualError(t, err, `policy: fact "": its name is empty or not UTF-8
policy: fact "a": a float64; want string, bool, int, int64, policy.Money or time.Time
policy: fact "b": a <nil>; want string, bool, int, int64, policy.Money or time.Time
policy: fact "c": a []string; want string, bool, int, int64, policy.Money or time.Time
policy: fact "d": not UTF-8
policy: fact "e": unknown currency Currency(0x0)
policy: fact "f": its year 10000 is not within 1 to 9999
policy: fact "g": a int32; want string, bool, int, int64, policy.Money or time.Time
policy: fact "h": no amount; leave out what is not known`)
	_, err = json.Marshal(facts)
	assert.Error(t, err)
	assert.NoError(t, policy.Facts(nil).Check())
}

func TestFactsJSONRefuses(t *testing.T) {
	for _, doc := range []string{
		`[]`, `1`, `{"a":1.5}`, `{"a":1e3}`, `{"a":9223372036854775808}`, `{"a":null}`, `{"a":[]}`, `{"a":{}}`, `{"a":1,"a":2}`, `{"":1}`,
		`{"a":{"time":"yesterday"}}`, `{"a":{"time":"2026-11-16T09:00:00Z","x":1}}`, `{"a":{"amount":1,"currency":"EUR"}}`,
	} {
		facts := policy.Facts{"kept": true}
		assert.Error(t, json.Unmarshal([]byte(doc), &facts), doc)
		assert.Equal(t, policy.Facts{"kept": true}, facts)
	}
	facts := policy.Facts{"gone": true}
	require.NoError(t, json.Unmarshal([]byte("null"), &facts))
	assert.Nil(t, facts)
}

func FuzzFacts(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":true,"c":-7,"d":{"amount":"1.5","currency":"KWD"},"e":{"time":"2026-11-16T09:00:00+01:00"}}`))
	f.Add([]byte(`{"a":{"time":"0000-01-01T00:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var facts policy.Facts
		if facts.UnmarshalJSON(doc) != nil {
			return
		}
		require.NoError(t, facts.Check())
		b, err := facts.MarshalJSON()
		require.NoError(t, err)
		var back policy.Facts
		require.NoError(t, back.UnmarshalJSON(b))
		require.Equal(t, facts, back)
	})
}

func TestTextForms(t *testing.T) {
	for e := policy.Allow; e <= policy.Block; e++ {
		b, err := e.MarshalText()
		require.NoError(t, err)
		var back policy.Effect
		require.NoError(t, back.UnmarshalText(b))
		assert.Equal(t, e, back)
	}
	for v, text := range map[policy.Verdict]string{
		policy.Denied: "denied", policy.Blocked: "blocked", policy.NeedsApproval: "needs_approval", policy.Allowed: "allowed", policy.Mandated: "mandated",
	} {
		b, err := v.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, text, string(b))
		var back policy.Verdict
		require.NoError(t, back.UnmarshalText(b))
		assert.Equal(t, v, back)
	}
	_, err := policy.Effect(0).MarshalText()
	assert.Error(t, err)
	_, err = policy.Verdict(9).MarshalText()
	assert.Error(t, err)
	assert.EqualError(t, new(policy.Effect).UnmarshalText([]byte("alow")), `policy: unknown effect "alow" (did you mean "allow"?)`)
	assert.Error(t, new(policy.Verdict).UnmarshalText([]byte("")))
	assert.Error(t, new(policy.Digest).UnmarshalText([]byte("00")))
	assert.Error(t, new(policy.Digest).UnmarshalText(make([]byte, 64)))
	assert.Error(t, new(policy.Currency).UnmarshalText([]byte("eur")))
}

func TestDecisionJSONRoundTrips(t *testing.T) {
	s := retail(t)
	for _, r := range []policy.Request{
		ask(policy.Remedy{Kind: policy.Repair}), ask(voucher(600_00)), {Offer: []policy.Remedy{voucher(1)}}, ask(), ask(policy.Remedy{Kind: "x"}),
	} {
		d := s.Judge(r)
		b, err := json.Marshal(d)
		require.NoError(t, err)
		var back policy.Decision
		require.NoError(t, json.Unmarshal(b, &back))
		assert.Equal(t, d, back)
	}
	b, err := json.Marshal(policy.Decision{})
	require.NoError(t, err)
	assert.Equal(t, `{"verdict":"denied"}`, string(b))
}

// Decisions are stored in events: their form is a contract.
func TestDecisionJSONForm(t *testing.T) {
	s := load(t, `{"id":"cap","effect":"approve","by":"supervisor","remedies":["voucher"],"reason":"why","explain":{"en":"because"},"basis":"policy",
		"beyond":{"amount":{"amount":"5.00","currency":"EUR"},"per":"customer","days":90},"within":{"days":30,"of":"delivery"}}`,
		`{"id":"go","effect":"allow","role":"agent","remedies":["voucher"]}`)
	d := s.Judge(ask(voucher(12_00)))
	d.Digest = policy.Digest{1}
	b, err := json.Marshal(d)
	require.NoError(t, err)
	assert.Equal(t, `{"verdict":"needs_approval","by":"supervisor","findings":[`+
		`{"rule":"cap","effect":"approve","reason":"why","explain":{"en":"because"},"basis":"policy","by":"supervisor",`+
		`"compared":{"used":{"amount":"12.00","currency":"EUR"},"limit":{"amount":"5.00","currency":"EUR"},"days":90,"age":10,"within":30,"of":"delivery"}},`+
		`{"rule":"go","effect":"allow","by":"agent"}],`+
		`"reserves":[{"ledger":"customer:42","kind":"voucher","amount":{"amount":"12.00","currency":"EUR"},"at":"2026-11-16T12:00:00Z"}],`+
		`"policy":"test","version":"1","digest":"01`+"00000000000000000000000000000000000000000000000000000000000000"+`"}`, string(b))
}

func TestDecisionAsText(t *testing.T) {
	for _, c := range []struct {
		d    policy.Decision
		want string
	}{
		{policy.Decision{}, "denied (no rule allows it)"},
		{load(t, allow).Judge(ask(refund(1))), "allowed"},
		{load(t, allow, deny).Judge(ask(refund(1))), "denied (deny)"},
		{load(t, allow2).Judge(ask(refund(1))), "needs approval by supervisor (allow2)"},
		{load(t, allow2, approve).Judge(ask(refund(1))), "needs approval by manager (approve)"},
		{load(t, block, mandate).Judge(ask(refund(1))), "blocked (block)"},
		{load(t, mandate).Judge(ask(refund(1))), "mandated (mandate)"},
		{load(t, deny).Judge(policy.Request{Offer: []policy.Remedy{refund(1)}}), "denied (deny [failed: missing category]); missing category"},
	} {
		assert.Equal(t, c.want, c.d.String())
	}
}

func TestTexts(t *testing.T) {
	texts := policy.MakeTexts(map[string]string{"en": "hello", "pt-BR": "oi", "pt": "olá"})
	assert.Equal(t, "oi", texts.In("pt-br"))
	assert.Equal(t, "olá", texts.In("pt-PT"))
	assert.Equal(t, "hello", texts.In("en-Latn-GB"))
	assert.Empty(t, texts.In("tr"))
	assert.Empty(t, texts.In(""))
	var langs []string
	for lang := range texts.All() {
		langs = append(langs, lang)
	}
	assert.Equal(t, []string{"en", "pt", "pt-BR"}, langs)
	assert.True(t, policy.MakeTexts(nil).IsZero())
	assert.Error(t, json.Unmarshal([]byte(`[]`), &texts))
}

func TestRemedyInWords(t *testing.T) {
	assert.Equal(t, "apology", policy.Remedy{Kind: policy.Apology}.String())
	assert.Equal(t, "refund of 50.00 EUR", refund(50_00).String())
	x := voucher(10_00)
	x.Item, x.Payee, x.By = "line-1", "77", noon()
	assert.Equal(t, "voucher of 10.00 EUR (line-1, to 77, by 2026-11-16 12:00 UTC)", x.String())
}

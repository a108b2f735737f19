package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// This module holds the test of the schema too, so that the weight of a validator touches nobody.

func policySchema(t *testing.T) func(doc []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(policy.Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("schema.json", value))
	s, err := c.Compile("schema.json")
	require.NoError(t, err, "the schema is one of draft 2020-12")
	return func(doc []byte) error {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
		require.NoError(t, err)
		return s.Validate(value)
	}
}

// policyDocuments are all in this repository, with those that show every field.
func policyDocuments(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"every field": []byte(everyField)}
	for _, pattern := range []string{"policy/testdata/*.json", "policy/presets/*.json", "examples/*/policy*.json"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		require.NoError(t, err)
		for _, file := range files {
			doc, err := os.ReadFile(file)
			require.NoError(t, err)
			var fields map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(doc, &fields))
			if _, is := fields["rows"]; is {
				all[file] = doc
			}
		}
	}
	return all
}

const everyField = `{
  "name": "all", "version": "1", "roles": ["agent", "manager"], "ledgers": ["household"],
  "remedies": [{"kind": "loaner", "goods": true}, {"kind": "points", "money": true, "goods": false}, {"kind": "visit"}],
  "rules": [{"id": "own", "effect": "block", "remedies": ["refund"]}],
  "rows": [
    {"id": "a", "effect": "allow", "remedies": ["refund", "loaner"], "role": "agent", "upTo": {"percent": 20}, "self": false, "unfit": false,
     "categories": ["quality"], "severities": ["low"], "channels": ["email"], "tiers": ["gold"], "from": "2026-01-01", "to": "2026-12-31",
     "when": "true", "reason": "because", "explain": {"en": "yes", "pt-BR": "sim"}, "basis": "policy"},
    {"id": "b", "effect": "approve", "by": "manager", "over": {"amount": "0.50", "currency": "EUR"}, "upTo": {"amount": "9", "currency": "EUR"}},
    {"id": "c", "effect": "deny", "beyond": {"amount": {"amount": "150", "currency": "JPY"}, "per": "household", "days": 30}},
    {"id": "d", "effect": "deny", "beyond": {"count": 3, "per": "customer"}, "within": {"days": 14, "of": "delivery"}},
    {"id": "e", "effect": "approve", "by": "manager", "remedies": ["refund"], "excludes": {"remedies": ["partial_refund"], "per": "order"}},
    {"id": "f", "effect": "deny", "earliest": {"hours": 4}},
    {"id": "g", "effect": "block", "earliest": {"days": 2}, "self": true},
    {"id": "h", "effect": "block", "unfit": true, "categories": ["x"]},
    {"id": "i", "effect": "mandate", "remedies": ["repair"], "within": {"days": 730, "of": "purchase"}, "basis": "legal"},
    {"id": "j", "effect": "deny", "over": {"amount": "9.125", "currency": "KWD"}, "remedies": ["voucher"]}
  ]
}`

type anyCompiler struct{}

func (anyCompiler) Compile(string) (func(*policy.Request) (bool, error), error) {
	return func(*policy.Request) (bool, error) { return true, nil }, nil
}

func loads(doc []byte) (*policy.Set, error) {
	return policy.Load(doc, &policy.Options{Compiler: anyCompiler{}})
}

func TestSchemaAcceptsWhatLoadAccepts(t *testing.T) {
	valid := policySchema(t)
	accepted := 0
	for name, doc := range policyDocuments(t) {
		s, err := loads(doc)
		require.NoError(t, err, name)
		require.NoError(t, valid(doc), name)
		require.NoError(t, valid(s.Document()), name)
		accepted++
	}
	assert.Greater(t, accepted, 5)
}

// What is wrong in itself, without knowing the rest of the document, the schema refuses as Load does.
func TestSchemaRefusesWhatLoadRefuses(t *testing.T) {
	valid := policySchema(t)
	money := `{"amount": "5.00", "currency": "EUR"}`
	for _, c := range []struct{ where, what string }{
		{"", `"name": ""`},
		{"", `"name": " a"`},
		{"", `"name": "a\n"`},
		{"", `"version": 7`},
		{"", `"roles": []`},
		{"", `"roles": ["agent", "agent"]`},
		{"", `"roles": null`},
		{"", `"colour": "red"`},
		{"", `"remedies": [{"kind": "a", "goods": true, "money": true}]`},
		{"", `"remedies": [{"goods": true}]`},
		{"", `"remedies": [{"kind": "a", "cash": true}]`},
		{"", `"ledgers": ["case"]`},
		{"", `"ledgers": ["a:b"]`},
		{"", `"ledgers": ["a", "a"]`},
		{"", `"rules": [{"id": "x"}]`},
		{"", `"rules": [{"id": "policy:x", "effect": "deny"}]`},
		{"", `"rows": {}`},
		{"id", `"policy:x"`},
		{"id", `7`},
		{"effect", `"alow"`},
		{"effect", `"allow"`},
		{"effect", `"approve"`},
		{"role", `"agent"`},
		{"by", `"agent"`},
		{"remedies", `[]`},
		{"remedies", `["refund", "refund"]`},
		{"categories", `[""]`},
		{"tiers", `"gold"`},
		{"upTo", `{"amount": 5, "currency": "EUR"}`},
		{"upTo", `{"amount": "5.00", "currency": "EUX"}`},
		{"upTo", `{"amount": "0.00", "currency": "EUR"}`},
		{"upTo", `{"amount": "05", "currency": "EUR"}`},
		{"upTo", `{"amount": "-5", "currency": "EUR"}`},
		{"upTo", `{"amount": "5.", "currency": "EUR"}`},
		{"upTo", `{"amount": "5"}`},
		{"over", `{"percent": 0}`},
		{"over", `{"percent": 101}`},
		{"over", `{"percent": 20, "amount": "5.00", "currency": "EUR"}`},
		{"within", `{"days": 0, "of": "delivery"}`},
		{"within", `{"days": 9, "of": "order"}`},
		{"within", `{"days": 9}`},
		{"beyond", `{"per": "case"}`},
		{"beyond", `{"per": "case", "count": 1, "amount": ` + money + `}`},
		{"beyond", `{"count": 1}`},
		{"beyond", `{"count": 0, "per": "case"}`},
		{"beyond", `{"count": 1.5, "per": "case"}`},
		{"excludes", `{"remedies": ["refund"], "per": "case"}`},
		{"earliest", `{}`},
		{"earliest", `{"days": 1, "hours": 1}`},
		{"unfit", `true`},
		{"self", `"yes"`},
		{"from", `"2026-13-01"`},
		{"from", `"2026-02-30"`},
		{"to", `"1 May"`},
		{"when", `" "`},
		{"reason", `1`},
		{"explain", `{"": "x"}`},
		{"explain", `{"en_US": "x"}`},
		{"explain", `{"en": " "}`},
		{"basis", `"law"`},
	} {
		doc := map[string]json.RawMessage{"name": raw(`"a"`), "version": raw(`"1"`), "roles": raw(`["agent"]`)}
		row := map[string]json.RawMessage{"id": raw(`"x"`), "effect": raw(`"deny"`)}
		if c.where == "" {
			require.NoError(t, json.Unmarshal([]byte("{"+c.what+"}"), &doc))
		} else {
			row[c.where] = raw(c.what)
			doc["rows"] = marshal(t, []any{row})
		}
		text := marshal(t, doc)
		_, err := loads(text)
		require.Error(t, err, "%s", text)
		require.Error(t, valid(text), "%s\n%v", text, err)
	}
	for _, row := range []string{
		`{"id": "x", "effect": "allow", "role": "agent", "beyond": {"count": 1, "per": "case"}}`,
		`{"id": "x", "effect": "mandate", "beyond": {"count": 1, "per": "case"}}`,
		`{"id": "x", "effect": "allow", "role": "agent", "self": true}`,
		`{"id": "x", "effect": "approve", "by": "agent", "earliest": {"days": 1}}`,
		`{"id": "x", "effect": "deny", "remedies": ["gift"], "upTo": ` + money + `, "excludes": {"remedies": ["refund"], "per": "case"}}`,
	} {
		text := fmt.Appendf(nil, `{"name": "a", "version": "1", "roles": ["agent"], "rows": [%s]}`, row)
		_, err := loads(text)
		require.Error(t, err, row)
		require.Error(t, valid(text), row)
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// Whatever becomes of a document by slips of all sorts: if Load takes it, so does the schema.
func TestSchemaIsNeverStricterThanLoad(t *testing.T) {
	valid := policySchema(t)
	rng := rand.New(rand.NewPCG(31, 32))
	documents := policyDocuments(t)
	names := slices.Sorted(maps.Keys(documents))
	accepted, refused, both := 0, 0, 0
	for range 2500 {
		var doc any
		require.NoError(t, json.Unmarshal(documents[names[rng.IntN(len(names))]], &doc))
		mutate(rng, doc)
		text := marshal(t, doc)
		if _, err := loads(text); err == nil {
			accepted++
			require.NoError(t, valid(text), "%s", text)
		} else if refused++; valid(text) != nil {
			both++
		}
	}
	t.Logf("of 2500 documents Load accepted %d, and of %d that it refused the schema refused %d", accepted, refused, both)
	assert.Greater(t, accepted, 500)
	assert.Greater(t, both, 500)
}

// mutate changes one thing somewhere in the tree.
func mutate(rng *rand.Rand, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 {
			return
		}
		key := keys[rng.IntN(len(keys))]
		switch rng.IntN(9) {
		case 0:
			delete(v, key)
		case 1:
			v[key] = odd(rng)
		case 2:
			v[someField(rng)] = odd(rng)
		default:
			mutate(rng, v[key])
		}
	case []any:
		if len(v) == 0 {
			return
		}
		if i := rng.IntN(len(v)); rng.IntN(6) == 0 {
			v[i] = odd(rng)
		} else {
			mutate(rng, v[i])
		}
	}
}

// someField is one that a row can have, or nothing can.
func someField(rng *rand.Rand) string {
	fields := []string{"role", "by", "remedies", "upTo", "within", "beyond", "self", "unfit", "excludes", "earliest", "from", "x", "percent", "count"}
	return fields[rng.IntN(len(fields))]
}

func odd(rng *rand.Rand) any {
	all := []any{
		nil, true, false, 1, 0, 1.5, "", "x", "agent", "manager", "refund", "case", "EUR", "2026-05-05", "deny", "allow",
		[]any{},
		[]any{"refund"},
		map[string]any{},
		map[string]any{"amount": "5.00", "currency": "EUR"},
		map[string]any{"percent": 5},
		map[string]any{"days": 3, "of": "purchase"},
		map[string]any{"days": 3},
		map[string]any{"count": 3, "per": "case"},
		map[string]any{"remedies": []any{"gift"}, "per": "order"},
	}
	return all[rng.IntN(len(all))]
}

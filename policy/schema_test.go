package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// object is what this test reads of a schema. internal/bench holds the whole of it against Load, with a validator.
type object struct {
	Schema               string            `json:"$schema"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Required             []string          `json:"required"`
	Properties           map[string]object `json:"properties"`
	Enum                 []string          `json:"enum"`
	Defs                 map[string]object `json:"$defs"`
}

func schema(t *testing.T) object {
	t.Helper()
	var s object
	require.NoError(t, json.Unmarshal(policy.Schema(), &s))
	return s
}

// The schema has the fields that Load reads, object by object: Load itself lists them where it meets one that it does not know.
func TestSchemaHasTheFieldsOfTheDocument(t *testing.T) {
	s := schema(t)
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	const odd = `{"qqqqqqqqqqqqqqqq": 1}`
	row, root := s.Defs["row"], `{"remedies": [%[1]s], "rules": [%[1]s], "rows": [%[1]s, {"upTo": %[1]s, "within": %[1]s, "beyond": %[1]s,
		"excludes": %[1]s, "earliest": %[1]s}], "qqqqqqqqqqqqqqqq": 1}`
	_, err := policy.Load(fmt.Appendf(nil, root, odd), nil)
	require.Error(t, err)
	known := map[string]string{}
	for _, m := range regexp.MustCompile(`(\S*)qqqqqqqqqqqqqqqq: unknown field .* \(known: (.*)\)`).FindAllStringSubmatch(err.Error(), -1) {
		known[m[1]] = m[2]
	}
	limits := maps.Clone(s.Defs["money"].Properties)
	maps.Copy(limits, s.Defs["percent"].Properties)
	objects := map[string]map[string]object{
		"": s.Properties, "remedies[0].": s.Defs["remedy"].Properties, "rules[0].": s.Defs["rule"].Properties,
		"rows[0].": row.Properties, "rows[1].upTo.": limits,
	}
	for _, field := range []string{"within", "beyond", "excludes", "earliest"} {
		objects["rows[1]."+field+"."] = row.Properties[field].Properties
	}
	assert.Len(t, known, len(objects))
	for path, fields := range objects {
		assert.ElementsMatch(t, strings.Split(known[path], ", "), slices.Collect(maps.Keys(fields)), "of %q", path)
	}
}

// Every object of the schema is closed, as the loader's are: a slip is an error in the editor too.
func TestSchemaRefusesUnknownFields(t *testing.T) {
	s := schema(t)
	all := map[string]object{"": s}
	maps.Copy(all, s.Defs)
	for name, o := range s.Defs["row"].Properties {
		all["row."+name] = o
	}
	closed := 0
	for name, o := range all {
		if len(o.Properties) > 0 {
			closed++
			assert.JSONEq(t, "false", string(o.AdditionalProperties), name)
		}
	}
	assert.Equal(t, 10, closed)
}

func TestSchemaHasEveryCurrencyAndEffect(t *testing.T) {
	s := schema(t)
	var codes []string
	for i := range 26 * 26 * 26 {
		code := string([]byte{byte('A' + i/676), byte('A' + i/26%26), byte('A' + i%26)})
		if _, err := policy.ParseCurrency(code); err == nil {
			codes = append(codes, code)
		}
	}
	assert.Equal(t, codes, s.Defs["money"].Properties["currency"].Enum)
	var effects []string
	for e := policy.Allow; e <= policy.Block; e++ {
		effects = append(effects, e.String())
	}
	assert.Equal(t, effects, s.Defs["effect"].Enum)
}

func TestSchemaIsTheCallers(t *testing.T) {
	policy.Schema()[0] = 'x'
	assert.True(t, json.Valid(policy.Schema()))
}

package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// What a document can be besides a policy, and what Load says to it.
func TestBadDocuments(t *testing.T) {
	const head = `{"name":"x","version":"1","roles":["a"]`
	for _, c := range []struct{ name, doc, why string }{
		{"deep nesting", head + `,"rows":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "nested more than 64 deep"},
		{"more than 10 MiB", head + strings.Repeat(" ", 10<<20) + "}", "at most 10485760 are read"},
		{"100,000 rows", head + `,"rows":[` + strings.Repeat(`{"id":"x"},`, 99_999) + `{"id":"x"}]}`, "1:48: rows: 100000 items; at most 20000 are read"},
		{"a field given twice", head + `,"name":"y"}`, `1:41: name: the field "name" is there twice`},
		{"a field of a row given twice", head + `,"rows":[{"id":"x","effect":"deny","effect":"allow"}]}`, `1:75: rows[0].effect: the field "effect" is there twice`},
		{"a byte order mark", "\xef\xbb\xbf" + head + "}", "byte order mark"},
		{"trailing data", head + "} {}", "1:42: more text after the end"},
		{"a comma too many", head + ",}", "1:40: a comma after the last one"},
		{"not UTF-8", head + `,"rows":[{"id":"` + "\xff" + `","effect":"deny"}]}`, "UTF-8"},
		{"half a surrogate", head + `,"rows":[{"id":"\ud83d","effect":"deny"}]}`, "surrogate"},
		{"cut off", head, "1:40: a comma or '}' is expected"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "1:1: a value is expected here"},
		{"a role outside the ladder", head + `,"rows":[{"id":"x","effect":"allow","role":"b"}]}`, `unknown role "b" (known: a)`},
		{"a field misspelled", head + `,"rwos":[]}`, `unknown field "rwos" (did you mean "rows"?)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Load([]byte(c.doc), nil)
			var faults *policy.DocumentError
			require.ErrorAs(t, err, &faults)
			assert.Contains(t, err.Error(), c.why)
			for _, f := range faults.Faults {
				assert.Positive(t, f.Line)
				assert.Positive(t, f.Column)
			}
		})
	}
}

func TestLargestDocuments(t *testing.T) {
	rows := make([]string, 20_000)
	for i := range rows {
		effect := `"effect":"deny"`
		if i%2 == 0 {
			effect = `"effect":"allow","role":"agent"`
		}
		rows[i] = fmt.Sprintf(`{"id":"row-%05d",%s,"remedies":["refund"],"categories":["c%d"]}`, i, effect, i)
	}
	s := load(t, rows...)
	r := ask(refund(1))
	r.Category = "c7"
	assert.Equal(t, "denied (row-00007)", s.Judge(r).String())
	r.Category = "c8"
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict)

	for _, form := range []string{
		`{"id":"r%d","effect":"deny","remedies":["refund","gift"],"tiers":["a","b"],"channels":["x","x%d"]}`,
		`{"id":"r%d","effect":"allow","role":"agent","remedies":["refund"],"reason":"%d"}`,
	} {
		for i := range rows {
			rows[i] = fmt.Sprintf(form, i, i)
		}
		load(t, rows...) // in a time that does not grow with the pairs of rows
	}

	long := strings.Repeat("x", 9<<20)
	s = load(t, `{"id":"x","effect":"deny","remedies":["refund"],"reason":"`+long+`"}`)
	assert.Equal(t, long, s.Judge(ask(refund(1))).Findings[0].Reason)
}

// Whatever makes a Set, its document can be read back.
func TestSetsAreNoLargerThanDocuments(t *testing.T) {
	const most = 1000
	for _, n := range []int{most, most + 1} {
		roles, o := make([]policy.Role, n), &policy.Options{Kinds: map[policy.Kind]policy.Nature{}}
		for i := range n {
			roles[i] = policy.Role(fmt.Sprint("role", i))
			o.Kinds[policy.Kind(fmt.Sprint("kind", i))] = policy.Goods
			o.Rules = append(o.Rules, policy.Func{Name: fmt.Sprint("rule", i), Is: policy.Deny, Fn: func(*policy.Request) (string, bool, error) { return "", false, nil }})
		}
		s, err := policy.New("x", "1", roles, o)
		if n > most {
			assert.EqualError(t, err, `policy: 3 faults:
roles: 1001 roles; at most 1000
Options.Kinds: 1001 kinds of the host's own; at most 1000
Options.Rules: 1001 rules in Go; at most 1000`)
			continue
		}
		require.NoError(t, err)
		again, err := policy.Load(s.Document(), nil)
		require.NoError(t, err)
		assert.Equal(t, s.Digest(), again.Digest())
	}
}

func TestMandatesCannotBeSuppressedOrContradicted(t *testing.T) {
	const years = `"remedies":["repair"],"within":{"days":730,"of":"delivery"}`
	for _, c := range []struct{ name, first, second, why string }{
		{"denied", `"effect":"mandate","remedies":["repair"]`, `"effect":"deny","remedies":["repair"],"tiers":["gold"]`, `it cannot suppress the mandate "a"`},
		{"capped", `"effect":"mandate","remedies":["repair"]`, `"effect":"deny","remedies":["repair"],"beyond":{"count":1,"per":"customer"}`, `it cannot suppress the mandate "a"`},
		{"approved", `"effect":"mandate"`, `"effect":"approve","by":"agent","remedies":["repair"]`, `it cannot suppress the mandate "a"`},
		{"blocked", `"effect":"block","remedies":["repair"]`, `"effect":"mandate",` + years, `can never decide anything: "a", a block, fires whenever it does`},
		{"for less time", `"effect":"mandate",` + years, `"effect":"mandate","remedies":["repair"],"within":{"days":365,"of":"delivery"}`, `it contradicts the mandate "a"`},
		{"for more", `"effect":"mandate","remedies":["refund"],"upTo":{"percent":50}`, `"effect":"mandate","remedies":["refund"],"upTo":{"percent":60}`, `it contradicts`},
		{"twice", `"effect":"mandate",` + years, `"effect":"mandate",` + years, `it repeats the mandate "a"`},
		{"of something else", `"effect":"mandate",` + years, `"effect":"mandate","remedies":["replacement"],"within":{"days":365,"of":"delivery"}`, ""},
		{"for others", `"effect":"mandate",` + years, `"effect":"mandate","tiers":["gold"],"remedies":["repair"],"within":{"days":1000,"of":"delivery"}`, ""},
		{"from another day", `"effect":"mandate","to":"2026-12-31",` + years, `"effect":"mandate","from":"2027-01-01","remedies":["repair"],"within":{"days":1000,"of":"delivery"}`, ""},
		{"denied afterwards", `"effect":"mandate",` + years, `"effect":"deny","remedies":["repair"]`, ""},
		{"promised too early", `"effect":"mandate","remedies":["repair"]`, `"effect":"deny","remedies":["repair"],"earliest":{"days":1}`, ""},
		{"kept from the unfit", `"effect":"block","self":true`, `"effect":"mandate","remedies":["repair"]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Load(document(`{"id":"a",`+c.first+`}`, `{"id":"b",`+c.second+`}`), nil)
			if c.why == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.why)
				assert.ErrorContains(t, err, "2:1: rows[1]: ")
			}
		})
	}
}

// Mandates of the same are at odds if one entitles to less on days when both are in force. What adds something stands beside the other.
func TestMandatesThatOverlap(t *testing.T) {
	const years, year = `"within":{"days":730,"of":"delivery"}`, `"within":{"days":365,"of":"delivery"}`
	for _, c := range []struct{ name, first, second, why string }{
		{
			"less from a day on", years, year + `,"from":"2027-01-01"`,
			`which is in force on some of the same days: the same remedies under the same conditions, but within 730 days of delivery there and within 365 days of delivery here`,
		},
		{"more from a day on", year, years + `,"from":"2027-01-01"`, "within 365 days of delivery there and within 730 days"},
		{"a year of both", years + `,"to":"2027-12-31"`, year + `,"from":"2027-01-01"`, "in force on some of the same days"},
		{"a day of both", years + `,"to":"2027-01-01"`, year + `,"from":"2027-01-01"`, "in force on some of the same days"},
		{"no day of both", years + `,"to":"2026-12-31"`, year + `,"from":"2027-01-01"`, ""},
		{"on the same days", years + `,"from":"2027-01-01"`, year + `,"from":"2027-01-01"`, `contradicts the mandate "a": the same`},
		{"at any time", `"tiers":["x"]`, year + `,"tiers":["x"]`, "at any time there"},
		{"at any time, with a reason", `"tiers":["x"]`, year + `,"tiers":["x"],"reason":"x"`, "at any time there"},
		{"the same for longer", years + `,"to":"2027-12-31"`, years + `,"from":"2027-01-01"`, ""},
		{"a statute and the house", years + `,"basis":"legal"`, `"within":{"days":1000,"of":"delivery"},"basis":"policy"`, ""},
		{"a statute and less of the house", years + `,"basis":"legal"`, year + `,"basis":"policy"`, ""},
		{"from another date", years, `"within":{"days":365,"of":"purchase"}`, ""},
		{"less for longer", year, years + `,"upTo":{"percent":50}`, ""},
		{"less for a shorter time", years, year + `,"upTo":{"percent":50}`, "within 365 days of delivery up to 50 %"},
		{"a share or an amount", years + `,"upTo":{"percent":50}`, years + `,"upTo":{"amount":"40","currency":"EUR"}`, ""},
		{"in two currencies", years + `,"upTo":{"amount":"50","currency":"USD"}`, years + `,"upTo":{"amount":"40","currency":"EUR"}`, ""},
		{"in one", years + `,"upTo":{"amount":"50","currency":"EUR"}`, years + `,"upTo":{"amount":"40","currency":"EUR"}`, "up to 50.00 EUR there and within 730 days of delivery up to 40.00 EUR here"},
		{"above some amount", years, years + `,"over":{"amount":"40","currency":"EUR"},"reason":"x"`, ""},
		{"another condition", years, year + `,"when":"x"`, `"a" fires whenever it does`}, // idle, if it says nothing else
		{"another condition and reason", years, year + `,"when":"x","reason":"x"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Load(document(`{"id":"a","effect":"mandate","remedies":["repair"],`+c.first+`}`, `{"id":"b","effect":"mandate","remedies":["repair"],`+c.second+`}`),
				&policy.Options{Compiler: yes{}})
			if c.why == "" {
				assert.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.why)
			assert.ErrorContains(t, err, `2:1: rows[1]: `)
			assert.ErrorContains(t, err, `"a"`)
		})
	}
}

// Rows that overlap in time are no fault: the strongest decides on the days they share. A row whose days are none is.
func TestOverlappingDates(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","role":"agent","remedies":["refund"],"from":"2026-11-01","to":"2026-11-20"}`,
		`{"id":"d","effect":"deny","remedies":["refund"],"from":"2026-11-16","to":"2026-11-30"}`)
	r := ask(refund(1))
	for day, want := range map[int]policy.Verdict{1: policy.Allowed, 15: policy.Allowed, 16: policy.Denied, 20: policy.Denied, 21: policy.Denied} {
		r.Now = time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC)
		assert.Equal(t, want, s.Judge(r).Verdict, day)
	}
	_, err := policy.Load(document(`{"id":"a","effect":"deny","from":"2026-11-02","to":"2026-11-01"}`), nil)
	assert.ErrorContains(t, err, `rows[0].to: "to" is before "from"`)
	load(t, `{"id":"a","effect":"deny","from":"2026-11-02","to":"2026-11-02"}`)
}

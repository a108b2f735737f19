package policy_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func TestLoadReportsEveryFaultAtItsPlace(t *testing.T) {
	doc := `{
  "name": "", "version": 7, "colour": "red",
  "roles": ["agent", "supervisor", "agent"],
  "remedies": [{"kind": "voucher"}, {"kind": "loaner", "goods": true, "money": true}],
  "rows": [
    {"id": "a", "effect": "allow", "remedies": ["vouchr"], "role": "supervizor"},
    {"id": "a", "effect": "alow", "upTo": {"amount": "1.999", "currency": "EUR"}},
    {"id": "c", "effect": "deny", "role": "agent", "beyond": {"amount": {"amount": 5, "currency": "EUX"}, "per": "day"}},
    {"id": "policy:x", "effect": "approve", "by": "agent", "when": "true", "within": {"days": 0, "of": "delivery"}}
  ]
}`
	_, err := policy.Load([]byte(doc), nil)
	assert.EqualError(t, err, `policy: 17 faults:
2:11: name: want a text that is not empty
2:26: version: want a string, got a number
2:29: colour: unknown field "colour" (known: name, version, roles, remedies, ledgers, rules, rows, $schema)
3:36: roles[2]: the role "agent" is there twice
4:25: remedies[0].kind: the remedy "voucher" is built in; leave it out
4:37: remedies[1]: a remedy is "goods", whose amount is the declared cost, or "money", not both
6:49: rows[0].remedies[0]: unknown remedy "vouchr" (did you mean "voucher"?)
6:68: rows[0].role: unknown role "supervizor" (did you mean "supervisor"?)
7:12: rows[1].id: the id "a" is taken by rows[0]
7:27: rows[1].effect: unknown effect "alow" (did you mean "allow"?)
7:54: rows[1].upTo.amount: amount "1.999": EUR has at most 2 digits after the point
8:43: rows[2].role: a deny asks for no role
8:84: rows[2].beyond.amount.amount: an amount is a text, as in {"amount":"49.99","currency":"EUR"}
8:114: rows[2].beyond.per: unknown per "day" (known: case, order, customer); a ledger of your own has to be declared in "ledgers"
9:12: rows[3].id: ids that start with "policy:" are this package's own
9:68: rows[3].when: a condition needs Options.Compiler
9:95: rows[3].within.days: want a whole number from 1 to 36500, got 0`)
	var faults *policy.DocumentError
	require.ErrorAs(t, err, &faults)
	assert.Equal(t, policy.Fault{
		Line: 6, Column: 68, Path: "rows[0].role", Msg: `unknown role "supervizor"`, DidYouMean: "supervisor",
	}, faults.Faults[7])
}

func TestLoadRefusesRows(t *testing.T) {
	for _, c := range []struct{ row, why string }{
		{`{"id":7,"effect":"deny"}`, `rows[0].id: want a string, got a number`},
		{`{"effect":"deny"}`, `rows[0].id: the field "id" is missing`},
		{`{"id":"x"}`, `rows[0].effect: the field "effect" is missing`},
		{`{"id":" x","effect":"deny"}`, "has spaces around it"},
		{`{"id":"x","effect":"allow"}`, `an allow needs "role"`},
		{`{"id":"x","effect":"allow","by":"agent"}`, `names the lowest role that may with "role"`},
		{`{"id":"x","effect":"approve"}`, `an approve needs "by"`},
		{`{"id":"x","effect":"approve","role":"agent"}`, `with "by"`},
		{`{"id":"x","effect":"mandate","by":"agent"}`, "a mandate asks for no role"},
		{`{"id":"x","effect":"allow","role":"agent","beyond":{"count":1,"per":"case"}}`, "an allow has none"},
		{`{"id":"x","effect":"mandate","beyond":{"count":1,"per":"case"}}`, "a mandate has none"},
		{`{"id":"x","effect":"deny","beyond":{"count":1}}`, `the field "per" is missing`},
		{`{"id":"x","effect":"deny","beyond":{"per":"case"}}`, `"amount" or "count", one of them`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"amount":{"amount":"1","currency":"EUR"},"per":"case"}}`, `"amount" or "count", one of them`},
		{`{"id":"x","effect":"deny","beyond":{"count":0,"per":"case"}}`, "from 1"},
		{`{"id":"x","effect":"deny","over":{"amount":"0.00","currency":"EUR"}}`, "above zero"},
		{`{"id":"x","effect":"deny","over":{"amount":"-1","currency":"EUR"}}`, "above zero"},
		{`{"id":"x","effect":"deny","over":{"amount":"1","currency":"EURO"}}`, `(did you mean "EUR"?)`},
		{`{"id":"x","effect":"deny","over":{"amount":"1"}}`, `the field "currency" is missing`},
		{`{"id":"x","effect":"deny","over":"1 EUR"}`, `want an object such as {"amount":"50.00","currency":"EUR"} or {"percent":20}`},
		{`{"id":"x","effect":"deny","upTo":"50.00 EUR"}`, `rows[0].upTo: want an object such as {"amount":"50.00","currency":"EUR"}`},
		{`{"id":"x","effect":"deny","upTo":50}`, `want an object such as {"amount":"50.00","currency":"EUR"}`},
		{`{"id":"x","effect":"deny","upTo":true}`, "want an object, got"},
		{`{"id":"x","effect":"deny","earliest":"3 days"}`, `want an object such as {"days":3} or {"hours":4}`},
		{`{"id":"x","effect":"deny","explain":"sorry"}`, `want an object such as {"en":"We are sorry."}, a text by language`},
		{`{"id":"x","effect":"deny","beyond":3}`, `want an object such as {"count":3,"per":"customer","days":90}`},
		{`{"id":"x","effect":"deny","within":"30 days"}`, `want an object such as {"days":30,"of":"delivery"}`},
		{`{"id":"x","effect":"mandate","within":{"years":2,"of":"delivery"}}`, `rows[0].within.years: spans are in "days"`},
		{`{"id":"x","effect":"mandate","within":{"years":2}}`, "two years at most 731"},
		{`{"id":"x","effect":"deny","earliest":{"weeks":2}}`, `spans are in "days": a week is 7`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"case","months":3}}`, `a month at most 31`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"household"}}`, `unknown per "household" (known: case, order, customer); a ledger of your own has to be declared in "ledgers"`},
		{`{"id":"x","effect":"deny","beyond":{"count":1,"per":"custmer"}}`, `unknown per "custmer" (did you mean "customer"?)`},
		{`{"id":"x","effect":"deny","over":{"amount":"50","currency":"EUR"},"upTo":{"amount":"50","currency":"EUR"}}`, "no amount is over 50.00 EUR and up to 50.00 EUR"},
		{`{"id":"x","effect":"deny","over":{"amount":"50","currency":"EUR"},"upTo":{"amount":"60","currency":"USD"}}`, "several currencies"},
		{`{"id":"x","effect":"deny","remedies":["apology"],"over":{"amount":"50","currency":"EUR"}}`, `"apology" can have no amount`},
		{`{"id":"x","effect":"deny","remedies":[]}`, "an empty list fits nothing"},
		{`{"id":"x","effect":"deny","remedies":["gift","gift"]}`, `"gift" is there twice`},
		{`{"id":"x","effect":"deny","categories":["a","a"]}`, `the category "a" is there twice`},
		{`{"id":"x","effect":"deny","categories":[""]}`, "not empty"},
		{`{"id":"x","effect":"deny","tiers":"gold"}`, "want an array"},
		{`{"id":"x","effect":"deny","from":"2026-13-01"}`, "want a date"},
		{`{"id":"x","effect":"deny","from":"2026-02-02","to":"2026-02-01"}`, `"to" is before "from"`},
		{`{"id":"x","effect":"deny","within":{"days":36501,"of":"delivery"}}`, "to 36500"},
		{`{"id":"x","effect":"deny","within":{"days":1,"of":"delivry"}}`, `(did you mean "delivery"?)`},
		{`{"id":"x","effect":"deny","basis":"legall"}`, `(did you mean "legal"?)`},
		{`{"id":"x","effect":"deny","explain":{"en gb":"x"}}`, "want a language tag"},
		{`{"id":"x","effect":"deny","explain":{"en":" "}}`, "an empty text"},
		{`{"id":"x","effect":"deny","id":"y"}`, "id"},
		{`{"id":"x","effect":"deny","reson":"y"}`, `(did you mean "reason"?)`},
		{`null`, "want an object"},
	} {
		_, err := policy.Load(document(c.row), nil)
		assert.ErrorContains(t, err, c.why, c.row)
	}
}

func TestLoadRefusesDocuments(t *testing.T) {
	for _, doc := range []string{
		``, `null`, `[]`, `{}`, "\xef\xbb\xbf{}", `{"name":"x","version":"1","roles":[]}`, `{"name":"x","version":"1","roles":["a"]} x`,
		`{"name":"x","version":"1","roles":["a",1]}`, `{"name":"` + "\xff" + `","version":"1","roles":["a"]}`,
		strings.Repeat("[", 100_000), strings.Repeat(" ", 11<<20),
		`{"name":"x","version":"1","roles":["a"],"rows":[` + strings.Repeat(`{},`, 100_000) + `{}]}`,
		`{"name":"x","version":"1","roles":["a"` + strings.Repeat(`,"a"`, 1000) + `]}`,
		`{"name":"x","version":"1","roles":["a"],"rows":[{"id":"x","effect":"deny","tiers":["a"` + strings.Repeat(`,"a"`, 200_000) + `]}]}`,
	} {
		_, err := policy.Load([]byte(doc), nil)
		var faults *policy.DocumentError
		require.ErrorAs(t, err, &faults, "%.40q", doc)
		assert.LessOrEqual(t, len(faults.Faults), 101)
	}
}

// An approve only adds to what is allowed: alone it is a slip.
func TestAnApproveNeedsAnAllowBesideIt(t *testing.T) {
	const eyes = `{"id":"eyes","effect":"approve","by":"manager","remedies":["refund","voucher"]}`
	never := func(*policy.Request) (string, bool, error) { return "", false, nil }
	for _, c := range []struct {
		name, beside string
		code         []policy.Rule
		fault        bool
	}{
		{"nothing", `{"id":"x","effect":"deny","remedies":["refund"],"tiers":["x"]}`, nil, true},
		{"an allow of something else", `{"id":"x","effect":"allow","role":"agent","remedies":["gift"]}`, nil, true},
		{"an allow of one of them", `{"id":"x","effect":"allow","role":"agent","remedies":["gift","voucher"]}`, nil, false},
		{"an allow of all", `{"id":"x","effect":"allow","role":"agent","tiers":["gold"]}`, nil, false},
		{"a mandate", `{"id":"x","effect":"mandate","remedies":["refund"],"tiers":["gold"]}`, nil, false},
		{"a rule in Go", `{"id":"x","effect":"deny","remedies":["gift"]}`, []policy.Rule{
			policy.Func{Name: "go", Is: policy.Allow, Role: "agent", Remedies: []policy.Kind{policy.Refund}, Fn: never},
		}, false},
	} {
		_, err := policy.Load(document(eyes, c.beside), &policy.Options{Rules: c.code})
		if c.fault {
			assert.ErrorContains(t, err, "rows[0]: the row can never decide anything: no allow and no mandate is about \"refund\"", c.name)
		} else {
			assert.NoError(t, err, c.name)
		}
	}
	_, err := policy.Load(document(`{"id":"eyes","effect":"approve","by":"manager","remedies":["apology"]}`), nil)
	assert.NoError(t, err, "kind words are allowed without a rule")
	_, err = policy.Load(document(eyes, `{"id":"x","effect":"allow","remedies":["refnd"],"role":"agent"}`), nil)
	assert.NotContains(t, err.Error(), "beside it", "what a faulty row is about is not known")

	four := load(t, `{"id":"supervisor","effect":"allow","role":"supervisor","remedies":["refund"],"to":"2020-12-31"}`,
		`{"id":"eyes","effect":"approve","by":"manager","remedies":["refund"],"over":{"amount":"300.00","currency":"EUR"}}`)
	assert.Equal(t, "denied (no rule allows it; eyes would only add an approval)", four.Judge(ask(refund(301_00))).String())
	assert.Equal(t, "denied (no rule allows it)", four.Judge(ask(refund(300_00))).String())
}

func TestUnreachableRows(t *testing.T) {
	const eur50, eur60 = `{"amount":"50","currency":"EUR"}`, `{"amount":"60","currency":"EUR"}`
	for _, c := range []struct {
		name, strong, weak string
		dead               bool
	}{
		{"a deny over an allow", `"effect":"deny"`, `"effect":"allow","role":"agent","remedies":["gift"]`, true},
		{"a deny over an approve", `"effect":"deny"`, `"effect":"approve","by":"agent"`, true},
		{"a block over a mandate", `"effect":"block"`, `"effect":"mandate","categories":["x"]`, true},
		{"a mandate over a deny", `"effect":"mandate","categories":["x","y"]`, `"effect":"deny","categories":["y"]`, true},
		{"an allow over nothing", `"effect":"allow","role":"agent"`, `"effect":"approve","by":"manager","remedies":["gift"]`, false},
		{"other kinds", `"effect":"deny","remedies":["gift"]`, `"effect":"allow","role":"agent","remedies":["gift","refund"]`, false},
		{"narrower kinds", `"effect":"deny","remedies":["gift","refund"]`, `"effect":"allow","role":"agent","remedies":["gift"]`, true},
		{"all kinds", `"effect":"deny","remedies":["gift"]`, `"effect":"allow","role":"agent"`, false},
		{"narrower conditions", `"effect":"deny","tiers":["gold"]`, `"effect":"allow","role":"agent"`, false},
		{"a higher bound", `"effect":"deny","over":` + eur60, `"effect":"approve","by":"agent","over":` + eur50, false},
		{"a lower bound", `"effect":"deny","over":` + eur50, `"effect":"approve","by":"agent","over":` + eur60, true},
		{"a lower bound on other sums", `"effect":"deny","over":` + eur50, `"effect":"approve","by":"agent","remedies":["apology","gift"],"over":` + eur60, false},
		{"within more", `"effect":"deny","within":{"days":30,"of":"delivery"}`, `"effect":"allow","role":"agent","within":{"days":14,"of":"delivery"}`, true},
		{"within less", `"effect":"deny","within":{"days":14,"of":"delivery"}`, `"effect":"allow","role":"agent","within":{"days":30,"of":"delivery"}`, false},
		{"within of something else", `"effect":"deny","within":{"days":30,"of":"delivery"}`, `"effect":"allow","role":"agent","within":{"days":14,"of":"purchase"}`, false},
		{"by another date", `"effect":"mandate","within":{"days":30,"of":"delivery"}`, `"effect":"deny","within":{"days":14,"of":"delivery"}`, false},
		{"in force longer", `"effect":"deny","from":"2026-01-01"`, `"effect":"allow","role":"agent","from":"2026-02-01","to":"2026-03-01"`, true},
		{"in force shorter", `"effect":"deny","from":"2026-01-01","to":"2026-02-15"`, `"effect":"allow","role":"agent","from":"2026-02-01","to":"2026-03-01"`, false},
		{"the same cap", `"effect":"deny","beyond":{"count":1,"per":"case"}`, `"effect":"approve","by":"agent","beyond":{"count":1,"per":"case"}`, true},
		{"another cap", `"effect":"deny","beyond":{"count":2,"per":"case"}`, `"effect":"approve","by":"agent","beyond":{"count":1,"per":"case"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			strong, weak := `{"id":"s",`+c.strong+`}`, `{"id":"w",`+c.weak+`}`
			for _, doc := range [][]byte{document(strong, weak), document(weak, strong)} {
				_, err := policy.Load(doc, nil)
				if c.dead {
					assert.ErrorContains(t, err, "the row can never decide anything")
				} else {
					assert.NoError(t, err)
				}
			}
		})
	}
}

func TestDocumentIsCanonical(t *testing.T) {
	s := retail(t)
	doc, err := os.ReadFile("testdata/retail.canonical.json")
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(doc)), string(s.Document()), "the form is stored, so it never changes")
	assert.Equal(t, policy.Digest(sha256.Sum256(s.Document())), s.Digest())
	again, err := policy.Load(s.Document(), nil)
	require.NoError(t, err)
	assert.Equal(t, s.Digest(), again.Digest())
	assert.Equal(t, s.Document(), again.Document())
	assert.Equal(t, s.Kinds(), again.Kinds())

	copied := s.Document()
	copied[0] = 'x'
	assert.NotEqual(t, copied, s.Document(), "the caller's copy is the caller's")
	roles := s.Roles()
	roles[0] = "x"
	assert.EqualValues(t, "agent", s.Roles()[0])
}

func TestNamesHaveTheirPlaces(t *testing.T) {
	s := load(t, `{"id":"x","effect":"deny","categories":["b","a"],"tiers":["gold"]}`, `{"id":"y","effect":"deny","channels":["fax"],"severities":["a"]}`)
	var got []string
	for n := range s.Names() {
		got = append(got, fmt.Sprintf("%d:%d %s %s", n.Line, n.Column, n.Attribute, n.Value))
	}
	assert.ElementsMatch(t, []string{"1:119 category b", "1:123 category a", "1:137 tier gold", "2:39 channel fax", "2:60 severity a"}, got)
}

// equals compiles "FIELD = VALUE" conditions on facts.
type equals struct{}

func (equals) Compile(when string) (func(*policy.Request) (bool, error), error) {
	field, value, ok := strings.Cut(when, " = ")
	if !ok {
		return nil, errors.New(`want "fact = value"`)
	}
	return func(r *policy.Request) (bool, error) {
		v, known := r.Facts[field]
		if !known {
			return false, policy.Missing(field)
		}
		return v == value, nil
	}, nil
}

func TestConditions(t *testing.T) {
	o := &policy.Options{Compiler: equals{}}
	_, err := policy.Load(document(`{"id":"x","effect":"deny","when":"no"}`), o)
	assert.EqualError(t, err, `policy: 1:112: rows[0].when: want "fact = value"`)
	s := loadWith(t, o, allow, `{"id":"x","effect":"deny","remedies":["refund"],"when":"chargeback = open"}`)
	r := ask(refund(1))
	d := s.Judge(r)
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, []string{"chargeback"}, d.Missing)
	r.Facts = policy.Facts{"chargeback": "open"}
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)
	r.Facts["chargeback"] = "none"
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict)
	again, err := policy.Load(s.Document(), o)
	require.NoError(t, err)
	assert.Equal(t, s.Digest(), again.Digest())
}

// Documents may say where their schema is, for editors. It decides nothing.
func TestDocumentsMayNameTheirSchema(t *testing.T) {
	with := func(schema string) []byte {
		return []byte(`{"$schema":` + schema + "," + string(document(allow))[1:])
	}
	s, err := policy.Load(with(`"https://example.com/policy.json"`), nil)
	require.NoError(t, err)
	plain := load(t, allow)
	assert.Equal(t, plain.Digest(), s.Digest())
	assert.Equal(t, string(plain.Document()), string(s.Document()))
	_, err = policy.Load(with(`7`), nil)
	assert.EqualError(t, err, "policy: 1:12: $schema: want a string, got a number")
}

// Rules in Go and conditions share one copy of the request, that of the decision.
func TestConditionsShareTheRequest(t *testing.T) {
	s := func(n int) *policy.Set {
		rows := []string{allow}
		for i := range n {
			rows = append(rows, fmt.Sprintf(`{"id":"x-%d","effect":"deny","when":"chargeback = open %d"}`, i, i))
		}
		return loadWith(t, &policy.Options{Compiler: equals{}}, rows...)
	}
	r := ask(refund(1))
	r.Facts = policy.Facts{"chargeback": "none"}
	one, nine := s(1), s(9)
	assert.Equal(t, allocations(func() { one.Judge(r) }), allocations(func() { nine.Judge(r) }))
}

func TestNewReportsEveryFault(t *testing.T) {
	never := func(*policy.Request) (string, bool, error) { return "", false, nil }
	_, err := policy.New("", "1", []policy.Role{"agent", "", "agent"}, &policy.Options{
		Rules: []policy.Rule{
			nil,
			(*policy.Func)(nil),
			policy.Func{Name: "a", Is: policy.Allow, Fn: never},
			policy.Func{Name: "a", Is: policy.Deny, Role: "agent", Fn: never},
			policy.Func{Name: "c", Is: policy.Approve, Role: "agnt", Fn: never, Remedies: []policy.Kind{"refnd"}},
			policy.Func{Name: "d", Is: 9, Fn: never},
			policy.Func{Name: "policy:e", Is: policy.Block},
		},
		Kinds: map[policy.Kind]policy.Nature{policy.Refund: policy.Cash, "": policy.Goods, "visit": 7},
	})
	assert.EqualError(t, err, `policy: 13 faults:
name: want a text that is not empty
roles[1]: want a text that is not empty
roles[2]: the role "agent" is there twice
Options.Kinds[""]: want a text that is not empty
Options.Kinds["refund"]: the kind is built in
Options.Kinds["visit"]: unknown nature 7
Options.Rules[0]: the rule is nil
Options.Rules[1]: it panicked: value method github.com/amends-go/amends/policy.Func.ID called using nil *Func pointer
Options.Rules[2]: an allow needs Role, the lowest role that may
Options.Rules[3]: the id "a" is taken by Options.Rules[2]; a deny asks for no role
Options.Rules[4]: the role "agnt" is not on the ladder ["agent" "" "agent"]; unknown remedy "refnd" (did you mean "refund"?)
Options.Rules[5]: no effect: Effect(9)
Options.Rules[6]: ids that start with "policy:" are this package's own; it has no function`)
	_, err = policy.New("x", "1", nil, nil)
	assert.EqualError(t, err, "policy: roles: want at least one role, lowest first")
}

func TestDocumentsNameRulesInGo(t *testing.T) {
	rule := policy.Func{Name: "chargeback", Is: policy.Deny, Remedies: []policy.Kind{policy.Refund}, Fn: func(*policy.Request) (string, bool, error) {
		return "", false, nil
	}}
	o := &policy.Options{Rules: []policy.Rule{rule}, Kinds: map[policy.Kind]policy.Nature{"visit": policy.Words}}
	s := loadWith(t, o, allow)
	assert.Contains(t, string(s.Document()), `"rules":[{"id":"chargeback","effect":"deny","remedies":["refund"]}]`)
	assert.Equal(t, policy.Allowed, s.Judge(ask(refund(1))).Verdict)

	again, err := policy.Load(s.Document(), o)
	require.NoError(t, err)
	assert.Equal(t, s.Digest(), again.Digest())

	without, err := policy.Load(s.Document(), nil)
	require.NoError(t, err, "an old document can always be read")
	assert.Equal(t, s.Digest(), without.Digest())
	d := without.Judge(ask(refund(1)))
	assert.Equal(t, policy.Denied, d.Verdict, "but the rule that is not there fails closed")
	assert.Equal(t, "the rule is written in Go, and is not in Options.Rules", d.Findings[1].Error)

	rule.Is = policy.Block
	_, err = policy.Load(s.Document(), &policy.Options{Rules: []policy.Rule{rule}})
	assert.ErrorContains(t, err, `the rule "chargeback" in Go is a block`)
	_, err = policy.Load(document(`{"id":"chargeback","effect":"deny"}`), o)
	assert.ErrorContains(t, err, `the id "chargeback" is taken by Options.Rules[0]`)

	only, err := policy.New("go", "1", []policy.Role{"agent"}, o)
	require.NoError(t, err)
	loaded, err := policy.Load(only.Document(), o)
	require.NoError(t, err)
	assert.Equal(t, only.Digest(), loaded.Digest())
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"testdata/retail.json", "testdata/retail.canonical.json"} {
		doc, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(doc)
	}
	f.Add(document(allow, approve, deny, mandate, block))
	f.Add([]byte(`{"name":"x","version":"1","roles":["a"],"rules":[{"id":"r","effect":"allow"}],"rows":[{"id":"x","effect":"deny","from":"0001-01-01","to":"9999-12-31"}]}`))
	f.Add([]byte(`{"name":"x","version":"1","roles":["a"],"rows":[{"id":"x","effect":"deny","explain":{"en":"\u0000\ud83d\ude00"}}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		o := &policy.Options{Compiler: equals{}}
		s, err := policy.Load(doc, o)
		if err != nil {
			var faults *policy.DocumentError
			require.ErrorAs(t, err, &faults)
			require.NotEmpty(t, faults.Error())
			return
		}
		again, err := policy.Load(s.Document(), o)
		require.NoError(t, err, "%s", s.Document())
		require.Equal(t, string(s.Document()), string(again.Document()))
		require.Equal(t, s.Digest(), again.Digest())
		for _, k := range s.Kinds() {
			r := ask(policy.Remedy{Kind: k, Amount: eur(10_00)})
			require.Equal(t, s.Judge(r), again.Judge(r))
		}
		s.Ledgers(ask())
		for _, p := range s.Parameters(ask()) {
			require.NotEmpty(t, p.String())
		}
	})
}

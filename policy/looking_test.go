package policy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// A household gets one gift beside anything else: a cap in Go, which counts what a row cannot.
func oneGift() policy.Func {
	return policy.Func{
		Name: "one-gift", Is: policy.Deny, Remedies: []policy.Kind{policy.Gift}, Ledgers: []string{"household"},
		Fn: func(r *policy.Request) (string, bool, error) {
			household, _ := r.Facts["household"].(string)
			if household == "" {
				return "", false, policy.Missing("household")
			}
			n := 0
			for _, g := range r.Given {
				if g.Ledger == "household:"+household {
					n += max(1, g.Count)
				}
			}
			return "the household has had its share", n >= 2, nil
		},
	}
}

func ExampleLooking() {
	rules, err := policy.New("shop", "1", []policy.Role{"agent"}, &policy.Options{
		Ledgers: []string{"household"},
		Rules: []policy.Rule{oneGift(), policy.Func{
			Name: "all", Is: policy.Allow, Role: "agent", Fn: func(*policy.Request) (string, bool, error) { return "", true, nil },
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := laptop()
	r.Facts = policy.Facts{"household": "17"}
	r.Offer = []policy.Remedy{{Kind: policy.Gift}, {Kind: policy.Callback}}
	fmt.Println("bring along", rules.Ledgers(r))
	d := rules.Judge(r)
	fmt.Println(d)
	for _, g := range d.Reserves {
		fmt.Println("enter", g.Kind, "in", g.Ledger)
	}
	r.Given = d.Reserves
	fmt.Println(rules.Judge(r))
	// Output:
	// bring along [household:17]
	// allowed
	// enter gift in household:17
	// enter callback in household:17
	// denied (one-gift: the household has had its share)
}

func TestLedgersOfRulesInGo(t *testing.T) {
	o := &policy.Options{Rules: []policy.Rule{oneGift()}}
	doc := func(ledgers string) []byte {
		return []byte(`{"name":"x","version":"1","roles":["agent"],` + ledgers + `"rows":[{"id":"a","effect":"allow","remedies":["gift","voucher"],"role":"agent"}]}`)
	}
	s, err := policy.Load(doc(`"ledgers":["household"],`), o)
	require.NoError(t, err)
	r := ask(policy.Remedy{Kind: policy.Gift})
	r.Facts = policy.Facts{"household": "17"}
	assert.Equal(t, []string{"household:17"}, s.Ledgers(r))
	r.Offer = []policy.Remedy{voucher(10_00)}
	assert.Equal(t, []string{"household:17"}, s.Ledgers(r), "the rule sees every entry of the ledger, and so vouchers too")
	assert.Equal(t, []policy.Given{{Ledger: "household:17", Kind: policy.Voucher, Amount: eur(10_00), At: noon()}}, s.Judge(r).Reserves)
	r.Facts, r.Offer = nil, []policy.Remedy{{Kind: policy.Gift}}
	assert.Empty(t, s.Ledgers(r))
	assert.Equal(t, []string{"household"}, s.Judge(r).Missing)

	// Ledgers of Options stand beside the document's, and in the document that a decision is explained by.
	beside := &policy.Options{Rules: o.Rules, Ledgers: []string{"household", "card"}}
	for _, ledgers := range []string{"", `"ledgers":["household"],`, `"ledgers":["card","household"],`} {
		s, err := policy.Load(doc(ledgers), beside)
		require.NoError(t, err)
		assert.Contains(t, string(s.Document()), `"ledgers":["card","household"]`)
		for _, o := range []*policy.Options{nil, o, beside} {
			again, err := policy.Load(s.Document(), o)
			require.NoError(t, err)
			assert.Equal(t, s.Digest(), again.Digest())
		}
	}
	capped, err := policy.Load([]byte(`{"name":"x","version":"1","roles":["agent"],"rows":[{"id":"c","effect":"deny","beyond":{"count":1,"per":"card"}}]}`), beside)
	require.NoError(t, err, "rows may count by them")
	assert.Equal(t, []string{"card:9"}, capped.Ledgers(policy.Request{Facts: policy.Facts{"card": "9"}, Offer: []policy.Remedy{voucher(1)}}))

	for _, built := range []string{"order", "customer", "case"} {
		f := oneGift()
		f.Ledgers = []string{built}
		s, err := policy.New("x", "1", []policy.Role{"agent"}, &policy.Options{Rules: []policy.Rule{f}})
		require.NoError(t, err)
		want := map[string][]string{"order": {"order:A-17"}, "customer": {"customer:42"}}[built]
		assert.Equal(t, want, s.Ledgers(ask(policy.Remedy{Kind: policy.Gift})))
	}
}

// hasty panics when it is asked at which ledgers it looks.
type hasty struct{ policy.Func }

func (hasty) LooksAt() []string { panic("not yet") } //nolint:forbidigo // it is contained

func TestLedgersOfOptionsAreChecked(t *testing.T) {
	_, err := policy.New("x", "1", []policy.Role{"agent"}, &policy.Options{
		Rules:   []policy.Rule{oneGift(), hasty{oneGift()}},
		Ledgers: []string{"houshold", "order", "a:b", "houshold", " "},
	})
	assert.EqualError(t, err, `policy: 6 faults:
Options.Ledgers[1]: the ledger "order" is built in; leave it out
Options.Ledgers[2]: the name of a ledger has no colon in it, got "a:b"
Options.Ledgers[3]: the ledger "houshold" is there twice
Options.Ledgers[4]: " " has spaces around it or control characters in it
Options.Rules[0]: it looks at the ledger "household", which neither Options.Ledgers nor the document declares (did you mean "houshold"?)
Options.Rules[1]: it panicked: not yet`)
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprint("ledger", i)
	}
	_, err = policy.New("x", "1", []policy.Role{"agent"}, &policy.Options{Ledgers: many})
	assert.EqualError(t, err, "policy: Options.Ledgers[30]: more than 30 ledgers")
}

// kindly compiles conditions that are the name of a kind, and hold for that kind if it is words.
type kindly struct {
	kinds map[policy.Kind]policy.Nature
	fault string
}

func (k kindly) Compile(when string) (func(*policy.Request) (bool, error), error) {
	nature, known := k.kinds[policy.Kind(when)]
	if !known {
		return nil, fmt.Errorf("no kind %q", when)
	}
	return func(*policy.Request) (bool, error) { return nature == policy.Words, nil }, nil
}

func (k kindly) ForKinds(kinds map[policy.Kind]policy.Nature) policy.Compiler {
	if k.fault != "" {
		panic(k.fault) //nolint:forbidigo // it is contained
	}
	return kindly{kinds: kinds}
}

func TestCompilersMayKnowTheKinds(t *testing.T) {
	doc := func(when string) []byte {
		return []byte(`{"name":"x","version":"1","roles":["agent"],"remedies":[{"kind":"visit"},{"kind":"loaner","goods":true}],"rows":[{"id":"a","effect":"block","when":"` + when + `"}]}`)
	}
	o := &policy.Options{Compiler: kindly{}, Kinds: map[policy.Kind]policy.Nature{"tea": policy.Words}}
	for kind, words := range map[string]bool{"visit": true, "loaner": false, "tea": true, "apology": true, "refund": false} {
		s, err := policy.Load(doc(kind), o)
		require.NoError(t, err)
		assert.Equal(t, words, s.Judge(ask(refund(1))).Verdict == policy.Blocked, kind)
	}
	_, err := policy.Load(doc("nothing"), o)
	assert.ErrorContains(t, err, `no kind "nothing"`)
	_, err = policy.Load(doc("visit"), &policy.Options{Compiler: kindly{fault: "not today"}})
	assert.ErrorContains(t, err, "Options.Compiler: it panicked: not today")
}

package policy_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func TestRedundantRows(t *testing.T) {
	const eur50, eur60 = `"upTo":{"amount":"50","currency":"EUR"}`, `"upTo":{"amount":"60","currency":"EUR"}`
	const allow, approve = `"effect":"allow","role":"agent"`, `"effect":"approve","by":"supervisor"`
	for _, c := range []struct {
		name, other, row, why string // why: of row, which comes second; empty: both stand
	}{
		{"a higher role allowed the same", allow, `"effect":"allow","role":"manager","remedies":["gift"],"reason":"as a favor"`, `"a" fires whenever it does, and allows it to agent and above`},
		{"a lower role allowed less", `"effect":"allow","role":"supervisor"`, allow + `,"remedies":["gift"]`, ""},
		{"the same role allowed less", allow + `,"remedies":["refund"],` + eur60, allow + `,"remedies":["refund"],` + eur50, `"a" fires whenever it does, and does the same`},
		{"the same role allowed more", allow + `,"remedies":["refund"],` + eur50, allow + `,"remedies":["refund","gift"],` + eur60, ""},
		{"sums of other remedies", allow + `,"remedies":["refund","voucher"],` + eur60, allow + `,"remedies":["refund"],` + eur50, ""},
		{"another currency", allow + `,` + eur60, allow + `,"upTo":{"amount":"50","currency":"USD"}`, ""},
		{"with a reason of its own", allow, allow + `,"tiers":["gold"],"reason":"gold"`, ""},
		{"with the same reason", allow + `,"reason":"x"`, allow + `,"tiers":["gold"],"reason":"x"`, "does the same"},
		{"equal denies", `"effect":"deny","remedies":["gift"]`, `"effect":"deny","remedies":["gift"]`, "does the same"},
		{"a deny that explains itself", `"effect":"deny","remedies":["gift"],"reason":"too many"`, `"effect":"deny","remedies":["gift"],"explain":{"en":"No."}`, ""},
		{"a deny on another basis", `"effect":"deny","remedies":["gift"],"reason":"too many"`, `"effect":"deny","remedies":["gift"],"basis":"legal"`, ""},
		{"a deny that is explained already", `"effect":"deny","explain":{"en":"No."}`, `"effect":"deny","remedies":["gift"],"explain":{"en":"No."}`, "does the same"},
		{"a deny that no mandate lifts", `"effect":"deny"`, `"effect":"deny","earliest":{"days":1}`, ""},
		{"a deny within a deny", `"effect":"deny","categories":["x","y"],"within":{"days":9,"of":"purchase"}`, `"effect":"deny","categories":["y"],"tiers":["a"],"within":{"days":8,"of":"purchase"}`, "does the same"},
		{"a higher cap", `"effect":"deny","beyond":{"count":1,"per":"case"}`, `"effect":"deny","beyond":{"count":2,"per":"case"}`, "does the same"},
		{"a higher cap of a shorter time", `"effect":"deny","beyond":{"count":1,"per":"order","days":9}`, `"effect":"deny","beyond":{"count":2,"per":"order"}`, ""},
		{"a higher cap of other sums", `"effect":"deny","remedies":["gift","refund"],"beyond":{"count":1,"per":"case"}`, `"effect":"deny","remedies":["gift"],"beyond":{"count":2,"per":"case"}`, ""},
		{"a cap of more", `"effect":"approve","by":"manager","beyond":{"amount":{"percent":50},"per":"order"}`, `"effect":"approve","by":"manager","beyond":{"amount":{"percent":60},"per":"order"}`, "does the same"},
		{"a higher role asked", `"effect":"approve","by":"manager"`, approve + `,"channels":["x"]`, `asks for manager or above`},
		{"a lower role asked", approve, `"effect":"approve","by":"manager","channels":["x"]`, ""},
		{"the same role asked of more", approve, approve + `,"channels":["x"]`, ""}, // without a channel it asks the top role
		{"the same role asked of fewer", approve + `,"channels":["x","y"]`, approve + `,"channels":["x"]`, "does the same"},
		{"the top role asked of more", `"effect":"approve","by":"manager"`, `"effect":"approve","by":"manager","channels":["x"]`, "does the same"},
		{"equal mandates of some", `"effect":"mandate"`, `"effect":"mandate","remedies":["gift"],"tiers":["x"]`, "does the same"},
		{"mandates with texts", `"effect":"mandate"`, `"effect":"mandate","remedies":["gift"],"explain":{"en":"Yes."}`, ""},
		{"a block of some", `"effect":"block"`, `"effect":"block","remedies":["gift"]`, "does the same"},
		{"a block of some actors", `"effect":"block"`, `"effect":"block","self":true`, "does the same"},
		{"a block of some actors within one", `"effect":"block","unfit":true`, `"effect":"block","unfit":true,"tiers":["x"]`, ""}, // without a tier nobody may
		{"equal blocks of actors", `"effect":"block","self":true`, `"effect":"block","self":true`, "does the same"},
		{"a block of all", `"effect":"block","self":true`, `"effect":"block"`, `rows[0]: the row can never decide anything: "b" fires`},
		{"shorter in force", `"effect":"deny","to":"2026-12-31"`, `"effect":"deny","from":"2026-02-01","to":"2026-03-01"`, "does the same"},
		{"longer in force", `"effect":"deny","to":"2026-12-31"`, `"effect":"deny","from":"2026-02-01"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := []string{`{"id":"a",` + c.other + `}`, `{"id":"b",` + c.row + `}`}
			if strings.Contains(c.row, "approve") {
				rows = append(rows, never)
			}
			_, err := policy.Load(document(rows...), nil)
			if c.why == "" {
				assert.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.why)
			var faults *policy.DocumentError
			require.ErrorAs(t, err, &faults)
			assert.Len(t, faults.Faults, 1)
		})
	}
}

// yes compiles every condition to one that holds.
type yes struct{}

func (yes) Compile(string) (func(*policy.Request) (bool, error), error) {
	return func(*policy.Request) (bool, error) { return true, nil }, nil
}

// randomRow has few forms, so that many cover one another.
func randomRow(rng *rand.Rand, i int) string {
	maybe := func(form string, of ...string) string {
		if rng.IntN(3) > 0 {
			return ""
		}
		return fmt.Sprintf(form, of[rng.IntN(len(of))])
	}
	effect := []string{
		`"effect":"allow","role":"agent"`, `"effect":"allow","role":"supervisor"`, `"effect":"approve","by":"supervisor"`, `"effect":"approve","by":"manager"`,
		`"effect":"deny"`, `"effect":"mandate"`, `"effect":"block"`, `"effect":"block","unfit":true`,
	}[rng.IntN(8)]
	eur, usd, percent := `{"amount":"50","currency":"EUR"}`, `{"amount":"40","currency":"USD"}`, `{"percent":10}`
	row := fmt.Sprintf(`{"id":"r%d",%s`, i, effect) +
		maybe(`,"remedies":[%s]`, `"refund"`, `"refund","voucher"`, `"repair","refund"`) +
		maybe(`,"tiers":[%s]`, `"gold"`, `"gold","basic"`) + maybe(`,"channels":[%s]`, `"email"`, `"email","chat"`) +
		maybe(`,"within":{"days":%s,"of":"delivery"}`, "10", "20") + maybe(`,"reason":%q`, "one", "another") + maybe(`,"to":%q`, "2026-11-15", "2026-11-20")
	caps := !strings.Contains(effect, "allow") && !strings.Contains(effect, "mandate")
	switch {
	case rng.IntN(4) == 0:
		row += maybe(`,"upTo":%s`, eur, `{"amount":"30","currency":"EUR"}`, usd, percent) + maybe(`,"over":%s`, `{"amount":"20","currency":"EUR"}`, `{"amount":"10","currency":"EUR"}`, `{"percent":5}`)
	case caps:
		row += maybe(`,"beyond":%s`, `{"count":1,"per":"case"}`, `{"count":1,"per":"customer","days":30}`, `{"count":2,"per":"case"}`, `{"amount":{"percent":20},"per":"case"}`, `{"amount":{"percent":10},"per":"case"}`) + maybe(`,"self":%s`, "true")
		if strings.Contains(effect, "deny") {
			row += maybe(`,"earliest":{"days":%s}`, "1", "2")
		}
	}
	return row + "}"
}

// A row that is reported can be left out: no decision changes, whichever facts are missing and whichever currencies meet. The sets that are
// compared have a condition of its own for each row, which always holds, so that both load.
func TestARowThatIsReportedCanBeLeftOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	o := &policy.Options{Compiler: yes{}}
	reported, effects := 0, map[string]int{}
	for range 1500 {
		rows := []string{`{"id":"r0","effect":"allow","role":"manager"}`}
		for len(rows) < 7 {
			rows = append(rows, randomRow(rng, len(rows)))
		}
		_, err := policy.Load(document(rows...), nil)
		var faults *policy.DocumentError
		if err == nil || !errors.As(err, &faults) {
			continue
		}
		var apart []string
		for i, row := range rows {
			apart = append(apart, fmt.Sprintf(`%s,"when":"%d"}`, strings.TrimSuffix(row, "}"), i))
		}
		whole, err := policy.Load(document(apart...), o)
		if err != nil {
			continue // something else is wrong
		}
		for _, f := range faults.Faults {
			if !strings.Contains(f.Msg, "leave one of them out") {
				continue
			}
			var at int
			_, err := fmt.Sscanf(f.Path, "rows[%d]", &at)
			require.NoError(t, err)
			fewer, err := policy.Load(document(slices.Delete(slices.Clone(apart), at, at+1)...), o)
			if err != nil {
				continue // it was the only allow beside an approve
			}
			reported++
			effects[regexp.MustCompile(`"effect":"(\w+)"`).FindStringSubmatch(rows[at])[1]]++
			for range 60 {
				r := sparse(rng)
				d, e := whole.Judge(r), fewer.Judge(r)
				require.Equal(t, []any{d.Verdict, d.By, d.Unfit}, []any{e.Verdict, e.By, e.Unfit}, "%s: %s\n%s\n%+v\n%s\n%s", f.Path, f.Msg, strings.Join(rows, "\n"), r, d, e)
			}
		}
	}
	assert.Greater(t, reported, 500)
	assert.Len(t, effects, 5)
}

// sparse is a request with facts missing and currencies mixed.
func sparse(rng *rand.Rand) policy.Request {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	at := func() time.Time {
		return []time.Time{{}, noon(), daysAgo(9), daysAgo(10), daysAgo(20), daysAgo(30)}[rng.IntN(6)]
	}
	money := func() policy.Money {
		return policy.Money{Minor: 1 + rng.Int64N(60_00), Currency: []policy.Currency{policy.EUR, policy.EUR, policy.USD}[rng.IntN(3)]}
	}
	r := policy.Request{
		Actor: policy.Actor{ID: pick("ana", ""), Role: policy.Role(pick("agent", "agent", "supervisor", "manager", ""))}, Tier: pick("gold", "basic", ""), Channel: pick("email", "chat", ""),
		Customer: pick("42", "ana", ""), Received: at(), Order: policy.Order{Delivered: at()},
	}
	if rng.IntN(4) > 0 {
		r.Now = noon()
	}
	if rng.IntN(3) > 0 {
		r.Order.Paid = policy.Money{Minor: 200_00, Currency: money().Currency}
	}
	if rng.IntN(3) == 0 {
		r.Approvers = []policy.Actor{{ID: "ben", Role: policy.Role(pick("supervisor", "manager"))}}
	}
	for range 1 + rng.IntN(2) {
		switch x := (policy.Remedy{Kind: policy.Kind(pick("refund", "voucher", "repair", "apology")), By: at()}); x.Kind {
		case policy.Repair:
			if rng.IntN(2) == 0 {
				x.Amount = money()
			}
			r.Offer = append(r.Offer, x)
		case policy.Refund, policy.Voucher:
			x.Amount = money()
			r.Offer = append(r.Offer, x)
		default:
			r.Offer = append(r.Offer, x)
		}
	}
	for range rng.IntN(2) {
		r.Given = append(r.Given, policy.Given{Ledger: pick("case", "customer:42"), Kind: policy.Kind(pick("refund", "voucher")), Amount: money(), At: noon()})
	}
	return r
}

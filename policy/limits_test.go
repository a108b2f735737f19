package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func given(ledger string, x policy.Remedy, at time.Time) policy.Given {
	return policy.Given{Ledger: ledger, Kind: x.Kind, Amount: x.Amount, At: at}
}

func TestAmountsAreCumulative(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["refund","voucher"],"role":"agent","upTo":{"amount":"50.00","currency":"EUR"}}`)
	for _, c := range []struct {
		name  string
		offer []policy.Remedy
		given []policy.Given
		want  policy.Verdict
	}{
		{"at the bound", []policy.Remedy{refund(50_00)}, nil, policy.Allowed},
		{"over it", []policy.Remedy{refund(50_01)}, nil, policy.Denied},
		{"two remedies at the bound", []policy.Remedy{refund(25_00), voucher(25_00)}, nil, policy.Allowed},
		{"two remedies over it", []policy.Remedy{refund(25_00), refund(25_01)}, nil, policy.Denied},
		{"after what was given", []policy.Remedy{refund(20_00)}, []policy.Given{given("case", voucher(30_00), daysAgo(800))}, policy.Allowed},
		{"over, after what was given", []policy.Remedy{refund(20_01)}, []policy.Given{given("case", voucher(30_00), daysAgo(800))}, policy.Denied},
		{
			"other kinds do not count",
			[]policy.Remedy{refund(50_00)},
			[]policy.Given{given("case", policy.Remedy{Kind: policy.Gift, Amount: eur(30_00)}, noon())},
			policy.Allowed,
		},
		{"other ledgers do not count", []policy.Remedy{refund(50_00)}, []policy.Given{given("customer:42", refund(30_00), noon())}, policy.Allowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(c.offer...)
			r.Given = c.given
			assert.Equal(t, c.want, s.Judge(r).Verdict)
		})
	}
}

func TestCapsHaveHalfOpenWindows(t *testing.T) {
	allow := `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent"}`
	s := load(t, allow, `{"id":"cap","effect":"deny","remedies":["voucher"],"beyond":{"count":3,"per":"customer","days":90}}`)
	sum := load(t, allow,
		`{"id":"cap","effect":"deny","remedies":["voucher"],"beyond":{"amount":{"amount":"30.00","currency":"EUR"},"per":"customer","days":90}}`)
	edge := noon().Add(-90 * 24 * time.Hour)
	for _, c := range []struct {
		name   string
		ledger string
		at     time.Time
		counts bool
	}{
		{"now", "customer:42", noon(), true},
		{"just inside", "customer:42", edge.Add(1), true},
		{"exactly at the edge", "customer:42", edge, false},
		{"before it", "customer:42", edge.Add(-time.Hour), false},
		{"by a clock that is ahead", "customer:42", noon().Add(time.Second), true},
		{"at an unknown time", "customer:42", time.Time{}, true},
		{"of somebody else", "customer:421", noon(), false},
		{"of the case", "case", noon(), false},
		{"of an order of that id", "order:42", noon(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := policy.Allowed
			if c.counts {
				want = policy.Denied
			}
			r := ask(voucher(10_00))
			one := given(c.ledger, voucher(10_00), c.at)
			r.Given = []policy.Given{one, one}
			require.Equal(t, policy.Allowed, s.Judge(r).Verdict, "the third of three")
			require.Equal(t, policy.Allowed, sum.Judge(r).Verdict, "30 of 30 EUR")
			r.Given = []policy.Given{one, one, one}
			assert.Equal(t, want, s.Judge(r).Verdict)
			assert.Equal(t, want, sum.Judge(r).Verdict)
			one.Count, one.Amount = 3, eur(30_00)
			r.Given = []policy.Given{one}
			assert.Equal(t, want, s.Judge(r).Verdict, "an entry may stand for three")
			assert.Equal(t, want, sum.Judge(r).Verdict)
		})
	}
}

func TestCapSaysWhatItCompared(t *testing.T) {
	s := load(t, `{"id":"n","effect":"approve","by":"agent","remedies":["voucher"],"beyond":{"count":1,"per":"case"}}`,
		`{"id":"s","effect":"deny","remedies":["voucher"],"beyond":{"amount":{"amount":"50.00","currency":"EUR"},"per":"order","days":90}}`,
		`{"id":"w","effect":"mandate","remedies":["voucher"],"within":{"days":30,"of":"purchase"}}`)
	r := ask(voucher(12_00), voucher(3_00))
	r.Given = []policy.Given{given("order:A-17", voucher(40_00), daysAgo(3))}
	d := s.Judge(r)
	require.Equal(t, []string{"n", "s", "w"}, fired(d))
	assert.Equal(t, "2 of 1 used", d.Findings[0].Compared.String())
	assert.Equal(t, "55.00 EUR of 50.00 EUR used in 90 days", d.Findings[1].Compared.String())
	assert.Equal(t, "11 of 30 days since purchase", d.Findings[2].Compared.String(), "by the complaint's date")
	assert.Empty(t, policy.Compared{}.String())
	assert.Equal(t, "n: 2 of 1 used", d.Findings[0].String())
}

func TestCapsFailWithoutTheirLedger(t *testing.T) {
	allow := `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent"}`
	capped := func(per string) *policy.Set {
		return load(t, allow, `{"id":"cap","effect":"deny","remedies":["voucher"],"beyond":{"count":3,"per":"`+per+`","days":90}}`)
	}
	r := ask(voucher(1))
	r.Customer, r.Order.ID = "", ""
	assert.Equal(t, []string{"customer"}, capped("customer").Judge(r).Missing)
	assert.Equal(t, []string{"order.id"}, capped("order").Judge(r).Missing)
	assert.Equal(t, policy.Denied, capped("order").Judge(r).Verdict)
	assert.Equal(t, policy.Allowed, capped("case").Judge(r).Verdict)
	r.Now = time.Time{}
	assert.Equal(t, []string{"customer", "now"}, capped("customer").Judge(r).Missing)
}

func TestExhaustedCapMayAskForApproval(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["voucher"],"role":"agent"}`,
		`{"id":"cap","effect":"approve","by":"supervisor","remedies":["voucher"],"beyond":{"count":1,"per":"customer"}}`)
	r := ask(voucher(1))
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict)
	r.Given = []policy.Given{given("customer:42", voucher(1), daysAgo(10_000))}
	d := s.Judge(r)
	assert.Equal(t, policy.NeedsApproval, d.Verdict)
	assert.EqualValues(t, "supervisor", d.By)
}

func TestMandatesJudgeByTheComplaintsDate(t *testing.T) {
	s := load(t, `{"id":"m","effect":"mandate","remedies":["repair"],"within":{"days":730,"of":"delivery"}}`,
		`{"id":"d","effect":"deny","remedies":["repair"],"within":{"days":14,"of":"purchase"}}`,
		`{"id":"a","effect":"allow","remedies":["upgrade"],"role":"agent","within":{"days":14,"of":"delivery"}}`)
	r := ask(policy.Remedy{Kind: policy.Repair})
	r.Order.Delivered, r.Order.Purchased = daysAgo(800), daysAgo(1)
	r.Received = daysAgo(70)
	assert.Equal(t, policy.Mandated, s.Judge(r).Verdict, "730 days on the day of the complaint; the denial is lifted")
	r.Received = daysAgo(70).Add(time.Nanosecond)
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)
	r.Received = time.Time{}
	assert.Equal(t, []string{"received"}, s.Judge(r).Missing)

	r = ask(policy.Remedy{Kind: policy.Upgrade})
	r.Received, r.Order.Delivered = daysAgo(100), daysAgo(14)
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict, "everything else judges by now")
	r.Order.Delivered = daysAgo(14).Add(-1)
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)
	r.Order.Delivered = noon().Add(time.Hour)
	assert.Equal(t, policy.Allowed, s.Judge(r).Verdict, "what is yet to be delivered is within")
}

func TestMandateLiftsCapsAndApprovals(t *testing.T) {
	s := load(t, `{"id":"m","effect":"mandate","remedies":["refund"],"categories":["quality"]}`,
		`{"id":"cap","effect":"deny","remedies":["refund"],"beyond":{"amount":{"amount":"1.00","currency":"EUR"},"per":"case"}}`,
		`{"id":"eyes","effect":"approve","remedies":["refund"],"by":"manager"}`)
	d := s.Judge(by(ask(refund(500_00)), ""))
	assert.Equal(t, policy.Mandated, d.Verdict)
	assert.Equal(t, []string{"cap", "eyes", "m"}, fired(d))
}

func TestRowsInForce(t *testing.T) {
	s := load(t, `{"id":"a","effect":"allow","remedies":["refund"],"role":"agent","from":"2026-11-16","to":"2026-11-17"}`,
		`{"id":"m","effect":"mandate","remedies":["repair"],"to":"2026-11-17"}`)
	at := func(kind policy.Remedy, now, received string) policy.Verdict {
		r := ask(kind)
		var err error
		r.Now, err = time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		r.Received, err = time.Parse(time.RFC3339, received)
		require.NoError(t, err)
		return s.Judge(r).Verdict
	}
	old, late := "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"
	assert.Equal(t, policy.Denied, at(refund(1), "2026-11-15T23:59:59Z", old))
	assert.Equal(t, policy.Allowed, at(refund(1), "2026-11-16T00:00:00Z", old))
	assert.Equal(t, policy.Allowed, at(refund(1), "2026-11-17T23:59:59Z", old))
	assert.Equal(t, policy.Denied, at(refund(1), "2026-11-18T00:00:00Z", old))
	assert.Equal(t, policy.Allowed, at(refund(1), "2026-11-18T00:30:00+02:00", late), "dates are in UTC")
	assert.Equal(t, policy.Mandated, at(policy.Remedy{Kind: policy.Repair}, late, old))
	assert.Equal(t, policy.Denied, at(policy.Remedy{Kind: policy.Repair}, old, late))
}

func TestAmountsAreNeverConverted(t *testing.T) {
	s := load(t, `{"id":"eur","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"50.00","currency":"EUR"}}`,
		`{"id":"gbp","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"45.00","currency":"GBP"}}`)
	d := s.Judge(ask(policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 45_00, Currency: policy.GBP}}))
	assert.Equal(t, policy.Allowed, d.Verdict)
	assert.Equal(t, "45.00 GBP is compared with EUR; amounts are never converted", d.Findings[0].Error)
	assert.Equal(t, policy.Denied, s.Judge(ask(policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 1, Currency: policy.USD}})).Verdict)
	assert.Equal(t, policy.Denied, s.Judge(ask(refund(1), policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 1, Currency: policy.GBP}})).Verdict)
}

// looking compiles conditions that a ledger has at most so many entries, such as "customer 3", and tells at which they look.
type looking struct{ also string }

func (looking) Compile(when string) (func(*policy.Request) (bool, error), error) {
	per, most, _ := strings.Cut(when, " ")
	return func(r *policy.Request) (bool, error) {
		n := 0
		for _, g := range r.Given {
			if strings.HasPrefix(g.Ledger, per+":") {
				n++
			}
		}
		return n > len(most), nil
	}, nil
}

func (l looking) Ledgers(when string) []string {
	per, _, _ := strings.Cut(when, " ")
	if l.also == "panic" {
		return strings.Fields("")[:1]
	}
	return []string{per, l.also, per}
}

// What a condition looks at, Ledgers asks for; and as it may look at every entry, whatever is offered is entered.
func TestLedgersOfConditions(t *testing.T) {
	rows := []string{`{"id":"a","effect":"allow","remedies":["voucher","refund"],"role":"agent"}`, `{"id":"c","effect":"deny","remedies":["voucher"],"when":"customer xx"}`}
	r := ask(voucher(1), refund(2))
	s := loadWith(t, &policy.Options{Compiler: looking{"case"}}, rows...)
	for range 2 {
		assert.Equal(t, []string{"customer:42"}, s.Ledgers(r))
		d := s.Judge(r)
		require.Equal(t, policy.Allowed, d.Verdict)
		require.Equal(t, []policy.Given{given("customer:42", voucher(1), noon()), given("customer:42", refund(2), noon())}, d.Reserves)
		r.Given = append(r.Given, d.Reserves...)
	}
	assert.Equal(t, policy.Denied, s.Judge(r).Verdict)
	assert.Equal(t, []string{"customer:42"}, s.Ledgers(ask(refund(1))), "of which the condition may count this one")
	assert.Equal(t, []string{"customer:42"}, s.Ledgers(ask()))

	plain := struct{ policy.Compiler }{looking{}}
	s = loadWith(t, &policy.Options{Compiler: plain}, rows...)
	assert.Empty(t, s.Ledgers(r), "a compiler that tells nothing sees what rows ask for")
	assert.Empty(t, s.Judge(ask(voucher(1))).Reserves)

	for also, want := range map[string]string{
		"ordr":      `it looks at the ledger "ordr", which "ledgers" does not declare (did you mean "order"?)`,
		"household": `it looks at the ledger "household", which "ledgers" does not declare`,
		"panic":     "it panicked: runtime error: slice bounds out of range [:1] with capacity 0",
	} {
		_, err := policy.Load(document(rows...), &policy.Options{Compiler: looking{also}})
		assert.EqualError(t, err, "policy: 2:57: rows[1].when: "+want)
	}
}

func TestLedgersAndReserves(t *testing.T) {
	s := retail(t)
	r := ask(voucher(10_00), refund(5_00), policy.Remedy{Kind: policy.PartialRefund, Amount: eur(100)}, voucher(20_00))
	assert.Equal(t, []string{"customer:42", "order:A-17"}, s.Ledgers(r))
	assert.Equal(t, []policy.Given{
		{Ledger: "customer:42", Kind: policy.Voucher, Amount: eur(10_00), At: noon()},
		{Ledger: "customer:42", Kind: policy.Voucher, Amount: eur(20_00), At: noon()},
		{Ledger: "order:A-17", Kind: policy.PartialRefund, Amount: eur(1_00), At: noon()},
	}, s.Judge(r).Reserves)

	assert.Equal(t, []string{"customer:42"}, s.Ledgers(ask(voucher(1))))
	assert.Empty(t, s.Ledgers(ask(refund(1))))
	assert.Empty(t, s.Judge(ask(refund(1))).Reserves)
	assert.Equal(t, []string{"customer:42", "order:A-17"}, s.Ledgers(ask()), "without an offer, those for any")
	r.Customer = ""
	assert.Equal(t, []string{"order:A-17"}, s.Ledgers(r))
	assert.Empty(t, s.Ledgers(policy.Request{}))
	r = ask(voucher(600_00))
	require.Equal(t, policy.NeedsApproval, s.Judge(r).Verdict)
	assert.Len(t, s.Judge(r).Reserves, 1, "what waits for approval holds its place")
	r.Category = "sanctioned"
	assert.Empty(t, s.Judge(r).Reserves, "what is refused takes nothing")
}

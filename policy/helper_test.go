package policy_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func noon() time.Time { return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) }

func daysAgo(n int) time.Time { return noon().AddDate(0, 0, -n) }

func eur(minor int64) policy.Money { return policy.Money{Minor: minor, Currency: policy.EUR} }

func retail(tb testing.TB) *policy.Set {
	tb.Helper()
	doc, err := os.ReadFile("testdata/retail.json")
	require.NoError(tb, err)
	s, err := policy.Load(doc, nil)
	require.NoError(tb, err)
	return s
}

// document has the ladder agent, supervisor, manager and the rows given.
func document(rows ...string) []byte {
	return []byte(`{"name":"test","version":"1","roles":["agent","supervisor","manager"],"rows":[` + strings.Join(rows, ",\n") + `]}`)
}

func load(tb testing.TB, rows ...string) *policy.Set {
	tb.Helper()
	return loadWith(tb, nil, rows...)
}

func loadWith(tb testing.TB, o *policy.Options, rows ...string) *policy.Set {
	tb.Helper()
	s, err := policy.Load(document(rows...), o)
	require.NoError(tb, err)
	return s
}

// ask is a request of an agent with every fact known.
func ask(offer ...policy.Remedy) policy.Request {
	return policy.Request{
		Now: noon(), Received: daysAgo(1), Actor: policy.Actor{ID: "ana", Role: "agent"},
		Category: "quality", Channel: "email", Severity: "low", Customer: "42", Tier: "gold",
		Order: policy.Order{ID: "A-17", Paid: eur(999_00), Purchased: daysAgo(12), Delivered: daysAgo(10)},
		Offer: offer,
	}
}

func by(r policy.Request, role policy.Role, approvers ...policy.Actor) policy.Request {
	r.Actor.Role, r.Approvers = role, approvers
	return r
}

// never is an allow that is no longer in force: beside it an approve may stand that nothing else in the document has use for.
const never = `{"id":"never","effect":"allow","role":"agent","to":"2020-12-31"}`

func refund(minor int64) policy.Remedy { return policy.Remedy{Kind: policy.Refund, Amount: eur(minor)} }

func voucher(minor int64) policy.Remedy {
	return policy.Remedy{Kind: policy.Voucher, Amount: eur(minor)}
}

// allocations is how often f allocates when nothing disturbs it: the race detector makes pools forget now and then.
func allocations(f func()) float64 {
	least := math.Inf(1)
	for range 30 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}

func fired(d policy.Decision) []string {
	var ids []string
	for _, f := range d.Findings {
		ids = append(ids, f.Rule)
	}
	return ids
}

// randomRequest is about a retail case, sometimes with facts missing.
func randomRequest(rng *rand.Rand, kinds []policy.Kind) policy.Request {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	ago := func(days int) time.Time {
		if rng.IntN(8) == 0 {
			return time.Time{}
		}
		return noon().Add(-time.Duration(rng.IntN(days*24)) * time.Hour)
	}
	eur := func(most int64) policy.Money { return policy.Money{Minor: 1 + rng.Int64N(most), Currency: policy.EUR} }
	r := policy.Request{
		Now: noon(), Actor: policy.Actor{ID: "ana", Role: policy.Role(pick("agent", "agent", "supervisor", "manager", ""))},
		Received: ago(20), Category: pick("quality", "delivery", "digital", "sanctioned", "return", "wrong_information"),
		Channel: pick("phone", "email", "social", "letter", "chat"), Severity: pick("low", "medium", "high", "critical"),
		Customer: pick("42", "42", "43", ""), Tier: pick("basic", "gold", "platinum", ""),
		Order: policy.Order{ID: pick("A-17", "A-17", ""), Paid: eur(1000_00), Purchased: ago(900), Delivered: ago(900)},
	}
	if rng.IntN(3) == 0 {
		r.Approvers = []policy.Actor{{ID: pick("ana", "ben"), Role: policy.Role(pick("supervisor", "manager"))}}
	}
	for range rng.IntN(5) {
		k := kinds[rng.IntN(len(kinds))]
		g := policy.Given{Ledger: pick("case", "customer:42", "order:A-17"), Kind: k, At: ago(400), Count: rng.IntN(3)}
		if rng.IntN(4) > 0 {
			g.Amount = eur(200_00)
		}
		r.Given = append(r.Given, g)
	}
	for range 1 + rng.IntN(2) {
		x := policy.Remedy{Kind: kinds[rng.IntN(len(kinds))]}
		x.Amount = eur(400_00)
		r.Offer = append(r.Offer, x)
	}
	return r
}

package policy_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// BenchmarkJudge has 22 rows and 1,000 requests.
func BenchmarkJudge(b *testing.B) {
	s := retail(b)
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := []policy.Kind{policy.Repair, policy.Replacement, policy.Refund, policy.PartialRefund, policy.Voucher, policy.Gift, policy.Credit, policy.Compensation}
	requests := make([]policy.Request, 1000)
	for i := range requests {
		requests[i] = randomRequest(rng, kinds)
		requests[i].Offer = requests[i].Offer[:1]
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Judge(requests[i%len(requests)])
	}
}

// BenchmarkJudgeRows judges one remedy that 20 rows concern, among ever more that do not.
func BenchmarkJudgeRows(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := load(b, among(n)...)
			r := ask(refund(20_00))
			b.ReportAllocs()
			for b.Loop() {
				s.Judge(r)
			}
		})
	}
}

// among is n rows of which 20 concern refunds, spread over all.
func among(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		kind := "voucher"
		if i%(n/20) == 0 {
			kind = "refund"
		}
		rows[i] = fmt.Sprintf(`{"id":"row-%05d","effect":"allow","role":"agent","remedies":[%q],"categories":["c%d"],"upTo":{"amount":"50.00","currency":"EUR"},"reason":"row %d"}`, i, kind, i%7, i)
	}
	rows[0] = `{"id":"row-00000","effect":"allow","role":"agent","remedies":["refund"],"upTo":{"amount":"50.00","currency":"EUR"}}`
	return rows
}

// What is judged is what concerns the remedy, however long the document is.
func TestCostGrowsWithTheRowsThatConcernTheRemedy(t *testing.T) {
	few, many := load(t, among(100)...), load(t, among(10_000)...)
	r := ask(refund(20_00))
	require.Equal(t, few.Judge(r).Verdict, many.Judge(r).Verdict)
	require.Equal(t, allocations(func() { few.Judge(r) }), allocations(func() { many.Judge(r) }))
	house := retail(t)
	require.LessOrEqual(t, allocations(func() { house.Judge(r) }), 2.0)
}

func BenchmarkParameters(b *testing.B) {
	s := retail(b)
	r := randomRequest(rand.New(rand.NewPCG(1, 2)), []policy.Kind{policy.Refund})
	b.ReportAllocs()
	for b.Loop() {
		s.Parameters(r)
	}
}

func BenchmarkLoad(b *testing.B) {
	doc, err := os.ReadFile("testdata/retail.json")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = policy.Load(doc, nil)
	}
}

func BenchmarkJudgeOne(b *testing.B) {
	s := retail(b)
	r := policy.Request{
		Now: noon(), Received: noon(), Actor: policy.Actor{ID: "ana", Role: "agent"}, Category: "delivery", Channel: "phone", Severity: "low",
		Customer: "42", Tier: "gold", Order: policy.Order{ID: "A-17", Delivered: noon(), Purchased: noon()},
		Given: []policy.Given{{Ledger: "customer:42", Kind: policy.Voucher, Amount: policy.Money{Minor: 1000, Currency: policy.EUR}, At: noon()}},
		Offer: []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 1000, Currency: policy.EUR}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Judge(r)
	}
}

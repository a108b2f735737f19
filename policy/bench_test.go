package policy_test

import (
	"math/rand/v2"
	"os"
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

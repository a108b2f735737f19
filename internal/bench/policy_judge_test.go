package bench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// All engines decide alike on every request, and every verdict and rule occurs.
func TestPolicyEnginesAgree(t *testing.T) {
	require.Len(t, rulings(), 22)
	all := requests()
	want := agreed(t, all)
	verdicts := map[policy.Verdict]int{}
	for i := range want {
		verdicts[want[i].verdict]++
	}
	assert.Len(t, verdicts, 5, "every verdict occurs")
	fired := map[string]int{}
	rules := rulings()
	for i := range all {
		for _, x := range rules {
			concerned := len(x.kinds) == 0
			for _, k := range x.kinds {
				concerned = concerned || k == all[i].Offer[0].Kind
			}
			for _, c := range x.conds {
				concerned = concerned && c.holds(&all[i])
			}
			if concerned {
				fired[x.id]++
			}
		}
	}
	assert.Len(t, fired, 22, "every rule fires")
	t.Log(verdicts, fired)
}

// agreed are the answers on which all engines agree.
func agreed(tb testing.TB, all []policy.Request) []answer {
	tb.Helper()
	want := make([]answer, len(all))
	for n, e := range engines() {
		decide := e.setUp(tb)(tb, all)
		for i := range all {
			if n == 0 {
				want[i] = decide(i)
			}
			require.Equal(tb, want[i], decide(i), "%s on request %d: %+v", e.name, i, all[i])
		}
	}
	return want
}

// BenchmarkPolicyJudge is one decision from the request: peers have to be told what was given before, added up, in their own types.
func BenchmarkPolicyJudge(b *testing.B) {
	all := requests()
	agreed(b, all)
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) {
			prepare := e.setUp(b)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at := i % len(all)
				prepare(b, all[at:at+1])(0)
			}
		})
	}
}

// BenchmarkPolicyPrepared is one decision of a peer that was told everything beforehand. Ours add up as ever.
func BenchmarkPolicyPrepared(b *testing.B) {
	all := requests()
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) {
			decide := e.setUp(b)(b, all)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				decide(i % len(all))
			}
		})
	}
}

// BenchmarkPolicySetUp is what a process does once.
func BenchmarkPolicySetUp(b *testing.B) {
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.setUp(b)
			}
		})
	}
}

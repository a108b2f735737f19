package bench_test

import (
	"slices"
	"strings"
	"testing"
	"time"

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

// BenchmarkPolicyTurns lets the engines decide in turns of a fraction of a millisecond, so that they meet the same machine, and reports the
// median turn of each and how many times longer than rows the peers take: from the request, and prepared.
func BenchmarkPolicyTurns(b *testing.B) {
	all := requests()
	for _, prepared := range []bool{false, true} {
		b.Run(map[bool]string{false: "request", true: "prepared"}[prepared], func(b *testing.B) {
			var decide []func(i int) answer
			for _, e := range engines() {
				prepare := e.setUp(b)
				if d := prepare(b, all); prepared {
					decide = append(decide, d)
				} else {
					decide = append(decide, func(i int) answer { return prepare(b, all[i:i+1])(0) })
				}
			}
			times := []int{100, 50, 10, 100, 100, 10, 10, 1} // so that turns are about as long
			spent := make([][]float64, len(decide))
			next := 0
			for b.Loop() {
				for k := range decide {
					start := time.Now()
					for i := range times[k] {
						decide[k]((next + i*37) % len(all))
					}
					spent[k] = append(spent[k], float64(time.Since(start))/float64(times[k]))
				}
				next++
			}
			b.ReportMetric(0, "ns/op") // of a turn, which says nothing
			var rows float64
			for k, e := range engines() {
				slices.Sort(spent[k])
				median := spent[k][len(spent[k])/2]
				if k == 0 {
					rows = median
					b.ReportMetric(spent[k][0], "rows-fastest-ns")
				} else {
					b.ReportMetric(median/rows, "x-"+strings.ReplaceAll(e.name, " ", "-"))
				}
				b.ReportMetric(median, strings.ReplaceAll(e.name, " ", "-")+"-ns")
			}
		})
	}
}

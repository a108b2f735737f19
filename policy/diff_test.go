package policy_test

import (
	"encoding/json"
	"errors"
	"iter"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func each(all ...policy.Request) iter.Seq2[policy.Request, error] {
	return func(yield func(policy.Request, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestDiffOfAPolicyAndItselfIsNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	s := retail(t)
	all := make([]policy.Request, 500)
	for i := range all {
		all[i] = randomRequest(rng, s.Kinds())
	}
	sum, err := policy.Diff(s, s, each(all...), func(c policy.Change) error { return errors.New(c.String()) })
	require.NoError(t, err)
	assert.Equal(t, policy.Summary{Judged: 500}, sum)
	assert.Equal(t, "0 of 500 decisions change", sum.String())
}

// Judging each request by both is all there is to it, whatever the two policies are.
func TestDiffFindsWhatJudgingTwiceFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	rows, rest := retailRows(t)
	s := retail(t)
	total := 0
	for range 30 {
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		fewer, err := withRows(t, rest, rows[3:])
		require.NoError(t, err)
		all := make([]policy.Request, 200)
		moves, want := map[[2]policy.Verdict]int{}, []policy.Change(nil)
		for i := range all {
			all[i] = randomRequest(rng, s.Kinds())
			before, after := s.Judge(all[i]), fewer.Judge(all[i])
			if before.Verdict != after.Verdict || before.By != after.By {
				want = append(want, policy.Change{Request: all[i], Before: before, After: after})
				moves[[2]policy.Verdict{before.Verdict, after.Verdict}]++
			}
		}
		var got []policy.Change
		sum, err := policy.Diff(s, fewer, each(all...), func(c policy.Change) error {
			got = append(got, c)
			assert.NotEmpty(t, c.Lost(), "only rows that are gone can have changed it")
			assert.Empty(t, c.Gained())
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, 200, sum.Judged)
		assert.Equal(t, len(want), sum.Changed)
		counted := map[[2]policy.Verdict]int{}
		for _, m := range sum.Moves {
			counted[[2]policy.Verdict{m.From, m.To}] = m.Count
		}
		assert.Equal(t, moves, counted)
		assert.LessOrEqual(t, len(sum.Rules), 3)
		total += len(want)
	}
	assert.Greater(t, total, 500, "the test is worth little if nothing changes")
}

func TestDiffSaysByWhichRules(t *testing.T) {
	allow := func(role string) string {
		return `{"id":"gifts","effect":"allow","remedies":["gift"],"role":"` + role + `"}`
	}
	four := `{"id":"four","effect":"approve","remedies":["gift"],"by":"manager"}`
	gift := ask(policy.Remedy{Kind: policy.Gift})
	for _, c := range []struct {
		before, after *policy.Set
		want, sum     string
	}{
		{load(t, allow("agent")), load(t), "allowed → denied (no longer gifts)", "1 allowed → denied; by gifts (1)"},
		{nil, load(t, allow("agent")), "denied → allowed (now gifts)", "1 denied → allowed; by gifts (1)"},
		{
			load(t, allow("agent")), load(t, allow("agent"), four), "allowed → needs approval by manager (now four)",
			"1 allowed → needs approval; by four (1)",
		},
		{
			load(t, allow("supervisor")), load(t, allow("manager")),
			"needs approval by supervisor → needs approval by manager (no longer gifts; now gifts)",
			"1 needs approval → needs approval; by gifts (1)",
		},
		{
			load(t, allow("agent")), load(t, `{"id":"gifts","effect":"deny","remedies":["gift"],"reason":"no more gifts"}`),
			"allowed → denied (no longer gifts; now gifts: no more gifts)", "1 allowed → denied; by gifts (1)",
		},
	} {
		said := ""
		sum, err := policy.Diff(c.before, c.after, each(gift), func(c policy.Change) error { said += c.String(); return nil })
		require.NoError(t, err)
		assert.Equal(t, c.want, said)
		assert.Equal(t, "1 of 1 decisions change: "+c.sum, sum.String())
	}
	own := load(t, allow("manager"), `{"id":"own","effect":"block","self":true}`)
	self := ask(policy.Remedy{Kind: policy.Gift, Payee: "ana"})
	_, err := policy.Diff(load(t, allow("manager")), own, each(self), func(c policy.Change) error { return errors.New(c.String()) })
	require.EqualError(t, err, "needs approval by manager → blocked for this actor, not for manager (now own)")
	ladder, err := policy.Load([]byte(`{"name":"test","version":"2","roles":["supervisor","agent"],"rows":[`+allow("supervisor")+`]}`), nil)
	require.NoError(t, err)
	_, err = policy.Diff(load(t, allow("supervisor")), ladder, each(gift), func(c policy.Change) error { return errors.New(c.String()) })
	assert.EqualError(t, err, "needs approval by supervisor → allowed (by the same rules: the roles or remedies differ)")
}

func TestDiffStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("the connection broke")
	requests := func(yield func(policy.Request, error) bool) {
		if yield(ask(voucher(1)), nil) {
			yield(policy.Request{}, broken)
		}
	}
	sum, err := policy.Diff(nil, load(t, `{"id":"v","effect":"allow","role":"agent"}`), requests, nil)
	require.ErrorIs(t, err, broken)
	assert.Equal(t, policy.Summary{
		Judged: 1, Changed: 1, Moves: []policy.Move{{From: policy.Denied, To: policy.Allowed, Count: 1}}, Rules: []policy.RuleCount{{Rule: "v", Count: 1}},
	}, sum)
	text, err := json.Marshal(sum)
	require.NoError(t, err)
	assert.JSONEq(t, `{"judged":1,"changed":1,"moves":[{"from":"denied","to":"allowed","count":1}],"rules":[{"rule":"v","count":1}]}`, string(text))

	stop := errors.New("enough")
	n := 0
	sum, err = policy.Diff(nil, load(t, `{"id":"v","effect":"allow","role":"agent"}`), each(ask(voucher(1)), ask(voucher(1)), ask(voucher(1))),
		func(policy.Change) error {
			if n++; n == 2 {
				return stop
			}
			return nil
		})
	require.ErrorIs(t, err, stop)
	assert.Equal(t, 2, sum.Judged)
}

// past yields n requests of an agent, a new one each time.
func past(n int, at func(i int)) iter.Seq2[policy.Request, error] {
	return func(yield func(policy.Request, error) bool) {
		for i := range n {
			at(i)
			if !yield(ask(refund(int64(1+i%1000)*100)), nil) {
				return
			}
		}
	}
}

// What Diff allocates is what two judgments do, and none of it is kept: the heap is as large after thirty thousand requests as after
// a thousand.
func TestDiffRunsInConstantMemory(t *testing.T) {
	before, after := retail(t), load(t, `{"id":"r","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"400.00","currency":"EUR"}}`)
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	const n = 30_000
	changed := 0
	sum, err := policy.Diff(before, after, past(n, func(i int) {
		switch i {
		case 1000:
			early = live()
		case n - 1:
			late = live()
		}
	}), func(policy.Change) error { changed++; return nil })
	require.NoError(t, err)
	assert.Equal(t, n, sum.Judged)
	assert.Equal(t, changed, sum.Changed)
	assert.Positive(t, changed)
	assert.Less(t, late, early+256<<10, "nothing of 29,000 requests is held")

	r := ask(refund(10_00))
	judging := testing.AllocsPerRun(100, func() { _, _ = before.Judge(r), after.Judge(r) })
	const many = 1000
	same := make([]policy.Request, many)
	for i := range same {
		same[i] = r
	}
	diffing := testing.AllocsPerRun(10, func() { _, _ = policy.Diff(before, after, each(same...), nil) })
	assert.LessOrEqual(t, diffing, many*(judging+1)+10, "the race detector makes pools forget")
}

func BenchmarkDiff(b *testing.B) {
	before, after := retail(b), load(b, `{"id":"r","effect":"allow","remedies":["refund"],"role":"agent","upTo":{"amount":"400.00","currency":"EUR"}}`)
	b.ReportAllocs()
	_, err := policy.Diff(before, after, past(b.N, func(int) {}), nil)
	require.NoError(b, err)
}

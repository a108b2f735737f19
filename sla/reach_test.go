package sla_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// An objective is refused exactly if there are no facts for which it is selected: held against all facts that there are.
func TestUnreachableObjectives(t *testing.T) {
	attributes, values := []string{"a", "b", "c"}, []string{"1", "2", "3"}
	var facts []sla.Facts
	for n := range 5 * 5 * 5 {
		f := sla.Facts{}
		for _, attribute := range attributes {
			if v := n % 5; v < 4 { // 0 is a value that no objective has; with 4 the fact is not known
				f[attribute] = fmt.Sprint(v)
			}
			n /= 5
		}
		facts = append(facts, f)
	}
	holds := func(o sla.Objective, f sla.Facts) bool {
		for attribute, wanted := range o.When {
			if v, ok := f[attribute]; !ok || !slices.Contains(wanted, v) {
				return false
			}
		}
		return true
	}
	r := rand.New(rand.NewPCG(1, 2))
	refused, together := 0, 0
	for range 3000 {
		spec := sla.AgreementSpec{Name: "x", Version: "1"}
		var want []string
		for i := range 2 + r.IntN(7) {
			o := sla.Objective{ID: fmt.Sprint("o", i), Metric: sla.Solution, Target: sla.Target{Span: time.Hour, Unit: sla.Elapsed}, When: map[string][]string{}}
			for _, attribute := range attributes {
				var some []string
				for _, v := range values {
					if r.IntN(2) == 0 {
						some = append(some, v)
					}
				}
				if len(some) > 0 && r.IntN(3) > 0 {
					o.When[attribute] = some
				}
			}
			o.Statutory = r.IntN(12) == 0
			reached := o.Statutory || slices.ContainsFunc(facts, func(f sla.Facts) bool {
				return holds(o, f) && !slices.ContainsFunc(spec.Objectives, func(e sla.Objective) bool { return !e.Statutory && holds(e, f) })
			})
			if !reached {
				want = append(want, fmt.Sprintf("objectives[%d]", i))
			}
			spec.Objectives = append(spec.Objectives, o)
		}
		_, err := sla.NewAgreement(spec)
		var got []string
		if err != nil {
			refused++
			together += strings.Count(err.Error(), "of those before it one always holds")
			for _, f := range faultsOf(t, err) {
				require.Contains(t, f.Msg, "never applies")
				got = append(got, f.Path)
			}
		}
		require.Equal(t, want, got, "%+v\n%v", spec.Objectives, err)
	}
	assert.Greater(t, refused, 100)
	assert.Greater(t, together, 50)
}

func faultsOf(t *testing.T, err error) []sla.Fault {
	t.Helper()
	var all *sla.DocumentError
	require.ErrorAs(t, err, &all)
	return all.Faults
}

func TestUnreachableNamesWhatComesBefore(t *testing.T) {
	_, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [
{"id": "email", "metric": "solution", "when": {"channel": ["email"]}, "target": "1h"},
{"id": "chat", "metric": "solution", "when": {"channel": ["chat"]}, "target": "1h"},
{"id": "both", "metric": "solution", "when": {"channel": ["chat", "email"], "tier": ["gold"]}, "target": "1h"},
{"id": "all", "metric": "solution", "target": "1h"}, {"id": "more", "metric": "solution", "target": "2h"}]}`))
	assert.EqualError(t, err, `sla: 2 faults:
4:1: objectives[2]: objective "both" never applies: of those before it one always holds where it does ("chat", "email")
5:54: objectives[4]: objective "more" never applies: "all" comes before it and holds wherever it does`)
}

// Ten thousand objectives, as a host has them and as somebody has them who means ill.
func tenThousand(kind string) sla.AgreementSpec {
	s := sla.AgreementSpec{Name: "x", Version: "1"}
	for i := range 10_000 {
		o := sla.Objective{ID: fmt.Sprint(i), Metric: sla.Solution, Target: sla.Target{Days: 1 + i, Unit: sla.CalendarDays}, Warn: []sla.Warning{{Percent: 50}}}
		switch kind {
		case "usual":
			o.When = map[string][]string{"channel": {"email"}, "severity": {fmt.Sprint(i % 10)}, "category": {fmt.Sprint(i / 10)}}
		case "wide": // each asks for two dozen categories of a thousand
			categories := map[string]bool{}
			for j := range 24 {
				categories[fmt.Sprint((i*37+j*41)%1000)] = true
			}
			for c := range categories {
				o.When = map[string][]string{"category": append(o.When["category"], c), "tier": {fmt.Sprint(i)}}
			}
		case "alike": // half of them have any value that one of them has
			o.When = map[string][]string{}
			for bit := range 14 {
				o.When[fmt.Sprint("bit ", bit)] = []string{fmt.Sprint(i >> bit & 1)}
			}
		case "alike, with many values":
			o.When = map[string][]string{"tier": {fmt.Sprint(i)}}
			for j := range 25 {
				o.When["tier"] = append(o.When["tier"], fmt.Sprint(10_000+(i*7+j*j)%900))
				o.When["category"] = append(o.When["category"], fmt.Sprint(j, "-", i>>(j%14)&1))
			}
			slices.Sort(o.When["tier"])
			o.When["tier"] = slices.Compact(o.When["tier"])
		case "shadowed": // all of a day's hours, then all again
			o.When = map[string][]string{"hour": {fmt.Sprint(i % 5000)}}
		}
		s.Objectives = append(s.Objectives, o)
	}
	return s
}

func TestTenThousandObjectives(t *testing.T) {
	a, err := sla.NewAgreement(tenThousand("usual"))
	require.NoError(t, err)
	found := a.Select(sla.Solution, sla.Facts{"channel": "email", "severity": "7", "category": "999"})
	require.Len(t, found, 1)
	assert.Equal(t, "9997", found[0].ID)
	again, err := sla.Load(a.Document())
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), again.Digest())

	hour := sla.Target{Span: time.Hour, Unit: sla.Elapsed}
	last := sla.Objective{ID: "last", Metric: sla.Solution, Target: hour, When: map[string][]string{"channel": {"email"}, "severity": {"1", "5", "7"}, "category": {"998"}}}
	usual := tenThousand("usual")
	usual.Objectives = append(usual.Objectives, last)
	_, err = sla.NewAgreement(usual)
	assert.ErrorContains(t, err, `objectives[10000]: objective "last" never applies: of those before it one always holds where it does ("9981", "9985", "9987")`)

	alike := tenThousand("alike")
	last.When = alike.Objectives[9999].When
	alike.Objectives = append(alike.Objectives, last)
	_, err = sla.NewAgreement(alike)
	require.NoError(t, err, "the limit: after millions of comparisons the search is given up")
	_, err = sla.NewAgreement(tenThousand("shadowed"))
	faults := faultsOf(t, err)
	assert.Equal(t, "objectives[5000]", faults[0].Path)
	assert.Len(t, faults, 101, "the first hundred, and how many more there are")
}

func BenchmarkLoadTenThousand(b *testing.B) {
	for _, kind := range []string{"usual", "wide", "alike", "alike, with many values"} {
		a, err := sla.NewAgreement(tenThousand(kind))
		require.NoError(b, err)
		doc := a.Document()
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := sla.Load(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

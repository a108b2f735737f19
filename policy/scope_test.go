package policy_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// A row is about the names that it lists, however many there are in a document. The plain reading of the rows is the oracle.
func TestRowsAreAboutTheNamesThatTheyList(t *testing.T) {
	for _, known := range []int{1, 13, 14, 15, 40} {
		rng := rand.New(rand.NewPCG(1, uint64(known)))
		categories := make([][]string, 60)
		tiers := make([][]string, len(categories))
		var rows []string
		for i := range categories {
			for range rng.IntN(4) {
				categories[i] = append(categories[i], fmt.Sprint("c", rng.IntN(known)))
			}
			if rng.IntN(2) == 0 {
				tiers[i] = []string{fmt.Sprint("t", rng.IntN(known))}
			}
			slices.Sort(categories[i])
			categories[i] = slices.Compact(categories[i])
			rows = append(rows, fmt.Sprintf(`{"id":"row-%02d","effect":"deny","reason":"%[1]d","remedies":["refund"]%[2]s%[3]s}`,
				i, list("categories", categories[i]), list("tiers", tiers[i])))
		}
		s := load(t, rows...)
		for i := range known + 2 {
			r := ask(refund(1_00))
			r.Category, r.Tier = fmt.Sprint("c", i), fmt.Sprint("t", rng.IntN(known+1))
			switch i {
			case known:
				r.Category = ""
			case known + 1:
				r.Tier = ""
			}
			var want []string
			for i := range rows {
				if about(categories[i], r.Category) && about(tiers[i], r.Tier) {
					want = append(want, fmt.Sprintf("row-%02d", i))
				}
			}
			assert.Equal(t, want, fired(s.Judge(r)), "category %q, tier %q of %d", r.Category, r.Tier, known)
		}
	}
}

func list(field string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(`,%q:["%s"]`, field, strings.Join(names, `","`))
}

// about tells whether a row fires as far as one list goes. It does where the fact is not known: it has failed then.
func about(names []string, name string) bool {
	return len(names) == 0 || name == "" || slices.Contains(names, name)
}

// A Set is used by any number of goroutines, and nothing of one request shows in the next.
func TestJudgmentsDoNotMeet(t *testing.T) {
	s := retail(t)
	rng := rand.New(rand.NewPCG(3, 4))
	requests := make([]policy.Request, 200)
	want := make([]policy.Decision, len(requests))
	for i := range requests {
		requests[i] = randomRequest(rng, s.Kinds())
		fresh, err := policy.Load(s.Document(), nil)
		require.NoError(t, err)
		want[i] = fresh.Judge(requests[i])
	}
	var all sync.WaitGroup
	for range 4 {
		order := rng.Perm(len(requests))
		all.Go(func() {
			for _, i := range order {
				assert.Equal(t, want[i], s.Judge(requests[i]))
			}
		})
	}
	all.Wait()
}

// What a request says of a customer is not kept once it has been judged.
func TestNothingOfARequestIsKept(t *testing.T) {
	s := retail(t)
	judged := func() weak.Pointer[[64]byte] {
		secret := new([64]byte)
		r := ask(refund(1_00), voucher(10_00))
		r.Facts = policy.Facts{"secret": secret}
		s.Judge(r)
		return weak.Make(secret)
	}()
	runtime.GC() // after which a sync.Pool still has what it was given
	assert.Nil(t, judged.Value())
	runtime.KeepAlive(s)
}

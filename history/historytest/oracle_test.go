package historytest_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func comparedWithMemory(t *testing.T, s history.Store) (faults []string) {
	t.Helper()
	r := &recorder{ctx: t.Context()}
	var wg sync.WaitGroup
	wg.Go(func() { historytest.SameAsMemory(t.Context(), r, s, 200) })
	wg.Wait()
	return r.faults
}

// Chance finds many of the faults that the subtests of TestStore are named for, and none where there is none.
func TestSameAsMemoryBites(t *testing.T) {
	assert.Empty(t, comparedWithMemory(t, new(history.Memory)))
	assert.Empty(t, comparedWithMemory(t, struct{ history.Store }{new(history.Memory)}), "nothing optional is asked for")
	found, all := 0, brokenStores()
	for _, b := range all {
		if faults := comparedWithMemory(t, b.open()); len(faults) > 0 {
			found++
			t.Logf("%s: %.120s", b.fault, faults[0])
		}
	}
	t.Logf("%d of %d", found, len(all))
	assert.Greater(t, found, len(all)/4)
}

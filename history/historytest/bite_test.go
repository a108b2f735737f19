package historytest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

// recorder is a test that may fail: it remembers what it was told.
type recorder struct {
	ctx    context.Context //nolint:containedctx // stands for testing.T's
	mu     sync.Mutex
	faults []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// caughtBy runs every subtest of the kit, each on a new store, and returns those that fail.
func caughtBy(t *testing.T, open func() history.Store) []string {
	t.Helper()
	var caught []string
	for _, name := range historytest.Names() {
		r := &recorder{ctx: t.Context()}
		var wg sync.WaitGroup
		wg.Go(func() { historytest.Run(r, name, open()) })
		wg.Wait()
		if len(r.faults) > 0 {
			t.Logf("%s:\n\t%.200s", name, r.faults[0])
			caught = append(caught, name)
		}
	}
	return caught
}

func TestKitBites(t *testing.T) {
	meant := map[string]bool{}
	for _, b := range brokenStores() {
		meant[b.meant] = true
		t.Run(b.fault, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, append(b.also, b.meant), caughtBy(t, b.open), "subtests that fail")
		})
	}
	for _, name := range historytest.Names() {
		assert.True(t, meant[name], "no broken store shows that the kit checks: %s", name)
	}
}

func TestKitPassesAStoreThatKeepsTheContract(t *testing.T) {
	assert.Empty(t, caughtBy(t, func() history.Store { return new(history.Memory) }))
	for _, name := range historytest.Names() {
		r := &recorder{ctx: t.Context()}
		assert.True(t, historytest.Run(r, name, withClock{new(history.Memory), utcClock}) && r.faults == nil, name)
	}
}

// A store that has none of the optional interfaces passes without them.
func TestKitAsksForNothingOptional(t *testing.T) {
	var skipped []string
	for _, name := range historytest.Names() {
		if !historytest.Run(&recorder{ctx: t.Context()}, name, struct{ history.Store }{new(history.Memory)}) {
			skipped = append(skipped, name)
		}
	}
	assert.Len(t, skipped, 12)
	assert.True(t, slices.Contains(skipped, "an append wakes who asked for it"))
}

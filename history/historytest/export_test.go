package historytest

import (
	"context"

	"github.com/amends-go/amends/history"
)

// Large stands for 4 MiB, so that the kit's own tests are fast.
const Large = 128 << 10

// TB is what Run reports to.
type TB = tb

// Names are the names of all subtests.
func Names() []string {
	var names []string
	for _, d := range duties() {
		names = append(names, d.name)
	}
	return names
}

// Run runs one subtest. It reports false if the store lacks the optional interface that the subtest is about.
func Run(t TB, name string, s history.Store) bool {
	t.Helper()
	for _, d := range duties() {
		if d.name != name {
			continue
		}
		if d.needs != nil && !d.needs(s) {
			return false
		}
		d.run(t, s, Large)
	}
	return true
}

// SameAsMemory is TestSameAsMemory for a test of its own.
func SameAsMemory(ctx context.Context, t TB, s history.Store, n int) {
	t.Helper()
	sameAsMemory(&kit{tb: t, ctx: ctx, store: s}, n)
}

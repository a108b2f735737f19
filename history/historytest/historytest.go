package historytest

import (
	"context"
	"testing"
	"time"

	"github.com/amends-go/amends/history"
)

// patience ends a subtest whose store hangs, so that the failure has a name.
const patience = time.Minute

// TestStore checks a store. Each subtest calls open for a store of its own, which must be empty and may be closed by
// t.Cleanup. The store may work on a pool of a single connection. What the optional interfaces promise ([history.Eraser],
// [history.Bookmarker], [history.Clock], [history.Waker]) is checked if the store implements them, and skipped with a
// message if not.
//
// The subtests do not run in parallel, so that they may share a database that open empties.
func TestStore(t *testing.T, open func(t *testing.T) history.Store) {
	t.Helper()
	for _, d := range duties() {
		t.Run(d.name, func(t *testing.T) {
			store := open(t)
			if d.needs != nil && !d.needs(store) {
				t.Skip("the store does not implement this optional interface")
			}
			d.run(t, store, 4<<20)
		})
	}
}

// duty is one promise of the contract.
type duty struct {
	name  string
	check func(k *kit)
	needs func(s history.Store) bool // nil: every store has it
}

func (d duty) run(t tb, s history.Store, large int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d.check(&kit{tb: t, ctx: ctx, store: s, large: large})
}

// tb is the part of testing.TB that the duties use, so that the kit's own tests can watch them fail.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

func duties() []duty {
	var all []duty
	for _, group := range [][]duty{
		readDuties(), appendDuties(), keyDuties(), raceDuties(), cancelDuties(), headDuties(),
		fidelityDuties(), sharingDuties(), eraserDuties(), bookmarkDuties(), clockDuties(), wakerDuties(),
	} {
		all = append(all, group...)
	}
	return all
}

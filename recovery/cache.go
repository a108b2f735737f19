package recovery

import (
	"sync"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// cache holds cases as they were last read or written, so that a command on one of
// them needs no read: a hash names a case's whole past, and the store refuses what
// was decided on any other past than its own. It takes only what is surely stored.
// Safe for concurrent use.
type cache struct {
	mu    sync.Mutex
	cases map[uuid.UUID]folded
}

// folded is a case and the head that it was folded from, without keys and state.
// Neither is written to any more.
type folded struct {
	head history.Head
	c    Case
}

// cached is how many cases are held at most.
const cached = 1024

// get returns a case as it was last seen.
func (k *cache) get(id uuid.UUID) (folded, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := k.cases[id]
	return f, ok
}

// put holds the case that a head holds. A full cache lets go of any one.
func (k *cache) put(h history.Head, c Case) {
	h.Keys, h.State = nil, nil
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cases == nil {
		k.cases = map[uuid.UUID]folded{}
	}
	if _, ok := k.cases[h.Stream]; !ok && len(k.cases) >= cached {
		for id := range k.cases {
			delete(k.cases, id)
			break
		}
	}
	k.cases[h.Stream] = folded{h, c}
}

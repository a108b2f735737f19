package recovery

import (
	"sync"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// cache spares the decoding of heads that were decoded or written lately. A hash
// names a case's whole past, so what is found by it can't be out of date, whoever
// wrote it. Safe for concurrent use.
type cache struct {
	mu    sync.Mutex
	cases map[uuid.UUID]folded
}

// folded is a case that is not written to any more, and the hash of its last record.
type folded struct {
	hash history.Hash
	c    Case
}

// cached is how many cases are held at most.
const cached = 1024

// get returns the case that a head holds.
func (k *cache) get(h history.Head) (Case, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := k.cases[h.Stream]
	return f.c, ok && f.hash == h.Hash
}

// put holds the case that a head holds. A full cache lets go of any one.
func (k *cache) put(h history.Head, c Case) {
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
	k.cases[h.Stream] = folded{h.Hash, c}
}

package sqlite

import (
	"sync"

	"github.com/google/uuid"
)

// lately remembers the packed keys of heads that this store wrote last. They are a guess, which the statement that
// uses it checks: others write too, and a transaction may be undone. Safe for concurrent use.
type lately struct {
	mu   sync.Mutex
	keys map[uuid.UUID][]byte
}

// remembered is how many heads are remembered at most.
const remembered = 1024

func (l *lately) get(stream uuid.UUID) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys, ok := l.keys[stream]
	return keys, ok
}

// put remembers keys, which are not changed any more. If there are too many, any one is forgotten.
func (l *lately) put(stream uuid.UUID, keys []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys == nil {
		l.keys = make(map[uuid.UUID][]byte)
	}
	if _, ok := l.keys[stream]; !ok && len(l.keys) >= remembered {
		for other := range l.keys {
			delete(l.keys, other)
			break
		}
	}
	l.keys[stream] = keys
}

package history

import (
	"time"

	"github.com/google/uuid"
)

// Head is where a stream stands. It is replaced in the transaction that appends the stream's records, so that
// loading and listing need no replay. The caller computes all of it: [Next] fills in Sequence, Hash and Time,
// the rest is the caller's, and a [Store] only keeps it.
type Head struct {
	// Stream is the stream's id; see [StreamOf] for streams that have a name.
	Stream uuid.UUID
	// Kind groups streams, for instance "case" or "ledger": at most MaxName bytes, may be empty.
	Kind string
	// Sequence is that of the last record, or 0 if there is none.
	Sequence uint64
	// Hash is that of the last record, or zero if there is none.
	Hash Hash
	// Time is that of the last record, or zero if there is none.
	Time time.Time
	// Open says that the stream still needs work.
	Open bool
	// Due is when the stream next needs attention: UTC, in whole microseconds, years 1 to 9999. Zero means never.
	Due time.Time
	// Keys are the names to find the stream by, for instance "customer:42": each 1 to MaxName bytes, compared
	// byte by byte, none twice. They are a set: a store may return them in another order.
	Keys []string
	// State is the standing itself, usually JSON. Any bytes, stored as they are; nil and empty are the same.
	// The chain does not cover it: it can be computed again from the records.
	State []byte
}

// Mark is the head's place in the order of a [Query], to go on from.
func (h Head) Mark() Mark { return Mark{Due: h.Due, Stream: h.Stream} }

// StreamOf is the id of the stream with this name: always the same id for the same name. Streams that are
// found by what they are about, for instance "customer:42", need no lookup of an id then.
// (It is a UUID of version 5, the name prefixed by "amends:" in the OID name space.)
func StreamOf(name string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, append([]byte("amends:"), name...))
}

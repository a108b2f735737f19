package history

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Hash is a SHA-256: of a record and all before it, of a private part (keyed), or of a request.
// The zero Hash means none.
type Hash [32]byte

// String is the hash in 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash as String does, so that it reads well in JSON. It never fails.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes. Anything but 64 hexadecimal digits is ErrInvalid.
func (h *Hash) UnmarshalText(text []byte) error {
	var sum Hash
	if len(text) != hex.EncodedLen(len(sum)) {
		return fmt.Errorf("%w: hash has %d characters, want 64 hexadecimal digits", ErrInvalid, len(text))
	}
	if _, err := hex.Decode(sum[:], text); err != nil {
		return fmt.Errorf("%w: hash %q: %w", ErrInvalid, text, err)
	}
	*h = sum
	return nil
}

// Record is one fact of a stream. The caller says what happened (Type, Time, Actor, Data, Private), [Next]
// fills in what ties it to the record before, a [Store] adds the Position and changes nothing else.
type Record struct {
	// ID is the record's own, a UUID of version 7. Next keeps one that is set.
	ID uuid.UUID
	// Stream is the stream that the record belongs to, for instance one case.
	Stream uuid.UUID
	// Sequence is the place within the stream: 1, 2, 3, … without gaps.
	Sequence uint64
	// Position is the place within the store, over all streams: rising, from 1, gaps possible. The store
	// sets it; before that it means nothing. It is not part of the chain, so that a store may be moved.
	Position uint64
	// Type names the kind of fact and its version, for instance "case.opened/1": 1 to MaxName bytes.
	Type string
	// Time is when it was recorded: UTC, in whole microseconds, years 1 to 9999, never before the record
	// that precedes it in the stream.
	Time time.Time
	// Actor is who did it, in the caller's own notation: at most MaxName bytes, may be empty.
	Actor string
	// Data is what must be kept forever. Any bytes, usually JSON, stored as they are; nil and empty are the same.
	Data []byte
	// Private holds what may have to be erased: personal texts. Any bytes, stored as they are;
	// nil and empty are the same: there is none, or it was erased.
	Private []byte
	// Salt keys the Seal, so that an erased text cannot be found again by guessing. It is erased with Private.
	Salt []byte
	// Seal is HMAC-SHA256 of Private under Salt. It is zero if there never was a private part, and
	// it survives erasing.
	Seal Hash
	// Hash chains the record to all before it in its stream.
	Hash Hash
}

// Erased reports whether the record had a private part that was erased since.
func (r Record) Erased() bool { return len(r.Private) == 0 && r.Seal != (Hash{}) }

package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// ChainError says where a stream is no longer what was appended.
type ChainError struct {
	// Stream is the stream.
	Stream uuid.UUID
	// Sequence is the first record that is not as it was: altered, removed, put in or moved. All before it are sound.
	Sequence uint64
	// Why says what is wrong with it.
	Why string
}

// Error names stream, record and reason.
func (e *ChainError) Error() string {
	return fmt.Sprintf("history: stream %s: record %d: %s", e.Stream, e.Sequence, e.Why)
}

// Verify walks a stream and returns nil if it is as it was appended: every record unaltered, none missing, added or
// out of place, the private parts that were not erased unaltered, and the head standing at the last record. Else it returns
// a *[ChainError] that names the first record concerned. It does not look at the rest of the head, which the chain does
// not cover. Records appended while it walks are not looked at.
//
// A stream without head is ErrNotFound; other errors are the store's.
//
// The chain shows tampering by whoever cannot replace all hashes that follow, head included. To be safe from those who
// can, keep a head elsewhere and use [VerifyAgainst].
func Verify(ctx context.Context, s Store, stream uuid.UUID) error {
	h, err := s.Head(ctx, stream)
	if errors.Is(err, ErrNotFound) {
		return cmp.Or(covered(ctx, s, Head{Stream: stream}), err)
	}
	if err != nil {
		return err
	}
	if err := walk(ctx, s, h); err != nil {
		return err
	}
	return covered(ctx, s, h)
}

// VerifyAgainst is [Verify], and checks that the stream still leads through a head of it that was noted elsewhere, where who
// can write to the store cannot: in another system, with a notary, on paper. Of noted, its Stream, Sequence and Hash count.
// So a tail that was cut off is found although the head was put back with it, and so is a past that was written anew as a whole.
//
// That a stream does not get as far as it did, or not by the same past, is a *[ChainError] that names the first record that is missing
// or, of a past written anew, the one that was noted. A store restored from a backup is found this way too: it has lost records.
func VerifyAgainst(ctx context.Context, s Store, noted Head) error {
	err := Verify(ctx, s, noted.Stream)
	if noted.Sequence == 0 || err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	at, err := s.Records(ctx, noted.Stream, noted.Sequence-1, 1)
	switch {
	case err != nil:
		return err
	case len(at) == 1 && at[0].Sequence == noted.Sequence && at[0].Hash == noted.Hash:
		return nil
	case len(at) == 1:
		return &ChainError{
			Stream: noted.Stream, Sequence: noted.Sequence,
			Why: "hash is not the one that was noted: it or a record before it was written anew",
		}
	}
	h, err := s.Head(ctx, noted.Stream)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return &ChainError{
		Stream: noted.Stream, Sequence: h.Sequence + 1,
		Why: fmt.Sprintf("missing, and all after it: the stream was at %d once", noted.Sequence),
	}
}

// walk checks the records up to the head.
func walk(ctx context.Context, s Store, h Head) error {
	last := Head{Stream: h.Stream}
	for r, err := range Stream(ctx, s, h.Stream) {
		if err != nil {
			return err
		}
		if last.Sequence == h.Sequence {
			break // appended since the head was read
		}
		if why := flaw(&r, &last); why != "" {
			return &ChainError{Stream: h.Stream, Sequence: last.Sequence + 1, Why: why}
		}
		last.Sequence, last.Hash, last.Time = r.Sequence, r.Hash, r.Time
	}
	switch {
	case last.Sequence < h.Sequence:
		return &ChainError{
			Stream: h.Stream, Sequence: last.Sequence + 1,
			Why: fmt.Sprintf("missing, and all after it: the head is at %d", h.Sequence),
		}
	case last.Hash != h.Hash || !last.Time.Equal(h.Time):
		return &ChainError{Stream: h.Stream, Sequence: h.Sequence, Why: "hash or time is not the head's: altered, or the head was"}
	}
	return nil
}

// flaw says what is wrong with r as the record after last, if anything is.
func flaw(r *Record, last *Head) string {
	switch want := last.Sequence + 1; {
	case r.Sequence > want:
		return fmt.Sprintf("missing: record %d follows", r.Sequence)
	case r.Sequence < want:
		return fmt.Sprintf("out of place: record %d stands there", r.Sequence)
	case r.Stream != last.Stream:
		return fmt.Sprintf("is of stream %s", r.Stream)
	case chainHash(last.Hash, r) != r.Hash:
		return "altered, or put in another's place: its hash does not follow from it and the record before"
	case r.Time.Before(last.Time):
		return "is of a time before the record before it"
	case len(r.Private) > 0 && seal(r.Salt, r.Private) != r.Seal:
		return "private part altered: it does not match the seal"
	}
	return ""
}

// covered checks that no record lies beyond the head h but those appended since it was read.
func covered(ctx context.Context, s Store, h Head) error {
	more, err := s.Records(ctx, h.Stream, h.Sequence, 1)
	if err != nil || len(more) == 0 {
		return err
	}
	now, err := s.Head(ctx, h.Stream)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if now.Sequence < more[0].Sequence {
		return &ChainError{
			Stream: h.Stream, Sequence: h.Sequence + 1,
			Why: fmt.Sprintf("is beyond the head, which is at %d: put in, or the head was altered or removed", h.Sequence),
		}
	}
	return nil
}

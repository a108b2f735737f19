package history

import "github.com/google/uuid"

// Commit is what is written together or not at all.
type Commit struct {
	// Key makes the commit idempotent: 1 to MaxName bytes, unique in the store, compared byte by byte. A commit
	// whose key is stored already is not written again.
	Key string
	// Digest tells whether a repeated Key asks for the same thing. It covers what was asked, not what came of
	// it, because a repetition may be decided differently. Zero is a digest like any other.
	Digest Hash
	// Batches are written in this order; no two may be of one stream. There may be none: that keeps only the key.
	Batches []Batch
}

// Batch is a commit's part for one stream. [Next] makes it.
type Batch struct {
	// Stream is the stream that is written to.
	Stream uuid.UUID
	// Expect is the sequence that the stream must be at, 0 if it must not have any records yet.
	Expect uint64
	// Prev is the hash that the stream's head must have: that of the record with the sequence Expect, to which the first of
	// Records is chained; zero if Expect is 0. It names the whole past that the batch was decided on. The sequence alone
	// does not: a store that was restored from a backup may have grown again to the same one, with other records.
	Prev Hash
	// Records follow Expect: Expect+1, Expect+2, …. There may be none: then only the head is replaced. Such a
	// batch moves neither sequence nor hash, so that of two in a race the later one wins unnoticed.
	Records []Record
	// Head replaces the stream's head.
	Head Head
}

// Receipt says what a commit wrote. A store keeps it, to answer a repetition.
type Receipt struct {
	// Key is the commit's.
	Key string
	// First and Last are the positions of the commit's first and last record, 0 if it has no records.
	// No other commit's record lies between them.
	First, Last uint64
	// Streams are those of the commit's batches, in their order.
	Streams []uuid.UUID
	// Replayed is set if this call wrote nothing, because an earlier one had.
	Replayed bool
}

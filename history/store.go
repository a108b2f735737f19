package history

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Store keeps records and heads. [Memory] is one, history/sqlite and history/postgres are others; a host may implement its own over
// tables of its own, and historytest.TestStore tells whether it did so correctly.
//
// All methods are safe for concurrent use. They return an error that wraps ctx.Err() if the context has ended.
// They share no slice with their caller, neither in what they are given nor in what they return. What Append has
// returned without an error, every later read shows. Texts and bytes come back exactly as they were given: no
// trimming, no folding of case, no normalization, no reformatting of JSON. Of Data, Private and Head.State a store
// holds at least 4 MiB each.
//
// Records and Feed return whole pages: one shorter than PageSize(limit) means that there were no more. A page is read
// completely before the method returns, so that a caller may append while it goes through one, even where the store
// has a single connection.
type Store interface {
	// Append writes the whole commit or nothing. In this order:
	//
	//   - If c.Check() fails, it returns that error.
	//   - If c.Key is stored, with the same Digest: it returns the stored receipt with Replayed set, whatever
	//     the batches say; with another Digest, it returns an error wrapping ErrKeyReused.
	//   - If a batch's Expect is not its stream's sequence (0 for a stream without head), or its Prev not the hash
	//     of its stream's head (zero for a stream without head), it returns an error wrapping ErrConflict. Nothing is
	//     written, and the key stays free.
	//   - Else it writes the key with its digest and receipt, the records, each with its Position, and the heads, in
	//     one transaction.
	//
	// Positions rise in the order of the batches and their records, and from commit to commit. Of Appends racing with the same
	// Key and Digest one writes, and the others get its receipt. Of those racing on a stream one writes, and the
	// others get ErrConflict; a store that can fail for other passing reasons (a lock, a serialization failure) tries again itself.
	// If the outcome cannot be known, it returns an error wrapping ErrUncertain.
	Append(ctx context.Context, c Commit) (Receipt, error)

	// Head returns the stream's head, or an error wrapping ErrNotFound if it has none.
	Head(ctx context.Context, stream uuid.UUID) (Head, error)

	// Heads returns the first PageSize(q.Limit) heads that [Query.Matches], in the order of [Query.Compare].
	Heads(ctx context.Context, q Query) ([]Head, error)

	// Records returns the first PageSize(limit) records of the stream whose Sequence is greater than after, in
	// order of Sequence. A stream that does not exist has none: that is no error.
	Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]Record, error)

	// Feed returns the first PageSize(limit) records of all streams whose Position is greater than after, in
	// order of Position. It never shows a position as long as a lower one may still appear, so that who
	// saves the last position seen misses nothing.
	Feed(ctx context.Context, after uint64, limit int) ([]Record, error)
}

// Eraser is a [Store] that can erase personal texts.
type Eraser interface {
	// Erase does as Append does, with the same keys and errors, and in the same transaction removes Private and Salt of
	// the records that each batch's stream had before. The records of the commit itself keep theirs. Seal and
	// Hash stay, so that the chain still verifies. The commit's heads replace the old ones, and with them
	// personal texts in their State. A repeated key erases nothing again.
	Erase(ctx context.Context, c Commit) (Receipt, error)
}

// Clock is a [Store] with a clock that its users share, for instance the database server's.
type Clock interface {
	// Now returns the store's time, in UTC.
	Now(ctx context.Context) (time.Time, error)
}

// Waker is a [Store] that can tell that something was appended, so that a reader of the feed need not poll often.
type Waker interface {
	// Wake returns a channel that gets a value soon after each commit that is appended after Wake returned; several commits
	// may share one value. It is a hint, and never holds up an Append: whoever relies on seeing everything still
	// asks the feed now and then. The channel is closed once ctx has ended, and earlier if the store
	// can give no more hints.
	Wake(ctx context.Context) (<-chan struct{}, error)
}

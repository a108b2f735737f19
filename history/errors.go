package history

import "errors"

// Errors that callers branch on, with [errors.Is]. A Store returns errors that wrap them.
var (
	// ErrNotFound says that the stream has no head: nothing was ever appended to it.
	ErrNotFound = errors.New("history: not found")
	// ErrConflict says that a stream was not at the sequence that its batch expected, or is at it with
	// another past. Nothing was appended and the commit's key is still free: load the head, decide again,
	// append again.
	ErrConflict = errors.New("history: stream has moved on")
	// ErrKeyReused says that the commit's key is stored with another digest: the caller used one
	// idempotency key for two different requests. Nothing was appended.
	ErrKeyReused = errors.New("history: key was used for something else")
	// ErrUncertain says that the connection was lost while committing, so that nobody can tell whether
	// the commit was written. Append it again under the same key: that either writes it or returns its receipt.
	ErrUncertain = errors.New("history: outcome of the commit unknown")
	// ErrMoved says that a bookmark is not where its follower left it: another follower of the same name is at work, or
	// somebody has moved it by hand. Nothing was changed; see [Bookmarker].
	ErrMoved = errors.New("history: bookmark was moved by another")
	// ErrInvalid says that the caller handed over something that no store accepts, and what; see [Commit.Check].
	ErrInvalid = errors.New("history: invalid")
)

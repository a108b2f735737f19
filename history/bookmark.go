package history

import (
	"context"
	"math"
)

// Bookmarker is a [Store] that keeps how far those who follow its feed have come, for [Follow] and [FollowPages]. A bookmark
// is a position under a name, and nothing else.
//
// Both methods that take a name return an error wrapping [ErrInvalid] if [CheckBookmark] fails. A store over a transaction
// of the host's implements them in that transaction, so that a bookmark moves together with what the host writes,
// or not at all.
type Bookmarker interface {
	// Bookmark returns the position that is saved under the name, or an error wrapping [ErrNotFound] if there is none.
	Bookmark(ctx context.Context, name string) (uint64, error)

	// MoveBookmark saves the position to under the name if the position that is saved there is from, or if from is 0 and
	// there is none. Else it returns an error wrapping [ErrMoved], and changes nothing. Of those racing from one position to
	// others, one succeeds. A bookmark may be moved back, to read again, and to where it is; from 0 to 0 makes one that was
	// not there. It is not checked against the feed. What MoveBookmark has returned without an error, every later Bookmark shows;
	// after any other error Bookmark tells whether it was moved.
	MoveBookmark(ctx context.Context, name string, from, to uint64) error

	// Last returns the position of the last record that Feed shows, 0 if there is none. As with Feed, no lower position
	// that was not shown appears later: who starts there misses nothing that comes after the call.
	Last(ctx context.Context) (uint64, error)
}

// CheckBookmark returns nil, or an error wrapping ErrInvalid that says what is wrong: a name is valid UTF-8 without NUL,
// 1 to [MaxName] bytes, and a position at most math.MaxInt64, which every database can hold. A [Bookmarker] calls it first
// in Bookmark (with position 0) and in MoveBookmark (with to).
func CheckBookmark(name string, position uint64) error {
	var f faults
	f.name(name, true, "bookmark's name")
	if position > math.MaxInt64 {
		f.add("bookmark's position is %d, want %d at most", position, uint64(math.MaxInt64))
	}
	return f.err()
}

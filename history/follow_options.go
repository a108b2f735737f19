package history

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// FollowOptions are settings of [Follow] and [FollowPages] that have defaults. The zero value is ready to use.
type FollowOptions struct {
	// Page is how many records are read, and handled, before the position is saved: 1 to MaxPage. If the program is killed,
	// as many may come again: with 1, as few as can be. Defaults to 100.
	Page int
	// FromNow lets a name that is followed for the first time start behind the last record that there is then. Defaults to
	// starting at the first record.
	FromNow bool
	// Attempts is how often a record is handled until it is set aside, or the follower stops; and as often
	// SetAside is tried. Defaults to 10, which with the pauses' defaults is two to four minutes.
	Attempts int
	// Pause is the pause after something has failed, by chance up to half of it less. It doubles from failure to
	// failure, up to MaxPause. They default to 1 second, and 1 minute or, if that is more, Pause.
	Pause, MaxPause time.Duration
	// SetAside takes a record that could not be handled, for somebody to look at, with a [*FollowError]; then the
	// follower goes on behind it. It may come twice with the same record. If it fails each time, the follower stops.
	// Defaults to nil: the follower stops at the record, which comes first when it starts again.
	SetAside func(ctx context.Context, r Record, err error) error
	// Poll is how often the feed is asked whether there is something new. Defaults to 1 second.
	Poll time.Duration
	// Observe hears how far the follower has come: when it starts, and whenever it has saved its position. The
	// follower waits for it. See [Lag] for a look from outside. Defaults to nil.
	Observe func(p Progress)
	// Log hears of what is tried again, because there is nobody to return it to. Defaults to [slog.DiscardHandler].
	Log *slog.Logger
}

// Progress is how far a follower has come.
type Progress struct {
	// Name is the follower's.
	Name string
	// Position is where its bookmark is.
	Position uint64
	// Behind is how many records it still has before it, as [Lag] counts them.
	Behind uint64
}

// FollowError says at which record a follower has failed, and why.
type FollowError struct {
	// Name is the follower's.
	Name string
	// ID, Stream, Sequence, Position and Type are the record's. (Its texts are not here, so that they get into no log.)
	ID, Stream         uuid.UUID
	Sequence, Position uint64
	Type               string
	// Attempts is how often it was handled in vain, by this call of Follow.
	Attempts int
	// Err is what the handler returned last.
	Err error
}

func newFollowError(name string, r *Record, attempts int, err error) error {
	return &FollowError{
		Name: name, ID: r.ID, Stream: r.Stream, Sequence: r.Sequence, Position: r.Position, Type: r.Type, Attempts: attempts, Err: err,
	}
}

// Error names the follower, the record and the cause.
func (e *FollowError) Error() string {
	return fmt.Sprintf("history: follower %q: record %s at position %d (%s, %d of stream %s) failed %d times: %v",
		e.Name, e.ID, e.Position, e.Type, e.Sequence, e.Stream, e.Attempts, e.Err)
}

// Unwrap returns what the handler returned.
func (e *FollowError) Unwrap() error { return e.Err }

// check fills in the defaults, and names every fault.
func (o *FollowOptions) check(name string) (FollowOptions, error) {
	var set FollowOptions
	if o != nil {
		set = *o
	}
	var f faults
	if set.Page < 0 || set.Page > MaxPage {
		f.add("Page is %d, want 1 to %d, or 0 for 100", set.Page, MaxPage)
	}
	if set.Attempts < 0 {
		f.add("Attempts is %d, want 1 or more, or 0 for 10", set.Attempts)
	}
	if set.Pause < 0 || set.MaxPause < 0 || set.MaxPause > 0 && set.MaxPause < set.Pause {
		f.add("Pause is %v and MaxPause %v, want neither less than 0, nor MaxPause less than Pause", set.Pause, set.MaxPause)
	}
	if set.Poll < 0 {
		f.add("Poll is %v, want more than 0, or 0 for 1 second", set.Poll)
	}
	if err := f.err(); err != nil {
		return set, fmt.Errorf("history: follower %q: %w", name, err)
	}
	if set.Page == 0 {
		set.Page = 100
	}
	if set.Attempts == 0 {
		set.Attempts = 10
	}
	if set.Pause == 0 {
		set.Pause = time.Second
		if set.MaxPause > 0 {
			set.Pause = min(set.Pause, set.MaxPause)
		}
	}
	if set.MaxPause == 0 {
		set.MaxPause = max(time.Minute, set.Pause)
	}
	if set.Poll == 0 {
		set.Poll = time.Second
	}
	if set.Log == nil {
		set.Log = slog.New(slog.DiscardHandler)
	}
	return set, nil
}

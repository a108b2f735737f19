package history_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// memory is a Memory, or what stands for one.
type memory interface {
	history.Store
	history.Bookmarker
	history.Waker
}

// marks is a Memory whose bookmarks are looked at and moved otherwise.
type marks struct {
	memory

	look func(at uint64) uint64
	move func(ctx context.Context, to uint64) error
}

func (s marks) Bookmark(ctx context.Context, name string) (uint64, error) {
	at, err := s.memory.Bookmark(ctx, name)
	if s.look != nil && err == nil {
		at = s.look(at)
	}
	return at, err
}

func (s marks) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	if s.move != nil {
		if err := s.move(ctx, to); err != nil {
			return err
		}
	}
	return s.memory.MoveBookmark(ctx, name, from, to)
}

// When the context ends, what was handled is saved, with one more attempt if one has failed; or the error says that it is not.
func TestFollowSavesWhenItEnds(t *testing.T) {
	away := errors.New("connection lost")
	for name, move := range map[string]func(ctx context.Context, tries int) error{
		"saved at the last attempt": func(_ context.Context, tries int) error {
			if tries == 1 {
				return away
			}
			return nil
		},
		"the store is away":       func(context.Context, int) error { return away },
		"the store never answers": func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(history.Memory)
				grow(t, m, 2)
				ctx, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				tries := 0
				s := marks{memory: m, move: func(ctx context.Context, to uint64) error {
					if to == 0 {
						return nil
					}
					tries++
					return move(ctx, tries)
				}}
				err := history.Follow(ctx, s, "mail", nothing, &history.FollowOptions{Pause: time.Hour})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if at := marked(t, m, "mail"); at == 0 {
					assert.ErrorContains(t, err, "could not save the position")
				} else {
					assert.Equal(t, context.DeadlineExceeded, err)
					assert.EqualValues(t, 2, at)
				}
			})
		})
	}
}

// What a handler does to a page that fails is not seen when the records come again.
func TestFollowPagesHandsOverCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 2)
		ctx, stop := context.WithCancel(t.Context())
		tries := 0
		err := history.FollowPages(ctx, m, "index", func(_ context.Context, p history.Page) error {
			for i := range p.Records {
				assert.Equal(t, "secret", string(p.Records[i].Private))
				clear(p.Records[i].Private)
			}
			if tries++; tries < 5 {
				return errMail
			}
			stop()
			return nil
		}, nil)
		require.Equal(t, context.Canceled, err)
		assert.Equal(t, 5, tries)
	})
}

// A page's commit whose answer was lost may come to be seen only when its records are handed over again one by one: then they are
// done, and no other follower is at work.
func TestFollowPagesSeesALateCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 5)
		ctx, stop := context.WithCancel(t.Context())
		hidden := false // until it is looked at once
		s := marks{memory: m, look: func(at uint64) uint64 {
			if hidden {
				hidden = false
				return 0
			}
			return at
		}}
		var pages [][2]uint64
		err := history.FollowPages(ctx, s, "index", func(ctx context.Context, p history.Page) error {
			pages = append(pages, [2]uint64{p.From, p.To})
			if err := p.Done(ctx, m); err != nil {
				return err
			}
			if p.From == 0 {
				hidden = true
				return errMail
			}
			stop()
			return nil
		}, &history.FollowOptions{Page: 3})
		require.Equal(t, context.Canceled, err)
		assert.Equal(t, [][2]uint64{{0, 3}, {0, 1}, {3, 5}}, pages)
		assert.EqualValues(t, 5, marked(t, m, "index"))
	})
}

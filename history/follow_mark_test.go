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

// failing is a Memory that fails where it is told to.
type failing struct {
	*history.Memory

	bookmark, feed func(ctx context.Context) error
	last           func(last uint64) (uint64, error)
}

func (f failing) Last(ctx context.Context) (uint64, error) {
	last, err := f.Memory.Last(ctx)
	if f.last != nil && err == nil {
		return f.last(last)
	}
	return last, err
}

func (f failing) Bookmark(ctx context.Context, name string) (uint64, error) {
	if f.bookmark != nil {
		if err := f.bookmark(ctx); err != nil {
			return 0, err
		}
	}
	return f.Memory.Bookmark(ctx, name)
}

func (f failing) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	if f.feed != nil {
		if err := f.feed(ctx); err != nil {
			return nil, err
		}
	}
	return f.Memory.Feed(ctx, after, limit)
}

// A store that is away when a follower starts is reported, and one that refuses to read at any time: trying again is no use.
func TestFollowReportsWhatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 1)
		away := errors.New("connection refused")
		err := history.Follow(t.Context(), failing{Memory: m, bookmark: func(context.Context) error { return away }}, "mail", nothing, nil)
		require.ErrorIs(t, err, away)
		require.NotErrorIs(t, err, history.ErrMoved)
		_, err = m.Bookmark(t.Context(), "mail")
		require.ErrorIs(t, err, history.ErrNotFound, "nothing was made")

		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		err = history.Follow(ctx, failing{Memory: m, feed: func(context.Context) error { return history.ErrInvalid }}, "mail", nothing, nil)
		require.ErrorIs(t, err, history.ErrInvalid)
	})
}

// When the context ends while a page is handled and the store cannot say what became of it, the error says so.
func TestFollowPagesSaysWhatItDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 1)
		ctx, stop := context.WithCancel(t.Context())
		away := errors.New("connection refused")
		s := failing{Memory: m, bookmark: func(context.Context) error {
			if ctx.Err() != nil {
				return away
			}
			return nil
		}}
		err := history.FollowPages(ctx, s, "index", func(context.Context, history.Page) error {
			stop()
			return nil
		}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, away)
		require.ErrorContains(t, err, "could not read the bookmark")
	})
}

// A page whose bookmark another has moved, on or back, is another's, whether its handler has noticed or not.
func TestFollowPagesStopsWhereAnotherIsAtWork(t *testing.T) {
	for name, failure := range map[string]error{"unnoticed": nil, "noticed": errMail} {
		for _, to := range []uint64{1, 3, 5} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := new(history.Memory)
					grow(t, m, 6)
					require.NoError(t, m.MoveBookmark(t.Context(), "index", 0, 2))
					calls := 0
					err := history.FollowPages(t.Context(), m, "index", func(context.Context, history.Page) error {
						if calls++; calls == 1 {
							require.NoError(t, m.MoveBookmark(t.Context(), "index", 2, to))
						}
						return failure
					}, &history.FollowOptions{Page: 2})
					require.ErrorIs(t, err, history.ErrMoved)
					if failure != nil {
						require.ErrorIs(t, err, failure)
					}
					assert.Equal(t, 1, calls)
					assert.Equal(t, to, marked(t, m, "index"))
				})
			})
		}
	}
}

// Saving whose answer was lost is settled by where the bookmark is, as soon as that is known: where it was to go, or else
// another has moved it.
func TestFollowSavesOnce(t *testing.T) {
	for name, other := range map[string]uint64{"saved": 0, "another was further": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(history.Memory)
				grow(t, m, 4)
				require.NoError(t, m.MoveBookmark(t.Context(), "mail", 0, 1))
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				lost, unknown := false, false
				s := marks{memory: failing{Memory: m, bookmark: func(context.Context) error {
					if !unknown {
						return nil
					}
					unknown = false
					return errors.New("connection refused")
				}}, move: func(ctx context.Context, to uint64) error {
					if lost || to != 2 {
						return nil
					}
					lost, unknown = true, true
					require.NoError(t, m.MoveBookmark(ctx, "mail", 1, max(to, other)))
					return errors.New("connection lost")
				}}
				var got []uint64
				err := history.Follow(ctx, s, "mail", func(_ context.Context, r history.Record) error {
					got = append(got, r.Position)
					return nil
				}, &history.FollowOptions{Page: 1})
				if other == 0 {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, []uint64{2, 3, 4}, got)
				} else {
					require.ErrorIs(t, err, history.ErrMoved)
					assert.Equal(t, []uint64{2}, got)
				}
			})
		})
	}
}

// Who looks on hears of pages that their handler has done.
func TestFollowPagesTellsItsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 3)
		ctx, stop := context.WithCancel(t.Context())
		var got []history.Progress
		err := history.FollowPages(ctx, m, "index", func(ctx context.Context, p history.Page) error {
			if p.To == 3 {
				stop()
			}
			return p.Done(context.WithoutCancel(ctx), m)
		}, &history.FollowOptions{Page: 2, Observe: func(p history.Progress) { got = append(got, p) }})
		require.Equal(t, context.Canceled, err)
		assert.Equal(t, []history.Progress{{"index", 0, 3}, {"index", 2, 1}, {"index", 3, 0}}, got)
	})
}

// Who looks on is told nothing where the store does not say how long the feed is, and nothing impossible where it says something impossible.
func TestFollowTellsNoWrongProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 3)
		looks := 0
		s := failing{Memory: m, last: func(last uint64) (uint64, error) {
			switch looks++; looks {
			case 3:
				return 0, errors.New("connection lost")
			case 4:
				return 1, nil
			}
			return last, nil
		}}
		var got []history.Progress
		follow(t, s, "mail", 3, &history.FollowOptions{Page: 1, Observe: func(p history.Progress) { got = append(got, p) }})
		assert.Equal(t, []history.Progress{{"mail", 0, 3}, {"mail", 2, 0}, {"mail", 3, 0}}, got)
	})
}

// A bookmark that is removed is no longer where the follower left it.
func TestFollowStopsWhereItsBookmarkIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 3)
		handled := 0
		s := failing{Memory: m, bookmark: func(context.Context) error {
			if handled == 2 {
				return history.ErrNotFound
			}
			return nil
		}}
		err := history.Follow(t.Context(), s, "mail", func(context.Context, history.Record) error { handled++; return nil }, &history.FollowOptions{Page: 2})
		require.ErrorIs(t, err, history.ErrMoved)
		assert.Equal(t, 2, handled)
	})
}

package history_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

var errMail = errors.New("mail server is away")

// grow appends n records, each to a stream of its own.
func grow(t *testing.T, s history.Store, n int) {
	t.Helper()
	for range n {
		last := uint64(0)
		for r, err := range history.Feed(t.Context(), s, 0) {
			require.NoError(t, err)
			last = r.Position
		}
		key := strconv.FormatUint(last+1, 10)
		b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf(key)}, history.Record{Type: "test.happened/1", Private: []byte("secret")})
		require.NoError(t, err)
		_, err = s.Append(t.Context(), history.Commit{Key: key, Batches: []history.Batch{b}})
		require.NoError(t, err)
	}
}

func marked(t *testing.T, s history.Bookmarker, name string) uint64 {
	t.Helper()
	at, err := s.Bookmark(t.Context(), name)
	require.NoError(t, err)
	return at
}

// polled is a Memory without hints.
type polled struct {
	history.Store
	history.Bookmarker
}

func hintless(m *history.Memory) polled { return polled{m, m} }

// follow runs a follower until it has handled up to a position, and returns what it handled.
func follow(t *testing.T, s history.Store, name string, until uint64, o *history.FollowOptions) []uint64 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var got []uint64
	err := history.Follow(ctx, s, name, func(_ context.Context, r history.Record) error {
		if got = append(got, r.Position); r.Position == until {
			stop()
		}
		return nil
	}, o)
	require.Equal(t, context.Canceled, err)
	return got
}

func TestFollowGoesOnWhereItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		_, err := history.Lag(t.Context(), m, "mail")
		require.ErrorIs(t, err, history.ErrNotFound)
		grow(t, m, 7)
		for _, page := range []int{1, 2, 3, 100} {
			o, name := &history.FollowOptions{Page: page}, fmt.Sprint("mail ", page)
			assert.Equal(t, []uint64{1, 2, 3, 4}, follow(t, m, name, 4, o))
			assert.EqualValues(t, 4, marked(t, m, name), "also in the middle of a page")
			lag, err := history.Lag(t.Context(), m, name)
			require.NoError(t, err)
			assert.EqualValues(t, 3, lag)
			assert.Equal(t, []uint64{5, 6, 7}, follow(t, m, name, 7, o))
		}
	})
}

func TestFollowFromNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		o := &history.FollowOptions{FromNow: true}
		ended, stop := context.WithCancel(t.Context())
		o.Observe = func(history.Progress) { stop() }
		require.ErrorIs(t, history.Follow(ended, m, "early", nothing, o), context.Canceled)
		o.Observe = nil
		grow(t, m, 3)
		assert.Equal(t, []uint64{1, 2, 3}, follow(t, m, "early", 3, o), "its now was before the first record")

		go func() {
			<-time.After(time.Minute)
			grow(t, m, 2)
		}()
		assert.Equal(t, []uint64{4, 5}, follow(t, m, "late", 5, o))
	})
}

func nothing(context.Context, history.Record) error { return nil }

func TestFollowTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 3)
		var at []time.Time
		var saved uint64
		err := history.Follow(t.Context(), m, "mail", func(ctx context.Context, r history.Record) error {
			if r.Position < 2 {
				return nil
			}
			at = append(at, time.Now())
			if len(at) == 2 {
				saved = marked(t, m, "mail")
			}
			return errMail
		}, &history.FollowOptions{Attempts: 6, Pause: time.Second, MaxPause: 5 * time.Second})
		var failed *history.FollowError
		require.ErrorAs(t, err, &failed)
		require.ErrorIs(t, err, errMail)
		r, loaded := m.Records(t.Context(), history.StreamOf("2"), 0, 0)
		require.NoError(t, loaded)
		assert.Equal(t, &history.FollowError{
			Name: "mail", ID: r[0].ID, Stream: history.StreamOf("2"), Sequence: 1, Position: 2, Type: "test.happened/1", Attempts: 6, Err: errMail,
		}, failed)
		assert.EqualError(t, err, `history: follower "mail": record `+r[0].ID.String()+` at position 2 (test.happened/1, 1 of stream `+
			history.StreamOf("2").String()+`) failed 6 times: mail server is away`)
		assert.EqualValues(t, 1, saved, "the position is saved before the first pause")
		require.Len(t, at, 6)
		spread := 0.0
		for i, want := range []float64{1, 2, 4, 5, 5} {
			pause := at[i+1].Sub(at[i]).Seconds()
			assert.True(t, want/2 <= pause && pause <= want, "pause %d: %v seconds", i, pause)
			spread += want - pause
		}
		assert.Positive(t, spread, "by chance, they are shorter")
		assert.Equal(t, []uint64{2, 3}, follow(t, m, "mail", 3, nil), "it comes first when the follower starts again")
	})
}

func TestFollowSetsAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 4)
		ctx, stop := context.WithCancel(t.Context())
		tries := map[uint64]int{}
		var aside []uint64
		o := &history.FollowOptions{Attempts: 3, SetAside: func(_ context.Context, r history.Record, err error) error {
			var failed *history.FollowError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, r.Position, failed.Position)
			assert.Equal(t, 3, failed.Attempts)
			if aside = append(aside, r.Position); len(aside) == 1 {
				return errors.New("disk full")
			}
			return nil
		}}
		err := history.Follow(ctx, m, "mail", func(_ context.Context, r history.Record) error {
			if tries[r.Position]++; r.Position%2 == 0 {
				return errMail
			}
			if r.Position == 3 {
				assert.EqualValues(t, 2, marked(t, m, "mail"))
			}
			return nil
		}, &history.FollowOptions{Attempts: 3, SetAside: func(ctx context.Context, r history.Record, err error) error {
			if r.Position == 4 {
				defer stop()
			}
			return o.SetAside(ctx, r, err)
		}})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, map[uint64]int{1: 1, 2: 3, 3: 1, 4: 3}, tries)
		assert.Equal(t, []uint64{2, 2, 4}, aside)
		assert.EqualValues(t, 4, marked(t, m, "mail"), "although the context had ended")

		o.SetAside = func(context.Context, history.Record, error) error { return errors.New("disk full") }
		err = history.Follow(t.Context(), m, "other", func(context.Context, history.Record) error { return errMail }, o)
		require.ErrorIs(t, err, errMail)
		require.ErrorContains(t, err, "could not be set aside: disk full")
		assert.Zero(t, marked(t, m, "other"))
	})
}

func TestFollowStopsWhereAnotherIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 5)
		// Another, faster one, while this one handles a record.
		handled := 0
		err := history.Follow(t.Context(), m, "mail", func(context.Context, history.Record) error {
			if handled++; handled == 3 {
				assert.Len(t, follow(t, m, "mail", 5, nil), 5)
			}
			return nil
		}, nil)
		require.ErrorIs(t, err, history.ErrMoved)
		require.ErrorContains(t, err, `history: follower "mail": history: bookmark was moved by another`)
		assert.EqualValues(t, 5, marked(t, m, "mail"))

		// While it waits, back or on: then it does nothing any more.
		for _, to := range []uint64{2, 6} {
			go func() {
				<-time.After(time.Minute + time.Nanosecond) // between two looks
				if to == 6 {
					grow(t, m, 1)
				}
				assert.NoError(t, m.MoveBookmark(t.Context(), "mail", 5, to))
			}()
			err = history.Follow(t.Context(), hintless(m), "mail", func(context.Context, history.Record) error {
				assert.Fail(t, "handled")
				return nil
			}, nil)
			require.ErrorIs(t, err, history.ErrMoved)
			require.NoError(t, m.MoveBookmark(t.Context(), "mail", to, 5))
		}

		require.NoError(t, m.MoveBookmark(t.Context(), "ahead", 0, 7))
		err = history.Follow(t.Context(), m, "ahead", nothing, nil)
		require.ErrorIs(t, err, history.ErrMoved)
		require.ErrorContains(t, err, "it is at 7, and the feed ends at 6")
		lag, err := history.Lag(t.Context(), m, "ahead")
		require.NoError(t, err)
		assert.Zero(t, lag)
	})
}

func TestFollowPassesPanicsOn(t *testing.T) {
	m := new(history.Memory)
	grow(t, m, 2)
	assert.PanicsWithValue(t, "bug", func() {
		_ = history.Follow(t.Context(), m, "mail", func(_ context.Context, r history.Record) error {
			if r.Position == 2 {
				panic("bug") //nolint:forbidigo // what is tested
			}
			return nil
		}, nil)
	})
	assert.Zero(t, marked(t, m, "mail"), "all that was not saved comes again")
}

func TestFollowTellsItsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 5)
		var got []history.Progress
		follow(t, m, "mail", 5, &history.FollowOptions{Page: 2, Observe: func(p history.Progress) { got = append(got, p) }})
		assert.Equal(t, []history.Progress{{"mail", 0, 5}, {"mail", 2, 3}, {"mail", 4, 1}, {"mail", 5, 0}}, got)
	})
}

func TestFollowRefuses(t *testing.T) {
	m := new(history.Memory)
	err := history.Follow(t.Context(), m, "mail", nothing, &history.FollowOptions{
		Page: history.MaxPage + 1, Attempts: -1, Pause: time.Minute, MaxPause: time.Second, Poll: -1,
	})
	require.ErrorIs(t, err, history.ErrInvalid)
	for _, fault := range []string{"Page is 1001", "Attempts is -1", "Pause is 1m0s and MaxPause 1s", "Poll is -1ns"} {
		assert.ErrorContains(t, err, fault)
	}
	err = history.Follow(t.Context(), m, "mail", nothing, &history.FollowOptions{Page: -1, MaxPause: -1})
	require.ErrorIs(t, err, history.ErrInvalid)
	for _, fault := range []string{"Page is -1, want 1 to 1000, or 0 for 100", "Pause is 0s and MaxPause -1ns"} {
		assert.ErrorContains(t, err, fault)
	}
	require.ErrorIs(t, history.Follow(t.Context(), m, "", nothing, nil), history.ErrInvalid)
	require.ErrorIs(t, history.Follow(t.Context(), m, "mail", nil, nil), history.ErrInvalid)
	require.ErrorIs(t, history.FollowPages(t.Context(), m, "mail", nil, nil), history.ErrInvalid)

	plain := struct{ history.Store }{m}
	err = history.Follow(t.Context(), plain, "mail", nothing, nil)
	require.ErrorIs(t, err, history.ErrInvalid)
	require.ErrorContains(t, err, "keeps no bookmarks")
	_, err = history.Lag(t.Context(), plain, "mail")
	require.ErrorIs(t, err, history.ErrInvalid)
	require.ErrorIs(t, history.Page{Name: "mail"}.Done(t.Context(), plain), history.ErrInvalid)

	ended, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, history.Follow(ended, m, "mail", nothing, nil), context.Canceled)
}

// A page that fails comes again record by record, so that the one to blame is found, and tried as often as it should be.
func TestFollowPagesFindsTheRecordToBlame(t *testing.T) {
	for size, want := range map[int][][2]uint64{
		1: {{0, 1}, {1, 2}, {2, 3}, {2, 3}, {3, 4}, {4, 5}},
		2: {{0, 2}, {2, 4}, {2, 3}, {2, 3}, {3, 4}, {4, 5}},
		4: {{0, 4}, {0, 1}, {1, 2}, {2, 3}, {2, 3}, {3, 4}, {4, 5}},
		5: {{0, 5}, {0, 1}, {1, 2}, {2, 3}, {2, 3}, {3, 4}, {4, 5}},
	} {
		t.Run(strconv.Itoa(size), func(t *testing.T) { findsTheRecordToBlame(t, size, want) })
	}
}

func findsTheRecordToBlame(t *testing.T, size int, want [][2]uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 5)
		ctx, stop := context.WithCancel(t.Context())
		var pages [][2]uint64
		err := history.FollowPages(ctx, m, "index", func(_ context.Context, p history.Page) error {
			pages = append(pages, [2]uint64{p.From, p.To})
			assert.Equal(t, "index", p.Name)
			assert.Equal(t, p.From+1, p.Records[0].Position)
			assert.Equal(t, p.To, p.Records[len(p.Records)-1].Position)
			if p.From < 3 && p.To >= 3 {
				return errMail
			}
			clear(p.Records)
			return nil
		}, &history.FollowOptions{Page: size, Attempts: 2, Observe: func(p history.Progress) {
			if p.Behind == 0 {
				stop()
			}
		}, SetAside: func(_ context.Context, r history.Record, _ error) error {
			assert.EqualValues(t, 3, r.Position)
			return nil
		}})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, want, pages)
	})
}

package history_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// Attempts are those of one record: neither what others needed before counts, nor that one was set aside.
func TestFollowCountsAttemptsOfEachRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 6)
		ctx, stop := context.WithCancel(t.Context())
		tries := map[uint64]int{}
		var aside []uint64
		err := history.Follow(ctx, m, "mail", func(_ context.Context, r history.Record) error {
			if tries[r.Position]++; tries[r.Position] < 3 || r.Position == 3 || r.Position == 4 {
				return errMail
			}
			if r.Position == 6 {
				stop()
			}
			return nil
		}, &history.FollowOptions{Attempts: 3, SetAside: func(_ context.Context, r history.Record, _ error) error {
			aside = append(aside, r.Position)
			return nil
		}})
		require.Equal(t, context.Canceled, err)
		assert.Equal(t, map[uint64]int{1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3}, tries)
		assert.Equal(t, []uint64{3, 4}, aside)
	})
}

// What fails because the context has ended is not to be blamed, at the last attempt neither.
func TestFollowStoppedAtItsLastAttempt(t *testing.T) {
	for name, stopsIn := range map[string]string{"handling": "handle", "setting aside": "set aside"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(history.Memory)
				grow(t, m, 1)
				ctx, stop := context.WithCancel(t.Context())
				asides := 0
				err := history.Follow(ctx, m, "mail", func(ctx context.Context, _ history.Record) error {
					if stopsIn == "handle" {
						stop()
						return ctx.Err()
					}
					return errMail
				}, &history.FollowOptions{Attempts: 1, SetAside: func(ctx context.Context, _ history.Record, _ error) error {
					asides++
					stop()
					return ctx.Err()
				}})
				require.Equal(t, context.Canceled, err)
				assert.Equal(t, stopsIn == "set aside", asides == 1)
				assert.Zero(t, marked(t, m, "mail"))
			})
		})
	}
}

// Setting aside is tried as often as handling, with pauses that double too.
func TestFollowTriesToSetAsideAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 1)
		full := errors.New("disk full")
		var at []time.Time
		err := history.Follow(t.Context(), m, "mail", func(context.Context, history.Record) error { return errMail },
			&history.FollowOptions{Attempts: 4, Pause: time.Second, SetAside: func(context.Context, history.Record, error) error {
				at = append(at, time.Now())
				return full
			}})
		require.ErrorIs(t, err, errMail)
		require.ErrorIs(t, err, full)
		var failed *history.FollowError
		require.ErrorAs(t, err, &failed)
		require.Len(t, at, 4)
		for i, want := range []float64{1, 2, 4} {
			pause := at[i+1].Sub(at[i]).Seconds()
			assert.True(t, want/2 <= pause && pause <= want, "pause %d: %v seconds", i, pause)
		}
	})
}

// What the store fails at is tried again after pauses that double too, and told to the log, with what it has failed.
func TestFollowWaitsForItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 1)
		var at []time.Time
		var said strings.Builder
		s := failing{Memory: m, feed: func(context.Context) error {
			if at = append(at, time.Now()); len(at) < 5 {
				return errors.New("connection lost")
			}
			return nil
		}}
		follow(t, struct {
			history.Store
			history.Bookmarker
			history.Waker
		}{s, s, deaf{m, false}}, "mail", 1, &history.FollowOptions{MaxPause: 3 * time.Second, Log: slog.New(slog.NewTextHandler(&said, nil))})
		for i, want := range []float64{1, 2, 3, 3} {
			pause := at[i+1].Sub(at[i]).Seconds()
			assert.True(t, want/2 <= pause && pause <= want, "pause %d: %v seconds", i, pause)
		}
		assert.Equal(t, 4, strings.Count(said.String(), "\n"))
		assert.Contains(t, said.String(), `level=WARN msg="history: follower tries again" name=mail tries=4`)
		assert.Contains(t, said.String(), `error="could not read the feed: connection lost"`)
	})
}

// A context that ends is heard at once: when there is nothing to do, and between two attempts.
func TestFollowStopsAtOnce(t *testing.T) {
	for name, failure := range map[string]error{"nothing to do": nil, "between attempts": errMail} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(history.Memory)
				grow(t, m, 1)
				began := time.Now()
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				err := history.Follow(ctx, hintless(m), "mail", func(context.Context, history.Record) error { return failure },
					&history.FollowOptions{Poll: time.Hour, Pause: time.Hour})
				require.Equal(t, context.DeadlineExceeded, err)
				assert.Equal(t, time.Minute, time.Since(began))
			})
		})
	}
}

// What the options' documentation says of their defaults.
func TestFollowDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		grow(t, m, 101)
		began, at := time.Now(), []time.Time(nil)
		err := history.FollowPages(t.Context(), hintless(m), "index", func(_ context.Context, p history.Page) error {
			if p.From == 0 {
				assert.Len(t, p.Records, 100)
				go func() {
					<-time.After(20*time.Second + 300*time.Millisecond)
					grow(t, m, 1)
				}()
			}
			if p.To < 102 {
				return nil
			}
			at = append(at, time.Now())
			return errMail
		}, &history.FollowOptions{MaxPause: 100 * time.Millisecond})
		require.ErrorIs(t, err, errMail)
		require.Len(t, at, 10)
		assert.Equal(t, 21*time.Second, at[0].Sub(began), "it asks every second")
		for i := range at[1:] {
			assert.LessOrEqual(t, at[i+1].Sub(at[i]), 100*time.Millisecond)
		}
	})
}

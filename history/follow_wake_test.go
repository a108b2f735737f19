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

func TestFollowPollsAndIsWoken(t *testing.T) {
	for name, c := range map[string]struct {
		store func(m *history.Memory) history.Store
		want  time.Duration
	}{
		"polling": {func(m *history.Memory) history.Store { return hintless(m) }, 5 * time.Second},
		"woken":   {func(m *history.Memory) history.Store { return m }, 0},
		"deaf":    {func(m *history.Memory) history.Store { return deaf{m, false} }, 5 * time.Second},
		"cut off": {func(m *history.Memory) history.Store { return deaf{m, true} }, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(history.Memory)
				var appended time.Time
				go func() {
					<-time.After(20*time.Second + time.Nanosecond)
					appended = time.Now()
					grow(t, m, 1)
				}()
				var said strings.Builder
				log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
				follow(t, c.store(m), "mail", 1, &history.FollowOptions{Poll: 5 * time.Second, Log: log})
				assert.Equal(t, name == "deaf", strings.Contains(said.String(), `follower only polls" name=mail error="no hints today"`), "it says why")
				took := time.Since(appended)
				assert.LessOrEqual(t, took, c.want)
				assert.Equal(t, c.want == 0, took == 0)
			})
		})
	}
}

// deaf is a Memory that has no hints to give: it fails, or closes the channel at once.
type deaf struct {
	*history.Memory

	closes bool
}

func (d deaf) Wake(context.Context) (<-chan struct{}, error) {
	if !d.closes {
		return nil, errors.New("no hints today")
	}
	hints := make(chan struct{})
	close(hints)
	return hints, nil
}

// wakeful is a Memory of which it is known who has asked it for hints.
type wakeful struct {
	*history.Memory

	before func() // is called when hints are asked for, and there are none yet
	asked  []context.Context
}

func (w *wakeful) Wake(ctx context.Context) (<-chan struct{}, error) {
	w.asked = append(w.asked, ctx)
	if w.before != nil {
		w.before()
	}
	return w.Memory.Wake(ctx)
}

// A follower asks for hints once, misses nothing that comes while it does so, and wants none any more when it has stopped, for
// whatever reason.
func TestFollowAsksForHintsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := &wakeful{Memory: new(history.Memory)}
		w.before = func() { grow(t, w, 1) }
		err := history.Follow(t.Context(), w, "mail", func(_ context.Context, r history.Record) error {
			if r.Position == 5 {
				return errMail
			}
			go grow(t, w, 1)
			return nil
		}, &history.FollowOptions{Attempts: 1, Poll: time.Hour})
		require.ErrorIs(t, err, errMail)
		assert.Zero(t, time.Since(began), "it did not wait to be told again")
		require.Len(t, w.asked, 1)
		assert.Error(t, w.asked[0].Err())
	})
}

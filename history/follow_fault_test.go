package history_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// shaky is a store that fails now and then, and a program that is killed now and then while it uses it: before
// something was done, and after.
type shaky struct {
	*history.Memory

	random *rand.Rand
}

type killed struct{}

var errShaky = errors.New("connection lost")

func (s shaky) fault() error {
	switch n := s.random.IntN(40); n {
	case 0:
		panic(killed{}) //nolint:forbidigo // stands for the end of the program
	case 1, 2, 3:
		return errShaky
	}
	return nil
}

func (s shaky) Bookmark(ctx context.Context, name string) (uint64, error) {
	at, err := s.Memory.Bookmark(ctx, name)
	return at, errors.Join(s.fault(), err)
}

func (s shaky) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	if err := s.fault(); err != nil {
		return err
	}
	err := s.Memory.MoveBookmark(ctx, name, from, to)
	return errors.Join(s.fault(), err)
}

func (s shaky) Last(ctx context.Context) (uint64, error) {
	last, err := s.Memory.Last(ctx)
	return last, errors.Join(s.fault(), err)
}

func (s shaky) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	page, err := s.Memory.Feed(ctx, after, limit)
	return page, errors.Join(s.fault(), err)
}

// trial is a follower under faults, and what it must not do wrong.
type trial struct {
	*testing.T

	store  shaky
	random *rand.Rand
	o      history.FollowOptions
	whole  bool
	stop   context.CancelFunc
	prev   uint64 // what this run dealt with last
	dealt  uint64 // up to here all records were handled or set aside, in some run
	again  int
}

const trialRecords = 40

// handle deals with one record; sometimes it fails, or the program is told to stop or is killed, before or after.
func (t *trial) handle(r history.Record) error {
	require.Contains(t, []uint64{t.prev, t.prev + 1}, r.Position, "in order after each start")
	require.LessOrEqual(t, r.Position, t.dealt+1, "none is skipped")
	at, err := t.store.Memory.Bookmark(context.Background(), "f")
	require.NoError(t, err)
	require.Less(t, at, r.Position, "what is saved does not come again")
	switch t.random.IntN(60) {
	case 0:
		t.stop()
	case 1, 2, 3, 4, 5:
		return errMail
	}
	if r.Position%17 == 0 && t.o.SetAside != nil {
		return errMail
	}
	if r.Position <= t.dealt {
		t.again++
	}
	t.prev, t.dealt = r.Position, max(t.dealt, r.Position)
	if err := t.store.fault(); err != nil {
		return err
	}
	return nil
}

func (t *trial) handlePage(ctx context.Context, p history.Page) error {
	at, err := t.store.Memory.Bookmark(context.Background(), "f")
	require.NoError(t, err)
	require.Equal(t, at, p.From)
	t.prev = p.From
	for _, r := range p.Records {
		if err := t.handle(r); err != nil {
			return err
		}
	}
	if t.random.IntN(2) == 0 {
		return nil
	}
	if err := p.Done(ctx, t.store); err != nil {
		return err
	}
	return t.store.fault() // done all the same
}

// run runs the follower once, until it stops or is killed.
func (t *trial) run() (err error) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	t.stop = stop
	at, err := t.store.Memory.Bookmark(ctx, "f")
	if err != nil {
		require.ErrorIs(t, err, history.ErrNotFound)
	}
	require.LessOrEqual(t, at, t.dealt, "what is saved was dealt with")
	t.prev = at
	defer func() {
		if p := recover(); p != nil && p != (killed{}) {
			panic(p) //nolint:forbidigo // not ours
		}
	}()
	if t.whole {
		return history.FollowPages(ctx, t.store, "f", t.handlePage, &t.o)
	}
	return history.Follow(ctx, t.store, "f", func(_ context.Context, r history.Record) error { return t.handle(r) }, &t.o)
}

func (t *trial) aside(_ context.Context, r history.Record, err error) error {
	require.ErrorContains(t, err, fmt.Sprintf("at position %d ", r.Position))
	require.LessOrEqual(t, r.Position, t.dealt+1)
	t.prev, t.dealt = r.Position, max(t.dealt, r.Position)
	return t.store.fault()
}

// TestFollowUnderFaults: whatever fails, and whenever the program is killed or stopped, each record is handled at least once, in
// order after each start, and none is skipped.
func TestFollowUnderFaults(t *testing.T) {
	runs, again := 0, 0
	for seed := range uint64(400) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			x := &trial{
				T: t, random: random, whole: seed%2 == 0, store: shaky{new(history.Memory), random},
				o: history.FollowOptions{Page: 1 + random.IntN(12), Attempts: 1 + random.IntN(4)},
			}
			if seed%3 == 0 {
				x.o.SetAside = x.aside
			}
			for stored := 0; x.dealt < trialRecords; runs++ {
				if more := random.IntN(10); stored < trialRecords {
					more = min(more, trialRecords-stored)
					stored += more
					grow(t, x.store.Memory, more)
				}
				ended := x.run()
				for _, other := range []error{history.ErrMoved, history.ErrInvalid} {
					require.NotErrorIs(t, ended, other)
				}
				require.Less(t, runs, 100_000, "it comes to no end")
			}
			again += x.again
		})
	}
	t.Logf("%d runs of 400 followers; %d of %d records came again", runs, again, 400*trialRecords)
}

package historytest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/amends-go/amends/history"
)

func brokenBookmarks() []broken {
	const (
		names   = "a bookmark is kept under its name, byte by byte"
		invalid = "a bookmark that cannot be is refused"
		moves   = "a bookmark moves only from where it is, forth and back"
		race    = "of eight who move a bookmark from one position, one does"
		last    = "the last position is where the feed ends"
		ahead   = "the last position skips nothing while others append"
		ended   = "bookmarks give up when their context has ended"
	)
	return []broken{
		{"bookmarks are named without regard to case", names, nil, naming(strings.ToLower)},
		{"the names of bookmarks are trimmed", names, nil, naming(strings.TrimSpace)},
		{"the names of bookmarks are cut off", names, nil, naming(func(name string) string { return name[:min(len(name), 255)] })},
		{"a bookmark that is not there is at 0", names, []string{invalid, moves}, unfound},
		{"the names of bookmarks are not looked at", invalid, nil, renaming(func(name string) string {
			if history.CheckBookmark(name, 0) != nil {
				return "invalid"
			}
			return name
		})},
		{"a position that no database can hold is cut to one that it can", invalid, nil, moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
			return m.MoveBookmark(ctx, name, from, min(to, 1<<63-1))
		})},
		{"a bookmark moves wherever it is", moves, []string{race}, moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
			at, err := m.Bookmark(ctx, name)
			if err != nil && !errors.Is(err, history.ErrNotFound) {
				return err
			}
			return m.MoveBookmark(ctx, name, at, to)
		})},
		{"a bookmark does not move back", moves, nil, moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
			if to < from {
				return history.ErrMoved
			}
			return m.MoveBookmark(ctx, name, from, to)
		})},
		{"a bookmark that is elsewhere is a conflict of streams", moves, []string{race}, moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
			err := m.MoveBookmark(ctx, name, from, to)
			if errors.Is(err, history.ErrMoved) {
				return history.ErrConflict
			}
			return err
		})},
		{"a bookmark is looked at in one transaction and moved in another", race, nil, lookingBeforeMoving},
		{"the last position is the next one", last, []string{ahead}, lasting(func(ctx context.Context, m *history.Memory) (uint64, error) {
			last, err := m.Last(ctx)
			return last + 1, err
		})},
		{"the last position is not looked at when there is none", last, nil, lasting(func(ctx context.Context, m *history.Memory) (uint64, error) {
			last, err := m.Last(ctx)
			if last == 0 {
				return 0, errors.Join(err, history.ErrNotFound)
			}
			return last, err
		})},
		{"the last position shows before the record does", ahead, nil, announcing},
		{"bookmarks outlive their context", ended, nil, moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
			return m.MoveBookmark(context.WithoutCancel(ctx), name, from, to)
		})},
	}
}

// marking is a Memory with other bookmarks.
type marking struct {
	hooked

	name func(name string) string
	move func(ctx context.Context, m *history.Memory, name string, from, to uint64) error
	last func(ctx context.Context, m *history.Memory) (uint64, error)
}

func (s marking) Bookmark(ctx context.Context, name string) (uint64, error) {
	if s.name != nil {
		name = s.name(name)
	}
	return s.Memory.Bookmark(ctx, name)
}

func (s marking) MoveBookmark(ctx context.Context, name string, from, to uint64) error {
	if s.name != nil {
		name = s.name(name)
	}
	if s.move != nil {
		return s.move(ctx, s.Memory, name, from, to)
	}
	return s.Memory.MoveBookmark(ctx, name, from, to)
}

func (s marking) Last(ctx context.Context) (uint64, error) {
	if s.last != nil {
		return s.last(ctx, s.Memory)
	}
	return s.Memory.Last(ctx)
}

// naming gives bookmarks other names, where they have one that may be.
func naming(name func(string) string) func() history.Store {
	return renaming(func(s string) string {
		if history.CheckBookmark(s, 0) != nil {
			return s
		}
		return name(s)
	})
}

func renaming(name func(string) string) func() history.Store {
	return func() history.Store { return marking{hooked: hooked{Memory: new(history.Memory)}, name: name} }
}

func moving(move func(ctx context.Context, m *history.Memory, name string, from, to uint64) error) func() history.Store {
	return func() history.Store { return marking{hooked: hooked{Memory: new(history.Memory)}, move: move} }
}

func lasting(last func(ctx context.Context, m *history.Memory) (uint64, error)) func() history.Store {
	return func() history.Store { return marking{hooked: hooked{Memory: new(history.Memory)}, last: last} }
}

// zeroed says 0 for a bookmark that is not there.
type zeroed struct{ *history.Memory }

func (z zeroed) Bookmark(ctx context.Context, name string) (uint64, error) {
	at, err := z.Memory.Bookmark(ctx, name)
	if errors.Is(err, history.ErrNotFound) {
		err = nil
	}
	return at, err
}

func unfound() history.Store { return zeroed{new(history.Memory)} }

func lookingBeforeMoving() history.Store {
	return moving(func(ctx context.Context, m *history.Memory, name string, from, to uint64) error {
		if err := history.CheckBookmark(name, to); err != nil {
			return err
		}
		at, err := m.Bookmark(ctx, name)
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return err
		}
		if at != from {
			return fmt.Errorf("%w: at %d", history.ErrMoved, at)
		}
		others()
		for { // whatever it is by now
			now, _ := m.Bookmark(ctx, name)
			if err := m.MoveBookmark(ctx, name, now, to); !errors.Is(err, history.ErrMoved) {
				return err
			}
		}
	})()
}

// announcing says the positions of a commit before it shows it, as a counter does that is no part of the transaction.
func announcing() history.Store {
	var counter, lasts, feeds atomic.Uint64
	var shown atomic.Bool
	var mu sync.Mutex
	return marking{
		hooked: hooked{
			Memory: new(history.Memory),
			append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				mu.Lock()
				defer mu.Unlock()
				for _, b := range c.Batches {
					counter.Add(uint64(len(b.Records)))
				}
				// Until it was read once, if somebody reads; that is sure to come where the race has begun long ago.
				if !shown.Load() && (lasts.Load() > 0 || strings.HasSuffix(c.Key, "commit 19")) {
					reached := func(n *atomic.Uint64) bool {
						was := n.Load()
						for i := 0; i < 200_000 && n.Load() == was; i++ {
							runtime.Gosched()
						}
						return n.Load() != was
					}
					shown.Store(reached(&lasts) && reached(&feeds))
				}
				rc, err := m.Append(ctx, c)
				last, _ := m.Last(context.WithoutCancel(ctx))
				counter.Store(last)
				return rc, err
			},
			feed: func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error) {
				defer feeds.Add(1)
				return m.Feed(ctx, after, limit)
			},
		},
		last: func(ctx context.Context, _ *history.Memory) (uint64, error) {
			defer lasts.Add(1)
			return counter.Load(), ctx.Err()
		},
	}
}

package historytest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"github.com/amends-go/amends/history"
)

func bookmarkDuties() []duty {
	is := func(s history.Store) bool { _, ok := s.(history.Bookmarker); return ok }
	return []duty{
		{name: "a bookmark is kept under its name, byte by byte", check: bookmarkNames, needs: is},
		{name: "a bookmark that cannot be is refused", check: bookmarkInvalid, needs: is},
		{name: "a bookmark moves only from where it is, forth and back", check: bookmarkMoves, needs: is},
		{name: "of eight who move a bookmark from one position, one does", check: bookmarkRace, needs: is},
		{name: "the last position is where the feed ends", check: lastPosition, needs: is},
		{name: "the last position skips nothing while others append", check: lastRace, needs: is},
		{name: "bookmarks give up when their context has ended", check: bookmarkEnded, needs: is},
	}
}

func (k *kit) marks() history.Bookmarker {
	k.Helper()
	marks, ok := k.store.(history.Bookmarker)
	if !ok {
		k.Fatalf("not a history.Bookmarker")
	}
	return marks
}

// move moves a bookmark and wants that to succeed.
func (k *kit) move(name string, from, to uint64) {
	k.Helper()
	if err := k.marks().MoveBookmark(k.ctx, name, from, to); err != nil {
		k.Fatalf("MoveBookmark %.40q from %d to %d: %v", name, from, to, err)
	}
}

// stuck wants a move to be refused because the bookmark is elsewhere.
func (k *kit) stuck(name string, from, to uint64) {
	k.Helper()
	if err := k.marks().MoveBookmark(k.ctx, name, from, to); !errors.Is(err, history.ErrMoved) {
		k.Errorf("MoveBookmark %.40q from %d to %d: error %v, want one wrapping %q", name, from, to, err, history.ErrMoved)
	}
}

// marked checks where a bookmark is.
func (k *kit) marked(name string, want uint64) {
	k.Helper()
	if got, err := k.marks().Bookmark(k.ctx, name); err != nil || got != want {
		k.Errorf("Bookmark %.40q: got %d, error %v; want %d", name, got, err, want)
	}
}

func (k *kit) unmarked(name string) {
	k.Helper()
	if got, err := k.marks().Bookmark(k.ctx, name); !errors.Is(err, history.ErrNotFound) {
		k.Errorf("Bookmark %.40q, which was never moved: got %d, error %v; want an error wrapping %q", name, got, err, history.ErrNotFound)
	}
}

func (k *kit) last() uint64 {
	k.Helper()
	last, err := k.marks().Last(k.ctx)
	if err != nil {
		k.Fatalf("Last: %v", err)
	}
	return last
}

func bookmarkNames(k *kit) {
	names := []string{
		"mail", "Mail", "mail ", " mail", "mail\n", "größe", "gro\u0308ße", "%", "_", "'; --", "\u200b", "0",
		strings.Repeat("n", history.MaxName), strings.Repeat("n", history.MaxName-1),
	}
	for _, name := range names {
		k.unmarked(name)
	}
	for i, name := range names {
		k.move(name, 0, uint64(i)+1)
		if i+1 < len(names) {
			k.unmarked(names[i+1])
		}
	}
	k.write("mail", k.more(blank("mail"), 2)) // a key and a stream are something else
	for i, name := range names {
		k.marked(name, uint64(i)+1)
	}
	k.move("far", 0, math.MaxInt64)
	k.marked("far", math.MaxInt64)
}

func bookmarkInvalid(k *kit) {
	invalid := func(what string, err error) {
		k.Helper()
		if !errors.Is(err, history.ErrInvalid) {
			k.Errorf("%s: error %v, want one wrapping %q", what, err, history.ErrInvalid)
		}
	}
	for _, name := range []string{"", "a\x00b", "\xff", strings.Repeat("n", history.MaxName+1)} {
		_, err := k.marks().Bookmark(k.ctx, name)
		invalid(fmt.Sprintf("Bookmark %.40q", name), err)
		invalid(fmt.Sprintf("MoveBookmark %.40q", name), k.marks().MoveBookmark(k.ctx, name, 0, 1))
	}
	for _, to := range []uint64{math.MaxInt64 + 1, math.MaxUint64} {
		invalid(fmt.Sprint("MoveBookmark to ", to), k.marks().MoveBookmark(k.ctx, "far", 0, to))
	}
	k.unmarked("far")
}

func bookmarkMoves(k *kit) {
	k.stuck("mail", 1, 2)
	k.unmarked("mail")
	k.move("mail", 0, 0)
	k.marked("mail", 0)
	k.move("mail", 0, 0)
	k.stuck("mail", math.MaxUint64, 3)
	k.move("mail", 0, 5)
	k.marked("mail", 5)
	for _, from := range []uint64{0, 4, 6, math.MaxInt64, math.MaxUint64} {
		k.stuck("mail", from, 7)
		k.stuck("mail", from, 5)
		k.stuck("mail", from, from&math.MaxInt64)
		k.marked("mail", 5)
	}
	k.move("mail", 5, 5)
	k.move("mail", 5, 3) // to read again
	k.marked("mail", 3)
	k.stuck("another", 3, 4)
	k.move("mail", 3, 0)
	k.marked("mail", 0)
	k.move("mail", 0, 9)
	k.marked("mail", 9)
}

func bookmarkRace(k *kit) {
	const racers, rounds = 8, 20
	at := uint64(0)
	for round := range rounds {
		var won [racers]bool
		k.race(racers, func(i int) error {
			err := k.marks().MoveBookmark(k.ctx, "mail", at, at+uint64(i)+1)
			won[i] = err == nil
			if errors.Is(err, history.ErrMoved) {
				return nil
			}
			return err
		})
		winners, to := 0, at
		for i, w := range won {
			if w {
				winners, to = winners+1, at+uint64(i)+1
			}
		}
		k.same(fmt.Sprint("round ", round), "number of those who moved the bookmark", winners, 1)
		if winners != 1 {
			return
		}
		k.marked("mail", to)
		at = to
	}
}

func lastPosition(k *kit) {
	k.same("an empty store", "Last", k.last(), uint64(0))
	k.move("mail", 0, 7)
	k.same("a store without records", "Last", k.last(), uint64(0))
	rc, h := k.write("1", k.more(blank("a"), 3), k.more(blank("b"), 2))
	k.same("after an append", "Last", k.last(), rc.Last)
	k.write("2", k.more(h, 0))
	k.same("after an append without records", "Last", k.last(), rc.Last)
	k.refused(history.ErrConflict, history.Commit{Key: "3", Batches: []history.Batch{k.more(blank("a"), 1)}}, "that expects 0, at 3")
	k.same("after an append that was refused", "Last", k.last(), rc.Last)
	rc, _ = k.write("4", k.more(h, 1))
	k.same("after another append", "Last", k.last(), rc.Last)
}

// lastRace reads the feed up to where Last says that it ends, while others append: so far it must be whole.
func lastRace(k *kit) {
	const writers, commits = 4, 20
	var got []history.Record
	var done atomic.Int32
	k.write("the first", k.more(blank("the first"), 1)) // what Last says of an empty store is another duty
	k.race(writers+1, func(i int) error {
		if i == writers {
			for at := uint64(0); ; {
				ended := done.Load() == writers
				last, err := k.marks().Last(k.ctx)
				if err != nil || ended && last == at {
					return err
				}
				for at < last {
					page, err := k.store.Feed(k.ctx, at, 7)
					if err != nil {
						return err
					}
					if len(page) == 0 {
						return fmt.Errorf("the last position is %d, but the feed ends at %d", last, at)
					}
					for _, r := range page {
						if at < last {
							got, at = append(got, r), r.Position
						}
					}
				}
				if at > last {
					return fmt.Errorf("the last position is %d, but the feed goes on there with %d", last, at)
				}
			}
		}
		defer done.Add(1)
		prev := blank(fmt.Sprint("writer ", i))
		for j := range commits {
			b, err := history.Next(prev, prev, facts(2)...)
			if err != nil {
				return err
			}
			if _, err := k.store.Append(k.ctx, history.Commit{Key: fmt.Sprintf("writer %d, commit %d", i, j), Batches: []history.Batch{b}}); err != nil {
				return err
			}
			prev = b.Head
		}
		return nil
	})
	k.same("the feed, read from one last position to the next", "number of records", len(got), 1+writers*commits*2)
}

func bookmarkEnded(k *kit) {
	k.move("mail", 0, 1)
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	want := func(method string, err error) {
		k.Helper()
		if !errors.Is(err, context.Canceled) {
			k.Errorf("%s with a context that was canceled: error %v, want one wrapping %q", method, err, context.Canceled)
		}
	}
	_, err := k.marks().Bookmark(over, "mail")
	want("Bookmark", err)
	want("MoveBookmark", k.marks().MoveBookmark(over, "mail", 1, 2))
	_, err = k.marks().Last(over)
	want("Last", err)
	k.marked("mail", 1)
}

package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Follow hands every record of the feed to handle, one at a time and in order, and goes on with those that are appended
// later: to send mail, to feed a search index or a bus. The store, which must be a [Bookmarker], keeps under the name how
// far it has come; called again with that name, Follow goes on there. A new name starts at the first record, or see
// FollowOptions.FromNow; to start elsewhere, move the bookmark before.
//
// A record is handled at least once: it comes again if the program ends between handling it and saving the position, which
// is after each page (see FollowOptions.Page) and before every pause. So make handling idempotent, for instance by the
// record's ID, or use [FollowPages] to save the position together with what comes of the records. None is ever skipped.
//
// If handle fails, it is called again with the same record, after pauses that double. When it has failed as often as
// FollowOptions.Attempts says, the record is set aside if the host has a place for it (FollowOptions.SetAside), and else
// Follow stops with a [*FollowError]. A panic of handle is not caught; the record comes again, and those handled since
// the position was last saved. Errors of the store are tried again without end, but for those of the first look at it.
//
// It returns only when it stops: with ctx.Err() when the context has ended, and then the position of what was handled is
// saved (for which it takes ten seconds at most; the error says if it could not be); with a *FollowError; with an error
// wrapping [ErrInvalid] if it was called wrongly; or with one wrapping [ErrMoved] if the bookmark is not where it left it,
// or, when it starts, is beyond the end of the feed.
//
// The bookmark is elsewhere if two follow under one name: both handle the same records for a while, until the one that is
// slower notices and stops. Hold a lock where several machines stand by for one name (or use FollowPages with Done, where
// the slower one rolls back, and call it again). Any number may follow one store under different names.
//
// Follow asks the feed every FollowOptions.Poll, and sooner if the store is a [Waker]. It starts no goroutine.
func Follow(ctx context.Context, s Store, name string, handle func(ctx context.Context, r Record) error, o *FollowOptions) error {
	if handle == nil {
		return fmt.Errorf("%w: follower %q: handle is nil, want a function", ErrInvalid, name)
	}
	f := &follower{store: s, name: name, handle: func(ctx context.Context, p Page) (int, error) {
		for i, r := range p.Records {
			err := ctx.Err()
			if err == nil {
				err = handle(ctx, r)
			}
			if err != nil {
				return i, err
			}
		}
		return len(p.Records), nil
	}}
	return f.follow(ctx, o)
}

// FollowPages is as [Follow], but hands over whole pages, for handling that is better done for many records at once. If it
// writes to a database that also keeps the bookmark, each record's effect comes exactly once: let handle call [Page.Done] in
// the transaction that it writes in.
//
//	err := history.FollowPages(ctx, store, "index", func(ctx context.Context, p history.Page) error {
//		tx, err := db.BeginTx(ctx, nil)
//		if err != nil {
//			return err
//		}
//		defer tx.Rollback()
//		… // write what comes of p.Records in tx
//		if err := p.Done(ctx, store.In(tx)); err != nil {
//			return err
//		}
//		return tx.Commit()
//	}, nil)
//
// A page is done when its bookmark has moved, whatever handle returns (a commit may succeed and its answer get lost). If
// handle succeeds and has not moved the bookmark, FollowPages does, and then all is as with Follow: at least once. A page that
// fails is handed over again as pages of one record each, so that attempts are counted for the record that is to blame.
func FollowPages(ctx context.Context, s Store, name string, handle func(ctx context.Context, p Page) error, o *FollowOptions) error {
	if handle == nil {
		return fmt.Errorf("%w: follower %q: handle is nil, want a function", ErrInvalid, name)
	}
	f := &follower{store: s, name: name, whole: true, handle: func(ctx context.Context, p Page) (int, error) {
		if err := handle(ctx, p); err != nil {
			return 0, err
		}
		return len(p.Records), nil
	}}
	return f.follow(ctx, o)
}

// Page is what [FollowPages] hands over: the records that follow a bookmark.
type Page struct {
	// Name is the follower's.
	Name string
	// From is the position of the follower's bookmark, and To that of the last of Records, where it is to move.
	From, To uint64
	// Records are at least one, in order of Position. They are the handler's to change and to keep.
	Records []Record
}

// Done moves the follower's bookmark behind the page, in a store that must be a [Bookmarker]: usually the one that followed
// is, within a transaction of the host's. An error wrapping [ErrMoved] says that another follower of this name has dealt
// with the page, or that it is done already: roll back.
func (p Page) Done(ctx context.Context, s Store) error {
	marks, err := bookmarker(s, p.Name)
	if err != nil {
		return err
	}
	return marks.MoveBookmark(ctx, p.Name, p.From, p.To)
}

// Lag returns how many records a follower still has before it, or an error wrapping [ErrNotFound] if none has ever followed
// under this name. (It counts positions: where a store leaves gaps between them, there are fewer records.)
func Lag(ctx context.Context, s Store, name string) (uint64, error) {
	marks, err := bookmarker(s, name)
	if err != nil {
		return 0, err
	}
	at, err := marks.Bookmark(ctx, name)
	if err != nil {
		return 0, err
	}
	last, err := marks.Last(ctx)
	if err != nil {
		return 0, err
	}
	return max(last, at) - at, nil
}

func bookmarker(s Store, name string) (Bookmarker, error) {
	if marks, ok := s.(Bookmarker); ok {
		return marks, nil
	}
	return nil, fmt.Errorf("%w: follower %q: a store of type %T keeps no bookmarks: want a history.Bookmarker", ErrInvalid, name, s)
}

// farewell bounds what a follower does with the store although its context may have ended.
const farewell = 10 * time.Second

// follower is one call of Follow or FollowPages.
type follower struct {
	FollowOptions

	store  Store
	marks  Bookmarker
	name   string
	handle func(ctx context.Context, p Page) (int, error) // how many records are dealt with, and why not the next
	whole  bool                                           // handle deals with pages as a whole, and may move the bookmark
	at     uint64                                         // where the bookmark was left
	open   uint64                                         // where one that failed may still move it, to the end of a page
	hints  <-chan struct{}
}

func (f *follower) follow(ctx context.Context, o *FollowOptions) (err error) {
	if f.FollowOptions, err = o.check(f.name); err != nil {
		return err
	}
	if f.marks, err = bookmarker(f.store, f.name); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx) // for Wake, which is to end with this call
	defer cancel()
	if err = f.start(ctx); err == nil {
		err = f.run(ctx)
	}
	if end := ctx.Err(); end != nil && errors.Is(err, end) {
		return err
	}
	if _, ok := errors.AsType[*FollowError](err); ok {
		return err
	}
	return fmt.Errorf("history: follower %q: %w", f.name, err)
}

// start finds the bookmark, or makes it.
func (f *follower) start(ctx context.Context) error {
	at, err := f.marks.Bookmark(ctx, f.name)
	fresh := errors.Is(err, ErrNotFound)
	if err != nil && !fresh {
		return err
	}
	last, err := f.marks.Last(ctx)
	switch {
	case err != nil:
		return err
	case at > last:
		return fmt.Errorf("%w: it is at %d, and the feed ends at %d: what comes until then would be skipped", ErrMoved, at, last)
	case fresh && f.FromNow:
		at = last
	}
	if fresh {
		if err := f.marks.MoveBookmark(ctx, f.name, 0, at); err != nil {
			return err
		}
	}
	f.at = at
	f.observe(ctx)
	return nil
}

func (f *follower) run(ctx context.Context) error {
	for {
		page, err := f.next(ctx)
		if err == nil && len(page) == 0 {
			err = f.idle(ctx)
		}
		if err == nil {
			err = f.deal(ctx, page)
		}
		if err != nil {
			return err
		}
	}
}

// next is the next page, empty if there is nothing new. It looks at the bookmark before, so that nothing is handled that
// another has dealt with.
func (f *follower) next(ctx context.Context) (page []Record, err error) {
	err = f.insist(ctx, "read the feed", func() error {
		at, err := f.bookmark(ctx)
		if err == nil && at != f.at {
			err = f.moved(at)
		}
		if err == nil {
			page, err = f.store.Feed(ctx, f.at, f.Page)
		}
		return err
	})
	if end := ctx.Err(); end != nil && errors.Is(err, end) {
		return nil, end // nothing is lost by that
	}
	return page, err
}

// idle waits until the store says that there is something new, or it is time to ask it.
func (f *follower) idle(ctx context.Context) error {
	if w, ok := f.store.(Waker); ok && f.hints == nil {
		hints, err := w.Wake(ctx)
		if err == nil {
			f.hints = hints
			return nil // something may have come between the last look and this
		}
		f.Log.DebugContext(ctx, "history: follower only polls", "name", f.name, "error", err)
	}
	poll := time.NewTimer(f.Poll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
			return nil
		case _, open := <-f.hints:
			if open {
				return nil
			}
			f.hints = nil
		}
	}
}

// deal deals with all records of a page, however often that takes.
func (f *follower) deal(ctx context.Context, records []Record) error {
	size, tries := len(records), 0
	for len(records) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := records[:min(size, len(records))]
		failure, err := f.try(ctx, part)
		if err != nil {
			return err
		}
		for len(records) > 0 && records[0].Position <= f.at {
			records, tries = records[1:], 0
		}
		switch {
		case failure == nil:
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case f.whole && len(part) > 1: // nobody knows which record is to blame
			size, f.open = 1, part[len(part)-1].Position
			continue
		}
		tries++
		if failure = newFollowError(f.name, &records[0], tries, failure); tries < f.Attempts {
			err = f.pause(ctx, tries, failure)
		} else {
			err = f.setAside(ctx, records[0], failure)
			records, tries = records[1:], 0
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// try hands over some records once, and saves how far that got. It returns why the next one is not dealt with, and what
// ends the follower.
func (f *follower) try(ctx context.Context, records []Record) (failure, err error) {
	p := Page{Name: f.name, From: f.at, To: records[len(records)-1].Position, Records: make([]Record, len(records))}
	for i := range records {
		p.Records[i] = cloneRecord(&records[i]) // the handler's to change
	}
	done, failure := f.handle(ctx, p)
	if f.whole {
		at, err := f.settled(ctx)
		switch {
		case err != nil:
			return failure, errors.Join(err, failure)
		case at == p.To, at > p.From && at == f.open:
			f.at = at
			f.observe(ctx)
			return nil, nil
		case at != p.From:
			return failure, errors.Join(f.moved(at), failure)
		}
	}
	if done > 0 {
		err = f.save(ctx, records[done-1].Position)
	}
	return failure, err
}

// settled is where the bookmark is after a page was handled, also when the context has ended.
func (f *follower) settled(ctx context.Context) (at uint64, err error) {
	err = f.insist(ctx, "read the bookmark", func() (err error) {
		steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		at, err = f.bookmark(steady)
		return err
	})
	return at, err
}

// save moves the bookmark, also when the context has ended.
func (f *follower) save(ctx context.Context, to uint64) error {
	tried := false
	err := f.insist(ctx, "save the position", func() error {
		steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		err := f.marks.MoveBookmark(steady, f.name, f.at, to)
		if errors.Is(err, ErrMoved) && tried { // by the attempt before, perhaps
			at, lost := f.bookmark(steady)
			switch {
			case lost != nil:
				return lost
			case at == to:
				return nil
			}
		}
		tried = true
		return err
	})
	if err != nil {
		return err
	}
	f.at = to
	f.observe(ctx)
	return nil
}

// setAside gives a record that cannot be handled to the host, which must take it, or stops.
func (f *follower) setAside(ctx context.Context, r Record, failure error) error {
	if f.SetAside == nil {
		return failure
	}
	for tries := 1; ; tries++ {
		err := f.SetAside(ctx, r, failure)
		switch {
		case err == nil:
			return f.save(ctx, r.Position)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		both := newFollowError(f.name, &r, f.Attempts, fmt.Errorf("%w; and it could not be set aside: %w", errors.Unwrap(failure), err))
		if tries >= f.Attempts {
			return both
		}
		if err := f.pause(ctx, tries, both); err != nil {
			return err
		}
	}
}

// insist does something with the store until it succeeds, or trying again is no use. When the context has ended, it tries
// once more.
func (f *follower) insist(ctx context.Context, what string, do func() error) error {
	for tries := 1; ; tries++ {
		err := do()
		switch {
		case err == nil, errors.Is(err, ErrMoved), errors.Is(err, ErrInvalid):
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("%w; and could not %s: %w", ctx.Err(), what, err)
		}
		_ = f.pause(ctx, tries, fmt.Errorf("could not %s: %w", what, err))
	}
}

// pause waits before trying again what has failed: twice as long each time, and by chance up to half of it less, so that
// many who failed together do not come back together.
func (f *follower) pause(ctx context.Context, tries int, failure error) error {
	length := f.Pause
	for i := 1; i < tries && length < f.MaxPause; i++ {
		length += min(length, f.MaxPause-length)
	}
	length -= rand.N(length/2 + 1)
	f.Log.WarnContext(ctx, "history: follower tries again", "name", f.name, "tries", tries, "pause", length, "error", failure)
	over := time.NewTimer(length)
	defer over.Stop()
	select {
	case <-over.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bookmark is where the bookmark is; one that somebody has removed is at the beginning.
func (f *follower) bookmark(ctx context.Context) (uint64, error) {
	at, err := f.marks.Bookmark(ctx, f.name)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return at, err
}

func (f *follower) moved(at uint64) error {
	return fmt.Errorf("%w: it is at %d, and this follower left it at %d: only one may be at work under a name", ErrMoved, at, f.at)
}

func (f *follower) observe(ctx context.Context) {
	if f.Observe == nil {
		return
	}
	steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if last, err := f.marks.Last(steady); err == nil {
		f.Observe(Progress{Name: f.name, Position: f.at, Behind: max(last, f.at) - f.at})
	}
}

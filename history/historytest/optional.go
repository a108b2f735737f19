package historytest

import (
	"context"
	"errors"
	"time"

	"github.com/amends-go/amends/history"
)

func eraserDuties() []duty {
	is := func(s history.Store) bool { _, ok := s.(history.Eraser); return ok }
	return []duty{
		{name: "erasing removes the private parts, and the chain verifies", check: erasing, needs: is},
		{name: "erasing leaves other streams alone", check: erasingOthers, needs: is},
		{name: "an erasing that is refused erases nothing", check: erasingRefused, needs: is},
	}
}

func clockDuties() []duty {
	is := func(s history.Store) bool { _, ok := s.(history.Clock); return ok }
	return []duty{{name: "the store's clock is in UTC and does not run backwards", check: clock, needs: is}}
}

func wakerDuties() []duty {
	is := func(s history.Store) bool { _, ok := s.(history.Waker); return ok }
	return []duty{{name: "an append wakes who asked for it", check: waking, needs: is}}
}

// secretive writes a stream of three records, two of which have private parts.
func (k *kit) secretive(name string) history.Head {
	k.Helper()
	list := facts(3)
	list[0].Private, list[2].Private = []byte("I am Ana Müller."), []byte("Call me on 555-0100.")
	_, h := k.write(name, k.next(history.Head{}, blank(name), list...))
	return h
}

func (k *kit) erase(key string, batches ...history.Batch) (history.Receipt, error) {
	eraser, ok := k.store.(history.Eraser)
	if !ok {
		return history.Receipt{}, errors.New("not a history.Eraser")
	}
	return eraser.Erase(k.ctx, history.Commit{Key: key, Digest: digest(key), Batches: batches})
}

func erasing(k *kit) {
	was := k.secretive("a")
	want := k.records(was.Stream, 0, 0)
	record := facts(1)
	record[0].Private = []byte("erased at the request of the customer by letter")
	next := was
	next.State = []byte(`{"erased":true}`)
	b := k.next(was, next, record...)
	for i := range want {
		want[i].Private, want[i].Salt = nil, nil
	}
	want = append(want, b.Records...)

	first, err := k.erase("erase", b)
	if err != nil {
		k.Fatalf("Erase: %v", err)
	}
	check := func(when string) {
		k.Helper()
		records, feed := k.records(was.Stream, 0, 0), k.feed(0, 0)
		if len(records) != len(want) || len(feed) != len(want) {
			k.Fatalf("%s: got %d records and %d in the feed, want %d", when, len(records), len(feed), len(want))
		}
		for i := range want {
			k.sameRecord(when, records[i], want[i])
			k.sameRecord(when+", in the feed", feed[i], want[i])
		}
		k.sameHead(when, k.head(was.Stream), b.Head)
		if err := history.Verify(k.ctx, k.store, was.Stream); err != nil {
			k.Errorf("%s: Verify: %v", when, err)
		}
	}
	check("after erasing")
	again, err := k.erase("erase", b)
	if err != nil || !again.Replayed || !sameReceipt(first, again) {
		k.Errorf("Erase, repeated: got receipt %+v, error %v; want %+v with Replayed", again, err, first)
	}
	check("after erasing twice")
}

func erasingOthers(k *kit) {
	a, b := k.secretive("a"), k.secretive("b")
	want := k.records(b.Stream, 0, 0)
	if _, err := k.erase("erase", k.more(a, 1)); err != nil {
		k.Fatalf("Erase: %v", err)
	}
	for i, r := range k.records(b.Stream, 0, 0) {
		k.sameRecord("a stream beside the erased one", r, want[i])
	}
}

func erasingRefused(k *kit) {
	a := k.secretive("a")
	want := k.records(a.Stream, 0, 0)
	stale := a
	stale.Sequence = 1
	if _, err := k.erase("stale", k.more(stale, 1)); !errors.Is(err, history.ErrConflict) {
		k.Errorf("Erase that expects 1, at 3: error %v, want one wrapping ErrConflict", err)
	}
	lost := k.more(blank("a"), 3).Head
	if _, err := k.erase("lost", k.more(lost, 1)); !errors.Is(err, history.ErrConflict) {
		k.Errorf("Erase on another past: error %v, want one wrapping ErrConflict", err)
	}
	if _, err := k.erase("", k.more(a, 1)); !errors.Is(err, history.ErrInvalid) {
		k.Errorf("Erase without key: error %v, want one wrapping ErrInvalid", err)
	}
	records := k.records(a.Stream, 0, 0)
	k.same("after a refused erasing", "number of records", len(records), len(want))
	for i := range min(len(records), len(want)) {
		k.sameRecord("after a refused erasing", records[i], want[i])
	}
}

func clock(k *kit) {
	c, ok := k.store.(history.Clock)
	if !ok {
		k.Fatalf("not a history.Clock")
		return
	}
	var last time.Time
	for range 3 {
		now, err := c.Now(k.ctx)
		if err != nil {
			k.Fatalf("Now: %v", err)
		}
		if now.IsZero() || now.Location() != time.UTC || now.Before(last) {
			k.Errorf("Now is %v after %v, want UTC and not earlier", now, last)
		}
		last = now
	}
}

func waking(k *kit) {
	w, ok := k.store.(history.Waker)
	if !ok {
		k.Fatalf("not a history.Waker")
		return
	}
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	hints, err := w.Wake(ctx)
	if err != nil {
		k.Fatalf("Wake: %v", err)
	}
	_, h := k.write("1", k.more(blank("a"), 1))
	k.hinted(hints, "after an append")
	for _, key := range []string{"2", "3", "4"} { // nobody listens: that holds up nothing
		_, h = k.write(key, k.more(h, 1))
	}
	k.hinted(hints, "after three appends")
	cancel()
	for {
		select {
		case _, open := <-hints:
			if !open {
				return
			}
		case <-k.ctx.Done():
			k.Fatalf("the context of Wake has ended, but its channel is not closed")
			return
		}
	}
}

func (k *kit) hinted(hints <-chan struct{}, when string) {
	k.Helper()
	select {
	case _, open := <-hints:
		if !open {
			k.Fatalf("%s: the channel of Wake is closed, want a hint", when)
		}
	case <-k.ctx.Done():
		k.Fatalf("%s: no hint came", when)
	}
}

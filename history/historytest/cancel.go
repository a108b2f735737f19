package historytest

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/amends-go/amends/history"
)

func cancelDuties() []duty {
	return []duty{
		{name: "a canceled append leaves nothing half written", check: canceled},
		{name: "every method gives up when its context has ended", check: ended},
	}
}

func canceled(k *kit) {
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	first := history.Commit{
		Key: "over", Digest: digest("over"), Batches: []history.Batch{k.more(blank("a"), 1), k.more(blank("b"), 1)},
	}
	if rc, err := k.store.Append(over, first); err == nil {
		k.Errorf("Append with a context that has ended: got receipt %+v and no error", rc)
	}
	k.untouched(first.Batches[0].Stream, "after an append whose context had ended")
	k.untouched(first.Batches[1].Stream, "after an append whose context had ended")

	for i := range 40 {
		k.cancelMidway(i)
	}
	if rc, _ := k.write("over", first.Batches...); rc.Replayed {
		k.Errorf("the key of an append whose context had ended is taken, want it free")
	}
}

// cancelMidway cancels an append a little later each time, and then settles it under the same key.
func (k *kit) cancelMidway(i int) {
	k.Helper()
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	a, b := k.more(blank(fmt.Sprint("midway a ", i)), 3), k.more(blank(fmt.Sprint("midway b ", i)), 3)
	c := history.Commit{Key: fmt.Sprint("midway ", i), Batches: []history.Batch{a, b}}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for range i * i {
			runtime.Gosched()
		}
		cancel()
	}()
	_, err := k.store.Append(ctx, c)
	<-finished
	na, nb := len(k.records(a.Stream, 0, 0)), len(k.records(b.Stream, 0, 0))
	if na != nb || na != 0 && na != 3 || err == nil && na != 3 {
		k.Errorf("append canceled midway, error %v: %d and %d records of 3 and 3, want all or none", err, na, nb)
	}
	if _, err := k.store.Append(k.ctx, c); err != nil {
		k.Errorf("append canceled midway, appended again under the same key: %v", err)
	}
	k.standsAt(a.Stream, 3, "after a canceled append was repeated")
	k.standsAt(b.Stream, 3, "after a canceled append was repeated")
}

func ended(k *kit) {
	_, h := k.write("1", k.more(blank("a"), 1))
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	want := func(method string, err error) {
		k.Helper()
		if !errors.Is(err, context.Canceled) {
			k.Errorf("%s with a context that was canceled: error %v, want one wrapping %q", method, err, context.Canceled)
		}
	}
	_, err := k.store.Append(over, history.Commit{Key: "2", Batches: []history.Batch{k.more(h, 1)}})
	want("Append", err)
	_, err = k.store.Head(over, h.Stream)
	want("Head", err)
	_, err = k.store.Heads(over, history.Query{})
	want("Heads", err)
	_, err = k.store.Records(over, h.Stream, 0, 0)
	want("Records", err)
	_, err = k.store.Feed(over, 0, 0)
	want("Feed", err)
}

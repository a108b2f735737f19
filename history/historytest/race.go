package historytest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func raceDuties() []duty {
	return []duty{
		{name: "eight appends racing on one key leave one commit", check: keyRace},
		{name: "64 appends racing on one stream are each written once, without gap", check: streamRace},
		{name: "the feed skips nothing while others append", check: feedRace},
	}
}

// race runs n functions at once and reports their errors.
func (k *kit) race(n int, run func(i int) error) {
	k.Helper()
	start, errs := make(chan struct{}), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		k.Fatalf("%v", err)
	}
}

// keyRace sends one request eight times. Each would open a stream of its own, so that only the key keeps them apart.
func keyRace(k *kit) {
	const racers = 8
	var got [racers]history.Receipt
	var batches [racers]history.Batch
	for i := range batches {
		batches[i] = k.more(blank(fmt.Sprint("racer ", i)), 1)
	}
	k.race(racers, func(i int) (err error) {
		got[i], err = k.store.Append(k.ctx, history.Commit{Key: "key", Digest: digest("asked"), Batches: batches[i : i+1]})
		return err
	})
	written := 0
	for _, rc := range got {
		if !rc.Replayed {
			written++
		}
		if !sameReceipt(rc, got[0]) {
			k.Errorf("got receipts %+v and %+v for one key, want the same", rc, got[0])
		}
	}
	k.same("eight appends with one key", "number of receipts that are not Replayed", written, 1)
	k.same("eight appends with one key", "number of records", len(k.feed(0, 0)), 1)
	k.same("eight appends with one key", "number of heads", len(k.heads(history.Query{})), 1)
}

// streamRace lets 64 callers append to one stream, each until it succeeds.
func streamRace(k *kit) {
	const racers = 64
	var written [racers]uuid.UUID
	start := blank("contested")
	k.race(racers, func(i int) error {
		for try := 0; ; try++ {
			prev, err := k.store.Head(k.ctx, start.Stream)
			if errors.Is(err, history.ErrNotFound) {
				prev, err = start, nil
			}
			if err != nil {
				return err
			}
			b, err := history.Next(prev, prev, facts(1)...)
			if err != nil {
				return err
			}
			_, err = k.store.Append(k.ctx, history.Commit{Key: fmt.Sprintf("racer %d, try %d", i, try), Batches: []history.Batch{b}})
			if errors.Is(err, history.ErrConflict) {
				continue
			}
			written[i] = b.Records[0].ID
			return err
		}
	})
	stored := k.records(start.Stream, 0, 0)
	for i, r := range stored {
		k.same(fmt.Sprintf("record %d of the contested stream", i), "Sequence", r.Sequence, uint64(i)+1)
	}
	order := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
	if !slices.Equal(slices.SortedFunc(slices.Values(ids(stored)), order), slices.SortedFunc(slices.Values(written[:]), order)) {
		k.Errorf("the stream has %d records, want exactly the %d whose append succeeded", len(stored), racers)
	}
	if err := history.Verify(k.ctx, k.store, start.Stream); err != nil {
		k.Errorf("Verify: %v", err)
	}
}

// feedRace follows the feed, and remembers nothing but the last position, while writers append.
func feedRace(k *kit) {
	const writers, commits = 8, 20
	var got []history.Record
	var receipts [writers][commits]history.Receipt
	var done atomic.Int32
	k.race(writers+1, func(i int) error {
		if i == writers {
			for last := uint64(0); ; {
				ended := done.Load() == writers
				page, err := k.store.Feed(k.ctx, last, 7)
				if err != nil || ended && len(page) == 0 {
					return err
				}
				for _, r := range page {
					if r.Position <= last {
						return fmt.Errorf("page after %d has position %d, want a greater one", last, r.Position)
					}
					last = r.Position
				}
				got = append(got, page...)
				runtime.Gosched()
			}
		}
		defer done.Add(1)
		prev := blank(fmt.Sprint("writer ", i))
		for j := range commits {
			b, err := history.Next(prev, prev, facts(2)...)
			if err != nil {
				return err
			}
			c := history.Commit{Key: fmt.Sprintf("writer %d, commit %d", i, j), Batches: []history.Batch{b}}
			if receipts[i][j], err = k.store.Append(k.ctx, c); err != nil {
				return err
			}
			prev = b.Head
		}
		return nil
	})
	k.same("a reader of the feed", "number of records", len(got), writers*commits*2)
	where := map[uint64]uuid.UUID{}
	for _, r := range got {
		where[r.Position] = r.Stream
	}
	for i := range receipts {
		stream := history.StreamOf(fmt.Sprint("writer ", i))
		for _, rc := range receipts[i] {
			for p := rc.First; p <= rc.Last; p++ {
				if of, ok := where[p]; ok && of != stream {
					k.Errorf("position %d, between %d and %d of one commit, is another commit's", p, rc.First, rc.Last)
				}
			}
		}
	}
}

package historytest_test

import (
	"context"
	"time"

	"github.com/amends-go/amends/history"
)

func brokenExtras() []broken {
	const (
		erasing = "erasing removes the private parts, and the chain verifies"
		alone   = "erasing leaves other streams alone"
		refused = "an erasing that is refused erases nothing"
		clock   = "the store's clock is in UTC and does not run backwards"
		waking  = "an append wakes who asked for it"
	)
	return []broken{
		{"erasing only appends", erasing, nil, erasingBy(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			return m.Append(ctx, c)
		})},
		{"erasing leaves the seals' salt and takes the seals", erasing, nil, sealless},
		{
			"erasing takes the new records' private parts too", erasing, nil,
			erasingBy(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				for i, b := range c.Batches {
					records := append([]history.Record(nil), b.Records...)
					for j := range records {
						records[j].Private, records[j].Salt = nil, nil
					}
					c.Batches[i].Records = records
				}
				return m.Erase(ctx, c)
			}),
		},
		{"erasing takes all streams", alone, nil, erasingBy(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			rc, err := m.Erase(ctx, c)
			if err == nil && !rc.Replayed {
				eraseAll(ctx, m, c)
			}
			return rc, err
		})},
		{
			"erasing comes before the sequences are looked at", refused, nil,
			erasingBy(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Erase(ctx, c)
				if err != nil {
					eraseAll(ctx, m, history.Commit{})
				}
				return rc, err
			}),
		},
		{"the clock tells local time", clock, nil, clocked(func() time.Time { return time.Now().In(time.FixedZone("", 3600)) })},
		{"the clock runs backwards", clock, nil, clocked(backwards())},
		{"the channel is closed at once", waking, nil, func() history.Store {
			return hooked{Memory: new(history.Memory), wake: func(context.Context, *history.Memory) (<-chan struct{}, error) {
				hints := make(chan struct{})
				close(hints)
				return hints, nil
			}}
		}},
	}
}

func erasingBy(erase appendFunc) func() history.Store {
	return func() history.Store { return hooked{Memory: new(history.Memory), erase: erase} }
}

// sealless forgets the seals of erased records.
func sealless() history.Store {
	return altered(func(r *history.Record) {
		if r.Erased() {
			r.Seal = history.Hash{}
		}
	}, nil)()
}

// eraseAll erases the private parts of all streams but those of a commit, and moves none of them.
func eraseAll(ctx context.Context, m *history.Memory, but history.Commit) {
	skip := map[any]bool{}
	for _, b := range but.Batches {
		skip[b.Stream] = true
	}
	for h, err := range history.Heads(ctx, m, history.Query{}) {
		if err != nil || skip[h.Stream] {
			continue
		}
		if b, err := history.Next(h, h); err == nil {
			_, _ = m.Erase(ctx, history.Commit{Key: "all: " + h.Stream.String(), Batches: []history.Batch{b}})
		}
	}
}

func clocked(now func() time.Time) func() history.Store {
	return func() history.Store { return withClock{new(history.Memory), now} }
}

func backwards() func() time.Time {
	now := utcClock()
	return func() time.Time {
		now = now.Add(-time.Second)
		return now
	}
}

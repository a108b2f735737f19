package historytest_test

import (
	"context"
	"errors"
	"slices"

	"github.com/amends-go/amends/history"
)

const otherPast = "the right sequence on another past is a conflict and writes nothing"

func brokenPasts() []broken {
	return []broken{
		{"a past is known by its length alone", otherPast, nil, appending(rebasing((*history.Memory).Append, all))},
		{"only the first batch is asked for its past", otherPast, nil, appending(rebasing((*history.Memory).Append, butFirst))},
		{"only the past of batches with records is asked for", otherPast, nil, appending(rebasing((*history.Memory).Append, unmoved))},
		{"an erasing knows a past by its length alone", "an erasing that is refused erases nothing", nil, erasingBy(rebasing((*history.Memory).Erase, all))},
		{
			"the past is asked for before the key", otherPast, nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				for _, b := range c.Batches {
					if h, _ := m.Head(ctx, b.Stream); rc.Replayed && h.Sequence == b.Expect && h.Hash != b.Prev {
						return history.Receipt{}, history.ErrConflict
					}
				}
				return rc, err
			}),
		},
	}
}

func all(int, *history.Batch) bool          { return true }
func butFirst(i int, _ *history.Batch) bool { return i > 0 }
func unmoved(_ int, b *history.Batch) bool  { return len(b.Records) == 0 }

// rebasing puts the batches that it may on the past that is there, if the sequence is the one that they expect.
func rebasing(
	write func(m *history.Memory, ctx context.Context, c history.Commit) (history.Receipt, error), may func(i int, b *history.Batch) bool,
) appendFunc {
	return func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		rc, err := write(m, ctx, c)
		if !errors.Is(err, history.ErrConflict) {
			return rc, err
		}
		c.Batches = slices.Clone(c.Batches)
		for i, b := range c.Batches {
			h, _ := m.Head(ctx, b.Stream)
			if !may(i, &b) || h.Sequence != b.Expect {
				continue
			}
			if c.Batches[i], err = history.Next(h, b.Head, b.Records...); err != nil {
				return rc, err
			}
		}
		return write(m, ctx, c)
	}
}

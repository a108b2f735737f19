package historytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func brokenAppends() []broken {
	return []broken{
		{
			"a receipt's First is always 1", "a receipt names the commit's positions and streams",
			[]string{"the feed skips nothing while others append"},
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				rc.First = min(rc.First, 1)
				return rc, err
			}),
		},
		{
			"a gap before the records is let through", "an append that expects another sequence is refused", nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				if errors.Is(err, history.ErrConflict) && len(c.Batches) == 1 && len(c.Batches[0].Records) > 0 {
					if h, _ := m.Head(ctx, c.Batches[0].Stream); h.Sequence < c.Batches[0].Expect {
						return history.Receipt{Key: c.Key, Streams: []uuid.UUID{h.Stream}}, nil
					}
				}
				return rc, err
			}),
		},
		{"a stale batch stops only itself", "several batches are written together or not at all", []string{otherPast}, appending(oneByOne)},
		{
			"a batch without records is passed over", "a batch without records replaces only the head",
			[]string{otherPast},
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				if len(c.Batches) == 1 && len(c.Batches[0].Records) == 0 {
					c.Batches = nil
				}
				return m.Append(ctx, c)
			}),
		},
		{
			"a batch without records is not asked what it expects", "a batch without records replaces only the head",
			[]string{otherPast},
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				if errors.Is(err, history.ErrConflict) && len(c.Batches[0].Records) == 0 {
					return rc, nil
				}
				return rc, err
			}),
		},
		{
			"a commit must have batches", "a commit without batches keeps only its key", nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				if len(c.Batches) == 0 {
					return history.Receipt{}, errors.New("nothing to write")
				}
				return m.Append(ctx, c)
			}),
		},
		{
			"commits are not checked", "an invalid commit is refused", nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				if errors.Is(err, history.ErrInvalid) {
					err = nil
				}
				return rc, err
			}),
		},
		{
			"the first batch is written before the context is asked", "a canceled append leaves nothing half written", nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				if ctx.Err() != nil && len(c.Batches) > 1 {
					_, _ = m.Append(context.WithoutCancel(ctx), history.Commit{Key: "half of " + c.Key, Batches: c.Batches[:1]})
				}
				return m.Append(ctx, c)
			}),
		},
		{"loading a head outlives its context", "every method gives up when its context has ended", nil, func() history.Store {
			return hooked{Memory: new(history.Memory), head: func(ctx context.Context, m *history.Memory, id uuid.UUID) (history.Head, error) {
				return m.Head(context.WithoutCancel(ctx), id)
			}}
		}},
	}
}

// oneByOne writes the batches that are not stale, each for itself.
func oneByOne(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
	rc, err := m.Append(ctx, c)
	if errors.Is(err, history.ErrConflict) {
		for i, b := range c.Batches {
			_, _ = m.Append(ctx, history.Commit{Key: fmt.Sprint(c.Key, " part ", i), Batches: []history.Batch{b}})
		}
	}
	return rc, err
}

func brokenKeys() []broken {
	const repeated = "a repeated key gets the stored receipt"
	return []broken{
		{
			"a repetition is told apart by nothing", repeated,
			[]string{
				"a commit without batches keeps only its key", "eight appends racing on one key leave one commit",
				"erasing removes the private parts, and the chain verifies", otherPast,
			},
			func() history.Store {
				unmarked := func(rc history.Receipt, err error) (history.Receipt, error) { rc.Replayed = false; return rc, err }
				return hooked{
					Memory: new(history.Memory),
					append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
						return unmarked(m.Append(ctx, c))
					},
					erase: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
						return unmarked(m.Erase(ctx, c))
					},
				}
			},
		},
		{
			"a repetition gets a receipt of its own batches", repeated, nil,
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				if rc.Replayed && len(c.Batches) > 1 {
					rc.Streams = []uuid.UUID{c.Batches[0].Stream, c.Batches[1].Stream}
				}
				return rc, err
			}),
		},
		{
			"what a batch expects is asked before the key", repeated,
			[]string{"a canceled append leaves nothing half written", "what is returned may be changed"},
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				rc, err := m.Append(ctx, c)
				for _, b := range c.Batches {
					if h, _ := m.Head(ctx, b.Stream); rc.Replayed && b.Expect < h.Sequence {
						return history.Receipt{}, history.ErrConflict
					}
				}
				return rc, err
			}),
		},
		{
			"the digest is not looked at", "a key used for something else is refused",
			[]string{"a commit without batches keeps only its key"},
			appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				c.Digest = history.Hash{}
				return m.Append(ctx, c)
			}),
		},
		{"a refused commit uses up its key", "a refused commit leaves its key free", nil, func() history.Store {
			var used sync.Map
			return appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
				if _, ok := used.Load(c.Key); ok {
					return history.Receipt{}, history.ErrKeyReused
				}
				rc, err := m.Append(ctx, c)
				if errors.Is(err, history.ErrConflict) && c.Key == "key" {
					used.Store(c.Key, true)
				}
				return rc, err
			})()
		}},
		{"keys are trimmed", "keys are compared byte by byte", []string{"texts come back as they were"}, appending(keyed(strings.TrimSpace))},
		{"keys are kept in lower case", "keys are compared byte by byte", []string{"texts come back as they were"}, appending(keyed(strings.ToLower))},
	}
}

// keyed changes a commit's key.
func keyed(change func(string) string) appendFunc {
	return func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		key := c.Key
		c.Key = change(key)
		rc, err := m.Append(ctx, c)
		if err == nil {
			rc.Key = key
		}
		return rc, err
	}
}

package historytest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

// altered is a Memory whose records and heads are changed on their way out; nil leaves them alone.
func altered(record func(r *history.Record), head func(h *history.Head)) func() history.Store {
	if record == nil {
		record = func(*history.Record) {}
	}
	if head == nil {
		head = func(*history.Head) {}
	}
	return func() history.Store {
		return hooked{
			Memory: new(history.Memory),
			records: func(ctx context.Context, m *history.Memory, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
				page, err := m.Records(ctx, stream, after, limit)
				return each(page, record), err
			},
			feed: func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error) {
				page, err := m.Feed(ctx, after, limit)
				return each(page, record), err
			},
			head: func(ctx context.Context, m *history.Memory, stream uuid.UUID) (history.Head, error) {
				h, err := m.Head(ctx, stream)
				head(&h)
				return h, err
			},
			heads: func(ctx context.Context, m *history.Memory, q history.Query) ([]history.Head, error) {
				page, err := m.Heads(ctx, q)
				return each(page, head), err
			},
		}
	}
}

func each[T any](page []T, change func(*T)) []T {
	for i := range page {
		change(&page[i])
	}
	return page
}

func brokenBytes() []broken {
	const (
		whole = "records and heads come back whole, and the chain verifies"
		kept  = "bytes come back as they were"
		empty = "empty data is kept"
		large = "4 MiB of data are kept"
		texts = "texts come back as they were"
	)
	return []broken{
		{
			"Open is not kept", whole,
			[]string{"a batch without records replaces only the head"},
			altered(nil, func(h *history.Head) { h.Open = false }),
		},
		{"of the keys two are kept", whole, []string{}, altered(nil, func(h *history.Head) { h.Keys = h.Keys[:min(len(h.Keys), 2)] })},
		{"JSON is kept as the database likes it", kept, nil, altered(func(r *history.Record) {
			var v any
			if json.Unmarshal(r.Data, &v) == nil {
				r.Data, _ = json.Marshal(v)
			}
		}, nil)},
		{"bytes end at a NUL", kept, []string{large}, altered(func(r *history.Record) { r.Private, _, _ = bytes.Cut(r.Private, []byte{0}) }, nil)},
		{"the state is kept as text", kept, nil, altered(nil, func(h *history.Head) { h.State = bytes.ToValidUTF8(h.State, []byte("?")) })},
		{"data must not be null", empty, nil, refusing(func(r history.Record) bool { return len(r.Data) == 0 })},
		{"empty data is JSON null", empty, nil, altered(func(r *history.Record) {
			if len(r.Data) == 0 {
				r.Data = []byte("null")
			}
		}, nil)},
		{"data must be smaller than it may be", large, nil, refusing(func(r history.Record) bool { return len(r.Data) > historytest.Large/2 })},
		{"a long state is cut", large, nil, altered(nil, func(h *history.Head) { h.State = h.State[:min(len(h.State), historytest.Large/2)] })},
		{"an actor may have 255 bytes", texts, nil, refusing(func(r history.Record) bool { return len(r.Actor) > 255 })},
		{"texts are composed", texts, nil, altered(func(r *history.Record) {
			r.Actor = strings.ReplaceAll(r.Actor, "e\u0301", "\u00e9")
		}, nil)},
		{"emoji become question marks", texts, nil, altered(nil, func(h *history.Head) {
			h.Kind = strings.ReplaceAll(h.Kind, "\U0001F600", "?")
		})},
		{"times are kept in milliseconds", times, nil, altered(func(r *history.Record) { r.Time = r.Time.Truncate(time.Millisecond) }, nil)},
		{"times are kept in nanoseconds of 64 bits", times, nil, altered(func(r *history.Record) {
			r.Time = time.Unix(0, r.Time.UnixNano()).UTC()
		}, nil)},
		{
			"due times come back in a local zone", times,
			[]string{"a batch without records replaces only the head", whole},
			altered(nil, func(h *history.Head) {
				if !h.Due.IsZero() {
					h.Due = h.Due.In(time.FixedZone("", 3600))
				}
			}),
		},
	}
}

// refusing has a schema that some records don't fit in.
func refusing(bad func(r history.Record) bool) func() history.Store {
	return appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		for _, b := range c.Batches {
			if slices.ContainsFunc(b.Records, bad) {
				return history.Receipt{}, errors.New("constraint failed")
			}
		}
		return m.Append(ctx, c)
	})
}

func brokenSharing() []broken {
	const returned = "what is returned may be changed"
	return []broken{
		{"the caller's data is kept", "what is given to Append may be changed afterwards", nil, keeping},
		{"the data that was returned is returned again", returned, nil, cachingData},
		{"the receipt that was returned is returned again", returned, nil, cachingReceipts},
	}
}

// keeping holds on to the slices that the caller gave, and hands out copies of them.
func keeping() history.Store {
	var given sync.Map // of record IDs
	h, _ := altered(func(r *history.Record) {
		if data, ok := given.Load(r.ID); ok {
			r.Data = bytes.Clone(data.([]byte)) //nolint:forcetypeassert // stored below
		}
	}, nil)().(hooked)
	h.append = func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		for _, b := range c.Batches {
			for _, r := range b.Records {
				given.Store(r.ID, r.Data)
			}
		}
		return m.Append(ctx, c)
	}
	return h
}

// cachingData hands out the same slice every time.
func cachingData() history.Store {
	var cache sync.Map // of record IDs
	return altered(func(r *history.Record) {
		data, _ := cache.LoadOrStore(r.ID, r.Data)
		r.Data, _ = data.([]byte)
	}, nil)()
}

// cachingReceipts hands out the same list of streams every time.
func cachingReceipts() history.Store {
	var cache sync.Map // of keys
	return appending(func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		rc, err := m.Append(ctx, c)
		if err == nil {
			ids, _ := cache.LoadOrStore(c.Key, rc.Streams)
			rc.Streams, _ = ids.([]uuid.UUID)
		}
		return rc, err
	})()
}

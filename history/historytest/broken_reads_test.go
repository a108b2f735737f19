package historytest_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

func brokenReads() []broken {
	return []broken{
		{"Records includes the sequence it starts after", "a stream's records come in order, after a sequence", nil, func() history.Store {
			return hooked{
				Memory: new(history.Memory),
				records: func(ctx context.Context, m *history.Memory, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
					return m.Records(ctx, stream, max(after, 1)-1, limit)
				},
			}
		}},
		{"Feed is ordered by stream", "the feed has every record once, by position", nil, func() history.Store {
			return hooked{
				Memory: new(history.Memory),
				feed: func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error) {
					page, err := m.Feed(ctx, after, limit)
					if after == 0 && limit == 0 {
						slices.SortStableFunc(page, func(a, b history.Record) int { return slices.Compare(a.Stream[:], b.Stream[:]) })
					}
					return page, err
				},
			}
		}},
		{"Feed includes the position it starts after", "the feed has every record once, by position", nil, func() history.Store {
			return hooked{
				Memory: new(history.Memory),
				feed: func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error) {
					if limit == 0 {
						after = max(after, 1) - 1
					}
					return m.Feed(ctx, after, limit)
				},
			}
		}},
		{"an unknown stream has a zero head", "a stream that does not exist has no head and no records", nil, func() history.Store {
			return hooked{Memory: new(history.Memory), head: func(ctx context.Context, m *history.Memory, id uuid.UUID) (history.Head, error) {
				h, err := m.Head(ctx, id)
				if errors.Is(err, history.ErrNotFound) && id == history.StreamOf("unknown") {
					return history.Head{}, nil
				}
				return h, err
			}}
		}},
		{"no limit is a limit of 100", "a limit below 1 or above 1000 means 1000", nil, questioned(func(q *history.Query) {
			if q.Limit <= 0 {
				q.Limit = 100
			}
		})},
		{"a great limit is taken as it is", "a limit below 1 or above 1000 means 1000", nil, func() history.Store {
			return hooked{
				Memory: new(history.Memory),
				records: func(ctx context.Context, m *history.Memory, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
					if limit <= history.MaxPage {
						return m.Records(ctx, stream, after, limit)
					}
					var all []history.Record
					for r, err := range history.Stream(ctx, m, stream) {
						if err != nil {
							return nil, err
						}
						if r.Sequence > after {
							all = append(all, r)
						}
					}
					return all, nil
				},
			}
		}},
		{"rows stay open behind a page, on the only connection", "appending inside a loop over a page works", nil, leaking},
	}
}

// leaking has one connection, and keeps it if it stopped reading before the last row, until something else is read.
func leaking() history.Store {
	var taken atomic.Bool
	return hooked{
		Memory: new(history.Memory),
		append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			if taken.Load() {
				return history.Receipt{}, errors.New("no connection is free")
			}
			return m.Append(ctx, c)
		},
		records: func(ctx context.Context, m *history.Memory, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
			all, err := m.Records(ctx, stream, after, 0)
			page := all[:min(len(all), history.PageSize(limit))]
			taken.Store(len(page) < len(all))
			return page, err
		},
	}
}

package historytest_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

const (
	byKind  = "heads are found by kind"
	byKey   = "heads are found by key, compared byte by byte"
	isOpen  = "open heads are found"
	byDue   = "heads are found by when they are due"
	byAll   = "heads must meet all conditions at once"
	inPages = "heads come in a stable order, page by page"
	changed = "heads are found by what they are now"
	inLoop  = "appending inside a loop over a page works"
	times   = "times come back to the microsecond in UTC"
)

// questioned is a Memory whose queries are altered on their way in.
func questioned(alter func(q *history.Query)) func() history.Store {
	return func() history.Store {
		return hooked{Memory: new(history.Memory), heads: func(ctx context.Context, m *history.Memory, q history.Query) ([]history.Head, error) {
			alter(&q)
			return m.Heads(ctx, q)
		}}
	}
}

// selecting is a Memory whose heads are selected by a condition of its own, in the right order.
func selecting(matches func(q history.Query, h history.Head) bool) func() history.Store {
	return func() history.Store {
		return hooked{Memory: new(history.Memory), heads: func(ctx context.Context, m *history.Memory, q history.Query) ([]history.Head, error) {
			var page []history.Head
			for h, err := range history.Heads(ctx, m, history.Query{}) {
				if err != nil {
					return nil, err
				}
				if matches(q, h) {
					page = append(page, h)
				}
			}
			slices.SortFunc(page, q.Compare)
			return page[:min(len(page), history.PageSize(q.Limit))], nil
		}}
	}
}

func brokenHeads() []broken {
	return []broken{
		{"the kind is not asked for", byKind, []string{byAll, changed}, questioned(func(q *history.Query) { q.Kind = "" })},
		{"a kind is found by its beginning", byKind, nil, selecting(func(q history.Query, h history.Head) bool {
			if strings.HasPrefix(h.Kind, q.Kind) {
				q.Kind = ""
			}
			return q.Matches(h)
		})},
		{"keys match in any case", byKey, nil, selecting(likely(strings.EqualFold))},
		{"keys match with spaces behind them", byKey, nil, selecting(likely(func(a, b string) bool {
			return strings.TrimRight(a, " ") == strings.TrimRight(b, " ")
		}))},
		{"keys are found within a list with commas", byKey, nil, selecting(func(q history.Query, h history.Head) bool {
			if strings.Contains(","+strings.Join(h.Keys, ",")+",", ","+q.Key+",") {
				q.Key = ""
			}
			return q.Matches(h)
		})},
		{"open is not asked for", isOpen, []string{byAll, changed}, questioned(func(q *history.Query) { q.Open = false })},
		{"heads without Due are always due", byDue, []string{byAll, inPages, changed, times}, selecting(func(q history.Query, h history.Head) bool {
			if h.Due.IsZero() {
				q.DueBy = time.Time{}
			}
			return q.Matches(h)
		})},
		{"heads are due only after their time", byDue, []string{byAll, changed, times}, selecting(func(q history.Query, h history.Head) bool {
			return q.Matches(h) && (q.DueBy.IsZero() || h.Due.Before(q.DueBy))
		})},
		{"times are compared as texts, whatever their zone", byDue, nil, selecting(func(q history.Query, h history.Head) bool {
			if by := q.DueBy.Format(time.DateTime); !q.DueBy.IsZero() && h.Due.Format(time.DateTime) > by {
				return false
			}
			return q.Matches(h)
		})},
		{"of three conditions one is forgotten", byAll, nil, questioned(func(q *history.Query) {
			if q.Kind != "" && q.Key != "" && q.Open {
				q.Kind = ""
			}
		})},
		{"the cursor knows no ties", inPages, nil, selecting(func(q history.Query, h history.Head) bool {
			return q.Matches(h) && (q.DueBy.IsZero() || q.After.Due.IsZero() || h.Due.After(q.After.Due))
		})},
		{"the cursor is forgotten", inPages, []string{inLoop}, questioned(func(q *history.Query) { q.After = history.Mark{} })},
		{"heads come by stream, whenever they are due", inPages, []string{times}, func() history.Store {
			return hooked{Memory: new(history.Memory), heads: func(ctx context.Context, m *history.Memory, q history.Query) ([]history.Head, error) {
				page, err := m.Heads(ctx, q)
				slices.SortFunc(page, history.Query{}.Compare)
				return page, err
			}}
		}},
		{"heads are found by what they were", changed, nil, stale},
	}
}

// likely selects by key with another comparison.
func likely(equal func(a, b string) bool) func(q history.Query, h history.Head) bool {
	return func(q history.Query, h history.Head) bool {
		if slices.ContainsFunc(h.Keys, func(k string) bool { return equal(k, q.Key) }) {
			q.Key = ""
		}
		return q.Matches(h)
	}
}

// stale adds the keys of replaced heads to its index, and never takes them out.
func stale() history.Store {
	var mu sync.Mutex
	ever := map[uuid.UUID][]string{}
	h, _ := selecting(func(q history.Query, h history.Head) bool {
		mu.Lock()
		defer mu.Unlock()
		if slices.Contains(ever[h.Stream], q.Key) {
			q.Key = ""
		}
		return q.Matches(h)
	})().(hooked)
	h.append = func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
		rc, err := m.Append(ctx, c)
		mu.Lock()
		defer mu.Unlock()
		for _, b := range c.Batches {
			if err == nil {
				ever[b.Stream] = append(ever[b.Stream], b.Head.Keys...)
			}
		}
		return rc, err
	}
	return h
}

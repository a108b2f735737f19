package history

import (
	"context"
	"iter"

	"github.com/google/uuid"
)

// readAhead is how many records the iterators load at once: few enough for large texts, many enough for
// most streams to take one page.
const readAhead = 250

// Stream yields the records of a stream in order, page by page. The loop may append to the store. An error, for instance
// because ctx has ended, comes as the last pair; a stream that does not exist yields nothing.
func Stream(ctx context.Context, s Store, stream uuid.UUID) iter.Seq2[Record, error] {
	return pages(Record{}, readAhead, func(last Record) ([]Record, error) {
		return s.Records(ctx, stream, last.Sequence, readAhead)
	})
}

// Feed yields the records of all streams in order of Position, from the one behind a position to the last that there is
// now, page by page. Who saves the Position of each record that is dealt with, and starts again from it later, misses
// nothing; [Follow] does that, and tries again what fails. The loop may append to the store. An error comes as the last pair.
func Feed(ctx context.Context, s Store, after uint64) iter.Seq2[Record, error] {
	return pages(Record{Position: after}, readAhead, func(last Record) ([]Record, error) {
		return s.Feed(ctx, last.Position, readAhead)
	})
}

// Heads yields all heads that a query selects, page by page, from its mark on; q.Limit is the length of a page. The
// loop may append to the store; what that does to the heads still to come says [Query]. An error comes as the last pair.
func Heads(ctx context.Context, s Store, q Query) iter.Seq2[Head, error] {
	start := Head{Due: q.After.Due, Stream: q.After.Stream}
	return pages(start, PageSize(q.Limit), func(last Head) ([]Head, error) {
		next := q
		next.After = last.Mark()
		return s.Heads(ctx, next)
	})
}

// pages yields the items of all pages, up to the first that is not full. load returns the page that follows last,
// which is start and then the last item of the page before.
func pages[T any](start T, size int, load func(last T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for last := start; ; {
			page, err := load(last)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
			}
			if len(page) < size {
				return
			}
			last = page[len(page)-1]
		}
	}
}

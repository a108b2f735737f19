package history

import (
	"context"
	"iter"

	"github.com/google/uuid"
)

// readAhead is how many records the iterators load at first: few enough for large texts, many enough for
// most streams to take one page.
const readAhead = 250

// Stream yields the records of a stream in order, page by page. The loop may append to the store. An error, for instance
// because ctx has ended, comes as the last pair; a stream that does not exist yields nothing.
func Stream(ctx context.Context, s Store, stream uuid.UUID) iter.Seq2[Record, error] {
	return pages(Record{}, same[Record](readAhead), func(last Record, size int) ([]Record, error) {
		return s.Records(ctx, stream, last.Sequence, size)
	})
}

// Feed yields the records of all streams in order of Position, from the one behind a position to the last that there is
// now, page by page. Who saves the Position of each record that is dealt with, and starts again from it later, misses
// nothing; [Follow] does that, and tries again what fails. The loop may append to the store. An error comes as the last pair.
func Feed(ctx context.Context, s Store, after uint64) iter.Seq2[Record, error] {
	return pages(Record{Position: after}, byTexts, func(last Record, size int) ([]Record, error) {
		return s.Feed(ctx, last.Position, size)
	})
}

// Heads yields all heads that a query selects, page by page, from its mark on; q.Limit is the length of a page. The
// loop may append to the store; what that does to the heads still to come says [Query]. An error comes as the last pair.
func Heads(ctx context.Context, s Store, q Query) iter.Seq2[Head, error] {
	start := Head{Due: q.After.Due, Stream: q.After.Stream}
	return pages(start, same[Head](PageSize(q.Limit)), func(last Head, size int) ([]Head, error) {
		next := q
		next.After, next.Limit = last.Mark(), size
		return s.Heads(ctx, next)
	})
}

// same has all pages of one size.
func same[T any](size int) func([]T) int { return func([]T) int { return size } }

// feedTexts is about how many bytes of texts a page of the feed has: of a long feed, small records come many at once,
// which is faster, and large ones few.
const feedTexts = 1 << 20

// byTexts is how many records to load after a page, or at first.
func byTexts(page []Record) int {
	if len(page) == 0 {
		return readAhead
	}
	texts := 0
	for i := range page {
		texts += len(page[i].Data) + len(page[i].Private)
	}
	return max(1, min(MaxPage, len(page)*feedTexts/max(1, texts)))
}

// pages yields the items of all pages, up to the first that is not full. size says how many items to load after a page,
// none at first; load returns the page that follows last, which is start and then the last item of the page before.
func pages[T any](start T, size func(page []T) int, load func(last T, size int) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var page []T
		for last := start; ; {
			want := size(page)
			var err error
			if page, err = load(last, want); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
			}
			if len(page) < want {
				return
			}
			last = page[len(page)-1]
		}
	}
}

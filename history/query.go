package history

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MaxPage is the longest page of records or heads that a store returns.
const MaxPage = 1000

// PageSize is the length of page that a limit asks for: the limit itself if it is 1 to MaxPage, else MaxPage.
func PageSize(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// Query selects heads: those for which all conditions hold. The zero Query selects all.
//
// The order is by stream id, byte by byte; if DueBy is set, it is by Due first. To page, set After to the mark of
// the last head received. Heads that do not change come exactly once, whatever else is appended meanwhile; one whose Due
// moves may come again or not at all.
type Query struct {
	// Kind selects heads of this kind; empty means any.
	Kind string
	// Key selects heads that have this key; empty means any.
	Key string
	// Open selects open heads; false means any.
	Open bool
	// DueBy selects heads that are due at this instant or before; heads without Due never are. Zero means any.
	DueBy time.Time
	// After is the place to go on from; the zero Mark is the beginning.
	After Mark
	// Limit is the length of the page at most; see [PageSize].
	Limit int
}

// Mark is a place in the order of a [Query]. Its Due counts only if the query has a DueBy.
type Mark struct {
	Due    time.Time
	Stream uuid.UUID
}

// Matches reports whether a head fulfills the query's conditions and lies after its mark. It is what a [Store]
// must select, for stores that can run Go over their heads.
func (q Query) Matches(h Head) bool { return q.matches(&h) }

// Compare orders heads as the query does: negative if a comes before b.
func (q Query) Compare(a, b Head) int { return q.order(a.Mark(), b.Mark()) }

func (q Query) matches(h *Head) bool {
	return (q.Kind == "" || q.Kind == h.Kind) &&
		(!q.Open || h.Open) &&
		(q.DueBy.IsZero() || !h.Due.IsZero() && !h.Due.After(q.DueBy)) &&
		(q.Key == "" || slices.Contains(h.Keys, q.Key)) &&
		(q.After == Mark{} || q.order(q.After, Mark{Due: h.Due, Stream: h.Stream}) < 0)
}

func (q Query) order(a, b Mark) int {
	if !q.DueBy.IsZero() {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
	}
	return bytes.Compare(a.Stream[:], b.Stream[:])
}

package recovery

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// tickPage is how many due cases a tick takes from the store at a time: enough to be
// shared, and not so many that it costs more to read them than to settle a share.
const tickPage = history.MaxPage / 2

// tickTogether is how many cases, about, a tick settles in one commit: on a database
// that waits for its disk, that is most of what a commit costs.
const tickTogether = 50

// tickLosses is how often in a row a tick goes to another share after it has lost a
// race, before it settles the cases one by one.
const tickLosses = 3

// tickAlone is how many commits a tick writes without a sign of another before it
// takes itself to be alone.
const tickAlone = 8

// tickPause is the longest that a tick waits after it has lost a race.
const tickPause = 400 * time.Millisecond

// ticking is one tick: it walks through all that is due, page by page, and settles
// the cases of one share as it comes to them; then those of another share. Alone it
// settles all cases in one walk.
type ticking struct {
	d     *Desk
	q     history.Query
	done  Ticked
	errs  []error
	tried map[uuid.UUID]history.Hash // cases that were settled one by one, as they stood then
	share share                      // of this walk
	lost  int                        // how often in a row another was faster
	took  time.Duration              // to lose the last time
	seen  int                        // how many cases were on the first page after that
	quiet int                        // commits since there was a sign of another
	until history.Head               // the end of the first page of this walk
	rest  int                        // how many cases on that page are in other shares
}

func (d *Desk) ticking(now time.Time) *ticking {
	return &ticking{
		d: d, done: Ticked{Now: now}, tried: map[uuid.UUID]history.Hash{},
		q: history.Query{Kind: kindCase, Open: true, DueBy: now, Limit: tickPage},
	}
}

// page goes on to the next page, and tells whether there may be more to do.
func (t *ticking) page(ctx context.Context) (more bool, err error) {
	page, err := t.d.store.Heads(ctx, t.q)
	if err != nil {
		return false, err
	}
	due := t.untried(page)
	if t.q.After == (history.Mark{}) {
		if t.othersGoOn(page) {
			return true, t.pause(ctx)
		}
		t.begin(page, due)
	}
	for part := range evenly(t.share.of(due)) {
		raced, err := t.settle(ctx, part)
		if err != nil {
			return false, err
		}
		if raced {
			t.quiet, t.until, t.rest = 0, history.Head{}, 0
			t.q.After = history.Mark{}
			return true, t.pause(ctx)
		}
		t.quiet++
	}
	if len(page) < tickPage {
		t.q.After = history.Mark{}
		return t.share != (share{}), nil
	}
	t.q.After = page[len(page)-1].Mark()
	return true, nil
}

// untried are the cases that were not settled one by one as they stand.
func (t *ticking) untried(page []history.Head) []history.Head {
	if len(t.tried) == 0 {
		return page
	}
	var due []history.Head
	for _, h := range page {
		if hash, tried := t.tried[h.Stream]; !tried || hash != h.Hash {
			due = append(due, h)
		}
	}
	return due
}

// begin begins a walk at the first page. If what the last walk left to others is
// still as it was, nobody else has been here.
func (t *ticking) begin(page, due []history.Head) {
	rest := 0
	for _, h := range due {
		if t.q.Compare(h, t.until) <= 0 {
			rest++
		}
	}
	if rest != t.rest {
		t.quiet = 0
	}
	t.share = share{}
	if t.quiet < tickAlone && len(due) > 0 {
		t.share = anyShare(due, len(page) == tickPage)
	}
	if len(page) > 0 {
		end := page[len(page)-1].Mark()
		t.until = history.Head{Stream: end.Stream, Due: end.Due}
	}
	t.rest = len(due) - len(t.share.of(due))
}

// evenly divides cases into parts that are written in a commit each.
func evenly(cases []history.Head) iter.Seq[[]history.Head] {
	parts := max(1, (len(cases)+tickTogether/2)/tickTogether)
	return slices.Chunk(cases, max(1, (len(cases)+parts-1)/parts))
}

// othersGoOn tells whether, since a race was lost, others settle what little there
// is left, all of it on one page: it is left to them as long as they do.
func (t *ticking) othersGoOn(page []history.Head) bool {
	if t.lost == 0 || len(page) == tickPage || len(page) == t.seen {
		return false
	}
	t.lost, t.seen = 1, len(page)
	return len(page) > 0
}

// pause waits about as long as it took to lose the last race.
func (t *ticking) pause(ctx context.Context) error {
	return pause(ctx, rand.N(min(2*t.took+1, tickPause)))
}

// settle settles some cases, and tells whether another was at them too.
func (t *ticking) settle(ctx context.Context, part []history.Head) (raced bool, err error) {
	began := time.Now()
	n, err := t.d.settleTogether(ctx, part, t.done.Now)
	switch {
	case err == nil:
		t.done.Cases += len(part)
		t.done.Events += n
		t.lost = 0
		return false, nil
	case errors.Is(err, history.ErrConflict) && t.lost < tickLosses:
		t.lost++
		t.took = time.Since(began)
		return true, nil
	}
	for _, h := range part {
		t.tried[h.Stream] = h.Hash
		n, raced, err := t.d.settle(ctx, task{op: "tick", id: h.Stream, by: system()}, h, t.done.Now)
		if err != nil {
			t.errs = append(t.errs, err)
		}
		t.done.count(n)
		if raced {
			return true, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
	return false, nil
}

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

// ticking is one tick: it walks through all that is due, page by page, and settles
// the cases of one share as it comes to them; then those of another share. Alone it
// settles all cases in one walk.
type ticking struct {
	d    *Desk
	q    history.Query
	done Ticked
	errs []error
	// tried are the cases that were tried one by one, whether or not they could be
	// settled, as they stood before; settled are those that were settled with others,
	// where the walk comes to them again.
	tried, settled map[uuid.UUID]history.Hash
	share          share // of this walk
	race           race
	quiet          quiet
}

func (d *Desk) ticking(now time.Time) *ticking {
	return &ticking{
		d: d, done: Ticked{Now: now}, tried: map[uuid.UUID]history.Hash{}, settled: map[uuid.UUID]history.Hash{},
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
		if t.race.goesOn(len(page)) {
			return true, t.race.pause(ctx)
		}
		t.begin(page, due)
	}
	for part := range evenly(t.share.of(due)) {
		raced, err := t.settle(ctx, part)
		if err != nil {
			return false, err
		}
		if raced {
			t.quiet = quiet{}
			t.q.After = history.Mark{}
			return true, t.race.pause(ctx)
		}
		t.quiet.commits++
	}
	if len(page) < tickPage {
		t.q.After = history.Mark{}
		return t.share != (share{}), nil
	}
	t.q.After = page[len(page)-1].Mark()
	return true, nil
}

// untried are the cases that this tick has not been at as they stand. One that it has
// settled, and that the store still shows as it was, is not settled for ever.
func (t *ticking) untried(page []history.Head) []history.Head {
	var due []history.Head
	for _, h := range page {
		if hash, settled := t.settled[h.Stream]; settled && hash == h.Hash {
			t.errs = append(t.errs, task{op: "tick", id: h.Stream}.fail(errStillDue))
			delete(t.settled, h.Stream)
			t.tried[h.Stream] = h.Hash
		}
		if hash, tried := t.tried[h.Stream]; !tried || hash != h.Hash {
			due = append(due, h)
		}
	}
	return due
}

// errStillDue is the fault of a store. What this package writes is due after the
// instant up to which it was settled.
var errStillDue = errors.New("still due, as it was, after it was settled")

// begin begins a walk at the first page.
func (t *ticking) begin(page, due []history.Head) {
	t.quiet.look(&t.q, due)
	t.share = share{}
	if t.quiet.commits < tickAlone && len(due) > 0 {
		t.share = anyShare(due, len(page) == tickPage)
	}
	if len(page) > 0 {
		t.quiet.until = page[len(page)-1]
	}
	t.quiet.rest = len(due) - len(t.share.of(due))
}

// evenly divides cases into parts that are written in a commit each: about
// tickTogether, and mostTogether at most.
func evenly(cases []history.Head) iter.Seq[[]history.Head] {
	parts := max(1, (len(cases)+mostTogether-tickTogether-1)/tickTogether)
	return slices.Chunk(cases, max(1, (len(cases)+parts-1)/parts))
}

// settle settles some cases, and tells whether another was at them too.
func (t *ticking) settle(ctx context.Context, part []history.Head) (raced bool, err error) {
	began := time.Now()
	n, err := t.d.settleTogether(ctx, part, t.done.Now)
	switch {
	case err == nil:
		t.done.Cases += len(part)
		t.done.Events += n
		t.race = race{}
		if t.share != (share{}) { // a walk through all is the last
			for _, h := range part {
				t.settled[h.Stream] = h.Hash
			}
		}
		return false, nil
	case errors.Is(err, history.ErrConflict) && t.race.lost < tickLosses:
		t.race.lose(began)
		return true, nil
	}
	return t.oneByOne(ctx, part)
}

// oneByOne settles cases in a commit each, and tells whether another was at one of
// them: then the next part is begun in some other place than where they are.
func (t *ticking) oneByOne(ctx context.Context, part []history.Head) (raced bool, err error) {
	if t.race.lost > 0 {
		n := rand.IntN(len(part))
		part = slices.Concat(part[n:], part[:n])
	}
	for _, h := range part {
		began := time.Now()
		t.tried[h.Stream] = h.Hash
		n, raced, err := t.d.settle(ctx, task{op: "tick", id: h.Stream, by: system()}, h, t.done.Now)
		if err != nil {
			t.errs = append(t.errs, err)
		}
		t.done.count(n)
		if raced {
			t.race.lose(began)
			return true, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
	t.race = race{}
	return false, nil
}

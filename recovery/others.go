package recovery

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/amends-go/amends/history"
)

// tickLosses is how often in a row a tick goes to another share after it has lost a
// race, before it settles the cases one by one.
const tickLosses = 3

// tickPause is the longest that a tick waits after it has lost a race.
const tickPause = 400 * time.Millisecond

// tickAlone is how many commits a tick writes without a sign of another before it
// takes itself to be alone.
const tickAlone = 8

// race is the last one that a tick has lost. It is zero if the tick has settled a part
// since.
type race struct {
	lost int           // how often in a row
	took time.Duration // to lose it
	left int           // how many cases were on the first page when it was last looked at
}

func (r *race) lose(began time.Time) {
	r.lost = min(r.lost+1, tickLosses)
	r.took = time.Since(began)
}

// goesOn tells whether, since the race was lost, others settle what little there is
// left, all of it on one page: it is left to them as long as they do.
func (r *race) goesOn(page int) bool {
	if r.lost == 0 || page == tickPage || page == r.left {
		return false
	}
	r.lost, r.left = 1, page
	return page > 0
}

// pause waits about as long as it took to lose the race.
func (r *race) pause(ctx context.Context) error {
	return pause(ctx, rand.N(min(2*r.took+1, tickPause)))
}

// quiet is since when a tick has seen no sign of another.
type quiet struct {
	commits int          // that it has written since
	until   history.Head // the end of the first page of this walk
	rest    int          // how many cases up to there are in other shares
}

// look looks at what is due where a walk begins. If what the last one left to others
// is still as it was, nobody else has been here.
func (s *quiet) look(q *history.Query, due []history.Head) {
	rest := 0
	for _, h := range due {
		if q.Compare(h, s.until) <= 0 {
			rest++
		}
	}
	if rest != s.rest {
		s.commits = 0
	}
}

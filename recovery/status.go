package recovery

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/sla"
)

// ClockStatus is a clock of a case and how it stands at an instant.
type ClockStatus struct {
	sla.Clock
	sla.Status
	Under *sla.Agreement // the one that the clock started under, which can explain it
	Zone  *time.Location // that of the clock's calendar, to show its times in; UTC if it has none
}

// Clocks says how the clocks of a case stand now, as a screen shows them: of each
// clock the cycle that runs or, if none runs, the last one. Those that run come
// first, the one that is due next before the others, and those that have no due time
// because they are paused after them; then those that have ended, the latest first.
func (d *Desk) Clocks(ctx context.Context, id uuid.UUID) ([]ClockStatus, error) {
	t := task{op: "clocks", id: id}
	l, err := d.load(ctx, t)
	if err != nil {
		return nil, t.fail(err)
	}
	var out []ClockStatus
	for _, name := range clockIDs(&l.c) {
		k, _ := l.c.Clock(name)
		deepenClock(&k)
		s := ClockStatus{Clock: k}
		if s.Under, err = d.agreementOf(ctx, k.Agreement); err == nil {
			s.Status, err = s.Under.At(k, l.now)
		}
		if err != nil {
			return nil, t.fail(fmt.Errorf("clock %s: %w", name, err))
		}
		s.Zone = zoneOf(s.Under, k.Objective)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b ClockStatus) int {
		if order := cmp.Compare(a.rank(), b.rank()); order != 0 {
			return order
		}
		if a.Running() {
			return a.Due.Compare(b.Due)
		}
		return b.StoppedAt.Compare(a.StoppedAt)
	})
	return out, nil
}

// zoneOf is the zone of an objective's calendar, or UTC.
func zoneOf(a *sla.Agreement, objective string) *time.Location {
	if o, ok := a.Objective(objective); ok {
		if c, ok := a.Calendar(o.Calendar); ok {
			return c.Location()
		}
	}
	return time.UTC
}

// rank is which clocks stand before which. Only those that run are in the order of
// their due times.
func (s *ClockStatus) rank() int {
	switch {
	case !s.Running():
		return 2
	case s.Due.IsZero():
		return 1
	}
	return 0
}

// clockIDs are the ids of a case's clocks, each once.
func clockIDs(c *Case) []string {
	var ids []string
	for _, k := range c.Clocks {
		if !slices.Contains(ids, k.ID) {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// Explain says how the due time of a clock came about: the spans from its start
// that were counted, closed and paused, under the agreement that it started with.
// The clock is named by its id: the metric's name, a statutory objective's id, or
// "promise:3"; one that the case does not have is an error that wraps [ErrInvalid].
func (d *Desk) Explain(ctx context.Context, id uuid.UUID, clock string) ([]sla.Span, error) {
	t := task{op: "explain", id: id}
	l, err := d.load(ctx, t)
	if err != nil {
		return nil, t.fail(err)
	}
	k, ok := l.c.Clock(clock)
	if !ok {
		return nil, t.fail(unknownClock(clock, clockIDs(&l.c)))
	}
	a, err := d.agreementOf(ctx, k.Agreement)
	if err != nil {
		return nil, t.fail(fmt.Errorf("clock %s: %w", clock, err))
	}
	spans, err := a.Explain(k, l.now)
	if err != nil {
		return nil, t.fail(err)
	}
	return spans, nil
}

// unknownClock says which clocks the case has, and how they are named.
func unknownClock(id string, known []string) error {
	const naming = `a clock's id is the metric's name, a statutory objective's id, or "promise:1"`
	if len(known) == 0 {
		return invalid("clock", "unknown clock %q: the case has none (%s)", id, naming)
	}
	if near := jsondoc.Nearest(id, known); near != "" {
		return invalid("clock", "unknown clock %q (did you mean %q?)", id, near)
	}
	return invalid("clock", "unknown clock %q (the case has: %s; %s)", id, strings.Join(known, ", "), naming)
}

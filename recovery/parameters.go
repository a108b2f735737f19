package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Parameters is the question of step 1: what can I do for this customer? Every
// kind of remedy comes with its verdict for this case and this actor (alone and up
// to what, with whose approval, not at all, and why) and with what is left of the
// caps; those of the playbook in use ([Case].Playbook), or else of the one that fits,
// come first, in its order. Who may not propose, whatever their role, is denied.
func (d *Desk) Parameters(ctx context.Context, id uuid.UUID, by Actor) ([]policy.Parameter, error) {
	t := task{op: "parameters", id: id, by: by}
	if err := d.checkActor(by); err != nil {
		return nil, t.fail(err)
	}
	l, err := d.load(ctx, t)
	if err != nil {
		return nil, t.fail(err)
	}
	if err := by.may("propose", &l.c); err != nil {
		return nil, t.fail(err)
	}
	var preferred []policy.Kind
	if book := d.playbooks.inUse(&l.c); book != nil {
		preferred = book.Remedies
	}
	var out []policy.Parameter
	_, err = d.working(ctx, by, l, func(w *work) error {
		r := w.request(by.forPolicy(), nil, nil)
		var held int // what the open offer holds itself, a new one would replace
		if o := liveOffer(&l.c); o != nil {
			held = o.N
		}
		if err := w.given(&r, held); err != nil {
			return err
		}
		out = d.policy.Parameters(r, preferred...)
		return nil
	})
	if err != nil {
		return nil, t.fail(err)
	}
	return out, nil
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
		var ids []string
		for _, k := range l.c.Clocks {
			if !slices.Contains(ids, k.ID) {
				ids = append(ids, k.ID)
			}
		}
		return nil, t.fail(unknownClock(clock, ids))
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

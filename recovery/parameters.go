package recovery

import (
	"context"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
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
		if err := w.given(&r, w.policy.Ledgers(r), held, w.superseding(held)); err != nil {
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

package recovery

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/sla"
)

// document is a policy, an agreement or playbooks in force. It is kept in the
// store, under its digest, before the first record that was decided by it: so
// an old case can always be explained, and a paused clock resumed.
type document struct {
	event  DocumentKept
	digest [32]byte
	stream uuid.UUID
}

func inForce(o *Options) []document {
	var out []document
	keep := func(kind, name, version string, digest [32]byte, doc []byte) {
		hex := fmt.Sprintf("%x", digest)
		out = append(out, document{DocumentKept{kind, name, version, hex, string(doc)}, digest, documentStream(hex)})
	}
	if p := o.Policy; len(p.Document()) > 0 {
		keep("policy", p.Name(), p.Version(), p.Digest(), p.Document())
	}
	if a := o.Agreement; a != nil {
		keep("agreement", a.Name(), a.Version(), a.Digest(), a.Document())
	}
	b := o.Playbooks
	keep("playbooks", b.Name(), b.Version(), b.Digest(), b.Document())
	return out
}

func documentStream(hex string) uuid.UUID { return history.StreamOf("document:" + hex) }

// keep stores the documents in force, if they are not there. In the host's
// transaction it is not known whether they will stay.
func (d *Desk) keep(ctx context.Context) error {
	if d.kept.Load() {
		return nil
	}
	for _, doc := range d.documents {
		if _, err := d.store.Head(ctx, doc.stream); err == nil {
			continue
		} else if !errors.Is(err, history.ErrNotFound) {
			return err
		}
		r, err := encode(doc.event)
		if err != nil {
			return err
		}
		r.Time, r.Actor = micro(d.options.Now()), system().String()
		b, err := history.Next(history.Head{}, history.Head{Stream: doc.stream, Kind: kindDocument}, r)
		if err != nil {
			return err
		}
		c := history.Commit{Key: "amends:document:" + doc.event.Digest, Digest: doc.digest, Batches: []history.Batch{b}}
		if _, err := d.store.Append(ctx, c); err != nil && !errors.Is(err, history.ErrConflict) {
			return fmt.Errorf("keep the %s: %w", doc.event.Kind, err)
		}
	}
	if !d.bound {
		d.kept.Store(true)
	}
	return nil
}

// agreementsOf are the earlier agreements that running clocks of a case started under.
func (d *Desk) agreementsOf(ctx context.Context, c Case) (map[sla.Digest]*sla.Agreement, error) {
	var out map[sla.Digest]*sla.Agreement
	for _, k := range c.Clocks {
		if !k.Running() || out[k.Agreement] != nil || d.agreement != nil && d.agreement.Digest() == k.Agreement {
			continue
		}
		a, err := d.agreementOf(ctx, k.Agreement)
		if err != nil {
			return nil, fmt.Errorf("clock %s: %w", k.ID, err)
		}
		if out == nil {
			out = map[sla.Digest]*sla.Agreement{}
		}
		out[k.Agreement] = a
	}
	return out, nil
}

// agreementOf is the agreement with a digest: the one in force, or an earlier one
// from the store.
func (d *Desk) agreementOf(ctx context.Context, digest sla.Digest) (*sla.Agreement, error) {
	if d.agreement != nil && d.agreement.Digest() == digest {
		return d.agreement, nil
	}
	if a, ok := d.agreements.Load(digest); ok {
		if a, ok := a.(*sla.Agreement); ok {
			return a, nil
		}
	}
	records, err := d.store.Records(ctx, documentStream(digest.String()), 0, 1)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("agreement %s: %w", digest, history.ErrNotFound)
	}
	e, err := Decode(records[0])
	if err != nil {
		return nil, err
	}
	doc, ok := e.(DocumentKept)
	if !ok || sha256.Sum256([]byte(doc.Document)) != digest {
		return nil, fmt.Errorf("agreement %s: the document kept is not the one with this digest", digest)
	}
	a, err := sla.Load([]byte(doc.Document))
	if err != nil {
		return nil, fmt.Errorf("agreement %s: %w", digest, err)
	}
	d.agreements.Store(digest, a)
	return a, nil
}

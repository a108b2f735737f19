package sla

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"

	"github.com/amends-go/amends/internal/jsondoc"
)

// AgreementSpec is what an agreement is made of.
type AgreementSpec struct {
	Name, Version string
	Calendars     []CalendarSpec
	Objectives    []Objective // in the order of precedence
}

// Name is a name that an agreement uses and only the host knows, with its place in the document.
type Name struct {
	// Attribute is that of a condition ("channel", …), "role" for a warning's Notify, or "pause", "stop" and "extend" for what does that.
	Attribute, Value string
	Line, Column     int // 1-based; 0 for an agreement made in Go
}

// Digest is the SHA-256 of an agreement's canonical document. Its text, in JSON too, is hexadecimal.
type Digest [32]byte

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText is String.
func (d Digest) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// AppendText appends String.
func (d Digest) AppendText(b []byte) ([]byte, error) { return hex.AppendEncode(b, d[:]), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("sla: digest: want %d hexadecimal digits, got %d characters", hex.EncodedLen(len(d)), len(text))
	}
	if _, err := hex.Decode(d[:], text); err != nil {
		return fmt.Errorf("sla: digest: %w", err)
	}
	return nil
}

// Agreement is a named version of calendars and objectives, and what runs clocks by them. It is immutable and safe for concurrent use.
// Make it by Load or NewAgreement.
type Agreement struct {
	name, version string
	document      []byte
	digest        Digest
	calendars     map[string]*Calendar
	objectives    []*objective
	byID          map[string]*objective
	byMetric      map[Metric]*index
	names         []Name
	calendarSpots []calendarSpot
}

// objective is an Objective with what its clocks need at hand.
type objective struct {
	Objective
	calendar   *Calendar
	conditions []condition
	warnings   []string    // the names of its warnings
	thresholds []Threshold // of its clocks, in their usual order, without times

	spot
}

// spot is which of a document's objectives or calendars something is, and where that stands.
type spot struct{ item, line, column int }

// calendarSpot is that of a calendar.
type calendarSpot struct {
	name string
	spot
}

// index is a metric's objectives, in the document's order.
type index struct {
	objectives []*Objective
	conditions [][]condition
}

// Spec is what the agreement is made of, presets as the objectives that they stand for: the caller's own, to be changed and made into
// another agreement. So the holidays of another year get into an agreement that is kept as a document.
func (a *Agreement) Spec() AgreementSpec {
	r := agreementReader{calendars: map[string]*Calendar{}, byID: map[string]*objective{}}
	return r.read(jsondoc.Parse(a.document, limits()).Root())
}

// NewAgreement checks a specification and makes an agreement of it. The error is a *DocumentError with all that is wrong, by path.
func NewAgreement(s AgreementSpec) (*Agreement, error) {
	a, err := Load(encode(agreementDocument(s)))
	if err != nil {
		return nil, placeless(err)
	}
	for i := range a.names {
		a.names[i].Line, a.names[i].Column = 0, 0
	}
	for _, o := range a.objectives {
		o.line, o.column = 0, 0
	}
	for i := range a.calendarSpots {
		a.calendarSpots[i].line, a.calendarSpots[i].column = 0, 0
	}
	return a, nil
}

// Load reads an agreement's document. The error is a *DocumentError with all that is wrong, by line and column: fields, metrics and calendars
// that do not exist, targets and warnings that make no sense, objectives that never apply because earlier ones of the same metric
// hold wherever they do. A document has at most 10 MiB and a million values. What never applies is searched for with a bounded number of
// comparisons (five million, and ten thousand for what several cover together): it is all found in agreements of ten thousand objectives
// that differ as those of one house do, and not in ones of thousands that all but cover each other.
func Load(doc []byte) (*Agreement, error) {
	d := jsondoc.Parse(doc, limits())
	r := agreementReader{calendars: map[string]*Calendar{}, byID: map[string]*objective{}}
	spec := r.read(d.Root())
	if err := faults(d.Faults()); err != nil {
		return nil, err
	}
	a := &Agreement{
		name: spec.Name, version: spec.Version, document: encode(agreementDocument(spec)),
		calendars: r.calendars, objectives: r.objectives, byID: r.byID, byMetric: map[Metric]*index{}, names: r.names, calendarSpots: r.spots,
	}
	a.digest = sha256.Sum256(a.document)
	for _, o := range a.objectives {
		o.thresholds = ladder(o)
		x := a.byMetric[o.Metric]
		if x == nil {
			x = &index{}
			a.byMetric[o.Metric] = x
		}
		x.objectives = append(x.objectives, &o.Objective)
		x.conditions = append(x.conditions, o.conditions)
	}
	return a, nil
}

// Name is the agreement's name.
func (a *Agreement) Name() string { return a.name }

// Version is the agreement's version, in its maker's words.
func (a *Agreement) Version() string { return a.version }

// Digest is the SHA-256 of Document.
func (a *Agreement) Digest() Digest { return a.digest }

// Document is the agreement in its canonical form: Load(a.Document()) is an agreement with the same Digest.
func (a *Agreement) Document() []byte { return slices.Clone(a.document) }

// Calendar finds a calendar by name.
func (a *Agreement) Calendar(name string) (*Calendar, bool) {
	c, ok := a.calendars[name]
	return c, ok
}

// Objective finds an objective by its id. It is the agreement's own and must not be changed.
func (a *Agreement) Objective(id string) (*Objective, bool) {
	o, ok := a.byID[id]
	if !ok {
		return nil, false
	}
	return &o.Objective, true
}

// Objectives are copies of the agreement's objectives, in the document's order.
func (a *Agreement) Objectives() []Objective {
	all := make([]Objective, len(a.objectives))
	for i, o := range a.objectives {
		all[i] = o.clone()
	}
	return all
}

// Names are the names that the agreement uses and only the host knows, objective by objective: every value of a condition, every
// Notify, and everything that pauses, stops or extends.
func (a *Agreement) Names() iter.Seq[Name] { return slices.Values(a.names) }

// Select is the metric's objectives for the facts: the first that holds of those that are not statutory, and every statutory one that
// holds, in the document's order. They are the agreement's own and must not be changed, nor may the slice.
func (a *Agreement) Select(m Metric, f Facts) []*Objective {
	x := a.byMetric[m]
	if x == nil {
		return nil
	}
	var found []*Objective
	chosen := false
	for i, o := range x.objectives {
		if !o.Statutory && chosen || !hold(x.conditions[i], f) {
			continue
		}
		chosen = chosen || !o.Statutory
		if found == nil {
			found = x.objectives[i : i+1 : i+1] // one is shared, more are copied
		} else {
			found = append(found, o)
		}
	}
	return found
}

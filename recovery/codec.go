package recovery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/internal/jsonout"
)

// eventType reads and writes the events of one type.
type eventType struct {
	encode func(Event) (data, private []byte, err error)
	decode func(data, private []byte) (Event, error)
}

// eventTypes has an entry for each type and version that was ever stored.
//
//nolint:gochecknoglobals // a compiled table
var eventTypes = func() map[string]eventType {
	all := map[string]eventType{}
	add[Opened](all)
	add[Strategized](all)
	add[Acknowledged](all)
	add[Clarified](all)
	add[Unclear](all)
	add[Proposed](all)
	add[Approved](all)
	add[Refused](all)
	add[ApprovalExpired](all)
	add[Presented](all)
	add[Retracted](all)
	add[Lapsed](all)
	add[Accepted](all)
	add[Declined](all)
	add[GivenBack](all)
	add[PromiseMade](all)
	add[PromiseFulfilled](all)
	add[PromiseFreed](all)
	add[PromiseFailed](all)
	add[CheckedBack](all)
	add[RoundStarted](all)
	add[Deviated](all)
	add[Responded](all)
	add[Closed](all)
	add[Reopened](all)
	add[Referred](all)
	add[Decided](all)
	add[Delivered](all)
	add[Contacted](all)
	add[Waited](all)
	add[Resumed](all)
	add[Assigned](all)
	add[Escalated](all)
	add[EscalationAnswered](all)
	add[Reclassified](all)
	add[Learned](all)
	add[AbuseFlagged](all)
	add[Linked](all)
	add[Noted](all)
	add[ClockWarned](all)
	add[ClockBreached](all)
	add[BreachWithdrawn](all)
	add[Erased](all)
	add[Reserved](all)
	add[Spent](all)
	add[Released](all)
	add[Returned](all)
	add[DocumentKept](all)
	return all
}()

func add[E Event](all map[string]eventType) {
	var zero E
	plan := sync.OnceValue(jsonout.For[E])
	encode := func(e Event) (data, private []byte, err error) { return encodeAs(e, plan()) }
	all[zero.event()] = eventType{encode, decodeAs[E]}
}

// encode splits an event into the data that the fold needs and its personal texts.
func encode(e Event) (history.Record, error) {
	data, private, err := eventTypes[e.event()].encode(e)
	if err != nil {
		return history.Record{}, fmt.Errorf("recovery: encode %s: %w", e.event(), err)
	}
	return history.Record{Type: e.event(), Data: data, Private: private}, nil
}

// encodeAs takes the texts out of the event, and puts them back: elements of
// slices are shared with the case.
func encodeAs[E Event](e Event, plan *jsonout.Plan[E]) (data, private []byte, err error) {
	v, ok := e.(E)
	if !ok {
		return nil, nil, fmt.Errorf("%T is not %s", e, e.event())
	}
	var texts map[string]string
	personal(&v, func(name string, text *string) {
		if *text != "" {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[name], *text = *text, ""
		}
	})
	data, err = plan.Marshal(&v)
	if texts == nil || err != nil {
		return data, nil, err
	}
	personal(&v, func(name string, text *string) { *text = texts[name] })
	private, err = json.Marshal(texts)
	return data, private, err
}

func decodeAs[E Event](data, private []byte) (Event, error) {
	var v E
	if err := strict(data, &v); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	if private != nil {
		if err := strict(private, &texts); err != nil {
			return nil, fmt.Errorf("private: %w", err)
		}
	}
	var misplaced error
	personal(&v, func(name string, text *string) {
		if *text != "" {
			misplaced = fmt.Errorf("the text %q stands among the data", name)
		}
		*text = texts[name]
		delete(texts, name)
	})
	for name := range texts {
		return nil, fmt.Errorf("private: unknown text %q", name)
	}
	return v, misplaced
}

// strict decodes one JSON value and refuses what the type does not know.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("data after the value")
	}
	return nil
}

// Decode returns the event that a record holds. A type, version or field that
// this program does not know was written by a newer one: it is refused with an
// error that wraps [ErrUnknownEvent], and never dropped. Texts that were erased
// are empty.
func Decode(r history.Record) (Event, error) {
	t, ok := eventTypes[r.Type]
	if !ok {
		return nil, fmt.Errorf("%w: record %d of stream %s has type %q", ErrUnknownEvent, r.Sequence, r.Stream, r.Type)
	}
	e, err := t.decode(r.Data, r.Private)
	if err != nil {
		return nil, fmt.Errorf("%w: record %d of stream %s, type %s: %w", ErrUnknownEvent, r.Sequence, r.Stream, r.Type, err)
	}
	return e, nil
}

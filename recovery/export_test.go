package recovery

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Replay folds a case from its records alone.
func (d *Desk) Replay(ctx context.Context, id uuid.UUID) (Case, error) {
	return d.replay(ctx, id, math.MaxUint64)
}

// Moves are the transitions of the table, as "from to".
func Moves() map[string]bool {
	out := map[string]bool{}
	for _, m := range table {
		for _, from := range m.from {
			out[string(from)+" "+string(m.to)] = true
		}
	}
	return out
}

// Held counts what a ledger's entries hold for each case and offer without being spent.
func Held(h history.Head) (name string, held map[uuid.UUID]int, spent int, err error) {
	l, err := decodeLedger("", h)
	if err != nil {
		return "", nil, 0, err
	}
	held = map[uuid.UUID]int{}
	for _, e := range l.Entries {
		if e.Spent {
			spent++
		} else {
			held[e.Case]++
		}
	}
	return l.Name, held, spent, nil
}

// SpentOf is what a ledger's entries hold that was spent on each case, in minor units.
func SpentOf(h history.Head) (map[uuid.UUID]int64, error) {
	l, err := decodeLedger("", h)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]int64{}
	for _, e := range l.Entries {
		if e.Spent {
			out[e.Case] += e.Amount.Minor
		}
	}
	return out, nil
}

// EventTypes are the types that the codec knows.
func EventTypes() []string {
	var out []string
	for t := range eventTypes {
		out = append(out, t)
	}
	return out
}

// Encode is the record of an event.
func Encode(e Event) (history.Record, error) { return encode(e) }

// Table is the transition table as rows of event, from, to.
func Table() [][3]string {
	var out [][3]string
	for _, m := range table {
		for _, from := range m.from {
			out = append(out, [3]string{string(m.event), string(from), string(m.to)})
		}
	}
	return out
}

// CheckRows checks a transition table given as rows of event, from, to.
func CheckRows(rows ...[3]string) error {
	var moves []move
	for _, r := range rows {
		moves = append(moves, move{outcome(r[0]), []Step{Step(r[1])}, Step(r[2])})
	}
	return checkTable(moves)
}

// Next is the step that the state machine takes.
func Next(from Step, event string) (Step, error) {
	m, err := newMachine()
	if err != nil {
		return "", err
	}
	return m.next(from, outcome(event))
}

// EncodeState is the state that a head holds of a case.
func EncodeState(c Case) ([]byte, error) { return casePlan().Marshal(&caseState{schema, &c}) }

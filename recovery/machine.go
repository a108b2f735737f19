package recovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/looplab/fsm"
)

// machine executes the transition table on looplab/fsm. Safe for concurrent use.
type machine struct{ pool sync.Pool }

// newMachine checks the table and returns a machine for it.
func newMachine() (*machine, error) {
	if err := checkTable(table); err != nil {
		return nil, err
	}
	events := fsmEvents()
	m := &machine{}
	m.pool.New = func() any { return fsm.NewFSM(string(StepReceived), events, nil) }
	return m, nil
}

func fsmEvents() fsm.Events {
	events := make(fsm.Events, 0, len(table))
	for _, m := range table {
		from := make([]string, len(m.from))
		for i, s := range m.from {
			from[i] = string(s)
		}
		events = append(events, fsm.EventDesc{Name: string(m.event), Src: from, Dst: string(m.to)})
	}
	return events
}

// next is the step that the event leads to. An event that the step does not
// have is ErrStep.
func (m *machine) next(from Step, ev outcome) (Step, error) {
	f, ok := m.pool.Get().(*fsm.FSM)
	if !ok {
		return "", errors.New("recovery: the pool holds something else")
	}
	f.SetState(string(from))
	err := f.Event(context.Background(), string(ev))
	to := Step(f.Current())
	var invalidEvent fsm.InvalidEventError
	var unknown fsm.UnknownEventError
	var stays fsm.NoTransitionError
	switch {
	case err == nil, errors.As(err, &stays):
		m.pool.Put(f)
		return to, nil
	case errors.As(err, &invalidEvent), errors.As(err, &unknown):
		m.pool.Put(f)
		return "", ErrStep
	}
	// Anything else leaves the machine in a transition that never ends: it is thrown away.
	return "", fmt.Errorf("recovery: state machine: %w", err)
}

// Format is a language for diagrams.
type Format string

// The languages in which Diagram draws.
const (
	Mermaid  Format = "mermaid"  // a state diagram, as GitHub renders it in Markdown
	Graphviz Format = "graphviz" // for dot
)

// Diagram writes the transition table of the five-step process as a diagram. An
// unknown format is an error that wraps [ErrInvalid].
func Diagram(w io.Writer, f Format) error {
	table := fsm.NewFSM(string(StepReceived), fsmEvents(), nil)
	var text string
	var err error
	switch f {
	case Mermaid:
		text, err = fsm.VisualizeForMermaidWithGraphType(table, fsm.StateDiagram)
	case Graphviz:
		text = fsm.Visualize(table)
	default:
		return fmt.Errorf("recovery: diagram: %w: format %q; there are %q and %q", ErrInvalid, f, Mermaid, Graphviz)
	}
	if err != nil {
		return fmt.Errorf("recovery: diagram: %w", err)
	}
	_, err = io.WriteString(w, text)
	return err
}

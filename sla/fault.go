package sla

import "github.com/amends-go/amends/internal/jsondoc"

// Fault is one thing wrong with a document or a specification.
type Fault struct {
	Line, Column int    // 1-based, of the document; 0 for a specification made in Go
	Path         string // where in it, as in "objectives[3].target"
	Msg          string // what is wrong, and what would be right
	DidYouMean   string // the known name that was probably meant, or empty
}

// String is the fault on one line: place, path, message, suggestion.
func (f Fault) String() string { return jsondoc.Fault(f).String() }

// DocumentError is all that is wrong with an agreement or a calendar, in the order of the document.
type DocumentError struct{ Faults []Fault }

// Error lists the faults, each on a line of its own if there are several.
func (e *DocumentError) Error() string { return jsondoc.Listing("sla", e.Faults) }

// faults makes an error of what was found; nil if nothing was.
func faults(found []jsondoc.Fault) error {
	if len(found) == 0 {
		return nil
	}
	e := &DocumentError{Faults: make([]Fault, len(found))}
	for i, f := range found {
		e.Faults[i] = Fault(f)
	}
	return e
}

// placeless takes the lines from an error about a document that the caller never saw.
func placeless(err error) error {
	if e, ok := err.(*DocumentError); ok { //nolint:errorlint // comes from faults, unwrapped
		for i := range e.Faults {
			e.Faults[i].Line, e.Faults[i].Column = 0, 0
		}
	}
	return err
}

package recovery

import "github.com/amends-go/amends/internal/jsondoc"

// Fault is one thing wrong with a document.
type Fault struct {
	Line, Column int    // 1-based; the column counts characters
	Path         string // where in the document, as in "playbooks[3].goal"; empty for the whole of it
	Msg          string // what is wrong, and what would be right
	DidYouMean   string // the known name that was probably meant, or empty
}

// String is the fault on one line: place, path, message, suggestion.
func (f Fault) String() string { return jsondoc.Fault(f).String() }

// DocumentError is all that is wrong with a document, in the order of its lines.
type DocumentError struct{ Faults []Fault }

// Error lists the faults, each on a line of its own if there are several.
func (e *DocumentError) Error() string { return jsondoc.Listing("recovery", e.Faults) }

// documentError makes an error of what was found; nil if nothing was.
func documentError(found []jsondoc.Fault) error {
	if len(found) == 0 {
		return nil
	}
	e := &DocumentError{Faults: make([]Fault, len(found))}
	for i, f := range found {
		e.Faults[i] = Fault(f)
	}
	return e
}

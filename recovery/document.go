package recovery

import (
	"fmt"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Fault is one thing wrong with a document.
type Fault struct {
	Line, Column int    // 1-based; the column counts characters
	Path         string // where in the document, as in "playbooks[3].goal"; empty for the whole of it
	Msg          string // what is wrong, and what would be right
	DidYouMean   string // the known name that was probably meant, or empty
}

// String is the fault on one line: place, path, message, suggestion.
func (f Fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:%d: ", f.Line, f.Column)
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Msg)
	if f.DidYouMean != "" {
		fmt.Fprintf(&b, "; did you mean %q?", f.DidYouMean)
	}
	return b.String()
}

// DocumentError is all that is wrong with a document, in the order of its lines.
type DocumentError struct{ Faults []Fault }

// Error lists the faults, each on a line of its own if there are several.
func (e *DocumentError) Error() string {
	if len(e.Faults) == 1 {
		return "recovery: " + e.Faults[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "recovery: %d faults", len(e.Faults))
	for _, f := range e.Faults {
		b.WriteString("\n\t" + f.String())
	}
	return b.String()
}

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

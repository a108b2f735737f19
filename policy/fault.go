package policy

import "github.com/amends-go/amends/internal/jsondoc"

// Fault is one thing wrong with a policy.
type Fault struct {
	Line, Column int    // in the document, from 1; zero for what is not in it, such as Options
	Path         string // "rows[3].upTo", "Options.Rules[0]"; may be empty
	Msg          string // what is wrong, and what would be right
	DidYouMean   string // the known name that was probably meant; may be empty
}

// String is, for example, `12:5: rows[2].role: unknown role "supervizor" (did you mean "supervisor"?)`.
func (f Fault) String() string { return jsondoc.Fault(f).String() }

// DocumentError holds every fault of a policy, in the order of the document.
type DocumentError struct{ Faults []Fault }

// Error has all faults, one a line.
func (e *DocumentError) Error() string { return jsondoc.Listing("policy", e.Faults) }

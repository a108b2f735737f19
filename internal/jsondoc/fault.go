package jsondoc

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a document. The packages whose documents people
// write have a type of their own with these fields, and convert.
type Fault struct {
	Line, Column int    // 1-based, the column counts characters; zero for what stands in no document
	Path         string // "rows[3].upTo"
	Msg          string
	DidYouMean   string
}

// String is the fault on one line, as in
// `12:5: rows[2].role: unknown role "supervizor" (did you mean "supervisor"?)`.
func (f Fault) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", f.Line, f.Column)
	}
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Msg)
	if f.DidYouMean != "" {
		fmt.Fprintf(&b, " (did you mean %q?)", f.DidYouMean)
	}
	return b.String()
}

// Listing is the text of a package's error about faults: one on the same line,
// several on a line each.
func Listing[F fmt.Stringer](pkg string, faults []F) string {
	if len(faults) == 1 {
		return pkg + ": " + faults[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d faults:", pkg, len(faults))
	for _, f := range faults {
		b.WriteString("\n" + f.String())
	}
	return b.String()
}

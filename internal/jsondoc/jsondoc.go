// Package jsondoc reads JSON documents that people write: strictly, whole, and with the place of every fault.
//
// A caller parses the document, reads everything it needs from the tree, faults of its own included, and looks at
// Faults once at the end: whoever wrote the document then sees all that is wrong with it, in the order of the lines.
//
//	d := jsondoc.Parse(doc, jsondoc.Limits{})
//	o := d.Root().Object("name", "rows")
//	name := o.Need("name").Text()
//	for _, row := range o.Get("rows").Items() { … }
//	if faults := d.Faults(); len(faults) > 0 { … }
//
// A Doc and its values are for one goroutine.
package jsondoc

import (
	"cmp"
	"fmt"
	"slices"
)

// Limits bound a document; zero fields mean the defaults (10 MiB, depth 64, 200,000 values). A depth over 10,000 means 10,000.
type Limits struct{ Bytes, Depth, Values int }

func (l Limits) orDefaults() Limits {
	pick := func(n, def int) int {
		if n > 0 {
			return n
		}
		return def
	}
	return Limits{Bytes: pick(l.Bytes, 10<<20), Depth: min(pick(l.Depth, 64), 10_000), Values: pick(l.Values, 200_000)}
}

// Doc is a parsed document and the faults found in it so far.
type Doc struct {
	root   *node
	faults []Fault
}

// Parse reads a document. Duplicate keys, trailing data, a byte order mark, invalid UTF-8, unpaired surrogates, raw control
// characters and exceeded limits are faults. It reads on after a fault where what follows is still clear. Of fields of the same
// name the first is kept.
func Parse(b []byte, l Limits) *Doc {
	d := &Doc{}
	l = l.orDefaults()
	if len(b) > l.Bytes {
		d.fault(place{1, 1}, "", fmt.Sprintf("the document has %d bytes; at most %d are read", len(b), l.Bytes), "")
		return d
	}
	p := &parser{d: d, s: string(b), limits: l, seen: place{1, 1}}
	d.root = p.document()
	return d
}

// Root is the document's value; absent if it did not parse.
func (d *Doc) Root() Value { return Value{d: d, n: d.root} }

const maxFaults = 100

// Faults are those found so far, in the order of their places (at most 100, then one that counts the rest).
func (d *Doc) Faults() []Fault {
	all := slices.Clone(d.faults)
	slices.SortStableFunc(all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	all = slices.Compact(all)
	if rest := len(all) - maxFaults; rest > 0 {
		next := all[maxFaults]
		all = append(all[:maxFaults:maxFaults], Fault{Line: next.Line, Column: next.Column, Msg: fmt.Sprintf("and %d more faults from here on", rest)})
	}
	return all
}

func (d *Doc) fault(at place, path, msg, meant string) {
	d.faults = append(d.faults, Fault{Line: at.line, Column: at.column, Path: path, Msg: msg, DidYouMean: meant})
}

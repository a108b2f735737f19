package policy

import (
	"errors"
	"fmt"
	"slices"
)

// euConditions compiles the conditions of the preset eu-2019-771, which need no more than is here.
type euConditions struct{}

// The parts of the preset's conditions, as its document has them.
const (
	euDefect    = `facts.defect != "none" && `
	euMajor     = `facts.defect == "major" && `
	euRepair    = `facts.repair == "possible"`
	euReplace   = `facts.replacement == "possible"`
	euExhausted = `(facts.repair == "failed" || facts.replacement == "failed" || facts.repair != "possible" && facts.replacement != "possible")`
)

// Compile knows the conditions of the preset and no others.
func (euConditions) Compile(when string) (func(*Request) (bool, error), error) {
	conditions := map[string]func(*Request) truth{
		euDefect + euRepair:    func(r *Request) truth { return r.defective().and(r.cure("repair", "possible")) },
		euDefect + euReplace:   func(r *Request) truth { return r.defective().and(r.cure("replacement", "possible")) },
		euDefect + euExhausted: func(r *Request) truth { return r.defective().and(r.exhausted()) },
		euMajor + euExhausted:  func(r *Request) truth { return r.defect("major").and(r.exhausted()) },
	}
	condition, known := conditions[when]
	if !known {
		return nil, errors.New("it is none of the preset's conditions; the module policy/cel compiles those of your own")
	}
	return func(r *Request) (bool, error) {
		t := condition(r)
		return t.holds, t.why
	}, nil
}

// defective tells whether the goods have a defect, be it minor.
func (r *Request) defective() truth { return r.defect("none").not() }

func (r *Request) defect(is string) truth { return r.is("defect", is, "none", "minor", "major") }

// cure tells how it stands with "repair" or "replacement".
func (r *Request) cure(which, is string) truth {
	return r.is(which, is, "possible", "impossible", "disproportionate", "failed")
}

// exhausted tells whether the time of repair and replacement is over.
func (r *Request) exhausted() truth {
	neither := r.cure("repair", "possible").not().and(r.cure("replacement", "possible").not())
	return r.cure("repair", "failed").or(r.cure("replacement", "failed")).or(neither)
}

// is tells whether a fact has one of the values that it can have.
func (r *Request) is(fact, value string, values ...string) truth {
	got, there := r.Facts[fact]
	if !there || got == "" {
		return truth{why: Missing(fact)}
	}
	text, _ := got.(string)
	if !slices.Contains(values, text) {
		return truth{why: fmt.Errorf("the fact %q is %v; want one of %q", fact, got, values)}
	}
	return truth{holds: text == value}
}

// truth is whether a condition holds, or why that is not known. What settles a condition needs no other fact.
type truth struct {
	holds bool
	why   error
}

func (a truth) not() truth { return truth{!a.holds && a.why == nil, a.why} }

func (a truth) and(b truth) truth {
	switch {
	case a.why == nil && !a.holds, b.why == nil && !b.holds:
		return truth{}
	case a.why == nil:
		return b
	}
	return truth{why: alsoMissing(a.why, b.why)}
}

func (a truth) or(b truth) truth { return a.not().and(b.not()).not() }

// alsoMissing is the first of two reasons, with all the facts that are missing.
func alsoMissing(a, b error) error {
	x, _ := errors.AsType[*MissingError](a)
	y, _ := errors.AsType[*MissingError](b)
	if x == nil || y == nil {
		return a
	}
	return Missing(addMissing(slices.Clone(x.Facts), y.Facts)...)
}

package policytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/policy"
)

// Check judges every case of a document by the policy. What is wrong with the document is reported at once, as a *policy.DocumentError; a
// case that does not hold is no error but a [Result] that says so. The package documentation describes the document, which has at most
// 10 MiB, 10,000 cases and 1,000 items in any other list.
func Check(rules *policy.Set, cases []byte) (*Report, error) {
	s, err := load(rules, cases)
	if err != nil {
		return nil, err
	}
	r := &Report{Rules: outline(rules).ids(), EveryRule: s.everyRule}
	fired := map[string]bool{}
	for _, c := range s.cases {
		d := rules.Judge(c.request)
		for _, f := range d.Findings {
			if f.Error == "" {
				fired[f.Rule] = true
			}
		}
		r.Results = append(r.Results, Result{Name: c.name, Line: c.line, Column: c.column, Request: c.request, Decision: d, Wrong: c.wrong(d)})
	}
	for _, id := range r.Rules {
		if !fired[id] {
			r.Unfired = append(r.Unfired, id)
		}
	}
	return r, nil
}

// contents are what a policy's document says of its own names.
type contents struct {
	Ledgers     []string
	Rows, Rules []struct{ ID string }
}

func outline(rules *policy.Set) (c contents) {
	_ = json.Unmarshal(rules.Document(), &c) // of a policy without rules it is empty
	return c
}

// ids are those of the rows and of the rules in Go, sorted.
func (c contents) ids() []string {
	var ids []string
	for _, r := range slices.Concat(c.Rows, c.Rules) {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

// Report is what Check found.
type Report struct {
	Results   []Result // of the cases, in their order
	Rules     []string // the policy's rows and rules in Go, by id, sorted
	Unfired   []string // those that no case fires, sorted; one that only ever failed has not fired
	EveryRule bool     // the document demands that there are none
}

// OK tells whether every case holds and, if the document demands it, every rule was fired.
func (r *Report) OK() bool {
	return r.covered() && !slices.ContainsFunc(r.Results, func(x Result) bool { return !x.OK() })
}

func (r *Report) covered() bool { return !r.EveryRule || len(r.Unfired) == 0 }

// Coverage is, for example, "10 of 12 rules fired; no case fires money-manager, release".
func (r *Report) Coverage() string {
	text := fmt.Sprintf("%d of %d rules fired", len(r.Rules)-len(r.Unfired), len(r.Rules))
	if len(r.Unfired) > 0 {
		text += "; no case fires " + strings.Join(r.Unfired, ", ")
	}
	return text
}

// String is every case that does not hold, then a line of numbers: "11 of 12 cases hold; 10 of 12 rules fired; no case fires …".
func (r *Report) String() string {
	var b strings.Builder
	held := 0
	for _, x := range r.Results {
		if x.OK() {
			held++
			continue
		}
		b.WriteString(x.String() + "\n")
	}
	fmt.Fprintf(&b, "%d of %d cases hold; %s", held, len(r.Results), r.Coverage())
	return b.String()
}

// Result is one case and how it went.
type Result struct {
	Name         string
	Line, Column int             // in the document, from 1
	Request      policy.Request  // the case's facts and offer
	Decision     policy.Decision // the policy's answer
	Wrong        []string        // what is not as the case says; none if it holds
}

// OK tells whether the case holds.
func (r Result) OK() bool { return len(r.Wrong) == 0 }

// String is the case and whether it holds; if it does not, also what is wrong with it and the whole decision, a line for each rule:
//
//	12:5: an agent refunds 80 euros alone: does not hold
//	  want allowed, got needs approval by supervisor
//	  offered: refund of 80.00 EUR by an agent
//	  decided: needs approval by supervisor
//	  - refunds (allow, supervisor): 80.00 EUR of 500.00 EUR used
//	  by the policy "shop", version 2026-11
func (r Result) String() string {
	head := fmt.Sprintf("%d:%d: %s: ", r.Line, r.Column, r.Name)
	if r.OK() {
		return head + "holds"
	}
	return head + "does not hold\n  " + strings.Join(r.Wrong, "\n  ") + "\n  offered: " + offered(r.Request) + "\n  " +
		strings.Join(Words(r.Decision), "\n  ")
}

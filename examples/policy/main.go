// Policy loads a policy document, runs the cases that its owner wrote for it, shows
// what decisions say and what an agent may do, and asks what the next version of
// the policy would have decided.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/policytest"
)

// The policy in force, the one planned, and the cases are documents: their owner
// needs no Go to change and to test them.
var (
	//go:embed policy.json
	policyDocument []byte
	//go:embed next.json
	nextDocument []byte
	//go:embed cases.json
	casesDocument []byte
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	rules, faults := policy.Load(policyDocument, nil)
	next, nextFaults := policy.Load(nextDocument, nil)
	if err := errors.Join(faults, nextFaults); err != nil {
		return err // every fault of both documents, with line and column
	}
	report, err := policytest.Check(rules, casesDocument)
	if err != nil {
		return err
	}
	p := &printer{w: w}
	p.cases(rules, report)
	p.decisions(report)
	p.parameters(rules, report)
	p.whatIf(rules, next, report)
	return p.err
}

// printer keeps the first error of writing.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// cases shows each case of the document and whether it holds.
func (p *printer) cases(rules *policy.Set, report *policytest.Report) {
	p.printf("# The cases of %s %s\n\n", rules.Name(), rules.Version())
	for _, r := range report.Results {
		p.printf("%s\n", r)
	}
	p.printf("%s\n", report.Coverage())
}

// decisions explains some of them: to staff in full, to the customer by what is meant for them.
func (p *printer) decisions(report *policytest.Report) {
	p.printf("\n# What decisions say\n")
	for _, i := range []int{1, 4, 7, 8} {
		r := report.Results[i]
		p.printf("\n%s\n  %s\n", r.Name, strings.Join(policytest.Words(r.Decision), "\n  "))
		for _, text := range r.Decision.Explain("de-AT") {
			p.printf("  to the customer: %s\n", text)
		}
	}
}

// parameters is step one of a conversation: what can I do for this customer?
func (p *printer) parameters(rules *policy.Set, report *policytest.Report) {
	r := report.Results[7].Request // 20 euros were given already
	p.printf("\n# What %s, %s, may do after 20.00 EUR were given\n\n", r.Actor.ID, r.Actor.Role)
	preferred := []policy.Kind{policy.Replacement, policy.Repair, policy.Voucher, policy.Refund, policy.Apology}
	for _, x := range rules.Parameters(r, preferred...)[:len(preferred)] {
		p.printf("%s\n", x)
	}
}

// whatIf judges past requests, here those of the cases, by the version planned. A host reads them from where it keeps
// them, one by one: a million take no more memory than one.
func (p *printer) whatIf(rules, next *policy.Set, report *policytest.Report) {
	past := func(yield func(policy.Request, error) bool) {
		for _, r := range report.Results {
			if !yield(r.Request, nil) {
				return
			}
		}
	}
	p.printf("\n# What %s would change\n\n", next.Version())
	sum, err := policy.Diff(rules, next, past, func(c policy.Change) error {
		for _, x := range c.Request.Offer {
			p.printf("%s ", x.Kind)
		}
		p.printf("%s\n", c)
		return p.err
	})
	p.printf("\n%s\n", sum)
	p.err = errors.Join(p.err, err)
}

package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// entries checks what the request says was given before. An entry that no row can count, by what looks like a slip, would let a cap pass
// unseen: everything is denied then. It tells whether all is well.
func (j *judging) entries() (ok bool) {
	if j.s.kinds == nil {
		return true // nothing is counted
	}
	flaw, others := "", 0
	for i := range j.r.Given {
		g := &j.r.Given[i]
		if kind, of := j.given(i); kind >= 0 && of != elsewhere {
			continue
		}
		if i > 0 && g.Ledger == j.r.Given[i-1].Ledger && g.Kind == j.r.Given[i-1].Kind {
			continue // it has been looked at
		}
		if text := j.s.flawedEntry(g); text != "" && flaw == "" {
			flaw = fmt.Sprintf("given %d, %q of %q: %s", i+1, g.Kind, g.Ledger, text)
		} else if text != "" {
			others++
		}
	}
	if flaw == "" {
		return true
	}
	if others > 0 {
		flaw += fmt.Sprintf("; and %d more", others)
	}
	j.note(Finding{Rule: givenFinding, Effect: Deny, Error: flaw})
	return false
}

// flawedEntry is what is wrong with an entry, or "". Ledgers and kinds that are like none of the Set's are another policy's, and no flaw.
func (s *Set) flawedEntry(g *Given) string {
	if flaw := s.flawedLedger(g.Ledger); flaw != "" {
		return flaw
	}
	if s.kind(g.Kind) >= 0 {
		return ""
	}
	if g.Kind == "" {
		return "it has no kind"
	}
	if near := jsondoc.Nearest(string(g.Kind), s.kindNames()); near != "" {
		return fmt.Sprintf("unknown kind%s; if it was one once, it still has to be declared", didYouMean(near))
	}
	return ""
}

func (s *Set) flawedLedger(ledger string) string {
	if ledger == perCase {
		return ""
	}
	per, _, named := strings.Cut(ledger, ":")
	switch {
	case ledger == "":
		return "it has no ledger"
	case per == perCase:
		return `the case's own ledger is "case", without an id`
	case slices.Contains(s.ledgers, per):
		if !named {
			return fmt.Sprintf("the ledger has no id, as in %q", per+":42")
		}
		return ""
	}
	if near := jsondoc.Nearest(per, append([]string{perCase}, s.ledgers...)); near != "" {
		return fmt.Sprintf("unknown ledger %q%s", per, didYouMean(near))
	}
	return ""
}

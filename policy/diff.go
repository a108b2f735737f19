package policy

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Diff is what-if: it judges requests by two policies, calls changed for each that they decide differently, and sums up. A decision is
// different if its verdict is, or the role that it asks for, or whether it is the actor alone who may not.
//
// It holds one request at a time, so that a million of them take no more memory than one. It stops at the first error, of the requests or
// of changed, and returns it with the summary so far; changed may be nil.
//
// Each request is judged as it stands: what the one policy would have refused still counts where a later request has it as given. Where the
// new policy counts by a ledger that the old one did not, Given has to have its entries, which [Set.Ledgers] of the new one names.
func Diff(before, after *Set, requests iter.Seq2[Request, error], changed func(Change) error) (Summary, error) {
	t := diffing{before: before.orEmpty(), after: after.orEmpty(), changed: changed}
	for r, err := range requests {
		if err == nil {
			err = t.judge(&r)
		}
		if err != nil {
			return t.summary(), err
		}
	}
	return t.summary(), nil
}

// Change is a request that two policies decide differently.
type Change struct {
	Request       Request
	Before, After Decision
}

// Lost are the findings of the policy before that the one after does not have: its rule is gone, does not fire, has failed or no
// longer fails, or has another effect or role. Where a rule says something else, Lost has what it said and Gained what it says.
func (c Change) Lost() []Finding { return except(c.Before.Findings, c.After.Findings) }

// Gained are the findings of the policy after that the one before does not have.
func (c Change) Gained() []Finding { return except(c.After.Findings, c.Before.Findings) }

// except are the findings that the others do not have.
func except(all, others []Finding) []Finding {
	var rest []Finding
	for _, f := range all {
		if !slices.ContainsFunc(others, f.saysAs) {
			rest = append(rest, f)
		}
	}
	return rest
}

// saysAs tells whether two findings count for the same in a decision.
func (f Finding) saysAs(g Finding) bool {
	return f.Rule == g.Rule && f.Effect == g.Effect && f.By == g.By && f.Unfit == g.Unfit && (f.Error == "") == (g.Error == "")
}

// String is, for example, "allowed → needs approval by supervisor (no longer small-refunds: 40.00 EUR of 50.00 EUR used; now refunds: 40.00
// EUR of 500.00 EUR used)".
func (c Change) String() string {
	var why []string
	for _, part := range []struct {
		word string
		said []Finding
	}{{"no longer ", c.Lost()}, {"now ", c.Gained()}} {
		if len(part.said) > 0 {
			texts := make([]string, len(part.said))
			for i, f := range part.said {
				texts[i] = f.String()
			}
			why = append(why, part.word+strings.Join(texts, ", "))
		}
	}
	if len(why) == 0 {
		why = append(why, "by the same rules: the roles or remedies differ")
	}
	return fmt.Sprintf("%s → %s (%s)", c.Before.answer(), c.After.answer(), strings.Join(why, "; "))
}

// answer is the verdict, and who has to approve or else may, in words.
func (d Decision) answer() string {
	switch by := string(d.By); {
	case d.Unfit && by == "":
		return d.Verdict.words() + " for this actor"
	case d.Unfit:
		return d.Verdict.words() + " for this actor, not for " + by
	case by != "":
		return d.Verdict.words() + " by " + by
	}
	return d.Verdict.words()
}

// Summary says how many requests two policies decide differently.
type Summary struct {
	Judged  int         `json:"judged"`
	Changed int         `json:"changed"`
	Moves   []Move      `json:"moves,omitempty"` // of those changed, most first
	Rules   []RuleCount `json:"rules,omitempty"` // those in Change.Lost or Gained, most first
}

// Move is how many decisions went from one verdict to another. The two are the same where only the role changed that has to approve.
type Move struct {
	From  Verdict `json:"from"`
	To    Verdict `json:"to"`
	Count int     `json:"count"`
}

// RuleCount is in how many changed decisions a rule had a part.
type RuleCount struct {
	Rule  string `json:"rule"`
	Count int    `json:"count"`
}

// String is, for example, "3 of 1000 decisions change: 2 allowed → needs approval, 1 denied → allowed; by refunds (2), vouchers (1)".
func (s Summary) String() string {
	text := fmt.Sprintf("%d of %d decisions change", s.Changed, s.Judged)
	if s.Changed == 0 {
		return text
	}
	var moves, rules []string
	for _, m := range s.Moves {
		moves = append(moves, fmt.Sprintf("%d %s → %s", m.Count, m.From.words(), m.To.words()))
	}
	for _, r := range s.Rules {
		rules = append(rules, fmt.Sprintf("%s (%d)", r.Rule, r.Count))
	}
	text += ": " + strings.Join(moves, ", ")
	if len(rules) > 0 {
		text += "; by " + strings.Join(rules, ", ")
	}
	return text
}

// diffing is one run of Diff.
type diffing struct {
	before, after *Set
	changed       func(Change) error
	judged        int
	moves         [Mandated + 1][Mandated + 1]int
	rules         map[string]int
}

func (t *diffing) judge(r *Request) error {
	c := Change{Before: t.before.Judge(*r), After: t.after.Judge(*r)}
	t.judged++
	if c.Before.Verdict == c.After.Verdict && c.Before.By == c.After.By && c.Before.Unfit == c.After.Unfit {
		return nil
	}
	t.moves[c.Before.Verdict][c.After.Verdict]++
	t.count(c)
	if t.changed == nil {
		return nil
	}
	c.Request = *r
	return t.changed(c)
}

// count counts the rules of a change, each once.
func (t *diffing) count(c Change) {
	if t.rules == nil {
		t.rules = map[string]int{}
	}
	lost := c.Lost()
	for _, f := range lost {
		t.rules[f.Rule]++
	}
	for _, f := range c.Gained() {
		if !slices.ContainsFunc(lost, func(l Finding) bool { return l.Rule == f.Rule }) {
			t.rules[f.Rule]++
		}
	}
}

func (t *diffing) summary() Summary {
	s := Summary{Judged: t.judged}
	for from, row := range t.moves {
		for to, n := range row {
			if s.Changed += n; n > 0 {
				s.Moves = append(s.Moves, Move{Verdict(from), Verdict(to), n})
			}
		}
	}
	slices.SortStableFunc(s.Moves, func(a, b Move) int { return cmp.Compare(b.Count, a.Count) })
	for _, id := range slices.Sorted(maps.Keys(t.rules)) {
		s.Rules = append(s.Rules, RuleCount{id, t.rules[id]})
	}
	slices.SortStableFunc(s.Rules, func(a, b RuleCount) int { return cmp.Compare(b.Count, a.Count) })
	return s
}

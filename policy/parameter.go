package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// String is one line: "replacement: with approval by supervisor (swap-early: replaced rather than repaired in the first 30 days)", "refund:
// up to 50.00 EUR alone, up to 500.00 EUR with supervisor", "voucher: from 10.01 EUR alone", "apology: alone", "gift: not (no rule allows it)".
func (p Parameter) String() string {
	by := Role("")
	if p.Verdict == NeedsApproval && len(p.Ladder) > 0 {
		by = p.Ladder[0].By
	}
	var parts []string
	switch p.Verdict {
	case Denied:
		parts = append(parts, "not")
	case Blocked:
		parts = append(parts, "blocked")
	case NeedsApproval:
	case Allowed:
		parts = append(parts, between(p.From, p.UpTo)+"alone")
	case Mandated:
		if p.Owed.IsZero() {
			parts = append(parts, strings.TrimSpace("owed "+between(p.From, p.UpTo)))
		} else {
			parts = append(parts, strings.TrimSpace("owed "+between(Money{}, p.Owed)), cmp.Or(between(p.From, p.UpTo), "more ")+"alone")
		}
	}
	first := p.From
	for i, step := range p.Ladder {
		with := "with " + string(step.By)
		if i == 0 && p.Verdict == NeedsApproval {
			with = "with approval by " + string(step.By)
		}
		start := step.From
		if start == first {
			start = Money{} // as said
		} else {
			first = start
		}
		amounts := between(start, step.UpTo)
		if amounts == "" && len(parts) > 0 {
			amounts = "more "
		}
		parts = append(parts, amounts+with)
	}
	if p.Verdict != Denied && p.Verdict != Blocked {
		parts = append(parts, p.rest()...)
	}
	why := slices.Clone(p.Why)
	for i := range why {
		if x := &why[i].Compared; x.Used.Minor == 0 {
			x.Used, x.Limit = Money{}, Money{} // the line has the limit
		}
	}
	return string(p.Kind) + ": " + strings.Join(parts, ", ") + inWords(p.Verdict, by, why)
}

// between is "from 10.01 EUR up to 50.00 EUR ", as far as there are such bounds.
func between(from, upTo Money) string {
	text := ""
	if !from.IsZero() {
		text = fmt.Sprintf("from %s ", from)
	}
	if !upTo.IsZero() {
		text += fmt.Sprintf("up to %s ", upTo)
	}
	return text
}

// rest says what is left of caps.
func (p Parameter) rest() []string {
	var parts []string
	if !p.Left.IsZero() {
		parts = append(parts, fmt.Sprintf("%s left", p.Left))
	}
	if p.CountMax > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d left", p.CountLeft, p.CountMax))
	}
	return parts
}

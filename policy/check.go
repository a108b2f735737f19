package policy

import (
	"fmt"
	"unicode/utf8"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Check reports what is wrong with a remedy by itself, whoever offers it: its kind is unknown, its amount is negative, in no known
// currency, missing or zero where the kind is Cash, there where the kind is Words, or a text is not UTF-8. All faults are in one
// error.
func (s *Set) Check(r Remedy) error {
	if flaw := s.orEmpty().flaw(&r, s.orEmpty().kind(r.Kind), false); flaw != "" {
		return fmt.Errorf("policy: remedy %q: %s", r.Kind, flaw)
	}
	return nil
}

// flaw is what is wrong with a remedy whose kind has that index, or "". If noAmount, Cash may be without an amount.
func (s *Set) flaw(r *Remedy, kind int, noAmount bool) string {
	if kind < 0 {
		return "unknown kind" + didYouMean(jsondoc.Nearest(string(r.Kind), s.kindNames()))
	}
	nature := s.allKinds()[kind].nature
	text := ""
	if r.Amount.IsZero() {
		if nature == Cash && !noAmount {
			text = "; it needs an amount"
		}
	} else {
		text = r.Amount.flaw(nature)
	}
	if !utf8.ValidString(r.Item) {
		text += "; its item is not UTF-8"
	}
	if !utf8.ValidString(r.Payee) {
		text += "; its payee is not UTF-8"
	}
	if text == "" {
		return ""
	}
	return text[len("; "):]
}

func (m Money) flaw(n Nature) string {
	switch {
	case !m.Currency.known():
		return "; its amount is in no known currency"
	case n == Words:
		return "; it can have no amount, got " + m.String()
	case m.Minor < 0:
		return "; its amount is negative: " + m.String()
	case m.Minor == 0 && n == Cash:
		return "; its amount is zero"
	}
	return ""
}

func (s *Set) kindNames() []string {
	all := s.allKinds()
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = string(k.kind)
	}
	return names
}

package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Currency is an ISO 4217 code, its three letters packed into the low 24 bits. There is a constant for every code with a minor unit
// that is in force, and for ANG and BGN, which were until lately and in which there still are complaints. The codes without a
// minor unit (precious metals, XXX) are not among them: no amount can be held in them.
// The zero Currency is none. Its text and JSON form is the code.
type Currency uint32

// ParseCurrency reads a code of three capital letters. The error of an unknown one says which was probably meant.
func ParseCurrency(code string) (Currency, error) {
	if c := pack(code); c.known() {
		return c, nil
	}
	return 0, fmt.Errorf("policy: unknown currency %q%s", code, didYouMean(jsondoc.Nearest(code, codes())))
}

// String is the code, or "Currency(0x…)" for what is none.
func (c Currency) String() string {
	if !c.known() {
		return fmt.Sprintf("Currency(%#x)", uint32(c))
	}
	return c.code()
}

// Digits is how many digits the minor unit has (2 for EUR, 0 for JPY), and whether the currency is known.
func (c Currency) Digits() (int, bool) {
	if c == EUR || c == USD || c == GBP {
		return 2, true // most amounts are in one of them; the others are searched for
	}
	i, ok := slices.BinarySearchFunc(currencies[:], c, func(u minorUnit, c Currency) int {
		return cmp.Compare(u.code, c)
	})
	if !ok {
		return 0, false
	}
	return int(currencies[i].digits), true
}

// MarshalText writes the code. An unknown currency is an error.
func (c Currency) MarshalText() ([]byte, error) {
	if !c.known() {
		return nil, fmt.Errorf("policy: unknown currency %s", c)
	}
	return []byte(c.code()), nil
}

// UnmarshalText reads the code as ParseCurrency does.
func (c *Currency) UnmarshalText(text []byte) error {
	known, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = known
	return nil
}

func (c Currency) known() bool {
	_, ok := c.Digits()
	return ok
}

func (c Currency) code() string { return string([]byte{byte(c >> 16), byte(c >> 8), byte(c)}) }

func pack(code string) Currency {
	if len(code) != 3 {
		return 0
	}
	return Currency(code[0])<<16 | Currency(code[1])<<8 | Currency(code[2])
}

func codes() []string {
	all := make([]string, len(currencies))
	for i, u := range currencies {
		all[i] = u.code.code()
	}
	return all
}

// didYouMean is the tail of a message about an unknown name.
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", name)
}

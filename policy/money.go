package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var (
	// ErrCurrency says that amounts of different currencies met. They are never converted.
	ErrCurrency = errors.New("policy: amounts of different currencies")
	// ErrOverflow says that a sum does not fit into Money.
	ErrOverflow = errors.New("policy: amount out of range")
)

// Money is an amount in minor units (cents) of a currency: 16 bytes, exact, comparable with ==.
//
// The zero value is no amount at all and differs from an amount of zero, Money{0, EUR}: it adds to any currency, compares as zero,
// and its JSON is null. Otherwise JSON is {"amount":"49.99","currency":"EUR"}; the amount is a string, since readers of JSON
// numbers lose digits.
//
//nolint:recvcheck // what is read into needs a pointer, what is written does not
type Money struct {
	Minor    int64
	Currency Currency
}

// ParseMoney reads an amount such as "49.99", "49" or "-0.5" in a currency such as "EUR". More digits than the currency's minor unit
// has, an exponent, separators, spaces, a plus sign and leading zeros are refused: nothing is rounded and nothing guessed.
func ParseMoney(amount, currency string) (Money, error) {
	c, err := ParseCurrency(currency)
	if err != nil {
		return Money{}, err
	}
	minor, fault := c.parse(amount)
	if fault != "" {
		return Money{}, fmt.Errorf("policy: amount %q %s: %s", amount, currency, fault)
	}
	return Money{minor, c}, nil
}

// parse reads an amount in minor units, or says what is wrong with it. The currency is a known one.
func (c Currency) parse(amount string) (minor int64, fault string) {
	digits, _ := c.Digits()
	unsigned, negative := strings.CutPrefix(amount, "-")
	whole, part, point := strings.Cut(unsigned, ".")
	switch {
	case !isDigits(whole) || point && !isDigits(part):
		return 0, `want digits with at most one decimal point, as in "49.99"`
	case len(whole) > 1 && whole[0] == '0':
		return 0, "it starts with a zero too many"
	case len(part) > digits:
		return 0, fmt.Sprintf("%s has at most %d digits after the point", c, digits)
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	switch {
	case negative && err == nil && n <= -math.MinInt64:
		return -int64(n), ""
	case err != nil || n > math.MaxInt64:
		return 0, "out of range"
	}
	return int64(n), ""
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String is the amount and the currency, "49.99 EUR", or "no amount" for the zero value.
func (m Money) String() string {
	if m.IsZero() {
		return "no amount"
	}
	return m.Amount() + " " + m.Currency.String()
}

// Amount is the amount with all digits of its minor unit, "49.99", as ParseMoney reads it.
func (m Money) Amount() string {
	digits, _ := m.Currency.Digits()
	text := strconv.FormatInt(m.Minor, 10)
	if digits == 0 {
		return text
	}
	sign := ""
	if m.Minor < 0 {
		sign, text = "-", text[1:]
	}
	text = strings.Repeat("0", max(0, digits+1-len(text))) + text
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// IsZero tells whether m is the zero value, no amount. An amount of zero is not.
func (m Money) IsZero() bool { return m == Money{} }

// Add is m + n. The error wraps ErrCurrency or ErrOverflow.
func (m Money) Add(n Money) (Money, error) {
	c, err := m.common(n)
	if err != nil {
		return Money{}, err
	}
	sum := m.Minor + n.Minor
	if (sum > m.Minor) != (n.Minor > 0) && n.Minor != 0 {
		return Money{}, fmt.Errorf("%w: %s + %s", ErrOverflow, m, n)
	}
	return Money{sum, c}, nil
}

// Sub is m - n. The error wraps ErrCurrency or ErrOverflow.
func (m Money) Sub(n Money) (Money, error) {
	c, err := m.common(n)
	if err != nil {
		return Money{}, err
	}
	rest := m.Minor - n.Minor
	if (rest < m.Minor) != (n.Minor > 0) && n.Minor != 0 {
		return Money{}, fmt.Errorf("%w: %s - %s", ErrOverflow, m, n)
	}
	return Money{rest, c}, nil
}

// Compare is -1, 0 or +1 as m is less than, equal to or more than n. The error wraps ErrCurrency.
func (m Money) Compare(n Money) (int, error) {
	if _, err := m.common(n); err != nil {
		return 0, err
	}
	switch {
	case m.Minor < n.Minor:
		return -1, nil
	case m.Minor > n.Minor:
		return 1, nil
	}
	return 0, nil
}

// common is the currency of both. Where one is no amount, it is the other's.
func (m Money) common(n Money) (Currency, error) {
	switch {
	case m.Currency == n.Currency, n.IsZero():
		return m.Currency, nil
	case m.IsZero():
		return n.Currency, nil
	}
	return 0, fmt.Errorf("%w: %s and %s", ErrCurrency, m, n)
}

// MarshalJSON writes {"amount":"49.99","currency":"EUR"}, or null for the zero value. An unknown currency is an error.
func (m Money) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	if !m.Currency.known() {
		return nil, fmt.Errorf("policy: amount in unknown currency %s", m.Currency)
	}
	return fmt.Appendf(nil, `{"amount":"%s","currency":"%s"}`, m.Amount(), m.Currency), nil
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses everything else: an amount that is a JSON number, other fields, a field
// missing or given twice.
func (m *Money) UnmarshalJSON(b []byte) error {
	if string(bytes.TrimSpace(b)) == "null" {
		*m = Money{}
		return nil
	}
	const want = `want {"amount":"49.99","currency":"EUR"}`
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("policy: amount: %s", want)
	}
	fields := map[string]string{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("policy: amount: %s: %w", want, err)
		}
		value, err := d.Token()
		if err != nil {
			return fmt.Errorf("policy: amount: %s: %w", want, err)
		}
		name, _ := key.(string)
		if _, twice := fields[name]; twice || name != "amount" && name != "currency" {
			return fmt.Errorf("policy: amount: unknown or repeated field %q; %s", name, want)
		}
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("policy: amount: the field %q is not a string; %s", name, want)
		}
		fields[name] = text
	}
	if _, err := d.Token(); err != nil || len(fields) != 2 {
		return fmt.Errorf("policy: amount: %s", want)
	}
	if rest := b[d.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return fmt.Errorf("policy: amount: something follows it; %s", want)
	}
	parsed, err := ParseMoney(fields["amount"], fields["currency"])
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

package policy

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// Value is what a database stores: the text "49.99 EUR", or NULL for the zero value. An unknown currency is an error. Where SQL is to add
// amounts up, store Minor and Currency.String() in two columns instead.
func (m Money) Value() (driver.Value, error) {
	switch {
	case m.IsZero():
		return nil, nil //nolint:nilnil // database/sql's form of NULL
	case !m.Currency.known():
		return nil, fmt.Errorf("policy: amount in unknown currency %s", m.Currency)
	}
	return m.String(), nil
}

// Scan reads what Value stores, as text or bytes. Numbers are refused, since they have no currency and may have lost digits; a refused
// value changes nothing.
func (m *Money) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
		*m = Money{}
		return nil
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf(`policy: an amount is stored as a text such as "49.99 EUR", got a %T`, src)
	}
	amount, currency, ok := strings.Cut(text, " ")
	if !ok {
		return fmt.Errorf(`policy: an amount is stored as a text such as "49.99 EUR", got %q`, text)
	}
	read, err := ParseMoney(amount, currency)
	if err != nil {
		return err
	}
	*m = read
	return nil
}

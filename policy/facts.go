package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Facts are what the host knows beyond the fields of a Request, by name. A value is a string, bool, int, int64, Money or time.Time.
//
// JSON: strings, booleans, whole numbers, {"amount":"49.99","currency":"EUR"} and {"time":"2026-11-16T09:00:00Z"}. Whole numbers are
// read as int64 and times in UTC.
type Facts map[string]any

// Check reports every value of a type that Facts do not hold and every name or text that is not UTF-8, all at once.
func (f Facts) Check() error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if msg := checkFact(name, f[name]); msg != "" {
			faults = append(faults, fmt.Errorf("policy: fact %q: %s", name, msg))
		}
	}
	return errors.Join(faults...)
}

func checkFact(name string, value any) string {
	if name == "" || !utf8.ValidString(name) {
		return "its name is empty or not UTF-8"
	}
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return "not UTF-8"
		}
	case bool, int, int64:
	case Money:
		switch {
		case v.IsZero():
			return "no amount; leave out what is not known"
		case !v.Currency.known():
			return "unknown currency " + v.Currency.String()
		}
	case time.Time:
		if year := v.UTC().Year(); year < 1 || year > 9999 {
			return fmt.Sprintf("its year %d is not within 1 to 9999", year)
		}
	default:
		return fmt.Sprintf("a %T; want string, bool, int, int64, policy.Money or time.Time", value)
	}
	return ""
}

type factTime struct {
	Time time.Time `json:"time"`
}

// MarshalJSON writes the facts sorted by name. What Check refuses is an error.
func (f Facts) MarshalJSON() ([]byte, error) {
	if f == nil {
		return []byte("null"), nil
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(f))
	for name, value := range f {
		if t, ok := value.(time.Time); ok {
			value = factTime{t.UTC()}
		}
		out[name] = value
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. A repeated name, a fraction, null, an array and any other object are errors, and
// all of them are reported at once.
func (f *Facts) UnmarshalJSON(b []byte) error {
	if string(bytes.TrimSpace(b)) == "null" {
		*f = nil
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("policy: facts: want an object")
	}
	facts, faults := Facts{}, []error(nil)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("policy: facts: %w", err)
		}
		name, _ := key.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Errorf("policy: fact %q: %w", name, err)
		}
		if _, twice := facts[name]; twice {
			faults = append(faults, fmt.Errorf("policy: fact %q is given twice", name))
		}
		if facts[name], err = readFact(raw); err != nil {
			faults = append(faults, fmt.Errorf("policy: fact %q: %w", name, err))
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("policy: facts: %w", err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if err := facts.Check(); err != nil {
		return err
	}
	*f = facts
	return nil
}

func readFact(raw json.RawMessage) (any, error) {
	switch c := raw[0]; {
	case c == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case c == 't' || c == 'f':
		return c == 't', nil
	case c == '-' || '0' <= c && c <= '9':
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is not a whole number of 64 bits; write amounts as {\"amount\":…,\"currency\":…}", raw)
		}
		return n, nil
	case c == '{' && strings.Contains(string(raw), `"time"`):
		var t factTime
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&t); err != nil {
			return nil, err
		}
		return t.Time.UTC(), nil
	case c == '{':
		var m Money
		err := m.UnmarshalJSON(raw)
		return m, err
	}
	return nil, errors.New(`want a string, a boolean, a whole number, {"amount":…,"currency":…} or {"time":…}`)
}

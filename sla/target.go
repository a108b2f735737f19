package sla

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is what a target is counted in.
type Unit uint8

const (
	// Elapsed is time as it passes, at any hour: "24h".
	Elapsed Unit = iota + 1
	// Working is time in which the calendar is open: "8 working hours".
	Working
	// BusinessDays are dates on which the calendar opens: "10 business days".
	BusinessDays
	// CalendarDays are dates of the calendar's zone, in UTC if there is no calendar: "56 days".
	CalendarDays
	// CalendarWeeks are calendar days written as weeks: "8 weeks". Target.Days counts their days, a multiple of seven.
	CalendarWeeks
)

// Edge is when on its last day a target in days is due.
type Edge uint8

const (
	// SameTime is the same wall-clock time at which it began.
	SameTime Edge = iota
	// AtClose is the closing time of the last business day: "close of 3 business days".
	AtClose
)

// Target is a quantity of time in a unit: how long an objective gives. Its text, in JSON too, is as ParseTarget reads it. The zero Target
// is none.
type Target struct {
	Span time.Duration // of elapsed and working time, in whole seconds
	Days int           // of days and weeks
	Unit Unit
	Edge Edge // of business days
}

// maxDays is how many days a target may have: some 270 years.
const maxDays = 100_000

var (
	errTargetText = errors.New(`want a time as in "24h", "8 working hours", "10 business days", "close of 3 business days", "56 days" or "8 weeks"`)
	errNoTime     = errors.New("a target must be longer than zero")
	errCloseOf    = errors.New(`"close of" goes with business days`)
)

// ParseTarget reads a target: elapsed time as Go writes a duration ("24h", "90m"), "8 working hours" (minutes, seconds), "10 business days",
// "close of 3 business days", "56 days", "8 weeks". Zero and negative targets, and parts of a second, are errors; so is "2 hours", which
// may mean hours at any time ("2h") or working hours. The error says what was probably meant.
func ParseTarget(s string) (Target, error) {
	t, err := parseTarget(s)
	if err == nil {
		err = t.check()
	}
	if err != nil {
		var meant string
		if errors.Is(err, errTargetText) || errors.Is(err, errCloseOf) {
			meant = hint(s)
		}
		return Target{}, fmt.Errorf("sla: target %q: %w%s", s, err, meant)
	}
	return t, nil
}

func parseTarget(s string) (Target, error) {
	rest, atClose := strings.CutPrefix(s, "close of ")
	words := strings.Split(rest, " ")
	if len(words) == 1 && !atClose {
		d, err := time.ParseDuration(s)
		if err != nil {
			if len(s) > 1 && strings.TrimLeft(s, "0123456789") == "h" {
				return Target{}, fmt.Errorf("%s is too long a time", s)
			}
			return Target{}, errTargetText
		}
		return Target{Span: d, Unit: Elapsed}, nil
	}
	n, err := strconv.Atoi(words[0])
	if err != nil || strconv.Itoa(n) != words[0] {
		if errors.Is(err, strconv.ErrRange) {
			return Target{}, fmt.Errorf("%s is too long a time", words[0])
		}
		return Target{}, errTargetText
	}
	unit := strings.Join(words[1:], " ")
	if !strings.HasSuffix(unit, "s") {
		unit += "s" // "1 working hour"
	}
	if atClose && unit != "business days" {
		return Target{}, errCloseOf
	}
	switch unit {
	case "working hours":
		return working(n, time.Hour)
	case "working minutes":
		return working(n, time.Minute)
	case "working seconds":
		return working(n, time.Second)
	case "business days":
		t := Target{Days: n, Unit: BusinessDays}
		if atClose {
			t.Edge = AtClose
		}
		return t, nil
	case "days":
		return Target{Days: n, Unit: CalendarDays}, nil
	case "weeks":
		if n > maxDays/7 {
			return Target{}, fmt.Errorf("%d weeks are too long a time; at most %d", n, maxDays/7)
		}
		return Target{Days: max(n, -1) * 7, Unit: CalendarWeeks}, nil
	}
	return Target{}, errTargetText
}

func working(n int, unit time.Duration) (Target, error) {
	if n > int(1<<63-1)/int(unit) {
		return Target{}, fmt.Errorf("%d is too long a time", n)
	}
	return Target{Span: time.Duration(n) * unit, Unit: Working}, nil
}

// check says what is wrong with a target.
func (t Target) check() error {
	inDays := false
	switch t.Unit {
	case Elapsed, Working:
	case BusinessDays, CalendarDays, CalendarWeeks:
		inDays = true
	default:
		return fmt.Errorf("there is no unit %d", t.Unit)
	}
	switch {
	case inDays && t.Span != 0 || !inDays && t.Days != 0:
		return errors.New("a target is in days or in hours, not both")
	case t.Span < 0 || t.Days < 0 || t.Span == 0 && t.Days == 0:
		return errNoTime
	case t.Span%time.Second != 0:
		return errors.New("a target is in whole seconds")
	case t.Days > maxDays:
		return fmt.Errorf("%d days are too long a time; at most %d", t.Days, maxDays)
	case t.Edge > AtClose || t.Edge == AtClose && t.Unit != BusinessDays:
		return errCloseOf
	case t.Unit == CalendarWeeks && t.Days%7 != 0:
		return errors.New("weeks have seven days each")
	}
	return nil
}

// String is the target as ParseTarget reads it, in the largest unit that gives a whole number: "24h", "90m", "1 working hour",
// "close of 3 business days". Of the zero Target it is empty.
func (t Target) String() string { return string(t.append(nil)) }

func (t Target) append(b []byte) []byte {
	plural := func(n int, kind, unit string) []byte {
		b = append(append(append(strconv.AppendInt(b, int64(n), 10), ' '), kind...), unit...)
		if n != 1 {
			b = append(b, 's')
		}
		return b
	}
	switch t.Unit {
	case Elapsed:
		n, unit := whole(t.Span)
		return append(strconv.AppendInt(b, int64(n), 10), unit[0])
	case Working:
		n, unit := whole(t.Span)
		return plural(n, "working ", unit)
	case BusinessDays:
		if t.Edge == AtClose {
			b = append(b, "close of "...)
		}
		return plural(t.Days, "business ", "day")
	case CalendarDays:
		return plural(t.Days, "", "day")
	case CalendarWeeks:
		return plural(t.Days/7, "", "week")
	}
	return b
}

// whole is a duration as a whole number of the largest unit that allows it.
func whole(d time.Duration) (int, string) {
	switch {
	case d%time.Hour == 0:
		return int(d / time.Hour), "hour"
	case d%time.Minute == 0:
		return int(d / time.Minute), "minute"
	}
	return int(d / time.Second), "second"
}

// MarshalText is String; it fails on a target that ParseTarget would not give.
func (t Target) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// AppendText appends what MarshalText returns.
func (t Target) AppendText(b []byte) ([]byte, error) {
	if t == (Target{}) {
		return b, nil
	}
	if err := t.check(); err != nil {
		return b, fmt.Errorf("sla: target: %w", err)
	}
	return t.append(b), nil
}

// UnmarshalText is ParseTarget; an empty text is the zero Target.
func (t *Target) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Target{}
		return nil
	}
	parsed, err := ParseTarget(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// needsCalendar reports whether the target cannot be counted without a calendar.
func (t Target) needsCalendar() bool { return t.Unit == Working || t.Unit == BusinessDays }

var errNeedsCalendar = errors.New("working time and business days need a calendar")

// From is when the target is due for something received at an instant, which is first moved as the intake rules say. Elapsed time and calendar
// days need no calendar: without one the rules do not apply, and days are those of UTC. With one the result is in its zone. Where
// the answer would lie outside the years 1 to 9999, the error wraps ErrHorizon.
func (t Target) From(at time.Time, c *Calendar, in IntakeRules) (time.Time, error) {
	if err := t.check(); err != nil {
		return time.Time{}, fmt.Errorf("sla: target: %w", err)
	}
	if c == nil && t.needsCalendar() {
		return time.Time{}, fmt.Errorf("sla: target %q: %w", t, errNeedsCalendar)
	}
	start, err := received(at, c, in)
	if err != nil {
		return time.Time{}, err
	}
	return t.from(start, c)
}

// received is the time from which something counts.
func received(at time.Time, c *Calendar, in IntakeRules) (time.Time, error) {
	if c != nil {
		return c.receive(at, in)
	}
	if !inYears(at) {
		return time.Time{}, fmt.Errorf("%w: %d is not such a year", ErrHorizon, at.Year())
	}
	return at, nil
}

func (t Target) from(start time.Time, c *Calendar) (due time.Time, err error) {
	switch t.Unit {
	case Elapsed:
		due = start.Add(t.Span)
	case Working:
		return c.Add(start, t.Span)
	case BusinessDays:
		if due, err = c.AddDays(start, t.Days, IntakeRules{}); err == nil && t.Edge == AtClose {
			date, _ := c.local(due)
			_, due, _ = c.hours(date)
		}
		return due, err
	case CalendarDays, CalendarWeeks:
		if c != nil {
			date, clock := c.local(start)
			return c.wall(date+int64(t.Days), clock, int64(start.Nanosecond()))
		}
		due = start.UTC().AddDate(0, 0, t.Days)
	}
	if !inYears(due) {
		return time.Time{}, fmt.Errorf("%w: %s from %s", ErrHorizon, t, start.Format(time.RFC3339))
	}
	return due, nil
}

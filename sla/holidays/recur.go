package holidays

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teambition/rrule-go"
)

// The limits of recurrence. What a rule costs depends on the years it runs through, since it may give no date in any of them.
const (
	maxRules     = 200 // in a file
	maxRule      = 256 // bytes
	maxInterval  = 1000
	maxPositions = 12
)

// The calendar repeats itself, with its days of the week, after 400 years.
const cycle, daysOfCycle = 400, 146_097

// occurrences calls yield for each date on which the event begins that is not after the last one asked for: its own, those of its rule, and
// its extra ones, in no order, exceptions included, some perhaps twice. It stops when yield does not want more.
func (e *event) occurrences(last day, yield func(day) bool) error {
	if e.start <= last && !yield(e.start) {
		return nil
	}
	for _, d := range e.extra {
		if d <= last && !yield(d) {
			return nil
		}
	}
	if e.rule == nil || e.start > last {
		return nil
	}
	return e.recur(*e.rule, last, yield)
}

// recur runs the event's rule.
//
// The library ends a rule without dates only when it reaches the year 9999. So it is given the same rule as many whole cycles of the calendar
// later as fit before that year.
func (e *event) recur(option rrule.ROption, last day, yield func(day) bool) error {
	later := day((9999 - last.midnight().Year()) / cycle * daysOfCycle)
	option.Dtstart = (e.start + later).midnight()
	if !option.Until.IsZero() {
		last = min(last, day(option.Until.Unix()/secondsOfDay))
	}
	option.Until = (last + later).midnight()
	count := option.Count
	option.Count = 0 // the event's own date is the first, even if the rule would not give it
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return fmt.Errorf("RRULE: %w", err)
	}
	next := rule.Iterator()
	for n := 1; count == 0 || n < count; {
		t, ok := next()
		if !ok {
			return nil
		}
		d := day(t.Unix()/secondsOfDay) - later
		if d == e.start {
			continue
		}
		if !yield(d) {
			return nil
		}
		n++
	}
	return nil
}

// parseRule reads an RRULE of an all-day event, and refuses what RFC 5545, section 3.3.10, does: the library takes some of it for another rule,
// and fails on some.
func parseRule(text string) (*rrule.ROption, error) {
	if len(text) > maxRule {
		return nil, fmt.Errorf("RRULE of more than %d bytes", maxRule)
	}
	parts, err := ruleParts(strings.ToUpper(text))
	if err != nil {
		return nil, err
	}
	if len(parts["UNTIL"]) > 8 {
		return nil, fmt.Errorf("RRULE: UNTIL is at a time of day, %q: of a date it is a date, as in UNTIL=20261225", parts["UNTIL"])
	}
	option, err := rrule.StrToROption(strings.ToUpper(text))
	if err != nil {
		return nil, fmt.Errorf("RRULE %q: %w", text, err)
	}
	if err := checkRule(option, parts); err != nil {
		return nil, fmt.Errorf("RRULE %q: %w", text, err)
	}
	return option, nil
}

// ruleParts is a rule's parts by name.
func ruleParts(text string) (map[string]string, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := parts[name]; !ok || twice || value == "" {
			return nil, fmt.Errorf("RRULE: want NAME=value, each name once, not %q", part)
		}
		parts[name] = value
	}
	return parts, nil
}

func checkRule(o *rrule.ROption, parts map[string]string) error {
	for _, name := range []string{"BYHOUR", "BYMINUTE", "BYSECOND", "BYEASTER", "DTSTART"} {
		if parts[name] != "" {
			return fmt.Errorf("%s has no place in the rule of an all-day event", name)
		}
	}
	switch {
	case o.Freq > rrule.DAILY:
		return fmt.Errorf("FREQ=%v is no rule for dates", o.Freq)
	case parts["COUNT"] != "" && parts["UNTIL"] != "":
		return errors.New("COUNT and UNTIL; want one of them")
	case parts["COUNT"] != "" && o.Count < 1:
		return errors.New("COUNT: want 1 or more")
	case parts["INTERVAL"] != "" && (o.Interval < 1 || o.Interval > maxInterval):
		return fmt.Errorf("INTERVAL: want 1 to %d", maxInterval)
	case parts["WKST"] != "" && len(parts["WKST"]) != 2:
		return errors.New("WKST: want a day of the week")
	case o.Byweekno != nil && o.Freq != rrule.YEARLY:
		return errors.New("BYWEEKNO goes with FREQ=YEARLY alone")
	case o.Byyearday != nil && o.Freq != rrule.YEARLY:
		return errors.New("BYYEARDAY goes with FREQ=YEARLY alone")
	case o.Bymonthday != nil && o.Freq == rrule.WEEKLY:
		return errors.New("BYMONTHDAY does not go with FREQ=WEEKLY")
	case o.Bysetpos != nil && o.Bymonth == nil && o.Byweekno == nil && o.Byyearday == nil && o.Bymonthday == nil && o.Byweekday == nil:
		return errors.New("BYSETPOS needs another BY… to choose from")
	case len(o.Bysetpos) > maxPositions:
		return fmt.Errorf("BYSETPOS with more than %d positions", maxPositions)
	case hasZero(o.Bymonthday, o.Byyearday, o.Byweekno, o.Bysetpos):
		return errors.New("0 is no number of a day or a week")
	}
	return checkWeekdays(o, parts["BYDAY"])
}

func hasZero(lists ...[]int) bool {
	return slices.ContainsFunc(lists, func(list []int) bool { return slices.Contains(list, 0) })
}

// checkWeekdays checks the numbers of BYDAY, as in -1MO: of months there are five, of years fifty-three.
func checkWeekdays(o *rrule.ROption, text string) error {
	most := 0
	switch {
	case o.Freq == rrule.MONTHLY, o.Freq == rrule.YEARLY && o.Bymonth != nil:
		most = 5
	case o.Freq == rrule.YEARLY && o.Byweekno == nil:
		most = 53
	}
	for i, name := range strings.Split(text, ",") {
		if text == "" || len(name) == 2 {
			continue
		}
		if n := o.Byweekday[i].N(); n == 0 || max(n, -n) > most {
			return fmt.Errorf("BYDAY: there is no %s in what the rule repeats by", name)
		}
	}
	return nil
}

package sla

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// What people write for a target, and what they may have meant by it. None of it is accepted: "2 hours" may be hours at any time or working
// hours, and the difference is a deadline.

// hint is the end of an error about a text that is no target: what was probably meant, or nothing.
func hint(text string) string {
	var meant []string
	for _, s := range meantBy(text) {
		if t, err := parseTarget(s); err == nil && t.check() == nil {
			meant = append(meant, s)
		}
	}
	return didYouMean(meant)
}

// didYouMean is the end of an error: what was probably meant, or nothing.
func didYouMean(meant []string) string {
	if len(meant) == 0 {
		return ""
	}
	quoted := make([]string, len(meant))
	for i, s := range meant {
		quoted[i] = strconv.Quote(s)
	}
	return fmt.Sprintf(" (did you mean %s?)", strings.Join(quoted, " or "))
}

// spansMeantBy are what a text may have meant where only elapsed and working time will do. A calendar day is 24 hours; how many hours a
// business day has nobody knows.
func spansMeantBy(text string) []string {
	var meant []string
	for _, s := range meantBy(text) {
		t, err := parseTarget(s)
		if err != nil || t.check() != nil {
			continue
		}
		switch t.Unit {
		case Elapsed, Working:
			meant = append(meant, t.String())
		case CalendarDays, CalendarWeeks:
			meant = append(meant, Target{Span: time.Duration(t.Days) * 24 * time.Hour, Unit: Elapsed}.String())
		case BusinessDays:
		}
	}
	return meant
}

// meantBy are the targets that a text may have meant; what is no target among them is for the caller to leave out.
func meantBy(text string) []string {
	text, atClose := strings.CutPrefix(strings.Join(strings.Fields(strings.ToLower(text)), " "), "close of ")
	digits := len(text) - len(strings.TrimLeft(text, "+-.0123456789"))
	n, err := strconv.ParseFloat(text[:digits], 64)
	if err != nil || !(n > 0 && n < 1e6) {
		return nil
	}
	unit := unitMeant(strings.TrimSpace(text[digits:]))
	switch {
	case unit == "" && text[digits:] == "":
		return []string{count(n, "h"), count(n, "working hours"), count(n, "business days")}
	case atClose:
		if unit == "days" {
			unit = "business days"
		}
		return []string{"close of " + count(n, unit)}
	case unit == "h" || unit == "m" || unit == "s":
		size := map[string]time.Duration{"h": time.Hour, "m": time.Minute, "s": time.Second}[unit]
		d := time.Duration(n * float64(size)).Round(time.Second)
		return []string{Target{Span: d, Unit: Elapsed}.String(), Target{Span: d, Unit: Working}.String()}
	case strings.HasPrefix(unit, "working "):
		size := map[string]time.Duration{"working hours": time.Hour, "working minutes": time.Minute, "working seconds": time.Second}[unit]
		return []string{Target{Span: time.Duration(n * float64(size)).Round(time.Second), Unit: Working}.String()}
	case unit == "days" && n != float64(int(n)):
		return []string{Target{Span: time.Duration(n * 24 * float64(time.Hour)).Round(time.Second), Unit: Elapsed}.String()}
	}
	return []string{count(n, unit)}
}

// count is a number of a unit, in the singular where it is one.
func count(n float64, unit string) string {
	number := strconv.FormatFloat(n, 'f', -1, 64)
	switch {
	case len(unit) < 2:
		return number + unit
	case n == 1:
		unit = strings.TrimSuffix(unit, "s")
	}
	return number + " " + unit
}

// unitMeant is the unit that somebody may have meant; empty if none is near.
func unitMeant(s string) string {
	units := [][]string{
		{"working hours", "business hours", "office hours", "working hrs"},
		{"working minutes", "business minutes", "working mins"},
		{"working seconds", "business seconds"},
		{"business days", "working days", "bd", "workdays", "banking days", "weekdays"},
		{"days", "calendar days", "d"},
		{"weeks", "calendar weeks", "w"},
		{"h", "hours", "hrs"},
		{"m", "minutes", "mins"},
		{"s", "seconds", "secs"},
	}
	var all []string
	is := map[string]string{}
	for _, names := range units {
		for _, name := range names {
			for _, form := range []string{name, strings.TrimSuffix(name, "s")} {
				if is[form] == "" && form != "" {
					is[form] = names[0]
					all = append(all, form)
				}
			}
		}
	}
	if len(s) < 4 {
		return is[s] // too short for a slip
	}
	return is[jsondoc.Nearest(s, all)]
}

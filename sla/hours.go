package sla

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Texts of a calendar: times of day, intervals, days of the week, dates.

// dayNames are the days of the week as a document has them, by time.Weekday.
func dayNames() [7]string { return [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// parseDays reads "mon" or "mon-fri" (and "sat-mon").
func parseDays(text string) ([]time.Weekday, error) {
	names := dayNames()
	from, to, isRange := strings.Cut(text, "-")
	first := slices.Index(names[:], from)
	last := first
	if isRange {
		last = slices.Index(names[:], to)
	}
	if first < 0 || last < 0 {
		return nil, fmt.Errorf("%q is no day of the week", text)
	}
	days := []time.Weekday{time.Weekday(first)}
	for d := first; d != last; {
		d = (d + 1) % 7
		days = append(days, time.Weekday(d))
	}
	return days, nil
}

// daysMeant is what a text may have meant that names days in full, as in "Monday-Friday" and "Mon to Fri"; empty if it does not.
func daysMeant(text string) string {
	names := dayNames()
	var meant []string
	for _, day := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == '-' || r == '–' || r == '.' }) {
		if day == "to" {
			continue
		}
		i := slices.IndexFunc(names[:], func(name string) bool { return strings.HasPrefix(day, name) })
		if i < 0 || !strings.HasPrefix(strings.ToLower(time.Weekday(i).String()), strings.TrimSuffix(day, "s")) {
			return ""
		}
		meant = append(meant, names[i])
	}
	if len(meant) == 0 || len(meant) > 2 {
		return ""
	}
	return strings.Join(meant, "-")
}

// parseClock reads "15:04" or "15:04:05", up to "24:00", as seconds of the day.
func parseClock(text string) (int64, bool) {
	two := func(s string) (int64, bool) {
		if len(s) != 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
			return 0, false
		}
		return int64(s[0]-'0')*10 + int64(s[1]-'0'), true
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	var sec int64
	for i, part := range parts {
		n, ok := two(part)
		if !ok || i > 0 && n > 59 {
			return 0, false
		}
		sec = sec*60 + n
	}
	if len(parts) == 2 {
		sec *= 60
	}
	return sec, sec <= daySeconds
}

// parseInterval reads hours of a day. Those that last past midnight end beyond 24:00.
func parseInterval(text string) (Interval, span, error) {
	a, b, _ := strings.Cut(text, "-")
	from, okFrom := parseClock(a)
	to, okTo := parseClock(b)
	end := to
	switch {
	case !okFrom || !okTo:
		return Interval{}, span{}, fmt.Errorf("%q is no interval of a day: want \"09:00-17:30\", from 00:00 to 24:00", text)
	case from == daySeconds:
		return Interval{}, span{}, fmt.Errorf("%q begins at 24:00: write 00:00 on the next day", text)
	case from == to:
		return Interval{}, span{}, fmt.Errorf("%q begins and ends at the same time: a whole day is \"00:00-24:00\"", text)
	case to < from:
		to += daySeconds
	}
	return Interval{clockText(from), clockText(end)}, span{from, to}, nil
}

// clockText writes seconds of the day as "15:04", with seconds where there are any.
func clockText(sec int64) string {
	text := fmt.Sprintf("%02d:%02d", sec/3600, sec/60%60)
	if sec%60 != 0 {
		text += fmt.Sprintf(":%02d", sec%60)
	}
	return text
}

// String is the interval as a document has it: "09:00-17:30".
func (i Interval) String() string { return i.From + "-" + i.To }

// parseDate reads a date as days since 1 January 1970.
func parseDate(text string) (int64, error) {
	t, err := time.Parse(time.DateOnly, text)
	switch {
	case err == nil && inYears(t):
		return t.Unix() / daySeconds, nil
	case len(text) == len(time.DateOnly) && strings.Map(digitsToNine, text) == "9999-99-99":
		return 0, fmt.Errorf("%q: no such date in the years 1 to 9999", text)
	}
	return 0, fmt.Errorf("%q is no date: want one as in \"2026-12-25\", in the years 1 to 9999", text)
}

func digitsToNine(r rune) rune {
	if r >= '0' && r <= '9' {
		return '9'
	}
	return r
}

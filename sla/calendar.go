package sla

import (
	"fmt"
	"math"
	"time"
)

// Interval is hours of a day, each "15:04" or "15:04:05": "09:00" to "17:30", or "00:00" to "24:00". Hours that end before they begin
// last past midnight ("22:00" to "06:00"). In a document it is one text: "09:00-17:30".
type Interval struct{ From, To string }

// CalendarSpec is what a calendar is made of. Dates are texts as in "2026-12-25".
type CalendarSpec struct {
	Name    string // names the calendar in an agreement; otherwise optional
	Zone    string // its IANA zone, as in "Europe/London"; "" and "Local" are refused
	Version string // of the hours and holidays, in the host's own words; optional

	Weekly    map[time.Weekday][]Interval // hours of each day of the week; days that are missing are closed
	Holidays  []string                    // dates that are closed
	Overrides map[string][]Interval       // dates with hours of their own, which beat a holiday; no hours mean closed
	Breaks    map[string][]Interval       // hours of a date that are not open, whatever else says so
}

// Calendar is the hours in which work is done: open and closed time in one zone. The package documentation has its rules.
//
// Its answers are exact to the nanosecond, in the years 1 to 9999 and in its own zone, and take the same short time whatever the
// duration. It compiles a year when it is first asked about and keeps it. A Calendar is immutable and safe for concurrent use; make
// it by NewCalendar or take it from an Agreement.
type Calendar struct {
	spec  CalendarSpec
	rules rules
	years years
}

func newCalendar(spec CalendarSpec, r rules) *Calendar {
	c := &Calendar{spec: spec, rules: r}
	c.rules.mark()
	c.years.rules = &c.rules
	c.years.table.Store(&table{entries: make([]entry, 1)})
	return c
}

// Name is the calendar's name.
func (c *Calendar) Name() string { return c.spec.Name }

// Version is the version that the calendar's maker gave it; empty if none.
func (c *Calendar) Version() string { return c.spec.Version }

// Location is the calendar's zone, in which its answers are.
func (c *Calendar) Location() *time.Location { return c.rules.loc }

// moment is a point of open time: seconds since the table's start, and nanoseconds of the next.
type moment struct{ sec, nano int64 }

// moment is how much open time lies before a time, the year that has it, and whether it is open itself. A time outside the years 1 to
// 9999 is taken for their beginning or end; at their end, nano may be a whole second.
func (c *Calendar) moment(t time.Time) (m moment, e *entry, isOpen bool) {
	sec := t.Unix()
	nano := int64(t.Nanosecond())
	if sec < firstSecond {
		sec, nano = firstSecond, 0
	} else if sec >= endSecond {
		sec, nano = endSecond-1, nanosPerSec
	}
	e = c.years.at(sec)
	s := uint32(sec - e.start)
	w := e.page.at(s)
	if isOpen = w.has(s); !isOpen {
		nano = 0
	}
	return moment{e.before[openSeconds] + int64(w.until(s)), nano}, e, isOpen
}

func inYears(t time.Time) bool {
	sec := t.Unix()
	return sec >= firstSecond && sec < endSecond
}

// Between is the open time in [a, b): real elapsed time, exact to the nanosecond. It is negative if b is before a:
// Between(b, a) = -Between(a, b). Nothing is open outside the years 1 to 9999, and what is more than a Duration holds (292 years)
// is given as the longest Duration.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	from, _, _ := c.moment(a)
	to, _, _ := c.moment(b)
	return duration(to.sec-from.sec, to.nano-from.nano)
}

// duration is that of some seconds and less than one in nanoseconds, either of them negative or not. What is too long is the longest.
func duration(sec, nano int64) time.Duration {
	const longest, most = math.MaxInt64, math.MaxInt64 / nanosPerSec
	switch {
	case -most < sec && sec < most:
		return time.Duration(sec*nanosPerSec + nano)
	case sec < 0:
		return -duration(-sec, -nano)
	case sec > most+1 || (sec-most)*nanosPerSec+nano > longest%nanosPerSec:
		return longest
	}
	return time.Duration(most*nanosPerSec + (sec-most)*nanosPerSec + nano)
}

// Add is the earliest time T with Between(t, T) ≥ d: what is due after the last open hour of a day is due at its closing time, not
// at the next opening. A negative d goes back, to the latest T with Between(T, t) ≥ -d. Add(t, 0) is t. Where there is not that much
// open time, and for a t outside the years 1 to 9999, the error wraps ErrHorizon.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	if !inYears(t) {
		return time.Time{}, c.beyond(t, d)
	}
	if d == 0 {
		return t.In(c.rules.loc), nil
	}
	m, e, _ := c.moment(t)
	sec := m.sec + int64(d)/nanosPerSec
	nano := m.nano + int64(d)%nanosPerSec
	if nano < 0 {
		sec, nano = sec-1, nano+nanosPerSec
	} else if nano >= nanosPerSec {
		sec, nano = sec+1, nano-nanosPerSec
	}
	var back int64
	if d > 0 && nano == 0 {
		back = 1 // to the end of the second before, so that the end of a window is not the start of the next
	}
	if !e.reaches(sec-back, openSeconds) {
		if e = c.years.seek(e, sec-back, openSeconds); e == nil {
			return time.Time{}, c.beyond(t, d)
		}
	}
	at := e.start + int64(e.page.after(uint32(sec-back-e.before[openSeconds]))) + back
	if at >= endSecond {
		return time.Time{}, c.beyond(t, d)
	}
	return time.Unix(at, nano).In(c.rules.loc), nil
}

func (c *Calendar) beyond(t time.Time, d time.Duration) error {
	return fmt.Errorf("%w: %v of open time from %s in calendar %q", ErrHorizon, d, t.Format(time.RFC3339), c.spec.Name)
}

// IsOpen reports whether the calendar is open at an instant. Hours are half-open: at closing time it is closed.
func (c *Calendar) IsOpen(t time.Time) bool {
	if !inYears(t) {
		return false
	}
	sec := t.Unix()
	e := c.years.at(sec)
	s := uint32(sec - e.start)
	return e.page.at(s).has(s)
}

// NextOpen is the earliest open instant that is not before t: t itself if the calendar is open then. It is false if there is none up to
// the year 9999.
func (c *Calendar) NextOpen(t time.Time) (time.Time, bool) {
	if t.Unix() >= endSecond {
		return time.Time{}, false
	}
	m, e, isOpen := c.moment(t)
	if isOpen && inYears(t) {
		return t.In(c.rules.loc), true
	}
	if e = c.years.seek(e, m.sec, openSeconds); e == nil {
		return time.Time{}, false
	}
	at := e.start + int64(e.page.after(uint32(m.sec-e.before[openSeconds])))
	return time.Unix(at, 0).In(c.rules.loc), true
}

// closing is when the window ends that is open at t; t itself if none is.
func (c *Calendar) closing(t time.Time) time.Time {
	_, e, isOpen := c.moment(t)
	if !isOpen || !inYears(t) {
		return t
	}
	w := e.page.at(uint32(t.Unix() - e.start))
	return time.Unix(e.start+int64(w.end), 0).In(c.rules.loc)
}

package sla

import (
	"fmt"
	"time"
)

// Intake is what is done with the time of day of something received outside hours.
type Intake uint8

const (
	// KeepTime counts from the time itself; days end at the same time of day.
	KeepTime Intake = iota
	// ToOpening counts from the next opening: on the same day before its opening, else on the next business day.
	ToOpening
	// NextDayOpening counts from the opening of the next business day, even for what was received before the day's own opening.
	NextDayOpening
)

// IntakeRules say what is done with what is received outside hours: before the opening of a business day, after its closing (the closing
// time itself is after), and on a day off. What is received while the calendar is open, or in a pause between the hours of a day, keeps its time.
// The zero value keeps the time always.
type IntakeRules struct{ Before, After, DayOff Intake }

// AddDays is n business days after t, at the same wall-clock time; before it if n is negative. The n-th business day is the n-th date
// strictly after t's own that has open hours; n = 0 is t's own date. A time of day that clocks skip on that date is the moment they do, and
// one that comes twice its first occurrence. Something received outside hours is first moved as the rules say. Where there are not
// that many business days in the years 1 to 9999, the error wraps ErrHorizon.
func (c *Calendar) AddDays(t time.Time, n int, in IntakeRules) (time.Time, error) {
	t, err := c.receive(t, in)
	if err != nil || n == 0 {
		return t, err
	}
	date, clock := c.local(t)
	date, err = c.businessDate(date, n)
	if err != nil {
		return time.Time{}, err
	}
	return c.wall(date, clock, int64(t.Nanosecond()))
}

// DaysBetween is how many business days b's date is after a's: the n for which AddDays(a, n) falls on it, if it is a business day itself, else
// that for the last one before it. For an earlier date it is negative, and the n for the first one after it. Dates are those of
// the calendar's zone. Dates outside the years 1 to 9999 count as the first or last of them.
func (c *Calendar) DaysBetween(a, b time.Time) int {
	from, to := c.date(a), c.date(b)
	if from <= to {
		return int(c.daysUpTo(to+1) - c.daysUpTo(from+1))
	}
	return int(c.daysUpTo(to) - c.daysUpTo(from))
}

// date is that of an instant, or the nearest in the years 1 to 9999.
func (c *Calendar) date(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec < firstSecond:
		return -epochDay
	case sec >= endSecond:
		return endSecond/daySeconds - 1
	}
	date, _ := c.local(t)
	return min(max(date, -epochDay), endSecond/daySeconds-1)
}

// daysUpTo counts the business days before a date, or the one after the last, from any fixed one.
func (c *Calendar) daysUpTo(date int64) int64 {
	e := c.years.at(min(date, endSecond/daySeconds-1) * daySeconds)
	return e.before[businessDay] + int64(e.page.before[date-e.start/daySeconds])
}

// receive is the time from which something received at t counts.
func (c *Calendar) receive(t time.Time, in IntakeRules) (time.Time, error) {
	if !inYears(t) {
		return time.Time{}, fmt.Errorf("%w: %d is not such a year", ErrHorizon, t.Year())
	}
	t = t.In(c.rules.loc)
	if in == (IntakeRules{}) || c.IsOpen(t) {
		return t, nil
	}
	date, _ := c.local(t)
	opens, closes, ok := c.hours(date)
	rule := KeepTime
	switch {
	case !ok:
		rule = in.DayOff
	case t.Before(opens):
		rule = in.Before
	case !t.Before(closes):
		rule = in.After
	}
	switch {
	case rule == KeepTime:
		return t, nil
	case rule == ToOpening && ok && t.Before(opens):
		return opens, nil
	}
	next, err := c.businessDate(date, 1)
	if err != nil {
		return time.Time{}, err
	}
	opens, _, _ = c.hours(next)
	return opens, nil
}

// local is what the calendar's clock reads: the date, as days since 1970, and the second of the day.
func (c *Calendar) local(t time.Time) (date, clock int64) {
	sec := t.Unix()
	e := c.years.at(sec)
	sec += offset(e.page.segs, sec-e.start)
	date = sec / daySeconds
	if sec%daySeconds < 0 {
		date--
	}
	return date, sec - date*daySeconds
}

// wall is the first instant at which the calendar's clock reads that second of the date and nanosecond, or later.
func (c *Calendar) wall(date, clock, nano int64) (time.Time, error) {
	e, err := c.yearOf(date)
	if err != nil {
		return time.Time{}, err
	}
	reading := date*daySeconds + clock - e.start
	at := instant(e.page.segs, reading)
	if at+offset(e.page.segs, at) != reading {
		nano = 0 // the reading is skipped
	}
	t := time.Unix(e.start+at, nano).In(c.rules.loc)
	if !inYears(t) {
		return time.Time{}, errDateBeyond
	}
	return t, nil
}

// errDateBeyond is of dates outside the years 1 to 9999, or times of their first and last that are so in UTC.
var errDateBeyond = fmt.Errorf("%w: a date beyond them", ErrHorizon)

// yearOf is the year that a date belongs to.
func (c *Calendar) yearOf(date int64) (*entry, error) {
	if date < -epochDay || date >= endSecond/daySeconds {
		return nil, errDateBeyond
	}
	return c.years.at(date * daySeconds), nil
}

// businessDate is the n-th business date after a date, or before it.
func (c *Calendar) businessDate(date int64, n int) (int64, error) {
	e, err := c.yearOf(date)
	if err != nil {
		return 0, err
	}
	const most = 4_000_000 // more than the days there are
	rank := e.before[businessDay] + int64(min(max(n, -most), most))
	if day := date - e.start/daySeconds; n > 0 {
		rank += int64(e.page.before[day+1]) - 1 // strictly after: the date itself is not the first
	} else {
		rank += int64(e.page.before[day])
	}
	if e = c.years.seek(e, rank, businessDay); e == nil {
		return 0, fmt.Errorf("%w: %d business days in calendar %q", ErrHorizon, n, c.spec.Name)
	}
	return e.start/daySeconds + int64(e.page.days[rank-e.before[businessDay]]), nil
}

// hours is when a date's own hours begin and end; false if it has none.
func (c *Calendar) hours(date int64) (opens, closes time.Time, ok bool) {
	e, err := c.yearOf(date)
	if err != nil {
		return opens, closes, false
	}
	var buf [8]span
	owned := c.rules.owned(buf[:0], date, e.start, e.page.segs)
	if len(owned) == 0 {
		return opens, closes, false
	}
	day := owned[0]
	for _, s := range owned[1:] {
		day = span{min(day.from, s.from), max(day.to, s.to)}
	}
	return time.Unix(e.start+day.from, 0).In(c.rules.loc), time.Unix(e.start+day.to, 0).In(c.rules.loc), true
}

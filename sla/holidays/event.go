package holidays

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// event is an all-day event, or what replaces one occurrence of it.
type event struct {
	line     int  // of its BEGIN
	faulty   bool // a fault was found in one of its lines
	uid      string
	name     string
	canceled bool
	sequence int

	start     day
	length    int // in days; 1 or more
	duration  string
	end       day
	has       struct{ start, end, replaces bool }
	replaces  day // the occurrence that it replaces
	rule      *rrule.ROption
	ruleLine  int
	extra     []day // RDATE
	exception []day // EXDATE
}

// maxLength bounds an event: more than a year off is a closed office.
const maxLength = 366

// set reads a property of the event. What says nothing about dates is left out.
func (e *event) set(p property) error {
	var err error
	switch p.name {
	case "UID":
		e.uid = p.value
	case "SUMMARY":
		e.name = unescape(p.value)
	case "STATUS":
		e.canceled = strings.EqualFold(p.value, "CANCELLED") //nolint:misspell // as RFC 5545 spells it
	case "SEQUENCE":
		if e.sequence, err = strconv.Atoi(p.value); err != nil || e.sequence < 0 {
			return fmt.Errorf("SEQUENCE: want a number, not %.40q", p.value)
		}
	case "DTSTART":
		e.start, err = p.oneDate(e.has.start)
		e.has.start = true
	case "DTEND":
		e.end, err = p.oneDate(e.has.end)
		e.has.end = true
	case "DURATION":
		e.duration = p.value
	case "RECURRENCE-ID":
		if p.params["RANGE"] != "" {
			return errors.New("RECURRENCE-ID with RANGE is not read: end the series with UNTIL and begin another")
		}
		e.replaces, err = p.oneDate(e.has.replaces)
		e.has.replaces = true
	case "RRULE":
		if e.ruleLine > 0 {
			return errors.New("a second RRULE; an event has one")
		}
		e.ruleLine = p.line
		e.rule, err = parseRule(p.value)
	case "EXRULE":
		return errors.New("EXRULE is not read: RFC 5545 has none any more; list the dates in EXDATE")
	case "RDATE":
		e.extra, err = p.dates(e.extra)
	case "EXDATE":
		e.exception, err = p.dates(e.exception)
	}
	return err
}

// finish checks the event and works out its length.
func (e *event) finish() error {
	if !e.has.start {
		return errors.New("the event has no DTSTART")
	}
	e.length = 1
	switch {
	case e.has.end && e.duration != "":
		return errors.New("the event has a DTEND and a DURATION; want one of them")
	case e.has.end && e.end != e.start: // the same date is written for one day, though the date after it would be right
		e.length = int(e.end - e.start)
	case e.duration != "":
		var err error
		if e.length, err = wholeDays(e.duration); err != nil {
			return err
		}
	}
	if e.length < 1 || e.length > maxLength {
		return fmt.Errorf("the event lasts %d days from %s: want 1 to %d, and DTEND the day after the last", e.length, e.start, maxLength)
	}
	if e.rule != nil && !e.rule.Until.IsZero() && e.rule.Until.Before(e.start.midnight()) {
		return fmt.Errorf("RRULE ends on %s, before the event begins", e.rule.Until.Format(time.DateOnly))
	}
	if e.has.replaces && e.rule != nil {
		return errors.New("a changed occurrence (RECURRENCE-ID) has no RRULE of its own")
	}
	if e.has.replaces && e.uid == "" {
		return errors.New("a changed occurrence (RECURRENCE-ID) needs the UID of its event")
	}
	return nil
}

// oneDate is the property's value as a date; again says that it was given before.
func (p property) oneDate(again bool) (day, error) {
	if again {
		return 0, fmt.Errorf("a second %s; an event has one", p.name)
	}
	return p.date(p.value)
}

// dates appends the property's values, which are separated by commas.
func (p property) dates(list []day) ([]day, error) {
	for text := range strings.SplitSeq(p.value, ",") {
		d, err := p.date(text)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// date reads a date. One without VALUE=DATE is understood too, since nothing else is written so.
func (p property) date(text string) (day, error) {
	if kind := p.params["VALUE"]; kind != "" && !strings.EqualFold(kind, "DATE") || len(text) > 8 && text[8] == 'T' {
		return 0, fmt.Errorf("%s is at a time of day, %.40q: a holiday is a date, as in %s;VALUE=DATE:20261225", p.name, text, p.name)
	}
	t, err := time.Parse("20060102", text)
	if err != nil || t.Year() < gregorian {
		return 0, fmt.Errorf("%s: no date: %.40q; want one as in 20261225, from the year %d on", p.name, text, gregorian)
	}
	return day(t.Unix() / secondsOfDay), nil
}

// gregorian is the first whole year of the calendar that dates are in.
const gregorian = 1583

// wholeDays reads a duration of RFC 5545, section 3.3.6, in days or weeks.
func wholeDays(s string) (int, error) {
	number, isDuration := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(s), "+"), "P")
	unit := 1
	if n, ok := strings.CutSuffix(number, "W"); ok {
		number, unit = n, 7
	} else if n, ok := strings.CutSuffix(number, "D"); ok {
		number = n
	} else {
		isDuration = false
	}
	days, err := strconv.Atoi(number)
	if !isDuration || err != nil || days < 1 || days > maxLength {
		return 0, fmt.Errorf("DURATION: want whole days, as in P1D or P2W, not %.40q", s)
	}
	return days * unit, nil
}

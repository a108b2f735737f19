package holidays

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxDays bounds the days that are gone through for one file, occurrences and their length.
const maxDays = 2_000_000

// ICal is the all-day events of an iCalendar file (RFC 5545), from the first of January of one year to the last of December of another, by
// date; a Holiday's Name is the event's SUMMARY. Years are those from 1900 to 2199; what repeats forever ends with them. Tentative events
// count, canceled ones don't. DTEND is the day after the last; where it is the event's own date, that is one day. The event's own date
// counts, as the first of COUNT, even if its rule would not give it.
//
// The error lists what is wrong, each with its line: events at a time of day, dates and rules that are none, two events with one UID
// and SEQUENCE, a file that is cut short, a message that takes events back (METHOD:CANCEL). Files of more than 4 MiB, 20,000 events or 200
// rules are refused.
func ICal(r io.Reader, from, to int) ([]Holiday, error) {
	y, err := yearsFrom(from, to)
	if err != nil {
		return nil, err
	}
	properties, faults, err := readLines(r)
	if err != nil {
		return nil, err
	}
	file := calendarFile{faults: faults}
	file.read(properties)
	series := file.series()
	if len(file.faults) > 0 {
		return nil, errors.Join(file.faults[:min(len(file.faults), maxFault)]...)
	}
	found := newDates(y)
	budget := maxDays
	for _, s := range series {
		if err := s.collect(found, &budget); err != nil {
			file.faults = append(file.faults, err)
		}
		if len(file.faults) >= maxFault || budget < 0 {
			break
		}
	}
	if len(file.faults) > 0 {
		return nil, errors.Join(file.faults...)
	}
	return found.list(), nil
}

// calendarFile reads events from the lines of a file.
type calendarFile struct {
	open   []property // the components that are open
	events []*event
	rules  int
	faults []error
}

func (f *calendarFile) fault(line int, format string, args ...any) {
	f.faults = append(f.faults, fault(line, format, args...))
}

// within reports whether what is open is these components, from the outermost.
func (f *calendarFile) within(names ...string) bool {
	return slices.EqualFunc(f.open, names, func(p property, name string) bool { return strings.EqualFold(p.value, name) })
}

// read reads the lines. It stops where the components make no sense, since what follows would be taken for something else.
func (f *calendarFile) read(lines []property) {
	if len(f.faults) > 0 {
		return
	}
	if len(lines) == 0 {
		f.fault(1, "the file is empty: want BEGIN:VCALENDAR")
		return
	}
	for _, p := range lines {
		if len(f.faults) >= maxFault {
			return
		}
		var fine bool
		switch p.name {
		case "BEGIN":
			fine = f.begin(p)
		case "END":
			fine = f.end(p)
		default:
			fine = f.property(p)
		}
		if !fine {
			return
		}
	}
	if n := len(f.open); n > 0 {
		f.fault(f.open[n-1].line, "BEGIN:%.40s has no END: the file is cut short", f.open[n-1].value)
	}
}

func (f *calendarFile) begin(p property) bool {
	switch {
	case len(f.open) == 0 && !strings.EqualFold(p.value, "VCALENDAR"):
		f.fault(p.line, "want BEGIN:VCALENDAR, not BEGIN:%.40s", p.value)
		return false
	case len(f.open) == maxDepth:
		f.fault(p.line, "more than %d components in one another", maxDepth)
		return false
	}
	f.open = append(f.open, p)
	if f.within("VCALENDAR", "VEVENT") {
		if len(f.events) == maxEvent {
			f.fault(p.line, "more than %d events", maxEvent)
			return false
		}
		f.events = append(f.events, &event{line: p.line})
	}
	return true
}

func (f *calendarFile) end(p property) bool {
	n := len(f.open)
	if n == 0 || !strings.EqualFold(f.open[n-1].value, p.value) {
		f.fault(p.line, "END:%.40s ends nothing that is open", p.value)
		return false
	}
	if f.within("VCALENDAR", "VEVENT") {
		e := f.events[len(f.events)-1]
		if err := e.finish(); err != nil && !e.faulty {
			f.fault(e.line, "%w", e.named(err))
		}
	}
	f.open = f.open[:n-1]
	return true
}

func (f *calendarFile) property(p property) bool {
	switch {
	case len(f.open) == 0:
		f.fault(p.line, "want BEGIN:VCALENDAR, not %.40s", p.name)
		return false
	case f.within("VCALENDAR") && p.name == "METHOD" && strings.EqualFold(p.value, "CANCEL"):
		f.fault(p.line, "METHOD:CANCEL is a message that takes events back, not a calendar")
		return false
	case f.within("VCALENDAR", "VEVENT"):
		e := f.events[len(f.events)-1]
		if err := e.set(p); err != nil {
			f.fault(p.line, "%w", e.named(err))
			e.faulty = true
		}
		if e.ruleLine == p.line {
			f.rules++
		}
		if f.rules > maxRules {
			f.fault(p.line, "more than %d rules", maxRules)
			return false
		}
	}
	return true
}

// named adds the event's name to an error, if it is known by then.
func (e *event) named(err error) error {
	if e.name == "" {
		return err
	}
	return fmt.Errorf("%q: %w", e.name, err)
}

// series is an event with what replaces its occurrences. It may lack the event itself, if the file has no more than one occurrence of it.
type series struct {
	event    *event
	replaced map[day]*event
}

// series puts the events of one UID together. Of several versions of one the highest SEQUENCE holds.
func (f *calendarFile) series() []*series {
	var all []*series
	byUID := map[string]*series{}
	for _, e := range f.events {
		s := byUID[e.uid]
		if s == nil || e.uid == "" {
			s = &series{}
			byUID[e.uid] = s
			all = append(all, s)
		}
		held := s.event
		if e.has.replaces {
			held = s.replaced[e.replaces]
		}
		switch {
		case held != nil && held.sequence == e.sequence:
			f.fault(e.line, "%w", e.named(fmt.Errorf("the same UID and SEQUENCE as the event in line %d: %.60q", held.line, e.uid)))
		case held != nil && held.sequence > e.sequence:
		case e.has.replaces:
			if s.replaced == nil {
				s.replaced = map[day]*event{}
			}
			s.replaced[e.replaces] = e
		default:
			s.event = e
		}
		if len(f.faults) >= maxFault {
			break
		}
	}
	return all
}

// collect adds the dates of a series.
func (s *series) collect(found *dates, budget *int) error {
	if s.event != nil {
		if s.event.canceled {
			return nil
		}
		if err := s.event.collect(found, s.replaced, budget); err != nil {
			return err
		}
	}
	for _, d := range slices.Sorted(maps.Keys(s.replaced)) {
		if e := s.replaced[d]; !e.canceled {
			found.span(e.start, e.length, e.name)
		}
	}
	return nil
}

// collect adds the dates of the event, but for the occurrences that are replaced.
func (e *event) collect(found *dates, replaced map[day]*event, budget *int) error {
	except := make(map[day]bool, len(e.exception))
	for _, d := range e.exception {
		except[d] = true
	}
	err := e.occurrences(found.last, func(d day) bool {
		*budget--
		if !except[d] && replaced[d] == nil {
			*budget -= found.span(d, e.length, e.name)
		}
		return *budget >= 0
	})
	switch {
	case err != nil:
		return fault(e.ruleLine, "%w", e.named(err))
	case *budget < 0:
		return fault(e.line, "%w", e.named(errors.New("the file has too many occurrences of events")))
	}
	return nil
}

// span adds the days of an event that lie in the years, and returns their number.
func (c *dates) span(start day, length int, name string) int {
	first, last := max(start, c.first), min(start+day(length)-1, c.last)
	for d := first; d <= last; d++ {
		c.add(d, name, false)
	}
	return max(0, int(last-first)+1)
}

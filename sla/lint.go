package sla

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Finding is something in an agreement that is legal and probably wrong.
type Finding struct {
	Check        Check
	Line, Column int    // 1-based, of the objective or calendar in the document; 0 for an agreement made in Go
	Path         string // where in the document, as in "objectives[3].warn[0]"
	Msg          string // what is odd, with an example where there is one, and what would be right
}

// String is the finding on one line: place, path, message, check.
func (f Finding) String() string {
	fault := jsondoc.Fault{Line: f.Line, Column: f.Column, Path: f.Path, Msg: f.Msg}
	return fault.String() + " (" + string(f.Check) + ")"
}

// Check is what a finding is about, for those who let some pass.
type Check string

// The checks.
const (
	CheckStatutory  Check = "longer_than_statutory" // a target that can end after that of a statutory objective beside it; of solution and resolution, after a final response too
	CheckNoCalendar Check = "no_calendar"           // an objective that counts days of UTC, or the nights, where others have a calendar
	CheckEarlyWarn  Check = "warning_at_start"      // a warning as long before the due time as the target, or longer: it comes at once
	CheckTwice      Check = "same_threshold"        // two warnings to the same name that always come together
	CheckExtension  Check = "extension_not_longer"  // an extension that can end before the target that it extends
	CheckAlike      Check = "alike_names"           // names in conditions that differ in case or spaces alone: one of them never holds
	CheckUnused     Check = "unused_calendar"       // a calendar that no objective names
	CheckHolidays   Check = "no_holidays_left"      // a calendar whose listed holidays are all over, or end in a year before that in which targets end
	CheckSwapped    Check = "swapped_hours"         // a calendar open for more than twelve hours past midnight, on every day that it opens
)

// Lint is what is probably wrong with an agreement, in the order of the document, calendars first. What cannot be right is an
// error of Load already. Lengths of targets are compared as they come out on their calendars, pauses aside, for what is received on each
// of the 366 days from now: at the opening, some time after it, at noon, just before closing, at closing and at midnight. It is meant
// for a test of the agreement, or for whoever edits one: hundreds of different targets and warnings take seconds.
func (a *Agreement) Lint(now time.Time) []Finding {
	l := linter{
		a: a, now: now, laws: map[Metric][]*objective{}, onCalendar: map[Metric]*objective{},
		samples: map[*Calendar][]time.Time{}, compared: map[[2]terms]string{}, warned: map[warned][]Finding{},
	}
	for _, o := range a.objectives {
		if o.Statutory {
			l.laws[o.Metric] = append(l.laws[o.Metric], o)
		}
		if l.onCalendar[o.Metric] == nil && o.Target.needsCalendar() {
			l.onCalendar[o.Metric] = o
		}
	}
	l.calendars()
	spelled := map[string]string{}
	for _, o := range a.objectives {
		l.alike(o, spelled)
		l.calendarless(o)
		l.statutory(o)
		l.extensions(o)
		l.warnings(o)
	}
	return l.found
}

type linter struct {
	a          *Agreement
	now        time.Time
	found      []Finding
	laws       map[Metric][]*objective // the statutory ones
	onCalendar map[Metric]*objective   // the first whose target is in open time
	samples    map[*Calendar][]time.Time
	compared   map[[2]terms]string // of two targets, what shows that the first can be the longer one
	warned     map[warned][]Finding
}

// terms are what makes a due time of the time at which something was received.
type terms struct {
	target   Target
	calendar *Calendar
	intake   IntakeRules
}

func (t terms) start(at time.Time) (time.Time, error) { return received(at, t.calendar, t.intake) }

func (t terms) due(at time.Time) (time.Time, error) {
	start, err := t.start(at)
	if err != nil {
		return start, err
	}
	return t.target.from(start, t.calendar)
}

func (o *objective) terms() terms { return terms{o.Target, o.calendar, o.Intake} }

func (l *linter) add(c Check, at spot, list, field, format string, args ...any) {
	path := fmt.Sprintf("%s[%d]%s", list, at.item, field)
	l.found = append(l.found, Finding{c, at.line, at.column, path, fmt.Sprintf(format, args...)})
}

// alike reports names that were spelled in another way before.
func (l *linter) alike(o *objective, spelled map[string]string) {
	check := func(kind, name, path string) {
		key := kind + "\x00" + strings.ToLower(strings.TrimSpace(name))
		if first, ok := spelled[key]; !ok {
			spelled[key] = name
		} else if first != name {
			l.add(CheckAlike, o.spot, "objectives", path, "%q is written %q elsewhere: facts have one spelling, and the other never holds", name, first)
		}
	}
	for _, c := range o.conditions {
		path := ".when." + c.attribute
		check("", c.attribute, path)
		for _, value := range c.values {
			check(strings.ToLower(strings.TrimSpace(c.attribute)), value, path)
		}
	}
}

// calendarless reports what counts without a calendar where one is probably meant.
func (l *linter) calendarless(o *objective) {
	if o.calendar != nil || o.Target == (Target{}) {
		return
	}
	switch o.Target.Unit {
	case CalendarDays, CalendarWeeks:
		if len(l.a.calendars) > 0 {
			l.add(CheckNoCalendar, o.spot, "objectives", ".target",
				"without a calendar the days of %q are those of UTC; name a calendar, and they are those of its zone", o.Target)
		}
	case Elapsed:
		if other := l.onCalendar[o.Metric]; other != nil && !o.Statutory {
			working := Target{Span: o.Target.Span, Unit: Working}
			l.add(CheckNoCalendar, o.spot, "objectives", ".target",
				"%q passes at night and on days off, while %q has %q; if that is not meant, want %q on a calendar, else name the calendar to say so",
				o.Target, other.ID, other.Target, working)
		}
	case Working, BusinessDays:
	}
}

// statutory compares an objective of the house's own with the statutory ones that can hold beside it.
func (l *linter) statutory(o *objective) {
	if o.Statutory || o.Target == (Target{}) {
		return
	}
	laws := l.laws[o.Metric]
	if o.Metric == Solution || o.Metric == Resolution { // a final response tells of either
		laws = slices.Concat(laws, l.laws[FinalResponse])
	}
	for _, law := range laws {
		if law.Target == (Target{}) || !overlap(o.conditions, law.conditions) {
			continue
		}
		if shown := l.longer(o.terms(), law.terms()); shown != "" {
			of := ""
			if law.Metric != o.Metric {
				of = ", by which the final response is due"
			}
			l.add(CheckStatutory, o.spot, "objectives", ".target",
				"%q can end after the %q of the statutory %q%s: %s; want a shorter target", o.Target, law.Target, law.ID, of, shown)
		}
	}
}

func (l *linter) extensions(o *objective) {
	for i, e := range o.Extend {
		if o.Target == (Target{}) {
			return
		}
		longer := terms{e.Target, o.calendar, o.Intake}
		if shown := l.longer(o.terms(), longer); shown != "" {
			l.add(CheckExtension, o.spot, "objectives", fmt.Sprintf(".extend[%d].target", i),
				"%q can end before the %q that it extends: %s; want a longer target", e.Target, o.Target, shown)
		}
	}
}

// longer shows where a can end after b, at its worst; empty if it cannot.
func (l *linter) longer(a, b terms) string {
	key := [2]terms{a, b}
	if shown, ok := l.compared[key]; ok {
		return shown
	}
	const layout = "Mon 2006-01-02 15:04 MST"
	var worst time.Duration
	var shown string
	for _, at := range l.received(a.calendar) {
		due, err := a.due(at)
		limit, err2 := b.due(at)
		if err != nil || err2 != nil || due.Sub(limit) <= worst {
			continue
		}
		worst = due.Sub(limit)
		shown = fmt.Sprintf("what is received on %s is due on %s instead of %s", at.Format(layout), due.In(at.Location()).Format(layout), limit.In(at.Location()).Format(layout))
	}
	l.compared[key] = shown
	return shown
}

// received are times at which something may be received: the edges of each day in a year.
func (l *linter) received(c *Calendar) []time.Time {
	if all, ok := l.samples[c]; ok {
		return all
	}
	var all []time.Time
	const year = 366
	if !inYears(l.now) || !inYears(l.now.AddDate(0, 0, 2*year)) {
		l.samples[c] = nil
		return nil
	}
	if c == nil {
		day := l.now.UTC().Truncate(24 * time.Hour)
		for i := range year {
			all = append(all, day.AddDate(0, 0, i), day.AddDate(0, 0, i).Add(12*time.Hour))
		}
	} else {
		date, _ := c.local(l.now)
		for i := range int64(year) {
			midnight, err := c.wall(date+i, 0, 0)
			if err != nil {
				continue
			}
			if opens, closes, ok := c.hours(date + i); ok {
				middle := opens.Add(closes.Sub(opens) / 2)
				all = append(all, opens, opens.Add(middle.Sub(opens)/4), middle, closes.Add(-time.Second), closes)
			}
			all = append(all, midnight)
		}
	}
	l.samples[c] = all
	return all
}

// overlap reports whether there are facts for which both hold.
func overlap(a, b []condition) bool {
	for i := range a {
		values := valuesOf(b, a[i].attribute)
		if values != nil && !slices.ContainsFunc(a[i].values, func(v string) bool { _, ok := slices.BinarySearch(values, v); return ok }) {
			return false
		}
	}
	return true
}

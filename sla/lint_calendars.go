package sla

import (
	"slices"
	"time"
)

// notice is how long before it happens Lint tells that targets end in a year without holidays: time enough to list them.
const notice = 30 * 24 * time.Hour

// calendars reports calendars that nothing uses, that have swapped hours, or that know of too few holidays.
func (l *linter) calendars() {
	used := map[*Calendar]bool{}
	for _, o := range l.a.objectives {
		used[o.calendar] = true
	}
	for _, x := range l.a.calendarSpots {
		c := l.a.calendars[x.name]
		if !used[c] {
			l.add(CheckUnused, x.spot, "calendars", "", "no objective names the calendar %q; take it out, or name it", x.name)
			continue
		}
		if h, ok := swapped(c); ok {
			l.add(CheckSwapped, x.spot, "calendars", ".weekly",
				"%q lasts past midnight, %v, on every day that %q opens; if that is not meant, want %q", h, h.length(), x.name, Interval{h.To, h.From})
		}
		l.holidays(x, c)
	}
}

// swapped is hours of a calendar that were probably meant to be the other way round: each day of the week that opens has no others than
// some that last past midnight and for more than half a day.
func swapped(c *Calendar) (Interval, bool) {
	var found Interval
	for day := range time.Saturday + 1 {
		switch hours := c.spec.Weekly[day]; {
		case len(hours) == 0:
		case len(hours) > 1 || hours[0].To >= hours[0].From || hours[0].length() <= 12*time.Hour:
			return Interval{}, false
		case found == Interval{}:
			found = hours[0]
		}
	}
	return found, found != Interval{}
}

// length is how long hours of a calendar last on a day without clock changes.
func (i Interval) length() time.Duration {
	_, s, _ := parseInterval(i.String())
	return time.Duration(s.to-s.from) * time.Second
}

// holidays reports a calendar whose days off are all over, or end in a year before that in which a target in its open time ends.
func (l *linter) holidays(x calendarSpot, c *Calendar) {
	days := slices.Clone(c.spec.Holidays)
	for date, hours := range c.spec.Overrides {
		if len(hours) == 0 {
			days = append(days, date)
		}
	}
	if len(days) == 0 {
		return
	}
	last := slices.Max(days)
	if last < l.now.In(c.Location()).Format(time.DateOnly) {
		l.add(CheckHolidays, x.spot, "calendars", ".holidays",
			"the last holiday of %q was on %s: from then on it is open on every one; list those to come", x.name, last)
		return
	}
	received := l.now.Add(notice)
	o, t, due := l.longest(c, received)
	if year := due.Format("2006"); o != nil && year > last[:4] {
		l.add(CheckHolidays, x.spot, "calendars", ".holidays",
			"the last holiday of %q is on %s, and the %q of %q end in %s for what is received on %s: list the holidays of %s",
			x.name, last, t, o.ID, year, received.In(c.Location()).Format(time.DateOnly), year)
	}
}

// longest is the objective whose target or extension in a calendar's open time ends last for what is received at an instant; nil if there is none.
func (l *linter) longest(c *Calendar, at time.Time) (longest *objective, target Target, due time.Time) {
	for _, o := range l.a.objectives {
		if o.calendar != c {
			continue
		}
		targets := []Target{o.Target}
		for _, e := range o.Extend {
			targets = append(targets, e.Target)
		}
		for _, t := range targets {
			if !t.needsCalendar() {
				continue
			}
			if end, err := (terms{t, c, o.Intake}).due(at); err == nil && end.After(due) {
				longest, target, due = o, t, end
			}
		}
	}
	return longest, target, due
}

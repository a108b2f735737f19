package holidays

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Holiday is a date on which a place or an office is closed.
type Holiday struct {
	Date     string // as in "2026-12-25"
	Name     string // in the language of the place or the file; several on one date are joined by " / "
	Observed bool   // nothing but a substitute: the holiday itself is on another date, such as a Saturday
}

// The years that can be asked for. Before them few of today's holidays were any; after them nobody knows.
const firstYear, lastYear = 1900, 2199

// Dates is the dates of one or several lists, sorted, each once: what sla.CalendarSpec takes as its Holidays.
func Dates(lists ...[]Holiday) []string {
	var dates []string
	for _, list := range lists {
		for _, h := range list {
			dates = append(dates, h.Date)
		}
	}
	slices.Sort(dates)
	return slices.Compact(dates)
}

// day is a date, as the number of days since 1970-01-01.
type day int

func dayOf(year int, month time.Month, d int) day {
	return day(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

const secondsOfDay = 24 * 60 * 60

// midnight is the beginning of the date in UTC, where every date has 24 hours.
func (d day) midnight() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

func (d day) String() string { return d.midnight().Format(time.DateOnly) }

// years is a range of dates, from the first of January of one year to the last of December of another.
type years struct{ first, last day }

func yearsFrom(from, to int) (years, error) {
	if from < firstYear || to > lastYear || from > to {
		return years{}, fmt.Errorf("holidays: years %d to %d: want a first and a last year, from %d to %d", from, to, firstYear, lastYear)
	}
	return years{dayOf(from, time.January, 1), dayOf(to, time.December, 31)}, nil
}

// Holidays of one date share a name, up to about this many bytes.
const joint, maxName = " / ", 200

// dates collects holidays by date.
type dates struct {
	years
	found map[day]*Holiday
}

func newDates(y years) *dates { return &dates{years: y, found: map[day]*Holiday{}} }

// add adds a holiday if it lies in the years. A holiday itself counts more than a substitute for another.
func (c *dates) add(d day, name string, observed bool) {
	if d < c.first || d > c.last {
		return
	}
	h := c.found[d]
	switch {
	case h == nil:
		c.found[d] = &Holiday{Date: d.String(), Name: name, Observed: observed}
		return
	case h.Name == "":
		h.Name = name
	case name != "" && !slices.Contains(strings.Split(h.Name, joint), name) && len(h.Name) < maxName:
		h.Name += joint + name
	}
	h.Observed = h.Observed && observed
}

// list is what was collected, by date.
func (c *dates) list() []Holiday {
	list := make([]Holiday, 0, len(c.found))
	for _, h := range c.found {
		list = append(list, *h)
	}
	slices.SortFunc(list, func(a, b Holiday) int { return cmp.Compare(a.Date, b.Date) })
	return list
}

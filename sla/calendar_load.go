package sla

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// NewCalendar checks a specification and makes a calendar of it. The error is a *DocumentError with all that is wrong: an unknown zone,
// hours that are none or have no length, a date that does not exist or is given twice, a calendar that can never open.
func NewCalendar(spec CalendarSpec) (*Calendar, error) {
	doc := jsondoc.Parse(encode(calendarDocument(spec)), limits())
	c := readCalendar(doc.Root())
	if err := faults(doc.Faults()); err != nil {
		return nil, placeless(err)
	}
	return c, nil
}

// calendarReader reads a calendar from a document.
type calendarReader struct {
	spec  CalendarSpec
	rules rules
	fine  bool // nothing wrong with hours and dates so far
}

func readCalendar(v jsondoc.Value) *Calendar {
	o := v.Object("name", "zone", "version", "weekly", "holidays", "overrides", "breaks")
	r := calendarReader{fine: true}
	r.spec = CalendarSpec{Name: o.Get("name").Text(), Version: o.Get("version").Text()}
	r.zone(o.Need("zone"))
	r.weekly(o.Get("weekly"))
	r.rules.dates = map[int64][]span{}
	r.holidays(o.Get("holidays"))
	var overrides map[int64][]span
	r.spec.Overrides, overrides = r.dated(o.Get("overrides"))
	maps.Copy(r.rules.dates, overrides) // an override beats a holiday
	r.spec.Breaks, r.rules.breaks = r.dated(o.Get("breaks"))
	if r.fine && r.rules.loc != nil && !r.rules.everOpens() {
		v.Faultf("the calendar never opens: it needs weekly hours, or an override with hours")
	}
	return newCalendar(r.spec, r.rules)
}

func (r *calendarReader) zone(v jsondoc.Value) {
	name := v.Text()
	if !v.IsText() {
		return
	}
	loc, err := loadZone(name)
	if err != nil {
		v.Faultf("%v", err)
		return
	}
	r.spec.Zone, r.rules.loc = name, loc
}

func (r *calendarReader) weekly(v jsondoc.Value) {
	if !v.Exists() {
		return
	}
	r.spec.Weekly = map[time.Weekday][]Interval{}
	o := v.Object()
	var given [7]string
	for _, key := range o.Keys() {
		hours := o.Get(key.Text())
		days, err := parseDays(key.Text())
		if err != nil {
			r.fine = false
			if meant := daysMeant(key.Text()); meant != "" {
				key.Faultf("%v%s", err, didYouMean([]string{meant}))
				continue
			}
			names := dayNames()
			key.Unknown("day of the week", key.Text(), append(names[:], "mon-fri", "sat-sun"))
			continue
		}
		intervals, spans := r.intervals(hours)
		for _, d := range days {
			if given[d] != "" {
				key.Faultf("%q repeats %s, which %q has given hours", key.Text(), dayNames()[d], given[d])
				continue
			}
			given[d] = key.Text()
			r.rules.week[d] = spans
			if len(intervals) > 0 {
				r.spec.Weekly[d] = slices.Clone(intervals)
			}
		}
	}
}

// intervals reads the hours of a day, in the order of the day.
func (r *calendarReader) intervals(v jsondoc.Value) ([]Interval, []span) {
	type hours struct {
		Interval
		span
	}
	var all []hours
	for _, item := range v.Items() {
		if !item.IsText() {
			item.Text() // reports it
			r.fine = false
			continue
		}
		i, s, err := parseInterval(item.Text())
		if err != nil {
			item.Faultf("%v", err)
			r.fine = false
			continue
		}
		all = append(all, hours{i, s})
	}
	slices.SortFunc(all, func(a, b hours) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	intervals := make([]Interval, len(all))
	spans := make([]span, len(all))
	for i, h := range all {
		intervals[i], spans[i] = h.Interval, h.span
	}
	return intervals, spans
}

func (r *calendarReader) holidays(v jsondoc.Value) {
	if !v.Exists() {
		return
	}
	for _, item := range v.Items() {
		text := item.Text()
		date, err := parseDate(text)
		if err != nil {
			item.Faultf("%v", err)
			r.fine = false
			continue
		}
		if _, twice := r.rules.dates[date]; twice {
			item.Faultf("the holiday %s is given twice", text)
			continue
		}
		r.rules.dates[date] = nil
		r.spec.Holidays = append(r.spec.Holidays, text)
	}
	slices.Sort(r.spec.Holidays)
}

// dated reads hours by date.
func (r *calendarReader) dated(v jsondoc.Value) (map[string][]Interval, map[int64][]span) {
	if !v.Exists() {
		return nil, nil
	}
	o := v.Object()
	spec, spans := map[string][]Interval{}, map[int64][]span{}
	for _, key := range o.Keys() {
		text := key.Text()
		intervals, s := r.intervals(o.Get(text))
		date, err := parseDate(text)
		if err != nil {
			key.Faultf("%v", err)
			r.fine = false
			continue
		}
		spec[text], spans[date] = intervals, s
	}
	return spec, spans
}

package timeline

import "time"

// tick is a mark on the time axis.
type tick struct {
	at    time.Time
	label string
}

// step is a distance between ticks: seconds of a day, or days, months or years.
type step struct {
	seconds, days, months, years int
	layout                       string
}

// length is about how many seconds the step takes.
func (s step) length() int64 {
	const day = 24 * 60 * 60
	return int64(s.seconds) + int64(s.days)*day + int64(s.months)*30*day + int64(s.years)*365*day
}

func steps(d dates) []step {
	const clock, month, year = "15:04", "Jan", "2006"
	return []step{
		{seconds: 1, layout: time.TimeOnly},
		{seconds: 5, layout: time.TimeOnly},
		{seconds: 15, layout: time.TimeOnly},
		{seconds: 60, layout: clock},
		{seconds: 300, layout: clock},
		{seconds: 900, layout: clock},
		{seconds: 1800, layout: clock},
		{seconds: 3600, layout: clock},
		{seconds: 2 * 3600, layout: clock},
		{seconds: 3 * 3600, layout: clock},
		{seconds: 6 * 3600, layout: clock},
		{seconds: 12 * 3600, layout: clock},
		{days: 1, layout: d.day},
		{days: 2, layout: d.day},
		{days: 7, layout: d.week},
		{days: 14, layout: d.week},
		{months: 1, layout: month},
		{months: 3, layout: month},
		{months: 6, layout: month},
		{years: 1, layout: year},
		{years: 2, layout: year},
		{years: 5, layout: year},
		{years: 10, layout: year},
		{years: 20, layout: year},
		{years: 50, layout: year},
		{years: 100, layout: year},
		{years: 200, layout: year},
		{years: 500, layout: year},
		{years: 1000, layout: year},
	}
}

// ticks is the marks of the time axis, at round times of the zone's clocks: as many as have room for their labels.
func (v *view) ticks() []tick {
	all := steps(v.dates)
	chosen := all[len(all)-1]
	for _, s := range all {
		room := textWidth(s.layout) + 120
		if s.seconds >= 3600 {
			room = textWidth(v.dates.day) + 100 // midnight is labeled so
		}
		if int64(v.total/1000)*int64(room) <= int64(v.right-v.left)*s.length() {
			chosen = s
			break
		}
	}
	var marks []tick
	last := v.from
	for at := chosen.first(v.from.In(v.zone)); ; at = chosen.next(at) {
		y, m, d := at.Date()
		t := time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, v.zone)
		if t.After(v.to()) {
			return marks
		}
		if t.After(last) {
			marks, last = append(marks, tick{t, chosen.label(at, v.dates)}), t
		}
	}
}

// first is a round time before t, or t's own, as clocks show it. Such times are kept in UTC: they are what clocks show, not instants.
func (s step) first(t time.Time) time.Time {
	y, m, d := t.Date()
	switch {
	case s.years > 0:
		return time.Date(y-y%s.years, time.January, 1, 0, 0, 0, 0, time.UTC)
	case s.months > 0:
		return time.Date(y, m-(m-1)%time.Month(s.months), 1, 0, 0, 0, 0, time.UTC)
	case s.days >= 7:
		return time.Date(y, m, d-int(t.Weekday()+6)%7, 0, 0, 0, 0, time.UTC)
	case s.days > 0:
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	passed := t.Hour()*3600 + t.Minute()*60 + t.Second()
	return time.Date(y, m, d, 0, 0, passed-passed%s.seconds, 0, time.UTC)
}

func (s step) next(t time.Time) time.Time {
	return t.AddDate(s.years, s.months, s.days).Add(time.Duration(s.seconds) * time.Second)
}

// label is the tick's text: the larger unit where a new one begins.
func (s step) label(t time.Time, d dates) string {
	switch {
	case s.seconds > 0 && t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format(d.day)
	case s.months > 0 && t.Month() == time.January:
		return t.Format("2006")
	}
	return t.Format(s.layout)
}

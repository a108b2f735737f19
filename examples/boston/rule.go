package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/amends-go/amends/sla"
)

// The city's calendar of 2015, and what becomes of what comes in outside hours:
// whatever is counted in business days starts at the next opening.
func boston() sla.CalendarSpec {
	week := map[time.Weekday][]sla.Interval{}
	for day := time.Monday; day <= time.Friday; day++ {
		week[day] = []sla.Interval{{From: "08:30", To: "17:00"}}
	}
	return sla.CalendarSpec{
		Name: "boston", Zone: "America/New_York", Version: "2015", Weekly: week,
		Holidays: []string{
			"2015-01-01", "2015-01-19", "2015-02-16", "2015-04-20", "2015-05-25",
			"2015-09-07", "2015-10-12", "2015-11-11", "2015-11-26", "2015-12-25",
		},
	}
}

func intake(unit sla.Unit) sla.IntakeRules {
	if unit == sla.BusinessDays {
		return sla.IntakeRules{Before: sla.ToOpening, After: sla.ToOpening, DayOff: sla.ToOpening}
	}
	return sla.IntakeRules{} // calendar days keep the time
}

// round is how round a number is.
func round(n int) int {
	switch {
	case n%10 == 0:
		return 2
	case n%5 == 0:
		return 1
	}
	return 0
}

// near is how far a target date may lie from what a number of days makes, for that
// number to be counted: many of the file's times are cut to the minute.
const near = time.Minute

// fitting are the targets that a row may have had: so many business days, so many
// calendar days, either, or neither.
func fitting(r *row, c *sla.Calendar) ([]sla.Target, error) {
	var all []sla.Target
	for _, unit := range []sla.Unit{sla.BusinessDays, sla.CalendarDays} {
		var failed error
		due := func(days int) time.Time {
			t, err := sla.Target{Days: days, Unit: unit}.From(r.opened, c, intake(unit))
			failed = cmp.Or(failed, err)
			return t
		}
		most := 2 + int(r.target.Sub(r.opened).Hours()/24)
		days := 1 + sort.Search(most, func(n int) bool { return due(n+1).Sub(r.target) > -near })
		if due(days).Sub(r.target) < near {
			all = append(all, sla.Target{Days: days, Unit: unit})
		}
		if failed != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, failed)
		}
	}
	return all, nil
}

// observation is what a row with a target date says about its type.
type observation struct {
	kind   string
	opened time.Time
	fits   []sla.Target
}

// observe looks at the rows that have a target date.
func observe(rows []*row, c *sla.Calendar) ([]observation, error) {
	var all []observation
	for _, r := range rows {
		if r.target.IsZero() {
			continue
		}
		fits, err := fitting(r, c)
		if err != nil {
			return nil, err
		}
		all = append(all, observation{r.kind, r.opened, fits})
	}
	return all, nil
}

// votes count how many rows of a type fit a target.
type votes map[string]map[sla.Target]int

func (v votes) add(o observation) {
	if v[o.kind] == nil {
		v[o.kind] = map[sla.Target]int{}
	}
	for _, t := range o.fits {
		v[o.kind][t]++
	}
}

// winners are the most frequent target of each type: of two as frequent ones that
// with the rounder number of days, then that in business days. A type that nothing
// fits has none.
func (v votes) winners() map[string]sla.Target {
	all := map[string]sla.Target{}
	for kind, targets := range v {
		if len(targets) > 0 {
			all[kind] = slices.MinFunc(slices.Collect(maps.Keys(targets)), func(a, b sla.Target) int {
				return cmp.Or(targets[b]-targets[a], round(b.Days)-round(a.Days), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Days, b.Days))
			})
		}
	}
	return all
}

// period is a table of service levels: the target of each type, from a day on.
type period struct {
	from    time.Time
	targets map[string]sla.Target
}

// periods reads the service levels from the rows: the most frequent target of each
// type, in two tables if there is a day from which on other ones make at least one
// row in a hundred more come out.
func periods(seen []observation) []period {
	if len(seen) == 0 {
		return nil
	}
	seen = slices.SortedStableFunc(slices.Values(seen), func(a, b observation) int { return a.opened.Compare(b.opened) })
	days := byDay(seen)
	before, after := gains(slices.All(days)), gains(slices.Backward(days))
	// before[i] come out of the first i days, after[n-i] of the others
	best := 0
	for i := range days {
		if before[i]+after[len(days)-i] > before[best]+after[len(days)-best] {
			best = i
		}
	}
	table := func(days [][]observation) period {
		v := votes{}
		for _, day := range days {
			for _, o := range day {
				v.add(o)
			}
		}
		return period{midnight(days[0][0].opened), v.winners()}
	}
	if best == 0 || 100*(before[best]+after[len(days)-best]-after[len(days)]) < len(seen) {
		return []period{table(days)}
	}
	return []period{table(days[:best]), table(days[best:])}
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// byDay cuts observations, in order, into days.
func byDay(seen []observation) [][]observation {
	var days [][]observation
	for i, o := range seen {
		if i == 0 || !midnight(o.opened).Equal(midnight(seen[i-1].opened)) {
			days = append(days, nil)
		}
		days[len(days)-1] = append(days[len(days)-1], o)
	}
	return days
}

// gains are how many rows of none, the first, the first two, … days come out, each
// type with the target that is best for them.
func gains(days func(yield func(int, []observation) bool)) []int {
	v, most, sum := votes{}, map[string]int{}, 0
	all := []int{0}
	for _, day := range days {
		for _, o := range day {
			v.add(o)
			for _, t := range o.fits {
				if n := v[o.kind][t]; n > most[o.kind] {
					sum, most[o.kind] = sum+n-most[o.kind], n
				}
			}
		}
		all = append(all, sum)
	}
	return all
}

// agreement makes the service levels an agreement: configuration, and nothing but.
// Types with the same target share an objective.
func (p period) agreement() (*sla.Agreement, error) {
	kinds := map[sla.Target][]string{}
	for _, kind := range slices.Sorted(maps.Keys(p.targets)) {
		kinds[p.targets[kind]] = append(kinds[p.targets[kind]], kind)
	}
	spec := sla.AgreementSpec{Name: "boston-311", Version: p.from.Format(time.DateOnly), Calendars: []sla.CalendarSpec{boston()}}
	for _, t := range slices.SortedFunc(maps.Keys(kinds), func(a, b sla.Target) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Days, b.Days))
	}) {
		spec.Objectives = append(spec.Objectives, sla.Objective{
			ID: t.String(), Metric: sla.Resolution, When: map[string][]string{"category": kinds[t]},
			Target: t, Calendar: "boston", Intake: intake(t.Unit),
		})
	}
	return sla.NewAgreement(spec)
}

// heldOut is how many rows come out when each half of them (every other row) is
// judged by the service levels that the other half shows.
func heldOut(seen []observation) int {
	n := 0
	for half := range 2 {
		var learn, try []observation
		for i, o := range seen {
			if i%2 == half {
				learn = append(learn, o)
			} else {
				try = append(try, o)
			}
		}
		tables := periods(learn)
		for _, o := range try {
			if t, ok := inForce(tables, o.opened).targets[o.kind]; ok && slices.Contains(o.fits, t) {
				n++
			}
		}
	}
	return n
}

// inForce is the last table that has begun, or the first one.
func inForce(tables []period, at time.Time) period {
	var p period
	for i, t := range tables {
		if i == 0 || !at.Before(t.from) {
			p = t
		}
	}
	return p
}

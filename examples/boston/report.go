package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// kind is what came of the target dates of a type.
type kind struct {
	name            string
	targets, minute int
	strange         int                // of those not within a minute, how many fit no number of days
	others          map[sla.Target]int // the other numbers that they fit, and how many do
}

// misses says what the target dates are that did not come out.
func (k kind) misses() string {
	s := fmt.Sprintf("no number of days: %d", k.strange)
	if len(k.others) > 0 {
		most := votes{k.name: k.others}.winners()[k.name]
		s += fmt.Sprintf("; others: %d, mostly %v (%d)", len(k.others), most, k.others[most])
	}
	return s
}

// report is what the desk says, from its own cases, beside the file.
type report struct {
	targets              int // that the file gives
	second               int // came out to the second
	cut                  int // … or to the minute, where the file cuts opening or target to it
	minute               int // within a minute
	day                  int // on the same day
	outside, outsideSame int // business days of what came in outside hours, and of these to the second
	none                 int // no service level to be read
	kinds                []kind

	flagged, agree int // rows with the file's flag, and those on which the desk is of one mind with it
	unflagged      int
	unpromised     int // target dates that are the opening
	byClock        int // flags of target dates with which the computed ones are of one mind
	withTarget     int // target dates with a flag

	heldOut int
	tables  []period
	cases   int
	records int
	took    time.Duration
}

// readBack reads every case from the store, and compares it with its row.
func (r *replay) readBack(ctx context.Context, rows []*row) (*report, error) {
	calendar, err := sla.NewCalendar(boston())
	if err != nil {
		return nil, err
	}
	said, kinds := new(report), map[string]*kind{}
	byID := map[string]*row{}
	for _, row := range rows {
		byID[row.id] = row
		if kinds[row.kind] == nil {
			kinds[row.kind] = &kind{name: row.kind, others: map[sla.Target]int{}}
		}
	}
	q := recovery.Query{Limit: 1000}
	for {
		page, err := r.desk.Cases(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Cases {
			said.cases++
			row := byID[c.Reference]
			said.flag(row, c)
			if !row.target.IsZero() {
				if err := said.compare(row, c, calendar, kinds[row.kind]); err != nil {
					return nil, err
				}
			}
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	for _, k := range kinds {
		said.kinds = append(said.kinds, *k)
	}
	slices.SortFunc(said.kinds, func(a, b kind) int {
		return cmp.Or((b.targets-b.minute)-(a.targets-a.minute), strings.Compare(a.name, b.name))
	})
	for _, err := range history.Feed(ctx, r.store, 0) {
		if err != nil {
			return nil, err
		}
		said.records++
	}
	return said, nil
}

// flag compares the file's flag with what became of the promise of its target date.
func (r *report) flag(row *row, c recovery.Case) {
	missed := slices.ContainsFunc(c.Promises, func(p recovery.Pledge) bool {
		return p.State == recovery.PromiseLate || p.State == recovery.PromiseBroken
	})
	if row.target.Equal(row.opened) { // could not be promised, and is not kept
		r.unpromised++
		missed = !row.closed.Equal(row.target)
	}
	switch {
	case row.flag == "":
		r.unflagged++
	case missed == (row.flag == overdue):
		r.agree++
		fallthrough
	default:
		r.flagged++
	}
}

// compare compares the file's target date with the one that the agreement made.
func (r *report) compare(row *row, c recovery.Case, calendar *sla.Calendar, k *kind) error {
	r.targets++
	k.targets++
	clock, ok := resolution(c)
	if !ok {
		r.none++
		k.strange++
		return nil
	}
	if row.flag != "" {
		r.withTarget++
		r.byClock += one(!clock.BreachedAt.IsZero() == (row.flag == overdue))
	}
	due := clock.Due.In(calendar.Location())
	off := due.Sub(row.target)
	second, minute := off == 0, off.Abs() < time.Minute
	r.second += one(second)
	r.cut += one(second || row.cut && due.Truncate(time.Minute).Equal(row.target.Truncate(time.Minute)))
	r.minute += one(minute)
	r.day += one(midnight(due).Equal(midnight(row.target)))
	k.minute += one(minute)
	if clock.Target.Unit == sla.BusinessDays && !calendar.IsOpen(row.opened) {
		r.outside++
		r.outsideSame += one(second)
	}
	if minute {
		return nil
	}
	fits, err := fitting(row, calendar)
	k.strange += one(len(fits) == 0)
	for _, t := range fits {
		k.others[t]++
	}
	return err
}

// resolution is the clock that the agreement runs on a case.
func resolution(c recovery.Case) (sla.Clock, bool) {
	i := slices.IndexFunc(c.Clocks, func(k sla.Clock) bool { return k.Metric == sla.Resolution })
	if i < 0 {
		return sla.Clock{}, false
	}
	return c.Clocks[i], true
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// worst is how many types the report lists.
const worst = 15

func (r *report) text() string {
	var b strings.Builder
	line := func(what string, n, of int, remark string) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-56s %6d of %6d  %s  %s", what, n, of, percent(n, of), remark), " "))
	}
	fmt.Fprintln(&b, "service levels, read from the rows: the most frequent number of days of each type")
	for _, p := range r.tables {
		different := map[sla.Target]bool{}
		for _, t := range p.targets {
			different[t] = true
		}
		fmt.Fprintf(&b, "  from %s: %d types, %d different targets\n", p.from.Format(time.DateOnly), len(p.targets), len(different))
	}
	r.changes(&b)

	fmt.Fprintln(&b, "\ntarget dates that the desk computes as the city did")
	line("  to the second", r.second, r.targets, "")
	line("  … or to the minute, where the file is cut to it", r.cut, r.targets, "")
	line("  within a minute", r.minute, r.targets, "")
	line("  on the day", r.day, r.targets, "")
	if r.none > 0 {
		line("  none: no service level to be read", r.none, r.targets, "")
	}
	line("  to the second, of what came in outside hours", r.outsideSame, r.outside, "in business days: they start at an opening")
	line("  within a minute, with levels from other rows", r.heldOut, r.targets, "from one half, tried on the other")
	fmt.Fprintln(&b, "  (the city often counted from seconds, sometimes minutes, before or after the opening that the file shows)")
	fmt.Fprintln(&b, "\nontime: whether the target date that the city gave was kept, by the desk and by the file's flag")
	line("  of one mind", r.agree, r.flagged, fmt.Sprintf("without flag: %d; due when opened: %d", r.unflagged, r.unpromised))

	line("  of one mind, by the target dates that the desk computed", r.byClock, r.withTarget, "")

	fmt.Fprintln(&b, "\nworst types, by target dates that are not within a minute")
	for _, k := range r.kinds[:min(worst, len(r.kinds))] {
		if k.minute < k.targets {
			line("  "+k.name, k.targets-k.minute, k.targets, k.misses())
		}
	}
	fmt.Fprintf(&b, "\nspeed  %.0f cases per second (%d, with %d records, in %s)\n",
		float64(r.cases)/r.took.Seconds(), r.cases, r.records, r.took.Round(time.Millisecond))
	return b.String()
}

// changes lists the types whose target is another in the second table.
func (r *report) changes(b *strings.Builder) {
	if len(r.tables) < 2 {
		return
	}
	before, after := r.tables[0].targets, r.tables[1].targets
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if old, ok := before[name]; ok && old != after[name] {
			fmt.Fprintf(b, "  %-48s %v → %v\n", name, old, after[name])
		}
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "    –  "
	}
	return fmt.Sprintf("%6.2f %%", 100*float64(n)/float64(of))
}

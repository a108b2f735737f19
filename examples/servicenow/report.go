package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/amends-go/amends/recovery"
)

// counts are what the log and the desk must agree on.
type counts struct {
	incidents, reopened, reopenings int
	pauses                          int
	paused                          time.Duration
}

// countLog counts the log's own columns.
func countLog(all []*incident) counts {
	var n counts
	for _, in := range all {
		last := in.rows[len(in.rows)-1]
		n.incidents++
		n.reopened += one(last.reopened > 0)
		n.reopenings += last.reopened
		pauses, paused := in.awaited()
		n.pauses += pauses
		n.paused += paused
	}
	return n
}

// awaited is how often an incident began to wait, and for how long in all. What still
// waits when the log ends is not counted.
func (in *incident) awaited() (n int, sum time.Duration) {
	var since, at time.Time
	was := created
	for _, r := range in.rows {
		if r.updated.After(at) {
			at = r.updated
		}
		if r.state != was && was.awaits() != "" {
			sum += at.Sub(since)
		}
		if r.state != was && r.state.awaits() != "" {
			n, since = n+1, at
		}
		was = r.state
	}
	return n, sum
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// report is what the desk says, beside the log.
type report struct {
	counts
	sameReopens                    int // incidents on which desk and log count the same
	clocks, pausedClocks, breached int
	sla                            [2][2]int // incidents, by whether a clock breached and whether the log's flag fell
	took                           time.Duration
}

// readBack reads every incident's case, and all that happened on it.
func (r *replay) readBack(ctx context.Context, all []*incident) (report, error) {
	var said report
	for _, in := range all {
		c, err := r.desk.Case(ctx, r.cases[in])
		if err != nil {
			return said, err
		}
		r.note(c)
		said.incidents++
		said.reopened += one(c.Round > 1)
		said.reopenings += c.Round - 1
		last := in.rows[len(in.rows)-1]
		said.sameReopens += one(c.Round-1 == last.reopened)
		for entry, err := range r.desk.History(ctx, c.ID) {
			if err != nil {
				return said, err
			}
			if _, ok := entry.Event.(recovery.Waited); ok {
				said.pauses++
			}
		}
		late := false
		for n := 1; ; n++ {
			k, ok := r.clocks[cycle{c.ID, n}]
			if !ok {
				break
			}
			said.clocks++
			said.pausedClocks += one(len(k.Pauses) > 0)
			for _, p := range k.Pauses {
				if !p.To.IsZero() {
					said.paused += p.To.Sub(p.From)
				}
			}
			said.breached += one(!k.BreachedAt.IsZero())
			late = late || !k.BreachedAt.IsZero()
		}
		if last.state == closed {
			said.sla[one(late)][one(!last.made)]++
		}
	}
	return said, nil
}

// text is the report beside the log's counts.
func (r *report) text(log counts) string {
	var b strings.Builder
	line := func(what string, desk, log int, remark string) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-24s %7d %7d   %s", what, desk, log, remark), " "))
	}
	fmt.Fprintf(&b, "%-24s %7s %7s\n", "", "desk", "log")
	line("incidents", r.incidents, log.incidents, "")
	line("reopened", r.reopened, log.reopened, "")
	line("reopenings", r.reopenings, log.reopenings, "each a new round, by the log's column reopen_count")
	line("pauses", r.pauses, log.pauses, "each a stay in a state that awaits somebody")
	line("hours paused", int(r.paused.Hours()), int(log.paused.Hours()), "")
	agrees := "no"
	if r.counts == log && r.sameReopens == r.incidents {
		agrees = "yes"
	}
	fmt.Fprintf(&b, "reopen_count is the desk's on %d of %d incidents\nagrees with the log: %s\n\n", r.sameReopens, r.incidents, agrees)

	fmt.Fprintf(&b, "solution clocks  %d, a cycle for each round\n", r.clocks)
	fmt.Fprintf(&b, "  paused         %d (%s)\n", r.pausedClocks, percent(r.pausedClocks, r.clocks))
	fmt.Fprintf(&b, "  breached       %d (%s), by the example's agreement\n", r.breached, percent(r.breached, r.clocks))
	fmt.Fprintf(&b, "made_sla, of incidents closed in the log:          kept    missed\n")
	fmt.Fprintf(&b, "  no clock of the example breached            %9d %9d\n", r.sla[0][0], r.sla[0][1])
	fmt.Fprintf(&b, "  one breached                                %9d %9d\n", r.sla[1][0], r.sla[1][1])
	fmt.Fprintln(&b, "  (the log's own targets and hours are not known, and its flag flips at closing:")
	fmt.Fprintln(&b, "   the two need not agree, and when a target was missed the log does not say)")
	fmt.Fprintf(&b, "speed            %.0f cases per second (%d in %s)\n",
		float64(r.incidents)/r.took.Seconds(), r.incidents, r.took.Round(time.Millisecond))
	return b.String()
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

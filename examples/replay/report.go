package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// counts are what the file and the desk must agree on.
type counts struct {
	cases, repeats, sentBefore int
	responses                  [6]int // in the order of responses
	notTimely, disputed        int
}

// countRows counts the file's own columns.
func countRows(rows []*row) counts {
	var n counts
	seen := map[string]bool{}
	for _, r := range rows {
		n.cases++
		n.responses[slices.Index(responses(), r.response)]++
		n.repeats += one(seen[r.sum])
		n.sentBefore += one(r.sent.Before(r.received))
		n.notTimely += one(!r.timely)
		n.disputed += one(r.disputed == yes)
		seen[r.sum] = true
	}
	return n
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// report is what the desk says, from its own cases and events.
type report struct {
	counts
	rounds, events   int
	remedies         map[policy.Kind]int // presented
	steps            map[recovery.Step]int
	late, unanswered int // over the 15 days, and of these without any response
	overdue          int // over the 60 days
	others           int // cases in the store that are of no row

	written int           // records, in this run
	took    time.Duration // to replay the rows
}

// records counts all that is in a store: the events, and the documents that the
// desk keeps beside them.
func records(ctx context.Context, store history.Store) (int, error) {
	n := 0
	for _, err := range history.Feed(ctx, store, 0) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// readBack reads every case, and all that happened on those of the rows.
func readBack(ctx context.Context, desk *recovery.Desk, rows map[*row]uuid.UUID) (report, error) {
	r := report{remedies: map[policy.Kind]int{}, steps: map[recovery.Step]int{}}
	ours := map[uuid.UUID]bool{}
	for _, id := range rows {
		ours[id] = true
	}
	q := recovery.Query{Limit: 1000}
	for {
		page, err := desk.Cases(ctx, q)
		if err != nil {
			return r, err
		}
		for _, c := range page.Cases {
			if !ours[c.ID] {
				r.others++
				continue
			}
			past, err := readPast(ctx, desk, c.ID)
			if err != nil {
				return r, err
			}
			r.add(c, past)
		}
		if page.Next == "" {
			return r, nil
		}
		q.After = page.Next
	}
}

// past is what a case's events say that its standing does not.
type past struct {
	events    int
	presented []policy.Kind
	final     bool // there was a final response
	held      bool // there was a holding one
	disputed  bool
}

func readPast(ctx context.Context, desk *recovery.Desk, id uuid.UUID) (past, error) {
	var p past
	offers := map[int][]policy.Remedy{}
	for entry, err := range desk.History(ctx, id) {
		if err != nil {
			return p, err
		}
		p.events++
		switch e := entry.Event.(type) { //nolint:gochecksumtype // a reader picks what it needs
		case recovery.Proposed:
			offers[e.Offer.N] = e.Offer.Options[0].Remedies
		case recovery.Presented:
			for _, remedy := range offers[e.Offer] {
				p.presented = append(p.presented, remedy.Kind)
			}
		case recovery.Responded:
			p.final = p.final || e.Kind == recovery.FinalResponse
			p.held = p.held || e.Kind == recovery.Holding
		case recovery.CheckedBack:
			p.disputed = p.disputed || !e.Satisfied
		case recovery.Reopened:
			p.disputed = true
		}
	}
	return p, nil
}

// response is the file's word for how the company answered.
func (p past) response() response {
	for _, r := range responses() {
		if kind, ok := remedies()[r]; ok && slices.Contains(p.presented, kind) {
			return r
		}
	}
	switch {
	case p.final:
		return closedWithout
	case p.held:
		return inProgress
	}
	return untimely
}

func (r *report) add(c recovery.Case, p past) {
	r.cases++
	r.responses[slices.Index(responses(), p.response())]++
	r.repeats += one(slices.ContainsFunc(c.Links, func(l recovery.Link) bool { return l.As == recovery.Related }))
	received, _ := c.Facts["bureau_received"].(time.Time)
	r.sentBefore += one(c.Received.Before(received))
	r.notTimely += one(c.Facts["timely"] == false)
	r.disputed += one(p.disputed)

	r.rounds += c.Round
	r.events += p.events
	r.steps[c.Step]++
	for _, kind := range p.presented {
		r.remedies[kind]++
	}
	response, _ := c.Clock("cfpb-response")
	final, _ := c.Clock("cfpb-final")
	r.late += one(!response.BreachedAt.IsZero())
	r.unanswered += one(!response.BreachedAt.IsZero() && !p.final && !p.held)
	r.overdue += one(!final.BreachedAt.IsZero())
}

// text is the report beside the file's counts, and whether they agree.
func (r *report) text(file counts) string {
	var b strings.Builder
	line := func(what string, desk, file int, remark string) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-34s %7d %7d   %s", what, desk, file, remark), " "))
	}
	fmt.Fprintf(&b, "%-34s %7s %7s\n", "", "desk", "file")
	line("cases", r.cases, file.cases, "")
	for i, response := range responses() {
		line("  "+strings.ToLower(string(response)), r.responses[i], file.responses[i], "")
	}
	line("not timely", r.notTimely, file.notTimely, "the file's flag, a fact of each case")
	line("disputed", r.disputed, file.disputed, "each a second round")
	line("sent before they were received", r.sentBefore, file.sentBefore, "their clocks start when they were sent")
	line("rows that repeat an earlier one", r.repeats, file.repeats, "cases of their own, linked to the first")
	agrees := "no"
	if r.counts == file {
		agrees = "yes"
	}
	fmt.Fprintf(&b, "agrees with the file: %s\n\n", agrees)

	fmt.Fprintf(&b, "rounds    %d\n", r.rounds)
	fmt.Fprintf(&b, "events    %d\n", r.events)
	fmt.Fprintf(&b, "remedies  %s\n", listed(r.remedies))
	fmt.Fprintf(&b, "standing  %s\n", listed(r.steps))
	fmt.Fprintf(&b, "clocks    %d over the 15 days, %d of them never answered; %d over the 60 days\n", r.late, r.unanswered, r.overdue)
	fmt.Fprintln(&b, "          (the file has no dates of the answers: each stands on the last day that its flag allows)")
	if r.others > 0 {
		fmt.Fprintf(&b, "others    %d cases in the store that are not of this file\n", r.others)
	}
	fmt.Fprintf(&b, "written   %d records in this run\n", r.written)
	fmt.Fprintf(&b, "speed     %.0f cases per second (%d in %s)\n",
		float64(r.cases)/r.took.Seconds(), r.cases, r.took.Round(time.Millisecond))
	return b.String()
}

// listed are numbers by name, the greatest first.
func listed[K cmp.Ordered](n map[K]int) string {
	names := slices.SortedFunc(maps.Keys(n), func(a, b K) int { return cmp.Or(n[b]-n[a], cmp.Compare(a, b)) })
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%v %d", name, n[name])
	}
	return strings.Join(parts, ", ")
}

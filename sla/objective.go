package sla

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Objective is what an agreement sets for a metric: how much time there is, for which cases, and what happens on the way.
type Objective struct {
	ID       string
	Metric   Metric
	When     map[string][]string // attribute → values: every attribute must have one of its values; none: every case
	Target   Target              // may be zero with Promise alone, whose due time is the promise's own
	Calendar string              // name of a calendar; working time and business days need one
	Warn     []Warning
	Pause    []string // what pauses it, in the caller's words: "customer"
	MaxPause Target   // what its pauses last at most, those of a cycle together, in elapsed or working time; zero: as long as they last
	Stop     []string // what stops it beside what its metric says, in the caller's words: "accepted"
	Extend   []Extension

	PersonOnly bool // a machine's answer does not count
	Statutory  bool // holds beside the agreement's own objectives, and never pauses
	Intake     IntakeRules
	Source     string // where it comes from, as in "FCA DISP 1.6.2R"
}

// Pauses reports whether something pauses the objective's clocks. Statutory ones never pause.
func (o *Objective) Pauses(on string) bool { return !o.Statutory && slices.Contains(o.Pause, on) }

// StopsOn reports whether something stops the objective's clocks beside what its metric says.
func (o *Objective) StopsOn(what string) bool { return slices.Contains(o.Stop, what) }

func (o *Objective) clone() Objective {
	c := *o
	c.When = maps.Clone(o.When)
	for k, values := range c.When {
		c.When[k] = slices.Clone(values)
	}
	c.Warn, c.Pause, c.Stop, c.Extend = slices.Clone(o.Warn), slices.Clone(o.Pause), slices.Clone(o.Stop), slices.Clone(o.Extend)
	return c
}

// Extension is another, longer target that something grants: payment services have 15 business days for a final response, and 35
// once a holding response gave the reason.
type Extension struct {
	On     string // in the caller's words: "holding"
	Target Target // from the clock's true start
}

// Warning is a threshold beside the due time, a rung of the ladder on which a case is escalated: before it a share of the target's time
// (percent, from 1 to 99) or a time, or a time after it, for what is to follow a breach. One of the three is set. Its text is "75%",
// "2h before" or "2h after".
type Warning struct {
	Percent int           // of the time that counts: working time if the target is in working time or business days
	Before  time.Duration // of elapsed time, whole seconds
	After   time.Duration // of elapsed time, whole seconds
	Notify  string        // a role or an action's name, for whoever escalates; optional
}

// String is the warning's text without its Notify: "75%", "2h before", "2h after". It is the name of the threshold.
func (w Warning) String() string {
	switch {
	case w.Before != 0:
		return Target{Span: w.Before, Unit: Elapsed}.String() + " before"
	case w.After != 0:
		return Target{Span: w.After, Unit: Elapsed}.String() + " after"
	}
	return strconv.Itoa(w.Percent) + "%"
}

var (
	errWarning = errors.New(`want a share of the target as in "75%", or a time as in "2h before" or "2h after"`)
	errPercent = errors.New(`a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"`)
)

func parseWarning(s string) (Warning, error) {
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.Atoi(percent)
		switch {
		case err != nil && !errors.Is(err, strconv.ErrRange) || err == nil && strconv.Itoa(n) != percent:
			return Warning{}, errWarning
		case n < 1 || n > 99:
			return Warning{}, errPercent
		}
		return Warning{Percent: n}, nil
	}
	text, before := strings.CutSuffix(s, " before")
	text, after := strings.CutSuffix(text, " after")
	d, err := time.ParseDuration(text)
	switch {
	case before == after || err != nil:
		return Warning{}, errWarning
	case d <= 0:
		return Warning{}, errors.New("a warning's time is longer than zero, before or after the due time")
	case d%time.Second != 0:
		return Warning{}, errors.New("a warning's time is in whole seconds")
	case after:
		return Warning{After: d}, nil
	}
	return Warning{Before: d}, nil
}

// Facts are what conditions look at: "channel", "severity", "tier", "category" and the host's own.
type Facts map[string]string

// condition is one attribute of a When, with its values sorted.
type condition struct {
	attribute string
	values    []string
}

func conditions(when map[string][]string) []condition {
	all := make([]condition, 0, len(when))
	for _, attribute := range slices.Sorted(maps.Keys(when)) {
		all = append(all, condition{attribute, slices.Sorted(slices.Values(when[attribute]))})
	}
	return all
}

func hold(all []condition, f Facts) bool {
	for i := range all {
		value, ok := f[all[i].attribute]
		if !ok || !slices.Contains(all[i].values, value) {
			return false
		}
	}
	return true
}

package sla

import (
	"maps"
	"slices"
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

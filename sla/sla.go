// Package sla is business calendars, targets and clocks. Pure.
package sla

import (
	"iter"
	"time"
)

const todo = "skeleton"

type Unit uint8

const (
	Elapsed Unit = iota + 1
	Working
	BusinessDays
	CalendarDays
)

type Edge uint8 // on the last day: the same time of day, or its close ("close of 3 business days")

// Target is a quantity in a unit. JSON and text: as ParseTarget reads it.
type Target struct {
	Span time.Duration
	Days int
	Unit Unit
	Edge Edge
}

func ParseTarget(s string) (Target, error)                                         { panic(todo) }
func (t Target) String() string                                                    { panic(todo) }
func (t Target) From(at time.Time, c *Calendar, in IntakeRules) (time.Time, error) { panic(todo) }

// Metric is what an objective measures.
type Metric string

const (
	Acknowledgement Metric = "acknowledgement"
	NextResponse    Metric = "next_response"
	Update          Metric = "update"
	Clarification   Metric = "clarification"
	Approval        Metric = "approval"
	Solution        Metric = "solution"
	Promise         Metric = "promise"
	Escalation      Metric = "escalation"
	CheckBack       Metric = "check_back"
	Resolution      Metric = "resolution"
	FinalResponse   Metric = "final_response"
)

// Warning is a threshold before the due time: a share of the target or a time before it. Text: "75%", "2h before".
type Warning struct {
	Percent int
	Before  time.Duration
	Notify  string // a role or an action's name
}

// Extension is a longer target that something (a holding response) grants.
type Extension struct {
	On     string // "holding"
	Target Target
}

type Objective struct {
	ID         string
	Metric     Metric
	When       map[string][]string // attribute → values; all must hold
	Target     Target              // zero with Promise: the promise's own due time
	Calendar   string
	Warn       []Warning
	Pause      []string // what pauses it: "customer", …
	Stop       []string // what stops it beside what its metric says: "accepted", …
	Extend     []Extension
	PersonOnly bool // a machine's answer does not count
	Statutory  bool
	Intake     IntakeRules
	Source     string
}

// Facts are what conditions look at: "channel", "severity", "tier", "category" and the host's own.
type Facts map[string]string

// Name is a name that an agreement uses and only the host knows, with its place in the document.
type Name struct {
	Attribute, Value string // Attribute: "channel", …, or "role" for a warning's Notify
	Line, Column     int
}

type AgreementSpec struct {
	Name, Version string
	Calendars     []CalendarSpec
	Objectives    []Objective
}

// Digest is SHA-256 of an agreement's canonical document; text: hex.
type Digest [32]byte

func (d Digest) String() string               { panic(todo) }
func (d Digest) MarshalText() ([]byte, error) { panic(todo) }
func (d *Digest) UnmarshalText([]byte) error  { panic(todo) }

// Agreement is immutable and safe for concurrent use.
type Agreement struct{ _ int }

func Load(doc []byte) (*Agreement, error)                   { panic(todo) }
func NewAgreement(AgreementSpec) (*Agreement, error)        { panic(todo) }
func (a *Agreement) Name() string                           { panic(todo) }
func (a *Agreement) Version() string                        { panic(todo) }
func (a *Agreement) Digest() Digest                         { panic(todo) }
func (a *Agreement) Document() []byte                       { panic(todo) } // canonical: Load(a.Document()) has the same Digest, which is its SHA-256
func (a *Agreement) Calendar(name string) (*Calendar, bool) { panic(todo) }

// Select returns the metric's objectives for the facts: the first match in the document's order that is not statutory, and every statutory match.
func (a *Agreement) Select(m Metric, f Facts) []*Objective { panic(todo) }
func (a *Agreement) Objectives() []Objective               { panic(todo) } // copies
func (a *Agreement) Names() iter.Seq[Name]                 { panic(todo) }

// Span is a stretch of time that was counted (open), not counted (closed), or paused.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Kind SpanKind  `json:"kind"`
}
type SpanKind string

const (
	Open   SpanKind = "open"
	Closed SpanKind = "closed"
	Paused SpanKind = "paused"
)

// Pause is one pause of a clock; To is zero while it lasts.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Threshold is a point that a clock passes once in a cycle.
type Threshold struct {
	At     time.Time `json:"at,omitzero"` // zero while paused
	Name   string    `json:"name"`        // "75%", "2h before", "due"
	Notify string    `json:"notify,omitempty"`
}

// Clock is one run of one objective on one case: a pure value that carries its answers, so that folding it needs no calendar.
// Its slices are never written after the Clock was returned: methods return a new Clock and leave the old one as it was.
type Clock struct {
	ID         string      `json:"id"` // the objective's, or the caller's ("promise:3")
	Objective  string      `json:"objective"`
	Metric     Metric      `json:"metric"`
	Agreement  Digest      `json:"agreement"` // which document has the objective and calendar
	Target     Target      `json:"target,omitzero"`
	Cycle      int         `json:"cycle"` // 1, 2, …
	Statutory  bool        `json:"statutory,omitempty"`
	Started    time.Time   `json:"started"`
	Pauses     []Pause     `json:"pauses,omitempty"`
	Fixed      time.Time   `json:"fixed,omitzero"`       // a due time that was given, not computed (a promise)
	Due        time.Time   `json:"due,omitzero"`         // zero while a pause that began before it lasts
	Thresholds []Threshold `json:"thresholds,omitempty"` // rising; the last is "due"
	Fired      int         `json:"fired,omitempty"`      // how many Thresholds have been passed and recorded
	BreachedAt time.Time   `json:"breached_at,omitzero"`
	StoppedAt  time.Time   `json:"stopped_at,omitzero"`
	Withdrawn  bool        `json:"withdrawn,omitempty"` // a recorded breach was disproved by a late entry
}

// Running reports whether the clock was started and not stopped; a paused clock is running.
func (c Clock) Running() bool { return !c.Started.IsZero() && c.StoppedAt.IsZero() }

// Paused reports whether a pause lasts.
func (c Clock) Paused() bool { return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To.IsZero() }

// Next is when the next threshold that has not fired is reached; zero if stopped, all fired or paused.
func (c Clock) Next() time.Time { panic(todo) }

// Crossing is a threshold that was passed.
type Crossing struct {
	Threshold Threshold
	Breach    bool
	Announce  bool // the last of those passed at once: a late start announces one
}

type Status struct {
	State              string // running, paused, outside_hours, at_risk, breached, met, late
	Elapsed, Remaining time.Duration
	Share              float64
}

func (a *Agreement) Start(id string, o *Objective, at time.Time, cycle int) (Clock, error) {
	panic(todo)
}

// StartDue starts a clock whose due time is given (a promise); warnings are computed backwards from it.
func (a *Agreement) StartDue(id string, o *Objective, at, due time.Time, cycle int) (Clock, error) {
	panic(todo)
}
func (a *Agreement) Pause(c Clock, at time.Time) (Clock, error)  { panic(todo) }
func (a *Agreement) Resume(c Clock, at time.Time) (Clock, error) { panic(todo) }

// Retarget recomputes a running clock from its true start under another objective (or an extended target of its own), keeping the pauses spent;
// a breach that no longer holds is withdrawn, thresholds not yet reached are armed again.
func (a *Agreement) Retarget(c Clock, o *Objective, at time.Time) (Clock, error)  { panic(todo) }
func (a *Agreement) Extend(c Clock, on string, at time.Time) (Clock, bool, error) { panic(todo) }
func (a *Agreement) At(c Clock, now time.Time) (Status, error)                    { panic(todo) }
func (a *Agreement) Explain(c Clock, now time.Time) ([]Span, error)               { panic(todo) }

// Stop ends the clock at an instant, which may lie before a breach that was recorded: then the breach is withdrawn.
func (c Clock) Stop(at time.Time) Clock { panic(todo) }

// Cross records the thresholds reached by now. The breach carries the instant that it was due.
func (c Clock) Cross(now time.Time) (Clock, []Crossing) { panic(todo) }

package sla

import (
	"fmt"
	"time"
)

// SpanKind is how a stretch of a clock's time was counted.
type SpanKind string

// The kinds of spans.
const (
	Open   SpanKind = "open"   // counted
	Closed SpanKind = "closed" // not counted: outside hours, or before the intake rules let it begin
	Paused SpanKind = "paused" // would have counted, had the clock not been paused
)

// Span is a stretch of a clock's time, in the zone of its calendar (UTC if it has none).
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Kind SpanKind  `json:"kind"`
}

// String is the span on one line: "Fri 2026-03-06 16:00:00 – 17:00:00 open 1h0m0s".
func (s Span) String() string {
	const at = "Mon 2006-01-02 15:04:05"
	to := s.To.Format(at)
	if s.From.Format(time.DateOnly) == s.To.Format(time.DateOnly) {
		to = s.To.Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s – %s %s %v", s.From.Format(at), to, s.Kind, s.To.Sub(s.From))
}

// maxSpans bounds an explanation: some fifty years of days with two windows each.
const maxSpans = 1 << 16

// Explain is how a clock's due time came about: the spans from its start to its due time, without gaps, of which the open ones add up to
// the target. A clock that is stopped or dropped is explained up to then, one that is overdue or has no due time (it is paused) up to now. A
// capped pause that lasts is taken to last until its cap is used up. More than 65,536 spans are an error.
func (a *Agreement) Explain(c Clock, now time.Time) ([]Span, error) {
	k, err := a.course(&c)
	if err != nil {
		return nil, fmt.Errorf("%w (explain clock %q)", err, c.ID)
	}
	end := c.until(later(c.Due, now))
	x := explanation{course: k}
	at := x.add(c.Started, earlier(k.start, end), Closed)
	for _, p := range c.Pauses {
		at = x.count(at, earlier(p.From, end), Open)
		at = x.count(at, p.until(end), Paused)
	}
	x.count(at, end, Open)
	if len(x.spans) > maxSpans {
		return nil, fmt.Errorf("sla: explain clock %q: more than %d spans from %s to %s", c.ID, maxSpans, c.Started.Format(time.RFC3339), end.Format(time.RFC3339))
	}
	return x.spans, nil
}

// explanation collects spans.
type explanation struct {
	course
	spans []Span
}

// add appends a span, lengthening the last one if that is of the same kind, and returns its end.
func (x *explanation) add(from, to time.Time, kind SpanKind) time.Time {
	if !from.Before(to) {
		return from
	}
	if n := len(x.spans); n > 0 && x.spans[n-1].Kind == kind {
		x.spans[n-1].To = to.In(x.zone)
	} else {
		x.spans = append(x.spans, Span{from.In(x.zone), to.In(x.zone), kind})
	}
	return to
}

// count appends the time from one instant to another: what counts as a kind, the rest as closed. It returns where it ended.
func (x *explanation) count(from, to time.Time, kind SpanKind) time.Time {
	if x.calendar == nil {
		return x.add(from, to, kind)
	}
	for from.Before(to) && len(x.spans) <= maxSpans {
		opens, ok := x.calendar.NextOpen(from)
		if !ok || opens.After(to) {
			opens = to
		}
		from = x.add(from, opens, Closed)
		from = x.add(from, earlier(x.calendar.closing(from), to), kind)
	}
	return later(from, to)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

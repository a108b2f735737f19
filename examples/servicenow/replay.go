package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

//go:embed agreement.json
var agreementDocument []byte

// act is what happens to an incident at an instant.
type act struct {
	on   *incident
	line int
	at   time.Time
	do   []step // nothing: the incident comes in
}

// step is a command, and who gives it.
type step struct {
	by recovery.Actor
	do recovery.Command
}

// acts are what happened to an incident, in order. A few rows are earlier than the
// one before them: they happen with it.
func (in *incident) acts() []act {
	at := in.rows[0].opened
	all := []act{{on: in, line: in.rows[0].line, at: at}}
	was := &row{state: created, severity: in.rows[0].severity}
	told := false // in this round
	for _, r := range in.rows {
		if r.updated.After(at) {
			at = r.updated
		}
		if was.state == closed && r.state == resolved {
			continue // it is not open again
		}
		if was.state.over() && !r.state.over() {
			told = false
		}
		if do := in.steps(was, r, &told); len(do) > 0 {
			all = append(all, act{in, r.line, at, do})
		}
		was = r
	}
	return all
}

// steps are what turns how an incident stood into how it stands.
func (in *incident) steps(was, is *row, told *bool) []step {
	agent := recovery.Actor{ID: cmp.Or(is.by, "staff")}
	caller := recovery.Actor{ID: cmp.Or(in.rows[0].caller, "caller"), Kind: recovery.Customer}
	var all []step
	do := func(by recovery.Actor, commands ...recovery.Command) {
		for _, c := range commands {
			all = append(all, step{by, c})
		}
	}
	moved := was.state != is.state
	switch {
	case moved && was.state.awaits() != "":
		do(agent, recovery.Resume{})
	case was.state == closed && !is.state.over():
		do(agent, recovery.Reopen{Reason: "reopened"})
	case was.state == resolved && !is.state.over():
		do(caller, recovery.CheckBack{Satisfied: false})
	}
	if is.severity != was.severity && (was.state != closed || moved) {
		do(agent, recovery.Reclassify{Severity: is.severity})
	}
	if !moved {
		return all
	}
	if !*told && is.state != created && is.state != closed { // somebody has taken it up
		*told = true
		do(agent, recovery.Acknowledge{})
	}
	switch {
	case is.state.awaits() != "":
		do(agent, recovery.Wait{On: is.state.awaits()})
	case is.state == resolved && was.state != closed:
		do(agent, recovery.Clarify{Restated: "as in the log", Basis: recovery.Written},
			recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Correction}}}, recovery.Present{})
	case is.state == closed && was.state == resolved: // nobody objected: silence is not satisfaction
		do(agent, recovery.Close{As: recovery.Unconfirmed})
	case is.state == closed:
		do(agent, recovery.Close{As: recovery.Withdrawn, Reason: "closed without a resolution"})
	}
	return all
}

// ever is how long a solution may be objected to, and a closed incident reopened:
// the log knows no limit.
const ever = 200 * 365 * 24 * time.Hour

// cycle names one run of a case's solution clock.
type cycle struct {
	of uuid.UUID
	n  int
}

// replay takes incidents through a desk as they happened: all acts on all of them in
// the order of their time, with the desk's clock at each.
type replay struct {
	desk   *recovery.Desk
	now    time.Time
	cases  map[*incident]uuid.UUID
	clocks map[cycle]sla.Clock // the solution clocks, as they stood last
}

func newReplay(store history.Store) (*replay, error) {
	agreement, err := sla.Load(agreementDocument)
	if err != nil {
		return nil, err
	}
	r := &replay{cases: map[*incident]uuid.UUID{}, clocks: map[cycle]sla.Clock{}}
	r.desk, err = recovery.New(store, &recovery.Options{
		Agreement: agreement, Names: names(), Now: func() time.Time { return r.now }, AnswerWithin: ever, ReopenWithin: ever,
	})
	return r, err
}

// play lets everything happen, and tells how many acts are done of how many.
func (r *replay) play(ctx context.Context, all []*incident, progress func(done, all int)) error {
	var acts []act
	for _, in := range all {
		acts = append(acts, in.acts()...)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return a.at.Compare(b.at) })
	for i, a := range acts {
		if a.at.After(r.now) {
			r.now = a.at
			if _, err := r.desk.Tick(ctx); err != nil { // a server calls Desk.Run
				return err
			}
		}
		if err := r.perform(ctx, a); err != nil {
			return fmt.Errorf("line %d: %w", a.line, err)
		}
		progress(i+1, len(acts))
	}
	return nil
}

// perform does one act: the commands of each actor in one call.
func (r *replay) perform(ctx context.Context, a act) error {
	if len(a.do) == 0 {
		first := a.on.rows[0]
		c, err := r.desk.Open(ctx, recovery.Actor{ID: "log", Kind: recovery.Machine}, recovery.Complaint{
			Reference: a.on.id, Customer: first.caller, Channel: first.channel, Severity: first.severity, Received: first.opened,
		})
		r.cases[a.on] = c.ID
		return err
	}
	for len(a.do) > 0 {
		by, n := a.do[0].by, 0
		var commands []recovery.Command
		for n < len(a.do) && a.do[n].by == by {
			commands = append(commands, a.do[n].do)
			n++
		}
		c, err := r.desk.Do(ctx, r.cases[a.on], by, commands...)
		if err != nil {
			return err
		}
		r.note(c)
		a.do = a.do[n:]
	}
	return nil
}

// note keeps a case's solution clocks. A case has the running and the last cycle of
// each; we count all.
func (r *replay) note(c recovery.Case) {
	for _, k := range c.Clocks {
		if k.Metric == sla.Solution {
			r.clocks[cycle{c.ID, k.Cycle}] = k
		}
	}
}

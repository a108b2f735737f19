package recovery

import (
	"fmt"
	"slices"
)

// Step is where a case stands in the five-step process.
type Step string

// The steps. A case is open in every step but StepClosed.
const (
	StepReceived     Step = "received"     // the complaint, or a new round of it, has come in
	StepStrategized  Step = "strategized"  // step 1: the goal is set
	StepAcknowledged Step = "acknowledged" // step 2: a person told the customer that they were heard
	StepClarified    Step = "clarified"    // step 3: the concern is understood and confirmed
	StepApproval     Step = "approval"     // step 4: an offer waits for somebody's approval
	StepApproved     Step = "approved"     // step 4: an offer may be made; the customer has not been told
	StepPresented    Step = "presented"    // step 4: the customer has been told
	StepFulfilling   Step = "fulfilling"   // accepted; promises are outstanding
	StepDelivered    Step = "delivered"    // all that was promised is done
	StepResolved     Step = "resolved"     // step 5: the customer said that they are satisfied
	StepReferred     Step = "referred"     // with an ombudsman or another body
	StepClosed       Step = "closed"
)

// allSteps lists the steps in the order of the process.
//
//nolint:gochecknoglobals // a compiled table
var allSteps = []Step{
	StepReceived, StepStrategized, StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented,
	StepFulfilling, StepDelivered, StepResolved, StepReferred, StepClosed,
}

//nolint:gochecknoglobals // a compiled table
var openSteps = allSteps[:len(allSteps)-1]

// outcome is an event of the state machine: what came of a command, not the command.
type outcome string

const (
	strategize  outcome = "strategize"
	acknowledge outcome = "acknowledge"
	unclear     outcome = "unclear"
	clarify     outcome = "clarify"
	askApproval outcome = "ask_approval"
	cleared     outcome = "clear"
	withhold    outcome = "withhold"
	present     outcome = "present"
	accept      outcome = "accept"
	acceptDone  outcome = "accept_done"
	deliver     outcome = "deliver"
	satisfy     outcome = "satisfy"
	newRound    outcome = "new_round"
	refer       outcome = "refer"
	award       outcome = "award"
	closeCase   outcome = "close"
)

// move is a row of the transition table.
type move struct {
	event outcome
	from  []Step
	to    Step
}

// table is the five-step process. Every move of a case is one of its rows.
//
//nolint:gochecknoglobals // a compiled table
var table = []move{
	{strategize, []Step{StepReceived}, StepStrategized},
	{acknowledge, []Step{StepReceived, StepStrategized}, StepAcknowledged},
	{unclear, []Step{StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented}, StepAcknowledged},
	{clarify, []Step{StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented}, StepClarified},
	{askApproval, []Step{StepClarified, StepApproved, StepPresented}, StepApproval},
	{cleared, []Step{StepClarified, StepApproval, StepApproved, StepPresented}, StepApproved},
	{withhold, []Step{StepApproval, StepApproved, StepPresented}, StepClarified},
	{present, []Step{StepApproved}, StepPresented},
	{accept, []Step{StepPresented}, StepFulfilling},
	{acceptDone, []Step{StepPresented}, StepDelivered},
	{deliver, []Step{StepFulfilling}, StepDelivered},
	{satisfy, []Step{StepDelivered}, StepResolved},
	{newRound, []Step{StepPresented, StepFulfilling, StepDelivered, StepResolved, StepClosed, StepReferred}, StepReceived},
	{refer, slices.DeleteFunc(slices.Clone(allSteps), func(s Step) bool { return s == StepReferred }), StepReferred},
	{award, []Step{StepReferred}, StepFulfilling},
	{closeCase, openSteps, StepClosed},
}

// legal says in which steps each command is possible.
//
//nolint:gochecknoglobals // a compiled table
var legal = []struct {
	command string
	steps   []Step
}{
	{"strategize", openSteps},
	{"acknowledge", []Step{StepReceived, StepStrategized}},
	{"clarify", []Step{StepAcknowledged, StepClarified, StepApproval, StepApproved, StepPresented}},
	{"propose", []Step{StepClarified, StepApproval, StepApproved, StepPresented}},
	{"approve", []Step{StepApproval}},
	{"refuse", []Step{StepApproval}},
	{"present", []Step{StepApproved}},
	{"retract", []Step{StepApproval, StepApproved, StepPresented}},
	{"accept", []Step{StepPresented}},
	{"decline", []Step{StepPresented}},
	{"promise", openSteps},
	{"fulfil", allSteps},
	{"release", allSteps},
	{"check_back", []Step{StepPresented, StepFulfilling, StepDelivered, StepResolved}},
	{"respond", allSteps},
	{"close", openSteps},
	{"reopen", []Step{StepResolved, StepClosed}},
	{"refer", slices.DeleteFunc(slices.Clone(allSteps), func(s Step) bool { return s == StepReferred })},
	{"decide", []Step{StepReferred}},
	{"contact", allSteps},
	{"wait", openSteps},
	{"resume", openSteps},
	{"assign", openSteps},
	{"escalate", openSteps},
	{"reclassify", openSteps},
	{"learn", openSteps},
	{"flag_abuse", openSteps},
	{"link", allSteps},
	{"note", allSteps},
}

// legalIn lists the commands that are possible in a step.
func legalIn(s Step) []string {
	var out []string
	for _, l := range legal {
		if slices.Contains(l.steps, s) {
			out = append(out, l.command)
		}
	}
	return out
}

// isLegal reports whether a command is possible in a step.
func isLegal(command string, s Step) bool {
	for _, l := range legal {
		if l.command == command {
			return slices.Contains(l.steps, s)
		}
	}
	return false
}

// checkTable finds what looplab/fsm would take silently: two destinations for
// one event and step, steps that cannot be reached, and reserved names.
func checkTable(rows []move) error {
	type source struct {
		event outcome
		from  Step
	}
	seen := map[source]bool{}
	reached := map[Step]bool{StepReceived: true}
	for _, m := range rows {
		if m.event == "" || m.event == "event" || m.event == "state" {
			return fmt.Errorf("recovery: transition table: event name %q is reserved", m.event)
		}
		for _, from := range m.from {
			if seen[source{m.event, from}] {
				return fmt.Errorf("recovery: transition table: %s from %s stands twice", m.event, from)
			}
			seen[source{m.event, from}] = true
		}
	}
	for range rows {
		for _, m := range rows {
			if slices.ContainsFunc(m.from, func(s Step) bool { return reached[s] }) {
				reached[m.to] = true
			}
		}
	}
	for _, m := range rows {
		for _, s := range append(slices.Clone(m.from), m.to) {
			if !reached[s] {
				return fmt.Errorf("recovery: transition table: step %s cannot be reached", s)
			}
		}
	}
	return nil
}

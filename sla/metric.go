package sla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Metric is what an objective measures, from what starts its clock to what stops it. What is elsewhere called
//
//	first response time, first reply time        is  Acknowledgement (with personOnly, if a machine's answer does not count)
//	next reply time, response time of a contact  is  NextResponse
//	periodic update, update interval             is  Update
//	decision time, time to approve               is  Approval
//	time to propose, time to a proposal          is  Solution
//	callback time, a promised time               is  Promise
//	time to a supervisor                         is  Escalation
//	follow-up, satisfaction call                 is  CheckBack
//	time to resolve, time to close               is  Resolution
//	a regulator's time to a final answer         is  FinalResponse
type Metric string

// The metrics, with what starts and what stops their clocks.
const (
	Acknowledgement Metric = "acknowledgement" // case opened or a new round; acknowledged, by a person where the objective says so
	NextResponse    Metric = "next_response"   // the customer's oldest unanswered contact; an outbound contact by a person
	Update          Metric = "update"          // an outbound contact; the next one
	Clarification   Metric = "clarification"   // acknowledged; the customer's concern confirmed
	Approval        Metric = "approval"        // approval asked for; decided
	Solution        Metric = "solution"        // case opened or a new round; a solution presented
	Promise         Metric = "promise"         // promise made; kept. Its due time is the promise's own
	Escalation      Metric = "escalation"      // a person or manager demanded; answered by that role
	CheckBack       Metric = "check_back"      // delivered; checked back
	Resolution      Metric = "resolution"      // case opened, across rounds; resolved
	FinalResponse   Metric = "final_response"  // case opened, statutory; a written final response
)

func metrics() []string {
	return []string{
		string(Acknowledgement), string(NextResponse), string(Update), string(Clarification), string(Approval), string(Solution),
		string(Promise), string(Escalation), string(CheckBack), string(Resolution), string(FinalResponse),
	}
}

// everyday are other words for metrics, as in the documentation of Metric. None of them is accepted.
func everyday() [][]string {
	return [][]string{
		{string(Acknowledgement), "first_response", "first_response_time", "time_to_first_response", "first_reply", "first_reply_time", "time_to_first_reply"},
		{string(NextResponse), "next_reply", "next_reply_time", "next_response_time", "time_to_next_response", "every_response", "every_reply"},
		{string(Update), "periodic_update", "status_update", "update_interval"},
		{string(Approval), "decision", "decision_time", "time_to_decision", "time_to_approve"},
		{string(Solution), "proposal", "time_to_propose", "time_to_solution"},
		{string(Promise), "callback", "callback_time"},
		{string(Escalation), "supervisor", "manager", "time_to_supervisor"},
		{string(CheckBack), "follow_up", "satisfaction", "satisfaction_call"},
		{string(Resolution), "resolve", "resolution_time", "time_to_resolve", "time_to_resolution", "close", "time_to_close"},
		{string(FinalResponse), "final_answer", "final_reply", "final_response_time"},
	}
}

// metricMeant is the metric that a word may have meant; empty if none is near.
func metricMeant(word string) string {
	word = strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(word))
	known, is := metrics(), map[string]string{}
	for _, words := range everyday() {
		for _, w := range words[1:] {
			is[w] = words[0]
			known = append(known, w)
		}
	}
	near := jsondoc.Nearest(word, known)
	if metric, ok := is[near]; ok {
		return metric
	}
	return near
}

// readMetric reads a metric. One that is unknown is reported with all that there are: a word that is near may be another's meaning.
func readMetric(v jsondoc.Value) Metric {
	text := v.Text()
	if !v.IsText() {
		return ""
	}
	if slices.Contains(metrics(), text) {
		return Metric(text)
	}
	meant := ""
	if near := metricMeant(text); near != "" {
		meant = fmt.Sprintf(" (did you mean %q?)", near)
	}
	v.Faultf("unknown metric %q%s; there are %s", text, meant, strings.Join(metrics(), ", "))
	return ""
}

package recovery

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// describe is an event in a line for people.
func describe(e Event) string {
	s := what(e)
	if step := changeOf(e).Step; step != "" {
		s += fmt.Sprintf("  → %s", step)
	}
	return s
}

// name is the type of an event without its version; of none it is empty.
func name(e Event) string {
	if e == nil {
		return ""
	}
	s, _, _ := strings.Cut(e.event(), "/")
	return s
}

// what says what happened, with its own words where it has some.
func what(e Event) string {
	switch e := e.(type) {
	case Opened:
		return named(e, string(e.Complaint.Channel), e.Complaint.Summary)
	case Strategized:
		return named(e, e.Goal)
	case Acknowledged:
		return named(e, string(e.Channel), e.Text)
	case Clarified:
		return named(e, string(e.Basis), e.Restated)
	case Unclear:
		return named(e, e.Restated)
	case Proposed:
		return named(e, offered(e.Offer), e.Offer.Decision.String())
	case Approved:
		return named(e, fmt.Sprintf("offer %d", e.Offer), e.Decision.String())
	case Refused:
		return named(e, fmt.Sprintf("offer %d", e.Offer), e.Reason)
	case ApprovalExpired:
		return named(e, fmt.Sprintf("offer %d", e.Offer))
	case Presented:
		return named(e, fmt.Sprintf("offer %d", e.Offer), string(e.Channel), e.Text)
	case Retracted:
		return named(e, fmt.Sprintf("offer %d", e.Offer), takenBy(e.For), e.Reason)
	case Lapsed:
		return named(e, fmt.Sprintf("offer %d", e.Offer))
	case Accepted:
		return named(e, fmt.Sprintf("offer %d", e.Offer), promised(e.Promises))
	case Declined:
		return named(e, fmt.Sprintf("offer %d", e.Offer), e.Reason)
	case GivenBack:
		return named(e, fmt.Sprintf("offer %d", e.Offer))
	case PromiseMade:
		return named(e, promised([]Pledge{e.Promise}))
	case PromiseFulfilled:
		return named(e, fmt.Sprintf("promise %d", e.Promise), yes(e.Late, "late"), e.Note)
	case PromiseFreed:
		return named(e, fmt.Sprintf("promise %d", e.Promise), e.Reason)
	case PromiseFailed:
		return named(e, fmt.Sprintf("promise %d", e.Promise))
	case CheckedBack:
		answer := "not satisfied"
		if e.Satisfied {
			answer = "satisfied"
		}
		return named(e, answer, yes(e.Exceeded == Yes, "expectations exceeded"), yes(e.Exceeded == No, "expectations not exceeded"), e.Comment)
	case RoundStarted:
		return named(e, fmt.Sprintf("round %d", e.Round), string(e.Why), yes(e.Deviation, "a failed recovery"))
	case Deviated:
		return named(e, string(e.Severity))
	case Responded:
		return named(e, string(e.Kind), e.Text)
	case Closed:
		return named(e, string(e.As), e.Reason)
	case Reopened:
		return named(e, e.Reason)
	case Referred:
		return named(e, e.To)
	case Decided:
		return named(e, string(e.Ruling), e.Reason)
	case Contacted:
		direction := "in"
		if e.Out {
			direction = "out"
		}
		return named(e, direction, string(e.Channel), yes(e.NoAnswer, "not reached"), e.Text)
	case Waited:
		return named(e, e.On)
	case Assigned:
		return named(e, e.To, yes(e.Transfer, "transferred"))
	case Escalated:
		return named(e, string(e.To), string(e.Cause), e.Reason)
	case EscalationAnswered:
		return named(e, e.By.ID)
	case Reclassified:
		renewed := ""
		if e.Renew {
			renewed = "clocks under the agreement in force"
		}
		return named(e, string(e.Category), e.Situation, string(e.Severity), renewed)
	case AbuseFlagged:
		return named(e, fmt.Sprintf("level %d", e.Level))
	case Linked:
		return named(e, string(e.As), e.Reference)
	case Noted:
		return named(e, e.Text)
	case ClockWarned:
		return named(e, e.Clock, rung(e.Threshold))
	case ClockBreached:
		return named(e, e.Clock, told(e.Notify))
	case BreachWithdrawn:
		return named(e, e.Clock)
	case Reserved, Spent, Released, Returned, DocumentKept, Delivered, Resumed, Learned, Erased:
	}
	return name(e)
}

// named is the event's name and its words, those that are not empty, on one line:
// what customers wrote neither breaks it nor steers a terminal.
func named(e Event, words ...string) string {
	var said []string
	for _, w := range words {
		w = strings.Join(strings.FieldsFunc(w, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
		if w != "" {
			said = append(said, w)
		}
	}
	return fmt.Sprintf("%-20s %s", name(e), strings.Join(said, "; "))
}

// rung says which threshold was reached, and who is to hear of it.
func rung(t sla.Threshold) string {
	s := "at risk: " + t.Name
	if strings.HasSuffix(t.Name, " after") {
		s = "still open " + t.Name + " it was due"
	}
	if t.Notify != "" {
		s += ", " + told(t.Notify)
	}
	return s
}

// told says who is to hear of something; empty: nobody in particular.
func told(who string) string {
	if who == "" {
		return ""
	}
	return "tell " + who
}

// takenBy says what an offer had to make way for.
func takenBy(o outcome) string {
	if o == "" {
		return ""
	}
	return "to make way for " + string(o)
}

func yes(b bool, s string) string {
	if b {
		return s
	}
	return ""
}

func offered(o Offer) string {
	options := make([]string, len(o.Options))
	for i, option := range o.Options {
		options[i] = remedies(option.Remedies)
	}
	return strings.Join(options, " or ")
}

func remedies(all []policy.Remedy) string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = string(r.Kind)
		if !r.Amount.IsZero() {
			out[i] += " " + r.Amount.String()
		}
		if r.Item != "" {
			out[i] += " (" + r.Item + ")"
		}
	}
	return strings.Join(out, " and ")
}

func promised(all []Pledge) string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = fmt.Sprintf("promise %d: %s by %s", p.N, p.What, p.Due.Format("2006-01-02 15:04"))
	}
	return strings.Join(out, ", ")
}

package main

import (
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// act is one thing that somebody does about a row's complaint at an instant.
type act struct {
	row  *row
	what string // with the row's id the key that lets the act happen once
	at   time.Time
	by   recovery.Actor
	do   []recovery.Command // nothing: the complaint comes in
}

// The file has dates, not times of day: complaints come in at the end of a day,
// and all else is done in the morning.
const (
	morning = 9 * time.Hour
	evening = 17 * time.Hour
)

// The file does not say when the company answered, only whether that was timely.
// So it answers on the last day of which that can be true: the 15th, or, if it
// was not timely, the 16th. Nor does it say when the consumer disputed, for which
// there were 60 days: they do so on the next day, and those who do not have said
// nothing when the 60 days are over.
const (
	inTime      = 15
	tooLate     = 16
	nextDay     = 1
	disputeDays = 60
)

// bureau is the program that hands the complaints on.
func bureau() recovery.Actor { return recovery.Actor{ID: "cfpb", Kind: recovery.Machine} }

// acts are what happened to the row's complaint, in order.
func (r *row) acts() []act {
	company := recovery.Actor{ID: r.company, Role: "company"}
	consumer := recovery.Actor{ID: r.id, Kind: recovery.Customer}
	all := []act{{r, "sent", r.sent.Add(evening), bureau(), nil}}
	then := func(what string, days int, by recovery.Actor, do ...recovery.Command) {
		all = append(all, act{r, what, r.sent.AddDate(0, 0, days).Add(morning), by, do})
	}
	answered := inTime
	if !r.timely {
		answered = tooLate
	}
	timely := recovery.Learn{Facts: policy.Facts{"timely": r.timely}}

	switch r.response {
	case untimely: // nobody answers: the clock runs out, and the case stays open
		then("overdue", tooLate, bureau(), timely)
		return all
	case inProgress:
		then("held", answered, company, recovery.Acknowledge{}, timely,
			recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "the response is in progress"})
		return all
	case closedWithout: // the company's last word, with nothing in it
		then("answered", answered, company, append(r.understood(), timely,
			recovery.Respond{Kind: recovery.FinalResponse, Written: true},
			recovery.Close{As: recovery.Deadlock, Reason: "closed without relief or explanation"})...)
	case monetaryRelief, nonMonetaryRelief, explanation:
		then("answered", answered, company, append(r.understood(),
			recovery.Propose{Remedies: []policy.Remedy{{Kind: remedies()[r.response]}}}, recovery.Present{}, timely,
			recovery.Respond{Kind: recovery.FinalResponse, Written: true})...)
	}

	switch {
	case r.disputed == yes && r.response == closedWithout:
		then("disputed", answered+nextDay, consumer, recovery.Reopen{Reason: "disputed by the consumer"})
	case r.disputed == yes:
		then("disputed", answered+nextDay, consumer, recovery.CheckBack{Satisfied: false})
	case r.disputed == no && r.response != closedWithout: // silence is not satisfaction
		then("closed", answered+disputeDays, company, recovery.Close{As: recovery.Unconfirmed})
	}
	return all
}

// understood are the steps before an answer: the complaint is in writing, and
// the company asks nothing.
func (r *row) understood() []recovery.Command {
	return []recovery.Command{recovery.Acknowledge{}, recovery.Clarify{Restated: r.issue, Basis: recovery.Written}}
}

// complaint is what the case is opened with. What could point to a person is in
// its texts, which can be erased; see also note.
func (r *row) complaint() recovery.Complaint {
	facts := policy.Facts{"bureau_received": r.received.Add(evening), "company": r.company}
	if r.state != "" {
		facts["state"] = r.state
	}
	if r.subProduct != "" {
		facts["sub_product"] = r.subProduct
	}
	concern := recovery.Concern{Category: topic(r.issue), Text: r.issue}
	if r.subIssue != "" {
		concern.Text += ": " + r.subIssue
	}
	return recovery.Complaint{
		Reference: r.id, Customer: r.id, // the file names no consumers: each row is one of their own
		Channel: channels()[r.via], Category: categories()[r.product], Summary: r.issue,
		Concerns: []recovery.Concern{concern}, Received: r.sent.Add(evening), Facts: facts,
	}
}

// note keeps the rest of what the file knows of the consumer.
func (r *row) note() recovery.Note {
	return recovery.Note{Text: "ZIP code: " + r.zip + "; consent to publish: " + r.consent}
}

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is one line of the file: a complaint to the Consumer Financial Protection
// Bureau, and what came of it. All that the line says is here.
type row struct {
	line int
	id   string // of the line and its content, so that the same row has it in every run
	sum  string // of the content alone: equal for rows that repeat one another

	received time.Time // by the bureau
	sent     time.Time // by the bureau to the company
	product, subProduct, issue, subIssue,
	company, state, zip, consent, via string

	response response
	timely   bool
	disputed disputed
}

// response is how the company answered, in the words of the file.
type response string

const (
	monetaryRelief    response = "Closed with monetary relief"
	nonMonetaryRelief response = "Closed with non-monetary relief"
	explanation       response = "Closed with explanation"
	closedWithout     response = "Closed" // without relief or explanation
	inProgress        response = "In progress"
	untimely          response = "Untimely response" // none was given in time, nor later as far as the file knows
)

func responses() []response {
	return []response{monetaryRelief, nonMonetaryRelief, explanation, closedWithout, inProgress, untimely}
}

// disputed is whether the consumer disputed the response.
type disputed string

const (
	yes     disputed = "Yes"
	no      disputed = "No" // the time to do so is over
	unknown disputed = ""   // there was no response, or the time was not over when the file was made
)

func columns() []string {
	return []string{
		"Date received", "Product", "Sub-product", "Issue", "Sub-issue", "Company", "State", "ZIP code",
		"Consumer consent provided?", "Submitted via", "Date sent to company", "Company response to consumer",
		"Timely response?", "Consumer disputed?",
	}
}

// parse reads one row. Its error has all that is wrong with it.
func parse(line int, fields []string) (*row, error) {
	f := faults{}
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	r := &row{
		line: line, sum: fmt.Sprintf("%x", sum[:8]),
		product: fields[1], subProduct: fields[2], issue: fields[3], subIssue: fields[4],
		company: fields[5], state: fields[6], zip: fields[7], consent: fields[8], via: fields[9],
	}
	r.id = fmt.Sprintf("%d-%s", line, r.sum)
	r.received, r.sent = f.date("date received", fields[0]), f.date("date sent to company", fields[10])
	_, known := categories()[r.product]
	f.check(known, "unknown product %q", r.product)
	_, known = channels()[r.via]
	f.check(known, "unknown way of submission %q", r.via)
	f.check(r.company != "", "no company")
	f.check(r.issue != "", "no issue")

	r.response, r.timely, r.disputed = response(fields[11]), fields[12] == "Yes", disputed(fields[13])
	f.check(slices.Contains(responses(), r.response), "unknown response %q", r.response)
	f.check(r.timely || fields[12] == "No", "timely is %q, want Yes or No", fields[12])
	f.check(slices.Contains([]disputed{yes, no, unknown}, r.disputed), "disputed is %q, want Yes, No or nothing", r.disputed)
	f.check(r.response != untimely || !r.timely, "an untimely response is said to be timely")
	f.check(r.response != untimely && r.response != inProgress || r.disputed == unknown,
		"whether a response was disputed is said (%s), but there is none", r.disputed)
	return r, errors.Join(f.all...)
}

// faults gathers what is wrong with a row.
type faults struct{ all []error }

func (f *faults) check(ok bool, format string, args ...any) {
	if !ok {
		f.all = append(f.all, fmt.Errorf(format, args...))
	}
}

// date reads a date as Americans write it, in UTC. The bureau exists since 2011.
func (f *faults) date(what, s string) time.Time {
	t, err := time.Parse("1/2/2006", s)
	f.check(err == nil, "unknown %s %q, want month/day/year", what, s)
	f.check(err != nil || 2011 <= t.Year() && t.Year() < 2100, "%s %s, want a year from 2011 to 2099", what, s)
	return t
}

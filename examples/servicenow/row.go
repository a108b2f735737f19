package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-go/amends/recovery"
)

// row is one event of the log: how an incident stood after an update.
type row struct {
	line            int
	incident        string
	state           state
	opened, updated time.Time
	reopened        int  // how often so far, by the log
	made            bool // the log's flag made_sla
	caller, by      string
	channel         recovery.Channel
	severity        recovery.Severity
}

// state is an incident's, in the log's words.
type state string

const (
	created  state = "New"
	active   state = "Active"
	resolved state = "Resolved"
	closed   state = "Closed"
)

// awaits is what an incident waits on in a state; empty: it does not wait.
func (s state) awaits() string {
	return map[state]string{
		"Awaiting User Info": recovery.WaitCustomer, "Awaiting Vendor": "vendor", "Awaiting Problem": "problem", "Awaiting Evidence": "evidence",
	}[s]
}

// over reports whether there is nothing left to do in a state.
func (s state) over() bool { return s == resolved || s == closed }

// names are what the log uses beside the library's own.
func names() recovery.Names {
	return recovery.Names{Waits: []string{"vendor", "problem", "evidence"}, Channels: []recovery.Channel{"ivr", "direct"}}
}

func channels() map[string]recovery.Channel {
	return map[string]recovery.Channel{
		"Phone": recovery.Phone, "Email": recovery.Email, "Self service": recovery.WebForm, "IVR": "ivr", "Direct opening": "direct",
	}
}

// severities are the log's priorities, 1 the most urgent.
func severities() map[string]recovery.Severity {
	return map[string]recovery.Severity{"1": recovery.Critical, "2": recovery.High, "3": recovery.Normal, "4": recovery.Low}
}

func columns() []string {
	return []string{
		"number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id", "opened_by",
		"opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location", "category",
		"subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group", "assigned_to", "knowledge",
		"u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by", "resolved_at", "closed_at",
	}
}

// parse reads one row. Its error has all that is wrong with it. Columns that are
// often empty (created_at, resolved_at) are not looked at: opened_at and
// sys_updated_at are always there.
func parse(line int, fields []string) (*row, error) {
	get := func(column string) string { return strings.Clone(fields[slices.Index(columns(), column)]) }
	var all []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	date := func(column string) time.Time {
		t, err := time.Parse("2/1/2006 15:04", get(column))
		check(err == nil, "%s is %q, want day/month/year hour:minute", column, get(column))
		check(err != nil || 2000 <= t.Year() && t.Year() < 2100, "%s is in the year %d", column, t.Year())
		return t
	}
	r := &row{
		line: line, incident: get("number"), state: state(get("incident_state")), opened: date("opened_at"), updated: date("sys_updated_at"),
		made: get("made_sla") == "true", caller: known("caller", get("caller_id")), by: known("staff", get("sys_updated_by")),
		channel: channels()[get("contact_type")], severity: severities()[get("priority")],
	}
	var err error
	r.reopened, err = strconv.Atoi(get("reopen_count"))
	check(err == nil && r.reopened >= 0, "reopen_count is %q", get("reopen_count"))
	check(r.incident != "", "no number")
	check(r.state == created || r.state == active || r.state.over() || r.state.awaits() != "", "unknown incident_state %q", r.state)
	check(r.made || get("made_sla") == "false", "made_sla is %q, want true or false", get("made_sla"))
	check(r.channel != "", "unknown contact_type %q", get("contact_type"))
	check(r.severity != "", "unknown priority %q", get("priority"))
	return r, errors.Join(all...)
}

// known is who a number means, nobody for the log's question mark. Callers and staff
// are numbered apart: who has the same number as a caller is somebody else.
func known(kind, number string) string {
	if number == "?" || number == "" {
		return ""
	}
	return kind + ":" + number
}

// incident is all the log has of one, in the log's order.
type incident struct {
	id   string
	rows []*row
}

func incidents(rows []*row) []*incident {
	var all []*incident
	byID := map[string]*incident{}
	for _, r := range rows {
		if byID[r.incident] == nil {
			byID[r.incident] = &incident{id: r.incident}
			all = append(all, byID[r.incident])
		}
		byID[r.incident].rows = append(byID[r.incident].rows, r)
	}
	return all
}

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// row is one request of the file.
type row struct {
	line           int
	id, kind       string
	opened         time.Time
	target, closed time.Time // zero: none
	flag           string    // ontime, overdue, or nothing
	category       string    // how it was closed
	cut            bool      // the file gives the opening or the target to the minute
}

// The file's flag.
const (
	ontime  = "ONTIME"
	overdue = "OVERDUE"
)

func columns() []string {
	return []string{
		"case_id", "open_dt", "target_dt", "closed_dt", "ontime", "case_status", "subject", "reason", "type", "queue", "department",
		"source", "closure_category", "mentions_duplicate", "location_hash",
	}
}

// parser parses rows, whose times are local.
func parser(zone *time.Location) func(line int, fields []string) (*row, error) {
	seen := map[string]int{}
	return func(line int, fields []string) (*row, error) {
		// strings of their own: the fields share the whole line
		r := &row{line: line, id: strings.Clone(fields[0]), kind: strings.Clone(fields[8]), flag: strings.Clone(fields[4]), category: strings.Clone(fields[12])}
		var all []error
		check := func(ok bool, format string, args ...any) {
			if !ok {
				all = append(all, fmt.Errorf(format, args...))
			}
		}
		date := func(column int) time.Time {
			if fields[column] == "" {
				return time.Time{}
			}
			t, err := time.ParseInLocation(time.DateTime, fields[column], zone)
			check(err == nil, "%s is %q, want 2015-01-02 15:04:05", columns()[column], fields[column])
			check(err != nil || 2000 <= t.Year() && t.Year() < 2100, "%s is in the year %d", columns()[column], t.Year())
			return t
		}
		r.opened, r.target, r.closed = date(1), date(2), date(3)
		r.cut = r.opened.Second() == 0 || r.target.Second() == 0
		check(r.id != "", "no case_id")
		check(r.kind != "", "no type")
		check(fields[1] != "", "no open_dt")
		check(r.target.IsZero() || !r.target.Before(r.opened), "target_dt is before open_dt")
		check(r.flag == "" || r.flag == ontime || r.flag == overdue, "ontime is %q, want %s, %s or nothing", r.flag, ontime, overdue)
		if first, again := seen[r.id]; again {
			check(false, "case_id %s is that of line %d", r.id, first)
		} else {
			seen[r.id] = line
		}
		return r, errors.Join(all...)
	}
}

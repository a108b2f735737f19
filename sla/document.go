package sla

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// A document is written in one way only, so that equal calendars and agreements have equal digests: fields in a fixed order, dates,
// attributes and hours sorted, nothing that says no more than its absence.

type calendarDoc struct {
	Name      string              `json:"name,omitempty"`
	Zone      string              `json:"zone"`
	Version   string              `json:"version,omitempty"`
	Weekly    weekDoc             `json:"weekly,omitzero"`
	Holidays  []string            `json:"holidays,omitempty"`
	Overrides map[string][]string `json:"overrides,omitempty"`
	Breaks    map[string][]string `json:"breaks,omitempty"`
}

type weekDoc map[string][]string

// MarshalJSON writes the days in the order of the week.
func (w weekDoc) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	keys := make([]string, 0, len(w))
	names := dayNames()
	for i := range names {
		if day := names[(i+1)%7]; w[day] != nil {
			keys = append(keys, day)
		}
	}
	for day := range w {
		if !slices.Contains(keys, day) {
			keys = append(keys, day)
		}
	}
	for i, day := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(day))
		b.WriteByte(':')
		b.Write(encode(w[day]))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func calendarDocument(s CalendarSpec) calendarDoc {
	d := calendarDoc{
		Name: s.Name, Zone: s.Zone, Version: s.Version,
		Holidays: sorted(s.Holidays), Overrides: datedDocument(s.Overrides), Breaks: datedDocument(s.Breaks),
	}
	for day, hours := range s.Weekly {
		name := fmt.Sprintf("weekday %d", day)
		if day >= time.Sunday && day <= time.Saturday {
			name = dayNames()[day]
			if len(hours) == 0 {
				continue
			}
		}
		if d.Weekly == nil {
			d.Weekly = weekDoc{}
		}
		d.Weekly[name] = intervalTexts(hours)
	}
	return d
}

func datedDocument(dates map[string][]Interval) map[string][]string {
	d := make(map[string][]string, len(dates))
	for date, hours := range dates {
		d[date] = intervalTexts(hours)
	}
	return d
}

// intervalTexts are not nil even if there are none: an override without hours is a day off.
func intervalTexts(hours []Interval) []string {
	texts := make([]string, len(hours))
	for i, h := range hours {
		texts[i] = h.String()
	}
	return texts
}

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}

// encode writes a document's part. What it is given has no value that JSON does not have.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(fmt.Sprintf("%q", err)) // not a document: whoever reads it says so
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func limits() jsondoc.Limits { return jsondoc.Limits{Values: 1_000_000} }

package sla

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
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

type agreementDoc struct {
	Name       string         `json:"name"`
	Version    string         `json:"version"`
	Calendars  []calendarDoc  `json:"calendars,omitempty"`
	Objectives []objectiveDoc `json:"objectives"`
}

type objectiveDoc struct {
	ID         string              `json:"id"`
	Metric     Metric              `json:"metric"`
	When       map[string][]string `json:"when,omitempty"`
	Target     string              `json:"target,omitempty"`
	Calendar   string              `json:"calendar,omitempty"`
	Warn       []any               `json:"warn,omitempty"`
	Pause      []string            `json:"pause,omitempty"`
	MaxPause   string              `json:"maxPause,omitempty"`
	Stop       []string            `json:"stop,omitempty"`
	Extend     []extensionDoc      `json:"extend,omitempty"`
	PersonOnly bool                `json:"personOnly,omitempty"`
	Statutory  bool                `json:"statutory,omitempty"`
	Intake     intakeDoc           `json:"intake,omitzero"`
	Source     string              `json:"source,omitempty"`
}

type warningDoc struct {
	At     string `json:"at"`
	Notify string `json:"notify"`
}

type extensionDoc struct {
	On     string `json:"on"`
	Target string `json:"target"`
}

type intakeDoc struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	DayOff string `json:"dayOff,omitempty"`
}

func agreementDocument(s AgreementSpec) agreementDoc {
	d := agreementDoc{Name: s.Name, Version: s.Version, Objectives: make([]objectiveDoc, len(s.Objectives))}
	for _, c := range s.Calendars {
		d.Calendars = append(d.Calendars, calendarDocument(c))
	}
	slices.SortStableFunc(d.Calendars, func(a, b calendarDoc) int { return cmp.Compare(a.Name, b.Name) })
	for i := range s.Objectives {
		d.Objectives[i] = objectiveDocument(&s.Objectives[i])
	}
	return d
}

func objectiveDocument(o *Objective) objectiveDoc {
	d := objectiveDoc{
		ID: o.ID, Metric: o.Metric, Target: targetText(o.Target), Calendar: o.Calendar,
		Pause: sorted(o.Pause), MaxPause: targetText(o.MaxPause), Stop: sorted(o.Stop), PersonOnly: o.PersonOnly, Statutory: o.Statutory, Source: o.Source,
		Intake: intakeDoc{o.Intake.Before.document(), o.Intake.After.document(), o.Intake.DayOff.document()},
	}
	if len(o.When) > 0 {
		d.When = make(map[string][]string, len(o.When))
	}
	for attribute, values := range o.When {
		d.When[attribute] = append([]string{}, sorted(values)...)
	}
	for _, w := range o.Warn {
		if w.Notify == "" {
			d.Warn = append(d.Warn, w.document())
		} else {
			d.Warn = append(d.Warn, warningDoc{w.document(), w.Notify})
		}
	}
	for _, e := range o.Extend {
		d.Extend = append(d.Extend, extensionDoc{e.On, targetText(e.Target)})
	}
	return d
}

// targetText is a target's text, or what is wrong with one that has none: it is then refused where it is read.
func targetText(t Target) string {
	if err := t.check(); t != (Target{}) && err != nil && !errors.Is(err, errNoTime) {
		return err.Error()
	}
	return t.String()
}

// document is the warning's text, or one that is refused where it is read.
func (w Warning) document() string {
	switch several := w.Before != 0 && (w.Percent != 0 || w.After != 0) || w.Percent != 0 && w.After != 0; {
	case several, (w.Before+w.After)%time.Second != 0:
		return fmt.Sprintf("%d%%, %v before and %v after", w.Percent, w.Before, w.After)
	case w.Working && w.Before == 0 && w.After == 0:
		return fmt.Sprintf("%s in working time", w)
	}
	return w.String()
}

func intakes() []string { return []string{"keep_time", "to_opening", "next_day_opening"} }

// document is the rule's text; empty for KeepTime.
func (i Intake) document() string {
	switch {
	case i == KeepTime:
		return ""
	case int(i) < len(intakes()):
		return intakes()[i]
	}
	return fmt.Sprintf("intake %d", i)
}

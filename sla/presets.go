package sla

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Preset is what a regulator asks for, as objectives: all statutory, but where its Gaps say otherwise. A document takes it over by name,
// {"preset": "FCA DISP 1", "calendar": "uk"}; in Go, [PresetObjectives] does. An agreement holds the objectives, not the preset's
// name: another version of this package with another version of a preset changes no agreement that was kept.
//
// Days end at the time of day at which the complaint was received, which is never later than the end of the day that the rule speaks of.
// What stops and extends the clocks is in the words of the recovery package: there only written responses do.
//
// The presets, by the names that documents have for them:
//
//	FCA DISP 1                       8 weeks to a final response          FCA Handbook, DISP 1 (UK)
//	FCA DISP 1 payment services      15 business days, with reasons 35    FCA Handbook, DISP 1 (UK)
//	FCA DISP 1 summary resolution    close of 3 business days; no limit   FCA Handbook, DISP 1 (UK)
//	CFPB                             15 days, in progress 60              CFPB (US), complaints sent to companies
//	ASIC RG 271                      24h and 30 days                      ASIC Regulatory Guide 271 (Australia)
//	ASIC RG 271 superannuation       24h and 45 days                      ASIC Regulatory Guide 271 (Australia)
//	US DOT 14 CFR 259.7              30 and 60 days                       14 CFR 259.7 (US)
//	US Reg Z                         30 and 90 days                       Regulation Z (US), billing errors
//
// Where there are two figures with "and", the first is to an acknowledgement.
type Preset struct {
	Name       string      // as a document has it: "FCA DISP 1"
	Version    string      // of the preset; another one whenever its objectives differ
	Source     string      // the rule
	Gaps       string      // what to know before it is used, and what of the rule it does not cover
	Objectives []Objective // without calendar and condition
}

// Presets are the presets that this version of the package has; [Preset] lists their names.
func Presets() []Preset {
	all := []Preset{
		{
			Name: "FCA DISP 1", Source: "FCA Handbook, DISP 1 (UK), text of 1 June 2026",
			Gaps: `A final or a holding response is due within 8 weeks. A holding response is recorded as one ("holding") where it is what the rule means; ` +
				`word that the matter is still looked into is an update. The prompt acknowledgement has no figure: give it an objective of your own. ` +
				`Payment services and the summary resolution communication are presets beside this one. What a response has to say is not looked at.`,
			Objectives: []Objective{{ID: "fca-disp-1", Metric: FinalResponse, Target: weeks(8), Stop: []string{"holding"}}},
		},
		{
			Name: "FCA DISP 1 payment services", Source: "FCA Handbook, DISP 1 (UK), text of 1 June 2026",
			Gaps: `15 business days, exceptionally 35 from receipt once a holding response was sent with its reason, within the 15. The calendar's ` +
				`days and holidays are the business days. Give it a condition for payment services; the 8 weeks of "FCA DISP 1" may hold beside it.`,
			Objectives: []Objective{{
				ID: "fca-disp-1-payments", Metric: FinalResponse, Target: businessDays(15),
				Extend: []Extension{{On: "holding", Target: businessDays(35)}},
			}},
		},
		{
			Name: "FCA DISP 1 summary resolution", Source: "FCA Handbook, DISP 1 (UK), text of 1 June 2026",
			Gaps: `Not statutory: a window, not a limit. Whoever has resolved the complaint, and the customer has accepted, by close of the 3rd ` +
				`business day after the day of receipt may send a summary resolution communication in place of a final response; a breach of this ` +
				`clock says that only a final response will do. Acceptance stops it, the summary has still to be sent. It takes the place of the ` +
				`agreement's own objective for the final response.`,
			Objectives: []Objective{{
				ID: "fca-disp-1-summary", Metric: FinalResponse, Target: Target{Days: 3, Unit: BusinessDays, Edge: AtClose}, Stop: []string{"accepted"},
			}},
		},
		{
			Name: "CFPB", Source: "CFPB (US), complaints sent to companies",
			Gaps: `15 calendar days, and 60 from the same start once a response "in progress" was given within the 15: record that as a holding ` +
				`response ("holding"). Time counts from when the complaint was sent to the company, so that is when it was received. Which outcomes ` +
				`there are (monetary relief, non-monetary relief, explanation) is no matter of time.`,
			Objectives: []Objective{{
				ID: "cfpb", Metric: FinalResponse, Target: days(15),
				Extend: []Extension{{On: "holding", Target: days(60)}},
			}},
		},
		{
			Name: "ASIC RG 271", Source: "ASIC Regulatory Guide 271 (Australia)",
			Gaps: `Acknowledged in 24 hours, at any hour of any day; answered in 30 calendar days. Superannuation is a preset of its own: give both a ` +
				`condition, so that only one of them holds for a complaint. Nothing extends it.`,
			Objectives: []Objective{
				{ID: "asic-rg-271-acknowledgement", Metric: Acknowledgement, Target: hours(24)},
				{ID: "asic-rg-271-response", Metric: FinalResponse, Target: days(30)},
			},
		},
		{
			Name: "ASIC RG 271 superannuation", Source: "ASIC Regulatory Guide 271 (Australia)",
			Gaps: `Acknowledged in 24 hours, at any hour of any day; answered in 45 calendar days. Give it a condition for superannuation, and "ASIC RG 271" ` +
				`one for all else. Nothing extends it.`,
			Objectives: []Objective{
				{ID: "asic-rg-271-super-acknowledgement", Metric: Acknowledgement, Target: hours(24)},
				{ID: "asic-rg-271-super-response", Metric: FinalResponse, Target: days(45)},
			},
		},
		{
			Name: "US DOT 14 CFR 259.7", Source: "14 CFR 259.7 (US)",
			Gaps: `Acknowledged in 30 calendar days, answered in substance in 60: that answer is the final response. Nothing extends it.`,
			Objectives: []Objective{
				{ID: "us-dot-259-7-acknowledgement", Metric: Acknowledgement, Target: days(30)},
				{ID: "us-dot-259-7-response", Metric: FinalResponse, Target: days(60)},
			},
		},
		{
			Name: "US Reg Z", Source: "Regulation Z (US), billing errors",
			Gaps: `Acknowledged in 30 calendar days, resolved in 2 billing cycles and at most 90 days. Only the 90 days are here: when two billing ` +
				`cycles end, which may be earlier, depends on the billing dates of the account. Set a promise with that due time.`,
			Objectives: []Objective{
				{ID: "us-reg-z-acknowledgement", Metric: Acknowledgement, Target: days(30)},
				{ID: "us-reg-z-response", Metric: FinalResponse, Target: days(90)},
			},
		},
	}
	for i := range all {
		p := &all[i]
		p.Version = "1"
		for j := range p.Objectives {
			o := &p.Objectives[j]
			o.Source = fmt.Sprintf("%s; preset %q, version %s", p.Source, p.Name, p.Version)
			o.Statutory = o.ID != "fca-disp-1-summary"
		}
	}
	return all
}

func hours(n int) Target        { return Target{Span: time.Duration(n) * time.Hour, Unit: Elapsed} }
func weeks(n int) Target        { return Target{Days: 7 * n, Unit: CalendarWeeks} }
func days(n int) Target         { return Target{Days: n, Unit: CalendarDays} }
func businessDays(n int) Target { return Target{Days: n, Unit: BusinessDays} }

var errPresetCalendar = errors.New("a preset needs a calendar: its days are those of the calendar's zone")

// PresetObjectives are a preset's objectives on a calendar, for the cases that a condition describes (none: all), to be appended to those of
// an [AgreementSpec]. They are the caller's own: warnings may be added, and an id changed where the same preset is used twice. The
// error names the presets there are.
func PresetObjectives(name, calendar string, when map[string][]string) ([]Objective, error) {
	p, ok := preset(name)
	switch {
	case !ok:
		var meant string
		if near := jsondoc.Nearest(name, presetNames()); near != "" {
			meant = fmt.Sprintf(" (did you mean %q?)", near)
		}
		return nil, fmt.Errorf("sla: unknown preset %q%s; there are %q", name, meant, presetNames())
	case calendar == "":
		return nil, fmt.Errorf("sla: preset %q: %w", name, errPresetCalendar)
	}
	for i := range p.Objectives {
		o := &p.Objectives[i]
		o.Calendar, o.When = calendar, maps.Clone(when)
		for attribute, values := range o.When {
			o.When[attribute] = slices.Clone(values)
		}
	}
	return p.Objectives, nil
}

func preset(name string) (Preset, bool) {
	all := Presets()
	i := slices.IndexFunc(all, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return all[i], true
}

func presetNames() []string {
	var names []string
	for _, p := range Presets() {
		names = append(names, p.Name)
	}
	return names
}

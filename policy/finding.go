package policy

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// Basis is what a rule rests on; it may be empty.
type Basis string

// The bases.
const (
	Legal      Basis = "legal"    // a statute, a regulation, a contract
	Commercial Basis = "policy"   // the house's policy
	Business   Basis = "business" // a decision on business grounds, such as a budget
)

// Finding is what one rule said about an offer.
type Finding struct {
	Rule     string   `json:"rule"`
	Effect   Effect   `json:"effect"`
	Unfit    bool     `json:"unfit,omitempty"`   // of a block: it is about the actor, not the remedy; see Decision.Unfit
	Reason   string   `json:"reason,omitempty"`  // for staff
	Explain  Texts    `json:"explain,omitzero"`  // for the customer, by language
	Basis    Basis    `json:"basis,omitempty"`   // what it rests on
	By       Role     `json:"by,omitempty"`      // the role that it asks for
	Compared Compared `json:"compared,omitzero"` // what it measured
	Error    string   `json:"error,omitempty"`   // the rule failed, and counts as its effect demands
}

// String is one sentence on the rule: why, and what was compared, "three-vouchers: at most three vouchers in 90 days (4 of 3 used in 90
// days)".
func (f Finding) String() string {
	text := f.Rule
	switch compared := f.Compared.String(); {
	case f.Reason != "" && compared != "":
		text += ": " + f.Reason + " (" + compared + ")"
	case f.Reason != "":
		text += ": " + f.Reason
	case compared != "":
		text += ": " + compared
	}
	if f.Error != "" {
		text += " [failed: " + f.Error + "]"
	}
	return text
}

// Compared is what a rule measured: amounts or numbers against a limit, and the age of the order. Text is made only when asked for.
// The zero value means that the rule measured nothing.
type Compared struct {
	Used   Money  `json:"used,omitzero"`    // this offer and what was given before
	Limit  Money  `json:"limit,omitzero"`   // the bound of Used
	Count  int    `json:"count,omitempty"`  // remedies of this offer and those given before
	Max    int    `json:"max,omitempty"`    // the bound of Count
	Days   int    `json:"days,omitempty"`   // the window in which Used or Count was measured; zero: all time
	Age    int    `json:"age,omitempty"`    // full days since Of
	Within int    `json:"within,omitempty"` // the bound of Age
	Of     string `json:"of,omitempty"`     // "purchase" or "delivery"

	Kind Kind   `json:"kind,omitempty"` // a remedy that cannot stand beside With
	With Kind   `json:"with,omitempty"`
	Item string `json:"item,omitempty"` // the order line on which they meet; empty: the order

	Earliest time.Time `json:"earliest,omitzero"` // the earliest promise that can be kept
}

// minutes is how texts write a time.
const minutes = "2006-01-02 15:04 MST"

// String is, for example, "12.00 EUR of 50.00 EUR used in 90 days", "4 of 3 used", "14 of 30 days since delivery", "refund and
// partial_refund of line-1" or "possible from 2026-11-19 12:00 UTC on"; empty for the zero value.
func (c Compared) String() string {
	var parts []string
	window := ""
	if c.Days > 0 {
		window = fmt.Sprintf(" in %d days", c.Days)
	}
	if !c.Limit.IsZero() {
		used := c.Used
		if used.IsZero() {
			used.Currency = c.Limit.Currency
		}
		parts = append(parts, fmt.Sprintf("%s of %s used%s", used, c.Limit, window))
	}
	if c.Max > 0 || c.Count > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d used%s", c.Count, c.Max, window))
	}
	if c.Of != "" {
		parts = append(parts, fmt.Sprintf("%d of %d days since %s", c.Age, c.Within, c.Of))
	}
	if c.With != "" {
		on := "together"
		if c.Item != "" {
			on = "of " + c.Item
		}
		parts = append(parts, fmt.Sprintf("%s and %s %s", c.Kind, c.With, on))
	}
	if !c.Earliest.IsZero() {
		parts = append(parts, "possible from "+c.Earliest.UTC().Format(minutes)+" on")
	}
	return strings.Join(parts, "; ")
}

// Texts are one text in several languages, by language tag ("en", "pt-BR"). They do not change once made, so that a Set and its
// decisions share them. The zero Texts are empty. JSON: an object.
type Texts struct{ list []text }

type text struct{ lang, text string }

// MakeTexts makes Texts of a map from language tag to text.
func MakeTexts(byLanguage map[string]string) Texts {
	var t Texts
	for _, lang := range slices.Sorted(maps.Keys(byLanguage)) {
		t.list = append(t.list, text{lang, byLanguage[lang]})
	}
	return t
}

// In is the text in a language: the one of that tag, or else of the tag shortened part by part ("pt-BR", then "pt"), or else "".
func (t Texts) In(lang string) string {
	for lang != "" {
		for _, x := range t.list {
			if strings.EqualFold(x.lang, lang) {
				return x.text
			}
		}
		lang = lang[:max(0, strings.LastIndexByte(lang, '-'))]
	}
	return ""
}

// All yields each language tag with its text, sorted by tag.
func (t Texts) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, x := range t.list {
			if !yield(x.lang, x.text) {
				return
			}
		}
	}
}

// IsZero tells whether there is no text.
func (t Texts) IsZero() bool { return len(t.list) == 0 }

// MarshalJSON writes an object from language tag to text.
func (t Texts) MarshalJSON() ([]byte, error) {
	return json.Marshal(maps.Collect(t.All()))
}

// UnmarshalJSON reads an object from language tag to text.
func (t *Texts) UnmarshalJSON(b []byte) error {
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("policy: texts by language: %w", err)
	}
	*t = MakeTexts(m)
	return nil
}

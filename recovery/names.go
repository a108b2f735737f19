package recovery

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Channel is how people met: a built-in one or one of [Names].
type Channel string

// The built-in channels.
const (
	Phone     Channel = "phone"
	Email     Channel = "email"
	Chat      Channel = "chat"
	Social    Channel = "social"
	WebForm   Channel = "web_form"
	InPerson  Channel = "in_person"
	Letter    Channel = "letter"
	Messaging Channel = "messaging"
)

// Severity is how bad the failure is for the customer: a rung of a ladder.
type Severity string

// The built-in severities, lowest first.
const (
	Low      Severity = "low"
	Normal   Severity = "normal"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Category is what a complaint is about: one that a playbook serves ("quality",
// "delivery", "return", "cancellation", "information", "past_experience",
// "conduct", "policy" ship with the library) or one of [Names].
type Category string

// Names are the host's own names, beside the built-in ones. What is used in a
// policy, an agreement or a complaint and is in neither is refused.
type Names struct {
	Channels   []Channel
	Severities []Severity // the whole ladder, lowest first, in place of the built-in one; two rungs or more, none twice
	Categories []Category
	Tiers      []string // of customers; there are no built-in ones
	Waits      []string // what a case can wait on, beside "customer"
	Alerts     []string // what warnings of the agreement may notify, beside the policy's roles
}

// check reports names that cannot be used: empty ones, which mean that nothing was
// said, and ones that records cannot hold. A ladder has each rung once, since a name
// says where on it one stands; elsewhere a name that stands twice is known all the same.
func (n Names) check() error {
	f := new(faults)
	list := func(field string, names []string) {
		for i, name := range names {
			f.neededID(indexed("Names."+field, i, ""), name)
		}
	}
	list("Channels", texts(n.Channels))
	list("Severities", texts(n.Severities))
	list("Categories", texts(n.Categories))
	list("Tiers", n.Tiers)
	list("Waits", n.Waits)
	list("Alerts", n.Alerts)
	if len(n.Severities) == 1 {
		f.add("Names.Severities", "a ladder needs two rungs or more")
	}
	for i, s := range n.Severities {
		if slices.Contains(n.Severities[:i], s) {
			f.add(indexed("Names.Severities", i, ""), "%q stands twice", s)
		}
	}
	return f.err()
}

// names are all that are known to a desk.
type names struct {
	channels, categories, situations, tiers, waits, roles, alerts []string
	severities                                                    []Severity
}

func knownNames(o *Options, roles []policy.Role) names {
	n := names{
		channels:   append([]string{"phone", "email", "chat", "social", "web_form", "in_person", "letter", "messaging"}, texts(o.Names.Channels)...),
		categories: texts(o.Names.Categories),
		tiers:      slices.Clone(o.Names.Tiers),
		waits:      append([]string{WaitCustomer}, o.Names.Waits...),
		roles:      texts(roles),
		severities: []Severity{Low, Normal, High, Critical},
	}
	n.alerts = append(slices.Clone(n.roles), o.Names.Alerts...)
	if len(o.Names.Severities) > 0 {
		n.severities = slices.Clone(o.Names.Severities)
	}
	for _, b := range o.Playbooks.All() {
		n.situations = append(n.situations, b.Name)
		n.categories = append(n.categories, b.Categories...)
	}
	return n
}

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// of lists the known names of an attribute; false: an attribute of the host's own.
func (n names) of(attribute string) ([]string, bool) {
	switch attribute {
	case "channel":
		return n.channels, true
	case "category":
		return n.categories, true
	case "situation":
		return n.situations, true
	case "severity":
		return texts(n.severities), true
	case "tier":
		return n.tiers, true
	case "role":
		return n.alerts, true
	case "pause":
		return n.waits, true
	case "stop":
		return []string{
			"acknowledged", "presented", "accepted", "delivered", "resolved", "referred",
			string(Holding), string(Progress), string(FinalResponse), string(Summary),
		}, true
	case "extend":
		return []string{string(Holding)}, true
	}
	return nil, false
}

// check reports every name that the documents use and nobody knows.
func (n names) check(p *policy.Set, a *sla.Agreement) error {
	var errs []error
	for _, id := range p.Absent() {
		errs = append(errs, fmt.Errorf("policy: the rule %q is written in Go, and is not in the policy's Options.Rules", id))
	}
	for name := range p.Names() {
		errs = append(errs, n.unknown("policy", name.Line, name.Column, name.Attribute, name.Value))
	}
	if a != nil {
		for name := range a.Names() {
			errs = append(errs, n.unknown("agreement", name.Line, name.Column, name.Attribute, name.Value))
		}
	}
	return errors.Join(errs...)
}

func (n names) unknown(doc string, line, column int, attribute, value string) error {
	place := doc
	if line > 0 {
		place = fmt.Sprintf("%s:%d:%d", doc, line, column)
	}
	known, ok := n.of(attribute)
	if !ok { // a fact of the host's, unless it was meant to be one of the attributes
		built := []string{"channel", "category", "situation", "severity", "tier"}
		if near := jsondoc.Nearest(strings.ToLower(attribute), built); near != "" {
			return fmt.Errorf("%s: unknown attribute %q (did you mean %q?)", place, attribute, near)
		}
		return nil
	}
	if slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("%s: %s", place, unknownOwn(attribute, value, known))
}

// unknownOwn is unknownName for attributes of which hosts have names of their own: it
// says where these go.
func unknownOwn(attribute, got string, known []string) string {
	s := unknownName(attribute, got, known)
	switch attribute {
	case "channel":
		return s + "; one of your own goes into Options.Names.Channels"
	case "category":
		return s + "; one of your own goes into Options.Names.Categories"
	case "severity":
		return s + "; a ladder of your own goes into Options.Names.Severities"
	case "tier":
		return s + "; tiers go into Options.Names.Tiers"
	case "pause":
		return s + "; what else cases wait on goes into Options.Names.Waits"
	case "role":
		return s + "; it is a role of the policy, or goes into Options.Names.Alerts"
	}
	return s
}

// unknownName says that a name is not known, and which was probably meant.
func unknownName(what, got string, known []string) string {
	s := fmt.Sprintf("unknown %s %.80q", what, got) // however long it is
	if near := jsondoc.Nearest(got, known); near != "" {
		return s + fmt.Sprintf(" (did you mean %q?)", near)
	}
	if len(known) == 0 {
		return s + fmt.Sprintf(" (no %s is known)", what)
	}
	return s + " (known: " + strings.Join(known, ", ") + ")"
}

// known reports an unknown name as a fault of the field. The empty name is the
// caller's question.
func (n names) known(field, attribute, value string) error {
	known, _ := n.of(attribute)
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return &FieldError{field, unknownOwn(attribute, value, known)}
}

// above is the severity one rung higher, or the highest.
func (n names) above(s Severity) Severity {
	i := slices.Index(n.severities, s)
	return n.severities[min(i+1, len(n.severities)-1)]
}

// normal is the severity of a complaint that names none: Normal, or where the
// host's ladder has none, its lowest rung.
func (n names) normal() Severity {
	if slices.Contains(n.severities, Normal) {
		return Normal
	}
	return n.severities[0]
}

package policytest

import (
	"fmt"
	"slices"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/policy"
)

// suite is a document of cases.
type suite struct {
	everyRule bool
	cases     []expectation
}

// expectation is a case: a request, and what a policy should say to it.
type expectation struct {
	name                           string
	line, column                   int
	request                        policy.Request
	verdict                        policy.Verdict
	by                             policy.Role
	whoever                        bool // who else may is not said
	unfit                          bool
	fires, fails, silent, missings []string
}

// loader reads a document of cases for a policy.
type loader struct {
	kinds, roles, rules, ledgers []string // the policy's
	base                         jsondoc.Object
	names                        map[string]bool // of cases
}

func load(rules *policy.Set, doc []byte) (*suite, error) {
	d := jsondoc.Parse(doc, jsondoc.Limits{})
	known := outline(rules)
	root := d.Root().Object("policy", "everyRule", "facts", "cases")
	l := &loader{
		kinds: texts(rules.Kinds()), roles: texts(rules.Roles()), rules: known.ids(), ledgers: known.Ledgers,
		base: root.Get("facts").Object(factFields()...), names: map[string]bool{},
	}
	if name := root.Get("policy"); name.IsText() && name.Text() != rules.Name() {
		name.Faultf("the cases are for the policy %q, this one is %q", name.Text(), rules.Name())
	} else {
		name.Text()
	}
	s := &suite{everyRule: root.Get("everyRule").Bool()}
	cases := root.Need("cases")
	for _, item := range list(cases, maxCases) {
		s.cases = append(s.cases, l.expectation(item))
	}
	if cases.IsArray() && len(cases.Items()) == 0 {
		cases.Faultf("want at least one case")
	}
	return s, faults(d)
}

// Bounds of a document, beside the 10 MiB of any.
const (
	maxCases = 10_000
	maxList  = 1_000 // of any other list, and of the host's facts
)

// list is an array of at most so many items; none if there are more.
func list(v jsondoc.Value, most int) []jsondoc.Value {
	items := v.Items()
	if len(items) > most {
		v.Faultf("%d items; at most %d are read", len(items), most)
		return nil
	}
	return items
}

func faults(d *jsondoc.Doc) error {
	var all []policy.Fault
	for _, f := range d.Faults() {
		all = append(all, policy.Fault(f))
	}
	if len(all) > 0 {
		return &policy.DocumentError{Faults: all}
	}
	return nil
}

func texts[S ~string](all []S) []string {
	list := make([]string, len(all))
	for i, s := range all {
		list[i] = string(s)
	}
	return list
}

func (l *loader) expectation(v jsondoc.Value) expectation {
	o := v.Object("name", "facts", "unknown", "offer", "verdict", "by", "unfit", "fires", "fails", "silent", "missing")
	c := expectation{name: l.name(o.Need("name")), line: v.Line(), column: v.Column()}
	f := facts{loader: l, own: o.Get("facts").Object(factFields()...)}
	f.takeAway(o.Get("unknown"))
	c.request = f.request(o.Need("offer"))
	c.verdict, c.by, c.unfit = l.verdict(o)
	c.whoever = c.unfit && !o.Get("by").Exists()
	c.fires, c.fails, c.silent = l.ruleList(o.Get("fires")), l.ruleList(o.Get("fails")), l.ruleList(o.Get("silent"))
	for _, item := range list(o.Get("missing"), maxList) {
		c.missings = append(c.missings, item.Text())
	}
	for _, id := range c.silent {
		if slices.Contains(c.fires, id) || slices.Contains(c.fails, id) {
			o.Get("silent").Faultf("the rule %q cannot be silent and fire or fail", id)
		}
	}
	return c
}

func (l *loader) name(v jsondoc.Value) string {
	text := v.Text()
	switch {
	case text == "":
		v.Faultf("want a text that is not empty")
	case l.names[text]:
		v.Faultf("the case %q is there twice", text)
	}
	l.names[text] = true
	return text
}

func (l *loader) verdict(o jsondoc.Object) (v policy.Verdict, by policy.Role, unfit bool) {
	all := []policy.Verdict{policy.Allowed, policy.Mandated, policy.NeedsApproval, policy.Denied, policy.Blocked}
	known := make([]string, len(all))
	for i, v := range all {
		known[i] = v.String()
	}
	at, who, self := o.Need("verdict"), o.Get("by"), o.Get("unfit")
	by, unfit = l.role(who), self.Bool()
	i := slices.Index(known, at.OneOf("verdict", known...))
	if i < 0 {
		return policy.Denied, by, unfit
	}
	switch v = all[i]; {
	case unfit && v != policy.Blocked:
		self.Faultf(`only a case whose verdict is "blocked" is about an actor who is unfit`)
	case v == policy.NeedsApproval && !who.Exists():
		at.Faultf(`a case that needs approval says "by" whom`)
	case v != policy.NeedsApproval && !unfit && who.Exists():
		who.Faultf(`only a case whose verdict is "needs_approval", or that is "unfit", says "by" whom`)
	}
	return v, by, unfit
}

func (l *loader) role(v jsondoc.Value) policy.Role {
	return policy.Role(known(v, "role", l.roles))
}

// ruleList reads the ids of rules that the policy has.
func (l *loader) ruleList(v jsondoc.Value) []string {
	var ids []string
	for _, item := range list(v, maxList) {
		if id := known(item, "rule", l.rules); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// known reads one of the known names of a what. Unlike OneOf it knows what to say if there are none.
func known(v jsondoc.Value, what string, names []string) string {
	if v.IsText() && len(names) == 0 {
		v.Faultf("the policy has no %s", what)
		return ""
	}
	return v.OneOf(what, names...)
}

// wrong is what is not as the case says, in words.
func (c *expectation) wrong(d policy.Decision) []string {
	var all []string
	if want := (policy.Decision{Verdict: c.verdict, By: c.by, Unfit: c.unfit}); d.Verdict != c.verdict || d.By != c.by && !c.whoever || d.Unfit != c.unfit {
		all = append(all, fmt.Sprintf("want %s, got %s", verdict(want), verdict(d)))
	}
	for _, id := range c.fires {
		if f := found(d, id); f == nil {
			all = append(all, fmt.Sprintf("the rule %q did not fire", id))
		} else if f.Error != "" {
			all = append(all, fmt.Sprintf("the rule %q failed instead of firing: %s", id, f.Error))
		}
	}
	for _, id := range c.fails {
		if f := found(d, id); f == nil {
			all = append(all, fmt.Sprintf("the rule %q did not fail", id))
		} else if f.Error == "" {
			all = append(all, fmt.Sprintf("the rule %q fired instead of failing", id))
		}
	}
	for _, id := range c.silent {
		if f := found(d, id); f != nil && f.Error != "" {
			all = append(all, fmt.Sprintf("the rule %q failed: %s", id, f.Error))
		} else if f != nil {
			all = append(all, fmt.Sprintf("the rule %q fired", id))
		}
	}
	for _, fact := range c.missings {
		if !slices.Contains(d.Missing, fact) {
			all = append(all, fmt.Sprintf("no rule lacked the fact %q", fact))
		}
	}
	return all
}

// found is what the decision says of a rule, or nil.
func found(d policy.Decision, id string) *policy.Finding {
	i := slices.IndexFunc(d.Findings, func(f policy.Finding) bool { return f.Rule == id })
	if i < 0 {
		return nil
	}
	return &d.Findings[i]
}

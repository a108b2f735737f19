package policy

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/amends-go/amends/internal/jsondoc"
)

// New makes a Set of rules in Go alone: a name and a version, which every decision carries, the ladder of roles, lowest first and at most
// 1,000, and the rules in Options. Everything wrong with it is reported at once, as a *DocumentError.
func New(name, version string, roles []Role, o *Options) (*Set, error) {
	b := newBuilder(o)
	b.set.name, b.set.version = name, version
	if flaw := flawedName(name); flaw != "" {
		b.fault("name", flaw)
	}
	if flaw := flawedName(version); flaw != "" {
		b.fault("version", flaw)
	}
	if len(roles) == 0 {
		b.fault("roles", noRoles)
	}
	for i, r := range roles {
		if flaw := flawedName(string(r)); flaw != "" {
			b.fault(fmt.Sprintf("roles[%d]", i), flaw)
		} else if slices.Contains(b.set.roles, r) {
			b.fault(fmt.Sprintf("roles[%d]", i), fmt.Sprintf("the role %q is there twice", r))
		}
		b.set.roles = append(b.set.roles, r)
	}
	b.optionKinds()
	b.optionLedgers()
	b.optionRules()
	return b.finish(nil)
}

const noRoles = "want at least one role, lowest first"

// builder makes a Set and gathers what is wrong with it.
type builder struct {
	set    *Set
	o      Options
	faults []Fault           // of Options; those of the document are with it
	taken  map[string]string // ids of rules, and where they are
	looks  []string          // ledgers at which rules in Go look
}

func newBuilder(o *Options) *builder {
	b := &builder{set: &Set{kinds: slices.Clone(builtIn[:]), kindAt: map[Kind]int{}}, taken: map[string]string{}}
	if o != nil {
		b.o = *o
	}
	for i, k := range b.set.kinds {
		b.set.kindAt[k.kind] = i
	}
	return b
}

func (b *builder) fault(path, msg string) {
	b.faults = append(b.faults, Fault{Path: path, Msg: msg})
}

// flawedName is what is wrong with a name or an id, or "".
func flawedName(name string) string {
	switch {
	case name == "":
		return "want a text that is not empty"
	case !utf8.ValidString(name):
		return "it is not UTF-8"
	case strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Sprintf("%q has spaces around it or control characters in it", name)
	}
	return ""
}

// flawedID is what is wrong with a rule's id, or "".
func (b *builder) flawedID(id, where string) string {
	if flaw := flawedName(id); flaw != "" {
		return flaw
	}
	if strings.HasPrefix(id, ownPrefix) {
		return fmt.Sprintf("ids that start with %q are this package's own", ownPrefix)
	}
	if other, taken := b.taken[id]; taken {
		return fmt.Sprintf("the id %q is taken by %s", id, other)
	}
	b.taken[id] = where
	return ""
}

func (b *builder) addKind(k Kind, n Nature) {
	b.set.kindAt[k] = len(b.set.kinds)
	b.set.kinds = append(b.set.kinds, kindNature{k, n})
}

// optionKinds adds the kinds of Options. A kind may be in the document too, if both agree.
func (b *builder) optionKinds() {
	for _, k := range slices.Sorted(maps.Keys(b.o.Kinds)) {
		path, nature := fmt.Sprintf("Options.Kinds[%q]", k), b.o.Kinds[k]
		at, there := b.set.kindAt[k]
		switch flaw := flawedName(string(k)); {
		case flaw != "":
			b.fault(path, flaw)
		case nature > Cash:
			b.fault(path, fmt.Sprintf("unknown nature %d", nature))
		case there && at < len(builtIn):
			b.fault(path, "the kind is built in")
		case there && b.set.kinds[at].nature != nature:
			b.fault(path, "the document says otherwise about its amounts")
		case !there:
			b.addKind(k, nature)
		}
	}
}

// optionLedgers declares the ledgers of Options. A ledger may be in the document too.
func (b *builder) optionLedgers() {
	for i, per := range b.o.Ledgers {
		path := fmt.Sprintf("Options.Ledgers[%d]", i)
		if flaw := flawedName(per); flaw != "" {
			b.fault(path, flaw)
		} else if slices.Contains(b.o.Ledgers[:i], per) {
			b.fault(path, fmt.Sprintf("the ledger %q is there twice", per))
		} else if flaw := b.declare(per); flaw != "" {
			b.fault(path, flaw)
		}
	}
}

// declare notes a ledger of the host's, or says what is wrong with its name.
func (b *builder) declare(per string) (flaw string) {
	at, there := slices.BinarySearch(b.set.declared, per)
	switch {
	case per == perCase || per == perOrder || per == perCustomer:
		return fmt.Sprintf("the ledger %q is built in; leave it out", per)
	case strings.Contains(per, ":"):
		return fmt.Sprintf("the name of a ledger has no colon in it, got %q", per)
	case there:
		return ""
	case len(b.set.declared) == maxLedgers:
		return fmt.Sprintf("more than %d ledgers", maxLedgers)
	}
	b.set.declared = slices.Insert(b.set.declared, at, per)
	return ""
}

// pers are the names of all ledgers.
func (b *builder) pers() []string {
	return slices.Concat([]string{perCase, perOrder, perCustomer}, b.set.declared)
}

// optionRules adds the rules in Go.
func (b *builder) optionRules() {
	for i, code := range b.o.Rules {
		u, flaw := b.optionRule(code, fmt.Sprintf("Options.Rules[%d]", i))
		if flaw != "" {
			b.fault(fmt.Sprintf("Options.Rules[%d]", i), flaw)
			continue
		}
		b.set.rules = append(b.set.rules, u)
	}
}

func (b *builder) optionRule(code Rule, where string) (u rule, flaw string) {
	var looks []string
	if code == nil {
		return u, "the rule is nil"
	}
	_, why := contain(func() (bool, error) {
		u = rule{id: code.ID(), effect: code.Effect(), rank: -1, code: code}
		if scoped, ok := code.(Scoped); ok {
			u.kinds = slices.Clone(scoped.Concerns())
		}
		if looking, ok := code.(Looking); ok {
			looks = slices.Clone(looking.LooksAt())
		}
		if checked, ok := code.(interface{ fault(*Set) string }); ok {
			flaw = checked.fault(b.set)
		}
		return false, nil
	})
	if why.failed() {
		return u, why.String()
	}
	var flaws []string
	if id := b.flawedID(u.id, where); id != "" {
		flaws = append(flaws, id)
	}
	if u.effect < Allow || u.effect > Block {
		flaws = append(flaws, fmt.Sprintf("no effect: %s", u.effect))
	} else if flaw != "" {
		flaws = append(flaws, flaw)
	}
	for _, k := range u.kinds {
		if b.set.kind(k) < 0 {
			flaws = append(flaws, fmt.Sprintf("unknown remedy %q%s", k, didYouMean(jsondoc.Nearest(string(k), b.set.kindNames()))))
		}
	}
	known := b.pers()
	for _, per := range looks {
		if !slices.Contains(known, per) {
			flaws = append(flaws, fmt.Sprintf(`it looks at the ledger %q, which neither Options.Ledgers nor the document declares%s`, per, didYouMean(jsondoc.Nearest(per, known))))
		}
	}
	b.looks = append(b.looks, looks...)
	return u, strings.Join(flaws, "; ")
}

// absent stands for a rule in Go that a document names and Options does not have. It fails whenever it is asked.
func absent(*Request) (string, bool, error) {
	return "", false, errors.New("the rule is written in Go, and is not in Options.Rules")
}

// finish indexes the rules, or reports the faults, those of the document first.
func (b *builder) finish(document []Fault) (*Set, error) {
	b.tooMany()
	if faults := append(document, b.faults...); len(faults) > 0 {
		return nil, &DocumentError{Faults: faults}
	}
	s := b.set
	b.index()
	doc, err := s.canonical()
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	s.document, s.digest = doc, sha256.Sum256(doc)
	return s, nil
}

// tooMany reports more of anything than Load would read back.
func (b *builder) tooMany() {
	code := 0
	for i := range b.set.rules {
		if b.set.rules[i].code != nil {
			code++
		}
	}
	for _, list := range []struct {
		path, of string
		n        int
	}{{"roles", "roles", len(b.set.roles)}, {"Options.Kinds", "kinds of the host's own", len(b.set.kinds) - len(builtIn)}, {"Options.Rules", "rules in Go", code}} {
		if list.n > maxList {
			b.fault(list.path, fmt.Sprintf("%d %s; at most %d", list.n, list.of, maxList))
		}
	}
}

// index sorts the rules and lists them by the kinds that they concern.
func (b *builder) index() {
	s := b.set
	slices.SortFunc(s.rules, func(x, y rule) int { return cmp.Compare(x.id, y.id) })
	s.ledgers = slices.Concat(s.declared, []string{perCustomer, perOrder})
	slices.SortFunc(s.ledgers, func(a, b string) int { return cmp.Compare(a+":", b+":") })
	s.concerning = make([][]int32, len(s.kinds))
	s.reserving = make([]reserving, len(s.kinds))
	looks := s.looking(b.looks) // rules in Go and conditions see every entry of a ledger, so that every kind counts there
	s.scopes = scopes{exact: true}
	on := map[string]int32{}
	for i := range s.rules {
		u := &s.rules[i]
		u.scope = anyScope
		if u.row != nil {
			u.row.note()
			u.scope = s.scopes.row(u.row)
			looks |= s.looking(u.row.looks)
		}
		kinds := u.kindsKey()
		if on[kinds] == 0 {
			on[kinds] = int32(len(on) + 1)
		}
		u.on = on[kinds]
		for k := range s.kinds {
			if len(u.kinds) == 0 {
				s.concern(k, i)
			}
		}
		for _, kind := range u.kinds {
			s.concern(s.kindAt[kind], i)
		}
	}
	for k := range s.reserving {
		s.reserving[k] |= looks
	}
}

// kindsKey is the same for all rules with the same kinds. No kind has a line break in it.
func (u *rule) kindsKey() string {
	var key strings.Builder
	for _, k := range slices.Sorted(slices.Values(u.kinds)) {
		key.WriteString(string(k) + "\n")
	}
	return key.String()
}

// looking has a bit for each of the ledgers.
func (s *Set) looking(ledgers []string) (on reserving) {
	for i, per := range s.ledgers {
		if slices.Contains(ledgers, per) {
			on |= 1 << i
		}
	}
	return on
}

// concern notes that the rule concerns the kind.
func (s *Set) concern(kind, rule int) {
	if on := s.concerning[kind]; len(on) > 0 && on[len(on)-1] == int32(rule) {
		return // a rule in Go may name a kind twice
	}
	s.concerning[kind] = append(s.concerning[kind], int32(rule))
	if kind < 64 {
		s.rules[rule].mask |= 1 << kind
	}
	if w := s.rules[rule].row; w != nil {
		for i, per := range s.ledgers {
			if w.beyond.per == per {
				w.beyond.at = i
				s.reserving[kind] |= 1 << i
			}
			if w.excludes.per == per {
				w.excludes.at = i
				s.reserving[kind] |= 1 << i
			}
		}
	}
}

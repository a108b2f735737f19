package policy

import (
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Bounds of a document, beside the 10 MiB and the depth of 64 of any.
const (
	maxValues = 1_000_000
	maxRows   = 20_000
	maxList   = 1_000 // of any other list
	maxDays   = 36_500
	maxCount  = 1_000_000
)

// Load reads a policy document, JSON of at most 10 MiB, 20,000 rows and 1,000 items in any other list. The package documentation
// describes it. Everything wrong with the document and with Options is reported at once, as a *DocumentError: unknown fields and
// names, contradictions, rows that can never decide anything.
//
// A document may name rules in Go, in "rules". Those that Options does not have are not a fault, so that an old document can
// always be read: they fail at every judgment, as their effect demands.
func Load(doc []byte, o *Options) (*Set, error) {
	d := jsondoc.Parse(doc, jsondoc.Limits{Values: maxValues})
	l := &loader{builder: newBuilder(o)}
	root := d.Root().Object("name", "version", "roles", "remedies", "ledgers", "rules", "rows", "$schema")
	root.Get("$schema").Text() // for editors
	l.set.name = name(root.Need("name"))
	l.set.version = name(root.Need("version"))
	l.roles(root.Need("roles"))
	l.kinds(root.Get("remedies"))
	l.optionKinds()
	l.ledgers(root.Get("ledgers"))
	l.optionLedgers()
	l.optionRules()
	l.code(root.Get("rules"))
	l.compiler()
	l.rows(root.Get("rows"))
	l.unreachable(d.Faults())
	faults := make([]Fault, 0, len(d.Faults()))
	for _, f := range d.Faults() {
		faults = append(faults, Fault(f))
	}
	return l.finish(faults)
}

// loader reads a document into a Set.
type loader struct {
	*builder
	places []jsondoc.Value // of the rows, as they stand at the end of set.rules
}

// name is a text that is a name.
func name(v jsondoc.Value) string {
	text := v.Text()
	if flaw := flawedName(text); flaw != "" {
		v.Faultf("%s", flaw)
	}
	return text
}

// list is an array of at most so many items; none if there are more.
func list(v jsondoc.Value, most int) []jsondoc.Value {
	items := v.Items()
	if len(items) > most {
		v.Faultf("%d items; at most %d are read", len(items), most)
		return nil
	}
	return items
}

func (l *loader) roles(v jsondoc.Value) {
	items := list(v, maxList)
	if v.IsArray() && len(v.Items()) == 0 {
		v.Faultf(noRoles)
	}
	for _, item := range items {
		role := Role(name(item))
		if slices.Contains(l.set.roles, role) {
			item.Faultf("the role %q is there twice", role)
			continue
		}
		l.set.roles = append(l.set.roles, role)
	}
}

// kinds reads the host's own kinds of remedy.
func (l *loader) kinds(v jsondoc.Value) {
	for _, item := range list(v, maxList) {
		o := item.Object("kind", "goods", "money")
		at := o.Need("kind")
		kind, nature := Kind(name(at)), Words
		switch goods, money := o.Get("goods").Bool(), o.Get("money").Bool(); {
		case goods && money:
			item.Faultf(`a remedy is "goods", whose amount is the declared cost, or "money", not both`)
		case goods:
			nature = Goods
		case money:
			nature = Cash
		}
		if i, there := l.set.kindAt[kind]; there && i < len(builtIn) {
			at.Faultf("the remedy %q is built in; leave it out", kind)
		} else if there {
			at.Faultf("the remedy %q is there twice", kind)
		} else if kind != "" {
			l.addKind(kind, nature)
		}
	}
}

// ledgers reads what caps count by beyond what is built in: texts among the facts of a request.
func (l *loader) ledgers(v jsondoc.Value) {
	items := v.Items()
	if len(items) > maxLedgers {
		v.Faultf("%d ledgers; at most %d are read", len(items), maxLedgers)
		return
	}
	for _, item := range items {
		if per := name(item); per == "" {
			continue
		} else if slices.Contains(l.set.declared, per) {
			item.Faultf("the ledger %q is there twice", per)
		} else if flaw := l.declare(per); flaw != "" {
			item.Faultf("%s", flaw)
		}
	}
}

// per reads by whom a row counts.
func (l *loader) per(v jsondoc.Value) string {
	known := l.pers()
	if text := v.Text(); v.IsText() && !slices.Contains(known, text) && jsondoc.Nearest(text, known) == "" {
		v.Faultf(`unknown per %q (known: %s); a ledger of your own has to be declared in "ledgers"`, text, strings.Join(known, ", "))
		return ""
	}
	return v.OneOf("per", known...)
}

// code reads which rules in Go the policy relies on.
func (l *loader) code(v jsondoc.Value) {
	seen := map[string]bool{}
	for _, item := range list(v, maxList) {
		o := item.Object("id", "effect", "remedies")
		f := Func{Name: name(o.Need("id")), Is: effect(o.Need("effect")), Remedies: l.remedies(o.Get("remedies")), Fn: absent}
		i := slices.IndexFunc(l.set.rules, func(u rule) bool { return u.id == f.Name })
		switch {
		case seen[f.Name]:
			o.Get("id").Faultf("the rule %q is there twice", f.Name)
		case i < 0:
			if flaw := l.flawedID(f.Name, item.Path()); flaw != "" {
				o.Get("id").Faultf("%s", flaw)
			}
			l.set.rules = append(l.set.rules, rule{id: f.Name, effect: f.Is, kinds: f.Remedies, rank: -1, code: f})
			l.set.absent = append(l.set.absent, f.Name)
		case l.set.rules[i].effect != f.Is:
			o.Get("effect").Faultf("the rule %q in Go is %s", f.Name, l.set.rules[i].effect.one())
		}
		seen[f.Name] = true
	}
}

func effect(v jsondoc.Value) Effect {
	return Effect(slices.Index(effects, v.OneOf("effect", effects...)) + 1)
}

// remedies reads which kinds a rule concerns; none for all.
func (l *loader) remedies(v jsondoc.Value) []Kind {
	var kinds []Kind
	for _, x := range distinct(v, "remedy") {
		if kind := Kind(x.Text()); l.set.kind(kind) < 0 {
			x.Unknown("remedy", string(kind), l.set.kindNames())
		} else {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// distinct are the items of an array of names, without those that are no name or there twice.
func distinct(v jsondoc.Value, what string) []jsondoc.Value {
	items := list(v, maxList)
	if v.IsArray() && len(v.Items()) == 0 {
		v.Faultf("an empty list fits nothing; leave the field out to mean every %s", what)
	}
	var texts []string
	return slices.DeleteFunc(items, func(x jsondoc.Value) bool {
		text := x.Text()
		if flaw := flawedName(text); flaw != "" {
			x.Faultf("%s", flaw)
			return true
		}
		if slices.Contains(texts, text) {
			x.Faultf("the %s %q is there twice", what, text)
			return true
		}
		texts = append(texts, text)
		return false
	})
}

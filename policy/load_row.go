package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

func (l *loader) rows(v jsondoc.Value) {
	for _, item := range list(v, maxRows) {
		l.set.rules = append(l.set.rules, l.row(item))
		l.places = append(l.places, item)
	}
}

func (l *loader) row(v jsondoc.Value) rule {
	o := v.Object("id", "effect", "remedies", "role", "by", "upTo", "over", "within", "beyond", "excludes", "earliest", "self", "unfit", "categories", "severities", "channels", "tiers",
		"from", "to", "when", "reason", "explain", "basis")
	u := rule{
		effect: effect(o.Need("effect")), kinds: l.remedies(o.Get("remedies")), rank: -1,
		reason: o.Get("reason").Text(), explain: explain(o.Get("explain")),
		basis: Basis(o.Get("basis").OneOf("basis", string(Legal), string(Commercial), string(Business))),
		row: &row{
			categories: l.hostNames(o.Get("categories"), "category"), severities: l.hostNames(o.Get("severities"), "severity"),
			channels: l.hostNames(o.Get("channels"), "channel"), tiers: l.hostNames(o.Get("tiers"), "tier"),
			upTo: limit(o.Get("upTo")), over: limit(o.Get("over")),
			within: span(o.Get("within")), beyond: l.cap(o.Get("beyond")),
			earliest: soonest(o.Get("earliest")), self: o.Get("self").Bool(), unfit: o.Get("unfit").Bool(),
		},
	}
	if id := o.Need("id"); id.IsText() {
		if flaw := l.flawedID(id.Text(), v.Path()); flaw != "" {
			id.Faultf("%s", flaw)
		}
		u.id = id.Text()
	} else {
		id.Text() // a fault, if it is there
	}
	u.role, u.rank = l.asks(u.effect, v, o)
	l.exclusion(&u, o)
	l.dates(u.row, o)
	u.unfit = u.row.unfit || u.row.self && u.effect == Block
	l.condition(u.row, o.Get("when"))
	l.contradictions(&u, v, o)
	return u
}

// asks reads the role that an allow or approve names.
func (l *loader) asks(e Effect, v jsondoc.Value, o jsondoc.Object) (Role, int) {
	role, by := o.Get("role"), o.Get("by")
	at := role
	switch e {
	case Allow:
		if by.Exists() {
			by.Faultf(`an allow names the lowest role that may with "role"`)
		} else if !role.Exists() {
			v.Faultf(`an allow needs "role", the lowest role that may`)
		}
	case Approve:
		at = by
		if role.Exists() {
			role.Faultf(`an approve names the role that has to agree with "by"`)
		} else if !by.Exists() {
			v.Faultf(`an approve needs "by", the role that has to agree`)
		}
	case Deny, Mandate, Block:
		for _, x := range []jsondoc.Value{role, by} {
			if x.Exists() {
				x.Faultf("%s asks for no role", e.one())
			}
		}
		return "", -1
	}
	if !at.IsText() {
		at.Text()
		return "", -1
	}
	rank, ok := l.set.Rank(Role(at.Text()))
	if !ok {
		ladder := make([]string, len(l.set.roles))
		for i, r := range l.set.roles {
			ladder[i] = string(r)
		}
		at.Unknown("role", at.Text(), ladder)
	}
	return Role(at.Text()), rank
}

// hostNames reads a list of names that only the host knows, and keeps their places.
func (l *loader) hostNames(v jsondoc.Value, attribute string) []string {
	var texts []string
	for _, x := range distinct(v, attribute) {
		texts = append(texts, x.Text())
		l.set.names = append(l.set.names, Name{attribute, x.Text(), x.Line(), x.Column()})
	}
	slices.Sort(texts)
	return texts
}

// form tells whether a value is an object, or absent, and else shows one as it should be. A text or a number there is a common slip.
func form(v jsondoc.Value, example string) bool {
	if v.IsText() || v.IsNumber() {
		v.Faultf("want an object such as %s", example)
		return false
	}
	return true
}

// limit reads an amount above zero, or a percentage of what was paid.
func limit(v jsondoc.Value) bound {
	if !form(v, `{"amount":"50.00","currency":"EUR"} or {"percent":20}`) {
		return bound{}
	}
	o := v.Object("amount", "currency", "percent")
	percent := o.Get("percent")
	if !percent.Exists() {
		return bound{amount: money(o)}
	}
	if o.Get("amount").Exists() || o.Get("currency").Exists() {
		v.Faultf(`a limit is {"amount":"49.99","currency":"EUR"} or {"percent":20} of what was paid, not both`)
	}
	return bound{percent: int(percent.Int(1, 100))}
}

// money reads an amount above zero.
func money(o jsondoc.Object) Money {
	amount, code := o.Need("amount"), o.Need("currency")
	if amount.IsNumber() {
		amount.Faultf(`an amount is a text, as in {"amount":"49.99","currency":"EUR"}`)
		return Money{}
	}
	text, letters := amount.Text(), code.Text()
	if !amount.IsText() || !code.IsText() {
		return Money{}
	}
	c := pack(letters)
	if !c.known() {
		code.Unknown("currency", letters, codes())
		return Money{}
	}
	minor, fault := c.parse(text)
	switch {
	case fault != "":
		amount.Faultf("amount %q: %s", text, fault)
	case minor <= 0:
		amount.Faultf("want an amount above zero, got %s", text)
	default:
		return Money{minor, c}
	}
	return Money{}
}

func span(v jsondoc.Value) within {
	if !form(v, `{"days":30,"of":"delivery"}`) || !inDays(v) {
		return within{}
	}
	o := v.Object("days", "of")
	return within{
		days: int(o.Need("days").Int(1, maxDays)),
		of:   o.Need("of").OneOf("date", sincePurchase, sinceDelivery),
	}
}

// inDays tells whether no other unit of time is there that documents do not have.
func inDays(v jsondoc.Value) bool {
	if !v.IsObject() {
		return true
	}
	o, ok := v.Object(), true
	for _, unit := range []string{"weeks", "months", "years"} {
		if x := o.Get(unit); x.Exists() {
			x.Faultf(`spans are in "days": a week is 7, a month at most 31, a year at most 366, two years at most 731`)
			ok = false
		}
	}
	return ok
}

func (l *loader) cap(v jsondoc.Value) beyond {
	if !form(v, `{"count":3,"per":"customer","days":90} or {"amount":{"amount":"150.00","currency":"EUR"},"per":"customer"}`) || !inDays(v) {
		return beyond{}
	}
	o := v.Object("amount", "count", "per", "days")
	b := beyond{
		amount: limit(o.Get("amount")),
		count:  int(o.Get("count").Int(1, maxCount)),
		per:    l.per(o.Need("per")),
		days:   int(o.Get("days").Int(1, maxDays)),
	}
	if v.IsObject() && o.Get("amount").Exists() == o.Get("count").Exists() {
		v.Faultf(`a cap has "amount" or "count", one of them`)
	}
	return b
}

// exclusion reads which remedies cannot stand beside the row's own. The row then concerns both.
func (l *loader) exclusion(u *rule, o jsondoc.Object) {
	v := o.Get("excludes")
	if !v.Exists() {
		return
	}
	x := v.Object("remedies", "per")
	u.row.excludes = excludes{own: u.kinds, others: l.remedies(x.Need("remedies")), per: l.per(x.Need("per"))}
	if len(u.kinds) == 0 && !o.Get("remedies").Exists() {
		v.Faultf(`it needs "remedies": the row's own, beside which the others cannot be`)
	}
	both := slices.Concat(u.kinds, u.row.excludes.others)
	slices.Sort(both)
	u.kinds = slices.Compact(both)
}

// soonest reads how long from now the earliest promise is.
func soonest(v jsondoc.Value) earliest {
	if !form(v, `{"days":3} or {"hours":4}`) || !inDays(v) {
		return earliest{}
	}
	o := v.Object("days", "hours")
	e := earliest{days: int(o.Get("days").Int(1, maxDays)), hours: int(o.Get("hours").Int(1, 24*maxDays))}
	if v.IsObject() && o.Get("days").Exists() == o.Get("hours").Exists() {
		v.Faultf(`the earliest promise is in "days" or in "hours", one of them`)
	}
	return e
}

func explain(v jsondoc.Value) Texts {
	if !form(v, `{"en":"We are sorry."}, a text by language`) {
		return Texts{}
	}
	o, texts := v.Object(), map[string]string{}
	if n := len(o.Fields()); n > maxList {
		v.Faultf("%d languages; at most %d are read", n, maxList)
		return Texts{}
	}
	for _, key := range o.Keys() {
		lang := key.Text()
		if lang == "" || strings.Trim(strings.ToLower(lang), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			key.Faultf(`want a language tag such as "en" or "pt-BR", got %q`, lang)
		}
		if at := o.Get(lang); at.IsText() && strings.TrimSpace(at.Text()) == "" {
			at.Faultf("an empty text")
		} else {
			texts[lang] = at.Text()
		}
	}
	return MakeTexts(texts)
}

// dates reads the days, in UTC, from and to which, both included, the row is in force.
func (l *loader) dates(w *row, o jsondoc.Object) {
	w.from = date(o.Get("from"))
	if to := date(o.Get("to")); !to.IsZero() {
		w.until = to.AddDate(0, 0, 1)
		if !w.from.Before(w.until) {
			o.Get("to").Faultf(`"to" is before "from"`)
		}
	}
}

func date(v jsondoc.Value) time.Time {
	text := v.Text()
	if !v.IsText() {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		v.Faultf("want a date such as 2026-11-30, got %q", text)
		return time.Time{}
	}
	return t
}

// compiler tells the compiler of conditions which kinds there are, if it wants to know.
func (l *loader) compiler() {
	c, wants := l.o.Compiler.(KindCompiler)
	if !wants {
		return
	}
	kinds := make(map[Kind]Nature, len(l.set.kinds))
	for _, k := range l.set.kinds {
		kinds[k.kind] = k.nature
	}
	if _, why := contain(func() (bool, error) {
		l.o.Compiler = c.ForKinds(kinds)
		return false, nil
	}); why.failed() {
		l.fault("Options.Compiler", why.String())
	}
}

func (l *loader) condition(w *row, v jsondoc.Value) {
	w.whenText = v.Text()
	switch {
	case !v.IsText():
	case strings.TrimSpace(w.whenText) == "":
		v.Faultf("an empty condition; leave the field out")
	case l.o.Compiler == nil:
		v.Faultf("a condition needs Options.Compiler")
	default:
		_, why := contain(func() (_ bool, err error) {
			if w.when, err = l.o.Compiler.Compile(w.whenText); err == nil && w.when == nil {
				err = fmt.Errorf("the compiler made nothing of it")
			}
			return false, err
		})
		if why.failed() {
			v.Faultf("%s", why.String())
			return
		}
		l.looks(w, v)
	}
}

// looks asks the compiler at which ledgers the condition looks.
func (l *loader) looks(w *row, v jsondoc.Value) {
	c, tells := l.o.Compiler.(LedgerCompiler)
	if !tells {
		return
	}
	_, why := contain(func() (bool, error) {
		w.looks = slices.Clone(c.Ledgers(w.whenText))
		return false, nil
	})
	if why.failed() {
		v.Faultf("%s", why.String())
	}
	slices.Sort(w.looks)
	w.looks = slices.Compact(w.looks)
	known := l.pers()
	for _, name := range w.looks {
		if !slices.Contains(known, name) {
			v.Faultf(`it looks at the ledger %q, which "ledgers" does not declare%s`, name, didYouMean(jsondoc.Nearest(name, known)))
		}
	}
}

// contradictions reports what can never be true at once in a row.
func (l *loader) contradictions(u *rule, v jsondoc.Value, o jsondoc.Object) {
	w := u.row
	if w.beyond.per != "" && (u.effect == Allow || u.effect == Mandate) {
		o.Get("beyond").Faultf("a cap forbids or asks for approval; %s has none", u.effect.one())
	}
	if x := o.Get("excludes"); x.Exists() && (w.beyond.per != "" || !w.upTo.IsZero() || !w.over.IsZero()) {
		x.Faultf("a row that excludes remedies has no limits; write a row for each")
	} else if x.Exists() && (u.effect == Allow || u.effect == Mandate) {
		x.Faultf("an exclusion forbids or asks for approval; %s has none", u.effect.one())
	}
	if x := o.Get("earliest"); x.Exists() && u.effect != Deny && u.effect != Block {
		x.Faultf("a promise that is too early is denied; %s has none", u.effect.one())
	}
	if w.unfit && u.effect != Block {
		o.Get("unfit").Faultf("an actor is unfit by a block; %s is about the remedy", u.effect.one())
	}
	if w.self && (u.effect == Allow || u.effect == Mandate) {
		o.Get("self").Faultf("who deals with themselves is stopped; %s is for others", u.effect.one())
	}
	if !w.upTo.IsZero() && !w.over.IsZero() && w.upTo.comparable(w.over) && !w.upTo.exceeds(w.over) {
		o.Get("over").Faultf("no amount is over %s and up to %s", w.over, w.upTo)
	}
	in, limited := map[Currency]bool{}, false
	for _, b := range []bound{w.upTo, w.over, w.beyond.amount} {
		limited = limited || !b.IsZero()
		if !b.amount.IsZero() {
			in[b.amount.Currency] = true
		}
	}
	if len(in) > 1 {
		v.Faultf("its amounts are in several currencies (%s, …); amounts are never converted", slices.Min(slices.Collect(maps.Keys(in))))
	}
	amounts := func(k Kind) bool { return !l.set.words(l.set.kind(k)) }
	if limited && len(u.kinds) > 0 && !slices.ContainsFunc(u.kinds, amounts) {
		v.Faultf("it has a limit of amount, but %q can have no amount", u.kinds[0])
	}
}

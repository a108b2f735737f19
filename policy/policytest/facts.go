package policytest

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/policy"
)

func factFields() []string {
	return []string{
		"now", "received", "actor", "role", "approvers", "case", "category", "channel", "severity", "round", "customer", "tier", "order", "facts", "given",
	}
}

// facts are those of one case: the document's, of which single ones are replaced or taken away.
type facts struct {
	*loader
	own     jsondoc.Object
	unknown []string
	now     time.Time
}

// takeAway reads which facts are not known in the case. One of the host's goes by its name, with or without "facts." before it.
func (f *facts) takeAway(v jsondoc.Value) {
	const host = "facts."
	plain := []string{
		"now", "received", "actor", "category", "channel", "severity", "customer", "tier", "order.id", "order.paid", "order.purchased", "order.delivered",
	}
	hosts := slices.Concat(f.base.Get("facts").Object().Fields(), f.own.Get("facts").Object().Fields())
	slices.Sort(hosts)
	known := slices.Concat(plain, slices.Compact(hosts))
	for _, item := range list(v, maxList) {
		name := item.Text()
		bare, prefixed := strings.CutPrefix(name, host)
		switch {
		case !item.IsText():
		case !prefixed && slices.Contains(plain, name):
			f.unknown = append(f.unknown, name)
		case slices.Contains(hosts, bare):
			f.unknown = append(f.unknown, host+bare)
		case prefixed:
			item.Unknown("fact", bare, hosts)
		default:
			item.Unknown("fact", name, known)
		}
	}
}

// get is a fact by its name, of the case or else of all cases; absent if it is not known.
func (f *facts) get(name string) jsondoc.Value {
	if slices.Contains(f.unknown, name) {
		return jsondoc.Value{}
	}
	return first(f.own.Get(name), f.base.Get(name))
}

func first(own, base jsondoc.Value) jsondoc.Value {
	if own.Exists() {
		return own
	}
	return base
}

func (f *facts) request(offer jsondoc.Value) policy.Request {
	f.now = f.at(f.get("now"), false)
	r := policy.Request{
		Now: f.now, Received: f.at(f.get("received"), true),
		Actor: policy.Actor{ID: f.get("actor").Text(), Role: f.role(f.get("role"))},
		Case:  f.get("case").Text(), Category: f.get("category").Text(), Channel: f.get("channel").Text(), Severity: f.get("severity").Text(),
		Round: int(f.get("round").Int(0, math.MaxInt32)), Customer: f.get("customer").Text(), Tier: f.get("tier").Text(),
		Order: f.order(), Facts: f.hosts(),
	}
	for _, item := range list(f.get("approvers"), maxList) {
		o := item.Object("id", "role")
		r.Approvers = append(r.Approvers, policy.Actor{ID: o.Need("id").Text(), Role: f.role(o.Need("role"))})
	}
	for _, item := range list(f.get("given"), maxList) {
		r.Given = append(r.Given, f.given(item, &r))
	}
	for _, item := range list(offer, maxList) {
		o := item.Object("kind", "amount", "item", "payee", "by")
		r.Offer = append(r.Offer, policy.Remedy{
			Kind: f.kind(o.Need("kind")), Amount: money(o.Get("amount")),
			Item: o.Get("item").Text(), Payee: o.Get("payee").Text(), By: f.at(o.Get("by"), true),
		})
	}
	if offer.IsArray() && len(offer.Items()) == 0 {
		offer.Faultf("want at least one remedy")
	}
	return r
}

func (f *facts) order() policy.Order {
	fields := []string{"id", "paid", "purchased", "delivered"}
	own, base := f.own.Get("order").Object(fields...), f.base.Get("order").Object(fields...)
	get := func(field string) jsondoc.Value {
		if slices.Contains(f.unknown, "order."+field) {
			return jsondoc.Value{}
		}
		return first(own.Get(field), base.Get(field))
	}
	return policy.Order{
		ID: get("id").Text(), Paid: money(get("paid")), Purchased: f.at(get("purchased"), true), Delivered: f.at(get("delivered"), true),
	}
}

// hosts are the facts of the host's own.
func (f *facts) hosts() policy.Facts {
	own, base := hostFacts(f.own.Get("facts")), hostFacts(f.base.Get("facts"))
	var all policy.Facts
	for _, name := range slices.Concat(base.Fields(), own.Fields()) {
		if slices.Contains(f.unknown, "facts."+name) {
			continue
		}
		if all == nil {
			all = policy.Facts{}
		}
		all[name] = f.fact(first(own.Get(name), base.Get(name)))
	}
	return all
}

// hostFacts is an object of at most maxList facts; an empty one if there are more.
func hostFacts(v jsondoc.Value) jsondoc.Object {
	o := v.Object()
	if n := len(o.Fields()); n > maxList {
		v.Faultf("%d facts; at most %d are read", n, maxList)
		return jsondoc.Object{}
	}
	return o
}

func (f *facts) fact(v jsondoc.Value) any {
	switch {
	case v.IsText():
		return v.Text()
	case v.IsNumber():
		return v.Int(math.MinInt64, math.MaxInt64)
	case v.IsObject() && v.Object().Get("time").Exists():
		return f.at(v.Object("time").Get("time"), true)
	case v.IsObject():
		return money(v)
	case v.IsArray():
		v.Faultf(`want a text, true or false, a whole number, {"amount":…,"currency":…} or {"time":…}`)
		return nil
	}
	return v.Bool()
}

func (f *facts) kind(v jsondoc.Value) policy.Kind { return policy.Kind(known(v, "remedy", f.kinds)) }

// given reads what was given before. The customer and the order are those of the case.
func (f *facts) given(v jsondoc.Value, r *policy.Request) policy.Given {
	o := v.Object("per", "kind", "amount", "line", "count", "at")
	g := policy.Given{
		Ledger: "case", Kind: f.kind(o.Need("kind")), Amount: money(o.Get("amount")), Line: o.Get("line").Text(),
		Count: int(o.Get("count").Int(1, math.MaxInt32)), At: f.at(o.Get("at"), true),
	}
	if o.Get("per").Exists() {
		g.Ledger = f.ledger(o.Get("per"), r)
	}
	return g
}

// ledger is the name of one that the policy counts by.
func (f *facts) ledger(v jsondoc.Value, r *policy.Request) string {
	per := v.OneOf("per", slices.Concat([]string{"case", "order", "customer"}, f.ledgers)...)
	fact, id := per, r.Customer
	switch per {
	case "", "case":
		return per
	case "order":
		fact, id = "order.id", r.Order.ID
	case "customer":
	default:
		fact = "facts." + per
		id, _ = r.Facts[per].(string)
	}
	if id == "" && !slices.Contains(f.unknown, fact) {
		v.Faultf("the %s is not known; \"facts\" have to say whose it is", per)
	}
	return per + ":" + id
}

func money(v jsondoc.Value) policy.Money {
	o := v.Object("amount", "currency")
	amount, code := o.Need("amount"), o.Need("currency")
	if amount.IsNumber() {
		amount.Faultf(`an amount is a text, as in {"amount":"49.99","currency":"EUR"}`)
		return policy.Money{}
	}
	text, letters := amount.Text(), code.Text()
	if !amount.IsText() || !code.IsText() {
		return policy.Money{}
	}
	if _, err := policy.ParseCurrency(letters); err != nil {
		code.Faultf("%s", strings.TrimPrefix(err.Error(), "policy: "))
		return policy.Money{}
	}
	m, err := policy.ParseMoney(text, letters)
	if err != nil {
		amount.Faultf("%s", strings.TrimPrefix(err.Error(), "policy: "))
	}
	return m
}

const wantTime = `a date such as "2026-11-16" or a time such as "2026-11-16T09:00:00Z"`

// at reads a time. If relative, it may be told from now.
func (f *facts) at(v jsondoc.Value, relative bool) time.Time {
	if !v.IsText() {
		v.Text()
		return time.Time{}
	}
	text := v.Text()
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	if !relative {
		v.Faultf("want "+wantTime+", got %q", text)
		return time.Time{}
	}
	d, ok := span(strings.Fields(text))
	switch {
	case !ok:
		v.Faultf("want "+wantTime+`, or one told from now such as "10 days ago" or "in 3 hours", got %q`, text)
	case f.now.IsZero():
		v.Faultf(`%q is told from now, and "now" is not known`, text)
	default:
		return f.now.Add(d)
	}
	return time.Time{}
}

const century = 36_525 * 24 * time.Hour

// span reads "10 days ago" or "in 3 hours".
func span(words []string) (time.Duration, bool) {
	if len(words) != 3 {
		return 0, false
	}
	number, unit, sign := words[0], words[1], -1
	if words[0] == "in" {
		number, unit, sign = words[1], words[2], 1
	} else if words[2] != "ago" {
		return 0, false
	}
	length := time.Hour
	switch strings.TrimSuffix(unit, "s") {
	case "hour":
	case "day":
		length *= 24
	case "week":
		length *= 7 * 24
	default:
		return 0, false
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > int(century/length) {
		return 0, false
	}
	return time.Duration(sign*n) * length, true
}

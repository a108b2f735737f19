package bench_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// ruling is one rule of the policy that all engines are given.
type ruling struct {
	id     string
	effect policy.Effect
	role   policy.Role // allow: the lowest that may; approve: who has to agree
	kinds  []policy.Kind
	conds  []cond
}

// cond is a condition: over the facts as peers get them, as columns of a row, as text for policy/cel, and in Go.
type cond struct {
	fact  string   // a field of flat
	op    string   // "<=", ">", "in", "==" (another fact)
	value int64    // for <= and >
	texts []string // for in
	other string   // for ==
	row   map[string]any
	when  string
	holds func(r *policy.Request) bool
}

const (
	hour = int64(3600)
	day  = 24 * hour
)

// rulings are the 22 rules.
func rulings() []ruling {
	refunds := []policy.Kind{policy.Refund, policy.PartialRefund}
	credits := []policy.Kind{policy.Voucher, policy.Credit}
	compensation, cash := []policy.Kind{policy.Compensation}, []policy.Kind{policy.Refund, policy.PartialRefund, policy.Compensation}
	replacement, repair := []policy.Kind{policy.Replacement}, []policy.Kind{policy.Repair}
	gift, fee, voucher := []policy.Kind{policy.Gift}, []policy.Kind{policy.FeeWaiver}, []policy.Kind{policy.Voucher}
	return []ruling{
		{"refund-agent", policy.Allow, "agent", refunds, []cond{upTo("UsedRefunds", refunds, 50)}},
		{"refund-supervisor", policy.Allow, "supervisor", refunds, []cond{upTo("UsedRefunds", refunds, 500)}},
		{"refund-manager", policy.Allow, "manager", refunds, nil},
		{"credit-agent", policy.Allow, "agent", credits, []cond{upTo("UsedCredits", credits, 50)}},
		{"credit-supervisor", policy.Allow, "supervisor", credits, []cond{upTo("UsedCredits", credits, 500)}},
		{"compensation-supervisor", policy.Allow, "supervisor", compensation, []cond{upTo("UsedCompensation", compensation, 500)}},
		{"compensation-manager", policy.Allow, "manager", compensation, nil},
		{"repair-agent", policy.Allow, "agent", repair, nil},
		{"replacement-14-days", policy.Allow, "agent", replacement, []cond{delivered(14)}},
		{"replacement-supervisor", policy.Allow, "supervisor", replacement, nil},
		{"gift-gold", policy.Allow, "agent", gift, []cond{oneOf("Tier", "gold", "platinum"), upTo("UsedGifts", gift, 50)}},
		{"fee-billing", policy.Allow, "agent", fee, []cond{oneOf("Category", "billing"), upTo("UsedFees", fee, 50)}},
		{"no-refund-digital", policy.Deny, "", refunds, []cond{oneOf("Category", "digital", "perishable")}},
		{"no-goods-billing", policy.Deny, "", []policy.Kind{policy.Replacement, policy.Repair}, []cond{oneOf("Category", "billing", "digital")}},
		{"three-vouchers", policy.Deny, "", voucher, []cond{vouchers()}},
		{"no-gift-social", policy.Deny, "", gift, []cond{oneOf("Channel", "social"), oneOf("Severity", "low")}},
		{"compensation-year", policy.Deny, "", compensation, []cond{inAYear(compensation, 1000)}},
		{"large-cash", policy.Approve, "manager", cash, []cond{over("UsedCash", cash, 300)}},
		{"large-credit", policy.Approve, "supervisor", credits, []cond{over("UsedCredits", credits, 100), oneOf("Severity", "low", "medium")}},
		{"warranty-repair", policy.Mandate, "", repair, []cond{oneOf("Category", "defect"), purchased(730)}},
		{"warranty-replacement", policy.Mandate, "", replacement, []cond{oneOf("Category", "defect"), oneOf("Severity", "high", "critical"), purchased(730)}},
		{"self-dealing", policy.Block, "", nil, []cond{selfDealing()}},
	}
}

func ladder() []policy.Role { return []policy.Role{"agent", "supervisor", "manager"} }

func euros(n int64) policy.Money { return policy.Money{Minor: n * 100, Currency: policy.EUR} }

// used is what the offer and the case come to.
func used(r *policy.Request, kinds []policy.Kind, ledger string, after time.Time) (minor int64, number int) {
	for i := range r.Offer {
		if slices.Contains(kinds, r.Offer[i].Kind) {
			minor, number = minor+r.Offer[i].Amount.Minor, number+1
		}
	}
	for i := range r.Given {
		if g := &r.Given[i]; g.Ledger == ledger && slices.Contains(kinds, g.Kind) && g.At.After(after) {
			minor, number = minor+g.Amount.Minor, number+1
		}
	}
	return minor, number
}

// inCEL is the same as a condition: what is in the list, of those kinds.
func inCEL(list string, kinds []policy.Kind) string {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = `"` + string(k) + `"`
	}
	return fmt.Sprintf(`%s.filter(x, x.kind in [%s])`, list, strings.Join(texts, ", "))
}

func onCase(kinds []policy.Kind) string {
	return inCEL("offer", kinds) + `.total("EUR") + ` + inCEL("spent.case", kinds) + `.total("EUR")`
}

func upTo(fact string, kinds []policy.Kind, limit int64) cond {
	return cond{
		fact: fact, op: "<=", value: limit * 100, row: map[string]any{"upTo": euros(limit)},
		when: fmt.Sprintf(`%s <= money("%d.00", "EUR")`, onCase(kinds), limit),
		holds: func(r *policy.Request) bool {
			minor, _ := used(r, kinds, "case", time.Time{})
			return minor <= limit*100
		},
	}
}

func over(fact string, kinds []policy.Kind, limit int64) cond {
	return cond{
		fact: fact, op: ">", value: limit * 100, row: map[string]any{"over": euros(limit)},
		when: fmt.Sprintf(`%s > money("%d.00", "EUR")`, onCase(kinds), limit),
		holds: func(r *policy.Request) bool {
			minor, _ := used(r, kinds, "case", time.Time{})
			return minor > limit*100
		},
	}
}

func vouchers() cond {
	kinds := []policy.Kind{policy.Voucher}
	return cond{
		fact: "Vouchers", op: ">", value: 3, row: map[string]any{"beyond": map[string]any{"count": 3, "per": "customer", "days": 90}},
		when: inCEL("offer", kinds) + ".count() + " + inCEL("spent.customer.last(90)", kinds) + ".count() > 3",
		holds: func(r *policy.Request) bool {
			_, n := used(r, kinds, "customer:"+r.Customer, r.Now.AddDate(0, 0, -90))
			return n > 3
		},
	}
}

func inAYear(kinds []policy.Kind, limit int64) cond {
	return cond{
		fact: "CompensationYear", op: ">", value: limit * 100,
		row:  map[string]any{"beyond": map[string]any{"amount": euros(limit), "per": "customer", "days": 365}},
		when: fmt.Sprintf(`%s.total("EUR") + %s.total("EUR") > money("%d.00", "EUR")`, inCEL("offer", kinds), inCEL("spent.customer.last(365)", kinds), limit),
		holds: func(r *policy.Request) bool {
			minor, _ := used(r, kinds, "customer:"+r.Customer, r.Now.AddDate(0, 0, -365))
			return minor > limit*100
		},
	}
}

func delivered(days int64) cond {
	return cond{
		fact: "SinceDelivery", op: "<=", value: days * day, row: map[string]any{"within": map[string]any{"days": days, "of": "delivery"}},
		when: fmt.Sprintf(`now - order.delivered <= duration("%dh")`, days*24),
		holds: func(r *policy.Request) bool {
			return r.Now.Sub(r.Order.Delivered) <= time.Duration(days*day)*time.Second
		},
	}
}

// purchased is for mandates, which judge by the complaint's date.
func purchased(days int64) cond {
	return cond{
		fact: "SincePurchase", op: "<=", value: days * day, row: map[string]any{"within": map[string]any{"days": days, "of": "purchase"}},
		when: fmt.Sprintf(`case.received - order.purchased <= duration("%dh")`, days*24),
		holds: func(r *policy.Request) bool {
			return r.Received.Sub(r.Order.Purchased) <= time.Duration(days*day)*time.Second
		},
	}
}

func oneOf(fact string, texts ...string) cond {
	name := strings.ToLower(fact)
	column := map[string]string{"category": "categories", "channel": "channels", "severity": "severities", "tier": "tiers"}[name]
	of := map[string]string{"category": "case", "channel": "case", "severity": "case", "tier": "customer"}[name]
	read := map[string]func(r *policy.Request) string{
		"category": func(r *policy.Request) string { return r.Category }, "channel": func(r *policy.Request) string { return r.Channel },
		"severity": func(r *policy.Request) string { return r.Severity }, "tier": func(r *policy.Request) string { return r.Tier },
	}[name]
	return cond{
		fact: fact, op: "in", texts: texts, row: map[string]any{column: texts}, when: of + "." + name + ` in ["` + strings.Join(texts, `", "`) + `"]`,
		holds: func(r *policy.Request) bool { return slices.Contains(texts, read(r)) },
	}
}

func selfDealing() cond {
	return cond{
		fact: "Payee", op: "==", other: "Actor", row: map[string]any{"self": true}, when: `offer.exists(r, r.payee == actor.id)`,
		holds: func(r *policy.Request) bool {
			return slices.ContainsFunc(r.Offer, func(x policy.Remedy) bool { return x.Payee == r.Actor.ID })
		},
	}
}

// document has the rules as rows: each condition as columns, or all of them as text for policy/cel.
func document(tb testing.TB, conditions bool) []byte {
	tb.Helper()
	var rows []map[string]any
	for _, x := range rulings() {
		row := map[string]any{"id": x.id, "effect": x.effect, "reason": "as the handbook says", "explain": map[string]string{"en": "It depends.", "de": "Es kommt darauf an."}}
		if len(x.kinds) > 0 {
			row["remedies"] = x.kinds
		}
		switch x.effect { //nolint:exhaustive // the others name no role
		case policy.Allow:
			row["role"] = x.role
		case policy.Approve:
			row["by"] = x.role
		}
		var when []string
		for _, c := range x.conds {
			when = append(when, c.when)
			for column, value := range c.row {
				if !conditions {
					row[column] = value
				}
			}
		}
		if conditions && len(when) > 0 {
			row["when"] = strings.Join(when, " && ")
		}
		rows = append(rows, row)
	}
	doc, err := json.Marshal(map[string]any{"name": "retail", "version": "1", "roles": ladder(), "rows": rows})
	require.NoError(tb, err)
	return doc
}

// inGo are the rules as rules in Go.
func inGo() []policy.Rule {
	var rules []policy.Rule
	for _, x := range rulings() {
		rules = append(rules, policy.Func{
			Name: x.id, Is: x.effect, Role: x.role, Remedies: x.kinds,
			Explain: policy.MakeTexts(map[string]string{"en": "It depends.", "de": "Es kommt darauf an."}),
			Fn: func(r *policy.Request) (string, bool, error) {
				for i := range x.conds {
					if !x.conds[i].holds(r) {
						return "", false, nil
					}
				}
				return "as the handbook says", true, nil
			},
		})
	}
	return rules
}

// requests are 1,000, always the same. Every fact is known and all amounts are in one currency, since most peers know no other way.
func requests() []policy.Request {
	rng := rand.New(rand.NewPCG(2026, 4))
	kinds := []policy.Kind{
		policy.Refund, policy.PartialRefund, policy.Voucher, policy.Credit, policy.Compensation, policy.Replacement, policy.Repair, policy.Gift, policy.FeeWaiver,
	}
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.Add(-time.Duration(rng.Int64N(int64(days)*day)+1) * time.Second) }
	all := make([]policy.Request, 1000)
	for i := range all {
		r := &all[i]
		*r = policy.Request{
			Now: now, Actor: policy.Actor{ID: pick("ana", "bo", "cy"), Role: policy.Role(pick("agent", "agent", "supervisor", "manager"))},
			Case: "c-1", Received: ago(5), Category: pick("delivery", "defect", "billing", "digital", "service"), Channel: pick("phone", "email", "social"),
			Severity: pick("low", "medium", "high", "critical"), Round: 1, Customer: "42", Tier: pick("basic", "silver", "gold", "platinum"),
			Order: policy.Order{ID: "A-17", Paid: euros(800), Purchased: ago(1000), Delivered: ago(30)},
			Offer: []policy.Remedy{{Kind: kinds[rng.IntN(len(kinds))], Amount: policy.Money{Minor: 100 * []int64{5, 10, 25, 50, 80, 200, 400, 700}[rng.IntN(8)], Currency: policy.EUR}, Payee: "42"}},
		}
		if rng.IntN(25) == 0 {
			r.Offer[0].Payee = r.Actor.ID
		}
		for range rng.IntN(7) {
			g := policy.Given{Ledger: pick("case", "customer:42", "customer:42"), Kind: kinds[rng.IntN(5)], Amount: policy.Money{Minor: 100 * rng.Int64N(500), Currency: policy.EUR}, At: ago(200)}
			if rng.IntN(2) == 0 {
				g.Kind = r.Offer[0].Kind
			}
			r.Given = append(r.Given, g)
		}
	}
	return all
}

// flat is a request as peers get it: what was given is added up and times are ages in seconds already.
type flat struct {
	Kind, Category, Channel, Severity, Tier, Actor, Payee                     string
	UsedRefunds, UsedCredits, UsedCompensation, UsedGifts, UsedFees, UsedCash int64
	Vouchers, CompensationYear, SinceDelivery, SincePurchase                  int64
	rank                                                                      int
}

func flatten(r *policy.Request) flat {
	sum := func(kinds ...policy.Kind) int64 {
		minor, _ := used(r, kinds, "case", time.Time{})
		return minor
	}
	x := &r.Offer[0]
	f := flat{
		Kind: string(x.Kind), Category: r.Category, Channel: r.Channel, Severity: r.Severity, Tier: r.Tier, Actor: r.Actor.ID, Payee: x.Payee,
		UsedRefunds: sum(policy.Refund, policy.PartialRefund), UsedCredits: sum(policy.Voucher, policy.Credit), UsedCompensation: sum(policy.Compensation),
		UsedGifts: sum(policy.Gift), UsedFees: sum(policy.FeeWaiver), UsedCash: sum(policy.Refund, policy.PartialRefund, policy.Compensation),
		SinceDelivery: int64(r.Now.Sub(r.Order.Delivered) / time.Second), SincePurchase: int64(r.Received.Sub(r.Order.Purchased) / time.Second),
		rank: slices.Index(ladder(), r.Actor.Role),
	}
	_, n := used(r, []policy.Kind{policy.Voucher}, "customer:42", r.Now.AddDate(0, 0, -90))
	f.Vouchers = int64(n)
	f.CompensationYear, _ = used(r, []policy.Kind{policy.Compensation}, "customer:42", r.Now.AddDate(0, 0, -365))
	return f
}

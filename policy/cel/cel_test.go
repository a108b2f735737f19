package cel_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

var _ policy.LedgerCompiler = (*cel.Compiler)(nil)

func eur(minor int64) policy.Money { return policy.Money{Minor: minor, Currency: policy.EUR} }

func noon() time.Time { return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) }

func facts() policy.Facts {
	return policy.Facts{"chargeback": "", "score": 0, "insured": policy.Money{}, "repeated": false, "moved_in": time.Time{}, "risk-class": "", "household": ""}
}

func compiler(tb testing.TB) *cel.Compiler {
	tb.Helper()
	c, err := cel.New(&cel.Options{Facts: facts()})
	require.NoError(tb, err)
	return c
}

// full is a request in which every fact is known.
func full() *policy.Request {
	return &policy.Request{
		Now: noon(), Actor: policy.Actor{ID: "ana", Role: "agent"}, Approvers: []policy.Actor{{ID: "bo", Role: "manager"}},
		Case: "c-1", Received: noon().AddDate(0, 0, -2), Category: "delivery", Channel: "phone", Severity: "high", Round: 1, Customer: "42", Tier: "gold",
		Order: policy.Order{ID: "A-17", Paid: eur(10_000), Purchased: noon().AddDate(0, 0, -20), Delivered: noon().AddDate(0, 0, -10)},
		Facts: policy.Facts{"chargeback": "none", "score": 7, "insured": eur(5_000), "repeated": true, "moved_in": noon().AddDate(-1, 0, 0), "risk-class": "b", "household": "17"},
		Given: []policy.Given{
			{Ledger: "case", Kind: policy.Voucher, Amount: eur(1_000), At: noon().AddDate(0, 0, -1)},
			{Ledger: "order:A-17", Kind: policy.Refund, Amount: eur(300), At: noon().AddDate(0, 0, -5)},
			{Ledger: "customer:42", Kind: policy.Voucher, Amount: eur(500), Count: 2, At: noon().AddDate(0, 0, -90)},
			{Ledger: "customer:42", Kind: policy.Voucher, Amount: eur(700), At: noon().AddDate(0, 0, -90).Add(1)},
			{Ledger: "customer:42", Kind: policy.Callback},
			{Ledger: "household:17", Kind: policy.Gift, Amount: eur(200), Line: "line-1"},
			{Ledger: "customer:43", Kind: policy.Voucher, Amount: eur(9_999)},
		},
		Offer: []policy.Remedy{
			{Kind: policy.Apology},
			{Kind: policy.PartialRefund, Amount: eur(2_000), Item: "line-1", By: noon().AddDate(0, 0, 3)},
			{Kind: policy.Voucher, Amount: eur(500), Payee: "ana"},
		},
	}
}

func TestConditions(t *testing.T) {
	c := compiler(t)
	for when, want := range map[string]bool{
		`actor.id == "ana" && actor.role == "agent"`:                                                     true,
		`approvers.exists(a, a.role == "manager" && a.id != actor.id)`:                                   true,
		`case.category in ["delivery", "service"] && case.severity != "low"`:                             true,
		`case.channel == "phone" && case.round > 0 && case.id == "c-1"`:                                  true,
		`case.received < now && now - case.received == duration("48h")`:                                  true,
		`customer.id == "42" && customer.tier == "gold"`:                                                 true,
		`order.id == "A-17" && order.paid == money("100.00", "EUR")`:                                     true,
		`now - order.purchased <= duration("480h")`:                                                      true,
		`now - order.delivered < duration("240h")`:                                                       false,
		`offer.exists(r, has(r.payee) && r.payee == actor.id)`:                                           true, // an agent's own voucher
		`offer[1].payee == customer.id && offer[1].item == "line-1" && offer[1].by > now`:                true,
		`offer.exists(r, has(r.amount) && r.amount > money("20.00", "EUR"))`:                             false,
		`offer.exists(r, has(r.amount) && r.amount.currency != "EUR")`:                                   false,
		`offer.total("EUR") == money("25.00", "EUR") && offer.count() == 3 && offer.size() == 3`:         true,
		`offer.total("EUR") * 100 <= order.paid * 25`:                                                    true, // 25 % of what was paid
		`offer.total("EUR") * 100 <= order.paid * 24`:                                                    false,
		`offer.total("EUR") + spent.case.total("EUR") - money("0.01", "EUR") < money("35.00", "EUR")`:    true,
		`spent.order.total("EUR").minor == 300`:                                                          true,
		`spent.household.total("EUR") == money("2.00", "EUR") && spent.household[0].line == "line-1"`:    true,
		`spent.customer.filter(g, g.kind == "voucher").count() == 3`:                                     true,
		`spent.customer.last(90).filter(g, g.kind == "voucher").count() == 1`:                            true, // the window is half-open
		`spent.customer.last(90).total("EUR") == money("7.00", "EUR")`:                                   true,
		`spent.customer.filter(g, g.kind == "voucher").all(g, g.at < now && g.amount.minor >= 500)`:      true,
		`spent.customer.map(g, g.count) == [2, 1, 1]`:                                                    true,
		`facts.chargeback == "none" && facts.score >= 7 && facts.repeated && facts.moved_in < now`:       true,
		`facts.insured <= order.paid && facts.` + "`risk-class`" + ` == "b"`:                             true,
		`has(facts.chargeback) && has(customer.tier) && !has(offer[0].amount) && has(order.paid)`:        true,
		`now.getHours() == 12 && now.getDayOfWeek() == 1`:                                                true,
		`{"gold": 2, "silver": 1}[customer.tier] == 2`:                                                   true,
		`money("0.30", "EUR") == money("0.10", "EUR") + money("0.20", "EUR")`:                            true,
		`money("1.000", "KWD").minor == 1000 && money("5", "JPY").minor == 5`:                            true,
		`money("1.00", "EUR") == money("1.00", "USD")`:                                                   false,
		`money("-2.50", "EUR") * 3 == money("-7.50", "EUR")`:                                             true,
		`order.paid.minor / 3 == 3333`:                                                                   true,
		`case.category.matches("^deliv") && case.category.startsWith("de") && "c-1".contains(string(1))`: true,
	} {
		holds, err := c.Compile(when)
		require.NoError(t, err, when)
		got, err := holds(full())
		require.NoError(t, err, when)
		assert.Equal(t, want, got, when)
		again, err := holds(full())
		require.NoError(t, err)
		assert.Equal(t, want, again, when)
	}
}

// What is not known is neither true nor false, and is named as policy names it. But it does not matter where the rest decides.
func TestMissingFacts(t *testing.T) {
	c := compiler(t)
	for when, want := range map[string]string{
		`actor.id == "x"`:                                       "actor.id",
		`actor.role != "x"`:                                     "actor.role",
		`!(case.category == "x")`:                               "category",
		`case.channel == "x"`:                                   "channel",
		`case.severity == "x"`:                                  "severity",
		`case.id == "x"`:                                        "case",
		`case.received < now`:                                   "now, received",
		`customer.id in ["x"]`:                                  "customer",
		`customer.tier.startsWith("x")`:                         "tier",
		`customer.tier == "x" ? true : true`:                    "tier",
		`["x"].exists(t, customer.tier == t)`:                   "tier",
		`{"x": true}[customer.tier]`:                            "tier",
		`order.id == "x"`:                                       "order.id",
		`order.paid > money("1.00", "EUR")`:                     "order.paid",
		`order.paid.minor == 1`:                                 "order.paid",
		`order.paid * 2 == order.paid`:                          "order.paid",
		`now - order.delivered < duration("24h")`:               "now, order.delivered",
		`order.purchased == order.purchased`:                    "order.purchased",
		`facts.chargeback == "open"`:                            "chargeback",
		`facts.score + 1 > 0`:                                   "score",
		`facts.repeated`:                                        "repeated",
		`facts.repeated && customer.tier == "x"`:                "repeated, tier",
		`facts.insured < facts.insured || facts.moved_in < now`: "insured, moved_in, now",
		`offer[0].amount.minor > 1`:                             "offer.amount",
		`offer.total("EUR") > money("1.00", "EUR")`:             "offer.amount",
		`offer.all(r, r.amount < money("1.00", "EUR"))`:         "offer.amount",
		`offer[0].item == "x" || offer[0].by > timestamp("2026-01-01T00:00:00Z")`: "offer.by, offer.item",
		`offer[0].payee == "x"`:                                 "customer",
		`spent.customer.count() > 3`:                            "customer",
		`spent.household.count() > 3`:                           "household",
		`spent.order.count() > 3`:                               "order.id",
		`spent.case.last(90).count() > 3`:                       "now",
		`spent.case[0].at < timestamp("2026-01-01T00:00:00Z")`:  "spent.at",
		`spent.case.exists(g, g.amount > money("1.00", "EUR"))`: "spent.amount",
		`facts.chargeback == "x" || 1 / case.round == 1`:        "chargeback", // and an error, which a missing fact might make irrelevant
		// What settles the answer whatever the fact is:
		`facts.repeated && 1 > 2`:                              "false",
		`facts.repeated || 1 < 2`:                              "true",
		`has(facts.repeated) && facts.repeated`:                "false",
		`!has(customer.tier)`:                                  "true",
		`has(offer[0].amount)`:                                 "false",
		`offer.exists(r, r.kind == "repair" || r.item == "x")`: "true",
		`spent.case.total("EUR") == money("0.00", "EUR")`:      "true",
		`[1, 2].all(n, n > 1 && facts.repeated)`:               "false",
	} {
		holds, err := c.Compile(when)
		require.NoError(t, err, when)
		got, err := holds(&policy.Request{Offer: []policy.Remedy{{Kind: policy.Repair}}, Given: []policy.Given{{Ledger: "case", Kind: policy.Voucher}}})
		lacks, missing := errors.AsType[*policy.MissingError](err)
		switch {
		case missing:
			assert.False(t, got)
			assert.Equal(t, want, strings.Join(lacks.Facts, ", "), when)
		case assert.NoError(t, err, when):
			assert.Equal(t, want == "true", got, when)
			assert.Contains(t, "true false", want, when)
		}
	}
}

func TestCompileFaults(t *testing.T) {
	c := compiler(t)
	fraction := `fractions are inexact; write amounts as money("49.99", "EUR") and 20 % as x * 100 <= y * 20`
	for when, want := range map[string]string{
		`custmer.tier == "gold"`:                   `1:1: unknown name "custmer"; there are actor, approvers, case, customer, facts, now, offer, order, spent`,
		`1 > 2 || customer.teir == "gold"`:         `1:18: unknown field "teir"; there are id, tier`,
		"1 > 2 ||\n  facts.chargebak == \"x\"":     `2:8: unknown field "chargebak"; there are chargeback, household, insured, moved_in, repeated, risk-class, score`,
		`offer.exists(r, r.ammount.minor > 1)`:     `1:18: unknown field "ammount"`,
		`"ä" == x || "b" == y`:                     `1:8: unknown name "x"; there are actor, approvers, case, customer, facts, now, offer, order, spent; 1:20: unknown name "y"; there are actor, approvers, case, customer, facts, now, offer, order, spent`,
		`today() > now`:                            `1:6: unknown function "today"`,
		`order.paid`:                               `1:1: a condition is true or false; this is of type Money`,
		`order.paid > 50`:                          `1:12: found no matching overload for '_>_' applied to '(Money, int)'; an amount is money("49.99", "EUR")`,
		`case.round > int(0.5)`:                    `1:18: ` + fraction,
		`int(double(case.round)) > 1`:              `1:16: ` + fraction,
		`money("1.005", "EUR") > order.paid`:       `1:7: amount "1.005" EUR: EUR has at most 2 digits after the point`,
		`money("1.00", "EUX") > order.paid`:        `1:15: unknown currency "EUX" (did you mean "EUR"?)`,
		`money(customer.tier, "EUR") > order.paid`: `1:15: want the amount itself, such as money("49.99", "EUR")`,
		`offer.total("Eur") > order.paid`:          `1:13: unknown currency "Eur" (did you mean "EUR"?)`,
		`offer.total(customer.tier) > order.paid`:  `1:21: want the currency itself, such as "EUR"`,
		`spent.case.last(0).count() > 1`:           `1:17: want a number of days from 1 to 36500`,
		`spent.case.last(case.round).count() > 1`:  `1:21: want a number of days from 1 to 36500`,
		`customer.tier ==`:                         `1:17: the condition ends too early`,
		``:                                         `1:1: the condition ends too early`,
		`now.getHours("Europe/Berlin") > 12`:       `1:14: what a zone's clocks show depends on the machine; times are in UTC here`,
		`timestamp("yesterday") > now`:             `1:11: invalid timestamp argument`,
		`duration("2 days") > now - now`:           `1:10: invalid duration argument`,
		`case.category.matches("(")`:               `1:23: invalid matches argument`,
		`{"a": 1}.exists(k, k == customer.tier)`:   `1:1: a map has no order; go through a list`,
		`dyn(customer.tier) == 1`:                  `1:13: every value has one type here; leave out dyn()`,
		`type(customer.tier) == type(1)`:           `1:14: every value has one type here; leave out type(); 1:29: every value has one type here; leave out type()`,
		`customer.tier in ["a", 1]`:                `1:24: expected type 'string' but found 'int'`,
		`Money{minor: 1} > order.paid`:             `1:6: a condition makes no structs; an amount is money("49.99", "EUR")`,
		`customer.tier == null`:                    `1:15: found no matching overload for '_==_' applied to '(string, null)'`,
		`facts.chargeback == 1`:                    `1:18: found no matching overload for '_==_' applied to '(string, int)'`,
		`facts["chargeback"] == "x"`:               `1:6: found no matching overload for '_[_]' applied to '(Facts, string)'`,
	} {
		_, err := c.Compile(when)
		require.EqualError(t, err, want, when)
		faults, ok := errors.AsType[*cel.ConditionError](err)
		require.True(t, ok)
		for _, f := range faults.Faults {
			assert.Positive(t, f.Line)
			assert.Positive(t, f.Column)
		}
	}
	_, err := c.Compile("1 < 2 || " + strings.Repeat("1 < 2 || ", 2_000) + "1 < 2")
	assert.ErrorContains(t, err, "size exceeds limit")
	_, err = c.Compile(strings.Repeat("(", 4_000) + "true" + strings.Repeat(")", 4_000))
	assert.Error(t, err)
	nested := "true"
	for _, v := range []string{"a", "b", "c", "d"} {
		nested = "[1].all(" + v + ", " + nested + ")"
	}
	_, err = c.Compile(nested)
	assert.ErrorContains(t, err, "nesting limit")
	_, err = new(cel.Compiler).Compile("true")
	assert.EqualError(t, err, "the compiler was not made by cel.New")
}

// A document's fault is where the condition starts, and says where in the condition.
func TestLoadPointsAtTheCondition(t *testing.T) {
	_, err := policy.Load([]byte(`{"name": "x", "version": "1", "roles": ["agent"], "rows": [
  {"id": "a", "effect": "deny", "when": "customer.teir == 'gold'"}]}`), &policy.Options{Compiler: compiler(t)})
	assert.EqualError(t, err, `policy: 2:41: rows[0].when: 1:9: unknown field "teir"; there are id, tier`)
}

func TestNewRefusesFactsOfOtherTypes(t *testing.T) {
	_, err := cel.New(&cel.Options{Facts: policy.Facts{"share": 0.5, "tags": []string{}}})
	assert.EqualError(t, err, `cel: Options.Facts: policy: fact "share": a float64; want string, bool, int, int64, policy.Money or time.Time
policy: fact "tags": a []string; want string, bool, int, int64, policy.Money or time.Time`)
	_, err = cel.New(nil)
	require.NoError(t, err)
}

// Amounts are policy.Money to the last unit: what does not fit is an error, and so is another currency.
func TestMoneyIsExact(t *testing.T) {
	c := compiler(t)
	r := full()
	for a, mul := range map[int64]int64{math.MaxInt64: 1, math.MinInt64: 1, 3037000500: 3037000499, -3037000499: 3037000499, 7: -6} {
		holds, err := c.Compile(`order.paid * facts.score == facts.insured`)
		require.NoError(t, err)
		r.Order.Paid, r.Facts["score"], r.Facts["insured"] = eur(a), mul, eur(a*mul)
		got, err := holds(r)
		require.NoError(t, err)
		assert.True(t, got, "%d * %d", a, mul)
	}
	for _, when := range []string{
		`order.paid * 2 > facts.insured`, `order.paid + order.paid > facts.insured`, `order.paid * -1 * 2 < facts.insured`,
		`order.paid > money("1.00", "USD")`, `order.paid + money("1.00", "USD") == order.paid`, `offer.total("USD") > money("1.00", "USD")`,
		`offer.total("EUR") > money("1.00", "EUR")`,
	} {
		r := full()
		r.Order.Paid = eur(math.MaxInt64)
		r.Offer = []policy.Remedy{{Kind: policy.Refund, Amount: eur(math.MaxInt64)}, {Kind: policy.Voucher, Amount: eur(1)}}
		holds, err := c.Compile(when)
		require.NoError(t, err, when)
		_, err = holds(r)
		require.Error(t, err, when)
		assert.True(t, errors.Is(err, policy.ErrOverflow) || errors.Is(err, policy.ErrCurrency), "%s: %v", when, err)
	}
}

// The condition may be judged by many at once, and changes nothing.
func TestConditionsAreSafeForConcurrentUse(t *testing.T) {
	holds, err := compiler(t).Compile(`spent.customer.last(90).total("EUR") + offer.total("EUR") < order.paid && facts.score > 1`)
	require.NoError(t, err)
	r, done := full(), make(chan bool)
	for range 8 {
		go func() {
			all := true
			for range 200 {
				got, err := holds(r)
				all = all && got && err == nil
			}
			done <- all
		}()
	}
	for range 8 {
		assert.True(t, <-done)
	}
	assert.Equal(t, full(), r)
}

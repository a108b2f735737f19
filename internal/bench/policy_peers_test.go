package bench_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/model"
	"github.com/cedar-policy/cedar-go"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
)

// answer is what the engines have to agree on.
type answer struct {
	verdict policy.Verdict
	by      policy.Role // with NeedsApproval
}

// engine is a way to decide. setUp makes what a process makes once, and prepare turns requests into what it reads.
type engine struct {
	name  string
	setUp func(tb testing.TB) (prepare func(tb testing.TB, all []policy.Request) (decide func(i int) answer))
}

func engines() []engine {
	return []engine{
		{"rows", setUpRows},
		{"Go rules", setUpGoRules},
		{"policy-cel", setUpPolicyCEL},
		{"cel-go", setUpCEL},
		{"expr", setUpExpr},
		{"cedar-go", setUpCedar},
		{"OPA", setUpOPA},
		{"casbin", setUpCasbin},
	}
}

// What a program has to add to an engine that knows true and false alone: which rules concern the kind, and what the ones that fire mean.

// ranked is a rule's effect and the rank of its role.
type ranked struct {
	id     string
	effect policy.Effect
	rank   int
}

func table() []ranked {
	var all []ranked
	for _, x := range rulings() {
		all = append(all, ranked{x.id, x.effect, slices.Index(ladder(), x.role)})
	}
	return all
}

// tally adds up the rules that fired.
type tally struct {
	blocked, mandated, denied bool
	allow, approve            int
}

func newTally() tally { return tally{allow: 9, approve: -1} }

func (t *tally) add(r *ranked) {
	switch r.effect {
	case policy.Block:
		t.blocked = true
	case policy.Mandate:
		t.mandated = true
	case policy.Deny:
		t.denied = true
	case policy.Approve:
		t.approve = max(t.approve, r.rank)
	case policy.Allow:
		t.allow = min(t.allow, r.rank)
	}
}

func (t *tally) answer(roles []policy.Role, actor int) answer {
	switch {
	case t.blocked:
		return answer{policy.Blocked, ""}
	case t.mandated:
		return answer{policy.Mandated, ""}
	case t.denied || t.allow == 9:
		return answer{policy.Denied, ""}
	}
	need := t.approve
	if t.allow > actor {
		need = max(need, t.allow)
	}
	if need < 0 {
		return answer{policy.Allowed, ""}
	}
	return answer{policy.NeedsApproval, roles[need]}
}

// byKind are the indexes of the rules that concern each kind.
func byKind() map[string][]int {
	index := map[string][]int{}
	for i, x := range rulings() {
		for _, k := range new(policy.Set).Kinds() {
			if len(x.kinds) == 0 || slices.Contains(x.kinds, k) {
				index[string(k)] = append(index[string(k)], i)
			}
		}
	}
	return index
}

func flattened(all []policy.Request) []flat {
	flats := make([]flat, len(all))
	for i := range all {
		flats[i] = flatten(&all[i])
	}
	return flats
}

// fields calls f with the name and value of every fact.
func (f *flat) fields(text func(name, value string), number func(name string, value int64)) {
	text("Kind", f.Kind)
	text("Category", f.Category)
	text("Channel", f.Channel)
	text("Severity", f.Severity)
	text("Tier", f.Tier)
	text("Actor", f.Actor)
	text("Payee", f.Payee)
	number("UsedRefunds", f.UsedRefunds)
	number("UsedCredits", f.UsedCredits)
	number("UsedCompensation", f.UsedCompensation)
	number("UsedGifts", f.UsedGifts)
	number("UsedFees", f.UsedFees)
	number("UsedCash", f.UsedCash)
	number("Vouchers", f.Vouchers)
	number("CompensationYear", f.CompensationYear)
	number("SinceDelivery", f.SinceDelivery)
	number("SincePurchase", f.SincePurchase)
}

// Ours.

func judging(s *policy.Set) func(testing.TB, []policy.Request) func(int) answer {
	return func(_ testing.TB, all []policy.Request) func(int) answer {
		return func(i int) answer {
			d := s.Judge(all[i])
			if d.Verdict != policy.NeedsApproval {
				return answer{d.Verdict, ""} // rows also say who may in place of an unfit actor
			}
			return answer{d.Verdict, d.By}
		}
	}
}

func setUpRows(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	s, err := policy.Load(document(tb, false), nil)
	require.NoError(tb, err)
	return judging(s)
}

func setUpGoRules(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	s, err := policy.New("retail", "1", ladder(), &policy.Options{Rules: inGo()})
	require.NoError(tb, err)
	return judging(s)
}

func setUpPolicyCEL(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	c, err := cel.New(nil)
	require.NoError(tb, err)
	s, err := policy.Load(document(tb, true), &policy.Options{Compiler: c})
	require.NoError(tb, err)
	return judging(s)
}

// Peers.

// cLike is a rule's conditions in CEL and in expr, whose syntax is the same as far as this goes.
func cLike(x ruling) string {
	parts := []string{"true"}
	for _, c := range x.conds {
		switch c.op {
		case "in":
			parts = append(parts, fmt.Sprintf(`%s in ["%s"]`, c.fact, strings.Join(c.texts, `", "`)))
		case "==":
			parts = append(parts, c.fact+" == "+c.other)
		default:
			parts = append(parts, fmt.Sprintf("%s %s %d", c.fact, c.op, c.value))
		}
	}
	if len(parts) > 1 {
		parts = parts[1:]
	}
	return strings.Join(parts, " && ")
}

func setUpCEL(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	var options []celgo.EnvOption
	new(flat).fields(
		func(name, _ string) { options = append(options, celgo.Variable(name, celgo.StringType)) },
		func(name string, _ int64) { options = append(options, celgo.Variable(name, celgo.IntType)) })
	env, err := celgo.NewEnv(options...)
	require.NoError(tb, err)
	var programs []celgo.Program
	for _, x := range rulings() {
		checked, issues := env.Compile(cLike(x))
		require.NoError(tb, issues.Err())
		p, err := env.Program(checked, celgo.EvalOptions(celgo.OptOptimize))
		require.NoError(tb, err)
		programs = append(programs, p)
	}
	index, rules, roles := byKind(), table(), ladder()
	return func(tb testing.TB, all []policy.Request) func(int) answer {
		tb.Helper()
		flats := flattened(all)
		inputs := make([]map[string]any, len(flats))
		for i := range flats {
			inputs[i] = make(map[string]any, 17)
			flats[i].fields(
				func(name, value string) { inputs[i][name] = types.String(value) },
				func(name string, value int64) { inputs[i][name] = types.Int(value) })
		}
		return func(i int) answer {
			t := newTally()
			for _, k := range index[flats[i].Kind] {
				out, _, err := programs[k].Eval(inputs[i])
				if err != nil {
					tb.Fatal(err)
				}
				if out == types.True {
					t.add(&rules[k])
				}
			}
			return t.answer(roles, flats[i].rank)
		}
	}
}

func setUpExpr(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	var programs []*vm.Program
	for _, x := range rulings() {
		p, err := expr.Compile(cLike(x), expr.Env(flat{}), expr.AsBool())
		require.NoError(tb, err)
		programs = append(programs, p)
	}
	index, rules, roles := byKind(), table(), ladder()
	return func(tb testing.TB, all []policy.Request) func(int) answer {
		tb.Helper()
		flats := flattened(all)
		var machine vm.VM
		return func(i int) answer {
			t := newTally()
			for _, k := range index[flats[i].Kind] {
				out, err := machine.Run(programs[k], &flats[i])
				if err != nil {
					tb.Fatal(err)
				}
				if out == true {
					t.add(&rules[k])
				}
			}
			return t.answer(roles, flats[i].rank)
		}
	}
}

func setUpCedar(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	// All are permits, so that the diagnostic names every one that fires; what they mean is added up as for the others.
	set := cedar.NewPolicySet()
	for i, x := range rulings() {
		var scope, parts []string
		for _, k := range x.kinds {
			scope = append(scope, fmt.Sprintf(`Action::"%s"`, k))
		}
		for _, c := range x.conds {
			switch c.op {
			case "in":
				parts = append(parts, fmt.Sprintf(`["%s"].contains(context.%s)`, strings.Join(c.texts, `", "`), c.fact))
			case "==":
				parts = append(parts, "context."+c.fact+" == context."+c.other)
			default:
				parts = append(parts, fmt.Sprintf("context.%s %s %d", c.fact, c.op, c.value))
			}
		}
		text := "permit (principal, action, resource)"
		if len(scope) > 0 {
			text = "permit (principal, action in [" + strings.Join(scope, ", ") + "], resource)"
		}
		if len(parts) > 0 {
			text += " when { " + strings.Join(parts, " && ") + " }"
		}
		var p cedar.Policy
		require.NoError(tb, p.UnmarshalCedar([]byte(text+";")), text)
		set.Add(cedar.PolicyID(rulings()[i].id), &p)
	}
	rules := map[cedar.PolicyID]*ranked{}
	for _, r := range table() {
		rules[cedar.PolicyID(r.id)] = &r
	}
	roles := ladder()
	return func(tb testing.TB, all []policy.Request) func(int) answer {
		tb.Helper()
		flats := flattened(all)
		inputs := make([]cedar.Request, len(flats))
		for i := range flats {
			record := make(cedar.RecordMap, 17)
			flats[i].fields(
				func(name, value string) { record[cedar.String(name)] = cedar.String(value) },
				func(name string, value int64) { record[cedar.String(name)] = cedar.Long(value) })
			inputs[i] = cedar.Request{
				Principal: cedar.NewEntityUID("Agent", cedar.String(flats[i].Actor)), Action: cedar.NewEntityUID("Action", cedar.String(flats[i].Kind)),
				Resource: cedar.NewEntityUID("Case", "c-1"), Context: cedar.NewRecord(record),
			}
		}
		entities := cedar.EntityMap{}
		return func(i int) answer {
			_, why := cedar.Authorize(set, entities, inputs[i])
			if len(why.Errors) > 0 {
				tb.Fatal(why.Errors)
			}
			t := newTally()
			for _, reason := range why.Reasons {
				t.add(rules[reason.PolicyID])
			}
			return t.answer(roles, flats[i].rank)
		}
	}
}

func setUpOPA(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	var module strings.Builder
	module.WriteString("package remedies\n\nimport rego.v1\n\n")
	for i, x := range rulings() {
		kinds := x.kinds
		if len(kinds) == 0 {
			kinds = []policy.Kind{""}
		}
		for _, k := range kinds { // one rule a kind, which is what OPA indexes
			fmt.Fprintf(&module, "fired contains %d if {\n", i)
			if k != "" {
				fmt.Fprintf(&module, "\tinput.Kind == %q\n", k)
			}
			for _, c := range x.conds {
				switch c.op {
				case "in":
					fmt.Fprintf(&module, "\tinput.%s in {\"%s\"}\n", c.fact, strings.Join(c.texts, `", "`))
				case "==":
					fmt.Fprintf(&module, "\tinput.%s == input.%s\n", c.fact, c.other)
				default:
					fmt.Fprintf(&module, "\tinput.%s %s %d\n", c.fact, c.op, c.value)
				}
			}
			if k == "" && len(x.conds) == 0 {
				module.WriteString("\ttrue\n")
			}
			module.WriteString("}\n\n")
		}
	}
	query, err := rego.New(rego.Query("data.remedies.fired"), rego.Module("remedies.rego", module.String())).PrepareForEval(tb.Context())
	require.NoError(tb, err)
	rules, roles := table(), ladder()
	return func(tb testing.TB, all []policy.Request) func(int) answer {
		tb.Helper()
		flats := flattened(all)
		inputs := make([]ast.Value, len(flats))
		for i := range flats {
			pairs := make([][2]*ast.Term, 0, 17)
			flats[i].fields(
				func(name, value string) {
					pairs = append(pairs, [2]*ast.Term{ast.StringTerm(name), ast.StringTerm(value)})
				},
				func(name string, value int64) {
					pairs = append(pairs, [2]*ast.Term{ast.StringTerm(name), ast.NumberTerm(json.Number(strconv.FormatInt(value, 10)))})
				})
			inputs[i] = ast.NewObject(pairs...)
		}
		ctx := tb.Context()
		return func(i int) answer {
			results, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
			if err != nil || len(results) != 1 {
				tb.Fatal(results, err)
			}
			fired, ok := results[0].Expressions[0].Value.([]any)
			if !ok {
				tb.Fatalf("%T", results[0].Expressions[0].Value)
			}
			t := newTally()
			for _, x := range fired {
				number, ok := x.(json.Number)
				if !ok {
					tb.Fatalf("%T", x)
				}
				k, err := number.Int64()
				if err != nil {
					tb.Fatal(err)
				}
				t.add(&rules[k])
			}
			return t.answer(roles, flats[i].rank)
		}
	}
}

// casbinModel goes through the policies in their order and stops at the first that matches.
const casbinModel = `
[request_definition]
r = f
[policy_definition]
p = id, rule, eft
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = eval(p.rule)
`

// casbinEnforcer has the rules of some effects, strongest first.
func casbinEnforcer(tb testing.TB, effects ...policy.Effect) *casbin.Enforcer {
	tb.Helper()
	m, err := model.NewModelFromString(casbinModel)
	require.NoError(tb, err)
	e, err := casbin.NewEnforcer(m)
	require.NoError(tb, err)
	var lines [][]string
	all := table()
	for _, effect := range effects {
		var of []int
		for i := range all {
			if all[i].effect == effect {
				of = append(of, i)
			}
		}
		slices.SortStableFunc(of, func(a, b int) int { // the lowest that may, and the highest that has to agree
			if effect == policy.Allow {
				return all[a].rank - all[b].rank
			}
			return all[b].rank - all[a].rank
		})
		for _, i := range of {
			x := rulings()[i]
			parts := []string{}
			if len(x.kinds) > 0 {
				texts := make([]string, len(x.kinds))
				for i, k := range x.kinds {
					texts[i] = string(k)
				}
				parts = append(parts, casbinIn("Kind", texts))
			}
			for _, c := range x.conds {
				switch c.op {
				case "in":
					parts = append(parts, casbinIn(c.fact, c.texts))
				case "==":
					parts = append(parts, "r.f."+c.fact+" == r.f."+c.other)
				default:
					parts = append(parts, fmt.Sprintf("r.f.%s %s %d", c.fact, c.op, c.value))
				}
			}
			lines = append(lines, []string{x.id, strings.Join(parts, " && "), "allow"})
		}
	}
	_, err = e.AddPolicies(lines)
	require.NoError(tb, err)
	return e
}

func casbinIn(fact string, texts []string) string {
	parts := make([]string, len(texts))
	for i, s := range texts {
		parts[i] = "r.f." + fact + " == '" + s + "'"
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

func setUpCasbin(tb testing.TB) func(testing.TB, []policy.Request) func(int) answer {
	tb.Helper()
	strict, grants := casbinEnforcer(tb, policy.Block, policy.Mandate, policy.Deny, policy.Approve), casbinEnforcer(tb, policy.Allow)
	rules := map[string]*ranked{}
	for _, r := range table() {
		rules[r.id] = &r
	}
	roles := ladder()
	return func(tb testing.TB, all []policy.Request) func(int) answer {
		tb.Helper()
		flats := flattened(all)
		return func(i int) answer {
			t := newTally()
			_, why, err := strict.EnforceEx(flats[i])
			if err != nil {
				tb.Fatal(err)
			}
			if len(why) > 0 {
				t.add(rules[why[0]])
			}
			if t.blocked || t.mandated || t.denied {
				return t.answer(roles, flats[i].rank)
			}
			if _, why, err = grants.EnforceEx(flats[i]); err != nil {
				tb.Fatal(err)
			}
			if len(why) > 0 {
				t.add(rules[why[0]])
			}
			return t.answer(roles, flats[i].rank)
		}
	}
}

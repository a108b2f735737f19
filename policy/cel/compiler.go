package cel

import (
	"errors"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/amends-go/amends/policy"
)

const (
	maxSize     = 10_000  // characters of a condition
	maxNesting  = 3       // comprehensions in one another
	defaultCost = 100_000 // of judging a condition once
)

// Options are what a Compiler may be told. A nil *Options is the zero Options.
type Options struct {
	// Facts are the host's facts that conditions may use: each name with a value of its type, which is otherwise ignored.
	//
	//	policy.Facts{"chargeback": "", "score": 0, "insured": policy.Money{}, "repeated": false, "moved_in": time.Time{}}
	//
	// Defaults to none.
	Facts policy.Facts
	// MaxCost is what judging a condition once may cost, in cel-go's units: about one for each operation, more for those on
	// long texts and lists. A condition that costs more has failed. Defaults to 100,000, a few milliseconds.
	MaxCost uint64
}

// Compiler compiles conditions. It is a policy.LedgerCompiler and a policy.KindCompiler. It does not change once made and is safe for concurrent use, and so is what
// it compiles. The zero Compiler compiles nothing: New makes one.
type Compiler struct {
	env     *cel.Env
	structs structs
	cost    uint64
	words   map[policy.Kind]bool // kinds of remedy that can have no amount
}

// New makes a Compiler. A fact of a type that policy.Facts do not hold is an error; all of them are reported at once.
func New(o *Options) (*Compiler, error) { return newCompiler(o) }

func newCompiler(o *Options, extra ...cel.EnvOption) (*Compiler, error) {
	if o == nil {
		o = &Options{}
	}
	s, err := environment(o.Facts)
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.StdLib(),
		cel.CustomTypeAdapter(s.Registry), cel.CustomTypeProvider(s),
		cel.ParserExpressionSizeLimit(maxSize), cel.EnableIdentifierEscapeSyntax(),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals(),
			cel.ValidateHomogeneousAggregateLiterals(), cel.ValidateComprehensionNestingLimit(maxNesting), refusals{}),
	}
	for _, v := range variables {
		options = append(options, cel.Variable(v.name, v.of))
	}
	env, err := cel.NewCustomEnv(slices.Concat(options, functions(), extra)...)
	if err != nil {
		return nil, fmt.Errorf("cel: %w", err)
	}
	c := &Compiler{env: env, structs: *s, cost: o.MaxCost, words: builtInWords}
	if c.cost == 0 {
		c.cost = defaultCost
	}
	return c, nil
}

//nolint:gochecknoglobals // a compiled table
var builtInWords = map[policy.Kind]bool{policy.Apology: true, policy.Explanation: true, policy.Correction: true, policy.Callback: true}

// ForKinds is a Compiler like c for a policy of those kinds: offer.total counts those of them that are words as nothing, where other
// remedies without an amount are a missing fact. policy.Load calls it. Without it, the words are the built-in ones.
func (c *Compiler) ForKinds(kinds map[policy.Kind]policy.Nature) policy.Compiler {
	if c == nil {
		return c
	}
	of := *c
	of.words = map[policy.Kind]bool{}
	for k, nature := range kinds {
		of.words[k] = nature == policy.Words
	}
	return &of
}

// Compile compiles a condition, of at most 10,000 characters. Everything wrong with it is reported at once, as a *ConditionError.
//
// What it returns judges the condition on a request. It returns an error made by policy.Missing if the answer depends on facts that
// are not known, and another error if the condition fails or costs too much: what cannot be judged is never true and never false.
func (c *Compiler) Compile(when string) (func(*policy.Request) (bool, error), error) {
	checked, err := c.check(when)
	if err != nil {
		return nil, err
	}
	if got := checked.OutputType(); !got.IsExactType(types.BoolType) {
		return nil, &ConditionError{[]Fault{{1, 1, fmt.Sprintf("a condition is true or false; this is of type %s", cel.FormatCELType(got))}}}
	}
	program, err := c.env.Program(checked, cel.CostLimit(c.cost), cel.CostTrackerOptions(costs()...), cel.CustomDecoratorV2(constantMoney))
	if err != nil {
		return nil, &ConditionError{[]Fault{{1, 1, err.Error()}}}
	}
	return func(r *policy.Request) (bool, error) {
		if r == nil {
			return false, errors.New("cel: the request is nil")
		}
		out, _, err := program.Eval(newView(r, c.words))
		return c.answer(out, err)
	}, nil
}

func (c *Compiler) check(when string) (*cel.Ast, error) {
	if c == nil || c.env == nil {
		return nil, errors.New("the compiler was not made by cel.New")
	}
	parsed, issues := c.env.Parse(when)
	if issues.Err() != nil {
		return nil, faults(issues)
	}
	checked, issues := c.env.Check(parsed)
	if issues.Err() != nil {
		return nil, c.explain(faults(issues), issues, parsed)
	}
	return checked, nil
}

// Ledgers names the ledgers at which a condition may look beside the case's own, sorted: "customer" for one in which spent.customer
// stands anywhere. Of one that Compile refuses it names none.
func (c *Compiler) Ledgers(when string) []string {
	checked, err := c.check(when)
	if err != nil {
		return nil
	}
	var names []string
	for _, x := range ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), ast.KindMatcher(ast.SelectKind)) {
		of := x.AsSelect()
		if ledger := of.FieldName(); ledger != "case" && of.Operand().(ast.NavigableExpr).Type().IsExactType(spentType) { //nolint:errcheck // of a navigable expression
			names = append(names, ledger)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// answer is what cel-go's answer means to a policy.
func (c *Compiler) answer(out any, err error) (bool, error) {
	if stopped, ok := errors.AsType[interpreter.EvalCancelledError](err); ok && stopped.Cause == interpreter.CostLimitExceeded {
		return false, fmt.Errorf("cel: judging the condition costs more than %d", c.cost)
	}
	if err != nil {
		return false, fmt.Errorf("cel: %w", err)
	}
	switch v := out.(type) {
	case types.Bool:
		return bool(v), nil
	case *types.Unknown:
		return false, policy.Missing(missing(v)...)
	}
	return false, fmt.Errorf("cel: the condition is of the type %T, neither true nor false", out)
}

package cel

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/amends-go/amends/policy"
)

// refusals refuses what CEL knows and a policy must not use, because its answer would be inexact, depend on the machine, or be
// found out to be wrong only when a complaint is judged. It is a cel.ASTValidator.
type refusals struct{}

// Name implements cel.ASTValidator.
func (refusals) Name() string { return "amends.refusals" }

// Validate implements cel.ASTValidator.
func (refusals) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	for _, x := range ast.MatchDescendants(ast.NavigateAST(a), ast.AllMatcher()) {
		if id, msg := refuse(x); msg != "" {
			issues.ReportErrorAtID(id, "%s", msg)
		}
	}
}

const inexact = `fractions are inexact; write amounts as money("49.99", "EUR") and 20 % as x * 100 <= y * 20`

// refuse is what is wrong with an expression, and where.
func refuse(x ast.NavigableExpr) (int64, string) {
	switch x.Kind() { //nolint:exhaustive // nothing is wrong with the others
	case ast.LiteralKind:
		if _, fraction := x.AsLiteral().(types.Double); fraction {
			return x.ID(), inexact
		}
	case ast.StructKind:
		return x.ID(), `a condition makes no structs; an amount is money("49.99", "EUR")`
	case ast.ComprehensionKind:
		if over := x.AsComprehension().IterRange(); over.(ast.NavigableExpr).Type().Kind() == types.MapKind { //nolint:errcheck // of a navigable expression
			return over.ID(), "a map has no order; go through a list"
		}
	case ast.CallKind:
		return refuseCall(x.AsCall())
	}
	return 0, ""
}

func refuseCall(call ast.CallExpr) (int64, string) {
	args := call.Args()
	switch name := call.FunctionName(); {
	case name == "double" && len(args) == 1:
		return args[0].ID(), inexact
	case name == "dyn" || name == "type":
		return args[0].ID(), "every value has one type here; leave out " + name + "()"
	case call.IsMemberFunction() && strings.HasPrefix(name, "get") && len(args) > 0:
		return args[0].ID(), "what a zone's clocks show depends on the machine; times are in UTC here"
	case name == "money" && len(args) == 2:
		return refuseMoney(args[0], args[1])
	case name == "total" && len(args) == 1:
		code, ok := literal[types.String](args[0])
		if !ok {
			return args[0].ID(), `want the currency itself, such as "EUR"`
		}
		if _, err := policy.ParseCurrency(string(code)); err != nil {
			return args[0].ID(), err.Error()
		}
	case name == "last" && len(args) == 1:
		if n, ok := literal[types.Int](args[0]); !ok || n < 1 || n > maxDays {
			return args[0].ID(), "want a number of days from 1 to 36500"
		}
	}
	return 0, ""
}

func refuseMoney(amount, currency ast.Expr) (int64, string) {
	a, ok := literal[types.String](amount)
	c, also := literal[types.String](currency)
	if !ok || !also {
		return amount.ID(), `want the amount itself, such as money("49.99", "EUR")`
	}
	if _, err := policy.ParseCurrency(string(c)); err != nil {
		return currency.ID(), err.Error()
	}
	if _, err := policy.ParseMoney(string(a), string(c)); err != nil {
		return amount.ID(), err.Error()
	}
	return 0, ""
}

// literal is the value of an expression that is a literal.
func literal[T any](x ast.Expr) (value T, ok bool) {
	if x.Kind() != ast.LiteralKind {
		return value, false
	}
	value, ok = x.AsLiteral().(T)
	return value, ok
}

package cel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
)

// Fault is one thing wrong with a condition.
type Fault struct {
	Line, Column int    // in the condition, from 1; columns are counted in characters
	Msg          string // what is wrong, and where possible what would be right
}

// String is, for example, `1:10: unknown field "teir"; there are id, tier`.
func (f Fault) String() string { return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Msg) }

// ConditionError holds every fault of a condition, in the order of its text. [policy.Load] makes it a fault of the document at the place
// where the condition starts.
type ConditionError struct{ Faults []Fault }

// Error has all faults in one line.
func (e *ConditionError) Error() string {
	texts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		texts[i] = f.String()
	}
	return strings.Join(texts, "; ")
}

// faults are cel-go's issues.
func faults(issues *cel.Issues) *ConditionError {
	var e ConditionError
	for _, x := range issues.Errors() {
		f := Fault{max(1, x.Location.Line()), max(1, x.Location.Column()+1), clarify(x.Message)}
		if !slices.Contains(e.Faults, f) {
			e.Faults = append(e.Faults, f)
		}
	}
	slices.SortStableFunc(e.Faults, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return &e
}

// clarify is cel-go's message for people who write policies.
func clarify(msg string) string {
	switch {
	case strings.HasPrefix(msg, "Syntax error: ") && strings.Contains(msg, "'<EOF>'"):
		return "the condition ends too early"
	case strings.HasPrefix(msg, "found no matching overload ") && strings.Contains(msg, "Money"):
		return msg + `; an amount is money("49.99", "EUR")`
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(msg), " "), "policy: ")
}

// explain says of unknown names which there are.
func (c *Compiler) explain(e *ConditionError, issues *cel.Issues, parsed *cel.Ast) *ConditionError {
	exprs := map[int64]ast.Expr{}
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) { exprs[x.ID()] = x }))
	for _, x := range issues.Errors() {
		msg, found := c.unknown(x.Message, exprs[x.ExprID])
		if !found {
			continue
		}
		for i := range e.Faults {
			f := &e.Faults[i]
			if f.Line == x.Location.Line() && f.Column == x.Location.Column()+1 && f.Msg == clarify(x.Message) {
				f.Msg = msg
			}
		}
	}
	return e
}

// unknown is a better message for a name that is not there.
func (c *Compiler) unknown(msg string, at ast.Expr) (string, bool) {
	if at == nil {
		return "", false
	}
	if strings.HasPrefix(msg, "undefined field ") && at.Kind() == ast.SelectKind {
		field, of := at.AsSelect().FieldName(), at.AsSelect().Operand()
		if of.Kind() != ast.IdentKind {
			return fmt.Sprintf("unknown field %q", field), true
		}
		names := c.structs.fieldsOf(of.AsIdent())
		if len(names) == 0 {
			return fmt.Sprintf("unknown field %q", field), true
		}
		return fmt.Sprintf("unknown field %q; there are %s", field, strings.Join(names, ", ")), true
	}
	if !strings.HasPrefix(msg, "undeclared reference ") {
		return "", false
	}
	switch at.Kind() { //nolint:exhaustive // others have no names
	case ast.CallKind:
		return fmt.Sprintf("unknown function %q", at.AsCall().FunctionName()), true
	case ast.IdentKind:
		names := make([]string, len(variables))
		for i, v := range variables {
			names[i] = v.name
		}
		return fmt.Sprintf("unknown name %q; there are %s", at.AsIdent(), strings.Join(names, ", ")), true
	}
	return "", false
}

package cel

import (
	"errors"
	"math"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/amends-go/amends/policy"
)

const maxDays = 36_500 // as in a document

// functions are what this package adds to the standard functions. Those on amounts have no code here: cel-go calls the methods of money.
func functions() []cel.EnvOption {
	two := []*cel.Type{moneyType, moneyType}
	return []cel.EnvOption{
		cel.Function(operators.Add, cel.Overload("add_money", two, moneyType)),
		cel.Function(operators.Subtract, cel.Overload("subtract_money", two, moneyType)),
		cel.Function(operators.Multiply, cel.Overload("multiply_money", []*cel.Type{moneyType, types.IntType}, moneyType)),
		cel.Function(operators.Less, cel.Overload("less_money", two, types.BoolType)),
		cel.Function(operators.LessEquals, cel.Overload("less_equals_money", two, types.BoolType)),
		cel.Function(operators.Greater, cel.Overload("greater_money", two, types.BoolType)),
		cel.Function(operators.GreaterEquals, cel.Overload("greater_equals_money", two, types.BoolType)),
		cel.Function("money", cel.Overload("money", []*cel.Type{types.StringType, types.StringType}, moneyType, cel.BinaryBinding(makeMoney))),
		cel.Function("total",
			cel.MemberOverload("remedies_total", []*cel.Type{remediesType, types.StringType}, moneyType, cel.BinaryBinding(total)),
			cel.MemberOverload("given_total", []*cel.Type{givensType, types.StringType}, moneyType, cel.BinaryBinding(total))),
		cel.Function("count",
			cel.MemberOverload("remedies_count", []*cel.Type{remediesType}, types.IntType, cel.UnaryBinding(count)),
			cel.MemberOverload("given_count", []*cel.Type{givensType}, types.IntType, cel.UnaryBinding(count))),
		cel.Function("last", cel.MemberOverload("given_last", []*cel.Type{givensType, types.IntType}, givensType, cel.BinaryBinding(last))),
	}
}

// costs says what they cost: one, and one for each entry.
func costs() []cost.TrackerOption {
	var all []cost.TrackerOption
	for _, overload := range []string{"remedies_total", "given_total", "remedies_count", "given_count", "given_last"} {
		all = append(all, cost.OverloadTracker(overload, func(args []ref.Val, _ ref.Val) *uint64 {
			units := uint64(1)
			if entries, ok := args[0].(traits.Sizer); ok {
				if n, ok := entries.Size().(types.Int); ok {
					units += uint64(n)
				}
			}
			return &units
		}))
	}
	return all
}

// each calls f for each entry of a list, until it returns something.
func each(list ref.Val, f func(*object) ref.Val) ref.Val {
	entries, ok := list.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(list)
	}
	for it := entries.Iterator(); it.HasNext() == types.True; {
		next := it.Next()
		o, ok := next.(*object)
		if !ok {
			return types.MaybeNoSuchOverloadErr(next)
		}
		if stop := f(o); stop != nil {
			return stop
		}
	}
	return nil
}

// total is what the entries come to in a currency. As in rows, what was given without an amount counts as nothing, and so do words; a
// remedy offered that may cost something, and does not say what, is a missing fact.
func total(list, currency ref.Val) ref.Val {
	code, ok := currency.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(currency)
	}
	in, err := policy.ParseCurrency(string(code))
	if err != nil {
		return types.WrapErr(err)
	}
	sum, lacks := policy.Money{Currency: in}, false
	stop := each(list, func(o *object) ref.Val {
		m, known := o.worth()
		switch {
		case !known:
			lacks = true
			return nil
		case m.IsZero():
			return nil
		case m.Minor < 0:
			return types.WrapErr(errNegative)
		}
		if sum, err = sum.Add(m); err != nil {
			return types.WrapErr(err)
		}
		return nil
	})
	switch {
	case stop != nil:
		return stop
	case lacks:
		return unknown("offer.amount")
	}
	return money(sum)
}

var errNegative = errors.New("an entry is negative")

// worth is the amount of an entry, and whether it is known.
func (o *object) worth() (policy.Money, bool) {
	if o.of != remedyType {
		return o.given().Amount, true
	}
	x := o.remedy()
	return x.Amount, !x.Amount.IsZero() || o.r.words[x.Kind]
}

// count is how many remedies the entries stand for.
func count(list ref.Val) ref.Val {
	n := 0
	if stop := each(list, func(o *object) ref.Val {
		by := 1
		if o.of != remedyType {
			by = o.given().Count
		}
		switch {
		case by < 0:
			return types.WrapErr(errNegative)
		case by > math.MaxInt-n-1:
			return types.WrapErr(policy.ErrOverflow)
		}
		n += max(1, by)
		return nil
	}); stop != nil {
		return stop
	}
	return types.Int(n)
}

// last has the entries of so many times 24 hours up to now. As in rows, what is exactly so old is out, and an entry whose time is
// not known, or is later than now, is in.
func last(list, days ref.Val) ref.Val {
	n, ok := days.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(days)
	}
	if n < 1 || n > maxDays {
		return types.NewErr("want 1 to %d days, got %d", maxDays, n)
	}
	var in []ref.Val
	if stop := each(list, func(o *object) ref.Val {
		if o.r.Now.IsZero() {
			return unknown("now")
		}
		if at := o.given().At; at.IsZero() || at.After(o.r.Now.Add(-time.Duration(n)*24*time.Hour)) {
			in = append(in, o)
		}
		return nil
	}); stop != nil {
		return stop
	}
	return types.NewRefValList(types.DefaultTypeAdapter, in)
}

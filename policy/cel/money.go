package cel

import (
	"cmp"
	"fmt"
	"math/bits"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/amends-go/amends/policy"
)

// money is an amount. It is never the zero policy.Money, which is no amount.
type money policy.Money

// Add implements traits.Adder.
func (m money) Add(other ref.Val) ref.Val {
	n, ok := other.(money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return moneyOr(policy.Money(m).Add(policy.Money(n)))
}

// Subtract implements traits.Subtractor.
func (m money) Subtract(other ref.Val) ref.Val {
	n, ok := other.(money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return moneyOr(policy.Money(m).Sub(policy.Money(n)))
}

// Multiply implements traits.Multiplier, by whole numbers.
func (m money) Multiply(other ref.Val) ref.Val {
	n, ok := other.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	minor, ok := times(m.Minor, int64(n))
	if !ok {
		return types.WrapErr(policy.ErrOverflow)
	}
	return money{minor, m.Currency}
}

// times is a * b, and whether it fits.
func times(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		hi -= uint64(b)
	}
	if b < 0 {
		hi -= uint64(a)
	}
	return int64(lo), hi == uint64(int64(lo)>>63)
}

// Compare implements traits.Comparer.
func (m money) Compare(other ref.Val) ref.Val {
	n, ok := other.(money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	if m.Currency != n.Currency {
		return types.WrapErr(fmt.Errorf("%w: %s and %s", policy.ErrCurrency, policy.Money(m), policy.Money(n)))
	}
	return types.Int(cmp.Compare(m.Minor, n.Minor))
}

func moneyOr(m policy.Money, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return money(m)
}

// ConvertToNative implements ref.Val.
func (m money) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an amount cannot be made a %s", t)
}

// ConvertToType implements ref.Val.
func (m money) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("an amount cannot be made a %s", t.TypeName())
}

// Equal implements ref.Val: amounts of different currencies are not equal.
func (m money) Equal(other ref.Val) ref.Val {
	n, ok := other.(money)
	return types.Bool(ok && m == n)
}

// Type implements ref.Val.
func (m money) Type() ref.Type { return moneyType }

// Value implements ref.Val.
func (m money) Value() any { return m }

// makeMoney is money("49.99", "EUR").
func makeMoney(amount, currency ref.Val) ref.Val {
	a, ok := amount.(types.String)
	c, also := currency.(types.String)
	if !ok || !also {
		return types.MaybeNoSuchOverloadErr(amount)
	}
	return moneyOr(policy.ParseMoney(string(a), string(c)))
}

// constantMoney reads the amounts in a condition once.
func constantMoney(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok || call.Function() != "money" || len(call.Args()) != 2 {
		return i, nil
	}
	amount, ok := call.Args()[0].(interpreter.InterpretableConst)
	currency, also := call.Args()[1].(interpreter.InterpretableConst)
	if !ok || !also {
		return i, nil
	}
	m, ok := makeMoney(amount.Value(), currency.Value()).(money)
	if !ok {
		return i, nil
	}
	return interpreter.NewConstValue(call.ID(), m), nil
}

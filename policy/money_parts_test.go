package policy_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

var (
	_ driver.Valuer = policy.Money{}
	_ sql.Scanner   = (*policy.Money)(nil)
)

// What other libraries are known to get wrong.
func TestMoneyDoesNotShareKnownFailures(t *testing.T) {
	var m policy.Money
	assert.Error(t, json.Unmarshal([]byte(`{"amount":10.99,"currency":"EUR"}`), &m), "a JSON float is refused rather than read as 10")
	assert.Error(t, json.Unmarshal([]byte(`10.99`), &m))
	assert.Zero(t, m)

	_, err := eur(math.MaxInt64).Add(eur(1))
	assert.ErrorIs(t, err, policy.ErrOverflow, "MaxInt64 + 1 does not wrap")
	_, err = eur(math.MaxInt64).Scale(2, 1, policy.Down)
	assert.ErrorIs(t, err, policy.ErrOverflow)

	m, err = policy.ParseMoney("1.15", "EUR")
	require.NoError(t, err)
	assert.Equal(t, eur(115), m, "1.15 does not become 1.14")
	assert.Equal(t, "1.15", m.Amount())

	n, err := policy.ParseMoney("1.150", "KWD")
	require.NoError(t, err)
	o, err := policy.ParseMoney("1.15", "KWD")
	require.NoError(t, err)
	assert.True(t, n == o, "equal amounts are ==")
	assert.Len(t, map[policy.Money]int{n: 1, o: 2}, 1, "and one key of a map")
}

func TestMoneyIsRoundedAsAsked(t *testing.T) {
	all := []policy.Rounding{policy.HalfEven, policy.HalfUp, policy.HalfDown, policy.Up, policy.Down, policy.Floor, policy.Ceiling}
	for minor, want := range map[int64][7]int64{ // halves of minor
		4: {2, 2, 2, 2, 2, 2, 2}, 5: {2, 3, 2, 3, 2, 2, 3}, 7: {4, 4, 3, 4, 3, 3, 4},
		-5: {-2, -3, -2, -3, -2, -3, -2}, -7: {-4, -4, -3, -4, -3, -4, -3}, 0: {},
	} {
		for i, r := range all {
			got, err := eur(minor).Percent(50, r)
			require.NoError(t, err)
			assert.Equal(t, eur(want[i]), got, "%d %d", minor, r)
		}
	}
	got, err := eur(100).Scale(1, 3, policy.HalfEven)
	require.NoError(t, err)
	assert.Equal(t, eur(33), got)
	got, err = policy.Money{}.Percent(20, policy.Up)
	require.NoError(t, err)
	assert.True(t, got.IsZero(), "of no amount there is none")
	_, err = eur(1).Scale(1, 0, policy.HalfEven)
	assert.Error(t, err)
	_, err = eur(1).Percent(1, policy.Ceiling+1)
	assert.Error(t, err)
}

func FuzzMoneyScale(f *testing.F) {
	f.Add(int64(math.MaxInt64), int64(100), int64(100), uint8(0))
	f.Add(int64(math.MinInt64), int64(-1), int64(1), uint8(1))
	f.Add(int64(math.MinInt64), int64(1), int64(1), uint8(3))
	f.Add(int64(math.MinInt64), int64(math.MinInt64), int64(math.MinInt64), uint8(6))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), uint8(5))
	f.Add(int64(115), int64(50), int64(100), uint8(0))
	f.Fuzz(func(t *testing.T, minor, num, den int64, mode uint8) {
		if den == 0 {
			return
		}
		r := policy.Rounding(mode % 7)
		got, err := eur(minor).Scale(num, den, r)
		want := round(new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(minor), big.NewInt(num)), big.NewInt(den)), r)
		if !want.IsInt64() {
			require.ErrorIs(t, err, policy.ErrOverflow)
			return
		}
		require.NoError(t, err)
		require.Equal(t, eur(want.Int64()), got)
	})
}

// round is by the definitions: the whole numbers on both sides, and which is nearer.
func round(x *big.Rat, r policy.Rounding) *big.Int {
	low := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: the floor, since the denominator is above zero
	if x.IsInt() {
		return low
	}
	high := new(big.Int).Add(low, big.NewInt(1))
	in, out := low, high // toward zero, away from it
	if x.Sign() < 0 {
		in, out = high, low
	}
	twice := new(big.Rat).SetInt(new(big.Int).Add(low, high))
	half := new(big.Rat).Mul(x, big.NewRat(2, 1)).Cmp(twice) // which side of the middle
	nearest := func(middle *big.Int) *big.Int {
		return map[int]*big.Int{-1: low, 0: middle, 1: high}[half]
	}
	switch r {
	case policy.HalfEven:
		if low.Bit(0) == 0 {
			return nearest(low)
		}
		return nearest(high)
	case policy.HalfUp:
		return nearest(out)
	case policy.HalfDown:
		return nearest(in)
	case policy.Up:
		return out
	case policy.Down:
		return in
	case policy.Floor:
		return low
	case policy.Ceiling:
		return high
	}
	return nil
}

func TestMoneySplits(t *testing.T) {
	for _, c := range []struct {
		minor   int64
		weights []int64
		want    []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{101, []int64{1, 1, 1}, []int64{34, 34, 33}},
		{5, []int64{3, 7}, []int64{2, 3}}, // 1.5 and 3.5
		{10, []int64{0, 1}, []int64{0, 10}},
		{0, []int64{1, 2}, []int64{0, 0}},
		{math.MinInt64, []int64{1}, []int64{math.MinInt64}},
		{math.MaxInt64, []int64{math.MaxInt64}, []int64{math.MaxInt64}},
	} {
		parts, err := eur(c.minor).Split(c.weights...)
		require.NoError(t, err)
		var got []int64
		for _, p := range parts {
			assert.Equal(t, policy.EUR, p.Currency)
			got = append(got, p.Minor)
		}
		assert.Equal(t, c.want, got)
	}
	for _, weights := range [][]int64{nil, {0}, {1, -1}, {math.MaxInt64, 1}} {
		_, err := eur(1).Split(weights...)
		assert.Error(t, err, weights)
	}
}

func FuzzMoneySplit(f *testing.F) {
	f.Add(int64(math.MinInt64), int64(3), int64(math.MaxInt64-5), int64(2))
	f.Add(int64(100), int64(1), int64(1), int64(1))
	f.Fuzz(func(t *testing.T, minor, a, b, c int64) {
		weights := []int64{a, b, c}
		parts, err := eur(minor).Split(weights...)
		sum := new(big.Int)
		for _, w := range weights {
			sum.Add(sum, big.NewInt(w))
		}
		if a < 0 || b < 0 || c < 0 || !sum.IsInt64() || sum.Sign() == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		total := new(big.Int)
		for i, p := range parts {
			total.Add(total, big.NewInt(p.Minor))
			share := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(minor), big.NewInt(weights[i])), sum)
			off := share.Sub(share, new(big.Rat).SetInt64(p.Minor))
			require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 1)), "no part is a whole unit off")
		}
		require.Equal(t, big.NewInt(minor).String(), total.String())
	})
}

func TestMoneyInSQL(t *testing.T) {
	for _, m := range []policy.Money{{}, eur(0), eur(4999), eur(-5), {Minor: 7, Currency: policy.JPY}, {Minor: math.MinInt64, Currency: policy.KWD}, {Minor: 1, Currency: policy.CLF}} {
		v, err := m.Value()
		require.NoError(t, err)
		assert.True(t, driver.IsValue(v))
		back := eur(1)
		require.NoError(t, back.Scan(v))
		assert.Equal(t, m, back)
		if text, ok := v.(string); ok {
			back = eur(1)
			require.NoError(t, back.Scan([]byte(text)))
			assert.Equal(t, m, back)
		}
	}
	v, err := eur(4999).Value()
	require.NoError(t, err)
	assert.Equal(t, "49.99 EUR", v)
	_, err = policy.Money{Minor: 1}.Value()
	assert.Error(t, err)
	for _, src := range []any{10.99, int64(1099), "10.99", "", "10,99 EUR", "10.99 EUX", "10.99  EUR", []byte("EUR 10.99"), true} {
		m := eur(7)
		assert.Error(t, m.Scan(src), "%v", src)
		assert.Equal(t, eur(7), m)
	}
}

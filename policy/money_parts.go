package policy

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Rounding says what becomes of an amount that falls between two minor units. The zero Rounding is HalfEven.
type Rounding uint8

// The roundings. All but Floor and Ceiling treat a negative amount as its positive twin.
const (
	HalfEven Rounding = iota // to the nearest; in the middle to the even one
	HalfUp                   // to the nearest; in the middle away from zero
	HalfDown                 // to the nearest; in the middle toward zero
	Up                       // away from zero
	Down                     // toward zero
	Floor                    // to the lower
	Ceiling                  // to the higher
)

// Percent is percent hundredths of m, rounded: Money{115, EUR}.Percent(50, HalfEven) is 0.58 EUR. The error wraps ErrOverflow.
func (m Money) Percent(percent int64, r Rounding) (Money, error) { return m.Scale(percent, 100, r) }

// Scale is m × num / den, rounded once, at the end: the product has 128 bits. A den of zero and a Rounding that is none are errors; one
// of a result that does not fit into Money wraps ErrOverflow.
func (m Money) Scale(num, den int64, r Rounding) (Money, error) {
	if den == 0 || r > Ceiling {
		return Money{}, fmt.Errorf("policy: %s × %d / %d: no such share or rounding", m, num, den)
	}
	negative := (m.Minor < 0) != (num < 0) != (den < 0)
	d := magnitude(den)
	high, low := bits.Mul64(magnitude(m.Minor), magnitude(num))
	if high >= d {
		return Money{}, fmt.Errorf("%w: %s × %d / %d", ErrOverflow, m, num, den)
	}
	q, rest := bits.Div64(high, low, d)
	up := uint64(0)
	if r.up(q, rest, d, negative) {
		up = 1
	}
	q, carry := bits.Add64(q, up, 0)
	if carry > 0 || q > limit64(negative) {
		return Money{}, fmt.Errorf("%w: %s × %d / %d", ErrOverflow, m, num, den)
	}
	return Money{signed(q, negative), m.Currency}, nil
}

// up tells whether a magnitude q, of which rest / d is left over, becomes one more.
func (r Rounding) up(q, rest, d uint64, negative bool) bool {
	if rest == 0 {
		return false
	}
	left := d - rest // what is missing to the next
	switch r {
	case HalfEven:
		return rest > left || rest == left && q%2 == 1
	case HalfUp:
		return rest >= left
	case HalfDown:
		return rest > left
	case Up:
		return true
	case Down:
		return false
	case Floor:
		return negative
	case Ceiling:
		return !negative
	}
	return false
}

// magnitude is |n|, of the lowest int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// limit64 is the highest magnitude of an int64 of that sign.
func limit64(negative bool) uint64 {
	if negative {
		return 1 << 63
	}
	return math.MaxInt64
}

func signed(q uint64, negative bool) int64 {
	if negative {
		return -int64(q)
	}
	return int64(q)
}

// Split divides m in proportion to weights so that the parts add up to m exactly: each gets its share rounded toward zero, and the minor
// units left over go one each to the parts with the largest remainders, of equal ones to the first. Three equal weights make of 1.00 EUR
// 0.34, 0.33 and 0.33 EUR. No weights, a negative one, and weights of which the sum is zero or does not fit into an int64 are errors.
func (m Money) Split(weights ...int64) ([]Money, error) {
	sum := int64(0)
	for _, w := range weights {
		if w < 0 || sum+w < sum {
			return nil, fmt.Errorf("policy: cannot split by weights %d: want none negative, and a sum that fits into an int64", weights)
		}
		sum += w
	}
	if sum == 0 {
		return nil, errors.New("policy: cannot split: want weights of which one at least is above zero")
	}
	whole, left := magnitude(m.Minor), magnitude(m.Minor)
	parts, rests := make([]uint64, len(weights)), make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		high, low := bits.Mul64(whole, uint64(w))
		parts[i], rests[i] = bits.Div64(high, low, uint64(sum)) // high < sum, since w ≤ sum
		left -= parts[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rests[a] > rests[b]:
			return -1
		case rests[a] < rests[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] { // fewer are left over than there are parts
		parts[i]++
	}
	all := make([]Money, len(parts))
	for i, p := range parts {
		all[i] = Money{signed(p, m.Minor < 0), m.Currency}
	}
	return all, nil
}

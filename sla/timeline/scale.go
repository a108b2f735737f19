package timeline

import (
	"math/bits"
	"strconv"
	"time"
)

// px is a length in tenths of a pixel: whole numbers, so that every machine draws the same.
type px int

// String is the length in pixels, as an attribute has it.
func (p px) String() string {
	s := strconv.Itoa(int(p / 10))
	if p%10 != 0 {
		s += "." + strconv.Itoa(int(p%10))
	}
	return s
}

// pixel is the least width that is drawn; margin is what is left free at the edges.
const pixel, margin px = 10, 160

// scale maps instants to where they are drawn.
type scale struct {
	from        time.Time
	total       uint64 // milliseconds; at least 1
	width       px     // of the picture
	left, right px     // of the time axis
}

func newScale(from, to time.Time, width px) scale {
	if !to.After(from) {
		to = from.Add(time.Minute)
	}
	return scale{from: from, total: uint64(max(1, to.UnixMilli()-from.UnixMilli())), width: width, left: margin, right: width - margin}
}

// x is where an instant is drawn; one outside the picture is at its edge.
func (s *scale) x(t time.Time) px {
	ms := t.UnixMilli() - s.from.UnixMilli()
	if ms <= 0 {
		return s.left
	}
	hi, lo := bits.Mul64(min(uint64(ms), s.total), uint64(s.right-s.left))
	offset, _ := bits.Div64(hi, lo, s.total)
	return s.left + px(offset)
}

// to is the instant at the right edge.
func (s *scale) to() time.Time {
	return time.UnixMilli(s.from.UnixMilli() + int64(s.total))
}

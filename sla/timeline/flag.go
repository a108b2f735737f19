package timeline

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/amends-go/amends/sla"
)

// flag is a named instant, on a pole over the bar.
type flag struct {
	x      px
	text   string
	class  string // its look
	row    int    // 0 is next to the bar; -1 has no room for its text
	toLeft bool   // the text stands left of the pole
	box    piece  // what the text takes of its row
}

// maxRows bounds the flags above one another. The start, now, the due time and the stop take four at most.
const maxRows = 6

// flags is what has a name, with places in which no text covers another: the important ones first.
func (v *view) flags() []flag {
	c := &v.clock
	layout := v.dates.day + " 15:04"
	if v.to().In(v.zone).Year() != c.Started.In(v.zone).Year() {
		layout = v.dates.year + " 15:04"
	}
	var all []flag
	raise := func(at time.Time, name, class string) {
		all = append(all, flag{x: v.x(at), text: name + " " + at.In(v.zone).Format(layout), class: class})
	}
	raise(c.Started, "started", "edge")
	if !v.due.IsZero() {
		raise(v.due, "due", "due")
	}
	switch {
	case !c.StoppedAt.IsZero():
		raise(c.StoppedAt, "stopped", "edge")
	case c.Dropped():
		raise(c.DroppedAt, "dropped", "edge")
	case v.present.After(c.Started):
		raise(v.present, "now", "now")
	}
	last := -margin
	for _, t := range v.thresholds() {
		// Thresholds that share a pixel share a pole. Those after the end, such as what follows a breach, are not in the picture.
		if x := v.x(t.At); !t.At.IsZero() && !t.At.After(v.to()) && x >= last+pixel {
			all, last = append(all, flag{x: x, text: shorten(t.Name, 160), class: "mark"}), x
		}
	}
	v.place(all)
	return all
}

// thresholds is those of the clock in the order of time, but for the due time and for those that it never came to.
func (v *view) thresholds() []sla.Threshold {
	list := slices.DeleteFunc(slices.Clone(v.clock.Thresholds), func(t sla.Threshold) bool {
		return t.Name == "due" || !v.clock.Running() && t.At.After(v.present)
	})
	slices.SortStableFunc(list, func(a, b sla.Threshold) int { return a.At.Compare(b.At) })
	return list
}

// place finds a row for each flag.
func (v *view) place(all []flag) {
	var rows [maxRows][]piece // what is taken
	for i := range all {
		f := &all[i]
		w := textWidth(f.text) + 60
		if f.class != "mark" {
			w += w / 10 // some are bold
		}
		f.toLeft = f.x+w > v.width-margin/2 && f.x-w > 0
		box := piece{from: f.x, to: f.x + w}
		if f.toLeft {
			box = piece{from: f.x - w, to: f.x}
		}
		f.row = slices.IndexFunc(rows[:], func(taken []piece) bool {
			return !slices.ContainsFunc(taken, func(p piece) bool { return box.from < p.to+40 && p.from < box.to+40 })
		})
		if f.row >= 0 {
			f.box = box
			rows[f.row] = append(rows[f.row], box)
		}
	}
}

// covered reports whether a text of a row stands where a pole would be.
func covered(all []flag, row int, x px) bool {
	return slices.ContainsFunc(all, func(f flag) bool { return f.row == row && f.box.from < x && x < f.box.to })
}

// textWidth is about how wide a text is, at 11 pixels, rather too wide than too narrow.
func textWidth(s string) px {
	var w px
	for _, r := range s {
		switch {
		case r >= 0x2e80: // wide scripts
			w += 125
		default:
			w += 66
		}
	}
	return w
}

// shorten cuts a text to a number of pixels.
func shorten(s string, most px) string {
	if textWidth(s) <= most*10 {
		return s
	}
	for len(s) > 0 && textWidth(s) > most*10-66 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + "…"
}

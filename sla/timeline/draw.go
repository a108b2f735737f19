package timeline

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/amends-go/amends/sla"
)

// Heights and distances of the picture.
const (
	header    px = 520 // above the flags
	rowHeight px = 160
	barHeight px = 240
	thin      px = 60 // closed time
	footer    px = 640
	narrow    px = 4800 // pictures that are less wide have the zone in a line of its own
)

// The colors by class, for light settings as attributes, which every viewer knows, and for dark ones as a style sheet, which wins where it is known.
const (
	dark = `@media(prefers-color-scheme:dark){` +
		`.amends-tl .surface{fill:#161b22;stroke:#3a424d}.amends-tl .text{fill:#e9eef4}.amends-tl .muted{fill:#a9b4c0}.amends-tl .halo{stroke:#161b22}` +
		`.amends-tl .open{fill:#6aa5f5}.amends-tl .closed{fill:#4a5461}.amends-tl .paused{fill:#5c4512;stroke:#e3b341}.amends-tl .hatch{stroke:#e3b341}` +
		`.amends-tl .late{fill:#ff7b72}.amends-tl .pole{stroke:#a9b4c0}.amends-tl .due{stroke:#e9eef4}.amends-tl .now{stroke:#56d4a5}.amends-tl .nowt{fill:#56d4a5}` +
		`.amends-tl .pill{stroke:#e9eef4}.amends-tl .bad{stroke:#ff7b72}.amends-tl .badt{fill:#ff7b72}}`
	surfaceLook = `class="surface" fill="#fff" stroke="#d4dae2"`
	textLook    = `class="text" fill="#1b2430"`
	mutedLook   = `class="muted" fill="#566170"`
	openLook    = `class="open" fill="#1f66c1"`
	closedLook  = `class="closed" fill="#b3bdc9"`
	pausedLook  = `class="paused" fill="#fbe8bd" stroke="#8a5a00"`
	hatchLook   = `class="hatch" stroke="#8a5a00"`
	lateLook    = `class="late" fill="#c0221f"`
	nowText     = `class="nowt" fill="#0b7a55"`
	badText     = `class="badt" fill="#c0221f"`
)

// draw is the picture.
func (v *view) draw() []byte {
	flags := v.flags()
	rows := 1
	for _, f := range flags {
		rows = max(rows, f.row+1)
	}
	d := drawing{view: v, bar: header + px(rows)*rowHeight + 40}
	d.height = d.bar + barHeight + footer
	if d.width < narrow {
		d.height += rowHeight
	}
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" class="amends-tl" role="img" aria-label="%s" width="%v" height="%v" viewBox="0 0 %v %v" `+
		`font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif" font-size="11">`,
		escape(v.label()), v.width, d.height, v.width, d.height)
	d.put(`<title>%s</title><desc>%s</desc><style>%s</style>`, escape(v.label()), escape(v.description()), dark)
	d.put(`<rect x="0.5" y="0.5" width="%v" height="%v" rx="8" %s/>`, v.width-10, d.height-10, surfaceLook)
	d.heading()
	d.axis()
	d.spans()
	d.late()
	d.flags(flags)
	d.legend()
	d.put(`</svg>`)
	return d.b.Bytes()
}

// drawing is a picture that is being drawn.
type drawing struct {
	*view
	b      bytes.Buffer
	bar    px // the upper edge of the bar
	height px
}

// put writes a line.
func (d *drawing) put(format string, args ...any) {
	fmt.Fprintf(&d.b, format+"\n", args...)
}

// escape makes a text fit for XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// heading is the title, the state, and how much time has counted.
func (d *drawing) heading() {
	word := state(d.status.State)
	w := textWidth(word)*13/11 + 160
	look, word2 := `class="pill" fill="none" stroke="#1b2430"`, textLook
	if s := d.status.State; s == sla.StateLate || s == sla.StateBreached {
		look, word2 = `class="bad" fill="none" stroke="#c0221f"`, badText
	}
	d.put(`<text x="%v" y="25" font-size="14" font-weight="600" %s>%s</text>`, d.left, textLook, escape(shorten(d.title, (d.right-d.left-w-100)/10*11/15)))
	d.put(`<rect x="%v" y="11" width="%v" height="20" rx="10" stroke-width="1.2" %s/>`, d.right-w, w, look)
	d.put(`<text x="%v" y="25.5" font-size="12" font-weight="600" text-anchor="middle" %s>%s</text>`, d.right-w/2, word2, escape(word))
	line := d.target() + " · " + d.counted()
	if d.due.IsZero() && !d.clock.Dropped() {
		line += " · no due time while paused"
	}
	d.put(`<text x="%v" y="43" font-size="12" %s>%s</text>`, d.left, mutedLook, escape(shorten(line, (d.right-d.left)/10*11/12)))
}

// axis is the marks of time below the bar.
func (d *drawing) axis() {
	base := d.bar + barHeight
	var marks, labels strings.Builder
	free := px(0)
	for _, t := range d.ticks() {
		x, w := d.x(t.at), textWidth(t.label)
		fmt.Fprintf(&marks, "M%v %vv6", x, base+40)
		if from := x - w/2; from >= free+60 && from >= margin/2 && x+w/2 <= d.width-margin/2 {
			fmt.Fprintf(&labels, `<text x="%v" y="%v">%s</text>`, x, base+210, escape(t.label))
			free = x + w/2
		}
	}
	if marks.Len() > 0 {
		d.put(`<path d="%s" fill="none" class="pole" stroke="#566170"/>`, marks.String())
		d.put(`<g text-anchor="middle" %s>%s</g>`, mutedLook, labels.String())
	}
}

// spans is the bar: open time full, closed time a line, pauses hatched.
func (d *drawing) spans() {
	titles := len(d.pieces) <= 200
	for _, kind := range []sla.SpanKind{sla.Closed, sla.Open, sla.Paused} {
		for _, ahead := range []bool{false, true} {
			d.group(kind, ahead, titles)
		}
	}
	// What is left of the time after a clock was stopped early.
	drawn := d.left
	if n := len(d.pieces); n > 0 {
		drawn = d.pieces[n-1].to
	}
	if drawn < d.right {
		d.put(`<path d="M%v %vH%v" fill="none" class="pole" stroke="#566170" stroke-dasharray="2 4"/>`, drawn, d.bar+barHeight/2, d.right)
	}
}

// group is the pieces of one kind, in the past or ahead.
func (d *drawing) group(kind sla.SpanKind, ahead, titles bool) {
	var b, hatch strings.Builder
	for _, p := range d.pieces {
		if p.kind != kind || p.ahead != ahead {
			continue
		}
		y, h := d.bar, barHeight
		if kind == sla.Closed {
			y, h = d.bar+(barHeight-thin)/2, thin
		}
		fmt.Fprintf(&b, `<rect x="%v" y="%v" width="%v" height="%v"`, p.from, y, p.to-p.from, h)
		if titles && p.about != "" {
			fmt.Fprintf(&b, `><title>%s</title></rect>`, escape(p.about))
		} else {
			b.WriteString(`/>`)
		}
		if kind == sla.Paused {
			hatched(&hatch, p.from, p.to, d.bar)
		}
	}
	if b.Len() == 0 {
		return
	}
	paler := ""
	if ahead {
		paler = ` opacity="0.45"`
	}
	d.put(`<g %s%s>%s</g>`, looks(kind), paler, b.String())
	if hatch.Len() > 0 {
		d.put(`<path d="%s" fill="none" %s%s/>`, hatch.String(), hatchLook, paler)
	}
}

func looks(kind sla.SpanKind) string {
	switch kind {
	case sla.Paused:
		return pausedLook + ` stroke-width="0.6"`
	case sla.Open:
		return openLook
	case sla.Closed:
		return closedLook
	}
	return closedLook
}

// hatched draws slanting lines in a rectangle of the bar. They begin at multiples of their distance, so that neighbors meet.
func hatched(b *strings.Builder, from, to, top px) {
	const distance = 60
	bottom := top + barHeight
	for foot := from - from%distance - barHeight; foot < to; foot += distance {
		// from (foot, bottom) to (foot+barHeight, top), cut at the sides
		low, high := max(foot, from), min(foot+barHeight, to)
		if low < high {
			fmt.Fprintf(b, "M%v %vL%v %v", low, bottom-(low-foot), high, bottom-(high-foot))
		}
	}
}

// late is the time after the due time.
func (d *drawing) late() {
	if d.overdue() {
		from, to := d.x(d.due), d.x(d.present)
		d.put(`<rect x="%v" y="%v" width="%v" height="4" %s/>`, from, d.bar+barHeight-10, max(to-from, pixel), lateLook)
	}
}

// pole is a flag's path from top to foot, interrupted where a text of a lower row stands in its way.
func (d *drawing) pole(all []flag, f flag, top, foot px) string {
	var b strings.Builder
	for row := max(f.row, 1) - 1; row >= 0; row-- {
		if !covered(all, row, f.x) {
			continue
		}
		lower := d.bar - 10 - px(row)*rowHeight
		if upper := lower - rowHeight; top < upper {
			fmt.Fprintf(&b, "M%v %vV%v", f.x, top, upper)
		}
		top = lower
	}
	fmt.Fprintf(&b, "M%v %vV%v", f.x, top, foot)
	return b.String()
}

// flags are the poles and their texts.
func (d *drawing) flags(all []flag) {
	for _, f := range all {
		top := d.bar - 40 - px(max(f.row, 0))*rowHeight - 90
		if f.row < 0 {
			top = d.bar - 60
		}
		look, foot := `class="pole" stroke="#566170"`, d.bar+barHeight
		switch f.class {
		case "due":
			look, foot = `class="due" stroke="#1b2430" stroke-width="2"`, foot+60
		case "now":
			look, foot = `class="now" stroke="#0b7a55" stroke-width="1.5" stroke-dasharray="3 2"`, foot+60
		}
		d.put(`<path d="%s" fill="none" %s/>`, d.pole(all, f, top, foot), look)
	}
	for _, f := range all {
		if f.row < 0 {
			continue
		}
		x, anchor, look := f.x+40, "start", mutedLook
		if f.toLeft {
			x, anchor = f.x-40, "end"
		}
		switch {
		case f.class == "due" && d.overdue():
			look = badText + ` font-weight="600"`
		case f.class == "due":
			look = textLook + ` font-weight="600"`
		case f.class == "now":
			look = nowText + ` font-weight="600"`
		}
		y := d.bar - 50 - px(f.row)*rowHeight
		text := escape(f.text)
		d.put(`<text x="%v" y="%v" text-anchor="%s" class="halo" fill="none" stroke="#fff" stroke-width="4" stroke-linejoin="round" aria-hidden="true">%s</text>`, x, y, anchor, text)
		d.put(`<text x="%v" y="%v" text-anchor="%s" %s>%s</text>`, x, y, anchor, look, text)
	}
}

// legend says what the bar's parts mean, and whose time it is.
func (d *drawing) legend() {
	y := d.bar + barHeight + 460
	x := d.left
	for _, item := range []struct {
		kind sla.SpanKind
		text string
	}{{sla.Open, "open: counts"}, {sla.Closed, "closed"}, {sla.Paused, "paused"}} {
		if !d.has(item.kind) {
			continue
		}
		top, h := y-90, px(100)
		if item.kind == sla.Closed {
			top, h = y-60, 40
		}
		d.put(`<rect x="%v" y="%v" width="14" height="%v" %s/>`, x, top, h, looks(item.kind))
		if item.kind == sla.Paused {
			d.put(`<path d="M%v %vl7 -10m0 10l7 -10" fill="none" %s/>`, x, y+10, hatchLook)
		}
		d.put(`<text x="%v" y="%v" %s>%s</text>`, x+190, y, mutedLook, item.text)
		x += 190 + textWidth(item.text) + 120
	}
	if d.width < narrow {
		x, y = d.left, y+rowHeight
	}
	zone := shorten("times in "+d.zone.String(), (d.right-x)/10)
	d.put(`<text x="%v" y="%v" text-anchor="end" %s>%s</text>`, d.right, y, mutedLook, escape(zone))
}

// has reports whether the bar has a piece of a kind.
func (d *drawing) has(kind sla.SpanKind) bool {
	for _, p := range d.pieces {
		if p.kind == kind {
			return true
		}
	}
	return false
}

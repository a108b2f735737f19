package timeline

import "github.com/amends-go/amends/sla"

// piece is a stretch of the bar.
type piece struct {
	from, to px
	kind     sla.SpanKind
	ahead    bool   // it lies in the future
	about    string // the span that it is; empty if it is several
}

// merge makes pieces of spans. Spans narrower than a pixel are put together until they are one, which shows the most telling of them: a pause, or
// else open time. So there are at most some two pieces to a pixel, and no pause is ever lost from sight.
func (v *view) merge(spans []sla.Span) []piece {
	m := merger{at: v.left, end: v.right}
	for _, s := range spans {
		m.add(v.x(s.From), v.x(s.To), s.Kind, sla.Span{From: s.From.In(v.zone), To: s.To.In(v.zone), Kind: s.Kind}.String())
	}
	m.flush()
	return split(m.pieces, v.x(v.present))
}

// merger puts narrow pieces together.
type merger struct {
	pieces  []piece
	at, end px // what is drawn already; the right edge
	narrow  piece
	waiting bool
}

func (m *merger) add(from, to px, kind sla.SpanKind, about string) {
	if to-from < pixel {
		if !m.waiting {
			m.narrow, m.waiting = piece{from: from, kind: kind, about: about}, true
		} else {
			m.narrow.about = ""
		}
		m.narrow.to = to
		if rank(kind) > rank(m.narrow.kind) {
			m.narrow.kind = kind
		}
		if m.narrow.to-m.narrow.from >= pixel {
			m.flush()
		}
		return
	}
	m.flush()
	m.put(piece{from: from, to: to, kind: kind, about: about})
}

// flush draws the narrow pieces that wait, a pixel wide at least.
func (m *merger) flush() {
	if m.waiting {
		m.waiting = false
		m.narrow.to = min(max(m.narrow.to, m.narrow.from+pixel), m.end)
		m.narrow.from = min(m.narrow.from, m.end-pixel)
		m.put(m.narrow)
	}
}

// put draws a piece after those that are drawn, lengthening the last one if it is of the same kind.
func (m *merger) put(p piece) {
	p.from = max(p.from, m.at)
	if p.to <= p.from {
		return
	}
	m.at = p.to
	if n := len(m.pieces); n > 0 && m.pieces[n-1].kind == p.kind && m.pieces[n-1].to == p.from {
		m.pieces[n-1].to, m.pieces[n-1].about = p.to, ""
		return
	}
	m.pieces = append(m.pieces, p)
}

// rank is what a span counts for where several share a pixel.
func rank(kind sla.SpanKind) int {
	switch kind {
	case sla.Paused:
		return 2
	case sla.Open:
		return 1
	case sla.Closed:
		return 0
	}
	return 0
}

// split divides what lies before now from what lies after it.
func split(pieces []piece, now px) []piece {
	divided := make([]piece, 0, len(pieces)+1)
	for _, p := range pieces {
		if p.from < now && now < p.to {
			past := p
			past.to, p.from = now, now
			divided = append(divided, past)
		}
		p.ahead = p.from >= now
		divided = append(divided, p)
	}
	return divided
}

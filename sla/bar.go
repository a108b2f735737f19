package sla

import "time"

// Bar draws how a clock's due time came about on one line, for terminals: its time from left to right, to scale, each column as what most of
// it was, and over that its thresholds, its due time and where it stands. The zero value draws 60 columns.
//
// A bar has exactly as many columns as it is wide: none of its characters is a wide or an ambiguous one in Unicode's sense.
//
//	            ASCII   otherwise
//	open          =         ▰      time that counted
//	paused        ~         ▱      would have counted, had the clock not been paused
//	closed        .         ╌      did not count
//	threshold     !         ▴
//	due           |         ◊
//	now           @         ▾
//	stopped       #         ▪
//
// Where two marks share a column, the one further down in this list is seen. Columns after the last span (of a clock that was stopped before it
// was due) are blank.
type Bar struct {
	Width int  // in columns; zero and less mean 60
	ASCII bool // uses no characters but ASCII
}

// defaultWidth is that of a bar that says nothing else.
const defaultWidth = 60

// marks are what a bar is drawn with.
type marks struct{ open, paused, closed, threshold, due, now, stopped rune }

// Draw draws a clock at an instant, of the agreement under which it runs. The error is that of the agreement's Explain (another agreement's
// clock, more spans than it explains).
func (b Bar) Draw(a *Agreement, c Clock, now time.Time) (string, error) {
	spans, err := a.Explain(c, now)
	if err != nil {
		return "", err
	}
	return b.draw(&c, spans, now), nil
}

func (b Bar) draw(c *Clock, spans []Span, now time.Time) string {
	m := marks{'▰', '▱', '╌', '▴', '◊', '▾', '▪'}
	if b.ASCII {
		m = marks{'=', '~', '.', '!', '|', '@', '#'}
	}
	columns := make([]rune, b.width())
	for i := range columns {
		columns[i] = ' '
	}
	if len(spans) == 0 {
		return string(columns)
	}
	x := scale{from: spans[0].From, to: later(spans[len(spans)-1].To, c.Due), columns: len(columns)}
	x.fill(columns, spans, m)
	mark := func(at time.Time, r rune) {
		if i, ok := x.column(at); ok {
			columns[i] = r
		}
	}
	for _, t := range c.Thresholds {
		if t.Name != thresholdDue {
			mark(t.At, m.threshold)
		}
	}
	mark(c.Due, m.due)
	switch {
	case !c.StoppedAt.IsZero():
		mark(c.StoppedAt, m.stopped)
	case !c.DroppedAt.IsZero():
		mark(c.DroppedAt, m.stopped)
	default:
		mark(now, m.now)
	}
	return string(columns)
}

func (b Bar) width() int {
	if b.Width <= 0 {
		return defaultWidth
	}
	return b.Width
}

// scale says which column an instant is in.
type scale struct {
	from, to time.Time
	columns  int
}

// column is the column of an instant; the last one has the end too. It is false for instants outside.
func (x scale) column(at time.Time) (int, bool) {
	if at.IsZero() || at.Before(x.from) || at.After(x.to) {
		return 0, false
	}
	whole := x.to.Sub(x.from)
	if whole <= 0 {
		return 0, true
	}
	i := int(float64(at.Sub(x.from)) / float64(whole) * float64(x.columns))
	return min(i, x.columns-1), true
}

// begins is when a column begins.
func (x scale) begins(column int) time.Time {
	return x.from.Add(time.Duration(float64(x.to.Sub(x.from)) * (float64(column) / float64(x.columns))))
}

// fill gives each column the kind that most of it is, and the first of equals.
func (x scale) fill(columns []rune, spans []Span, m marks) {
	next := 0
	for i := range columns {
		from, to := x.begins(i), x.begins(i+1)
		var open, paused, closed time.Duration
		for next < len(spans) && !spans[next].To.After(from) {
			next++
		}
		for _, s := range spans[next:] {
			if !s.From.Before(to) {
				break
			}
			d := earlier(s.To, to).Sub(later(s.From, from))
			switch s.Kind {
			case Open:
				open += d
			case Paused:
				paused += d
			case Closed:
				closed += d
			}
		}
		switch most := max(open, paused, closed); most {
		case 0:
		case open:
			columns[i] = m.open
		case paused:
			columns[i] = m.paused
		case closed:
			columns[i] = m.closed
		}
	}
}

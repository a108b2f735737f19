package sla

import (
	"encoding/json"
	"strconv"
	"time"
)

// AppendJSON appends what [encoding/json] writes of the clock: a record and a head of a case consist of clocks for the most part, and written this
// way they cost a fraction. A Target that no text says is an error.
func (c Clock) AppendJSON(b []byte) ([]byte, error) {
	w := jsonWriter{b: append(b, '{')}
	w.text("id", c.ID)
	w.text("objective", c.Objective)
	w.text("metric", string(c.Metric))
	w.text("agreement", c.Agreement.String())
	if c.Target != (Target{}) {
		target, err := c.Target.MarshalText()
		if err != nil {
			return nil, err
		}
		w.text("target", string(target))
	}
	w.number("cycle", c.Cycle)
	w.flag("statutory", c.Statutory)
	w.time("started", c.Started)
	w.list("pauses", len(c.Pauses), func(i int) {
		w.time("from", c.Pauses[i].From)
		w.optional("to", c.Pauses[i].To)
	})
	w.optional("fixed", c.Fixed)
	w.optional("due", c.Due)
	w.list("thresholds", len(c.Thresholds), func(i int) {
		w.optional("at", c.Thresholds[i].At)
		w.text("name", c.Thresholds[i].Name)
		if c.Thresholds[i].Notify != "" {
			w.text("notify", c.Thresholds[i].Notify)
		}
	})
	if c.Fired != 0 {
		w.number("fired", c.Fired)
	}
	w.optional("breached_at", c.BreachedAt)
	w.optional("stopped_at", c.StoppedAt)
	w.flag("withdrawn", c.Withdrawn)
	return append(w.b, '}'), nil
}

// jsonWriter appends the members of JSON objects. Names are ASCII without quotes.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) name(name string) {
	if last := w.b[len(w.b)-1]; last != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, `":`...)
}

// text writes plain ASCII as it is, and leaves everything else to encoding/json.
func (w *jsonWriter) text(name, s string) {
	w.name(name)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // no string fails
			w.b = append(w.b, quoted...)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) number(name string, n int) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
}

func (w *jsonWriter) flag(name string, on bool) {
	if on {
		w.name(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *jsonWriter) time(name string, t time.Time) {
	w.name(name)
	w.b = append(w.b, '"')
	w.b = t.AppendFormat(w.b, time.RFC3339Nano)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) optional(name string, t time.Time) {
	if !t.IsZero() {
		w.time(name, t)
	}
}

// list writes n objects, or nothing if there are none.
func (w *jsonWriter) list(name string, n int, object func(i int)) {
	if n == 0 {
		return
	}
	w.name(name)
	for i := range n {
		w.b = append(w.b, "[,"[min(i, 1)], '{')
		object(i)
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

package sqlite

import (
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// headsQuery writes the SELECT for a query. It names the index to walk, so that the rows come in order and a page
// costs no more than its rows, however SQLite would judge without statistics: by key; else by what is due; else the
// open ones; else by kind; else all. What the index does not decide is checked on the way (+ keeps a condition from
// being taken for a reason to use another index).
func headsQuery(q history.Query) (string, []any) {
	var where []string
	var args []any
	and := func(condition string, values ...any) {
		where = append(where, condition)
		args = append(args, values...)
	}
	from := `amends_heads h INDEXED BY amends_heads_stream`
	stream, kind := `h.stream`, `+h.kind = ?`
	switch {
	case q.Key != "":
		// CROSS JOIN keeps SQLite from turning the order around.
		from = `amends_keys k CROSS JOIN amends_heads h INDEXED BY amends_heads_stream ON h.stream = k.stream`
		stream = `k.stream`
		and(`k.key = ?`, q.Key)
	case !q.DueBy.IsZero():
		from = `amends_heads h INDEXED BY amends_heads_due`
	case q.Open:
		from = `amends_heads h INDEXED BY amends_heads_open`
		kind = `h.kind = ?`
	case q.Kind != "":
		from = `amends_heads h INDEXED BY amends_heads_kind`
		kind = `h.kind = ?`
	}
	if q.Kind != "" {
		and(kind, q.Kind)
	}
	if q.Open {
		and(`h.open = 1`) // not bound: only so does SQLite see that the partial index will do
	}
	order := stream
	if !q.DueBy.IsZero() {
		order = `h.due, ` + stream
		and(`h.due <= ?`, micros(q.DueBy))
		if q.After != (history.Mark{}) {
			due, after := dueMark(q.After)
			and(`(h.due, `+stream+`) > (?, ?)`, due, after[:])
		}
	} else if q.After != (history.Mark{}) {
		and(stream+` > ?`, slices.Clone(q.After.Stream[:]))
	}
	query := `SELECT ` + headColumns + ` FROM ` + from
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	return query + ` ORDER BY ` + order + ` LIMIT ?`, append(args, history.PageSize(q.Limit))
}

// dueMark is a mark in whole microseconds: one between two of them is after all heads that are due at the first.
func dueMark(m history.Mark) (int64, uuid.UUID) {
	due := micros(m.Due)
	if due != math.MaxInt64 && m.Due.Nanosecond()%1000 != 0 {
		return due, uuid.Max
	}
	return due, m.Stream
}

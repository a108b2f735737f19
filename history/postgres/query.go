package postgres

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/amends-go/amends/history"
)

// headsQuery writes the SELECT for a query, so that an index gives the rows in the order wanted: by key; else by what is due;
// else the open ones; else by kind; else all. With a key and DueBy all heads of the key are read and sorted: they are few, or
// somebody's open work. The limit is part of the text, so that the server knows how few rows it is asked for when it plans.
func (t *texts) headsQuery(q history.Query) (string, []any) {
	var where []string
	var args []any
	and := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	from, stream := t.schema+`.heads h`, `h.stream`
	if q.Key != "" {
		from, stream = t.schema+`.keys k JOIN `+from+` ON h.stream = k.stream`, `k.stream`
		and(`k.key = ?`, q.Key)
	}
	if q.Kind != "" {
		and(`h.kind = ?`, q.Kind)
	}
	if q.Open {
		and(`h.open`)
	}
	order := stream
	switch {
	case !q.DueBy.IsZero():
		order = `h.due, h.stream`
		and(`h.due <= ?`, instant(q.DueBy))
		if q.After != (history.Mark{}) {
			due, after := dueMark(q.After)
			and(`(h.due, h.stream) > (?, ?)`, due, after)
		}
	case q.After != (history.Mark{}):
		and(stream+` > ?`, id(q.After.Stream))
		if q.Key != "" { // so that a plan that merges keys with heads does not read the heads from the first on
			and(`h.stream > ?`, id(q.After.Stream))
		}
	}
	query := `SELECT ` + headColumnNames + ` FROM ` + from
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	return fmt.Sprintf(`%s ORDER BY %s LIMIT %d`, query, order, history.PageSize(q.Limit)), args
}

// dueMark is a mark in whole microseconds: one between two of them is after all heads that are due at the first.
func dueMark(m history.Mark) (time.Time, pgtype.UUID) {
	due := instant(m.Due)
	if due.Equal(m.Due.Truncate(time.Microsecond)) && m.Due.Nanosecond()%1000 != 0 {
		return due, id(uuid.Max)
	}
	return due, id(m.Stream)
}

// instant is a time to compare with, in whole microseconds. Instants that no head can have become one before or after
// all that it can.
func instant(t time.Time) time.Time {
	switch t = t.UTC(); {
	case t.Year() < 0:
		return time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 10_000:
		return time.Date(10_001, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t.Truncate(time.Microsecond)
}

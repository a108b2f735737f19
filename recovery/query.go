package recovery

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Case returns a case as it stands in the store. What time alone has caused since
// its last record is not in it yet: [Desk.Tick] or the next command records it.
// An unknown id is an error that wraps [history.ErrNotFound].
func (d *Desk) Case(ctx context.Context, id uuid.UUID) (Case, error) {
	head, err := d.head(ctx, id)
	if err == nil {
		var c Case
		if c, err = d.fromHead(ctx, head); err == nil {
			return c.deep(), nil
		}
	}
	return Case{}, &CaseError{Op: "look", Case: id, Err: err}
}

// Query selects cases: all that are set must hold. The zero Query selects every case.
type Query struct {
	Customer   string
	Assignee   string
	Unassigned bool      // open cases that nobody has
	Reference  string    // the host's own
	Step       Step      // in which the case is
	Open       bool      // open cases alone
	Overdue    bool      // cases that owe something that was due: a clock that breached and runs, a promise that was broken
	DueBy      time.Time // cases on which a tick records something by then, be it a warning, soonest first; see Case.Due
	After      string    // Page.Next of the page before
	Limit      int       // cases on the page; 0 means 100, and at most 1000
}

// Page is a page of cases. They come soonest due first where the query has a
// DueBy, and else in the order of their ids, which is that of their opening.
type Page struct {
	Cases []Case
	Next  string // for Query.After; empty: there are no more
}

// Cases returns the cases that a query selects, page by page. A page that is full
// has a Next, even where it turns out that nothing follows. Cases that cannot be read
// are left out: the page comes together with an error that joins theirs, so that one
// bad case hides no other. An After that no page of such a query gave, with a DueBy or
// without, is an error that wraps [ErrInvalid].
func (d *Desk) Cases(ctx context.Context, q Query) (Page, error) {
	heads, filter, err := q.heads()
	if err != nil {
		return Page{}, fmt.Errorf("recovery: cases: %w", err)
	}
	var p Page
	var unread []error
	for {
		page, err := d.store.Heads(ctx, heads)
		if err != nil {
			return Page{}, fmt.Errorf("recovery: cases: %w", err)
		}
		for _, h := range page {
			heads.After = h.Mark()
			if !hasKeys(h, filter) {
				continue
			}
			c, err := d.fromHead(ctx, h)
			if err != nil {
				unread = append(unread, &CaseError{Op: "cases", Case: h.Stream, Err: err})
				continue
			}
			p.Cases = append(p.Cases, c.deep())
			if len(p.Cases) == history.PageSize(heads.Limit) {
				p.Next = cursor(heads)
				return p, errors.Join(unread...)
			}
		}
		if len(page) < history.PageSize(heads.Limit) {
			return p, errors.Join(unread...)
		}
	}
}

// heads is the query as the store knows it, which finds by one key, and the
// keys that are left to look at.
func (q Query) heads() (history.Query, []string, error) {
	h := history.Query{Kind: kindCase, Open: q.Open, DueBy: micro(q.DueBy), Limit: q.Limit}
	if h.Limit == 0 {
		h.Limit = 100
	}
	if q.Limit < 0 {
		return h, nil, invalid("limit", "%d is negative", q.Limit)
	}
	if q.Unassigned && q.Assignee != "" {
		return h, nil, invalid("unassigned", "no case is unassigned and %s's; ask for one or the other", q.Assignee)
	}
	if q.Step != "" && !slices.Contains(allSteps, q.Step) {
		return h, nil, &FieldError{"step", unknownName("step", string(q.Step), texts(allSteps))}
	}
	var err error
	if q.After != "" {
		if h.After, err = parseCursor(q.After); err != nil {
			return h, nil, err
		}
		if h.After.Due.IsZero() != q.DueBy.IsZero() {
			return h, nil, invalid("after", "%q is the Next of a page in another order: by due times, or not", q.After)
		}
	}
	var all []string // the most telling first
	key := func(name, value string) {
		if value != "" {
			all = append(all, name+":"+value)
		}
	}
	key("ref", q.Reference)
	key("customer", q.Customer)
	if q.Overdue {
		all = append(all, keyOverdue)
	}
	if q.Unassigned {
		all = append(all, keyUnassigned)
	}
	key("assignee", q.Assignee)
	key("step", string(q.Step))
	if len(all) == 0 {
		return h, nil, nil
	}
	h.Key = all[0]
	return h, all[1:], nil
}

func hasKeys(h history.Head, keys []string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(h.Keys, k) })
}

// cursor writes the mark of a query as text: the stream and, where the order is that
// of due times, the microsecond at which it is due.
func cursor(q history.Query) string {
	b := slices.Clone(q.After.Stream[:])
	if !q.DueBy.IsZero() {
		b = binary.BigEndian.AppendUint64(b, uint64(q.After.Due.UnixMicro()))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (history.Mark, error) {
	var m history.Mark
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 16 && len(b) != 24 {
		return m, invalid("after", "%q is not the Next of a page", s)
	}
	m.Stream = uuid.UUID(b[:16])
	if len(b) == 24 {
		m.Due = time.UnixMicro(int64(binary.BigEndian.Uint64(b[16:]))).UTC()
		if y := m.Due.Year(); y < 1 || y > 9999 {
			return m, invalid("after", "%q is not the Next of a page", s)
		}
	}
	return m, nil
}

// Entry is one line of a case's history: who did what, when. It is for the staff: what
// policy found stands in it with its reasons, which customers must not read.
type Entry struct {
	Sequence uint64
	Position uint64 // in the store; see [history.Feed]
	Time     time.Time
	Actor    Actor
	Event    Event
	Erased   bool // the event's texts were removed
}

// Type is the type of the entry's event, without its version: "offer.proposed".
func (e Entry) Type() string { return name(e.Event) }

// Change is what the event changed of the case's standing: the step reached and the
// clocks' new values, from which every cycle of a clock can be read that the case
// itself no longer holds. Of a zero Entry, and of ledgers and documents, it is zero.
func (e Entry) Change() Change { return changeOf(e.Event) }

// String is the entry in a line for people: time, actor, what happened, and the
// step reached.
func (e Entry) String() string {
	return fmt.Sprintf("%s  %-12s %s", e.Time.Format("2006-01-02 15:04"), e.Actor.ID, describe(e.Event))
}

// History yields all that happened on a case, in order. An error, which comes
// last, is the store's, or wraps [ErrUnknownEvent] where a newer program wrote
// what this one does not know. A stream that does not exist, or is no case, is
// [history.ErrNotFound].
func (d *Desk) History(ctx context.Context, id uuid.UUID) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		none := true
		for r, err := range history.Stream(ctx, d.store, id) {
			none = false
			var e Entry
			if err == nil {
				e, err = DecodeEntry(r)
			}
			if _, ok := e.Event.(Opened); err == nil && r.Sequence == 1 && !ok {
				err = fmt.Errorf("stream %s begins with %s, as no case does: %w", id, r.Type, history.ErrNotFound)
			}
			if err != nil {
				yield(Entry{}, &CaseError{Op: "history", Case: id, Err: err})
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if none {
			yield(Entry{}, &CaseError{Op: "history", Case: id, Err: history.ErrNotFound})
		}
	}
}

// DecodeEntry is the entry that a record of a case, a ledger or a document holds, as
// [Desk.History] yields those of a case: for readers of the store's feed. Which kind
// of stream a record belongs to its type says: "case.", "offer.", "promise.",
// "remedy.", "round.", "escalation." and "clock." are of cases, and their Stream is the case's
// id. Errors are those of [Decode].
func DecodeEntry(r history.Record) (Entry, error) {
	e, err := Decode(r)
	if err != nil {
		return Entry{}, err
	}
	by, err := parseActor(r.Actor)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: record %d of stream %s: %w", ErrUnknownEvent, r.Sequence, r.Stream, err)
	}
	return Entry{r.Sequence, r.Position, r.Time, by, e, r.Erased()}, nil
}

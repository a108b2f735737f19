package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/amends-go/amends/history"
)

// texts are the statements, with the schema in them.
type texts struct {
	schema      string // quoted
	lockTimeout string // as the setting lock_timeout wants it
	append      string
}

const (
	recordColumnNames = `position, stream, sequence, id, time, type, actor, hash, seal, data, salt, private`
	headColumnNames   = `h.stream, h.kind, h.sequence, h.hash, h.time, h.open, h.due, h.keys, h.state`
)

func textsFor(set Options) *texts {
	schema := pgx.Identifier{set.Schema}.Sanitize()
	types := []string{
		"text", "bytea", "uuid[]", "boolean", "text",
		"uuid[]", "bigint[]", "bytea[]", "text[]", "bigint[]", "bytea[]", "timestamptz[]", "boolean[]", "timestamptz[]", "bytea[]", "integer[]", "text[]",
		"uuid[]", "bigint[]", "uuid[]", "timestamptz[]", "text[]", "text[]", "bytea[]", "bytea[]", "bytea[]", "bytea[]", "bytea[]",
	}
	for i, t := range types {
		types[i] = fmt.Sprintf("$%d::%s", i+1, t)
	}
	return &texts{
		schema:      schema,
		lockTimeout: strconv.FormatInt(max(1, set.LockTimeout.Milliseconds()), 10),
		append: `SELECT replayed, was_digest, was_streams, was_records, was_first, refusal FROM ` + schema +
			`.append(` + strings.Join(types, ", ") + `)`,
	}
}

// view reads, in the pool or in a transaction.
type view struct {
	database
	text      *texts
	patiently func(ctx context.Context, r repeatable, do func(ctx context.Context) error) error // nil in a transaction, where nothing is tried again
	turn      *sync.Mutex                                                                       // of a transaction, which is for one goroutine at a time
}

// repeatable tells whether a statement may be sent again when nobody knows whether it was executed.
type repeatable bool

const (
	often repeatable = true
	once  repeatable = false
)

// reading runs a read.
func (v view) reading(ctx context.Context, what string, read func(ctx context.Context) error) error {
	if err := v.repeating(ctx, often, read); err != nil {
		return failed(ctx, what, err)
	}
	return nil
}

// repeating does something, in the pool again if it failed for a reason that passes.
func (v view) repeating(ctx context.Context, r repeatable, do func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.turn == nil {
		return v.patiently(ctx, r, do)
	}
	v.turn.Lock()
	defer v.turn.Unlock()
	return do(ctx)
}

// inside is the store in a transaction of the host's.
type inside struct{ view }

var (
	_ history.Store      = (*inside)(nil)
	_ history.Eraser     = (*inside)(nil)
	_ history.Clock      = (*inside)(nil)
	_ history.Bookmarker = (*inside)(nil)
)

// Append implements [history.Store], as [Store.In] says.
func (s *inside) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "append", c, false)
}

// Erase implements [history.Eraser], as [Store.In] says.
func (s *inside) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.append(ctx, "erase", c, true)
}

// append writes the commit in the host's transaction. A savepoint makes it the whole commit or nothing there too.
func (s *inside) append(ctx context.Context, what string, c history.Commit, erase bool) (history.Receipt, error) {
	if err := c.Check(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := ctx.Err(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	a, err := s.nest(context.WithoutCancel(ctx), s.text.appendArgs(&c, erase))
	if code(err) == codeStored { // by a transaction that has committed since: now it is seen
		a, err = s.nest(context.WithoutCancel(ctx), s.text.appendArgs(&c, erase))
	}
	if code(err) == codeLockTimeout {
		err = fmt.Errorf("%w: %w", ErrBusy, err)
	}
	if err != nil {
		return history.Receipt{}, failed(ctx, what, conflict(err))
	}
	r, err := a.receipt(&c)
	if err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	return r, nil
}

func (s *inside) nest(ctx context.Context, args []any) (answer, error) {
	if _, err := s.exec(ctx, `SAVEPOINT amends`); err != nil {
		return answer{}, err
	}
	rows, err := s.query(ctx, s.text.append, args...)
	answers, err := collect(rows, err, scanAnswer)
	if err != nil {
		_, failed := s.exec(ctx, `ROLLBACK TO SAVEPOINT amends`)
		err = errors.Join(err, failed)
	}
	_, failed := s.exec(ctx, `RELEASE SAVEPOINT amends`)
	if err = errors.Join(err, failed); err != nil {
		return answer{}, err
	}
	return answers[0], nil
}

func scanAnswer(r rows) (a answer, err error) {
	err = r.Scan(a.columns()...)
	return a, err
}

// Now implements [history.Clock]: the server's clock, which does not stand still in a transaction.
func (v view) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := v.reading(ctx, "now", func(ctx context.Context) error {
		found, err := v.query(ctx, `SELECT clock_timestamp()`)
		_, err = collect(found, err, func(r rows) (struct{}, error) { return struct{}{}, r.Scan(&now) })
		return err
	})
	return now.UTC(), err
}

package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/amends-go/amends/history"
)

// append writes the commit in a transaction of its own, again and again until its fate is known.
func (s *Store) append(ctx context.Context, what string, c history.Commit, erase bool) (history.Receipt, error) {
	if err := c.Check(); err != nil {
		return history.Receipt{}, failed(ctx, what, err)
	}
	args := s.text.appendArgs(&c, erase)
	open := false // whether an attempt may have written it
	var a answer
	err := s.again(ctx, func(until time.Time) (fate, error) {
		conn, f, err := s.connection(ctx, until)
		if err != nil {
			return f, err
		}
		defer conn.Release()
		if err := ctx.Err(); err != nil {
			return refused, err
		}
		steady, cancel := context.WithDeadline(context.WithoutCancel(ctx), until.Add(s.patience))
		defer cancel()
		if err = s.send(steady, conn.Conn(), args, &a); err == nil {
			return refused, nil
		}
		f = fateOf(err, conn.Conn().IsClosed())
		if f == unsent && errors.Is(err, pgconn.ErrConnClosed) {
			f = unknown // pgx says so of a connection that broke after the statement was sent, too
		}
		open = open || f == unknown
		return f, err
	})
	switch {
	case err == nil:
		if a.refusal == nil && (!a.replayed || open) {
			s.Notify()
		}
		r, err := a.receipt(&c)
		if err != nil {
			return history.Receipt{}, failed(ctx, what, err)
		}
		return r, nil
	case open && code(err) != codeConflict:
		err = uncertain(err)
	}
	return history.Receipt{}, failed(ctx, what, conflict(err))
}

// send makes one attempt on a connection: one round trip.
func (s *Store) send(ctx context.Context, conn *pgx.Conn, args []any, a *answer) error {
	if !s.guarded.Load() {
		err := conn.QueryRow(ctx, s.text.append, args...).Scan(a.columns()...)
		if code(err) == codeSerialization {
			// Whoever set up the connection has it at another isolation, under which the feed's row fails every
			// second append. The results are right all the same, but READ COMMITTED is faster.
			s.guarded.Store(true)
		}
		return err
	}
	var batch pgx.Batch
	batch.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	batch.Queue(s.text.append, args...).QueryRow(func(row pgx.Row) error { return row.Scan(a.columns()...) })
	batch.Queue(`COMMIT`)
	err := conn.SendBatch(ctx, &batch).Close()
	if err != nil && !conn.IsClosed() {
		_, failed := conn.Exec(ctx, `ROLLBACK`)
		err = errors.Join(err, failed)
	}
	return err
}

// again calls do until it succeeds or is refused, the context ends, or patience does. An attempt has to have its
// connection by until, and is cut off when as much time again has passed. If the fate of one is unknown, there is
// as much time again to settle it. So it ends after twice Options.Patience, and after four times that if a fate was unknown.
func (s *Store) again(ctx context.Context, do func(until time.Time) (fate, error)) error {
	until, settling := time.Now().Add(s.patience), false
	for pause := time.Millisecond; ; pause = min(2*pause, 64*time.Millisecond) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := do(until)
		if err == nil || f == refused {
			return err
		}
		if f == unknown && !settling {
			settling, until = true, until.Add(2*s.patience)
		}
		wait := pause/2 + rand.N(pause)
		if f == contended && code(err) == codeStored {
			wait = 0
		}
		if left := time.Until(until); ctx.Err() == nil && left < wait {
			return s.late(f, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// late is the error of what has failed for all of patience.
func (s *Store) late(f fate, err error) error {
	switch {
	case errors.Is(err, history.ErrConflict):
		return err
	case f == contended:
		return fmt.Errorf("%w after %v: %w", ErrBusy, s.patience, err)
	}
	return &unavailable{err}
}

// connection takes one from the pool; else it says what may have become of what was to be sent.
func (s *Store) connection(ctx context.Context, until time.Time) (*pgxpool.Conn, fate, error) {
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	conn, err := s.pool.Acquire(waiting)
	switch {
	case err == nil:
		return conn, refused, nil
	case waiting.Err() != nil && ctx.Err() == nil:
		use := s.pool.Stat()
		return nil, unsent, fmt.Errorf("no connection came in time (of the pool's %d, %d are in use): %w", use.MaxConns(), use.AcquiredConns(), err)
	}
	return nil, fateOf(err, false), err
}

// retry does a single statement, or something else that may be done from its start.
func (s *Store) retry(ctx context.Context, r repeatable, do func(ctx context.Context) error) error {
	return s.again(ctx, func(until time.Time) (fate, error) {
		timely, cancel := context.WithDeadline(ctx, until.Add(s.patience))
		defer cancel()
		err := do(timely)
		f := fateOf(err, lost(err))
		switch {
		case ctx.Err() != nil:
			f = refused
		case f == unknown && r == once:
			f, err = refused, &unavailable{err}
		case f == unknown:
			f = unsent
		}
		return f, err
	})
}

// answer is what the function append returns.
type answer struct {
	replayed bool
	digest   []byte
	streams  [][16]byte
	records  *int64
	first    *int64
	refusal  *string
}

func (a *answer) columns() []any {
	return []any{&a.replayed, &a.digest, &a.streams, &a.records, &a.first, &a.refusal}
}

func (a *answer) receipt(c *history.Commit) (history.Receipt, error) {
	if a.refusal != nil {
		return history.Receipt{}, fmt.Errorf("%w: %s", history.ErrConflict, *a.refusal)
	}
	r := history.Receipt{Key: c.Key, Replayed: a.replayed}
	if a.replayed {
		if !bytes.Equal(a.digest, c.Digest[:]) {
			return history.Receipt{}, fmt.Errorf("key %q: %w", c.Key, history.ErrKeyReused)
		}
		r.Streams = make([]uuid.UUID, len(a.streams))
		for i, stream := range a.streams {
			r.Streams[i] = stream
		}
	} else {
		r.Streams = make([]uuid.UUID, len(c.Batches))
		for i := range c.Batches {
			r.Streams[i] = c.Batches[i].Stream
		}
	}
	if a.records != nil && a.first != nil && *a.records > 0 {
		r.First, r.Last = uint64(*a.first), uint64(*a.first+*a.records-1)
	}
	return r, nil
}

// conflict says in history's words what the function append has found.
func conflict(err error) error {
	if code(err) == codeConflict {
		return fmt.Errorf("%w: %w", history.ErrConflict, err)
	}
	return err
}

// appendArgs are the arguments of the function append, in its order.
func (t *texts) appendArgs(c *history.Commit, erase bool) []any {
	streams := make([]pgtype.UUID, len(c.Batches))
	total := 0
	sorted := make([]*history.Batch, len(c.Batches))
	for i := range c.Batches {
		streams[i], sorted[i] = id(c.Batches[i].Stream), &c.Batches[i]
		total += len(c.Batches[i].Records)
	}
	slices.SortFunc(sorted, func(a, b *history.Batch) int { return bytes.Compare(a.Stream[:], b.Stream[:]) })
	h, r := newHeadColumns(len(sorted)), newRecordColumns(total)
	for i, b := range sorted {
		h.set(i, b)
	}
	for i := range c.Batches {
		for j := range c.Batches[i].Records {
			r.add(&c.Batches[i].Records[j])
		}
	}
	return []any{
		c.Key, c.Digest[:], streams, erase, t.lockTimeout,
		h.stream, h.expect, h.prev, h.kind, h.sequence, h.hash, h.time, h.open, h.due, h.state, h.keys, h.allKeys,
		r.stream, r.sequence, r.id, r.time, r.kind, r.actor, r.hash, r.seal, r.data, r.salt, r.private,
	}
}

// headColumns are batches without their records, a slice for each column.
type headColumns struct {
	stream            []pgtype.UUID
	expect, sequence  []int64
	prev, hash, state [][]byte
	kind, allKeys     []string
	time              []time.Time
	due               []*time.Time
	open              []bool
	keys              []int32
}

func newHeadColumns(n int) *headColumns {
	return &headColumns{
		stream: make([]pgtype.UUID, n), expect: make([]int64, n), sequence: make([]int64, n),
		prev: make([][]byte, n), hash: make([][]byte, n), state: make([][]byte, n),
		kind: make([]string, n), allKeys: []string{}, time: make([]time.Time, n), due: make([]*time.Time, n),
		open: make([]bool, n), keys: make([]int32, n),
	}
}

func (c *headColumns) set(i int, b *history.Batch) {
	h := &b.Head
	c.stream[i], c.expect[i], c.sequence[i] = id(b.Stream), int64(b.Expect), int64(h.Sequence)
	c.prev[i], c.hash[i], c.state[i] = b.Prev[:], h.Hash[:], filled(h.State)
	c.kind[i], c.time[i], c.open[i] = h.Kind, h.Time, h.Open
	if !h.Due.IsZero() {
		c.due[i] = &h.Due
	}
	c.keys[i] = int32(len(h.Keys))
	from := len(c.allKeys)
	c.allKeys = append(c.allKeys, h.Keys...)
	slices.Sort(c.allKeys[from:])
}

// recordColumns are records, a slice for each column.
type recordColumns struct {
	stream, id                      []pgtype.UUID
	sequence                        []int64
	time                            []time.Time
	kind, actor                     []string
	hash, seal, data, salt, private [][]byte
}

func newRecordColumns(n int) *recordColumns {
	return &recordColumns{
		stream: make([]pgtype.UUID, 0, n), id: make([]pgtype.UUID, 0, n), sequence: make([]int64, 0, n),
		time: make([]time.Time, 0, n), kind: make([]string, 0, n), actor: make([]string, 0, n),
		hash: make([][]byte, 0, n), seal: make([][]byte, 0, n), data: make([][]byte, 0, n),
		salt: make([][]byte, 0, n), private: make([][]byte, 0, n),
	}
}

func (c *recordColumns) add(r *history.Record) {
	var seal []byte
	if r.Seal != (history.Hash{}) {
		seal = r.Seal[:]
	}
	c.stream, c.id, c.sequence = append(c.stream, id(r.Stream)), append(c.id, id(r.ID)), append(c.sequence, int64(r.Sequence))
	c.time, c.kind, c.actor = append(c.time, r.Time), append(c.kind, r.Type), append(c.actor, r.Actor)
	c.hash, c.seal, c.data = append(c.hash, r.Hash[:]), append(c.seal, seal), append(c.data, filled(r.Data))
	c.salt, c.private = append(c.salt, nullable(r.Salt)), append(c.private, nullable(r.Private))
}

// id is a UUID in a type that pgx knows without asking the server.
func id(u uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: u, Valid: true} }

// filled is for columns that are never null, and nil and empty the same.
func filled(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// nullable is for columns in which null says that there is nothing.
func nullable(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

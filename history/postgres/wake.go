package postgres

import (
	"context"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// beat is the least time between two notices of one store, however many appends there are.
const beat = 10 * time.Millisecond

// Notify tells those who wait in [Store.Wake], on all machines, that something was appended. Append and Erase of
// the store itself call it; a host whose own transaction has appended ([Store.In]) calls it after its commit. It returns at once:
// a goroutine of the store sends the notice, one for all that come within 10 milliseconds.
func (s *Store) Notify() {
	select {
	case s.appended <- struct{}{}:
	default: // one is waiting to be sent already
	}
}

// announce sends a notice after appends until the store is closed. It is a transaction of its own, because PostgreSQL lets
// one transaction at a time commit that has one.
func (s *Store) announce(ctx context.Context) {
	for {
		select {
		case <-s.appended:
			s.tell(ctx)
		case <-ctx.Done():
			select {
			case <-s.appended:
				s.tell(ctx)
			default:
			}
			return
		}
		select {
		case <-time.After(beat):
		case <-ctx.Done():
		}
	}
}

// tell sends one notice, also while the store is closed. One that cannot be sent is lost, which hints may be.
func (s *Store) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = s.pool.Exec(ctx, `SELECT pg_notify($1, '')`, channel(s.schema))
}

// channel is the name that notices go by. Of a long schema's name it has the beginning: who gets another tenant's hints
// asks the feed in vain and no more.
func channel(schema string) string {
	const longest = 63
	name := "amends:" + schema
	for len(name) > longest || !utf8.ValidString(name) { // not within a letter
		name = name[:len(name)-1]
	}
	return name
}

// silence is after how long without notices the store asks whether anybody is still there, and for how long.
const silence = 30 * time.Second

// hub hands the notices of one connection to all who wait.
type hub struct {
	turn chan struct{} // to begin to listen

	mu     sync.Mutex
	hints  map[chan struct{}]func() bool // with what stops looking at the context of each
	ends   context.CancelFunc            // ends listening; nil if nobody listens
	closed bool
}

// Wake implements [history.Waker] by LISTEN, on one connection beside the pool for all who wait, while there are any. When that connection
// is lost it is made again, and a hint given, since something may have been missed. The first connection
// is not tried for again: ErrUnavailable comes when there is none within Options.Patience. What others append in transactions of theirs gives a hint
// when they call [Store.Notify].
func (s *Store) Wake(ctx context.Context) (<-chan struct{}, error) {
	soon, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	select {
	case s.hub.turn <- struct{}{}:
		defer func() { <-s.hub.turn }()
	case <-soon.Done():
	}
	if err := ctx.Err(); err != nil {
		return nil, failed(ctx, "wake", err)
	}
	hint := make(chan struct{}, 1)
	if s.hub.join(ctx, hint) {
		return hint, nil
	}
	conn, err := s.listen(soon)
	if err != nil {
		if f := fateOf(err, lost(err)); ctx.Err() == nil && (f == unsent || f == unknown) {
			err = &unavailable{err}
		}
		return nil, failed(ctx, "wake", err)
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	if !s.hub.begin(ctx, hint, end, func() { s.work.Go(func() { s.hear(life, conn) }) }) {
		end()
		hangUp(conn)
		return nil, failed(ctx, "wake", errors.New("the store is closed"))
	}
	return hint, nil
}

// listen connects and listens.
func (s *Store) listen(ctx context.Context) (*pgx.Conn, error) {
	config := s.pool.Config()
	if config.BeforeConnect != nil { // passwords that do not last, for instance
		if err := config.BeforeConnect(ctx, config.ConnConfig); err != nil {
			return nil, err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel(s.schema)}.Sanitize()); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

// hear passes on what comes, and connects again when the connection is lost.
func (s *Store) hear(ctx context.Context, conn *pgx.Conn) {
	for pause := 20 * time.Millisecond; ; {
		for s.notice(ctx, conn) {
			pause = 20 * time.Millisecond
			s.hub.all()
		}
		hangUp(conn)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			var err error
			soon, cancel := context.WithTimeout(ctx, silence)
			conn, err = s.listen(soon)
			cancel()
			if err == nil {
				break
			}
			pause = min(2*pause, 5*time.Second)
		}
		s.hub.all()
	}
}

// notice waits for a notice, and reports whether the connection is still good.
func (s *Store) notice(ctx context.Context, conn *pgx.Conn) bool {
	for {
		quiet, cancel := context.WithTimeout(ctx, silence)
		_, err := conn.WaitForNotification(quiet)
		timedOut := quiet.Err() != nil
		cancel()
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil || !timedOut:
			return false
		}
		asked, cancel := context.WithTimeout(ctx, silence)
		err = conn.Ping(asked)
		cancel()
		if err != nil {
			return false
		}
	}
}

// hangUp closes a connection; if that fails, it was closed already.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// join adds one who waits, if somebody listens already.
func (h *hub) join(ctx context.Context, hint chan struct{}) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ends == nil {
		return false
	}
	h.add(ctx, hint)
	return true
}

// begin adds the first who waits, unless the hub is closed, and starts listening.
func (h *hub) begin(ctx context.Context, hint chan struct{}, end context.CancelFunc, start func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.ends, h.hints = end, map[chan struct{}]func() bool{}
	h.add(ctx, hint)
	start()
	return true
}

func (h *hub) add(ctx context.Context, hint chan struct{}) {
	h.hints[hint] = context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.hints[hint]; ok {
			h.leave(hint)
		}
	})
}

// leave takes one out; after the last nobody listens any more.
func (h *hub) leave(hint chan struct{}) {
	delete(h.hints, hint)
	close(hint)
	if len(h.hints) == 0 && h.ends != nil {
		h.ends()
		h.ends = nil
	}
}

func (h *hub) all() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for hint := range h.hints {
		select {
		case hint <- struct{}{}:
		default: // one is waiting to be read already
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for hint, stop := range h.hints {
		stop()
		h.leave(hint)
	}
}

package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// BenchmarkSQLiteAppend appends a commit of one batch with two records and a head, once through the store and once
// by hand, in turn, so that both meet the same disk. "ratio" is the store's time over the bare one's: at most 1.3
// is the aim.
func BenchmarkSQLiteAppend(b *testing.B) {
	for _, d := range []sqlite.Durability{sqlite.Full, sqlite.Normal} {
		b.Run(string(d), func(b *testing.B) {
			ours, hand := newStore(b, d), newBare(b, d)
			work := &work{}
			var spent, bare time.Duration
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				c := work.next(b)
				start := time.Now()
				require.NoError(b, hand.append(context.WithoutCancel(b.Context()), c))
				bare += time.Since(start)
				b.StartTimer()
				start = time.Now()
				_, err := ours.Append(b.Context(), c)
				spent += time.Since(start)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(bare.Nanoseconds())/float64(b.N), "bare-ns/op")
			b.ReportMetric(float64(spent)/float64(bare), "ratio")
		})
	}
}

// work makes commits: cases that get two records at a time, ten times, and then another case comes.
type work struct {
	writer string // names its cases, if there are several
	n      int
	head   history.Head
}

func (w *work) next(b *testing.B) history.Commit {
	b.Helper()
	if w.n%10 == 0 {
		w.head = history.Head{}
	}
	w.n++
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(w.n) * time.Second)
	stream := history.StreamOf(fmt.Sprint(w.writer, "case ", (w.n-1)/10))
	record := history.Record{
		Type: "contact.logged/1", Time: at, Actor: "agent:ana",
		Data: fill(300, w.n), Private: fill(200, w.n),
	}
	batch, err := history.Next(w.head, history.Head{
		Stream: stream, Kind: "case", Open: true, Due: at.Add(time.Hour),
		Keys: []string{fmt.Sprint("customer:", (w.n-1)/10%1000), "assignee:ana"}, State: fill(2000, w.n),
	}, record, record)
	require.NoError(b, err)
	w.head = batch.Head
	return history.Commit{Key: fmt.Sprintf("%s-%d", stream, w.n), Batches: []history.Batch{batch}}
}

func fill(size, seed int) []byte {
	text := make([]byte, size)
	for i := range text {
		text[i] = byte('a' + (i*7+seed)%26)
	}
	return text
}

func openFile(b *testing.B, pragma string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bench.db")+pragma)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	return db
}

func newStore(b *testing.B, d sqlite.Durability) *sqlite.Store {
	b.Helper()
	s, err := sqlite.New(b.Context(), openFile(b, ""), &sqlite.Options{Durability: d})
	require.NoError(b, err)
	return s
}

// bare writes the same rows into the same tables and indexes, with what a program would write that has just this to
// do: one connection of its own, statements prepared on it, one immediate transaction; no context that could end,
// no key looked up, no sequence compared, no position asked for.
type bare struct {
	db                                 *sql.DB
	record, add, move, key, drop, keep *sql.Stmt
	position                           int64
	keys                               map[uuid.UUID][]string // of each stream, as it has them
}

func newBare(b *testing.B, d sqlite.Durability) *bare {
	b.Helper()
	db := openFile(b, "?_txlock=immediate&_pragma=synchronous("+string(d)+")")
	db.SetMaxOpenConns(1)
	_, err := sqlite.New(b.Context(), db, &sqlite.Options{Durability: d}) // makes the tables
	require.NoError(b, err)
	prepare := func(text string) *sql.Stmt {
		s, err := db.PrepareContext(b.Context(), text)
		require.NoError(b, err)
		return s
	}
	return &bare{
		db:     db,
		record: prepare(`INSERT INTO amends_records (position, record) VALUES (?, ?)`),
		add:    prepare(`INSERT INTO amends_heads (sequence, hash, time, due, state, kind, open, keys, stream) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		move:   prepare(`UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ?, kind = ?, open = ?, keys = ? WHERE stream = ?`),
		drop:   prepare(`DELETE FROM amends_keys WHERE key = ? AND stream = ?`),
		keys:   map[uuid.UUID][]string{},
		key:    prepare(`INSERT INTO amends_keys (key, stream) VALUES (?, ?)`),
		keep:   prepare(`INSERT INTO amends_commits (key, digest, streams, records, first) VALUES (?, ?, ?, ?, ?)`),
	}
}

// pack makes the column record of a record of this century that has a private part.
func pack(position int64, r *history.Record) []byte {
	at := 139 + len(r.Seal)
	actor := at + len(r.Type)
	data := actor + len(r.Actor)
	salt := data + len(r.Data)
	private := salt + len(r.Salt)
	b := make([]byte, 0, private+len(r.Private))
	b = fmt.Appendf(b, "%012d", position)
	b = append(append(append(b, r.Stream[:]...), r.ID[:]...), r.Hash[:]...)
	b = fmt.Appendf(b, "%012d%019d%03d%04d%04d%010d%010d", r.Sequence, r.Time.UnixMicro(), at, actor, data, salt, private)
	b = append(append(append(append(b, r.Seal[:]...), r.Type...), r.Actor...), r.Data...)
	return append(append(b, r.Salt...), r.Private...)
}

func (s *bare) append(ctx context.Context, c history.Commit) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing to roll back once it is committed
	first := s.position + 1
	batch := &c.Batches[0]
	stream := batch.Stream[:]
	put := tx.StmtContext(ctx, s.record)
	for _, r := range batch.Records {
		s.position++
		if _, err := put.ExecContext(ctx, s.position, pack(s.position, &r)); err != nil {
			return err
		}
	}
	h := &batch.Head
	var due any
	if !h.Due.IsZero() {
		due = h.Due.UnixMicro()
	}
	values := []any{int64(h.Sequence), h.Hash[:], h.Time.UnixMicro(), due, h.State, h.Kind, h.Open, []byte(fmt.Sprint(h.Keys)), stream}
	head := s.move
	if batch.Expect == 0 {
		head = s.add
	}
	_, err = tx.StmtContext(ctx, head).ExecContext(ctx, values...)
	for _, k := range s.keys[batch.Stream] {
		if err == nil && !slices.Contains(h.Keys, k) {
			_, err = tx.StmtContext(ctx, s.drop).ExecContext(ctx, k, stream)
		}
	}
	for _, k := range h.Keys {
		if err == nil && !slices.Contains(s.keys[batch.Stream], k) {
			_, err = tx.StmtContext(ctx, s.key).ExecContext(ctx, k, stream)
		}
	}
	if err != nil {
		return err
	}
	s.keys[batch.Stream] = h.Keys
	if _, err := tx.StmtContext(ctx, s.keep).ExecContext(ctx, c.Key, c.Digest[:], stream, len(batch.Records), first); err != nil {
		return err
	}
	return tx.Commit()
}

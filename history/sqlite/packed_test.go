package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// odd are records of all lengths and kinds that there may be, each in its place of one stream.
func odd(t *testing.T, rnd *rand.Rand, n int) history.Batch {
	t.Helper()
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	records := make([]history.Record, n)
	for i := range records {
		at = at.AddDate(rnd.IntN(9998/n), 0, 0).Add(time.Duration(rnd.IntN(1_000_000)) * time.Microsecond)
		r := history.Record{
			Type:  pick("a", "größe/1", "note.added/1", strings.Repeat("t", history.MaxName)),
			Actor: pick("", "agent:ana", "客服:1", strings.Repeat("a", history.MaxName)), Time: at,
			Data: []byte(pick("", "{}", "\x00\xff:", strings.Repeat("{} ", 5000))), Private: []byte(pick("", "", ":", "secret", strings.Repeat("s", 9000))),
		}
		if len(r.Private) > 0 {
			r.Salt = []byte(pick("", ":", "1:2", "0123456789abcdef", strings.Repeat("z", 1234)))
		}
		records[i] = r
	}
	b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf(fmt.Sprint(rnd.Uint64()))}, records...)
	require.NoError(t, err)
	return b
}

// TestColumns: whoever reads the table with SQL finds every part of a record in a column, also after it was erased.
func TestColumns(t *testing.T) {
	db := pool(t, "file:"+file(t), 0)
	s, rnd := store(t, db), rand.New(rand.NewPCG(1, 2))
	for i := range 20 {
		b := odd(t, rnd, 50)
		appended(t, s, history.Commit{Key: fmt.Sprint(i), Batches: []history.Batch{b}})
		if i%2 == 0 {
			next, err := history.Next(b.Head, b.Head, history.Record{Type: "erased/1", Time: b.Head.Time})
			require.NoError(t, err)
			_, err = s.Erase(t.Context(), history.Commit{Key: fmt.Sprint("erase ", i), Batches: []history.Batch{next}})
			require.NoError(t, err)
		}
	}
	sound(t, db, s)
	want := feed(t, s)
	require.Len(t, want, 20*50+10)
	rows, err := db.QueryContext(t.Context(), `SELECT position, stream, sequence, id, time, type, actor, hash, seal, data, salt, private
		FROM amends_records ORDER BY position`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for _, w := range want {
		require.True(t, rows.Next())
		var got history.Record
		var stream, id, hash, seal []byte
		var micros int64
		require.NoError(t, rows.Scan(&got.Position, &stream, &got.Sequence, &id, &micros, &got.Type, &got.Actor, &hash, &seal, &got.Data, &got.Salt, &got.Private))
		got.Stream, got.ID, got.Hash, got.Time = uuid.UUID(stream), uuid.UUID(id), history.Hash(hash), time.UnixMicro(micros).UTC()
		assert.Equal(t, w.Seal != history.Hash{}, seal != nil)
		copy(got.Seal[:], seal)
		if len(got.Data) == 0 {
			got.Data = nil
		}
		require.Equal(t, w, got)
	}
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
}

// TestDamagedRecord: a row that this package has not written is an error that names it, wherever it is cut or bent.
func TestDamagedRecord(t *testing.T) {
	path := file(t)
	db := pool(t, "file:"+path, 0)
	s := store(t, db)
	appended(t, s, next(t, s, "one", "case", 3))
	var record, secret []byte
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT record, secret FROM amends_records WHERE position = 2`).Scan(&record, &secret))
	for name, damage := range map[string]func(record, secret []byte) ([]byte, []byte){
		"cut short":            func(r, s []byte) ([]byte, []byte) { return r[:105], s },
		"cut before the data":  func(r, s []byte) ([]byte, []byte) { return r[:140], s },
		"a letter for a digit": func(r, s []byte) ([]byte, []byte) { r[70] = 'x'; return r, s },
		"half a seal":          func(r, s []byte) ([]byte, []byte) { return slices.Concat(r[:95], []byte("123"), r[98:]), s },
		"the actor before the type": func(r, s []byte) ([]byte, []byte) {
			return slices.Concat(r[:98], []byte("0100"), r[102:]), s
		},
		"the data before the actor": func(r, s []byte) ([]byte, []byte) {
			return slices.Concat(r[:102], []byte("0140"), r[106:]), s
		},
		"a secret without a salt": func(r, _ []byte) ([]byte, []byte) { return r, []byte("secret") },
		"a salt without an end":   func(r, _ []byte) ([]byte, []byte) { return r, []byte("16") },
		"a salt that is longer":   func(r, s []byte) ([]byte, []byte) { return r, append([]byte("999"), s...) },
		"a salt beyond all bounds": func(r, s []byte) ([]byte, []byte) {
			return r, append(bytes.Repeat([]byte("9"), 40), s...)
		},
	} {
		r, c := damage(bytes.Clone(record), bytes.Clone(secret))
		_, err := sqlite.Unpack(r, c)
		require.Error(t, err, name)
		_, err = db.ExecContext(t.Context(), `UPDATE amends_records SET record = ?, secret = ? WHERE position = 2`, r, c)
		require.NoError(t, err, name)
		_, err = s.Feed(t.Context(), 0, 10)
		require.ErrorContains(t, err, "record at position 2: damaged: ", name)
	}
	_, err := db.ExecContext(t.Context(), `UPDATE amends_records SET record = ?, secret = ? WHERE position = 2`, record, secret)
	require.NoError(t, err)
	sound(t, db, s)
}

// TestTooManyRecords: beyond what the places of a row hold, nothing is written.
func TestTooManyRecords(t *testing.T) {
	db := pool(t, "file:"+file(t), 0)
	s := store(t, db)
	appended(t, s, next(t, s, "one", "case", 1))
	_, err := db.ExecContext(t.Context(), `UPDATE amends_heads SET sequence = 999999999999`)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), next(t, s, "two", "case", 1))
	require.ErrorContains(t, err, "sequence 1000000000000: SQLite keeps no more than 999999999999 records of a stream")
	require.Len(t, feed(t, s), 1)
}

func FuzzUnpack(f *testing.F) {
	for _, r := range []history.Record{
		{Type: "a"},
		{Type: "note.added/1", Actor: "agent:ana", Time: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), Sequence: 7, Data: []byte("{}")},
		{Type: "b", Salt: []byte("0123456789abcdef"), Private: []byte("secret"), Seal: history.Hash{1}},
	} {
		record, secret, err := sqlite.Pack(r)
		require.NoError(f, err)
		f.Add(record, secret)
	}
	f.Fuzz(func(t *testing.T, record, secret []byte) {
		r, err := sqlite.Unpack(record, secret)
		if err != nil {
			return
		}
		record, secret, err = sqlite.Pack(r)
		require.NoError(t, err)
		again, err := sqlite.Unpack(record, secret)
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

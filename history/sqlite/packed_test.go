package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
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
	var record []byte
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT record FROM amends_records WHERE position = 2`).Scan(&record))
	move := func(from, to, by int) []byte { // a number in these places, counted from 0
		moved := bytes.Clone(record)
		n, err := strconv.Atoi(string(moved[from:to]))
		require.NoError(t, err)
		copy(moved[from:to], fmt.Sprintf("%0*d", to-from, n+by))
		return moved
	}
	for name, damaged := range map[string][]byte{
		"empty":                        {},
		"cut in its places":            record[:137],
		"cut before the data":          record[:180],
		"cut within the salt":          record[:len(record)-len("text 2 of case")-3],
		"without its private text":     record[:len(record)-len("text 2 of case")],
		"a letter for a digit":         slices.Concat(record[:80], []byte("x"), record[81:]),
		"half a seal":                  move(107, 110, -16),
		"the actor before the type":    move(110, 114, -20),
		"the data before the actor":    move(114, 118, -20),
		"the salt before the data":     move(118, 128, -300),
		"the salt after the private":   move(118, 128, 17),
		"the private text beyond":      move(128, 138, 1000),
		"the private text at the salt": move(128, 138, -16),
	} {
		_, err := sqlite.Unpack(damaged)
		require.Error(t, err, name)
		_, err = db.ExecContext(t.Context(), `UPDATE amends_records SET record = ? WHERE position = 2`, damaged)
		require.NoError(t, err, name)
		_, err = s.Feed(t.Context(), 0, 10)
		require.ErrorContains(t, err, "damaged: ", name)
		if len(damaged) > 0 {
			require.ErrorContains(t, err, "record at position 2: ", name)
		}
	}
	for position, says := range map[string]string{"000000000001": "position 1 comes after 1", "000000000000": "position 0 comes after 1"} {
		_, err := db.ExecContext(t.Context(), `UPDATE amends_records SET record = ? WHERE position = 2`, append([]byte(position), record[12:]...))
		require.NoError(t, err)
		_, err = s.Feed(t.Context(), 0, 10)
		require.ErrorContains(t, err, says)
	}
	_, err := db.ExecContext(t.Context(), `UPDATE amends_records SET record = ? WHERE position = 2`, record)
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
	want := feed(t, s)
	require.Len(t, want, 1)
	_, err = db.ExecContext(t.Context(), `UPDATE amends_records SET position = 999999999999`)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), next(t, s, "three", "another case", 1))
	require.ErrorContains(t, err, "CHECK constraint failed: position < 1000000000000")
	require.Equal(t, want, feed(t, s))
}

func FuzzUnpack(f *testing.F) {
	for _, r := range []history.Record{
		{Type: "a"},
		{Type: "note.added/1", Actor: "agent:ana", Time: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), Sequence: 7, Data: []byte("{}")},
		{Type: "b", Salt: []byte("0123456789abcdef"), Private: []byte("secret"), Seal: history.Hash{1}},
	} {
		column, err := sqlite.Pack(r)
		require.NoError(f, err)
		f.Add(column)
	}
	f.Fuzz(func(t *testing.T, column []byte) {
		r, err := sqlite.Unpack(column)
		if err != nil {
			return
		}
		column, err = sqlite.Pack(r)
		require.NoError(t, err)
		again, err := sqlite.Unpack(column)
		require.NoError(t, err)
		r.Position = 1
		require.Equal(t, r, again)
	})
}

package history_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

func noon() time.Time { return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) }

// known is a stream of which everything is fixed that Next would make up.
func known(t *testing.T) history.Batch {
	t.Helper()
	id := func(n int) uuid.UUID { return uuid.MustParse(fmt.Sprintf("0192a000-0000-7000-8000-%012d", n)) }
	b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("customer:42")},
		history.Record{
			ID: id(1), Type: "case.opened/1", Time: noon(), Actor: "agent:ana", Data: []byte(`{"channel":"email"}`),
			Private: []byte("Laptop dead after two weeks. 😡"), Salt: []byte("0123456789abcdef"),
		},
		history.Record{ID: id(2), Type: "case.acknowledged/1", Time: noon().Add(time.Microsecond), Data: []byte{0, 0xFF}},
		history.Record{ID: id(3), Type: "é/1", Time: time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), Actor: strings.Repeat("long", 128)},
	)
	require.NoError(t, err)
	early, err := history.Next(history.Head{}, history.Head{Stream: uuid.MustParse("0192a000-0000-7000-8000-000000000000")},
		history.Record{ID: id(4), Type: "x/1", Private: []byte{0}, Salt: []byte{1}}) // in the year 1
	require.NoError(t, err)
	b.Records = append(b.Records, early.Records...)
	return b
}

// The stored format is a contract: if this test fails, histories that exist can no longer be verified. Do not change the file.
func TestStoredFormat(t *testing.T) {
	var got strings.Builder
	for _, r := range known(t).Records {
		fmt.Fprintf(&got, "%s %s %d\n\thash %s\n\tseal %s\n", r.ID, r.Stream, r.Sequence, r.Hash, r.Seal)
	}
	want, err := os.ReadFile("testdata/chain.golden")
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}

// The documented format, written down once more.
func TestChainFollowsItsDescription(t *testing.T) {
	for _, r := range known(t).Records {
		var prev history.Hash
		if r.Sequence > 1 {
			prev = known(t).Records[r.Sequence-2].Hash
		}
		number := func(n int64) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) }
		data := sha256.Sum256(r.Data)
		want := sha256.Sum256([]byte("amends/1" + string(prev[:]) + string(r.ID[:]) + string(r.Stream[:]) +
			number(int64(r.Sequence)) + number(r.Time.UnixMicro()) +
			number(int64(len(r.Type))) + r.Type + number(int64(len(r.Actor))) + r.Actor + string(data[:]) + string(r.Seal[:])))
		assert.Equal(t, history.Hash(want), r.Hash)
		if len(r.Private) > 0 {
			mac := hmac.New(sha256.New, r.Salt)
			mac.Write(r.Private)
			assert.Equal(t, mac.Sum(nil), r.Seal[:])
		}
	}
}

func TestStreamOfNamesForever(t *testing.T) {
	assert.Equal(t, "79a94c0d-6130-528d-b3c7-45d1579abd72", history.StreamOf("customer:42").String())
}

func TestNextFillsInWhatTiesARecord(t *testing.T) {
	zone := time.FixedZone("", 3600)
	prev := history.Head{Stream: history.StreamOf("a"), Kind: "case", Sequence: 4, Hash: history.Hash{1}, Time: noon()}
	next := history.Head{Stream: prev.Stream, Kind: "case", Due: noon().In(zone).Add(1999), Keys: []string{"k"}, State: []byte("s")}
	given := []history.Record{
		{Type: "a/1", Time: noon().Add(-time.Hour), Data: []byte("d")},
		{Type: "b/1", Time: noon().In(zone).Add(1999), Private: []byte("p"), Position: 9},
		{Type: "c/1", Time: noon().Add(time.Second), Private: []byte{}, Salt: []byte("left over"), Seal: history.Hash{2}, ID: uuid.Max},
	}
	b, err := history.Next(prev, next, given...)
	require.NoError(t, err)
	require.NoError(t, history.Commit{Key: "k", Batches: []history.Batch{b}}.Check())

	assert.Equal(t, prev.Stream, b.Stream)
	assert.EqualValues(t, 4, b.Expect)
	assert.Equal(t, prev.Hash, b.Prev)
	for i, r := range b.Records {
		assert.Equal(t, prev.Stream, r.Stream)
		assert.EqualValues(t, 5+i, r.Sequence)
	}
	assert.Equal(t, noon(), b.Records[0].Time, "a clock that runs backwards is held")
	assert.Equal(t, noon().Add(time.Microsecond), b.Records[1].Time, "UTC and microseconds")
	assert.Equal(t, noon().Add(time.Microsecond), b.Head.Due)
	assert.Len(t, b.Records[1].Salt, 16)
	assert.Empty(t, b.Records[2].Salt)
	assert.Zero(t, b.Records[2].Seal)
	assert.False(t, b.Records[2].Erased())
	assert.Equal(t, uuid.Max, b.Records[2].ID, "an ID that is set is kept")
	last := b.Records[2]
	want := next
	want.Sequence, want.Hash, want.Time, want.Due = last.Sequence, last.Hash, last.Time, noon().Add(time.Microsecond)
	assert.Equal(t, want, b.Head)
	assert.Zero(t, given[0].Sequence, "the caller's records are not changed")
	assert.Equal(t, []byte("left over"), given[2].Salt)
}

func TestNextWithoutRecordsKeepsTheChainWhereItIs(t *testing.T) {
	prev := history.Head{Stream: history.StreamOf("a"), Sequence: 4, Hash: history.Hash{1}, Time: noon()}
	b, err := history.Next(prev, history.Head{Stream: prev.Stream, State: []byte("new")})
	require.NoError(t, err)
	assert.Empty(t, b.Records)
	assert.EqualValues(t, 4, b.Expect)
	assert.Equal(t, prev.Hash, b.Prev)
	assert.Equal(t, history.Head{Stream: prev.Stream, Sequence: 4, Hash: history.Hash{1}, Time: noon(), State: []byte("new")}, b.Head)
}

func TestNextMakesIDsOfVersion7(t *testing.T) {
	seen := map[uuid.UUID]bool{}
	for _, at := range []time.Time{noon(), {}, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		records := make([]history.Record, 1000)
		for i := range records {
			records[i] = history.Record{Type: "x/1", Time: at.Add(time.Duration(i/100) * time.Millisecond)}
		}
		b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("a")}, records...)
		require.NoError(t, err)
		for i, r := range b.Records {
			require.False(t, seen[r.ID], "twice")
			seen[r.ID] = true
			require.EqualValues(t, 7, r.ID.Version())
			require.Equal(t, uuid.RFC4122, r.ID.Variant())
			if i > 0 {
				require.Greater(t, r.ID.String(), b.Records[i-1].ID.String(), "IDs of one batch rise")
			}
		}
		if at.Year() > 1970 {
			id := b.Records[0].ID
			ms := int64(binary.BigEndian.Uint64(append([]byte{0, 0}, id[:6]...)))
			assert.Equal(t, at.UnixMilli(), ms)
		}
	}
}

func TestNextSaltsEveryRecordAnew(t *testing.T) {
	records := make([]history.Record, 100)
	for i := range records {
		records[i] = history.Record{Type: "x/1", Private: []byte("the same")}
	}
	b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("a")}, records...)
	require.NoError(t, err)
	seals := map[history.Hash]bool{}
	for _, r := range b.Records {
		seals[r.Seal] = true
	}
	assert.Len(t, seals, len(records), "equal texts have different seals")
}

func TestNextRefuses(t *testing.T) {
	a, b := history.StreamOf("a"), history.StreamOf("b")
	_, err := history.Next(history.Head{Stream: a}, history.Head{Due: noon().AddDate(8000, 0, 0)},
		history.Record{Time: noon()}, history.Record{Time: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.ErrorIs(t, err, history.ErrInvalid)
	for _, part := range []string{"stream id is zero", "want " + a.String(), "next head's due", "record 2: time"} {
		assert.ErrorContains(t, err, part)
	}
	_, err = history.Next(history.Head{Stream: a}, history.Head{Stream: b})
	assert.ErrorIs(t, err, history.ErrInvalid)
}

// Any change to any record changes its hash, and with it all that follow.
func TestEveryFieldIsChained(t *testing.T) {
	base := known(t).Records[0]
	next := func(r history.Record) history.Record {
		b, err := history.Next(history.Head{}, history.Head{Stream: r.Stream}, r)
		require.NoError(t, err)
		return b.Records[0]
	}
	for name, change := range map[string]func(r *history.Record){
		"ID":      func(r *history.Record) { r.ID[3]++ },
		"Stream":  func(r *history.Record) { r.Stream[3]++ },
		"Type":    func(r *history.Record) { r.Type, r.Actor = r.Type+r.Actor[:1], r.Actor[1:] },
		"Time":    func(r *history.Record) { r.Time = r.Time.Add(time.Microsecond) },
		"Actor":   func(r *history.Record) { r.Actor = "agent:ben" },
		"Data":    func(r *history.Record) { r.Data = []byte(`{}`) },
		"Private": func(r *history.Record) { r.Private = []byte("changed") },
		"Salt":    func(r *history.Record) { r.Salt = []byte("changed") },
	} {
		r := base
		change(&r)
		assert.NotEqual(t, base.Hash, next(r).Hash, name)
	}
	r := base
	r.Position = rand.Uint64()
	assert.Equal(t, base.Hash, next(r).Hash, "the position is the store's")
}

package history_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

func TestQueryMatches(t *testing.T) {
	h := history.Head{Stream: uuid.Max, Kind: "case", Open: true, Due: noon(), Keys: []string{"a", "b"}}
	for _, c := range []struct {
		query history.Query
		want  bool
	}{
		{history.Query{}, true},
		{history.Query{Kind: "case", Key: "b", Open: true, DueBy: noon()}, true},
		{history.Query{Kind: "cas"}, false},
		{history.Query{Key: "A"}, false},
		{history.Query{DueBy: noon().Add(-1)}, false},
		{history.Query{DueBy: noon().Add(1)}, true},
		{history.Query{After: history.Mark{Stream: history.StreamOf("a")}}, true},
		{history.Query{After: h.Mark()}, false},
		{history.Query{DueBy: noon(), After: h.Mark()}, false},
		{history.Query{DueBy: noon(), After: history.Mark{Due: noon(), Stream: history.StreamOf("a")}}, true},
		{history.Query{DueBy: noon(), After: history.Mark{Due: noon().Add(-1), Stream: uuid.Max}}, true},
		{history.Query{After: history.Mark{Due: noon().Add(1), Stream: history.StreamOf("a")}}, true}, // Due doesn't count
	} {
		assert.Equal(t, c.want, c.query.Matches(h), "%+v", c.query)
	}
	assert.True(t, history.Query{}.Matches(history.Head{}))
	assert.False(t, history.Query{Open: true}.Matches(history.Head{}))
	assert.False(t, history.Query{DueBy: noon()}.Matches(history.Head{}), "never due")
}

func TestPageSize(t *testing.T) {
	for limit, want := range map[int]int{-1: 1000, 0: 1000, 1: 1, 999: 999, 1000: 1000, 1001: 1000} {
		assert.Equal(t, want, history.PageSize(limit), limit)
	}
}

// Whatever is appended, Memory's indexes find what a look at all heads would find.
func TestMemoryFindsHeadsAsIfItLookedAtAll(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 1))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	m, heads := new(history.Memory), map[uuid.UUID]history.Head{}
	for commit := range 3000 {
		// Many streams at first, so that lists grow long; then changes, which make them shrink and grow.
		h := history.Head{Stream: history.StreamOf(strconv.Itoa(rnd.IntN(1200)))}
		h.Kind, h.Open = pick("case", "case", "case", "ledger", ""), rnd.IntN(3) > 0
		for _, k := range []string{"customer:" + strconv.Itoa(rnd.IntN(50)), "assignee:" + pick("ana", "ben"), "step:" + pick("received", "clarified")} {
			if rnd.IntN(4) > 0 {
				h.Keys = append(h.Keys, k)
			}
		}
		if rnd.IntN(3) > 0 {
			h.Due = noon().Add(time.Duration(rnd.IntN(500)) * time.Minute)
		}
		b, err := history.Next(heads[h.Stream], h)
		require.NoError(t, err)
		_, err = m.Append(t.Context(), history.Commit{Key: strconv.Itoa(commit), Batches: []history.Batch{b}})
		require.NoError(t, err)
		heads[h.Stream] = b.Head

		if commit%20 > 0 {
			continue
		}
		q := history.Query{Kind: pick("", "", "case", "ledger"), Open: rnd.IntN(2) == 0, Limit: 1 + rnd.IntN(300)}
		q.Key = pick("", "", "assignee:ana", "step:received", "customer:7", "nobody")
		if rnd.IntN(2) == 0 {
			q.DueBy = noon().Add(time.Duration(rnd.IntN(600)) * time.Minute)
		}
		var want []history.Head
		for _, h := range heads {
			if q.Matches(h) {
				want = append(want, h)
			}
		}
		slices.SortFunc(want, q.Compare)
		var got []history.Head
		for h, err := range history.Heads(t.Context(), m, q) {
			require.NoError(t, err)
			got = append(got, h)
		}
		require.Equal(t, want, got, "seed %d, commit %d, %+v", seed, commit, q)
	}
}

func TestHashReadsWhatItWrites(t *testing.T) {
	h := history.Hash{0x01, 0xAB}
	assert.Equal(t, "01ab"+fmt.Sprintf("%060d", 0), h.String())
	text, err := json.Marshal(h)
	require.NoError(t, err)
	var back history.Hash
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, h, back)
	for _, bad := range []string{"", "01", h.String() + "00", "zz" + h.String()[2:]} {
		assert.ErrorIs(t, back.UnmarshalText([]byte(bad)), history.ErrInvalid)
		assert.Equal(t, h, back, "a bad text changes nothing")
	}
}

func FuzzHash(f *testing.F) {
	f.Add("01ab")
	f.Add(history.Hash{1}.String())
	f.Add("É" + history.Hash{1}.String()[2:])
	f.Fuzz(func(t *testing.T, text string) {
		var h, again history.Hash
		if h.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(h.String())); err != nil || again != h {
			t.Errorf("%q is read as %v, which is read as %v, %v", text, h, again, err)
		}
	})
}

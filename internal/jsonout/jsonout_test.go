package jsonout_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/internal/jsonout"
)

type (
	name string

	inner struct {
		ID     int  `json:"id"`
		Shared bool `json:"shared"`
		Only   name `json:"only,omitempty"`
	}
	// unexported types that are embedded still show their exported fields.
	other struct {
		Shared bool
		Twice  int
	}
	rival struct{ Twice int }

	shy bool

	self struct {
		Next *self `json:"next,omitempty"`
	}

	all struct {
		inner
		other
		rival
		ID       uuid.UUID         `json:"id"`
		Text     string            `json:"text"`
		Name     name              `json:"name,omitempty"`
		Whole    int64             `json:"whole,omitempty"`
		Count    uint8             `json:"count"`
		Share    float64           `json:"share,omitempty"`
		On       *bool             `json:"on,omitempty"`
		Off      *bool             `json:"off"`
		At       time.Time         `json:"at"`
		Later    time.Time         `json:"later,omitzero"`
		Sub      inner             `json:"sub,omitzero"`
		Empty    inner             `json:"empty,omitempty"` //nolint:modernize // to see that it has no effect
		Subs     []inner           `json:"subs"`
		Pointers []*inner          `json:"pointers,omitempty"`
		Times    []time.Time       `json:"times,omitempty"`
		Bytes    []byte            `json:"bytes,omitempty"`
		Map      map[string]string `json:"map,omitempty"`
		Any      any               `json:"any,omitempty"`
		Raw      json.RawMessage   `json:"raw,omitempty"`
		Self     self              `json:"self"`
		Shy      shy               `json:"shy,omitzero"`
		Both     []string          `json:"both,omitempty,omitzero"`
		Hidden   int               `json:"-"`
		NoTag    int
		private  int
	}

	// odd has what only encoding/json knows.
	odd struct {
		*inner
		Quoted int `json:"quoted,string"`
	}
)

// IsZero has a pointer for a receiver, as the fewest do.
func (s *shy) IsZero() bool { return bool(*s) }

// as checks that a value is written as by encoding/json.
func as[T any](t *testing.T, v T) {
	t.Helper()
	want, failed := json.Marshal(&v)
	plan := jsonout.For[T]()
	got, err := plan.Marshal(&v)
	if failed != nil {
		require.Error(t, err)
		assert.Nil(t, got)
		return
	}
	require.NoError(t, err)
	_, err = plan.Marshal(new(T)) // into the same buffer
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestAsEncodingJSON(t *testing.T) {
	yes := true
	at := time.Date(2026, 3, 29, 2, 30, 0, 123456000, time.FixedZone("", 3600))
	full := all{
		inner: inner{1, true, "x"}, other: other{true, 1}, rival: rival{2}, ID: uuid.UUID{1, 2, 254}, Text: `a "quoted" <b> & \ \u2028 ` + "\u2028\x00\xffé😀",
		Name: "n", Whole: math.MinInt64, Count: 255, Share: 0.1, On: &yes, Off: &yes, At: at, Later: at, Sub: inner{ID: 2}, Subs: []inner{{}, {ID: 3}},
		Pointers: []*inner{nil, {ID: 1}}, Times: []time.Time{at}, Bytes: []byte("bytes"), Map: map[string]string{"b": "2", "a": "1"}, Any: []any{1, "two", nil},
		Raw: json.RawMessage(`{"a": [1, 2]}`), Self: self{&self{&self{}}}, Shy: false, Both: []string{"<"}, Hidden: 1, NoTag: 2, private: 3,
	}
	as(t, full)
	as(t, all{Subs: []inner{}, Shy: true})
	as(t, []all{full, {}})
	as(t, []*all(nil))
	as(t, odd{inner: &inner{ID: 7}, Quoted: 3})
	as(t, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) // an error
	as(t, struct {
		A []time.Time
		B float64
	}{B: math.NaN()})
	as(t, all{Any: func() {}})
}

// FuzzAsEncodingJSON holds texts of all kinds beside encoding/json.
func FuzzAsEncodingJSON(f *testing.F) {
	f.Add("", int64(0))
	f.Add("\u2029<script>\x7f", int64(-1))
	f.Fuzz(func(t *testing.T, text string, n int64) {
		as(t, all{Text: text, Name: name(text), Both: []string{text}, Whole: n, At: time.Unix(n%1e11, n%1e9).UTC()})
	})
}

package recovery_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/recovery"
)

// TestCommandsGoThroughJSON: what a host's API takes as JSON is the command that its client meant.
func TestCommandsGoThroughJSON(t *testing.T) {
	h := newHouse(t)
	for _, x := range every(h.Now()) {
		data, err := json.Marshal(x.cmd)
		require.NoError(t, err)
		got, err := recovery.DecodeCommand(x.name, data)
		require.NoError(t, err, "%s: %s", x.name, data)
		assert.Equal(t, x.cmd, got)
		assert.Equal(t, x.name, recovery.CommandName(got))
	}
	for _, nothing := range []string{"", " \n"} {
		got, err := recovery.DecodeCommand("resume", []byte(nothing))
		require.NoError(t, err)
		assert.Equal(t, recovery.Resume{}, got)
	}
	assert.Empty(t, recovery.CommandName(nil))
	assert.Empty(t, recovery.CommandName(&recovery.Resume{}), "none that a desk takes")
}

func TestBadJSONOfCommands(t *testing.T) {
	for _, x := range []struct{ name, data, want string }{
		{"aprove", "{}", `unknown command "aprove" (did you mean "approve"?)`},
		{"accept", `{"optoin": 1}`, `unknown field "optoin"`},
		{"accept", `{"option": "1"}`, "option"},
		{"accept", `{} {}`, "data after the value"},
		{"note", `null`, "want an object"},
		{"note", `[]`, "array"},
		{"note", "{\"text\": \"a\xffb\"}", "not valid UTF-8"},
		{"note", `{"text": "` + strings.Repeat("x", 4<<20) + `"}`, "at most 4194304"},
	} {
		_, err := recovery.DecodeCommand(x.name, []byte(x.data))
		require.ErrorIs(t, err, recovery.ErrInvalid)
		assert.ErrorContains(t, err, x.want)
	}
}

// TestOverdue: what was due and is still owed can be listed, whether or not anything is due next.
func TestOverdue(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "ack", "metric": "acknowledgement", "target": "1h"}`))
	late, early := h.At(recovery.StepReceived), h.At(recovery.StepAcknowledged)
	overdue := func() []recovery.Case {
		p, err := h.Cases(t.Context(), recovery.Query{Overdue: true, Open: true})
		require.NoError(t, err)
		return p.Cases
	}
	assert.Empty(t, overdue())
	h.Advance(2 * time.Hour)
	require.Len(t, overdue(), 1)
	assert.Equal(t, late.ID, overdue()[0].ID)
	assert.Zero(t, overdue()[0].Due())

	h.do(h.ana, late, recovery.Acknowledge{})
	assert.Empty(t, overdue())
	c := h.do(h.ana, early, recovery.Promise{What: callBack, Within: "1h"})
	h.Advance(2 * time.Hour)
	require.Len(t, overdue(), 1)
	h.do(h.ana, c, recovery.Fulfil{Promise: 1})
	assert.Empty(t, overdue())
}

func FuzzDecodeCommand(f *testing.F) {
	f.Add("propose", []byte(`{"remedies":[{"kind":"refund","amount":{"amount":"1.00","currency":"EUR"}}],"promises":[{"what":"x","within":"2h"}]}`))
	f.Add("learn", []byte(`{"facts":{"a":1,"b":true}}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		c, err := recovery.DecodeCommand(name, data)
		if err != nil {
			require.ErrorIs(t, err, recovery.ErrInvalid)
			return
		}
		require.Equal(t, name, recovery.CommandName(c))
	})
}

package sla_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// TestClockAppendJSON: what AppendJSON writes is what encoding/json writes, to the byte.
func TestClockAppendJSON(t *testing.T) {
	at := time.Date(2026, 11, 16, 9, 0, 0, 123_000, time.UTC)
	target, err := sla.ParseTarget("close of 3 business days")
	require.NoError(t, err)
	for _, c := range []sla.Clock{
		{},
		{ID: "answer", Objective: "answer", Metric: sla.Acknowledgement, Target: target, Cycle: 1, Started: at, Due: at, Thresholds: []sla.Threshold{{At: at, Name: "due"}}},
		{
			ID: "promise:3", Objective: "Zusage \"größer\" <&>\u2028", Metric: sla.Promise, Agreement: sla.Digest{1, 2, 0xff}, Target: target, Cycle: 12, Statutory: true,
			Started: at, Pauses: []sla.Pause{{From: at, To: at}, {From: at}}, Fixed: at, Due: at,
			Thresholds: []sla.Threshold{{At: at, Name: "75%", Notify: "süpervizör"}, {Name: "due"}}, Fired: 2, BreachedAt: at, StoppedAt: at, Withdrawn: true,
		},
	} {
		want, err := json.Marshal(c)
		require.NoError(t, err)
		got, err := c.AppendJSON([]byte("before"))
		require.NoError(t, err)
		require.Equal(t, "before"+string(want), string(got))
	}
}

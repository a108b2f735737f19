package recovery_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// lifecycle takes one complaint through the five steps, in six commits.
func lifecycle(b *testing.B, d *recovery.Desk) {
	b.Helper()
	ctx := b.Context()
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := d.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Category: "quality", Summary: "it does not work"})
	do := func(cmds ...recovery.Command) {
		if err == nil {
			c, err = d.Do(ctx, c.ID, ana, cmds...)
		}
	}
	do(recovery.Acknowledge{Text: "I am sorry."})
	do(recovery.Clarify{Restated: "it does not turn on", Basis: recovery.Confirmed})
	do(recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement}}}, recovery.Present{Text: "a new one"})
	do(recovery.Accept{})
	do(recovery.CheckBack{Satisfied: true, Score: 9}, recovery.Close{As: recovery.Satisfied})
	if err != nil || c.Step != recovery.StepClosed {
		b.Fatal(c.Step, err)
	}
}

// BenchmarkLifecycle is one complaint through the five steps in memory: six
// commits, eleven records, policy and clocks.
func BenchmarkLifecycle(b *testing.B) {
	d, err := recovery.New(new(history.Memory), options(b))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		lifecycle(b, d)
	}
}

// BenchmarkCommand is one command on a case with few and with many records: the
// cost does not grow with the past.
func BenchmarkCommand(b *testing.B) {
	for _, n := range []struct {
		name    string
		records int
	}{{"10", 10}, {"1000", 1000}} {
		b.Run(n.name, func(b *testing.B) {
			ctx := b.Context()
			ana := recovery.Actor{ID: "ana", Role: "agent"}
			d, err := recovery.New(new(history.Memory), options(b))
			require.NoError(b, err)
			c, err := d.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Category: "quality"})
			require.NoError(b, err)
			long := func() {
				c, err = d.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Category: "quality"})
				for err == nil && int(c.Sequence) < n.records {
					c, err = d.Do(ctx, c.ID, ana, recovery.Contact{Out: true, Text: "still on it"})
				}
				require.NoError(b, err)
			}
			long()
			b.ReportAllocs()
			done := 0
			for b.Loop() {
				if c, err = d.Do(ctx, c.ID, ana, recovery.Contact{Text: "any news?"}); err != nil {
					b.Fatal(err)
				}
				if done++; done%n.records == 0 { // stay near the length that is measured
					b.StopTimer()
					long()
					b.StartTimer()
				}
			}
		})
	}
}

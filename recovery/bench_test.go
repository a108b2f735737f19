package recovery_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

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

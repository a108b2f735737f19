package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

const retailPolicy = `{
  "name": "retail", "version": "1", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "help", "effect": "allow", "remedies": ["repair", "replacement", "callback"], "role": "agent"},
    {"id": "money", "effect": "allow", "remedies": ["refund", "voucher"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}}
  ]
}`

const retailAgreement = `{
  "name": "retail", "version": "1",
  "calendars": [{"name": "office", "zone": "Europe/Berlin", "weekly": {"mon-fri": ["09:00-17:30"]}}],
  "objectives": [
    {"id": "answer", "metric": "acknowledgement", "target": "8 working hours", "calendar": "office", "warn": ["75%"], "personOnly": true},
    {"id": "solution", "metric": "solution", "target": "3 business days", "calendar": "office", "pause": ["customer"]},
    {"id": "promises", "metric": "promise", "calendar": "office", "warn": ["2h before"]}
  ]
}`

func newDesk(b *testing.B, s history.Store) *recovery.Desk {
	b.Helper()
	rules, err := policy.Load([]byte(retailPolicy), nil)
	require.NoError(b, err)
	agreement, err := sla.Load([]byte(retailAgreement))
	require.NoError(b, err)
	d, err := recovery.New(s, &recovery.Options{Policy: rules, Agreement: agreement})
	require.NoError(b, err)
	return d
}

// lifecycle takes one complaint through the five steps, with a promise: six commits, thirteen records.
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
	do(recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Replacement}}, Promises: []recovery.Promise{{What: "a new one", Within: "2 business days"}},
	}, recovery.Present{Text: "a new one by Wednesday"})
	do(recovery.Accept{})
	do(recovery.Fulfil{}, recovery.CheckBack{Satisfied: true, Score: 9}, recovery.Close{As: recovery.Satisfied})
	if err != nil || c.Step != recovery.StepClosed {
		b.Fatal(c.Step, err)
	}
}

// firstContact is the same on the first call: the same records, one commit.
func firstContact(b *testing.B, d *recovery.Desk) {
	b.Helper()
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := d.Open(b.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Category: "quality", Summary: "it does not work"},
		recovery.Acknowledge{Text: "I am sorry."},
		recovery.Clarify{Restated: "it does not turn on", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Replacement}}, Promises: []recovery.Promise{{What: "a new one", Within: "2 business days"}},
		}, recovery.Present{Text: "a new one by Wednesday"},
		recovery.Accept{}, recovery.Fulfil{}, recovery.CheckBack{Satisfied: true, Score: 9}, recovery.Close{As: recovery.Satisfied})
	if err != nil || c.Step != recovery.StepClosed {
		b.Fatal(c.Step, err)
	}
}

// BenchmarkLifecycleMemory is the whole library without a disk.
func BenchmarkLifecycleMemory(b *testing.B) {
	for _, way := range []struct {
		name string
		do   func(*testing.B, *recovery.Desk)
	}{{"six_commits", lifecycle}, {"one_commit", firstContact}} {
		b.Run(way.name, func(b *testing.B) {
			d := newDesk(b, new(history.Memory))
			b.ReportAllocs()
			for b.Loop() {
				way.do(b, d)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lifecycles/s")
		})
	}
}

// BenchmarkLifecycleSQLite is the whole library on a file, and in the same run the same rows written by hand, in
// as many transactions, by a program that decides nothing and reads nothing. "ratio" is the first over the second.
func BenchmarkLifecycleSQLite(b *testing.B) {
	for _, durability := range []sqlite.Durability{sqlite.Full, sqlite.Normal} {
		b.Run(string(durability), func(b *testing.B) {
			store := &seen{Store: newStore(b, durability)}
			d, hand := newDesk(b, store), newBare(b, durability)
			lifecycle(b, d)
			var bare time.Duration
			b.ReportAllocs()
			for b.Loop() {
				store.commits = store.commits[:0]
				lifecycle(b, d)
				b.StopTimer()
				start := time.Now()
				for _, c := range store.commits {
					require.NoError(b, hand.append(context.WithoutCancel(b.Context()), c))
				}
				bare += time.Since(start)
				b.StartTimer()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lifecycles/s")
			b.ReportMetric(float64(bare.Nanoseconds())/float64(b.N), "bare-ns/op")
			b.ReportMetric(float64(b.Elapsed())/float64(bare), "ratio")
		})
	}
}

// seen keeps the commits that go through it.
type seen struct {
	*sqlite.Store
	commits []history.Commit
}

func (s *seen) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	s.commits = append(s.commits, c)
	return s.Store.Append(ctx, c)
}

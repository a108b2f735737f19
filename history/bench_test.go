package history_test

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// grown is a store that holds n streams of one record each.
func grown(b *testing.B, n int) *history.Memory {
	b.Helper()
	m := new(history.Memory)
	for i := range n {
		next, rec := standing(i, 0), event(0)
		batch, err := history.Next(history.Head{}, next, rec)
		require.NoError(b, err)
		_, err = m.Append(b.Context(), history.Commit{Key: "grow " + strconv.Itoa(i), Batches: []history.Batch{batch}})
		require.NoError(b, err)
	}
	return m
}

// standing is the head that a case might have after n steps.
func standing(stream, n int) history.Head {
	steps := [...]string{"step:received", "step:acknowledged", "step:clarified", "step:approved", "step:presented", "step:resolved"}
	return history.Head{
		Stream: history.StreamOf(strconv.Itoa(stream)), Kind: "case", Open: n < len(steps)-1,
		Due:   time.UnixMicro(1_800_000_000_000_000).Add(time.Duration(stream%1000*7+n) * time.Minute),
		Keys:  []string{"customer:" + strconv.Itoa(stream/3), "assignee:" + strconv.Itoa(stream%50), steps[n%len(steps)]},
		State: make([]byte, 2048),
	}
}

func event(n int) history.Record {
	return history.Record{
		Type: "case.acknowledged/1", Actor: "agent:ana", Time: time.UnixMicro(1_790_000_000_000_000).Add(time.Duration(n) * time.Minute),
		Data: make([]byte, 300), Private: make([]byte, 120),
	}
}

// One commit as a desk makes it: a record, a head with a new step and a new due time.
func BenchmarkMemoryAppend(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			m := grown(b, n)
			// The batches are made beforehand, six of each of as many streams as are needed.
			commits := make([]history.Commit, b.N)
			var prev history.Head
			for i := range commits {
				if i%6 == 0 {
					prev = history.Head{}
				}
				batch, err := history.Next(prev, standing(n+i/6, i%6), event(i%6))
				require.NoError(b, err)
				prev = batch.Head
				commits[i] = history.Commit{Key: strconv.Itoa(i), Batches: []history.Batch{batch}}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for _, c := range commits {
				if _, err := m.Append(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMemoryHead(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			m := grown(b, n)
			ids := make([]uuid.UUID, n)
			for i := range ids {
				ids[i] = history.StreamOf(strconv.Itoa(i))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := m.Head(b.Context(), ids[i*7919%n]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMemoryHeads(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		m := grown(b, n)
		for name, q := range map[string]history.Query{
			"customer": {Key: "customer:17"},
			"due":      {Kind: "case", Open: true, DueBy: time.UnixMicro(1_800_000_000_000_000).Add(time.Hour), Limit: 50},
			"kind":     {Kind: "case", Limit: 50},
		} {
			b.Run(fmt.Sprintf("%s/streams=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if page, err := m.Heads(b.Context(), q); err != nil || len(page) == 0 {
						b.Fatal(len(page), err)
					}
				}
			})
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, private := range []bool{false, true} {
		b.Run(fmt.Sprintf("private=%v", private), func(b *testing.B) {
			prev, next, rec := standing(1, 0), standing(1, 0), event(1)
			prev.Sequence, prev.Hash = 7, sha256.Sum256(nil)
			if !private {
				rec.Private = nil
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := history.Next(prev, next, rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package history_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	historytest.TestStore(t, func(*testing.T) history.Store { return new(history.Memory) })
}

func TestMemoryErrorsSayWhere(t *testing.T) {
	s, h := holding(t, 2)
	_, err := s.Head(t.Context(), history.StreamOf("b"))
	assert.ErrorContains(t, err, history.StreamOf("b").String())

	b, err := history.Next(history.Head{}, history.Head{Stream: h.Stream}, history.Record{Type: "x/1"})
	require.NoError(t, err)
	_, err = s.Append(t.Context(), history.Commit{Key: "other", Batches: []history.Batch{b}})
	assert.EqualError(t, err, "history: stream has moved on: stream "+h.Stream.String()+" is at 2, the commit expects 0")

	past := history.Head{Stream: h.Stream, Sequence: 2, Hash: history.Hash{1}, Time: h.Time}
	b, err = history.Next(past, past)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), history.Commit{Key: "other", Batches: []history.Batch{b}})
	assert.EqualError(t, err, "history: stream has moved on: stream "+h.Stream.String()+" is at 2 as the commit expects, "+
		"but with another past: its hash is "+h.Hash.String()+", not "+past.Hash.String())

	_, err = s.Append(t.Context(), history.Commit{Key: "k", Digest: history.Hash{1}})
	assert.EqualError(t, err, `history: key was used for something else: key "k"`)
}

// Several who wait are woken each, and no goroutine stays behind.
func TestMemoryWakesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(history.Memory)
		ctx, cancel := context.WithCancel(t.Context())
		woken := make([]int, 3)
		for i := range woken {
			hints, err := m.Wake(ctx)
			require.NoError(t, err)
			go func() {
				for range hints {
					woken[i]++
				}
			}()
		}
		for _, key := range []string{"1", "2"} {
			_, err := m.Append(t.Context(), history.Commit{Key: key})
			require.NoError(t, err)
			synctest.Wait()
		}
		_, err := m.Append(t.Context(), history.Commit{Key: "2"})
		require.NoError(t, err)
		cancel()
		synctest.Wait()
		assert.Equal(t, []int{2, 2, 2}, woken, "a repeated commit wakes nobody")
		_, err = m.Append(t.Context(), history.Commit{Key: "3"})
		assert.NoError(t, err)
		_, err = m.Wake(ctx)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

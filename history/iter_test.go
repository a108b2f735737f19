package history_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// counting counts the pages that are asked for, and fails on one if told to.
type counting struct {
	*history.Memory

	pages, failAt int
}

var errDisk = errors.New("disk")

func (s *counting) page() error {
	if s.pages++; s.pages == s.failAt {
		return errDisk
	}
	return nil
}

func (s *counting) Records(ctx context.Context, id uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	if err := s.page(); err != nil {
		return nil, err
	}
	return s.Memory.Records(ctx, id, after, limit)
}

// holding is a store with one stream of n records.
func holding(t *testing.T, n int) (*counting, history.Head) {
	t.Helper()
	s, records := &counting{Memory: new(history.Memory)}, make([]history.Record, n)
	for i := range records {
		records[i] = history.Record{Type: "x/1", Time: noon()}
	}
	b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("a")}, records...)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), history.Commit{Key: "k", Batches: []history.Batch{b}})
	require.NoError(t, err)
	return s, b.Head
}

func TestStreamYieldsEveryRecordInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 249, 250, 251, 500, 1234} {
		s, h := holding(t, n)
		walk := history.Stream(t.Context(), s, h.Stream)
		for range 2 { // an iterator can be used again
			s.pages = 0
			var want uint64
			for r, err := range walk {
				require.NoError(t, err)
				want++
				require.Equal(t, want, r.Sequence)
			}
			assert.EqualValues(t, n, want)
			assert.Equal(t, n/250+1, s.pages, "pages of %d records", n)
		}
	}
}

func TestFeedGoesOnFromAPosition(t *testing.T) {
	s, _ := holding(t, 600)
	for _, after := range []uint64{0, 1, 249, 599, 600, 601} {
		want := after
		for r, err := range history.Feed(t.Context(), s, after) {
			require.NoError(t, err)
			want++
			require.Equal(t, want, r.Position)
		}
		assert.Equal(t, max(after, 600), want)
	}
}

// TestFeedLoadsAboutAsMuchAtOnce: many records if they are small, and few if they are large.
func TestFeedLoadsAboutAsMuchAtOnce(t *testing.T) {
	for size, want := range map[int][]int{0: {250, 1000, 1000}, 4096: {250, 256, 256}, 1 << 17: {250, 8, 8}, 1 << 21: {250, 1, 1}} {
		var asked []int
		s := &feeding{size: size, asked: &asked}
		for _, err := range history.Feed(t.Context(), s, 7) {
			require.NoError(t, err)
			if len(asked) == len(want) {
				break
			}
		}
		assert.Equal(t, want, asked, "pages of records of %d bytes", size)
	}
}

// feeding has an endless feed of records of one size.
type feeding struct {
	history.Store

	size  int
	asked *[]int
}

func (s *feeding) Feed(_ context.Context, after uint64, limit int) ([]history.Record, error) {
	*s.asked = append(*s.asked, limit)
	page, text := make([]history.Record, limit), make([]byte, s.size)
	for i := range page {
		page[i] = history.Record{Position: after + uint64(i) + 1, Data: text[:s.size/2], Private: text[s.size/2:]}
	}
	return page, nil
}

func TestHeadsGoOnFromAMark(t *testing.T) {
	m := new(history.Memory)
	for i := range 10 {
		h := history.Head{Stream: history.StreamOf(fmt.Sprint(i)), Due: noon()}
		b, err := history.Next(h, h)
		require.NoError(t, err)
		_, err = m.Append(t.Context(), history.Commit{Key: fmt.Sprint(i), Batches: []history.Batch{b}})
		require.NoError(t, err)
	}
	for _, q := range []history.Query{{Limit: 3}, {Limit: 5, DueBy: noon()}} {
		all, err := m.Heads(t.Context(), history.Query{DueBy: q.DueBy})
		require.NoError(t, err)
		q.After = all[3].Mark()
		var got []history.Head
		for h, err := range history.Heads(t.Context(), m, q) {
			require.NoError(t, err)
			got = append(got, h)
		}
		assert.Equal(t, all[4:], got)
	}
}

func TestALoopMayEndEarly(t *testing.T) {
	s, h := holding(t, 600)
	for r, err := range history.Stream(t.Context(), s, h.Stream) {
		require.NoError(t, err)
		if r.Sequence == 3 {
			break
		}
	}
	assert.Equal(t, 1, s.pages, "no page is loaded that nobody looks at")
}

func TestAnErrorIsTheLastPair(t *testing.T) {
	s, h := holding(t, 600)
	s.failAt = 2
	records, failed := 0, 0
	for r, err := range history.Stream(t.Context(), s, h.Stream) {
		if err != nil {
			assert.ErrorIs(t, err, errDisk)
			assert.Zero(t, r.Sequence)
			failed++
			continue // goes on asking, and gets nothing more
		}
		records++
	}
	assert.Equal(t, 250, records)
	assert.Equal(t, 1, failed)
}

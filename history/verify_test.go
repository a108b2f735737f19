package history_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// tampered is a store whose administrator has changed one stream behind its back.
type tampered struct {
	*history.Memory

	head    *history.Head
	list    []history.Record
	onReads func()
}

func (s *tampered) Head(context.Context, uuid.UUID) (history.Head, error) {
	if s.head == nil {
		return history.Head{}, history.ErrNotFound
	}
	return *s.head, nil
}

func (s *tampered) Records(_ context.Context, _ uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	if s.onReads != nil {
		s.onReads()
	}
	i := 0
	for i < len(s.list) && s.list[i].Sequence <= after {
		i++
	}
	return slices.Clone(s.list[i:min(len(s.list), i+limit)]), nil
}

// sound is a stream of six records, three of which have private parts.
func sound(t *testing.T) *tampered {
	t.Helper()
	records := make([]history.Record, 6)
	for i := range records {
		records[i] = history.Record{Type: "x/1", Time: noon(), Data: []byte("data")}
		if i%2 == 0 {
			records[i].Private = []byte("private")
		}
	}
	b, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("a")}, records...)
	require.NoError(t, err)
	return &tampered{head: &b.Head, list: b.Records}
}

func TestVerifyNamesTheFirstRecordConcerned(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(s *tampered)
		want   uint64
	}{
		"data altered":             {func(s *tampered) { s.list[2].Data = []byte("date") }, 3},
		"actor altered":            {func(s *tampered) { s.list[0].Actor = "ben" }, 1},
		"time altered":             {func(s *tampered) { s.list[5].Time = noon().AddDate(0, 0, 1) }, 6},
		"id altered":               {func(s *tampered) { s.list[3].ID[0]++ }, 4},
		"private part altered":     {func(s *tampered) { s.list[2].Private = []byte("altered") }, 3},
		"private part put in":      {func(s *tampered) { s.list[1].Private = []byte("put in") }, 2},
		"salt altered":             {func(s *tampered) { s.list[4].Salt = []byte("altered") }, 5},
		"seal removed with erased": {func(s *tampered) { s.list[4].Private, s.list[4].Seal = nil, history.Hash{} }, 5},
		"hash altered":             {func(s *tampered) { s.list[1].Hash[31]++ }, 2},
		"first removed":            {func(s *tampered) { s.list = s.list[1:] }, 1},
		"middle removed":           {func(s *tampered) { s.list = slices.Delete(s.list, 2, 4) }, 3},
		"tail cut off":             {func(s *tampered) { s.list = s.list[:4] }, 5},
		"all cut off":              {func(s *tampered) { s.list = nil }, 1},
		"two swapped": {func(s *tampered) {
			s.list[1], s.list[2] = s.list[2], s.list[1]
			s.list[1].Sequence, s.list[2].Sequence = 2, 3
		}, 2},
		"numbers changed":         {func(s *tampered) { s.list[3].Sequence = 5 }, 4},
		"one of another stream":   {func(s *tampered) { s.list[3].Stream = history.StreamOf("b") }, 4},
		"tail cut off, with head": {func(s *tampered) { s.head.Sequence, s.list = 4, s.list[:4] }, 4},
		"head set back":           {func(s *tampered) { s.head.Sequence, s.head.Hash = 4, s.list[3].Hash }, 5},
		"head set forward":        {func(s *tampered) { s.head.Sequence = 9 }, 7},
		"head's hash altered":     {func(s *tampered) { s.head.Hash[0]++ }, 6},
		"head's time altered":     {func(s *tampered) { s.head.Time = noon().AddDate(0, 0, 1) }, 6},
		"head removed":            {func(s *tampered) { s.head = nil }, 1},
		"one put in at the end":   {func(s *tampered) { s.list = append(s.list, s.list[5]); s.list[6].Sequence = 7 }, 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound(t)
			require.NoError(t, history.Verify(t.Context(), s, s.head.Stream))
			c.tamper(s)
			err := history.Verify(t.Context(), s, history.StreamOf("a"))
			var broken *history.ChainError
			require.ErrorAs(t, err, &broken)
			assert.Equal(t, c.want, broken.Sequence, err.Error())
			assert.Equal(t, history.StreamOf("a"), broken.Stream)
		})
	}
}

func TestVerifyPassesErasedRecords(t *testing.T) {
	s := sound(t)
	for i := range s.list {
		s.list[i].Private, s.list[i].Salt = nil, nil
		assert.Equal(t, i%2 == 0, s.list[i].Erased())
	}
	assert.NoError(t, history.Verify(t.Context(), s, s.head.Stream))
}

func TestVerifyIsNotConfusedByAppendsMeanwhile(t *testing.T) {
	for late := range 3 { // the head is read at 4, records come before or after the records are read
		s := sound(t)
		all, whole := s.list, *s.head
		s.list, s.head = all[:4], &history.Head{Stream: whole.Stream, Sequence: 4, Hash: all[3].Hash, Time: all[3].Time}
		s.onReads = func() {
			if late == 0 {
				s.list, s.head = all, &whole
			}
			late--
		}
		assert.NoError(t, history.Verify(t.Context(), s, whole.Stream))
	}
}

func TestVerifyOfNothing(t *testing.T) {
	assert.ErrorIs(t, history.Verify(t.Context(), new(history.Memory), history.StreamOf("a")), history.ErrNotFound)

	// A head without any record is sound.
	m, b := new(history.Memory), history.Batch{}
	b.Stream, b.Head.Stream = history.StreamOf("a"), history.StreamOf("a")
	_, err := m.Append(t.Context(), history.Commit{Key: "k", Batches: []history.Batch{b}})
	require.NoError(t, err)
	assert.NoError(t, history.Verify(t.Context(), m, b.Stream))
}

func TestVerifyReturnsTheStoresErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := history.Verify(ctx, new(history.Memory), history.StreamOf("a"))
	assert.True(t, errors.Is(err, context.Canceled))
}

// Against a head that was noted elsewhere even that is found which leaves a sound stream behind.
func TestVerifyAgainstWhatWasNoted(t *testing.T) {
	cutTo := func(n int) func(s *tampered) {
		return func(s *tampered) {
			s.list = s.list[:n]
			last := s.list[n-1]
			s.head = &history.Head{Stream: last.Stream, Sequence: last.Sequence, Hash: last.Hash, Time: last.Time}
		}
	}
	for name, c := range map[string]struct {
		tamper func(s *tampered)
		want   uint64 // 0: sound
	}{
		"nothing":              {func(*tampered) {}, 0},
		"cut off after it":     {cutTo(4), 0},
		"cut off with it":      {cutTo(3), 4},
		"cut off to the first": {cutTo(1), 2},
		"all removed":          {func(s *tampered) { s.list, s.head = nil, nil }, 1},
		"written anew":         {func(s *tampered) { *s = *sound(t) }, 4},
		"altered before it":    {func(s *tampered) { s.list[1].Data = []byte("x") }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound(t)
			noted := history.Head{Stream: s.head.Stream, Sequence: 4, Hash: s.list[3].Hash}
			c.tamper(s)
			err := history.VerifyAgainst(t.Context(), s, noted)
			if c.want == 0 {
				require.NoError(t, err)
				return
			}
			var chain *history.ChainError
			require.ErrorAs(t, err, &chain)
			assert.Equal(t, c.want, chain.Sequence, "%v", err)
		})
	}
	err := history.VerifyAgainst(t.Context(), new(history.Memory), history.Head{Stream: history.StreamOf("a")})
	require.ErrorIs(t, err, history.ErrNotFound, "nothing was noted")
}

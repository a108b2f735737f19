package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// TestSameAsMemory does the same random things to this store and to the memory store: every answer is the same, at
// every isolation that a host may have as its default, and in every way that pgx sends statements.
func TestSameAsMemory(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *pgxpool.Config){
		"read committed":  isolation("read committed"),
		"repeatable read": isolation("repeatable read"),
		"serializable":    isolation("serializable"),
		"described once":  mode(pgx.QueryExecModeCacheDescribe),
		"never described": mode(pgx.QueryExecModeExec),
		"simple protocol": mode(pgx.QueryExecModeSimpleProtocol),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sameAsMemory(t, store(t, connect(t, server.Database(t), change)))
		})
	}
}

func isolation(level string) func(c *pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_isolation"] = level }
}

func mode(m pgx.QueryExecMode) func(c *pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = m }
}

func sameAsMemory(t *testing.T, s *postgres.Store) {
	t.Helper()
	want := new(history.Memory)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 150 {
		c := randomCommit(t, random, want, i)
		do, oracle := s.Append, want.Append
		if random.IntN(8) == 0 {
			do, oracle = s.Erase, want.Erase
		}
		got, gotErr := do(t.Context(), c)
		exp, expErr := oracle(t.Context(), c)
		for _, kind := range []error{nil, history.ErrConflict, history.ErrKeyReused} {
			if kind != nil {
				require.Equal(t, errors.Is(expErr, kind), errors.Is(gotErr, kind), "%v, want %v", gotErr, expErr)
			}
		}
		require.Equal(t, expErr == nil, gotErr == nil, "%v, want %v", gotErr, expErr)
		require.Equal(t, exp, got)
	}
	require.Equal(t, normal(feed(t, want)), normal(feed(t, s)))
	for range 60 {
		q := randomQuery(random)
		for {
			exp, err := want.Heads(t.Context(), q)
			require.NoError(t, err)
			got, err := s.Heads(t.Context(), q)
			require.NoError(t, err)
			require.Equal(t, normalHeads(exp), normalHeads(got), "%+v", q)
			if len(got) == 0 {
				break
			}
			q.After = got[len(got)-1].Mark()
		}
	}
}

func randomCommit(t *testing.T, random *rand.Rand, now history.Store, i int) history.Commit {
	t.Helper()
	c := history.Commit{Key: fmt.Sprint("key ", i)}
	if random.IntN(6) == 0 {
		c.Key = fmt.Sprint("key ", random.IntN(i+1))
	}
	if random.IntN(12) == 0 {
		c.Digest[0] = 1
	}
	for _, n := range random.Perm(24)[:random.IntN(4)] {
		stream := fmt.Sprint("stream ", n)
		prev, err := now.Head(t.Context(), history.StreamOf(stream))
		if err != nil {
			require.ErrorIs(t, err, history.ErrNotFound)
		}
		if random.IntN(10) == 0 && prev.Sequence > 0 { // another past: a conflict
			prev.Hash[0]++
		}
		b := batch(t, prev, stream, random.IntN(4))
		b.Head.Kind = []string{"", "case", "customer", "ledger"}[random.IntN(4)]
		b.Head.Open = random.IntN(2) == 0
		b.Head.Keys = []string{}
		for k := range 4 {
			if random.IntN(2) == 0 {
				b.Head.Keys = append(b.Head.Keys, fmt.Sprint("key:", k))
			}
		}
		if b.Head.Due = (time.Time{}); random.IntN(3) > 0 {
			b.Head.Due = someTime(random)
		}
		if random.IntN(10) == 0 && len(b.Records) > 0 { // in the past: a conflict
			b = batch(t, history.Head{}, stream, 1)
		}
		c.Batches = append(c.Batches, b)
	}
	return c
}

func randomQuery(random *rand.Rand) history.Query {
	q := history.Query{
		Kind:  []string{"", "", "case", "ledger", "none"}[random.IntN(5)],
		Key:   []string{"", "", "key:1", "key:2", "key"}[random.IntN(5)],
		Open:  random.IntN(2) == 0,
		Limit: []int{0, 1, 2, 5, 24}[random.IntN(5)],
	}
	if random.IntN(2) == 0 {
		q.DueBy = someTime(random)
	}
	if random.IntN(3) == 0 {
		q.After = history.Mark{Due: someTime(random).Add(time.Duration(random.IntN(2))), Stream: history.StreamOf("stream 1")}
	}
	return q
}

// someTime is one of few, so that there are equal ones, to the ends of what a head can hold.
func someTime(random *rand.Rand) time.Time {
	return []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 1, 9, 0, 0, 1000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}[random.IntN(5)]
}

// normal makes nil and empty the same.
func normal(records []history.Record) []history.Record {
	for i := range records {
		r := &records[i]
		r.Data, r.Salt, r.Private = append([]byte{}, r.Data...), append([]byte{}, r.Salt...), append([]byte{}, r.Private...)
	}
	return records
}

func normalHeads(heads []history.Head) []history.Head {
	heads = append([]history.Head{}, heads...)
	for i := range heads {
		h := &heads[i]
		h.Keys, h.State = append([]string{}, h.Keys...), append([]byte{}, h.State...)
		slices.Sort(h.Keys)
	}
	return heads
}

package faults_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// witness hears of every commit that a client asks for, before it does so, and of the answer before it asks for the next.
type witness interface {
	asks(c history.Commit)
	hears(key string, rc history.Receipt, err error)
}

// journal is the witness that the store is held to afterwards. It is written outside of what is broken.
type journal struct {
	mu        sync.Mutex
	commits   map[string]history.Commit  // all that were asked for
	receipts  map[string]history.Receipt // of those that were acknowledged, at first or when settled
	refused   map[string]error           // of those that surely were not written
	replayed  int                        // settled: had been written
	rewritten int                        // settled: had not, and were then
	conflicts int                        // settled: had not, and could not be any more
}

func newJournal() *journal {
	return &journal{
		commits: map[string]history.Commit{}, receipts: map[string]history.Receipt{}, refused: map[string]error{},
	}
}

func (j *journal) asks(c history.Commit) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.commits[c.Key] = c
}

// hears keeps the answer. Only ErrUncertain leaves the outcome open: after any other error nothing may have been written.
func (j *journal) hears(key string, rc history.Receipt, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err == nil:
		j.receipts[key] = rc
	case !errors.Is(err, history.ErrUncertain):
		j.refused[key] = err
	}
}

// open lists the keys of commits whose outcome nobody has told: those with this prefix.
func (j *journal) open(prefix string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var keys []string
	for key := range j.commits {
		_, written := j.receipts[key]
		_, refused := j.refused[key]
		if !written && !refused && len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			keys = append(keys, key)
		}
	}
	return slices.Sorted(slices.Values(keys))
}

// settle asks again, under the same keys, for what nobody has told the outcome of.
func (j *journal) settle(t *testing.T, s history.Store, prefix string) {
	t.Helper()
	for _, key := range j.open(prefix) {
		j.mu.Lock()
		c := j.commits[key]
		j.mu.Unlock()
		rc, err := s.Append(t.Context(), c)
		j.mu.Lock()
		switch {
		case err == nil && rc.Replayed:
			j.replayed++
			j.receipts[key] = rc
		case err == nil:
			j.rewritten++
			j.receipts[key] = rc
		case errors.Is(err, history.ErrConflict):
			j.conflicts++
			j.refused[key] = err
		default:
			assert.NoError(t, err, "settling %s", key)
		}
		j.mu.Unlock()
	}
}

// String is the figures of a run.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	retried, raced := 0, 0
	for _, rc := range j.receipts {
		if rc.Replayed {
			retried++
		}
	}
	for _, err := range j.refused {
		if strings.Contains(err.Error(), history.ErrConflict.Error()) {
			raced++
		}
	}
	return fmt.Sprintf("%d appends asked for: %d acknowledged (%d of them found written by the store's own retry), %d lost a race, %d failed; "+
		"%d uncertain or never answered, settled by their keys: %d had been written, %d were written then, %d had lost their place",
		len(j.commits), len(j.receipts)-j.replayed-j.rewritten, retried-j.replayed, raced-j.conflicts, len(j.refused)-raced,
		j.replayed+j.rewritten+j.conflicts, j.replayed, j.rewritten, j.conflicts)
}

// check holds the store to the journal: what was acknowledged is stored as it was asked for, each record once, where the receipt
// says; what was refused is not; and nothing else is.
func (j *journal) check(t *testing.T, s history.Store) {
	t.Helper()
	j.settle(t, s, "")
	feed := checkStore(t, s)
	stored := map[uuid.UUID]history.Record{}
	for _, r := range feed {
		stored[r.ID] = r
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	acknowledged := 0
	for key, rc := range j.receipts {
		at := rc.First
		for _, b := range j.commits[key].Batches {
			for _, want := range b.Records {
				got, ok := stored[want.ID]
				want.Position = at
				if !ok || !sameRecord(got, want) {
					require.Fail(t, "an acknowledged record is not stored as it was asked for", "key %s: got %+v, want %+v", key, got, want)
				}
				at++
				acknowledged++
			}
		}
		require.Equal(t, rc.Last, max(at, 1)-1, "the receipt of %s", key)
	}
	for key, err := range j.refused {
		for _, b := range j.commits[key].Batches {
			for _, r := range b.Records {
				_, written := stored[r.ID]
				require.False(t, written, "%s was refused (%v) and yet written", key, err)
			}
		}
	}
	require.Len(t, feed, acknowledged, "the feed holds what was acknowledged and nothing else")
}

// checkStore holds a store to what it promises whatever has happened to it, and returns the feed: sequences are dense,
// chains verify, no time goes back, and the feed is exactly the set of records, each once, in order and without a gap.
func checkStore(t *testing.T, s history.Store) []history.Record {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var feed []history.Record
	byStream := map[uuid.UUID][]history.Record{}
	for r, err := range history.Feed(ctx, s, 0) {
		require.NoError(t, err)
		require.EqualValues(t, len(feed)+1, r.Position, "the feed is dense")
		feed = append(feed, r)
		byStream[r.Stream] = append(byStream[r.Stream], r)
	}
	seen := snapshot{records: byStream, heads: map[uuid.UUID]history.Head{}}
	for h, err := range history.Heads(ctx, s, history.Query{}) {
		require.NoError(t, err)
		_, twice := seen.heads[h.Stream]
		require.False(t, twice, "head %s comes twice", h.Stream)
		seen.heads[h.Stream] = h
		if len(seen.heads) <= 300 { // of many streams, the rest is verified as the feed has it
			require.NoError(t, history.Verify(ctx, s, h.Stream))
			n := 0
			for r, err := range history.Stream(ctx, s, h.Stream) {
				require.NoError(t, err)
				if n == len(byStream[h.Stream]) || !sameRecord(r, byStream[h.Stream][n]) {
					require.Fail(t, "stream and feed differ", "record %d of stream %s", n+1, h.Stream)
				}
				n++
			}
			require.Len(t, byStream[h.Stream], n, "stream %s has as many records in the feed", h.Stream)
		}
		require.NoError(t, history.Verify(ctx, seen, h.Stream))
		require.Len(t, byStream[h.Stream], int(h.Sequence), "stream %s has as many records as its head says", h.Stream)
		for i, r := range byStream[h.Stream] {
			if r.Sequence != uint64(i)+1 || i > 0 && r.Time.Before(byStream[h.Stream][i-1].Time) {
				require.Fail(t, "out of order", "stream %s: record %d comes at %d, of time %v", h.Stream, r.Sequence, i+1, r.Time)
			}
		}
	}
	for stream := range byStream {
		_, ok := seen.heads[stream]
		require.True(t, ok, "the feed has stream %s, which has no head", stream)
	}
	return feed
}

// snapshot is a store as its feed and its heads have it, for reading.
type snapshot struct {
	history.Store
	records map[uuid.UUID][]history.Record
	heads   map[uuid.UUID]history.Head
}

func (s snapshot) Head(_ context.Context, stream uuid.UUID) (history.Head, error) {
	return s.heads[stream], nil
}

func (s snapshot) Records(_ context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	list := s.records[stream]
	list = list[min(int(after), len(list)):]
	return list[:min(len(list), history.PageSize(limit))], nil
}

// checkFired holds the feed to this: on each of n cases, each of these thresholds was recorded, and once.
func checkFired(t *testing.T, feed []history.Record, n int, want ...string) {
	t.Helper()
	fired := map[uuid.UUID]map[string]int{}
	for _, r := range feed {
		var about struct {
			Clock     string
			Cycle     int
			Threshold struct{ Name string }
		}
		switch r.Type {
		case "clock.warned/1", "clock.breached/1":
			require.NoError(t, json.Unmarshal(r.Data, &about))
			if fired[r.Stream] == nil {
				fired[r.Stream] = map[string]int{}
			}
			fired[r.Stream][strings.TrimSuffix(fmt.Sprintf("%s %d %s", about.Clock, about.Cycle, about.Threshold.Name), " ")]++
		}
	}
	require.Len(t, fired, n, "cases on which something fired")
	for stream, counts := range fired {
		for _, name := range want {
			require.Equal(t, 1, counts[name], "case %s: %s; all: %v", stream, name, counts)
		}
		require.Len(t, counts, len(want), "case %s: %v", stream, counts)
	}
}

func sameRecord(a, b history.Record) bool {
	return a.ID == b.ID && a.Stream == b.Stream && a.Sequence == b.Sequence && a.Position == b.Position && a.Type == b.Type &&
		a.Time.Equal(b.Time) && a.Actor == b.Actor && bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Private, b.Private) &&
		bytes.Equal(a.Salt, b.Salt) && a.Seal == b.Seal && a.Hash == b.Hash
}

// writer appends as fast as it can: to a stream of its own, to one that it shares with all other writers, or to both in one commit.
type writer struct {
	name  string // starts its keys
	store history.Store
	to    witness
	size  int // bytes of text in each record
}

const sharedStream = "shared"

// write appends once. The error is that of reading; what came of the append the witness hears.
func (w *writer) write(ctx context.Context, n int) error {
	streams := [][]string{{"own " + w.name}, {sharedStream}, {sharedStream, "own " + w.name}}[n%3]
	key := fmt.Sprintf("%s/%d", w.name, n)
	c := history.Commit{Key: key, Digest: sha256.Sum256([]byte(key))}
	for i, name := range streams {
		prev, err := w.store.Head(ctx, history.StreamOf(name))
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return err
		}
		b, err := batch(prev, name, fmt.Sprintf("%s/%d", key, i), 1+n%4, w.size)
		if err != nil {
			return err
		}
		c.Batches = append(c.Batches, b)
	}
	w.to.asks(c)
	rc, err := w.store.Append(ctx, c)
	w.to.hears(key, rc, err)
	return nil
}

// batch adds n records to a stream.
func batch(prev history.Head, stream, what string, n, size int) (history.Batch, error) {
	records := make([]history.Record, n)
	text := make([]byte, size/2) // which cannot be compressed much
	_, _ = rand.Read(text)
	for i := range records {
		records[i] = history.Record{
			Type: "test.happened/1", Time: now(), Actor: "faults",
			Data:    fmt.Appendf(nil, `{"what":%q,"n":%d,"of":%d,"text":"%x"}`, what, i, n, text),
			Private: []byte("private to " + what),
		}
	}
	return history.Next(prev, history.Head{
		Stream: history.StreamOf(stream), Kind: "test", Open: true, Due: now(), Keys: []string{"name:" + stream, fmt.Sprint("parity:", len(what)%2)},
		State: fmt.Appendf(nil, `{"last":%q,"records":%d}`, what, prev.Sequence+uint64(n)),
	}, records...)
}

// tally counts by name, for the figures of a run.
func tally(m map[string]int) string {
	var b bytes.Buffer
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, " %d %s", m[k], k)
	}
	return b.String()
}

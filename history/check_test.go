package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// proper is a commit that is right in every way.
func proper(t *testing.T) history.Commit {
	t.Helper()
	c := history.Commit{Key: "key"}
	for _, name := range []string{"a", "b"} {
		prev := history.Head{Stream: history.StreamOf(name), Sequence: 3, Hash: history.Hash{1}, Time: noon()}
		next := history.Head{Stream: prev.Stream, Kind: "case", Due: noon(), Keys: []string{"customer:42", "assignee:ana"}}
		b, err := history.Next(prev, next, history.Record{Type: "a/1", Time: noon()}, history.Record{Type: "b/1", Time: noon(), Private: []byte("p")})
		require.NoError(t, err)
		c.Batches = append(c.Batches, b)
	}
	return c
}

// unmoved is the batch as one without records.
func unmoved(b history.Batch) history.Batch {
	b.Records, b.Head.Sequence, b.Head.Hash = nil, b.Expect, b.Prev
	return b
}

func TestCheckFindsEveryFault(t *testing.T) {
	type commit = history.Commit
	long := strings.Repeat("é", history.MaxName/2)
	for want, spoil := range map[string]func(c *commit){
		"key is empty":               func(c *commit) { c.Key = "" },
		"key \"ééé":                  func(c *commit) { c.Key = long + "!" },
		"key \"\\xff\" is not UTF-8": func(c *commit) { c.Key = "\xff" },
		"key \"a\\x00\" holds a NUL": func(c *commit) { c.Key = "a\x00" },
		"batch 1: stream id is zero": func(c *commit) { c.Batches[0].Stream = uuid.Nil },
		"batch 2: stream 2": func(c *commit) {
			c.Batches[0].Stream = uuid.MustParse("2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d")
			c.Batches[1].Stream = c.Batches[0].Stream
		},
		"batch 1: record 2: stream is":                 func(c *commit) { c.Batches[0].Records[1].Stream[0]++ },
		"batch 1: record 1: sequence is 4, want 6":     func(c *commit) { c.Batches[0].Expect = 5 },
		"batch 1: record 1: sequence is 5, want 4":     func(c *commit) { c.Batches[0].Records = c.Batches[0].Records[1:] },
		"batch 1: prev is 01":                          func(c *commit) { c.Batches[0].Expect = 0 },
		"batch 1: prev is zero, want the hash of":      func(c *commit) { c.Batches[0].Prev = history.Hash{} },
		"batch 2: prev is zero, want the hash of":      func(c *commit) { c.Batches[1] = unmoved(c.Batches[1]); c.Batches[1].Prev = history.Hash{} },
		"batch 2: record 1: hash does not follow":      func(c *commit) { c.Batches[1].Prev[0]++ },
		"batch 1: record 1: hash does not follow":      func(c *commit) { c.Batches[0].Records[0].Actor = "someone else" },
		"batch 1: head's hash is 0100":                 func(c *commit) { c.Batches[0] = unmoved(c.Batches[0]); c.Batches[0].Prev[0]++ },
		"batch 1: record 2: time":                      func(c *commit) { c.Batches[0].Records[1].Time = noon().Add(-time.Second) },
		"batch 2: record 1: id is zero":                func(c *commit) { c.Batches[1].Records[0].ID = uuid.Nil },
		"batch 2: record 1: type is empty":             func(c *commit) { c.Batches[1].Records[0].Type = "" },
		"batch 2: record 1: actor \"\\xff\"":           func(c *commit) { c.Batches[1].Records[0].Actor = "\xff" },
		"batch 2: record 1: time is":                   func(c *commit) { c.Batches[1].Records[0].Time = noon().Add(1) },
		"batch 1: record 2: time is":                   func(c *commit) { c.Batches[0].Records[1].Time = noon().AddDate(8000, 0, 0) },
		"batch 2: record 2: private part of 1 bytes":   func(c *commit) { c.Batches[1].Records[1].Salt = nil },
		"batch 2: record 2: private part of 0 bytes":   func(c *commit) { c.Batches[1].Records[1].Private = nil },
		"batch 2: record 2: private part is not":       func(c *commit) { c.Batches[1].Records[1].Seal = history.Hash{} },
		"batch 2: record 2: hash is zero":              func(c *commit) { c.Batches[1].Records[1].Hash = history.Hash{} },
		"batch 1: head's stream is":                    func(c *commit) { c.Batches[0].Head.Stream[0]++ },
		"batch 1: head's sequence is 4, want 5":        func(c *commit) { c.Batches[0].Head.Sequence = 4 },
		"batch 1: head's hash is":                      func(c *commit) { c.Batches[0].Head.Hash[0]++ },
		"batch 1: head's time is 2026-11-16T12:00:01Z": func(c *commit) { c.Batches[0].Head.Time = noon().Add(time.Second) },
		"batch 1: head's kind":                         func(c *commit) { c.Batches[0].Head.Kind = long + "!" },
		"batch 1: head's due is":                       func(c *commit) { c.Batches[0].Head.Due = noon().In(time.FixedZone("", 3600)) },
		"batch 1: head's key is empty":                 func(c *commit) { c.Batches[0].Head.Keys[1] = "" },
		"batch 1: head's key \"customer:42\" is there": func(c *commit) { c.Batches[0].Head.Keys[1] = "customer:42" },
		"want that of the last record, 0000": func(c *commit) {
			c.Batches[0] = history.Batch{Stream: c.Batches[0].Stream, Head: c.Batches[0].Head}
		},
	} {
		c := proper(t)
		require.NoError(t, c.Check())
		spoil(&c)
		err := c.Check()
		assert.ErrorIs(t, err, history.ErrInvalid)
		assert.ErrorContains(t, err, want)
	}
}

func TestCheckNamesAllFaultsAtOnce(t *testing.T) {
	c := proper(t)
	c.Key, c.Batches[0].Records[1].Type, c.Batches[1].Head.Sequence = "", "", 77
	assert.EqualError(t, c.Check(), "history: invalid: key is empty; batch 1: record 2: type is empty; batch 2: head's sequence is 77, want 5")

	c.Batches[0].Records = make([]history.Record, 100)
	err := c.Check()
	assert.ErrorContains(t, err, "more")
	assert.Less(t, len(err.Error()), 5000)
}

func TestCheckPassesWhatIsUnusualButRight(t *testing.T) {
	assert.NoError(t, history.Commit{Key: strings.Repeat("k", history.MaxName)}.Check(), "no batches")

	c := proper(t)
	c.Batches[0].Head.Kind, c.Batches[0].Head.Keys, c.Batches[0].Head.Due = "", nil, time.Time{}
	c.Batches[0].Records[0].Position = 7
	c.Batches[0].Records[1].Private, c.Batches[0].Records[1].Salt = nil, nil // an erased record, from a store that is copied
	assert.NoError(t, c.Check())

	b := &c.Batches[1]
	b.Expect, b.Prev, b.Records = 5, b.Head.Hash, nil
	assert.NoError(t, c.Check(), "a batch without records")
}

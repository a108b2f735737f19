package faults_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// TestBackup restores a backup while clients hold receipts and heads that are newer. The store goes on from the backup, with the feed dense
// and keys good; who decided on what is no longer there gets ErrConflict, and no chain forks.
func TestBackup(t *testing.T) {
	restored := func(t *testing.T, d database, save, restore func()) {
		t.Helper()
		const before, after = 60, 30
		began := time.Now()
		j, lost := newJournal(), newJournal()
		write := func(to *journal, name string, n int) history.Head {
			s, closing, err := d.store(t.Context())
			require.NoError(t, err)
			defer closing()
			w := &writer{name: name, store: s, to: to, size: 10}
			for i := range n {
				require.NoError(t, w.write(t.Context(), i))
			}
			h, err := s.Head(t.Context(), history.StreamOf(sharedStream))
			require.NoError(t, err)
			return h
		}
		write(j, "before", before)
		save()
		newer := write(lost, "lost", after)
		restore()
		s := d.on(t)
		j.check(t, s) // what was there when the backup was made, and nothing else

		commit := func(prev history.Head, key string) history.Commit {
			b, err := batch(prev, sharedStream, key, 1, 10)
			require.NoError(t, err)
			return history.Commit{Key: key, Batches: []history.Batch{b}}
		}
		stale := commit(newer, "stale")
		_, err := s.Append(t.Context(), stale)
		require.ErrorIs(t, err, history.ErrConflict, "the stream is not there yet")
		was := uint64(0)
		for grown := false; !grown; { // until the stream is as long as the client saw it, and then has another past
			h, err := s.Head(t.Context(), newer.Stream)
			require.NoError(t, err)
			was, grown = h.Sequence, h.Sequence == newer.Sequence
			if !grown {
				c := commit(h, "again "+h.Hash.String())
				j.asks(c)
				rc, err := s.Append(t.Context(), c)
				require.NoError(t, err)
				j.hears(c.Key, rc, err)
			}
		}
		require.Equal(t, newer.Sequence, was)
		_, err = s.Append(t.Context(), stale)
		require.ErrorIs(t, err, history.ErrConflict, "the stream is as long, and another")

		// Clients that send again what they have receipts of: from before, they get them; from after, it is written now, or has lost its place.
		replays, anew, placeless := 0, 0, 0
		for key, c := range j.commits {
			rc, err := s.Append(t.Context(), c)
			require.NoError(t, err)
			require.True(t, rc.Replayed)
			require.Equal(t, j.receipts[key].First, rc.First)
			replays++
		}
		for _, key := range slices.Sorted(maps.Keys(lost.commits)) {
			c := lost.commits[key]
			rc, err := s.Append(t.Context(), c)
			switch {
			case err == nil:
				require.False(t, rc.Replayed)
				anew++
			case errors.Is(err, history.ErrConflict):
				placeless++
			default:
				require.NoError(t, err, key)
			}
			j.asks(c)
			j.hears(key, rc, err)
		}
		j.check(t, s)
		t.Logf("%s: %d appends lost by restoring a backup, in %.1f s: 2 appends on newer heads were conflicts, %d older receipts held, of the lost appends %d were written again and %d were conflicts; the feed is dense",
			d.kind, after, time.Since(began).Seconds(), replays, anew, placeless)
	}
	copyAll := func(t *testing.T, from, to string) {
		t.Helper()
		require.NoError(t, os.RemoveAll(to))
		said, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	t.Run(inSQLite, func(t *testing.T) {
		d := empty(t, inSQLite)
		file := strings.TrimPrefix(d.dsn, "file:")
		restored(t, d, func() { copyAll(t, file, file+".backup") }, func() { // nobody has it open
			_ = os.Remove(file + "-wal")
			_ = os.Remove(file + "-shm")
			copyAll(t, file+".backup", file)
		})
	})
	t.Run(inServer, func(t *testing.T) {
		server := postgrestest.Start(t, nil)
		d := database{kind: inServer, dsn: server.Database(t)}
		backup := t.TempDir() + "/data"
		restored(t, d, func() {
			require.NoError(t, server.Stop())
			copyAll(t, server.Dir(), backup)
			require.NoError(t, server.Restart())
		}, func() {
			require.NoError(t, server.Crash())
			copyAll(t, backup, server.Dir())
			require.NoError(t, server.Restart())
		})
	})
}

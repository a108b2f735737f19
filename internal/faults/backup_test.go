package faults_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// backup is a way of saving a database and of restoring it.
type backup struct {
	of      database
	hot     bool // saved while clients write
	save    func()
	restore func() database // and where it is then
}

// TestBackup restores backups while clients hold receipts and heads that are newer. What is restored is the history up to some moment
// of the saving, whole. The store goes on from there, with the feed dense and keys good; who decided on what is no longer there
// gets ErrConflict, and no chain forks.
func TestBackup(t *testing.T) {
	for name, way := range map[string]func(t *testing.T) backup{
		"SQLite file nobody has open": closedFile,
		"SQLite VACUUM INTO":          vacuumInto,
		"stopped server's directory":  stoppedServer,
		"pg_basebackup":               baseBackup,
		"pg_dump and pg_restore":      dumpAndRestore,
	} {
		t.Run(name, func(t *testing.T) { way(t).check(t) })
	}
}

func closedFile(t *testing.T) backup {
	t.Helper()
	d := empty(t, inSQLite)
	file := strings.TrimPrefix(d.dsn, "file:")
	saved := file + ".backup"
	return backup{of: d, save: func() { run(t, exec.CommandContext(t.Context(), "cp", file, saved)) }, restore: func() database {
		replaceFile(t, saved, file)
		return d
	}}
}

func vacuumInto(t *testing.T) backup {
	t.Helper()
	d := empty(t, inSQLite)
	file := strings.TrimPrefix(d.dsn, "file:")
	saved := file + ".backup"
	return backup{of: d, hot: true, save: func() {
		_ = os.Remove(saved)
		db, err := sql.Open("sqlite", d.dsn)
		require.NoError(t, err)
		defer db.Close() //nolint:errcheck // it has done its work
		_, err = db.ExecContext(t.Context(), `VACUUM INTO ?`, saved)
		require.NoError(t, err)
	}, restore: func() database {
		replaceFile(t, saved, file)
		return d
	}}
}

// replaceFile puts a file in the place of a database that nobody has open, with what SQLite keeps beside it.
func replaceFile(t *testing.T, by, file string) {
	t.Helper()
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(file + beside); err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
		}
	}
	run(t, exec.CommandContext(t.Context(), "cp", by, file))
}

func stoppedServer(t *testing.T) backup {
	t.Helper()
	own := postgrestest.Start(t, nil)
	d := database{kind: inServer, dsn: own.Database(t)}
	saved := filepath.Join(t.TempDir(), "data")
	return backup{of: d, save: func() {
		require.NoError(t, own.Stop())
		run(t, exec.CommandContext(t.Context(), "cp", "-a", own.Dir(), saved))
		require.NoError(t, own.Restart())
	}, restore: func() database {
		require.NoError(t, own.Crash())
		run(t, exec.CommandContext(t.Context(), "rm", "-r", own.Dir()))
		run(t, exec.CommandContext(t.Context(), "cp", "-a", saved, own.Dir()))
		require.NoError(t, own.Restart())
		return d
	}}
}

func baseBackup(t *testing.T) backup {
	t.Helper()
	own := postgrestest.Start(t, nil)
	d := database{kind: inServer, dsn: own.Database(t)}
	saved := filepath.Join(t.TempDir(), "base.tar")
	return backup{of: d, hot: true, save: func() {
		runInto(t, saved, own.Tool(t.Context(), "pg_basebackup", "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"))
	}, restore: func() database {
		require.NoError(t, own.Crash())
		entries, err := os.ReadDir(own.Dir())
		require.NoError(t, err)
		for _, e := range entries {
			require.NoError(t, os.RemoveAll(filepath.Join(own.Dir(), e.Name())))
		}
		run(t, exec.CommandContext(t.Context(), "tar", "-x", "-p", "-f", saved, "-C", own.Dir())) // as root, the files become the server's again
		require.NoError(t, own.Restart())
		return d
	}}
}

func dumpAndRestore(t *testing.T) backup {
	t.Helper()
	own := postgrestest.Start(t, nil)
	d := database{kind: inServer, dsn: own.Database(t)}
	saved := filepath.Join(t.TempDir(), "amends.dump")
	return backup{of: d, hot: true, save: func() {
		runInto(t, saved, own.Tool(t.Context(), "pg_dump", "--format=custom", "--schema=amends", databaseIn(t, d.dsn)))
	}, restore: func() database {
		to := database{kind: inServer, dsn: own.Database(t)}
		run(t, own.Tool(t.Context(), "pg_restore", "--single-transaction", "--dbname="+databaseIn(t, to.dsn), saved))
		return to
	}}
}

// databaseIn is the database's name in a connection string.
func databaseIn(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	return strings.TrimPrefix(u.Path, "/")
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", cmd, said)
}

// runInto runs a command and keeps in a file what it writes.
func runInto(t *testing.T, file string, cmd *exec.Cmd) {
	t.Helper()
	to, err := os.Create(file)
	require.NoError(t, err)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = to, &said
	err = cmd.Run()
	require.NoError(t, to.Close())
	require.NoError(t, err, "%s: %s", cmd, &said)
}

// follower is the name of one who follows while a backup is made.
const follower = "follower"

// check saves, goes on, restores, and holds what is restored to what was there.
func (b backup) check(t *testing.T) {
	t.Helper()
	const before, after = 60, 30
	began, j := time.Now(), newJournal()
	first, _ := b.write(t, j, "before", before)
	saving := b.save
	if b.hot {
		saving = func() { b.underLoad(t, j) }
	}
	saving()
	last, _ := b.write(t, j, "between", 0)
	_, newer := b.write(t, j, "after", after)
	require.Empty(t, j.open(""))
	was := b.feed(t)

	restored := b.restore()
	s := restored.on(t)
	feed := checkStore(t, s)
	end := uint64(len(feed))
	require.LessOrEqual(t, first, end, "what was acknowledged before the backup was begun is in it")
	require.LessOrEqual(t, end, last, "what was appended after the backup was made is not")
	for i, r := range feed {
		require.True(t, sameRecord(was[i], r), "the record at %d is as it was", i+1)
	}
	kept, lost := j.split(end)
	older := len(kept.receipts)
	require.GreaterOrEqual(t, older, before)
	kept.check(t, s)
	marks, ok := s.(history.Bookmarker)
	require.True(t, ok)
	at, err := marks.Bookmark(t.Context(), follower)
	require.NoError(t, err)
	require.LessOrEqual(t, at, end, "no follower is beyond the end")

	staleHeads(t, s, kept, newer)
	replayed, anew, placeless := sendAgain(t, s, kept, lost)
	kept.check(t, s)
	// Of what was appended after the backup, all lost, the first begins a stream, and two of three need the shared one, which
	// has another past now.
	require.GreaterOrEqual(t, replayed, older)
	require.Positive(t, anew)
	require.GreaterOrEqual(t, placeless, after*2/3)
	t.Logf("%d records before the backup, %d when it was made, %d of them in it; %d appends lost, in %.1f s: 2 appends on newer heads were conflicts, "+
		"%d appends were replayed, of the lost ones %d were written again and %d were conflicts; the feed is dense",
		first, last, end, len(lost.commits), time.Since(began).Seconds(), replayed, anew, placeless)
}

// write appends n times, on a store that is closed then. It returns where the feed ends and the head of what all share.
func (b backup) write(t *testing.T, to *journal, name string, n int) (uint64, history.Head) {
	t.Helper()
	s, closing, err := b.of.store(t.Context())
	require.NoError(t, err)
	defer closing()
	w := &writer{name: name, store: s, to: to, size: 10_000}
	for i := range n {
		require.NoError(t, w.write(t.Context(), i))
	}
	marks, ok := s.(history.Bookmarker)
	require.True(t, ok)
	last, err := marks.Last(t.Context())
	require.NoError(t, err)
	if _, err := marks.Bookmark(t.Context(), follower); errors.Is(err, history.ErrNotFound) {
		require.NoError(t, marks.MoveBookmark(t.Context(), follower, 0, last))
	}
	h, err := s.Head(t.Context(), history.StreamOf(sharedStream))
	require.NoError(t, err)
	return last, h
}

func (b backup) feed(t *testing.T) []history.Record {
	t.Helper()
	s, closing, err := b.of.store(t.Context())
	require.NoError(t, err)
	defer closing()
	return checkStore(t, s)
}

// underLoad saves while clients write and one follows, again until something was written meanwhile.
func (b backup) underLoad(t *testing.T, to *journal) {
	t.Helper()
	ctx, quiet := context.WithCancel(t.Context())
	errs := make([]error, 4)
	var wg sync.WaitGroup
	defer func() {
		quiet()
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
	}()
	for i := range errs {
		s, closing, err := b.of.store(t.Context())
		require.NoError(t, err)
		if i == 0 {
			wg.Go(func() {
				defer closing()
				err := history.Follow(ctx, s, follower, func(context.Context, history.Record) error { return nil },
					&history.FollowOptions{Page: 7, Poll: time.Millisecond})
				if !errors.Is(err, context.Canceled) {
					errs[i] = err
				}
			})
			continue
		}
		w := &writer{name: fmt.Sprint("client ", i), store: s, to: to, size: 10_000}
		wg.Go(func() {
			defer closing()
			for n := 0; ctx.Err() == nil && errs[i] == nil; n++ {
				errs[i] = w.write(t.Context(), n)
			}
		})
	}
	before := to.acknowledged()
	require.Eventually(t, func() bool { return to.acknowledged() > before }, time.Minute, time.Millisecond)
	for grown := false; !grown; {
		from := to.acknowledged()
		b.save()
		grown = to.acknowledged() > from
	}
}

// acknowledged counts the appends that have their receipts.
func (j *journal) acknowledged() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.receipts)
}

// split divides what was asked for by where the feed ends now: what is there and what was refused, and what is lost.
func (j *journal) split(end uint64) (kept, lost *journal) {
	kept, lost = newJournal(), newJournal()
	for key, c := range j.commits {
		rc, written := j.receipts[key]
		switch {
		case !written:
			kept.commits[key], kept.refused[key] = c, j.refused[key]
		case rc.Last <= end:
			kept.commits[key], kept.receipts[key] = c, rc
		default:
			lost.commits[key] = c
		}
	}
	return kept, lost
}

// staleHeads appends on a head that is no longer there: to a stream that is shorter, and to one that is as long again and
// has another past.
func staleHeads(t *testing.T, s history.Store, to *journal, newer history.Head) {
	t.Helper()
	commit := func(prev history.Head, key string) history.Commit {
		b, err := batch(prev, sharedStream, key, 1, 10)
		require.NoError(t, err)
		return history.Commit{Key: key, Batches: []history.Batch{b}}
	}
	stale := commit(newer, "stale")
	_, err := s.Append(t.Context(), stale)
	require.ErrorIs(t, err, history.ErrConflict, "the stream is not there yet")
	for grown := false; !grown; {
		h, err := s.Head(t.Context(), newer.Stream)
		require.NoError(t, err)
		require.LessOrEqual(t, h.Sequence, newer.Sequence)
		if grown = h.Sequence == newer.Sequence; !grown {
			c := commit(h, "again "+h.Hash.String())
			to.asks(c)
			rc, err := s.Append(t.Context(), c)
			require.NoError(t, err)
			to.hears(c.Key, rc, err)
		}
	}
	_, err = s.Append(t.Context(), stale)
	require.ErrorIs(t, err, history.ErrConflict, "the stream is as long, and another")
}

// sendAgain is what clients do who do not know of the restoring: from before it, they get their receipts; from after, it is written
// now if its streams stand where it was decided on, and has lost its place otherwise.
func sendAgain(t *testing.T, s history.Store, kept, lost *journal) (replayed, anew, placeless int) {
	t.Helper()
	for key, receipt := range kept.receipts {
		rc, err := s.Append(t.Context(), kept.commits[key])
		require.NoError(t, err)
		require.True(t, rc.Replayed)
		require.Equal(t, receipt.First, rc.First)
		require.Equal(t, receipt.Last, rc.Last)
		replayed++
	}
	for _, key := range slices.Sorted(maps.Keys(lost.commits)) {
		c := lost.commits[key]
		placed := stands(t, s, c)
		rc, err := s.Append(t.Context(), c)
		if placed {
			require.NoError(t, err, "%s has its place", key)
			require.False(t, rc.Replayed)
			anew++
		} else {
			require.ErrorIs(t, err, history.ErrConflict, "%s has lost its place", key)
			placeless++
		}
		kept.asks(c)
		kept.hears(key, rc, err)
	}
	return replayed, anew, placeless
}

// stands says whether all streams of a commit are what it was decided on.
func stands(t *testing.T, s history.Store, c history.Commit) bool {
	t.Helper()
	for _, b := range c.Batches {
		h, err := s.Head(t.Context(), b.Stream)
		if !errors.Is(err, history.ErrNotFound) {
			require.NoError(t, err)
		}
		if h.Sequence != b.Expect || h.Hash != b.Prev {
			return false
		}
	}
	return true
}

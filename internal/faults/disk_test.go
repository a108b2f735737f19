package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// smallDisk mounts a disk of so many MiB until the test ends.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		unable(t, "mounting a small disk takes root, on Linux")
	}
	dir, err := os.MkdirTemp("", "faults") //nolint:usetesting // the server's user may not look into t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.Remove(dir)) })
	if said, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", size), "tmpfs", dir).CombinedOutput(); err != nil {
		unable(t, "a small disk cannot be mounted: %v: %s", err, said)
	}
	t.Cleanup(func() {
		said, err := exec.Command("umount", dir).CombinedOutput() //nolint:noctx // the test's context has ended
		require.NoError(t, err, "%s", said)
	})
	return dir
}

// TestFullDisk fills the disk, again and again, with something else beside the store that is removed afterwards. Nothing is half written, and once
// there is room again everything goes on.
func TestFullDisk(t *testing.T) {
	fillUp := func(t *testing.T, disk string, ballast int, d database, alive func()) {
		t.Helper()
		began := time.Now()
		j := newJournal()
		w := &writer{name: "writer", store: d.on(t), to: j, size: 40_000}
		failed, full := 0, scaled(3)
		for round := range full {
			require.NoError(t, os.WriteFile(filepath.Join(disk, fmt.Sprint("other", round)), make([]byte, ballast<<20), 0o600))
		}
		for round := range full {
			for n, last := 0, 0; n < last+10; n++ { // until ten in a row have failed
				require.Less(t, n, 10_000, "the disk does not fill")
				err := w.write(t.Context(), 1_000_000*round+n)
				if _, ok := j.receipts[fmt.Sprintf("writer/%d", 1_000_000*round+n)]; err == nil && ok {
					last = n
					continue
				}
				failed++
			}
			require.NoError(t, os.Remove(filepath.Join(disk, fmt.Sprint("other", round))))
			alive()
			j.settle(t, w.store, "")
			for n := range 15 {
				n += 1_000_000*round + 500_000
				require.NoError(t, w.write(t.Context(), n))
				require.Contains(t, j.receipts, fmt.Sprintf("writer/%d", n), "with room on the disk, what is appended is written")
			}
		}
		j.check(t, w.store)
		t.Logf("%s: disk filled %d times, %d operations failed on it, in %.1f s: %v", d.kind, full, failed, time.Since(began).Seconds(), j)
	}
	t.Run(inSQLite, func(t *testing.T) {
		disk := smallDisk(t, 32)
		fillUp(t, disk, 6, database{kind: inSQLite, dsn: "file:" + filepath.Join(disk, "history.db")}, func() {})
	})
	t.Run(inServer, func(t *testing.T) {
		disk := smallDisk(t, 220)
		t.Setenv("TMPDIR", disk)
		server := postgrestest.Start(t, &postgrestest.Options{Settings: map[string]string{"max_wal_size": "32MB", "min_wal_size": "32MB"}})
		d := database{kind: inServer, dsn: server.Database(t), patience: 100 * time.Millisecond}
		restarts := 0
		fillUp(t, disk, 40, d, func() {
			for over := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) { // it may be recovering
				conn, err := pgx.Connect(t.Context(), d.dsn)
				if err == nil {
					require.NoError(t, conn.Close(t.Context()))
					return
				}
				if time.Now().After(over) {
					break
				}
			}
			restarts++
			require.NoError(t, server.Crash())
			require.NoError(t, server.Restart())
		})
		t.Logf("the server gave up, and had to be started again, %d times", restarts)
	})
}

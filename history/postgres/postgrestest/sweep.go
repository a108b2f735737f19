package postgrestest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// prefix begins the names of the directories that servers are in.
const prefix = "postgrestest"

// lockName is the file in a server's directory that its tests hold a lock on, for as long as they live.
const lockName = "lock"

// sweep removes the directories of servers whose tests were killed, or ended by go test's timeout. It fails at nothing:
// what cannot be removed is somebody else's, or the next one's to remove.
func sweep() {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() || !ours(info) {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if hold(lock) == nil && !running(dir) {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}

// running reports whether a server is still at work in a directory: one that outlives its tests for a moment.
func running(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return !os.IsNotExist(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	return err == nil && alive(pid)
}

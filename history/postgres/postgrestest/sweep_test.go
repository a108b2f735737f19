//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package postgrestest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// TestLeftBehind: a directory whose tests have ended is removed with the next start, and no other.
func TestLeftBehind(t *testing.T) {
	tmp := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(tmp), 0o755)) //nolint:gosec // the server's user has to get there
	t.Setenv("TMPDIR", tmp)
	left := func(name string, pid int, lock bool) string {
		dir := filepath.Join(tmp, name)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
		if pid != 0 {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), fmt.Append(nil, pid, "\n/data\n"), 0o600))
		}
		if lock {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
		}
		return dir
	}
	const nobody = 1 << 30 // a greater number than any process has
	stopped, killed := left("postgrestest1", 0, true), left("postgrestest2", nobody, true)
	runs, young, another := left("postgrestest3", os.Getpid(), true), left("postgrestest4", 0, false), left("postgres5", nobody, true)
	held := left("postgrestest6", nobody, true)
	lock, err := os.Open(filepath.Join(held, "lock"))
	require.NoError(t, err)
	defer func() { require.NoError(t, lock.Close()) }()
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))

	own := filepath.Dir(postgrestest.Start(t, nil).Dir())
	require.NoDirExists(t, stopped)
	require.NoDirExists(t, killed)
	for _, dir := range []string{runs, young, another, held} {
		require.DirExists(t, dir)
	}
	postgrestest.Start(t, nil)
	require.DirExists(t, own)
}

// TestSharedWithoutMain fails and says what to do, before a server is started that nobody would remove.
func TestSharedWithoutMain(t *testing.T) {
	t.Parallel()
	said := new(failing)
	done := make(chan struct{})
	go func() {
		defer close(done)
		new(postgrestest.Shared).Server(said)
	}()
	<-done
	require.Contains(t, said.text, "server.Main(m)")
}

// failing notes how a test fails.
type failing struct {
	testing.TB
	text string
}

func (f *failing) Helper() {}

func (f *failing) Fatal(args ...any) {
	f.text = fmt.Sprint(args...)
	runtime.Goexit()
}

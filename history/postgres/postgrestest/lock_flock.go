//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package postgrestest

import (
	"errors"
	"os"
	"syscall"
)

// hold locks a file until it is closed or the process ends, however it ends. It fails if another holds it.
func hold(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// ours reports whether a directory is of the user that servers run as, or of the one that tests run as.
func ours(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	uid, _, needed, err := other()
	return int(stat.Uid) == os.Geteuid() || err == nil && needed && int(stat.Uid) == uid
}

// alive reports whether there is a process; one that was not there but has the number now counts too.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

//go:build unix

package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// other is the user that the server runs as if that is not the one that the tests run as.
func other() (uid, gid int, needed bool, err error) {
	if os.Geteuid() != 0 {
		return 0, 0, false, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return 0, 0, true, fmt.Errorf("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: %w", err)
		}
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, true, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, true, err
}

// disguise lets a command run as a user that PostgreSQL accepts; in a process group of its own, so that an interrupt at the keyboard
// does not end the server before the tests; and, where the system can do that, so that it ends with the tests however they end.
func disguise(cmd *exec.Cmd) error {
	uid, gid, needed, err := other()
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tether(cmd.SysProcAttr)
	if needed {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
	}
	return nil
}

// handOver gives a directory to that user.
func handOver(dir string) error {
	uid, gid, needed, err := other()
	if err != nil || !needed {
		return err
	}
	return os.Chown(dir, uid, gid)
}

//go:build unix && !linux

package postgrestest

import "syscall"

func tether(*syscall.SysProcAttr) {}

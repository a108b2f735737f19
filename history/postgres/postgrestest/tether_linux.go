package postgrestest

import "syscall"

// tether ends the process at once when the thread that starts it ends.
func tether(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }

package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options are settings that have defaults.
type Options struct {
	// Fast leaves out what makes data survive a crash of the machine (fsync, full_page_writes, synchronous_commit): for
	// tests that are not about that. What was committed survives a kill of the server's processes all the same, but for
	// the last moments (synchronous_commit). Defaults to false.
	Fast bool
	// Settings are further settings of postgresql.conf, for instance "max_connections": "20".
	Settings map[string]string
}

// Server is a PostgreSQL server of the tests' own. It listens on 127.0.0.1, on a free port, which it keeps
// when it starts again, and trusts everyone on this machine. Its methods are safe for concurrent use.
type Server struct {
	bin, dir  string
	port      int
	options   Options
	databases atomic.Int64
	lock      *os.File // held while the tests live

	mu      sync.Mutex
	process *process // nil while it is stopped
}

// process is one run of the server.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // how it ended, once exited is closed
}

// Start makes a new cluster in a temporary directory and starts a server on it, which is stopped and removed when
// the test ends. What tests that were killed have left of theirs, in the same place, is removed first. Nil options are
// the defaults. See the package's documentation for where the server comes from, and what happens where there is none.
func Start(tb testing.TB, o *Options) *Server {
	tb.Helper()
	s, err := start(o)
	must(tb, err)
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log("the server's last words:\n", s.Log())
		}
		if err := s.remove(); err != nil {
			tb.Error("postgrestest: ", err)
		}
	})
	return s
}

func start(o *Options) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if o != nil {
		s.options = *o
	}
	sweep()
	if s.dir, err = os.MkdirTemp("", prefix); err != nil {
		return nil, err
	}
	if err := s.make(); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// make makes the cluster and starts the server for the first time.
func (s *Server) make() error {
	lock, err := os.CreateTemp(s.dir, lockName) // named once it is held, so that no other takes it first
	if err != nil {
		return err
	}
	s.lock = lock
	if err := errors.Join(hold(lock), os.Rename(lock.Name(), filepath.Join(s.dir, lockName))); err != nil {
		return err
	}
	if err := handOver(s.dir); err != nil {
		return err
	}
	initdb := exec.CommandContext(context.Background(), filepath.Join(s.bin, "initdb"), "--pgdata="+s.data(), "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir = s.dir
	if err := disguise(initdb); err != nil {
		return err
	}
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(said))
	}
	for try := 0; ; try++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		s.port = port
		if err = s.Restart(); err == nil || try == 4 { // somebody else may have taken the port meanwhile
			return err
		}
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // it has told the port
	if at, ok := l.Addr().(*net.TCPAddr); ok {
		return at.Port, nil
	}
	return 0, fmt.Errorf("%v is no TCP address", l.Addr())
}

// Addr is where the server listens, as host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// DSN is the connection string of a database of the server's, for its superuser. There is always one named "postgres".
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", s.Addr(), database)
}

// Tool is a command of PostgreSQL's own programs, as pg_dump, that finds the server by itself: of the server's version, with
// what tells it where the server is in its environment. It is for the caller to run, as the user that the tests run as.
func (s *Server) Tool(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(s.port), "PGUSER=postgres", "PGSSLMODE=disable")
	return cmd
}

// Database makes a new, empty database and returns its connection string. It goes with the server.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), time.Minute)
	defer cancel()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	must(tb, s.exec(ctx, "CREATE DATABASE "+name))
	return s.DSN(name)
}

// exec runs a statement in the database postgres.
func (s *Server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Restart starts the server if it does not run, after [Server.Stop], [Server.Crash] or [Server.Kill], and waits until it answers.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return nil
	}
	var err error
	// After a kill, orphans of the last run may keep its memory for a moment, and then it does not start.
	for until := time.Now().Add(30 * time.Second); ; {
		if s.process, err = s.run(); err == nil {
			return nil
		}
		if time.Now().After(until) || !bytes.Contains([]byte(s.Log()), []byte("still in use")) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *Server) run() (*process, error) {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", s.data(), "-k", s.dir, "-p", strconv.Itoa(s.port)}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "127.0.0.1")
	if s.options.Fast {
		set("fsync", "off")
		set("full_page_writes", "off")
		set("synchronous_commit", "off")
	}
	for name, value := range s.options.Settings {
		set(name, value)
	}
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, "postgres"), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	if err := disguise(cmd); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	p, started := &process{cmd: cmd, exited: make(chan struct{})}, make(chan error)
	go func() {
		defer close(p.exited)
		// The server ends with this thread (see disguise), so the thread stays until the server has ended.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			err = cmd.Wait()
		}
		p.err = errors.Join(err, log.Close())
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	if err := s.await(p); err != nil {
		return nil, err
	}
	return p, nil
}

// await waits until the server answers.
func (s *Server) await(p *process) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		err := s.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("the server did not start (%w): %s", errors.Join(p.err, errors.New("see its log")), s.Log())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the server does not answer: %w", err), p.end(syscall.SIGKILL))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end sends a signal and waits until the process has ended.
func (p *process) end(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(time.Minute):
		return errors.Join(fmt.Errorf("the server did not end on %v", signal), p.cmd.Process.Kill())
	}
}

// Stop stops the server in good order: transactions are rolled back and connections ended (PostgreSQL's fast shutdown).
func (s *Server) Stop() error { return s.halt(syscall.SIGINT) }

// Crash stops the server at once, without a checkpoint (its immediate shutdown): when it starts again, it recovers. With
// Options.Fast, the last moments of commits that were acknowledged may be lost.
func (s *Server) Crash() error { return s.halt(syscall.SIGQUIT) }

// Kill kills the server's main process, as kill -9 does. The others notice and end. With Options.Fast, as with Crash, the last
// moments of commits may be lost.
func (s *Server) Kill() error { return s.halt(syscall.SIGKILL) }

func (s *Server) halt(signal os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	err := s.process.end(signal)
	s.process = nil
	return err
}

// Dir is the directory of the cluster's data, for instance to copy as a backup while the server is stopped.
func (s *Server) Dir() string { return s.data() }

// Log is what the server has written since it was started last.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// remove ends the server, if it runs, and removes all that is left of it.
func (s *Server) remove() error {
	err := errors.Join(s.Crash(), os.RemoveAll(s.dir))
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

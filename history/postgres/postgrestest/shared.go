package postgrestest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Shared is a server that the tests of a package share: it is started when the first of them asks for it, and its Main, which TestMain must
// call, removes it after the last. The zero value is ready to use.
type Shared struct {
	// Options are those of the server.
	Options Options

	main   bool // Main is at work
	once   sync.Once
	server *Server
	err    error
}

// Main runs the tests and then removes the server, if one was started. It returns what TestMain hands to os.Exit.
func (s *Shared) Main(m *testing.M) int {
	s.main = true
	status := m.Run()
	if s.server == nil {
		return status
	}
	if err := s.server.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
		status = max(status, 1)
	}
	return status
}

// Server returns the server, starting it if it is the first time. A test whose package does not call Main fails, since nobody
// would remove the server.
func (s *Shared) Server(tb testing.TB) *Server {
	tb.Helper()
	if !s.main {
		tb.Fatal("postgrestest: a Shared is removed by its Main, which nobody has called: add " +
			"func TestMain(m *testing.M) { os.Exit(server.Main(m)) } to the package, or use Start")
	}
	s.once.Do(func() { s.server, s.err = start(&s.Options) })
	must(tb, s.err)
	return s.server
}

// Database makes a new, empty database for a test and returns its connection string.
func (s *Shared) Database(tb testing.TB) string {
	tb.Helper()
	return s.Server(tb).Database(tb)
}

package postgrestest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Shared is a server that the tests of a package share: it is started when the first of them asks for it, and its Main removes it after the
// last. The zero value is ready to use.
type Shared struct {
	// Options are those of the server.
	Options Options

	once   sync.Once
	server *Server
	err    error
}

// Main runs the tests and then removes the server, if one was started. It returns what TestMain hands to os.Exit.
func (s *Shared) Main(m *testing.M) int {
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

// Server returns the server, starting it if it is the first time.
func (s *Shared) Server(tb testing.TB) *Server {
	tb.Helper()
	s.once.Do(func() { s.server, s.err = start(&s.Options) })
	must(tb, s.err)
	return s.server
}

// Database makes a new, empty database for a test and returns its connection string.
func (s *Shared) Database(tb testing.TB) string {
	tb.Helper()
	return s.Server(tb).Database(tb)
}

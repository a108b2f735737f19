// Package postgrestest starts throwaway PostgreSQL servers for tests, from the binaries that are installed: no container,
// no shared server, nothing left behind. Tests that are killed, or ended by go test's timeout, leave a directory
// (postgrestest…, in [os.TempDir]), whose server on Linux ends with them; whoever starts a server next removes it.
//
// One server for the tests of a package, a database for each test:
//
//	var server = postgrestest.Shared{Options: postgrestest.Options{Fast: true}}
//
//	func TestMain(m *testing.M) { os.Exit(server.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		store, err := postgres.Open(t.Context(), server.Database(t), &postgres.Options{Migrate: true})
//		…
//
// Tests that stop, kill and restart their server start one of their own with [Start].
//
// The binaries are looked for in $PGBIN, in PATH and where Debian and its like put them
// (/usr/lib/postgresql/*/bin, the newest first). Where there are none, tests are skipped and say why; where the environment variable
// CI is set, they fail, so that nothing passes unseen. PostgreSQL refuses to run as root: for root, the
// server runs as the user postgres, or nobody.
package postgrestest

// Package bench measures amends beside what a program would write without it, in the same run, so that figures can
// be compared. It is a module of its own, outside of go.work: what it measures against weighs on nobody who imports
// amends.
//
//	cd internal/bench && GOWORK=off go test -run '^$' -bench . -count 3
//
// A "ratio" is ours over the other's: both do the same work in turn on the same disk, so that it says more than
// either figure.
//
// # SQLite
//
// BenchmarkSQLiteAppend appends a commit of one batch, two records (300 bytes of data, 200 private) and a head
// (2,000 bytes of state, two keys), to a file on disk, against one immediate transaction with prepared statements
// on a connection of its own, which writes the same rows into the same tables and looks at nothing. On two cores of
// an Intel Xeon server with a fast disk, Go 1.26, modernc.org/sqlite v1.54.0:
//
//	durability   store     bare      ratio (aim: at most 1.3)
//	full         0.26 ms   0.22 ms   1.16
//	normal       0.17 ms   0.14 ms   1.21
//
// The difference is what makes it a store: looking for the key and the expected sequence, finding the next
// position, taking a connection from the pool and giving it back, settings for durability and for overwriting what
// is deleted.
package bench

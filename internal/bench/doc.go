// Package bench measures amends beside what a program would write without it, in the same run, so that figures can
// be compared. It is a module of its own, outside of go.work: what it measures against weighs on nobody who imports
// amends.
//
//	cd internal/bench && GOWORK=off go test -run '^$' -bench . -count 3
//
// A "ratio" is ours over the other's: both do the same work in turn on the same disk, so that it says more than
// either figure.
//
// Figures are of two cores of a shared Intel Xeon server at 2.1 GHz with a fast disk, Go 1.26, modernc.org/sqlite
// v1.54.0; the server's own speed varies by half.
//
// # Whole lifecycles
//
// One complaint through the five steps with a promise, 13 records. "bare" writes the same rows by hand, in as many
// transactions, and neither reads nor decides anything.
//
//	                              ours               bare             ratio (aim: at most 1.3)
//	memory, six commits           0.28 to 0.41 ms
//	memory, one commit            0.18 to 0.28 ms
//	SQLite, full, six commits     2.6 to 3.6 ms      1.9 to 2.6 ms    1.4 to 1.9
//	SQLite, normal, six commits   2.1 to 2.7 ms      1.1 to 1.8 ms    1.4 to 2.1
//
// The ranges are of all readings in two runs with two processors, one at a load of 0.2 before it began, one at 2.
//
// Neither the aim for SQLite nor that of 10,000 lifecycles a second in memory is reached: writing the state and the
// events as JSON takes about a third of the desk's time, allocation and collection a third, and each command reads
// the case's head before it writes.
//
// # SQLite appends
//
// BenchmarkSQLiteAppend appends a commit of one batch, two records (300 bytes of data, 200 private) and a head
// (2,000 bytes of state, two keys), to a file on disk, against one immediate transaction with prepared statements
// on a connection of its own, which writes the same rows into the same tables and looks at nothing.
//
//	durability   store     bare      ratio (aim: at most 1.3)
//	full         0.27 ms   0.26 ms   1.02 to 1.03
//	normal       0.19 ms   0.19 ms   1.01 to 1.02
//
// The difference is what makes it a store: looking for the key and the expected sequence, finding the next
// position, taking a connection from the pool and giving it back, settings for durability and for overwriting what
// is deleted.
package bench

// Package sqlite keeps history in an SQLite database: the embedded default. [Store] is a [history.Store], a
// [history.Eraser] and a [history.Bookmarker].
//
// The host opens the database, with the driver of its choice, and hands over the pool. This package imports no
// driver: it speaks to any that follows database/sql, and uses nothing but integers, text and bytes. Its tests run
// on modernc.org/sqlite; they were also run on mattn/go-sqlite3 and ncruces/go-sqlite3.
//
//	db, err := sql.Open("sqlite", "file:crm.db?_txlock=immediate")
//	…
//	store, err := sqlite.New(ctx, db, nil)
//
// # One file, two owners
//
// The file may be the host's own, with its own tables, and [Store.In] lets rows of the host's and a case commit
// together. What belongs to this package is what is named amends_…; it touches nothing else, neither user_version
// nor application_id. The schema is brought up to date by [New], in one transaction under the write lock, so that
// programs that start at the same time do it once. A file in which amends_… is something else, or of a newer
// release, is refused and left as it was, to the last byte.
//
// The tables may be read by others (times are microseconds since 1970, UTC; the columns say the rest), but only this
// package may write them. A record is stored in one piece, from which the columns that one reads (stream, type, data and
// so on) are generated: that makes reading twice as fast. A host's own indexes over them are fine, if their names
// do not begin with amends_.
//
// # What it asks of SQLite
//
// The database is put into WAL mode, so that reading and writing do not hinder each other. SQLite before 3.51.3 can
// corrupt a database in that mode (https://sqlite.org/wal.html#walresetbug) and is refused. The file must be on a
// local disk, and its encoding UTF-8, as it is unless PRAGMA encoding was set. A database in memory belongs to one connection, so the pool must be limited to one
// ([database/sql.DB.SetMaxOpenConns]), which must live as long as the data is wanted: set no ConnMaxLifetime or
// ConnMaxIdleTime.
//
// There is one writer at a time, in all processes. Appends of one Store queue for their turn in Go and take a
// connection only then; for other processes, and for the host's own transactions, they wait as long as
// [Options].Patience. No connection is held between two calls, so that a pool of one works, and no rows are open
// when a method returns. But who holds a transaction on it must use [Store.In], for Append would wait for the
// connection or the lock that its own caller holds.
//
// On every connection that it writes on, the store sets synchronous (see [Options].Durability) and secure_delete,
// which makes SQLite overwrite what is deleted; they stay set when the connection goes back to the pool.
//
// # Positions
//
// Records get their positions under the write lock, one after the other, and become visible in that order: a reader
// of the feed that has saved a position misses nothing that comes later. A position is never used twice.
package sqlite

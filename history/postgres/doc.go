// Package postgres keeps history in PostgreSQL, for many machines. [Store] is a [history.Store] and all that a store may be
// besides: [history.Eraser], [history.Clock], [history.Waker] and [history.Bookmarker].
//
//	store, err := postgres.Open(ctx, "postgres://crm@db.example.com/crm", &postgres.Options{Migrate: true})
//	…
//	defer store.Close()
//
// or, over a pool that the host has,
//
//	store, err := postgres.New(ctx, pool, nil)
//
// It needs PostgreSQL 12 or later, as primary, and is tested on 15. Connections may be shared out by transaction
// (PgBouncer): then the pool must not prepare statements (pgx's default_query_exec_mode=exec; GROWING.md says which others
// do), and Wake gives no hints to rely on, since what listens must keep its connection: those who follow the feed find
// what is new when they poll. The database's encoding must be UTF8.
//
// # The schema
//
// All that is stored is in one schema, "amends" if [Options].Schema names no other, best one of its own. Tenants
// may have a schema each, side by side. It is made and brought up to date by Open and New if Options.Migrate is set, in one
// transaction under an advisory lock, so that programs which start at the same time do it once; or by the host with a tool
// of its own, from [Migrations]. A schema that is missing, older, newer or somebody else's is refused and left as it was.
//
// To work with the schema a role needs USAGE on it, SELECT, INSERT, UPDATE and DELETE on its tables, and EXECUTE on its
// function append. Open and New fail, and name what lacks, where a role cannot append. It can do without UPDATE on records if
// nothing is ever erased, and without rights on bookmarks if nobody follows. Other programs may read the tables, whose columns the first migration explains, but only this package
// may write them. A host's own indexes over them are fine.
//
// A schema that was renamed, or restored from a backup and renamed, is refused too, for its function append still writes
// to the schema of the old name. Tell it the new one:
//
//	ALTER FUNCTION tenant_b.append SET search_path = tenant_b, pg_temp;
//
// # Appending
//
// An append is one statement, the function append, and so one round trip and one transaction. It looks for the key; it
// takes the heads, sorted by stream; it then takes the one row that counts positions, and writes the records and the key.
// That row makes the feed dense and safe to follow: a position becomes visible only after all lower ones. Whoever holds it
// keeps other appends of the schema waiting until its transaction ends. An append by itself is short; a host's own
// transaction, best made by [Store.Transact], should append last (see [Store.In]).
//
// A conflict is an answer like any other where nothing was written yet. Where a commit has several batches and a later
// one meets the conflict, it is an error of class AM, which the server logs.
//
// A commit is as durable as the server's synchronous_commit makes it, which this package leaves as the host has set it. With "off", the last
// moments of acknowledged commits can be lost in a crash of the server.
//
// Isolation is the host's choice, and every answer is right at all of them. READ COMMITTED, PostgreSQL's default, is fastest: where
// connections have another, an append that fails for it makes the store begin its transactions as READ COMMITTED.
//
// # When something fails
//
// A lock that is held, a deadlock, a serialization failure, a broken connection and a server that starts again are met by trying again for
// Options.Patience, under the same key, so that nothing is written twice. Then it is ErrBusy, where others were in the way,
// or ErrUnavailable, where the server was not there (a web service answers 503), and nothing was written. What can not be known is
// history.ErrUncertain: append the same commit again, now or after a restart of the program.
//
// # Large installations
//
// Every append writes one head, its index entries and the counter's row anew; autovacuum removes what was there before. A transaction that
// stays open for hours, on whatever table of the server, keeps it from doing so, and appends become slower meanwhile.
package postgres

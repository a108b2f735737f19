// Package history keeps what happened, so that nothing is lost, nothing happens twice, and nothing is changed unnoticed.
//
// A [Record] is one fact, and a stream is the records of one thing in order: of a case, a customer, a ledger. Each record is
// chained to the one before it by its hash. A [Head] is where a stream stands: the last record's sequence and hash, whether work is
// open and when it is due, keys to find it by, and the folded state, so that loading and listing need no replay.
//
// Writing is three steps: load the head, chain new records to it with [Next], and append the [Batch] in a [Commit]. Several
// batches in one commit are written together or not at all. If another caller was faster, or the stream has another past
// by now (a backup was restored), Append returns [ErrConflict]: load the head, decide again, append again. A commit has a
// key, so that a request that comes twice is written once: the second time its [Receipt] comes back. That also settles a
// commit whose outcome is unknown ([ErrUncertain]).
//
// Reading is by stream ([Stream]), by what heads have in common ([Heads]), or everything in order ([Feed]): a reader that
// remembers the last position it has dealt with misses nothing. [Follow] is such a reader: it hands each record to a function
// of the host's, at least once and in order, tries again what fails, and goes on after a restart. That is how to send
// notifications, and with [FollowPages] how to keep projections, exactly, in the host's own transactions. [Lag] says how many
// records it still has before it.
//
// Personal texts go into a record's Private part. A store that is an [Eraser] can remove them, and the chain, which
// covers only a seal of them, still verifies. [Verify] walks a stream and names the first record that was altered, removed or moved.
//
// # Stores
//
// A [Store] keeps all this: [Memory], history/sqlite over a database file, history/postgres for many machines, or the host's own tables. It is five methods that
// must do what their contract says under concurrency, and computes nothing: ids, times, hashes and heads
// are the caller's, checked by [Commit.Check]. Package historytest checks a store, promise by promise.
//
// What is stored is a contract: the hash of a record that exists never changes.
package history

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	recordColumns = `position, stream, sequence, id, time, type, actor, hash, seal, data, salt, private`
	headColumns   = `h.stream, h.kind, h.sequence, h.hash, h.time, h.open, h.due, h.keys, h.state`
)

// prepared are the statements, prepared once for the pool: database/sql prepares them again on each connection that uses them, and
// holds none for them.
type prepared struct {
	lock, position                       *sql.Stmt
	findCommit, putCommit                *sql.Stmt
	putRecord, erase                     *sql.Stmt
	standing, addHead, moveHead, putHead *sql.Stmt
	addKey, dropKey                      *sql.Stmt
	head, records, feed                  *sql.Stmt
	begin, release, undo                 *sql.Stmt
}

func (s *prepared) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		// A statement that could write takes the write lock, whether it finds something to write or not. As the first one of
		// a transaction it does what BEGIN IMMEDIATE does, and works in transactions that database/sql or the host began.
		{&s.lock, `DELETE FROM amends_schema WHERE version < 0`},
		{&s.position, `SELECT coalesce(max(position), 0) FROM amends_records`},

		{&s.findCommit, `SELECT digest, first, last, streams FROM amends_commits WHERE key = ?`},
		{&s.putCommit, `INSERT INTO amends_commits (key, digest, first, last, streams) VALUES (?, ?, ?, ?, ?)`},

		{&s.putRecord, `INSERT INTO amends_records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.erase, `UPDATE amends_records SET salt = NULL, private = NULL
			WHERE stream = ? AND sequence <= ? AND private IS NOT NULL`},

		{&s.standing, `SELECT sequence, kind, open, keys FROM amends_heads WHERE stream = ?`},
		{&s.addHead, `INSERT INTO amends_heads (sequence, hash, time, due, state, kind, open, keys, stream)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		// Two ways to replace a head, because SQLite writes the entries of every index over a column that is set, changed or not.
		{&s.moveHead, `UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ? WHERE stream = ?`},
		{&s.putHead, `UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ?, kind = ?, open = ?, keys = ?
			WHERE stream = ?`},
		{&s.addKey, `INSERT INTO amends_keys (key, stream) VALUES (?, ?)`},
		{&s.dropKey, `DELETE FROM amends_keys WHERE key = ? AND stream = ?`},

		{&s.head, `SELECT ` + headColumns + ` FROM amends_heads h WHERE h.stream = ?`},
		{&s.records, `SELECT ` + recordColumns + ` FROM amends_records WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?`},
		{&s.feed, `SELECT ` + recordColumns + ` FROM amends_records WHERE position > ? ORDER BY position LIMIT ?`},

		{&s.begin, `SAVEPOINT amends`},
		{&s.release, `RELEASE amends`},
		{&s.undo, `ROLLBACK TO amends`},
	} {
		var err error
		if *p.to, err = db.PrepareContext(ctx, p.sql); err != nil {
			return fmt.Errorf("prepare %s: %w", firstLine(p.sql), err)
		}
	}
	return nil
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	headColumns = `h.stream, h.kind, h.sequence, h.hash, h.time, h.open, h.due, h.keys, h.state`

	// Where a parameter stands by itself in a range or a limit, SQLite plans the query anew each time that it changes.
	recordsQuery = `SELECT record FROM amends_records WHERE stream = ? AND sequence > ? + 0 ORDER BY sequence LIMIT ? + 0`
	feedQuery    = `SELECT record FROM amends_records WHERE position > ? + 0 ORDER BY position LIMIT ? + 0`
	eraseRecords = `UPDATE amends_records SET record = substr(record, 1, length(record) - length(salt) - length(private))
		WHERE stream = ? AND sequence <= ? AND private IS NOT NULL`
)

// prepared are the statements, prepared once for the pool: database/sql prepares them again on each connection that
// uses them, and holds none for them.
type prepared struct {
	claim, commit                *sql.Stmt
	addHead, moveHead            *sql.Stmt
	turnHead, putHead            *sql.Stmt
	standing, addKey, dropKey    *sql.Stmt
	addRecord, erase             *sql.Stmt
	head, records, feed          *sql.Stmt
	bookmark, last               *sql.Stmt
	savepoint, release, rollback *sql.Stmt
}

func (s *prepared) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		// A statement that can write takes the write lock before it reads anything. As the first one of a
		// transaction it does what BEGIN IMMEDIATE does, and also in transactions that database/sql or the host
		// began. From there on nobody else appends. (No RETURNING: it makes SQLite set up a table for the answer,
		// which costs as much as the rest.)
		{&s.claim, `INSERT INTO amends_commits (key, digest, streams, records, first)
			VALUES (?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM amends_records))
			ON CONFLICT (key) DO NOTHING`},
		{&s.commit, `SELECT digest, streams, records, first FROM amends_commits WHERE key = ?`},

		{&s.addHead, `INSERT INTO amends_heads (sequence, hash, time, due, state, kind, open, keys, stream)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream) DO NOTHING`},
		// Several ways to replace a head, because SQLite writes the entries of every index over a column that is set,
		// changed or not: moveHead where kind, open and keys stay, turnHead where they are known to have been others,
		// putHead where nothing is known.
		{&s.moveHead, `UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ?
			WHERE +kind = ? AND open = ? AND keys = ? AND stream = ? AND sequence = ? AND hash = ?`},
		{&s.turnHead, `UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ?,
			kind = ?, open = ?, keys = ? WHERE stream = ? AND sequence = ? AND hash = ? AND keys = ?`},
		{&s.putHead, `UPDATE amends_heads SET sequence = ?, hash = ?, time = ?, due = ?, state = ?,
			kind = ?, open = ?, keys = ? WHERE stream = ?`},
		{&s.standing, `SELECT sequence, hash, keys FROM amends_heads WHERE stream = ?`},
		{&s.addKey, `INSERT INTO amends_keys (key, stream) VALUES (?, ?)`},
		{&s.dropKey, `DELETE FROM amends_keys WHERE key = ? AND stream = ?`},

		// SQLite gives a record without position the one after the greatest, which packed.go wants in the record too; records
		// are never deleted, so that none comes twice.
		{&s.addRecord, `INSERT INTO amends_records (record) VALUES
			(CAST(printf('%012d', (SELECT coalesce(max(position), 0) + 1 FROM amends_records)) || ? AS BLOB))`},
		{&s.erase, eraseRecords},

		{&s.head, `SELECT ` + headColumns + ` FROM amends_heads h WHERE h.stream = ?`},
		{&s.records, recordsQuery},
		{&s.feed, feedQuery},
		{&s.last, `SELECT coalesce(max(position), 0) FROM amends_records`},

		{&s.bookmark, `SELECT position FROM amends_bookmarks WHERE name = ?`},

		{&s.savepoint, `SAVEPOINT amends`},
		{&s.release, `RELEASE amends`},
		{&s.rollback, `ROLLBACK TO amends`},
	} {
		var err error
		if *p.to, err = db.PrepareContext(ctx, p.sql); err != nil {
			return fmt.Errorf("prepare %s: %w", firstLine(p.sql), err)
		}
	}
	return nil
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// open checks the database, touching nothing until all checks have passed, and
// then brings it to WAL mode and to the last migration.
func open(ctx context.Context, db *sql.DB, steps []migration) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer giveBack(conn)
	var version, file, encoding string
	if err := conn.QueryRowContext(ctx, `SELECT sqlite_version(), file, encoding FROM pragma_database_list, pragma_encoding WHERE name = 'main'`).
		Scan(&version, &file, &encoding); err != nil {
		return err
	}
	if encoding != "UTF-8" {
		return fmt.Errorf("%w: the database's encoding is %s, want UTF-8, which is what SQLite takes if nobody sets PRAGMA encoding", ErrUnsafe, encoding)
	}
	inMemory := file == ""
	if err := suitable(version, inMemory, db.Stats().MaxOpenConnections); err != nil {
		return err
	}
	done, err := inspect(ctx, conn, steps)
	if err != nil {
		return err
	}
	if !inMemory {
		if err := useWAL(ctx, conn); err != nil {
			return err
		}
	}
	if done == len(steps) {
		return nil
	}
	return migrate(ctx, conn, steps)
}

// suitable says why history would not be safe with this SQLite and this pool.
func suitable(version string, inMemory bool, maxConns int) error {
	switch {
	case inMemory && maxConns != 1:
		return fmt.Errorf("%w: a database in memory belongs to one connection and the pool may open several, "+
			"each of which would see an empty database of its own: call SetMaxOpenConns(1) before, or use a file", ErrUnsafe)
	case inMemory && older(version, 3, 37, 0):
		return fmt.Errorf("%w: SQLite %s does not know strict tables: 3.37.0 or later does", ErrUnsafe, version)
	case !inMemory && older(version, 3, 51, 3):
		return fmt.Errorf("%w: SQLite %s can corrupt a database in WAL mode (https://sqlite.org/wal.html#walresetbug): "+
			"take a driver with 3.51.3 or later", ErrUnsafe, version)
	}
	return nil
}

// older reports whether a version like "3.51.2" comes before the wanted one. A
// version that cannot be read counts as older.
func older(version string, want ...int) bool {
	parts := strings.Split(version, ".")
	for i, w := range want {
		n := 0
		if i < len(parts) {
			var err error
			if n, err = strconv.Atoi(parts[i]); err != nil {
				return true
			}
		}
		if n != w {
			return n < w
		}
	}
	return false
}

// useWAL sets the journal mode, which the file keeps.
func useWAL(ctx context.Context, conn *sql.Conn) error {
	var mode string
	if err := conn.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if !strings.EqualFold(mode, "wal") {
		return fmt.Errorf("%w: the journal mode stays %q, WAL is not possible on this file system or VFS: "+
			"use a local file", ErrUnsafe, mode)
	}
	return nil
}

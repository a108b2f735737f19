package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// A host keeps a table of its own from the feed, exactly: its rows and the bookmark commit together.
func ExampleStore_In_follow() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "amends")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "crm.db")+"?_txlock=immediate")
	check(err)
	defer func() { check(db.Close()) }()
	_, err = db.ExecContext(ctx, `CREATE TABLE counts (type TEXT PRIMARY KEY, n INTEGER)`)
	check(err)
	store, err := sqlite.New(ctx, db, nil)
	check(err)
	for _, name := range []string{"a", "b", "c"} {
		batch, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf(name)}, history.Record{Type: "case.opened/1"})
		check(err)
		_, err = store.Append(ctx, history.Commit{Key: name, Batches: []history.Batch{batch}})
		check(err)
	}

	err = history.FollowPages(ctx, store, "counts", func(ctx context.Context, p history.Page) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // nothing to roll back once it is committed
		for _, r := range p.Records {
			if _, err := tx.ExecContext(ctx, `INSERT INTO counts VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1`, r.Type); err != nil {
				return err
			}
		}
		if err := p.Done(ctx, store.In(tx)); err != nil {
			return err
		}
		return tx.Commit()
	}, &history.FollowOptions{Observe: func(p history.Progress) {
		if p.Behind == 0 {
			stop() // a real one goes on for as long as the program runs
		}
	}})

	var n int
	check(db.QueryRowContext(context.Background(), `SELECT n FROM counts WHERE type = 'case.opened/1'`).Scan(&n))
	fmt.Println(n, "opened;", err)
	// Output:
	// 3 opened; context canceled
}

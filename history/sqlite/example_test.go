package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

// A host keeps its tickets in the same file. The ticket and the case's first record are written together.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "amends")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()

	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "crm.db")+"?_txlock=immediate")
	check(err)
	defer func() { check(db.Close()) }()
	_, err = db.ExecContext(ctx, `CREATE TABLE tickets (number INTEGER PRIMARY KEY, subject TEXT)`)
	check(err)
	store, err := sqlite.New(ctx, db, nil)
	check(err)

	stream := history.StreamOf("ticket:991")
	batch, err := history.Next(history.Head{}, history.Head{Stream: stream, Kind: "case", Open: true}, history.Record{
		Type: "case.opened/1", Time: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), Actor: "agent:ana",
		Data: []byte(`{"concern":"laptop failed after two weeks"}`),
	})
	check(err)

	tx, err := db.BeginTx(ctx, nil)
	check(err)
	_, err = tx.ExecContext(ctx, `INSERT INTO tickets VALUES (991, 'Laptop')`)
	check(err)
	receipt, err := store.In(tx).Append(ctx, history.Commit{Key: "open ticket 991", Batches: []history.Batch{batch}})
	check(err)
	check(tx.Commit())
	fmt.Println("written at position", receipt.First)

	for r, err := range history.Stream(ctx, store, stream) {
		check(err)
		fmt.Println(r.Sequence, r.Type, r.Time.Format(time.DateTime), r.Actor, string(r.Data))
	}
	check(history.Verify(ctx, store, stream))
	// Output:
	// written at position 1
	// 1 case.opened/1 2026-03-02 09:30:00 agent:ana {"concern":"laptop failed after two weeks"}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

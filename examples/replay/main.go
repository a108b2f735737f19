// Replay takes real complaints through the desk: those that the US Consumer
// Financial Protection Bureau publishes, or a small invented sample of the same
// form. It counts from the desk's own cases and events what the file says of
// them, and compares.
//
//	go run ./examples/replay                                  the sample
//	go run ./examples/replay -cfpb complaints.csv             a file
//	go run ./examples/replay -cfpb complaints.csv -db c.db    kept in SQLite; again: nothing changes
package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/examples/internal/console"
	"github.com/amends-go/amends/examples/internal/table"
	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

//go:embed sample.csv
var sample []byte

func main() { console.Main("replay", run) }

// errDisagrees says that the desk's counts are not the file's.
var errDisagrees = errors.New("what the desk says is not what the file says")

// run is the program. It shows its progress only where somebody watches.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("cfpb", "", "the `file` of complaints, as the bureau exports them; empty: a small sample")
	db := flags.String("db", "", "a SQLite `file` to keep the cases in; empty: in memory")
	if err := flags.Parse(args); err != nil {
		return err
	}

	rows, in, err := table.Load(*path, sample, columns(), log.New(stderr, "", 0), parse)
	if err != nil {
		return err
	}
	store, closeStore, err := open(ctx, *db)
	if err != nil {
		return fmt.Errorf("%s: %w", *db, err)
	}
	said, err := replayAll(ctx, store, rows, console.Progress(stderr, watched))
	if err = errors.Join(err, closeStore()); err != nil {
		return err
	}
	file := countRows(rows)
	_, err = fmt.Fprintf(stdout, "%d complaints of %s, %d bad rows left out\n\n%s", len(rows), in.Name, in.Bad, said.text(file))
	if err != nil {
		return err
	}
	if said.counts != file {
		return errDisagrees
	}
	return nil
}

// open opens a store in a file, or in memory.
func open(ctx context.Context, file string) (history.Store, func() error, error) {
	if file == "" {
		return new(history.Memory), func() error { return nil }, nil
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlite.New(ctx, db, nil)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return store, db.Close, nil
}

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
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

//go:embed sample.csv
var sample []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr, terminal(os.Stderr))
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

// terminal reports whether somebody watches.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

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

	in, err := load(*path, log.New(stderr, "", 0))
	if err != nil {
		return err
	}
	store, closeStore, err := open(ctx, *db)
	if err != nil {
		return fmt.Errorf("%s: %w", *db, err)
	}
	said, err := replayAll(ctx, store, in.rows, watcher(stderr, watched))
	if err = errors.Join(err, closeStore()); err != nil {
		return err
	}
	file := countRows(in.rows)
	if _, err := io.WriteString(stdout, in.String()+"\n\n"+said.text(file)); err != nil {
		return err
	}
	if said.counts != file {
		return errDisagrees
	}
	return nil
}

// input is what was read of a file.
type input struct {
	name string
	rows []*row
	bad  int // rows left out
}

func (in input) String() string {
	return fmt.Sprintf("%d complaints of %s, %d bad rows left out", len(in.rows), in.name, in.bad)
}

// load reads a file, or the sample, and logs the rows that are bad.
func load(path string, log *log.Logger) (input, error) {
	in, data := input{name: "the sample"}, sample
	var err error
	if path != "" {
		in.name = filepath.Base(path)
		if data, err = os.ReadFile(path); err != nil {
			return in, err
		}
	}
	in.rows, err = read(bytes.NewReader(data), func(line int, err error) {
		in.bad++
		log.Printf("%s:%d: left out: %s", in.name, line, strings.ReplaceAll(err.Error(), "\n", "; "))
	})
	if err != nil {
		return in, fmt.Errorf("%s: %w", in.name, err)
	}
	return in, nil
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

// watcher shows progress, ten times a second and at the end.
func watcher(w io.Writer, watched bool) func(done, all int) {
	var last time.Time
	return func(done, all int) {
		if !watched || done < all && time.Since(last) < 100*time.Millisecond {
			return
		}
		last = time.Now()
		end := ""
		if done == all {
			end = "\n"
		}
		_, _ = fmt.Fprintf(w, "\r%d of %d%s", done, all, end) // if nobody sees it, nothing is lost
	}
}

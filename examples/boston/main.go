// Boston takes a city's service requests through the desk: those that Boston's
// 311 hotline had in the first half of 2015, or a small made-up sample of the same
// form. It reads from the rows themselves how many days each type of request is
// given, makes an agreement of that (calendar, holidays and service levels:
// configuration, and nothing but), lets the desk compute the target date of every
// request, and counts how many are those that the city gave.
//
//	go run ./examples/boston                               the sample
//	go run ./examples/boston -boston requests.csv          a file
//	go run ./examples/boston -boston requests.csv -out .   and keep the agreements as JSON
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/amends-go/amends/examples/internal/console"
	"github.com/amends-go/amends/examples/internal/table"
	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/sla"
)

//go:embed sample.csv
var sample []byte

func main() { console.Main("boston", run) }

// errDisagrees says that the desk and the file's flag are not of one mind.
var errDisagrees = errors.New("the desk does not call late what the file calls overdue")

// run is the program. It shows its progress only where somebody watches.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error {
	flags := flag.NewFlagSet("boston", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("boston", "", "the `file` of requests, as the city publishes them; empty: a small sample")
	out := flags.String("out", "", "a `directory` to write the agreements to that were read from the rows")
	if err := flags.Parse(args); err != nil {
		return err
	}

	calendar, err := sla.NewCalendar(boston())
	if err != nil {
		return err
	}
	rows, in, err := table.Load(*path, sample, columns(), log.New(stderr, "", 0), parser(calendar.Location()))
	if err != nil {
		return err
	}
	seen, err := observe(rows, calendar)
	if err != nil {
		return err
	}
	tables := periods(seen)
	if err := keep(*out, tables); err != nil {
		return err
	}

	r := &replay{store: new(history.Memory)}
	began := time.Now()
	if err := r.play(ctx, rows, tables, console.Progress(stderr, watched)); err != nil {
		return err
	}
	took := time.Since(began)
	said, err := r.readBack(ctx, rows)
	if err != nil {
		return err
	}
	said.tables, said.heldOut, said.took = tables, heldOut(seen), took
	if _, err := fmt.Fprintf(stdout, "%d requests of %s, %d bad rows left out\n\n%s", len(rows), in.Name, in.Bad, said.text()); err != nil {
		return err
	}
	if said.agree != said.flagged {
		return errDisagrees
	}
	return nil
}

// keep writes the agreements to a directory, if one is named.
func keep(dir string, tables []period) error {
	if dir == "" {
		return nil
	}
	for _, p := range tables {
		a, err := p.agreement()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, a.Name()+"-"+a.Version()+".json"), a.Document(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

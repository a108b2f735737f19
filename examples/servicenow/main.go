// Servicenow takes incidents through the desk: those of a company's ServiceNow
// audit log, or a small made-up sample of the same form. The log's states become
// the desk's commands: awaiting somebody pauses the clocks, reopening is a new round
// with clocks of its own. It counts from the desk's cases and events what the log
// says of them, and compares.
//
//	go run ./examples/servicenow                    the sample
//	go run ./examples/servicenow -log events.csv    a file
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/amends-go/amends/examples/internal/console"
	"github.com/amends-go/amends/examples/internal/table"
	"github.com/amends-go/amends/history"
)

//go:embed sample.csv
var sample []byte

func main() { console.Main("servicenow", run) }

// errDisagrees says that the desk's counts are not the log's.
var errDisagrees = errors.New("what the desk says is not what the log says")

// run is the program. It shows its progress only where somebody watches.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error {
	flags := flag.NewFlagSet("servicenow", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("log", "", "the `file` of events; empty: a small sample")
	if err := flags.Parse(args); err != nil {
		return err
	}

	rows, in, err := table.Load(*path, sample, columns(), log.New(stderr, "", 0), parse)
	if err != nil {
		return err
	}
	all := incidents(rows)
	r, err := newReplay(new(history.Memory))
	if err != nil {
		return err
	}
	began := time.Now()
	if err := r.play(ctx, all, console.Progress(stderr, watched)); err != nil {
		return err
	}
	took := time.Since(began)
	said, err := r.readBack(ctx, all)
	if err != nil {
		return err
	}
	said.took = took
	counted := countLog(all)
	_, err = fmt.Fprintf(stdout, "%d events of %d incidents in %s, %d bad rows left out\n\n%s",
		len(rows), len(all), in.Name, in.Bad, said.text(counted))
	if err != nil {
		return err
	}
	if said.counts != counted || said.sameReopens != said.incidents {
		return errDisagrees
	}
	return nil
}

// Package console is how the example programs run in a terminal and show that they are at work.
package console

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// Main runs a program until it is done or interrupted, and ends the process with
// status 1 if it fails. It says whether somebody watches the program's progress.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr, isWatched(os.Stderr))
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// isWatched reports whether somebody watches a file: it is a terminal.
func isWatched(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Progress returns a function that shows how much is done of how much, ten times
// a second and at the end, where somebody watches.
func Progress(w io.Writer, watched bool) func(done, all int) {
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

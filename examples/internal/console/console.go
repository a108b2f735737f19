// Package console is how the example programs show that they are at work.
package console

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Watched reports whether somebody watches a file: it is a terminal.
func Watched(f *os.File) bool {
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

package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

const (
	childFile = "AMENDS_TEST_CHILD_FILE" // set: this process is a child, and shall work on this file
	childName = "AMENDS_TEST_CHILD_NAME"
)

const (
	children = 3
	workers  = 2  // in each child
	appends  = 25 // by each worker, to each of two streams
)

// TestProcesses starts several processes at once on a file that does not exist yet. Each makes the tables if it
// comes first, and appends to a stream that all share and to one of its own. Meanwhile this process follows the
// feed.
func TestProcesses(t *testing.T) {
	path := file(t)
	done := make(chan error, children)
	for i := range children {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")
		cmd.Env = append(os.Environ(), childFile+"="+path, fmt.Sprintf("%s=child %d", childName, i))
		go func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	db := pool(t, "file:"+path, 0)
	s := store(t, db)
	var followed []history.Record
	follow := func() {
		after := uint64(0)
		if len(followed) > 0 {
			after = followed[len(followed)-1].Position
		}
		page, err := s.Feed(t.Context(), after, 0)
		require.NoError(t, err)
		followed = append(followed, page...)
	}
	for left := children; left > 0; {
		select {
		case err := <-done:
			require.NoError(t, err)
			left--
		default:
			follow()
		}
	}
	follow()
	require.Len(t, followed, 2*children*workers*appends)
	require.Equal(t, feed(t, s), followed, "who follows the feed misses nothing")
	shared, err := s.Head(t.Context(), history.StreamOf("shared"))
	require.NoError(t, err)
	require.EqualValues(t, children*workers*appends, shared.Sequence)
	for i, r := range followed {
		require.EqualValues(t, i+1, r.Position)
	}
	sound(t, db, s)
}

// TestChild is what the children of TestProcesses run; by itself it does nothing.
func TestChild(t *testing.T) {
	path := os.Getenv(childFile)
	if path == "" {
		return
	}
	s := store(t, pool(t, "file:"+path, 0))
	done := make(chan struct{})
	for w := range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			own := fmt.Sprint(os.Getenv(childName), " worker ", w)
			for i := range appends {
				for _, stream := range []string{"shared", own} {
					assert.NoError(t, insist(t, s, fmt.Sprint(own, " ", stream, " ", i), stream))
				}
			}
		}()
	}
	for range workers {
		<-done
	}
}

// insist appends a record, again as long as others come first.
func insist(t *testing.T, s history.Store, key, stream string) error {
	t.Helper()
	for {
		prev, err := s.Head(t.Context(), history.StreamOf(stream))
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return err
		}
		c := history.Commit{Key: key, Batches: []history.Batch{batch(t, prev, stream, 1)}}
		if _, err = s.Append(t.Context(), c); !errors.Is(err, history.ErrConflict) {
			return err
		}
	}
}

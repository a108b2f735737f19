package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// followerChild follows the feed and reports each record that it has handled, until it is killed. It begins again when its bookmark was moved by
// another: by the one before it, which is dead, but whose last statement PostgreSQL was still to carry out.
func followerChild(ctx context.Context, _ string, s history.Store, to *reporter) error {
	handle := func(_ context.Context, r history.Record) error {
		to.send(report{Key: r.ID.String(), Receipt: history.Receipt{First: r.Position}})
		return nil
	}
	for {
		err := history.Follow(ctx, s, "faults", handle, &history.FollowOptions{Page: 20, Poll: 5 * time.Millisecond})
		if !errors.Is(err, history.ErrMoved) {
			return err
		}
	}
}

// TestFollow kills a follower again and again, most often between handling a record and saving how far it came, while others write.
func TestFollow(t *testing.T) {
	onEach(t, []string{inSQLite, inServer}, func(t *testing.T, d database) {
		t.Helper()
		began := time.Now()
		s, j := d.on(t), newJournal()
		var handled []uuid.UUID // as the reports came
		positions := map[uuid.UUID]uint64{}
		reports := make(chan struct{}, 100_000)
		hear := func(m report) {
			id, err := uuid.Parse(m.Key)
			if err != nil {
				return
			}
			handled = append(handled, id)
			positions[id] = m.Receipt.First
			reports <- struct{}{}
		}
		stop, stopped := make(chan struct{}), make(chan error, 1)
		go func() {
			w := &writer{name: "writer", store: s, to: j, size: 10}
			for n := 0; ; n++ {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				if err := w.write(t.Context(), n); err != nil {
					stopped <- err
					return
				}
			}
		}()
		kills := scaled(40)
		for n := range kills {
			c := start(t, "follower", fmt.Sprint("follower ", n), d, hear)
			for range 1 + rand.IntN(50) {
				<-reports
			}
			c.kill()
		}
		close(stop)
		require.NoError(t, <-stopped)
		j.check(t, s)
		last := start(t, "follower", "the last one", d, hear)
		for {
			lag, err := history.Lag(t.Context(), s, "faults")
			require.NoError(t, err)
			if lag == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		last.kill()
		feed := checkStore(t, s)
		again, at := 0, uint64(0) // the first time, records come in order; again, only those since the position was saved
		for _, id := range handled {
			p := positions[id]
			require.LessOrEqual(t, p, at+1, "a record was skipped")
			if p <= at {
				again++
				require.Less(t, at-p, uint64(20), "a record came again after its page was saved")
			}
			at = max(at, p)
		}
		require.Len(t, feed, int(at))
		require.Len(t, positions, len(feed))
		t.Logf("%s: %d records followed, %d kills in %.1f s: none skipped, %d handled again", d.kind, len(feed), kills+1, time.Since(began).Seconds(), again)
	})
}

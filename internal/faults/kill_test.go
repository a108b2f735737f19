package faults_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// TestKill kills writing processes with kill -9, one of the two that share a database each time, and starts another in its place, while
// this process follows the feed. What the dead one had asked for and never heard of is settled at once by its key.
func TestKill(t *testing.T) {
	onEach(t, []string{inSQLite, inServer}, func(t *testing.T, d database) {
		t.Helper()
		began := time.Now()
		s, j := d.on(t), newJournal()
		followed := 0
		last := uint64(0)
		follow := func() {
			for r, err := range history.Feed(t.Context(), s, last) {
				require.NoError(t, err)
				require.Greater(t, r.Position, last)
				last = r.Position
				followed++
			}
		}
		type running struct {
			*child
			answers chan struct{}
		}
		begin := func(n int) running {
			answers := make(chan struct{}, 1000)
			return running{start(t, "writer", fmt.Sprintf("child %d", n), d, into(j, answers)), answers}
		}
		kills := scaled(100)
		at := []running{begin(0), begin(1)}
		for n := range kills {
			victim := at[n%2]
			for range 1 + rand.IntN(20) { // anywhere in its life, but for the very beginning
				select {
				case <-victim.answers:
				case <-victim.read:
					t.Fatalf("child %s ended by itself", victim.name)
				}
			}
			time.Sleep(rand.N(3 * time.Millisecond)) // and anywhere in an append
			victim.kill()
			j.settle(t, s, victim.name+"/")
			at[n%2] = begin(n + 2)
			follow()
		}
		for _, c := range at {
			c.kill()
		}
		j.check(t, s)
		follow()
		require.Len(t, checkStore(t, s), followed, "who follows the feed meanwhile misses nothing")
		t.Logf("%s: %d kills in %.1f s: %v", d.kind, kills+2, time.Since(began).Seconds(), j)
	})
}

package faults_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/recovery"
)

// TestClocks has two machines, whose clocks are ten minutes apart, work on the same cases: they note, wait, go on, and tick, while the time of the clocks'
// thresholds passes. No record goes back in time, and each threshold fires once.
func TestClocks(t *testing.T) {
	onEach(t, []string{inMemory, inSQLite, inServer}, func(t *testing.T, d database) {
		t.Helper()
		began, s := time.Now(), d.on(t)
		cases := scaled(100)
		openCases(t, s, cases)
		var ids []uuid.UUID
		first, err := deskAt(s, 0)
		require.NoError(t, err)
		page, err := first.Cases(t.Context(), recovery.Query{Limit: 1000})
		require.NoError(t, err)
		for _, c := range page.Cases {
			ids = append(ids, c.ID)
		}
		require.Len(t, ids, cases)
		var notes, ticks atomic.Int64
		var steps sync.WaitGroup
		for _, ahead := range []time.Duration{0, 10 * time.Minute} {
			steps.Go(func() {
				for after := time.Hour; after <= 5*time.Hour; after += 10 * time.Minute {
					desk, err := deskAt(s, after+ahead)
					if !assert.NoError(t, err) {
						return
					}
					for range 10 {
						_, err = desk.Do(t.Context(), ids[rand.IntN(len(ids))], recovery.Actor{ID: "ana"}, recovery.Note{Text: "x"})
						assert.NoError(t, err)
						notes.Add(1)
					}
					_, err = desk.Tick(t.Context())
					assert.NoError(t, err)
					ticks.Add(1)
				}
			})
		}
		steps.Wait()
		last, err := deskAt(s, 6*time.Hour)
		require.NoError(t, err)
		_, err = last.Tick(t.Context())
		require.NoError(t, err)
		checkFired(t, checkStore(t, s), cases, "acknowledgement 1 50%", "acknowledgement 1")
		t.Logf("%s: %d cases, %d notes and %d ticks by two machines ten minutes apart, in %.1f s: no record goes back in time, %d thresholds, each once",
			d.kind, cases, notes.Load(), ticks.Load(), time.Since(began).Seconds(), 2*cases)
	})
}

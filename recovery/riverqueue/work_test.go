package riverqueue_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// In most of these tests cases are opened by a desk whose clock is in the past, so that what is due is due at once.

// TestACaseIsSettledWhenItIsDue, all by itself, by the real clocks.
func TestACaseIsSettledWhenItIsDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := deskAt(t, h.store, nil)
	client := work(t, h, desk)
	due := time.Now().Add(200 * time.Millisecond)
	c := open(t, deskAt(t, h.store, stands(due.Add(-time.Hour))), 1, recovery.Promise{What: "call back", Due: due, Aside: true})
	e := client.next(t)
	require.Equal(t, river.EventKindJobCompleted, e.Kind)
	c, err := desk.Case(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, recovery.PromiseBroken, c.Promises[0].State)
	jobs := wakes(t, h, c.ID) // what was recorded has inserted the next one
	require.Len(t, jobs, 2)
	require.Equal(t, c.Due(), jobs[1].args.Due)
	require.Equal(t, "scheduled", jobs[1].state)
}

// TestWhatIsRecordedIsWhatATickRecords: two clients with a desk each settle all cases, whose jobs come twice, and the records are
// those of one desk that ticks, to the byte; nothing is recorded twice.
func TestWhatIsRecordedIsWhatATickRecords(t *testing.T) {
	t.Parallel()
	const cases = 24
	h, memory := newHouse(t), new(history.Memory)
	start, now := ago(30*24*time.Hour), ago(0)
	for _, s := range []history.Store{h.store, memory} {
		desk := deskAt(t, s, stands(start))
		for n := range cases {
			open(t, desk, n, recovery.Promise{What: "call back", Due: start.Add(time.Duration(1+n%5) * time.Hour), Aside: n%2 == 0})
		}
	}
	_, err := deskAt(t, memory, stands(now)).Tick(t.Context())
	require.NoError(t, err)

	twice, err := river.NewClient(driver(h), &river.Config{Logger: quiet})
	require.NoError(t, err)
	want := 0
	for _, j := range wakes(t, h, uuid.Nil) {
		_, err := twice.Insert(t.Context(), j.args, nil)
		require.NoError(t, err)
		want += 2
	}
	clients := []working{work(t, h, deskAt(t, h.store, stands(now))), work(t, h, deskAt(t, h.store, stands(now)))}
	for done := 0; done < want; done++ {
		select {
		case e := <-clients[0].tells:
			require.Equal(t, river.EventKindJobCompleted, e.Kind)
		case e := <-clients[1].tells:
			require.Equal(t, river.EventKindJobCompleted, e.Kind)
		case <-time.After(time.Minute):
			require.FailNow(t, "not all jobs were worked", "%d of %d", done, want)
		}
	}
	for n := range cases {
		id := complaint(n).ID
		require.Equal(t, events(t, memory, id), events(t, h.store, id), "case %d", n)
		require.NoError(t, history.Verify(t.Context(), h.store, id))
	}
}

// TestAStaleJobDoesNothing: that of a due instant which a wait, its end or an extension has moved, or of a case that is closed.
func TestAStaleJobDoesNothing(t *testing.T) {
	t.Parallel()
	start := ago(6*time.Hour + time.Minute) // the warning at 75 % of 8 hours was due a minute ago
	later := func(after time.Duration) func() time.Time { return stands(start.Add(after)) }
	type step struct {
		after time.Duration
		cmd   recovery.Command
	}
	for name, steps := range map[string][]step{
		"wait":   {{time.Hour, recovery.Wait{}}},
		"resume": {{time.Hour, recovery.Wait{}}, {3 * time.Hour, recovery.Resume{}}},
		"answer": {{time.Hour, recovery.Acknowledge{Text: "sorry"}}},
		"closed": {{time.Hour, recovery.Close{As: recovery.Withdrawn, Reason: "changed their mind"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c := open(t, deskAt(t, h.store, later(0)), 1)
			for _, s := range steps {
				_, err := deskAt(t, h.store, later(s.after)).Do(t.Context(), c.ID, ana, s.cmd)
				require.NoError(t, err)
			}
			was := events(t, h.store, c.ID)
			stale := wakes(t, h, c.ID)[0].id
			client := work(t, h, deskAt(t, h.store, nil))
			e := client.next(t)
			require.Equal(t, river.EventKindJobCompleted, e.Kind)
			require.Equal(t, stale, e.Job.ID)
			require.Equal(t, was, events(t, h.store, c.ID))
		})
	}
	t.Run("extension", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		start := ago(15*24*time.Hour + time.Minute)
		c := open(t, deskAt(t, h.store, stands(start)), 1, recovery.Acknowledge{Text: "sorry"})
		_, err := deskAt(t, h.store, stands(start.Add(time.Hour))).Do(t.Context(), c.ID, ana,
			recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "the part is on its way"})
		require.NoError(t, err)
		was := events(t, h.store, c.ID)
		client := work(t, h, deskAt(t, h.store, nil))
		require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
		require.Equal(t, was, events(t, h.store, c.ID))
	})
}

// TestALostWakeUpIsHealed by the sweep.
func TestALostWakeUpIsHealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	start := ago(7 * time.Hour)
	c := open(t, deskAt(t, h.store, stands(start)), 1)
	_, err := h.pool.Exec(t.Context(), `DELETE FROM river_job`)
	require.NoError(t, err)
	client := work(t, h, deskAt(t, h.store, nil), riverqueue.SweepEvery(0, nil))
	e := client.next(t)
	require.Equal(t, river.EventKindJobCompleted, e.Kind)
	require.Equal(t, riverqueue.Sweep{}.Kind(), e.Job.Kind)
	require.Equal(t, 1, e.Job.MaxAttempts)
	all := events(t, h.store, c.ID)
	require.Contains(t, all[len(all)-1], "clock.warned/1")
	require.Equal(t, start.Add(8*time.Hour), wakes(t, h, c.ID)[0].args.Due)
}

// TestASweepThatWasKilled, and that River holds to be running for an hour, keeps the next one from nothing.
func TestASweepThatWasKilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	start := ago(7 * time.Hour)
	c := open(t, deskAt(t, h.store, stands(start)), 1)
	_, err := h.pool.Exec(t.Context(), `DELETE FROM river_job`)
	require.NoError(t, err)
	elsewhere := workWith(t, h, deskAt(t, h.store, nil), &river.Config{
		Queues:       map[string]river.QueueConfig{"elsewhere": {MaxWorkers: 1}},
		PeriodicJobs: []*river.PeriodicJob{riverqueue.SweepEvery(0, nil)}, TestOnly: true,
	})
	require.Eventually(t, func() bool {
		tag, err := h.pool.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() WHERE kind = 'amends_sweep'`)
		return err == nil && tag.RowsAffected() == 1
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, elsewhere.Stop(t.Context()))
	client := work(t, h, deskAt(t, h.store, nil), riverqueue.SweepEvery(0, nil))
	e := client.next(t)
	require.Equal(t, river.EventKindJobCompleted, e.Kind)
	require.Equal(t, riverqueue.Sweep{}.Kind(), e.Job.Kind)
	require.Len(t, events(t, h.store, c.ID), 2)
}

// TestSweepsThatHavePiledUp are worked one at a time, and the others are done at once.
func TestSweepsThatHavePiledUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	open(t, deskAt(t, h.store, stands(ago(7*time.Hour))), 1)
	const sweeps = 10
	slow := &slowHeads{Store: h.store, came: make(chan struct{}, sweeps), goes: make(chan struct{})}
	client := workWith(t, h, deskAt(t, slow, nil), &river.Config{
		Queues:        map[string]river.QueueConfig{"sweeps": {MaxWorkers: sweeps}},
		FetchCooldown: time.Millisecond, FetchPollInterval: 20 * time.Millisecond, TestOnly: true,
	})
	many := make([]river.InsertManyParams, sweeps)
	for i := range many {
		many[i] = river.InsertManyParams{Args: riverqueue.Sweep{}, InsertOpts: &river.InsertOpts{Queue: "sweeps"}}
	}
	_, err := client.InsertMany(t.Context(), many)
	require.NoError(t, err)
	<-slow.came
	for range sweeps - 1 {
		require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
	}
	require.Empty(t, slow.came)
	close(slow.goes)
	require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
	require.Len(t, events(t, h.store, complaint(1).ID), 2)
}

// slowHeads is a store that looks for cases only when it may.
type slowHeads struct {
	*riverqueue.Store
	came, goes chan struct{}
}

func (s *slowHeads) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	select {
	case <-s.goes:
	case s.came <- struct{}{}:
		<-s.goes
	}
	return s.Store.Heads(ctx, q)
}

// TestAWakeUpThatComesTooEarly by the desk's clock, since that of the machine on which River works is ahead, is put off.
func TestAWakeUpThatComesTooEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := open(t, deskAt(t, h.store, stands(ago(7*time.Hour))), 1)
	const early = time.Second
	var ahead atomic.Bool
	ahead.Store(true)
	client := work(t, h, deskAt(t, h.store, func() time.Time {
		if ahead.Load() {
			return c.Due().Add(-early)
		}
		return time.Now()
	}))
	e := client.next(t)
	ahead.Store(false)
	require.Equal(t, river.EventKindJobSnoozed, e.Kind)
	require.WithinRange(t, e.Job.ScheduledAt, e.Job.AttemptedAt.Add(early), time.Now().Add(early))
	require.Len(t, events(t, h.store, c.ID), 1)
	require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
	require.Len(t, events(t, h.store, c.ID), 2)
}

// TestAWakeUpOfNoCase is canceled.
func TestAWakeUpOfNoCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	client := work(t, h, deskAt(t, h.store, nil))
	_, err := client.Insert(t.Context(), riverqueue.Wake{Case: complaint(1).ID, Due: ago(time.Hour)}, nil)
	require.NoError(t, err)
	e := client.next(t)
	require.Equal(t, river.EventKindJobCancelled, e.Kind)
	require.Contains(t, e.Job.Errors[0].Error, complaint(1).ID.String())
}

// TestAWakeUpThatFailsIsTriedAgain by River.
func TestAWakeUpThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := open(t, deskAt(t, h.store, stands(ago(7*time.Hour))), 1)
	_, err := h.pool.Exec(t.Context(), `ALTER TABLE amends.heads RENAME TO elsewhere`)
	require.NoError(t, err)
	client := work(t, h, deskAt(t, h.store, nil))
	require.Equal(t, river.EventKindJobFailed, client.next(t).Kind)
	_, err = h.pool.Exec(t.Context(), `ALTER TABLE amends.elsewhere RENAME TO heads`)
	require.NoError(t, err)
	e := client.next(t)
	require.Equal(t, river.EventKindJobCompleted, e.Kind)
	require.Equal(t, 2, e.Job.Attempt)
	require.Len(t, events(t, h.store, c.ID), 2)
}

// TestAPausedQueueHoldsEverythingUp, and what it held up is recorded with its own instants when it goes on.
func TestAPausedQueueHoldsEverythingUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	client := work(t, h, deskAt(t, h.store, nil))
	require.NoError(t, client.QueuePause(t.Context(), river.QueueDefault, nil))
	start := ago(7 * time.Hour)
	c := open(t, deskAt(t, h.store, stands(start)), 1)
	require.Equal(t, "available", wakes(t, h, c.ID)[0].state)
	require.NoError(t, client.QueueResume(t.Context(), river.QueueDefault, nil))
	require.Equal(t, river.EventKindJobCompleted, client.next(t).Kind)
	all := events(t, h.store, c.ID)
	require.Contains(t, all[len(all)-1], fmt.Sprintf("%q", start.Add(6*time.Hour).Format(time.RFC3339)))
	assert.Len(t, all, 2)
}

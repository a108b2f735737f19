package riverqueue_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// A child is this test program again, as a River client at work. It reports through a pipe how far it has come with a case, and
// stops there, until it is killed.
const (
	childDSN  = "AMENDS_CHILD_DSN"
	childEnds = "AMENDS_CHILD_ENDS"
)

// ends are where a child stops: it has decided what to record on a case, and appends nothing; it appends, and is killed at
// any moment from then on; it has appended, and River has not been told.
const (
	beforeAppend = "before its append"
	inAppend     = "in its append"
	afterAppend  = "after its append"
)

// TestChild is what a child runs; by itself it does nothing.
func TestChild(t *testing.T) {
	dsn := os.Getenv(childDSN)
	if dsn == "" {
		return
	}
	h := tenant(t, connect(t, dsn, nil), "amends")
	s := &stopping{Store: h.store, ends: os.Getenv(childEnds), to: os.NewFile(3, "reports")}
	work(t, h, deskAt(t, s, nil))
	s.report("works")
	select {}
}

// stopping is a store that gets no further with what is to be appended than it may.
type stopping struct {
	*riverqueue.Store
	ends string
	to   *os.File
}

// report is in the pipe, and survives the child, before it returns.
func (s *stopping) report(text string) {
	if _, err := fmt.Fprintln(s.to, text); err != nil {
		panic(err) //nolint:forbidigo // nobody is left to report to
	}
}

func (s *stopping) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	id := c.Batches[0].Stream.String()
	if s.ends != afterAppend {
		s.report(id)
	}
	if s.ends == beforeAppend {
		select {}
	}
	if _, err := s.Store.Append(ctx, c); err != nil {
		s.report(err.Error())
	} else if s.ends == afterAppend {
		s.report(id)
	}
	select {}
}

// startChild starts a child, and returns when it works; what it says then comes on the channel, which is closed when it is dead.
func startChild(t *testing.T, dsn, ends string) (kill func(), says <-chan string) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=2m") //nolint:noctx // it is killed, and waited for
	cmd.Env = append(os.Environ(), childDSN+"="+dsn, childEnds+"="+ends)
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	require.NoError(t, w.Close())
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer func() { _ = r.Close() }()
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text()
		}
	}()
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	require.Equal(t, "works", <-lines)
	return kill, lines
}

// die has a child come to its end, while there is more and more to do, and returns the cases that it was at work on.
func die(t *testing.T, dsn, end string, more func()) (cases []uuid.UUID) {
	t.Helper()
	kill, says := startChild(t, dsn, end)
	hears := func(text string) {
		id, err := uuid.Parse(text)
		require.NoError(t, err, "a child says: %s", text)
		cases = append(cases, id)
	}
	for len(cases) == 0 {
		more()
		select {
		case text, ok := <-says:
			require.True(t, ok, "a child ended by itself")
			hears(text)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if end == inAppend {
		<-time.After(rand.N(20 * time.Millisecond))
	}
	kill()
	for text := range says {
		hears(text)
	}
	return cases
}

// TestWorkersThatAreKilled with kill -9 while they settle a case, two dozen of them, as another goes on: each threshold of each clock is
// recorded once, a sweep makes good what the dead have not done, and River's own rescue, an hour later, finds nothing to do.
func TestWorkersThatAreKilled(t *testing.T) {
	t.Parallel()
	kills := 24
	if testing.Short() {
		kills = 6
	}
	h := newHouse(t)
	dsn := h.pool.Config().ConnString()
	// Overdue are the warning, the deadline and the promise; the final response is due in five days.
	start := ago(10 * 24 * time.Hour)
	early := deskAt(t, h.store, stands(start))
	promise := recovery.Promise{What: "call back", Due: start.Add(time.Hour), Aside: true}
	cases := 0
	goesOn := workWith(t, h, deskAt(t, h.store, nil), &river.Config{
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
		FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond, TestOnly: true,
	})

	stuck := map[string][]uuid.UUID{} // cases of the dead, by where they ended
	for n := range kills {
		end := []string{beforeAppend, inAppend, afterAppend}[n%3]
		stuck[end] = append(stuck[end], die(t, dsn, end, func() {
			open(t, early, cases, promise)
			cases++
		})...)
	}

	// What the dead have left lies still, while the rest gets done.
	count := func(where string, args ...any) (n int) {
		require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'amends_wake' AND `+where, args...).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool {
		return count(`(state IN ('available', 'retryable') OR state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1)`, goesOn.ID()) == 0
	}, time.Minute, 20*time.Millisecond)
	for _, id := range stuck[beforeAppend] {
		require.Len(t, events(t, h.store, id), 2, "nobody has settled what a dead worker has to settle")
	}
	written := 0
	for _, id := range stuck[inAppend] {
		if len(events(t, h.store, id)) > 2 {
			written++
		}
	}
	running := count(`state = 'running'`)
	require.GreaterOrEqual(t, running, kills)

	// The sweep comes long before River's rescuer.
	for len(goesOn.tells) > 0 {
		<-goesOn.tells
	}
	_, err := goesOn.Insert(t.Context(), riverqueue.Sweep{}, nil)
	require.NoError(t, err)
	for e := goesOn.next(t); e.Job.Kind != (riverqueue.Sweep{}).Kind(); e = goesOn.next(t) {
		require.Equal(t, river.EventKindJobCompleted, e.Kind)
	}
	memory := new(history.Memory)
	alone := deskAt(t, memory, stands(start))
	for n := range cases {
		open(t, alone, n, promise)
	}
	_, err = deskAt(t, memory, nil).Tick(t.Context())
	require.NoError(t, err)
	check := func() {
		t.Helper()
		next := map[uuid.UUID]int{} // wake-ups that are still to come
		for _, j := range wakes(t, h, uuid.Nil) {
			if j.state == "scheduled" {
				require.Equal(t, start.AddDate(0, 0, 15), j.args.Due)
				next[j.args.Case]++
			}
		}
		for n := range cases {
			id := complaint(n).ID
			require.Equal(t, events(t, memory, id), events(t, h.store, id), "as one desk alone would have recorded it")
			require.NoError(t, history.Verify(t.Context(), h.store, id))
			require.Equal(t, 1, next[id], "its next wake-up")
		}
		left, err := h.store.Heads(t.Context(), history.Query{Kind: "case", Open: true, DueBy: time.Now().UTC().Truncate(time.Microsecond)})
		require.NoError(t, err)
		require.Empty(t, left, "cases that are due")
	}
	check()
	require.Equal(t, running, count(`state = 'running'`), "River has not rescued them yet")

	// An hour later it does.
	require.NoError(t, goesOn.Stop(t.Context()))
	_, err = h.pool.Exec(t.Context(), `UPDATE river_job SET attempted_at = attempted_at - interval '61 minutes' WHERE state = 'running'`)
	require.NoError(t, err)
	later := work(t, h, deskAt(t, h.store, nil))
	require.Eventually(t, func() bool { return count(`state = 'running'`) == 0 }, time.Minute, 20*time.Millisecond)
	for _, j := range wakes(t, h, uuid.Nil) {
		if j.state == "retryable" {
			_, err := later.JobRetry(t.Context(), j.id) // rather than wait for a second and River's scheduler
			require.NoError(t, err)
		}
	}
	for range running {
		require.Equal(t, river.EventKindJobCompleted, later.next(t).Kind)
	}
	check()
	t.Logf("%d cases, %d jobs of %d dead workers; seen to die: %d %s, %d %s (%d of them written), %d %s", cases, running, kills,
		len(stuck[beforeAppend]), beforeAppend, len(stuck[inAppend]), inAppend, written, len(stuck[afterAppend]), afterAppend)
}

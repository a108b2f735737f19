package riverqueue_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// A child is this test program again, as a River client at work. It reports through a pipe what it is at work on and that it
// stops, and is killed then.
const (
	childDSN  = "AMENDS_CHILD_DSN"
	childSent = "AMENDS_CHILD_SENT"
)

// What of an append a child has sent to the server when it stops: nothing, but it has decided what to record; so many
// messages, the tenth of which is the COMMIT, without having heard the answer to the last; or all, and it has
// heard, but River has not been told that the job is done. The test holds commit to what is written after it and not before.
const (
	nothing    = 0
	commit     = 10
	everything = 1000
)

// TestChild is what a child runs; by itself it does nothing.
func TestChild(t *testing.T) {
	dsn := os.Getenv(childDSN)
	if dsn == "" {
		return
	}
	sent, err := strconv.ParseInt(os.Getenv(childSent), 10, 64)
	require.NoError(t, err)
	s := &stopping{sent: sent, to: os.NewFile(3, "reports")}
	h := tenant(t, connect(t, dsn, func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &stoppingConn{conn, s}, err
		}
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // it would be a message more
	}), "amends")
	s.Store = h.store
	h.pool = connect(t, dsn, nil) // River's own
	workers := 1                  // so that the messages are those of one append
	if sent == nothing || sent == everything {
		workers = 4
	}
	s.report(works) // before a worker reports its case
	workWith(t, h, deskAt(t, s, nil), &river.Config{
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		FetchCooldown: time.Millisecond, FetchPollInterval: 20 * time.Millisecond, TestOnly: true,
	})
	select {}
}

// stopping is a store that gets no further with what is to be appended than it may.
type stopping struct {
	*riverqueue.Store
	sent int64
	to   *os.File
	left atomic.Int64 // messages that the append may still send
}

// What a child says, beside the cases that it is at work on.
const (
	works = "works"
	stops = "stops"
)

// report is in the pipe, and survives the child, before it returns.
func (s *stopping) report(text string) {
	if _, err := fmt.Fprintln(s.to, text); err != nil {
		panic(err) //nolint:forbidigo // nobody is left to report to
	}
}

// stop lets its caller go no further.
func (s *stopping) stop() {
	s.report(stops)
	select {}
}

func (s *stopping) Append(ctx context.Context, c history.Commit) (r history.Receipt, err error) {
	s.report(c.Batches[0].Stream.String())
	if s.sent == nothing {
		s.stop()
	}
	s.left.Store(s.sent)
	if _, err = s.Store.Append(ctx, c); err != nil {
		s.report(err.Error())
	}
	s.stop()
	return r, err
}

// stoppingConn is a connection of a store's that stops.
type stoppingConn struct {
	net.Conn
	store *stopping
}

func (c *stoppingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.store.left.Load() > 0 && c.store.left.Add(-1) == 0 {
		c.store.stop()
	}
	return n, err
}

// die starts a child, and returns when it has stopped and was killed, with the cases that it was at work on. Meanwhile there is more
// and more to do.
func die(t *testing.T, dsn string, sent int, more func()) (cases []uuid.UUID) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=2m") //nolint:noctx // it is killed, and waited for
	cmd.Env = append(os.Environ(), childDSN+"="+dsn, childSent+"="+strconv.Itoa(sent))
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	require.NoError(t, w.Close())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	says := make(chan string, 100)
	go func() {
		defer close(says)
		defer func() { _ = r.Close() }()
		for s := bufio.NewScanner(r); s.Scan(); {
			if says <- s.Text(); s.Text() == stops {
				_ = cmd.Process.Kill() // at once: it may hold locks for which the others wait
			}
		}
	}()
	require.Equal(t, works, <-says)
	for stopped := false; ; {
		select {
		case text, ok := <-says:
			switch {
			case !ok:
				require.True(t, stopped, "a child ended by itself")
				return cases
			case text == stops:
				stopped = true
			default:
				id, err := uuid.Parse(text)
				require.NoError(t, err, "a child says: %s", text)
				cases = append(cases, id)
			}
		case <-time.After(5 * time.Millisecond):
			if !stopped {
				more()
			}
		}
	}
}

// TestWorkersThatAreKilled with kill -9 while they settle a case, two dozen of them, as another goes on: each threshold of each clock is
// recorded once, a sweep makes good what the dead have not done, and River's own rescue, an hour later, finds nothing to do.
func TestWorkersThatAreKilled(t *testing.T) {
	t.Parallel()
	ends := []int{nothing, commit - 1, commit, everything}
	if !testing.Short() {
		for n := 1; n < commit-1; n++ {
			ends = append(ends, n)
		}
		for range 6 {
			ends = append(ends, nothing, everything)
		}
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

	stuck := make([][]uuid.UUID, len(ends)) // cases of each of the dead
	for i, sent := range ends {
		stuck[i] = die(t, dsn, sent, func() {
			open(t, early, cases, promise)
			cases++
		})
	}

	// What the dead have left lies still, while the rest gets done.
	count := func(where string, args ...any) (n int) {
		require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'amends_wake' AND `+where, args...).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool {
		return count(`(state IN ('available', 'retryable') OR state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1)`, goesOn.ID()) == 0
	}, time.Minute, 20*time.Millisecond)
	// The server carries out a COMMIT that it was sent, though nobody hears its answer; without one it rolls back. Nobody else
	// settles what a dead worker had to.
	written := map[bool]int{}
	for i, sent := range ends {
		done := func() (n int) {
			for _, id := range stuck[i] {
				if len(events(t, h.store, id)) > 2 {
					n++
				}
			}
			return n
		}
		switch {
		case sent == nothing:
			require.Zero(t, done(), "written by one who sent nothing")
		case sent < commit:
			require.Len(t, stuck[i], 1)
			require.Zero(t, done(), "written, with %d messages sent: the COMMIT is not the message %d any more", sent, commit)
		case sent == commit:
			require.Len(t, stuck[i], 1)
			require.Eventually(t, func() bool { return done() == 1 }, 10*time.Second, 20*time.Millisecond,
				"not written, with %d messages sent: the COMMIT comes later now", sent)
		default:
			require.Positive(t, done(), "not written by one who has heard that it was") // the other workers stop anywhere
		}
		n := done()
		written[true] += n
		written[false] += len(stuck[i]) - n
	}
	running := count(`state = 'running'`)
	require.GreaterOrEqual(t, running, len(ends))

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
	t.Logf("%d cases, %d workers killed at %d jobs; of the cases, %d were settled and %d not", cases, len(ends), running, written[true], written[false])
}

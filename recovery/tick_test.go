package recovery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// laterDesk is a desk on a store, with the documents of the random walks, at some
// time after the start.
func laterDesk(t *testing.T, s history.Store, after time.Duration) *recovery.Desk {
	t.Helper()
	o := options(t)
	o.Now = func() time.Time { return recoverytest.Start().Add(after) }
	d, err := recovery.New(s, o)
	require.NoError(t, err)
	return d
}

// overdue opens cases in which something of each sort becomes due, the same ones
// each time that it is called.
func overdue(t *testing.T, n int) (*recoverytest.Desk, []uuid.UUID) {
	t.Helper()
	d := recoverytest.New(t, options(t))
	var ids []uuid.UUID
	for i := range n {
		d.Complaint.Customer = fmt.Sprint(i) // caps are per customer
		for j, step := range []recovery.Step{recovery.StepReceived, recovery.StepApproval, recovery.StepPresented, recovery.StepFulfilling} {
			d.Complaint.ID = uuid.MustParse(fmt.Sprintf("0190a5d0-0000-7000-8000-%06d%06d", i, j))
			ids = append(ids, d.At(step).ID)
		}
	}
	return d, ids
}

// eventsOf are the types of a case's events, as they were recorded, with their place.
func eventsOf(t *testing.T, s history.Store, id uuid.UUID) []string {
	t.Helper()
	var out []string
	for r, err := range history.Stream(t.Context(), s, id) {
		require.NoError(t, err)
		out = append(out, r.Type)
	}
	return out
}

// TestTicksRecordEachThingOnce, however many run at once, on two desks of one store:
// the outcome is that of one tick.
func TestTicksRecordEachThingOnce(t *testing.T) {
	const month = 30 * 24 * time.Hour
	alone, ids := overdue(t, 6)
	one, err := laterDesk(t, alone.Store, month).Tick(t.Context())
	require.NoError(t, err)
	require.Equal(t, len(ids), one.Cases)

	d, _ := overdue(t, 6)
	desks := []*recovery.Desk{laterDesk(t, d.Store, month), laterDesk(t, d.Store, month)}
	var wg sync.WaitGroup
	var cases, events atomic.Int64
	for i := range 16 {
		wg.Go(func() {
			done, err := desks[i%2].Tick(t.Context())
			assert.NoError(t, err)
			cases.Add(int64(done.Cases))
			events.Add(int64(done.Events))
		})
	}
	wg.Wait()
	assert.EqualValues(t, len(ids), cases.Load(), "each case is settled by one tick")
	assert.EqualValues(t, one.Events, events.Load())
	assert.Equal(t, recordCount(t, alone.Store), recordCount(t, d.Store), "ledgers included")
	seen := map[string]bool{}
	for _, id := range ids {
		got := eventsOf(t, d.Store, id)
		assert.Equal(t, eventsOf(t, alone.Store, id), got)
		for _, e := range got {
			seen[e] = true
		}
		require.NoError(t, history.Verify(t.Context(), d.Store, id))
		folded, err := d.Replay(t.Context(), id)
		require.NoError(t, err)
		sameCase(t, folded, onlyCase(t, d.Desk, id))
	}
	for _, e := range []string{"clock.warned/1", "clock.breached/1", "offer.lapsed/1", "offer.approval_expired/1", "promise.broken/1", "round.started/1"} {
		assert.True(t, seen[e], e)
	}
	again, err := desks[0].Tick(t.Context())
	require.NoError(t, err)
	assert.Zero(t, again.Cases)
	assert.Zero(t, again.Events)
	assert.Equal(t, one.Next, again.Next)
}

// TestTicksAndCommandsRace: commands and ticks on the same cases lose nothing and
// record nothing twice.
func TestTicksAndCommandsRace(t *testing.T) {
	d, ids := overdue(t, 3)
	later := laterDesk(t, d.Store, 30*24*time.Hour)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := later.Tick(t.Context())
			assert.NoError(t, err)
		})
		wg.Go(func() {
			for _, id := range ids {
				_, err := later.Do(t.Context(), id, d.Agent, recovery.Note{Text: "x"})
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		once := map[string]bool{}
		notes := 0
		for r, err := range history.Stream(t.Context(), d.Store, id) {
			require.NoError(t, err)
			switch r.Type {
			case "case.noted/1":
				notes++
			case "clock.warned/1", "clock.breached/1", "offer.lapsed/1", "offer.approval_expired/1", "promise.broken/1":
				var about struct {
					Clock                 string
					Cycle, Offer, Promise int
					Threshold             struct{ Name string }
				}
				require.NoError(t, json.Unmarshal(r.Data, &about))
				what := fmt.Sprint(r.Type, about)
				assert.False(t, once[what], "%s twice", what)
				once[what] = true
			}
		}
		assert.Equal(t, 4, notes)
		assert.NotEmpty(t, once)
	}
}

// TestALateCommandSettlesFirst, in its own commit: it is decided on what time has
// made of the case.
func TestALateCommandSettlesFirst(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepPresented)
	due := c.Due()
	later := laterDesk(t, d.Store, due.Sub(recoverytest.Start())+time.Hour)
	_, err := later.Do(t.Context(), c.ID, d.Agent, recovery.Accept{})
	require.ErrorIs(t, err, recovery.ErrStep, "the offer has lapsed")
	d.WantEvents(c.ID)
	_, err = later.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "too late"})
	require.NoError(t, err)
	d.WantEvents(c.ID, "offer.lapsed", "case.noted")
	events := d.Events(c.ID)
	lapsed, ok := events[len(events)-2].(recovery.Lapsed)
	require.True(t, ok)
	assert.Equal(t, due, lapsed.At, "stamped with the instant at which it was due")
}

// TestTickPassesOverABadCase, and over one that cannot be written, settles the
// others and says which it could not.
func TestTickPassesOverABadCase(t *testing.T) {
	d := recoverytest.New(t, options(t))
	var ids []uuid.UUID
	for range 5 {
		ids = append(ids, d.At(recovery.StepReceived).ID)
	}
	unknown, odd, unwritten := ids[0], ids[2], ids[4]
	appendRecord(t, d.Store, unknown, history.Record{Type: "case.teleported/1", Data: []byte(`{}`), Actor: "agent::ana"})
	appendRecord(t, d.Store, odd, history.Record{Type: "case.noted/1", Data: []byte(`{`), Actor: "agent::ana"})
	full := errors.New("the disk is full")
	s := &bentStore{Store: d.Store}
	s.onAppend = func(ctx context.Context, c history.Commit) (history.Receipt, error) {
		if len(c.Batches) > 0 && c.Batches[0].Stream == unwritten {
			return history.Receipt{}, full
		}
		return s.Store.Append(ctx, c)
	}
	later := laterDesk(t, s, 5*time.Hour)
	done, err := later.Tick(t.Context())
	require.ErrorIs(t, err, recovery.ErrUnknownEvent)
	require.ErrorIs(t, err, full)
	for _, id := range []uuid.UUID{unknown, odd, unwritten} {
		assert.ErrorContains(t, err, "tick on case "+id.String())
	}
	assert.Equal(t, 2, done.Cases)
	for _, id := range []uuid.UUID{ids[1], ids[3]} {
		assert.Contains(t, eventsOf(t, d.Store, id), "clock.breached/1")
	}
	assert.True(t, done.Next.After(recoverytest.Start().Add(5*time.Hour)), "what is bad is not next")
}

// TestNextIsWhenSomethingIsDue: the soonest instant after now, over all cases.
func TestNextIsWhenSomethingIsDue(t *testing.T) {
	d := recoverytest.New(t, nil)
	next := func() time.Time {
		t.Helper()
		done, err := d.Tick(t.Context())
		require.NoError(t, err)
		return done.Next
	}
	assert.Zero(t, next(), "no case")
	first, second := d.At(recovery.StepReceived), d.At(recovery.StepReceived)
	assert.Zero(t, next(), "nothing is due without clocks and promises")
	promise := func(id uuid.UUID, in time.Duration) time.Time {
		t.Helper()
		_, err := d.Do(t.Context(), id, d.Agent, recovery.Promise{What: "call back", Due: d.Now().Add(in), Aside: true})
		require.NoError(t, err)
		return d.Now().Add(in)
	}
	later := promise(first.ID, 3*time.Hour)
	assert.Equal(t, later, next())
	soon := promise(second.ID, time.Hour)
	assert.Equal(t, soon, next())
	page, err := d.Cases(t.Context(), recovery.Query{DueBy: later})
	require.NoError(t, err)
	require.Len(t, page.Cases, 2)
	assert.Equal(t, second.ID, page.Cases[0].ID)
	d.Advance(time.Hour)
	assert.Equal(t, later, next(), "what was due is settled")
	_, err = d.Do(t.Context(), first.ID, d.Agent, recovery.Close{As: recovery.Withdrawn, Reason: "found it"})
	require.NoError(t, err)
	assert.Zero(t, next(), "nothing is due on a closed case")
}

// clockStore is a store with a clock of its own.
type clockStore struct {
	history.Store
	now func() (time.Time, error)
}

func (s clockStore) Now(context.Context) (time.Time, error) { return s.now() }

// TestTheEarlierClockWins: a tick never runs ahead of the clock that all desks of a
// store share, nor of its own.
func TestTheEarlierClockWins(t *testing.T) {
	start := recoverytest.Start()
	for name, x := range map[string]struct {
		mine, theirs time.Duration
		settled      bool
	}{
		"both before":  {time.Minute, 2 * time.Minute, false},
		"mine early":   {time.Minute, 48 * time.Hour, false},
		"theirs early": {48 * time.Hour, time.Minute, false},
		"both after":   {48 * time.Hour, 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := recoverytest.New(t, options(t))
			c := d.At(recovery.StepReceived)
			s := clockStore{d.Store, func() (time.Time, error) { return start.Add(x.theirs), nil }}
			done, err := laterDesk(t, s, x.mine).Tick(t.Context())
			require.NoError(t, err)
			assert.Equal(t, x.settled, done.Events > 0)
			for r, err := range history.Stream(t.Context(), d.Store, c.ID) {
				require.NoError(t, err)
				assert.False(t, r.Time.After(start.Add(min(x.mine, x.theirs))), "recorded ahead of a clock")
			}
		})
	}
	t.Run("no answer", func(t *testing.T) {
		d := recoverytest.New(t, options(t))
		d.At(recovery.StepReceived)
		lost := errors.New("connection lost")
		was := recordCount(t, d.Store)
		_, err := laterDesk(t, clockStore{d.Store, func() (time.Time, error) { return time.Time{}, lost }}, 48*time.Hour).Tick(t.Context())
		require.ErrorIs(t, err, lost)
		assert.Equal(t, was, recordCount(t, d.Store))
	})
}

// TestTimeNeverRunsBackwardsOnACase: a desk whose clock is behind records at the
// time of the last record, and finds nothing due that was not.
func TestTimeNeverRunsBackwardsOnACase(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepReceived)
	behind := laterDesk(t, d.Store, -time.Hour)
	after, err := behind.Do(t.Context(), c.ID, d.Agent, recovery.Acknowledge{})
	require.NoError(t, err)
	assert.Equal(t, c.Changed, after.Changed)
	done, err := behind.Tick(t.Context())
	require.NoError(t, err)
	assert.Zero(t, done.Events)
}

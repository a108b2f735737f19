package recovery_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// TestSettleIsTickForOneCase: settling each case by itself leaves what one tick leaves.
func TestSettleIsTickForOneCase(t *testing.T) {
	const month = 30 * 24 * time.Hour
	ticked, ids := overdue(t, 2)
	all, err := laterDesk(t, ticked.Store, month).Tick(t.Context())
	require.NoError(t, err)

	d, _ := overdue(t, 2)
	desk := laterDesk(t, d.Store, month)
	var sum recovery.Ticked
	for i, id := range ids {
		done, err := desk.Settle(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, 1, done.Cases)
		sum.Events += done.Events
		require.Equal(t, eventsOf(t, ticked.Store, id), eventsOf(t, d.Store, id))
		h, err := d.Store.Head(t.Context(), id)
		require.NoError(t, err)
		require.True(t, h.Due.Equal(done.Next))

		again, err := desk.Settle(t.Context(), id)
		require.NoError(t, err)
		require.Zero(t, again.Events, "case %d", i)
		require.Equal(t, done.Next, again.Next)
	}
	require.Equal(t, all.Events, sum.Events)
}

// TestSettleOfNoCase names it, and a stream of something else is none.
func TestSettleOfNoCase(t *testing.T) {
	d, ids := overdue(t, 1)
	desk := laterDesk(t, d.Store, 0)
	for _, id := range []uuid.UUID{uuid.MustParse("0190a5d0-0000-7000-8000-999999999999"), history.StreamOf("customer:0")} {
		_, err := desk.Settle(t.Context(), id)
		require.ErrorIs(t, err, history.ErrNotFound)
		require.ErrorContains(t, err, id.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := desk.Settle(ctx, ids[0])
	require.ErrorIs(t, err, context.Canceled)
}

// counting counts the appends that found their commit, or another one, done.
type counting struct {
	history.Store
	late, written atomic.Int64
}

func (c *counting) Append(ctx context.Context, what history.Commit) (history.Receipt, error) {
	r, err := c.Store.Append(ctx, what)
	if err != nil || r.Replayed {
		c.late.Add(1)
	} else {
		c.written.Add(1)
	}
	return r, err
}

// TestSettleSaysWhatFailed: as what was asked for, on which case.
func TestSettleSaysWhatFailed(t *testing.T) {
	d := recoverytest.New(t, options(t))
	id := d.At(recovery.StepReceived).ID
	s := &bentStore{Store: d.Store}
	s.onAppend = func(context.Context, history.Commit) (history.Receipt, error) {
		return history.Receipt{}, history.ErrUncertain
	}
	_, err := laterDesk(t, s, 5*time.Hour).Settle(t.Context(), id)
	require.ErrorIs(t, err, history.ErrUncertain)
	require.ErrorContains(t, err, "settle on case "+id.String())
}

// TestATickWritesManyCasesAtOnce: in few commits, and what each case would have got by itself.
func TestATickWritesManyCasesAtOnce(t *testing.T) {
	fill := func() (*recoverytest.Desk, []uuid.UUID) {
		d := recoverytest.New(t, options(t))
		var ids []uuid.UUID
		for i := range 60 {
			d.Complaint.ID = uuid.MustParse(fmt.Sprintf("0190a5d0-0000-7000-8000-%012d", i))
			ids = append(ids, d.At(recovery.StepReceived).ID)
		}
		return d, ids
	}
	together, ids := fill()
	store := &counting{Store: together.Store}
	done, err := laterDesk(t, store, 5*time.Hour).Tick(t.Context())
	require.NoError(t, err)
	require.Equal(t, len(ids), done.Cases)
	require.EqualValues(t, 1, store.written.Load())
	require.Zero(t, store.late.Load())

	alone, _ := fill()
	desk := laterDesk(t, alone.Store, 5*time.Hour)
	events := 0
	for _, id := range ids {
		settled, err := desk.Settle(t.Context(), id)
		require.NoError(t, err)
		events += settled.Events
		require.Equal(t, eventsOf(t, alone.Store, id), eventsOf(t, together.Store, id))
		require.NoError(t, history.Verify(t.Context(), together.Store, id))
	}
	require.Equal(t, events, done.Events)
}

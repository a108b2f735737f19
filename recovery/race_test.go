package recovery_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// TestTheLoserOfARaceIsDecidedAgain on what is true now: between its load and its
// append somebody else has written.
func TestTheLoserOfARaceIsDecidedAgain(t *testing.T) {
	meddle := func(t *testing.T, theirs, ours recovery.Command) (recovery.Case, error) {
		t.Helper()
		s := &bentStore{Store: new(history.Memory)}
		d, plain := deskOn(t, s), deskOn(t, s.Store)
		ana, ben := recovery.Actor{ID: "ana", Role: "agent"}, recovery.Actor{ID: "ben", Role: "supervisor"}
		c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
		require.NoError(t, err)
		meddled := false
		s.onAppend = func(ctx context.Context, commit history.Commit) (history.Receipt, error) {
			if !meddled {
				meddled = true
				_, err := plain.Do(ctx, c.ID, ben, theirs)
				require.NoError(t, err)
			}
			return s.Store.Append(ctx, commit)
		}
		got, err := d.Do(t.Context(), c.ID, ana, ours)
		require.True(t, meddled)
		return got, err
	}
	t.Run("still possible", func(t *testing.T) {
		c, err := meddle(t, recovery.Assign{To: "ben"}, recovery.Acknowledge{})
		require.NoError(t, err)
		assert.Equal(t, "ben", c.Assignee)
		assert.Equal(t, recovery.StepAcknowledged, c.Step)
	})
	t.Run("not any more", func(t *testing.T) {
		_, err := meddle(t, recovery.Close{As: recovery.Withdrawn, Reason: "found it"}, recovery.Acknowledge{})
		require.ErrorIs(t, err, recovery.ErrStep)
		var failed *recovery.CaseError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, recovery.StepClosed, failed.Step, "the error tells of the case as it is now")
	})
	t.Run("not for this actor any more", func(t *testing.T) {
		_, err := meddle(t, recovery.Learn{About: []string{"ana"}}, recovery.Acknowledge{})
		require.ErrorIs(t, err, recovery.ErrDenied)
	})
}

// TestAgentsRacingOnOneCase: of those who would all move the case one does, the
// others are told so; what all may do all have done, each once.
func TestAgentsRacingOnOneCase(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepStrategized)
	var wg sync.WaitGroup
	var moved, refused atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			by := recovery.Actor{ID: "agent" + string(rune('0'+i)), Role: "agent"}
			_, err := d.Do(t.Context(), c.ID, by, recovery.Acknowledge{})
			switch {
			case err == nil:
				moved.Add(1)
			case assert.ErrorIs(t, err, recovery.ErrStep):
				refused.Add(1)
			}
			_, err = d.Do(t.Context(), c.ID, by, recovery.Note{Text: "I was here"})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, moved.Load())
	assert.EqualValues(t, 7, refused.Load())
	notes := map[string]int{}
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		if _, ok := e.Event.(recovery.Noted); ok {
			notes[e.Actor.ID]++
		}
	}
	assert.Len(t, notes, 8)
	for by, n := range notes {
		assert.Equal(t, 1, n, by)
	}
	require.NoError(t, history.Verify(t.Context(), d.Store, c.ID))
}

// uncertain answers the next n appends of cases with ErrUncertain, having written
// them or not.
func uncertain(s *bentStore, n int, written bool) {
	s.onAppend = func(ctx context.Context, c history.Commit) (history.Receipt, error) {
		if n == 0 || c.Batches[0].Head.Kind != "case" {
			return s.Store.Append(ctx, c)
		}
		n--
		if written {
			if _, err := s.Store.Append(ctx, c); err != nil {
				return history.Receipt{}, err
			}
		}
		return history.Receipt{}, history.ErrUncertain
	}
}

// TestAnUnknownOutcomeIsSettledByItsKey, whether the commit was written or not.
func TestAnUnknownOutcomeIsSettledByItsKey(t *testing.T) {
	for name, written := range map[string]bool{"written": true, "not written": false} {
		t.Run(name, func(t *testing.T) {
			s := &bentStore{Store: new(history.Memory)}
			d := deskOn(t, s)
			ana := recovery.Actor{ID: "ana", Role: "agent"}
			uncertain(s, 1, written)
			c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
			require.NoError(t, err)
			uncertain(s, 2, written)
			c, err = d.Do(t.Context(), c.ID, ana, recovery.Acknowledge{})
			require.NoError(t, err)
			assert.Equal(t, recovery.StepAcknowledged, c.Step)
			var events []string
			for e, err := range d.History(t.Context(), c.ID) {
				require.NoError(t, err)
				events = append(events, e.String())
			}
			assert.Len(t, events, 3, "opened, strategized and acknowledged once each: %q", events)
			sameCase(t, onlyCase(t, d, c.ID), c)
		})
	}
	t.Run("it stays unknown", func(t *testing.T) {
		s := &bentStore{Store: new(history.Memory)}
		d := deskOn(t, s)
		uncertain(s, 100, false)
		_, err := d.Open(t.Context(), recovery.Actor{ID: "ana", Role: "agent"}, recovery.Complaint{Customer: "42", Channel: recovery.Email})
		require.ErrorIs(t, err, history.ErrUncertain)
	})
	t.Run("it stays unknown when the store has gone", func(t *testing.T) {
		s := &bentStore{Store: new(history.Memory)}
		d := deskOn(t, s)
		gone := errors.New("no route to host")
		uncertain(s, 1, true)
		once, lost := s.onAppend, false
		s.onAppend = func(ctx context.Context, c history.Commit) (history.Receipt, error) {
			if lost {
				return history.Receipt{}, gone
			}
			r, err := once(ctx, c)
			lost = errors.Is(err, history.ErrUncertain)
			return r, err
		}
		_, err := d.Open(t.Context(), recovery.Actor{ID: "ana", Role: "agent"}, recovery.Complaint{Customer: "42", Channel: recovery.Email})
		require.ErrorIs(t, err, history.ErrUncertain)
		require.ErrorIs(t, err, gone)
	})
}

// TestABoundDeskRetriesNothing: in the host's transaction a conflict and an unknown
// outcome are the host's to deal with, after one append.
func TestABoundDeskRetriesNothing(t *testing.T) {
	s := &bentStore{Store: new(history.Memory)}
	d := deskOn(t, s.Store)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	for _, want := range []error{history.ErrConflict, history.ErrUncertain} {
		appends := 0
		s.onAppend = func(context.Context, history.Commit) (history.Receipt, error) {
			appends++
			return history.Receipt{}, want
		}
		_, err := d.In(s).Do(t.Context(), c.ID, ana, recovery.Acknowledge{})
		require.ErrorIs(t, err, want)
		assert.Equal(t, 1, appends)
	}
	s.onAppend = nil
	c, err = d.In(s).Do(t.Context(), c.ID, ana, recovery.Acknowledge{})
	require.NoError(t, err)
	sameCase(t, c, onlyCase(t, d, c.ID), "the desk sees what was written in the host's transaction")
}

// TestARolledBackTransactionLeavesNothingBehind in the desk: what it decided there
// is not taken for true afterwards.
func TestARolledBackTransactionLeavesNothingBehind(t *testing.T) {
	s := new(history.Memory)
	d := deskOn(t, s)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	rolledBack := &bentStore{Store: s}
	rolledBack.onAppend = func(_ context.Context, c history.Commit) (history.Receipt, error) {
		return history.Receipt{Key: c.Key, Streams: []uuid.UUID{c.Batches[0].Stream}}, nil
	}
	seen, err := d.In(rolledBack).Do(t.Context(), c.ID, ana, recovery.Acknowledge{})
	require.NoError(t, err)
	require.Equal(t, recovery.StepAcknowledged, seen.Step)
	sameCase(t, c, onlyCase(t, d, c.ID))
	again, err := d.Do(t.Context(), c.ID, ana, recovery.Note{Text: "x"}, recovery.Acknowledge{})
	require.NoError(t, err)
	folded, err := d.Replay(t.Context(), c.ID)
	require.NoError(t, err)
	assert.Equal(t, text(t, folded), text(t, again))
}

// TestRacingCasesShareACap: two cases of one customer race for what is left of a
// cap; never is more given than the policy says.
func TestRacingCasesShareACap(t *testing.T) {
	d := recoverytest.New(t, options(t)) // three vouchers per customer
	var wg sync.WaitGroup
	var granted, denied atomic.Int32
	for range 8 {
		wg.Go(func() {
			_, err := d.Open(t.Context(), d.Agent, d.Complaint, recovery.Acknowledge{},
				recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed},
				recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 100, Currency: policy.EUR}}}})
			switch {
			case err == nil:
				granted.Add(1)
			case assert.ErrorIs(t, err, recovery.ErrDenied):
				denied.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 3, granted.Load())
	assert.EqualValues(t, 5, denied.Load())
}

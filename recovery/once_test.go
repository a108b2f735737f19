package recovery_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// TestOnceWritesOnce: a repeated call writes nothing and returns the case as it is
// now, even where the command would be illegal, denied or wrong by now.
func TestOnceWritesOnce(t *testing.T) {
	d := recoverytest.New(t, nil)
	open := func() (recovery.Case, error) {
		return d.Once("mail-1").Open(t.Context(), d.Agent, d.Complaint, recovery.Acknowledge{})
	}
	opened, err := open()
	require.NoError(t, err)
	callBack := recovery.Promise{What: "call back", Due: d.Now().Add(time.Hour)}
	promise := func() (recovery.Case, error) { return d.Once("click-2").Do(t.Context(), opened.ID, d.Agent, callBack) }
	_, err = promise()
	require.NoError(t, err)

	ended, err := d.Do(t.Context(), opened.ID, d.Agent, recovery.Close{As: recovery.Withdrawn, Reason: "found it"})
	require.NoError(t, err)
	d.Advance(48 * time.Hour) // the promise would be due in the past, and the step is another one
	was := recordCount(t, d.Store)
	for name, repeat := range map[string]func() (recovery.Case, error){"open": open, "do": promise} {
		again, err := repeat()
		require.NoError(t, err, name)
		sameCase(t, ended, again, name)
	}
	assert.Equal(t, was, recordCount(t, d.Store))

	_, err = d.Once("click-3").Do(t.Context(), opened.ID, d.Agent, callBack)
	require.ErrorIs(t, err, recovery.ErrStep, "another key is another call")
	_, err = d.Do(t.Context(), opened.ID, d.Agent, recovery.Note{Text: "twice"})
	require.NoError(t, err)
	_, err = d.Do(t.Context(), opened.ID, d.Agent, recovery.Note{Text: "twice"})
	require.NoError(t, err)
	assert.Equal(t, was+2, recordCount(t, d.Store), "without a key everything is done as often as it is said")
}

// TestOnceAgainWithAnIDOfTheHosts: the id that is taken is the call's own.
func TestOnceAgainWithAnIDOfTheHosts(t *testing.T) {
	d := recoverytest.New(t, nil)
	complaint := d.Complaint
	complaint.ID = uuid.New()
	first, err := d.Once("k").Open(t.Context(), d.Agent, complaint)
	require.NoError(t, err)
	again, err := d.Once("k").Open(t.Context(), d.Agent, complaint)
	require.NoError(t, err)
	sameCase(t, first, again)
	_, err = d.Once("other").Open(t.Context(), d.Agent, complaint)
	require.ErrorIs(t, err, history.ErrConflict)
}

// TestOnceAfterARestart: the key is in the store, not in the desk.
func TestOnceAfterARestart(t *testing.T) {
	s := new(history.Memory)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	complaint := recovery.Complaint{Customer: "42", Channel: recovery.Email}
	first, err := deskOn(t, s).Once("k").Open(t.Context(), ana, complaint)
	require.NoError(t, err)
	again, err := deskOn(t, s).Once("k").Open(t.Context(), ana, complaint)
	require.NoError(t, err)
	sameCase(t, first, again)
}

// TestAKeyUsedForSomethingElse is refused, whatever it is that differs, and
// whether the other call is possible or not.
func TestAKeyUsedForSomethingElse(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepStrategized)
	other := d.At(recovery.StepStrategized)
	_, err := d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "a"})
	require.NoError(t, err)
	was := recordCount(t, d.Store)
	for name, call := range map[string]func() (recovery.Case, error){
		"another text": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "b"})
		},
		"another command": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Acknowledge{Text: "a"})
		},
		"one more": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "a"}, recovery.Note{Text: "a"})
		},
		"another actor": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), c.ID, d.Boss, recovery.Note{Text: "a"})
		},
		"another case": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), other.ID, d.Agent, recovery.Note{Text: "a"})
		},
		"an unknown case": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), uuid.New(), d.Agent, recovery.Note{Text: "a"})
		},
		"open":           func() (recovery.Case, error) { return d.Once("k").Open(t.Context(), d.Agent, d.Complaint) },
		"an illegal one": func() (recovery.Case, error) { return d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Present{}) },
		"a denied one": func() (recovery.Case, error) {
			return d.Once("k").Do(t.Context(), c.ID, recovery.Actor{ID: "bot", Kind: recovery.Machine}, recovery.Strategize{Goal: "x"})
		},
	} {
		_, err := call()
		require.ErrorIs(t, err, history.ErrKeyReused, name)
	}
	assert.Equal(t, was, recordCount(t, d.Store))
}

// TestAFailedCallLeavesItsKeyFree: a call that records nothing can be mended and
// sent again under the same key.
func TestAFailedCallLeavesItsKeyFree(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepStrategized)
	_, err := d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Present{})
	require.ErrorIs(t, err, recovery.ErrStep)
	_, err = d.Once("k").Do(t.Context(), c.ID, d.Agent, recovery.Acknowledge{})
	require.NoError(t, err)
}

func TestBadKeys(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepStrategized)
	for name, key := range map[string]string{
		"empty": "", "long": strings.Repeat("k", 201), "not UTF-8": "a\xff", "control character": "a\x00b",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Once(key).Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"})
			require.ErrorIs(t, err, recovery.ErrInvalid)
			require.ErrorContains(t, err, "key: ")
			_, err = d.Once(key).Open(t.Context(), d.Agent, d.Complaint)
			require.ErrorIs(t, err, recovery.ErrInvalid)
		})
	}
	_, err := d.Once(strings.Repeat("k", 200)).Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"})
	require.NoError(t, err)
}

// TestRacingOnceCallsLeaveOneCommit: eight callers, one complaint, one case.
func TestRacingOnceCallsLeaveOneCommit(t *testing.T) {
	d := recoverytest.New(t, nil)
	race := func(call func() (recovery.Case, error)) recovery.Case {
		var wg sync.WaitGroup
		got := make([]recovery.Case, 8)
		errs := make([]error, len(got))
		for i := range got {
			wg.Go(func() { got[i], errs[i] = call() })
		}
		wg.Wait()
		for i := range got {
			require.NoError(t, errs[i])
			sameCase(t, got[0], got[i])
		}
		return got[0]
	}
	opened := race(func() (recovery.Case, error) {
		return d.Once("mail").Open(t.Context(), d.Agent, d.Complaint, recovery.Strategize{Goal: "solve it"})
	})
	heads, err := d.Store.Heads(t.Context(), history.Query{Kind: "case"})
	require.NoError(t, err)
	require.Len(t, heads, 1)
	d.WantEvents(opened.ID, "case.opened", "case.strategized")
	race(func() (recovery.Case, error) {
		return d.Once("click").Do(t.Context(), opened.ID, d.Agent, recovery.Acknowledge{})
	})
	d.WantEvents(opened.ID, "case.acknowledged")
}

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

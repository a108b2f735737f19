package recovery_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
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

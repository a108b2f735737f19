package recovery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// secret marks what a person said or wrote.
const secret = "SECRET"

// secretCase is a presented case, every text of which is marked.
func secretCase(t *testing.T, d *recoverytest.Desk) recovery.Case {
	t.Helper()
	s := func(what string) string { return secret + " " + what }
	c, err := d.Open(t.Context(), d.Agent, recovery.Complaint{
		Customer: "42", Channel: recovery.Email, Summary: s("summary"), Wanted: s("wanted"), Reference: "T-1",
		Concerns:    []recovery.Concern{{Category: "quality", Text: s("concern"), Wanted: s("concern wanted")}},
		Complainant: recovery.Complainant{Name: s("name"), Relation: s("relation"), Authority: recovery.Verified},
	},
		recovery.Strategize{Goal: s("goal")}, recovery.Acknowledge{Text: s("sorry")}, recovery.Contact{Text: s("hello")},
		recovery.Clarify{
			Restated: s("restated"), Wanted: s("clarified wanted"), Basis: recovery.Confirmed,
			Questions: []recovery.Question{{Asked: s("asked"), Answer: s("answer")}},
		},
		recovery.Promise{What: s("callback"), Within: "4h", Aside: true}, recovery.Note{Text: s("note")},
		recovery.Wait{Reason: s("waiting")}, recovery.Resume{}, recovery.Escalate{Reason: s("manager")},
		recovery.Respond{Kind: recovery.Holding, Text: s("response"), Reason: s("why")},
		recovery.FlagAbuse{Level: 1, Review: d.Now().Add(time.Hour), Note: s("rude")},
		recovery.Propose{
			Remedies:     []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 500, Currency: policy.EUR}}},
			Promises:     []recovery.Promise{{What: s("send it"), Within: "48h"}},
			Alternatives: []recovery.Option{{Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: []recovery.Promise{{What: s("say it"), Within: "48h"}}}},
		},
		recovery.Present{Text: s("presented")})
	require.NoError(t, err)
	return c
}

// wherever returns every place in the store where the secret still stands.
func wherever(t *testing.T, s history.Store, c recovery.Case) (in []string) {
	t.Helper()
	for r, err := range history.Feed(t.Context(), s, 0) {
		require.NoError(t, err)
		if strings.Contains(string(r.Data)+string(r.Private), secret) {
			in = append(in, r.Type)
		}
	}
	head, err := s.Head(t.Context(), c.ID)
	require.NoError(t, err)
	if strings.Contains(string(head.State)+strings.Join(head.Keys, " "), secret) {
		in = append(in, "head")
	}
	return in
}

// TestErase: the texts are gone from records and head, the chain verifies, the
// fold equals the state, and the case goes on.
func TestErase(t *testing.T) {
	d := recoverytest.New(t, options(t))
	c := secretCase(t, d)
	bystander := secretCase(t, d)
	require.Contains(t, wherever(t, d.Store, c), "head")

	erased, err := d.Erase(t.Context(), c.ID, recovery.Actor{ID: "dpo", Kind: recovery.Machine}, "request 17 of the customer")
	require.NoError(t, err)
	assert.True(t, erased.Erased)
	assert.NotContains(t, text(t, erased), secret)
	assert.NotContains(t, text(t, onlyCase(t, d.Desk, c.ID)), secret)
	require.NoError(t, history.Verify(t.Context(), d.Store, c.ID))

	folded, err := d.Replay(t.Context(), c.ID)
	require.NoError(t, err)
	sameCase(t, folded, erased)
	sameCase(t, folded, onlyCase(t, deskOn(t, d.Store), c.ID))
	assert.Equal(t, recovery.StepPresented, erased.Step, "what steps, clocks and decisions need is left")
	assert.Equal(t, c.Offer.Reserved, erased.Offer.Reserved)
	assert.Equal(t, c.Clocks, erased.Clocks)
	assert.Equal(t, "T-1", erased.Reference)
	assert.Contains(t, text(t, onlyCase(t, d.Desk, bystander.ID)), secret, "another case of the customer keeps its texts")

	var last recovery.Entry
	var gone []string
	for e, err := range d.History(t.Context(), c.ID) {
		require.NoError(t, err)
		assert.NotContains(t, e.String()+text(t, e.Event), secret)
		if e.Erased {
			gone = append(gone, fmt.Sprintf("%T", e.Event))
		}
		last = e
	}
	for _, had := range []string{"Opened", "Strategized", "Clarified", "Proposed", "Presented", "PromiseMade", "Noted"} {
		assert.Contains(t, gone, "recovery."+had)
	}
	assert.Equal(t, recovery.Erased{Reason: "request 17 of the customer"}, last.Event, "that it was done, and why, is kept")
	assert.Equal(t, "dpo", last.Actor.ID)

	after, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Accept{}, recovery.Fulfil{Promise: 2}, recovery.CheckBack{Satisfied: true, Comment: secret},
		recovery.Close{As: recovery.Satisfied})
	require.NoError(t, err)
	assert.Equal(t, recovery.StepClosed, after.Step)
	again, err := d.Erase(t.Context(), c.ID, d.Boss, "once more")
	require.NoError(t, err, "in every step, and what came since")
	assert.NotContains(t, text(t, again), secret)
	require.NoError(t, history.Verify(t.Context(), d.Store, c.ID))
	for r, err := range history.Stream(t.Context(), d.Store, c.ID) {
		require.NoError(t, err)
		assert.NotContains(t, string(r.Data)+string(r.Private), secret)
	}
}

// TestEraseIsRefused to whom it isn't due, for no reason, and by stores that can't.
func TestEraseIsRefused(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepAcknowledged)
	about := d.At(recovery.StepAcknowledged)
	_, err := d.Do(t.Context(), about.ID, d.Boss, recovery.Learn{About: []string{d.Agent.ID}})
	require.NoError(t, err)
	was := recordCount(t, d.Store)
	for name, by := range map[string]recovery.Actor{
		"customer": {ID: "42", Kind: recovery.Customer}, "representative": {ID: "dora", Kind: recovery.Representative},
	} {
		_, err := d.Erase(t.Context(), c.ID, by, "because")
		require.ErrorIs(t, err, recovery.ErrDenied, name)
	}
	_, err = d.Erase(t.Context(), about.ID, d.Agent, "because")
	require.ErrorIs(t, err, recovery.ErrDenied, "what was said about them is not theirs to remove")
	_, err = d.Erase(t.Context(), c.ID, recovery.Actor{ID: "amends", Kind: recovery.System}, "because")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	_, err = d.Erase(t.Context(), c.ID, recovery.Actor{}, " ")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	assert.Equal(t, []string{"actor.id", "reason"}, faultyFields(err), "all faults at once")
	_, err = deskOn(t, &bentStore{Store: d.Store}).Erase(t.Context(), c.ID, d.Agent, "because")
	require.ErrorIs(t, err, recovery.ErrInvalid)
	assert.ErrorContains(t, err, "no history.Eraser")
	assert.Equal(t, was, recordCount(t, d.Store))
}

// erasingStore is a store with an Erase that the test bends.
type erasingStore struct {
	*history.Memory
	onErase func(context.Context, history.Commit) (history.Receipt, error)
}

func (s *erasingStore) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.onErase(ctx, c)
}

// TestEraseInARace: what somebody says in the meantime is erased too.
func TestEraseInARace(t *testing.T) {
	s := &erasingStore{Memory: new(history.Memory)}
	d := deskOn(t, s)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: secret})
	require.NoError(t, err)
	meddled := false
	s.onErase = func(ctx context.Context, commit history.Commit) (history.Receipt, error) {
		if !meddled {
			meddled = true
			_, err := d.Do(ctx, c.ID, ana, recovery.Note{Text: secret})
			require.NoError(t, err)
		}
		return s.Memory.Erase(ctx, commit)
	}
	erased, err := d.Erase(t.Context(), c.ID, ana, "because")
	require.NoError(t, err)
	assert.EqualValues(t, 3, erased.Sequence)
	assert.Empty(t, wherever(t, s, c))
	require.NoError(t, history.Verify(t.Context(), s, c.ID))
}

// TestAnEraseOfUnknownOutcomeIsSettled by its key, like any commit.
func TestAnEraseOfUnknownOutcomeIsSettled(t *testing.T) {
	for name, written := range map[string]bool{"written": true, "not written": false} {
		t.Run(name, func(t *testing.T) {
			s := &erasingStore{Memory: new(history.Memory)}
			d := deskOn(t, s)
			ana := recovery.Actor{ID: "ana", Role: "agent"}
			c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: secret})
			require.NoError(t, err)
			first := true
			s.onErase = func(ctx context.Context, commit history.Commit) (history.Receipt, error) {
				if !first {
					return s.Memory.Erase(ctx, commit)
				}
				first = false
				if written {
					_, err := s.Memory.Erase(ctx, commit)
					require.NoError(t, err)
				}
				return history.Receipt{}, history.ErrUncertain
			}
			erased, err := d.Erase(t.Context(), c.ID, ana, "because")
			require.NoError(t, err)
			assert.EqualValues(t, 2, erased.Sequence)
			assert.Empty(t, wherever(t, s, c))
			sameCase(t, onlyCase(t, d, c.ID), erased)
		})
	}
}

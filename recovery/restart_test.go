package recovery_test

import (
	"bytes"
	"context"
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
	"github.com/amends-go/amends/sla"
)

// TestARestartFindsEverything: a new desk on the same store goes on where the old
// one stopped.
func TestARestartFindsEverything(t *testing.T) {
	d := recoverytest.New(t, options(t))
	d.Complaint.Facts = map[string]any{"points": 12, "since": time.Date(2020, 1, 1, 9, 0, 0, 123456789, time.FixedZone("x", 3600))}
	for _, step := range []recovery.Step{
		recovery.StepReceived, recovery.StepStrategized, recovery.StepAcknowledged, recovery.StepClarified, recovery.StepApproval,
		recovery.StepApproved, recovery.StepPresented, recovery.StepFulfilling, recovery.StepDelivered, recovery.StepResolved,
		recovery.StepReferred, recovery.StepClosed,
	} {
		c := d.At(step)
		again := deskOn(t, d.Store)
		sameCase(t, c, onlyCase(t, again, c.ID), step)
		folded, err := again.Replay(t.Context(), c.ID)
		require.NoError(t, err)
		sameCase(t, c, folded, step)
		gone, err := again.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "good morning"})
		require.NoError(t, err)
		assert.Equal(t, c.Sequence+1, gone.Sequence)
	}
	page, err := deskOn(t, d.Store).Cases(t.Context(), recovery.Query{Customer: "42"})
	require.NoError(t, err)
	assert.Len(t, page.Cases, 12)
}

// TestHeadsThatCannotBeReadAreRebuilt from the records: another schema, or no JSON.
func TestHeadsThatCannotBeReadAreRebuilt(t *testing.T) {
	for name, state := range map[string]string{
		"newer schema": `{"schema":2,"case":{"step":"elsewhere","more":1}}`,
		"no schema":    `{}`,
		"no JSON":      "\x00\xff",
		"nothing":      "",
	} {
		t.Run(name, func(t *testing.T) {
			d := recoverytest.New(t, options(t))
			c := d.At(recovery.StepPresented)
			replaceState(t, d.Store, c.ID, state)
			again := deskOn(t, d.Store)
			sameCase(t, c, onlyCase(t, again, c.ID))
			after, err := again.Do(t.Context(), c.ID, d.Agent, recovery.Decline{Reason: "no"})
			require.NoError(t, err)
			assert.Equal(t, 2, after.Round)
			head, err := d.Store.Head(t.Context(), c.ID)
			require.NoError(t, err)
			assert.True(t, bytes.HasPrefix(head.State, []byte(`{"schema":1,`)), "the next command writes a state that can be read")
		})
	}
}

// replaceState puts another state into the head of a case, and changes nothing else.
func replaceState(t *testing.T, s history.Store, id uuid.UUID, state string) {
	t.Helper()
	head, err := s.Head(t.Context(), id)
	require.NoError(t, err)
	next := head
	next.State = []byte(state)
	b, err := history.Next(head, next)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), history.Commit{Key: uuid.NewString(), Batches: []history.Batch{b}})
	require.NoError(t, err)
}

// appendRecord appends a record to a case as another program might, with a state
// that has to be rebuilt.
func appendRecord(t *testing.T, s history.Store, id uuid.UUID, r history.Record) {
	t.Helper()
	head, err := s.Head(t.Context(), id)
	require.NoError(t, err)
	next := head
	next.State = []byte(`{"schema":99}`)
	r.Time = head.Time
	b, err := history.Next(head, next, r)
	require.NoError(t, err)
	_, err = s.Append(t.Context(), history.Commit{Key: uuid.NewString(), Batches: []history.Batch{b}})
	require.NoError(t, err)
}

// TestRecordsOfANewerProgram are refused, and never dropped: nobody folds half a
// case or writes over what they have not understood.
func TestRecordsOfANewerProgram(t *testing.T) {
	for name, r := range map[string]history.Record{
		"type":                {Type: "case.teleported/1", Data: []byte(`{}`)},
		"version":             {Type: "case.noted/2", Data: []byte(`{}`)},
		"field":               {Type: "case.noted/1", Data: []byte(`{"color":"red"}`)},
		"field of an element": {Type: "offer.accepted/1", Data: []byte(`{"offer":1,"promises":[{"n":1,"color":"red"}]}`)},
		"text":                {Type: "case.noted/1", Data: []byte(`{}`), Private: []byte(`{"whisper":"x"}`)},
		"text among the data": {Type: "case.noted/1", Data: []byte(`{"text":"x"}`)},
		"no JSON":             {Type: "case.noted/1", Data: []byte(`{`)},
		"two values":          {Type: "case.noted/1", Data: []byte(`{}{}`)},
	} {
		t.Run(name, func(t *testing.T) {
			d := recoverytest.New(t, nil)
			c := d.At(recovery.StepAcknowledged)
			r.Actor = "agent::ana"
			appendRecord(t, d.Store, c.ID, r)
			was := recordCount(t, d.Store)

			var got []recovery.Entry
			var last error
			for e, err := range d.History(t.Context(), c.ID) {
				if last = err; err == nil {
					got = append(got, e)
				}
			}
			assert.Len(t, got, int(c.Sequence), "what is known comes first")
			require.ErrorIs(t, last, recovery.ErrUnknownEvent)
			assert.ErrorContains(t, last, c.ID.String())
			assert.ErrorContains(t, last, r.Type)

			_, err := d.Case(t.Context(), c.ID)
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"})
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			_, err = d.Erase(t.Context(), c.ID, d.Agent, "asked for")
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			_, err = d.Replay(t.Context(), c.ID)
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			assert.Equal(t, was, recordCount(t, d.Store))
		})
	}
}

// TestRecordsOfAnActorThatIsNone are refused too.
func TestRecordsOfAnActorThatIsNone(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepAcknowledged)
	appendRecord(t, d.Store, c.ID, history.Record{Type: "case.noted/1", Data: []byte(`{}`), Actor: "somebody"})
	_, err := d.Case(t.Context(), c.ID)
	require.ErrorContains(t, err, `actor "somebody"`)
}

// documentsKept counts the documents in a store by kind and digest.
func documentsKept(t *testing.T, s history.Store) map[string]int {
	t.Helper()
	kept := map[string]int{}
	for r, err := range history.Feed(t.Context(), s, 0) {
		require.NoError(t, err)
		if r.Type != "document.kept/1" {
			continue
		}
		e, err := recovery.Decode(r)
		require.NoError(t, err)
		doc, ok := e.(recovery.DocumentKept)
		require.True(t, ok)
		assert.NotEmpty(t, doc.Document)
		kept[doc.Kind+" "+doc.Digest]++
	}
	return kept
}

// TestDocumentsAreKeptOnce, by digest, before the first record that was decided
// by them, also where many desks begin at once.
func TestDocumentsAreKeptOnce(t *testing.T) {
	s := new(history.Memory)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	var wg sync.WaitGroup
	for range 8 {
		d := deskOn(t, s)
		wg.Go(func() {
			_, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	kept := documentsKept(t, s)
	assert.Len(t, kept, 3, "policy, agreement, playbooks")
	for doc, n := range kept {
		assert.Equal(t, 1, n, doc)
	}
	first, err := s.Feed(t.Context(), 0, 3)
	require.NoError(t, err)
	for _, r := range first {
		assert.Equal(t, "document.kept/1", r.Type, "documents come before what they decided")
	}

	o := options(t)
	o.Now = recoverytest.Start
	o.Agreement, err = sla.Load([]byte(strings.Replace(randomAgreement, `"version": "1"`, `"version": "2"`, 1)))
	require.NoError(t, err)
	d, err := recovery.New(s, o)
	require.NoError(t, err)
	_, err = d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	assert.Len(t, documentsKept(t, s), 4, "of a new version only what is new is kept")
}

// TestAPausedClockGoesOnUnderItsOwnAgreement, which is read from the store when
// another one is in force.
func TestAPausedClockGoesOnUnderItsOwnAgreement(t *testing.T) {
	d := recoverytest.New(t, options(t))
	c := d.At(recovery.StepAcknowledged)
	_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Wait{})
	require.NoError(t, err)
	before, _ := c.Clock("solution")
	d.Advance(time.Hour)

	o := options(t)
	o.Now = d.Now
	o.Agreement, err = sla.Load([]byte(strings.Replace(randomAgreement, "16 working hours", "2 working hours", 1)))
	require.NoError(t, err)
	later, err := recovery.New(d.Store, o)
	require.NoError(t, err)
	got, err := later.Do(t.Context(), c.ID, d.Agent, recovery.Resume{})
	require.NoError(t, err)
	after, _ := got.Clock("solution")
	assert.Equal(t, before.Agreement, after.Agreement)
	assert.Equal(t, before.Due.Add(time.Hour), after.Due)
	spans, err := later.Explain(t.Context(), c.ID, "solution")
	require.NoError(t, err)
	assert.NotEmpty(t, spans)
}

// TestAnAgreementThatIsNotKept is an error that says so.
func TestAnAgreementThatIsNotKept(t *testing.T) {
	full, bare := recoverytest.New(t, options(t)), new(history.Memory)
	c := full.At(recovery.StepAcknowledged)
	copyCase(t, full.Store, bare, c.ID)
	o := options(t)
	o.Agreement = nil
	d, err := recovery.New(bare, o)
	require.NoError(t, err)
	_, err = d.Do(t.Context(), c.ID, full.Agent, recovery.Note{Text: "x"})
	require.ErrorIs(t, err, history.ErrNotFound)
	require.ErrorContains(t, err, "clock ")
}

// copyCase copies one stream from store to store.
func copyCase(t *testing.T, from, to history.Store, id uuid.UUID) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	head, err := from.Head(ctx, id)
	require.NoError(t, err)
	records, err := from.Records(ctx, id, 0, 0)
	require.NoError(t, err)
	_, err = to.Append(ctx, history.Commit{Key: id.String(), Batches: []history.Batch{{Stream: id, Records: records, Head: head}}})
	require.NoError(t, err)
}

// setBackStore is a store that can be set back to what it was at a snapshot.
type setBackStore struct{ history.Store }

// TestAStoreSetBackIsDecidedOnAsItIs: a backup restored under a running desk may have grown again to the sequence that
// the desk saw last, with other records. What the desk remembers is good for nothing then.
func TestAStoreSetBackIsDecidedOnAsItIs(t *testing.T) {
	d := recoverytest.New(t, options(t))
	c := d.At(recovery.StepClarified)
	restored := new(history.Memory)
	copyAll(t, d.Store, restored)
	store := &setBackStore{d.Store}
	desk := deskOn(t, store)
	ahead, err := desk.Do(t.Context(), c.ID, d.Agent, recovery.Clarify{Restated: "something else"})
	require.NoError(t, err)
	require.Equal(t, recovery.StepAcknowledged, ahead.Step)

	grown, err := deskOn(t, restored).Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "after the backup"})
	require.NoError(t, err)
	require.Equal(t, ahead.Sequence, grown.Sequence)
	store.Store = restored
	after, err := desk.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "on what there is"})
	require.NoError(t, err)
	assert.Equal(t, recovery.StepClarified, after.Step)
	require.NoError(t, history.Verify(t.Context(), restored, c.ID))
	folded, err := desk.Replay(t.Context(), c.ID)
	require.NoError(t, err)
	sameCase(t, after, folded)
}

// copyAll fills an empty store with what another one holds, commit by commit.
func copyAll(t *testing.T, from, to history.Store) {
	t.Helper()
	heads, err := from.Heads(t.Context(), history.Query{Limit: 1000})
	require.NoError(t, err)
	for _, h := range heads {
		records, err := from.Records(t.Context(), h.Stream, 0, 1000)
		require.NoError(t, err)
		_, err = to.Append(t.Context(), history.Commit{
			Key: "copy:" + h.Stream.String(), Batches: []history.Batch{{Stream: h.Stream, Records: records, Head: h}},
		})
		require.NoError(t, err)
	}
}

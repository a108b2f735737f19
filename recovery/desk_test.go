package recovery_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
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
	"github.com/amends-go/amends/sla"
)

// bentStore is a store of which some methods do something else.
type bentStore struct {
	history.Store
	onAppend func(context.Context, history.Commit) (history.Receipt, error)
	onHeads  func(context.Context, history.Query) ([]history.Head, error)
}

func (s *bentStore) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	if s.onAppend != nil {
		return s.onAppend(ctx, c)
	}
	return s.Store.Append(ctx, c)
}

func (s *bentStore) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	if s.onHeads != nil {
		return s.onHeads(ctx, q)
	}
	return s.Store.Heads(ctx, q)
}

// deskOn is a desk on any store, with the documents of the random walks and a
// clock that stands still.
func deskOn(t *testing.T, s history.Store) *recovery.Desk {
	t.Helper()
	o := options(t)
	o.Now = recoverytest.Start
	d, err := recovery.New(s, o)
	require.NoError(t, err)
	return d
}

// positionOf is the line and column of a text in a document.
func positionOf(doc, needle string) string {
	before, _, _ := strings.Cut(doc, needle)
	line := strings.Count(before, "\n") + 1
	return fmt.Sprintf("%d:%d", line, len(before)-strings.LastIndex(before, "\n"))
}

// recordCount is how many records the store has, over all streams.
func recordCount(t *testing.T, s history.Store) int {
	t.Helper()
	n := 0
	for _, err := range history.Feed(t.Context(), s, 0) {
		require.NoError(t, err)
		n++
	}
	return n
}

// sameCase compares two cases, field by field.
func sameCase(t *testing.T, want, got recovery.Case, msg ...any) {
	t.Helper()
	for i := range reflect.TypeFor[recovery.Case]().NumField() {
		a, b := reflect.ValueOf(want).Field(i), reflect.ValueOf(got).Field(i)
		name := reflect.TypeFor[recovery.Case]().Field(i).Name
		assert.True(t, reflect.DeepEqual(a.Interface(), b.Interface()), "%s: want %+v, got %+v %v", name, a, b, msg)
	}
}

const faultyPolicy = `{
  "name": "faulty", "version": "1", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "a", "effect": "allow", "remedies": ["repair"], "role": "agent", "categories": ["qualty"]},
    {"id": "b", "effect": "deny", "remedies": ["repair"], "channels": ["carrier-pigeon"], "tiers": ["gold"]}
  ]
}`

const faultyAgreement = `{
  "name": "faulty", "version": "1",
  "objectives": [
    {"id": "ack", "metric": "acknowledgement", "when": {"severity": ["hihg"]}, "target": "4h", "warn": [{"at": "50%", "notify": "supervizor"}]},
    {"id": "solve", "metric": "solution", "target": "16h", "pause": ["custommer"]}
  ]
}`

const faultyPlaybooks = `{
  "name": "faulty", "version": "1",
  "playbooks": [{"name": "anger", "goal": "calm", "remedies": ["apology",
    "refnd"]}]
}`

// TestNewReportsAllFaultsAtOnce: one call tells everything that is wrong, where
// it stands, and what was probably meant.
func TestNewReportsAllFaultsAtOnce(t *testing.T) {
	rules, err := policy.Load([]byte(faultyPolicy), nil)
	require.NoError(t, err)
	agreement, err := sla.Load([]byte(faultyAgreement))
	require.NoError(t, err)
	books, err := recovery.LoadPlaybooks([]byte(faultyPlaybooks))
	require.NoError(t, err)
	_, err = recovery.New(new(history.Memory), &recovery.Options{
		Policy: rules, Agreement: agreement, Playbooks: books,
		Names:  recovery.Names{Severities: []recovery.Severity{"high"}, Categories: []recovery.Category{"quality"}},
		Rounds: -1, Attempts: -2, Limits: recovery.Limits{Text: -3, Items: -4},
		ApproveWithin: -1 * time.Hour, AnswerWithin: -2 * time.Hour, ReopenWithin: -3 * time.Hour, Poll: -4 * time.Hour,
	})
	require.Error(t, err)
	for _, want := range []string{
		"Rounds: -1 is negative", "Attempts: -2 is negative", "Limits.Text: -3 is negative", "Limits.Items: -4 is negative",
		"ApproveWithin: -1h0m0s is negative", "AnswerWithin: -2h0m0s", "ReopenWithin: -3h0m0s", "Poll: -4h0m0s",
		"Names.Severities: a ladder needs two rungs or more",
		"policy:" + positionOf(faultyPolicy, `"qualty"`) + `: unknown category "qualty" (did you mean "quality"?)`,
		"policy:" + positionOf(faultyPolicy, `"carrier-pigeon"`) + `: unknown channel "carrier-pigeon" (known: phone, email,`,
		"policy:" + positionOf(faultyPolicy, `"gold"`) + `: unknown tier "gold" (no tier is known); tiers go into Options.Names.Tiers`,
		"agreement:" + positionOf(faultyAgreement, `"hihg"`) + `: unknown severity "hihg" (did you mean "high"?)`,
		"agreement:" + positionOf(faultyAgreement, `"supervizor"`) + `: unknown role "supervizor" (did you mean "supervisor"?)`,
		"agreement:" + positionOf(faultyAgreement, `"custommer"`) + `: unknown pause "custommer" (did you mean "customer"?)`,
		"playbooks:" + positionOf(faultyPlaybooks, `"refnd"`) + `: unknown remedy "refnd" (did you mean "refund"?)`,
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestNewNeedsAStoreAndNothingElse(t *testing.T) {
	_, err := recovery.New(nil, nil)
	require.ErrorContains(t, err, "new(history.Memory)")

	d, err := recovery.New(new(history.Memory), nil)
	require.NoError(t, err)
	before := time.Now().Add(-time.Second)
	c, err := d.Open(t.Context(), recovery.Actor{ID: "ana"}, recovery.Complaint{Channel: recovery.Phone, Customer: "42"},
		recovery.Acknowledge{}, recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}}}, recovery.Present{}, recovery.Accept{},
		recovery.CheckBack{Satisfied: true}, recovery.Close{As: recovery.Satisfied})
	require.NoError(t, err)
	assert.Equal(t, recovery.StepClosed, c.Step)
	assert.Equal(t, uuid.Version(7), c.ID.Version(), "ids rise with time")
	assert.Equal(t, recovery.Normal, c.Severity)
	assert.True(t, c.Opened.After(before))
}

// firstContact is a complaint resolved while the customer is on the phone.
func firstContact() []recovery.Command {
	return []recovery.Command{
		recovery.Acknowledge{Text: "I am sorry."},
		recovery.Clarify{Restated: "it does not turn on", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement}}},
		recovery.Present{},
		recovery.Accept{},
		recovery.CheckBack{Satisfied: true, Score: 9},
		recovery.Close{As: recovery.Satisfied},
	}
}

// TestOpenWithCommandsIsOneCommit: first-contact resolution is written at once.
func TestOpenWithCommandsIsOneCommit(t *testing.T) {
	var commits atomic.Int32
	s := &bentStore{Store: new(history.Memory)}
	s.onAppend = func(ctx context.Context, c history.Commit) (history.Receipt, error) {
		if c.Batches[0].Head.Kind == "case" {
			commits.Add(1)
		}
		return s.Store.Append(ctx, c)
	}
	d := deskOn(t, s)
	c, err := d.Open(t.Context(), recovery.Actor{ID: "ana", Role: "agent"}, recovery.Complaint{Customer: "42", Channel: recovery.Phone}, firstContact()...)
	require.NoError(t, err)
	assert.Equal(t, recovery.StepClosed, c.Step)
	assert.EqualValues(t, 1, commits.Load())
	again, err := d.Case(t.Context(), c.ID)
	require.NoError(t, err)
	sameCase(t, again, c)
}

// TestOpenWithAnIDOfTheHosts: the host may give the case's id, which can be taken once.
func TestOpenWithAnIDOfTheHosts(t *testing.T) {
	d := recoverytest.New(t, nil)
	complaint := d.Complaint
	complaint.ID = uuid.MustParse("0190a5d0-0000-7000-8000-000000000042")
	c, err := d.Open(t.Context(), d.Agent, complaint)
	require.NoError(t, err)
	assert.Equal(t, complaint.ID, c.ID)

	was := recordCount(t, d.Store)
	_, err = d.Open(t.Context(), d.Agent, complaint)
	require.ErrorIs(t, err, history.ErrConflict)
	require.ErrorContains(t, err, "there is a case with this id already")
	var failed *recovery.CaseError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, complaint.ID, failed.Case)
	assert.Equal(t, was, recordCount(t, d.Store))
}

// TestFailingCommandsRecordNothing: all or nothing, for Open and for Do.
func TestFailingCommandsRecordNothing(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepStrategized)
	was := recordCount(t, d.Store)
	third := []recovery.Command{
		recovery.Acknowledge{}, recovery.Clarify{Restated: "it is broken", Basis: recovery.Confirmed}, recovery.Present{},
	}

	_, err := d.Do(t.Context(), c.ID, d.Agent, third...)
	require.ErrorIs(t, err, recovery.ErrStep)
	var failed *recovery.CaseError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "present", failed.Op, "the command that failed")
	assert.Equal(t, recovery.StepClarified, failed.Step, "the step that the ones before it led to")
	assert.Contains(t, failed.Legal, "propose")
	_, err = d.Open(t.Context(), d.Agent, d.Complaint, third...)
	require.ErrorIs(t, err, recovery.ErrStep)

	d.WantEvents(c.ID)
	assert.Equal(t, was, recordCount(t, d.Store))
	now, err := d.Case(t.Context(), c.ID)
	require.NoError(t, err)
	sameCase(t, c, now)
}

// TestCanceledContextRecordsNothing, not even the documents in force.
func TestCanceledContextRecordsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := new(history.Memory)
	d := deskOn(t, s)
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	_, err := d.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, recordCount(t, s))

	c, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone})
	require.NoError(t, err)
	was := recordCount(t, s)
	_, err = d.Do(ctx, c.ID, ana, recovery.Note{Text: "never mind"})
	require.ErrorIs(t, err, context.Canceled)
	_, err = d.Once("k").Do(ctx, c.ID, ana, recovery.Note{Text: "never mind"})
	require.ErrorIs(t, err, context.Canceled)
	_, err = d.Tick(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, was, recordCount(t, s))
}

// TestIDsThatAreNoCases: an id that nobody knows, none at all, and those of streams
// that are something else are not found, whatever is asked of them.
func TestIDsThatAreNoCases(t *testing.T) {
	d := recoverytest.New(t, options(t))
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	_, err := d.Open(t.Context(), ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone}, recovery.Acknowledge{},
		recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 100, Currency: policy.EUR}}}})
	require.NoError(t, err)
	ids := map[string]uuid.UUID{"unknown": uuid.New(), "none": uuid.Nil, "all ones": uuid.Max}
	for h, err := range history.Heads(t.Context(), d.Store, history.Query{}) {
		require.NoError(t, err)
		if h.Kind != "case" {
			ids[h.Kind] = h.Stream
		}
	}
	require.Contains(t, ids, "ledger")
	require.Contains(t, ids, "document")
	was := recordCount(t, d.Store)
	for name, id := range ids {
		asked := map[string]func() error{
			"Case":       func() error { _, err := d.Case(t.Context(), id); return err },
			"Do":         func() error { _, err := d.Do(t.Context(), id, ana, recovery.Note{Text: "x"}); return err },
			"Once":       func() error { _, err := d.Once(name).Do(t.Context(), id, ana, recovery.Note{Text: "x"}); return err },
			"Erase":      func() error { _, err := d.Erase(t.Context(), id, ana, "asked for"); return err },
			"Parameters": func() error { _, err := d.Parameters(t.Context(), id, ana); return err },
			"Explain":    func() error { _, err := d.Explain(t.Context(), id, "solution"); return err },
			"History": func() error {
				for _, err := range d.History(t.Context(), id) {
					return err
				}
				return nil
			},
		}
		for op, ask := range asked {
			t.Run(name+"/"+op, func(t *testing.T) {
				err := ask()
				require.ErrorIs(t, err, history.ErrNotFound)
				var failed *recovery.CaseError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, id, failed.Case)
			})
		}
	}
	assert.Equal(t, was, recordCount(t, d.Store))
}

// onlyCase is a case read from the desk.
func onlyCase(t *testing.T, d *recovery.Desk, id uuid.UUID) recovery.Case {
	t.Helper()
	c, err := d.Case(t.Context(), id)
	require.NoError(t, err)
	return c
}

func TestNewRefusesAPolicyWhoseRulesInGoAreMissing(t *testing.T) {
	set, err := policy.Load([]byte(`{"name": "a", "version": "1", "roles": ["agent"], "rules": [{"id": "in-house", "effect": "deny"}], "rows": []}`), nil)
	require.NoError(t, err, "an old policy can be explained without its rules")
	_, err = recovery.New(new(history.Memory), &recovery.Options{Policy: set})
	require.ErrorContains(t, err, `the rule "in-house" is written in Go, and is not in the policy's Options.Rules`)
}

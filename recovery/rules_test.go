package recovery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
	"github.com/amends-go/amends/sla"
)

// What the tests of the rules share: a house with a policy of its own, whose
// agents say in one line what they do.

// housePolicy has a ladder of three, four eyes for compensation, and a cap on vouchers.
const housePolicy = `{
  "name": "house", "version": "1", "roles": ["agent", "supervisor", "manager"],
  "rows": [
    {"id": "goods", "effect": "allow", "remedies": ["repair", "replacement", "callback"], "role": "agent"},
    {"id": "refund-1", "effect": "allow", "remedies": ["refund"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "refund-2", "effect": "allow", "remedies": ["refund"], "role": "supervisor", "upTo": {"amount": "500.00", "currency": "EUR"}},
    {"id": "refund-3", "effect": "allow", "remedies": ["refund"], "role": "manager"},
    {"id": "compensation", "effect": "allow", "remedies": ["compensation"], "role": "agent"},
    {"id": "four-eyes", "effect": "approve", "remedies": ["compensation"], "by": "supervisor", "over": {"amount": "30.00", "currency": "EUR"}},
    {"id": "voucher", "effect": "allow", "remedies": ["voucher"], "role": "agent"},
    {"id": "voucher-cap", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "customer", "days": 90}}
  ]
}`

const day = 24 * time.Hour

// house is a desk with people, for one test.
type house struct {
	*recoverytest.Desk
	t                  *testing.T
	ana, ben, cem, eve recovery.Actor // an agent, a supervisor, a manager, and another agent
	customer, bot      recovery.Actor
}

// newHouse opens a house with the house's policy and no agreement, unless the options say otherwise.
func newHouse(t *testing.T, change ...func(*recovery.Options)) *house {
	t.Helper()
	o := recovery.Options{Policy: rulesOf(t, housePolicy)}
	for _, f := range change {
		f(&o)
	}
	return &house{
		Desk: recoverytest.New(t, &o), t: t,
		ana: recovery.Actor{ID: "ana", Role: "agent"}, ben: recovery.Actor{ID: "ben", Role: "supervisor"},
		cem: recovery.Actor{ID: "cem", Role: "manager"}, eve: recovery.Actor{ID: "eve", Role: "agent"},
		customer: recovery.Actor{ID: "42", Kind: recovery.Customer}, bot: recovery.Actor{ID: "bot", Kind: recovery.Machine},
	}
}

func rulesOf(t *testing.T, doc string) *policy.Set {
	t.Helper()
	set, err := policy.Load([]byte(doc), nil)
	require.NoError(t, err)
	return set
}

// with is an agreement of these objectives, in JSON, under office hours where they ask for them.
func with(t *testing.T, objectives string) func(*recovery.Options) {
	t.Helper()
	a := agreementOf(t, "1", objectives)
	return func(o *recovery.Options) { o.Agreement = a }
}

func agreementOf(t *testing.T, version, objectives string) *sla.Agreement {
	t.Helper()
	a, err := sla.Load([]byte(`{"name": "house", "version": "` + version + `",
		"calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:00"]}}],
		"objectives": [` + objectives + `]}`))
	require.NoError(t, err)
	return a
}

// open opens a case of the house's complaint, as changed.
func (h *house) open(change func(*recovery.Complaint), cmds ...recovery.Command) recovery.Case {
	h.t.Helper()
	complaint := h.Complaint
	if change != nil {
		change(&complaint)
	}
	c, err := h.Open(h.t.Context(), h.ana, complaint, cmds...)
	require.NoError(h.t, err)
	return c
}

// do gives commands, which must work.
func (h *house) do(by recovery.Actor, c recovery.Case, cmds ...recovery.Command) recovery.Case {
	h.t.Helper()
	c, err := h.Do(h.t.Context(), c.ID, by, cmds...)
	require.NoError(h.t, err)
	return c
}

// refuses gives commands that must fail with an error that is want, and record nothing.
func (h *house) refuses(want error, by recovery.Actor, c recovery.Case, cmds ...recovery.Command) {
	h.t.Helper()
	_ = h.refusal(want, by, c, cmds...)
}

// refusal does as refuses, and is the error.
func (h *house) refusal(want error, by recovery.Actor, c recovery.Case, cmds ...recovery.Command) *recovery.CaseError {
	h.t.Helper()
	before := h.now(c)
	_, err := h.Do(h.t.Context(), c.ID, by, cmds...)
	require.ErrorIs(h.t, err, want)
	var ce *recovery.CaseError
	require.ErrorAs(h.t, err, &ce)
	require.Equal(h.t, before, h.now(c), "a command that failed recorded something")
	return ce
}

// now is the case as it stands.
func (h *house) now(c recovery.Case) recovery.Case {
	h.t.Helper()
	c, err := h.Case(h.t.Context(), c.ID)
	require.NoError(h.t, err)
	return c
}

// after moves the clock, and is the case as it stands then.
func (h *house) after(by time.Duration, c recovery.Case) recovery.Case {
	h.t.Helper()
	h.Advance(by)
	return h.now(c)
}

// second is a desk with other options on the same store and clock.
func (h *house) second(o recovery.Options) *house {
	h.t.Helper()
	o.Now = h.Now
	if o.Policy == nil {
		o.Policy = rulesOf(h.t, housePolicy)
	}
	other, err := recovery.New(h.Store, &o)
	require.NoError(h.t, err)
	desk := *h
	desk.Desk = recoverytest.New(h.t, &o) // a clock of its own, which is not used
	desk.Store, desk.Desk.Desk = h.Store, other
	return &desk
}

// promised is an offer of an explanation with promises.
func promised(all ...recovery.Promise) recovery.Propose {
	return recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Explanation}}, Promises: all}
}

func offer(remedies ...policy.Remedy) recovery.Propose { return recovery.Propose{Remedies: remedies} }

func money(k policy.Kind, euros int64) policy.Remedy {
	return policy.Remedy{Kind: k, Amount: policy.Money{Minor: euros * 100, Currency: policy.EUR}}
}

// last is the last event of a type that a case has.
func last[E recovery.Event](h *house, c recovery.Case) E {
	h.t.Helper()
	var found E
	none := true
	for _, e := range h.Events(c.ID) {
		if e, ok := e.(E); ok {
			found, none = e, false
		}
	}
	require.False(h.t, none, "the case has no %T", found)
	return found
}

// count is how many events of a type a case has.
func count[E recovery.Event](h *house, c recovery.Case) int {
	h.t.Helper()
	n := 0
	for _, e := range h.Events(c.ID) {
		if _, ok := e.(E); ok {
			n++
		}
	}
	return n
}

// states are those of the case's promises, in order.
func states(c recovery.Case) []recovery.PromiseState {
	var out []recovery.PromiseState
	for _, p := range c.Promises {
		out = append(out, p.State)
	}
	return out
}

// clock is the latest cycle of a clock that the case must have.
func (h *house) clock(c recovery.Case, id string) sla.Clock {
	h.t.Helper()
	k, ok := c.Clock(id)
	require.True(h.t, ok, "no clock %s", id)
	return k
}

// same says that two instants are one.
func same(t *testing.T, want, got time.Time, words ...any) {
	t.Helper()
	assert.True(t, want.Equal(got), "got %s, want %s %v", got, want, words)
}

// typesOf are the types of a case's events, without their versions.
func (h *house) typesOf(c recovery.Case) []string {
	h.t.Helper()
	var out []string
	for r, err := range history.Stream(h.t.Context(), h.Store, c.ID) {
		require.NoError(h.t, err)
		kind, _, _ := strings.Cut(r.Type, "/")
		out = append(out, kind)
	}
	return out
}

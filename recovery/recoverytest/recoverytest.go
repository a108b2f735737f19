// Package recoverytest helps to unit-test an application that embeds a desk: a
// desk on a store in memory, with a clock that the test moves, a case brought to
// any step in one line, and assertions on the events that a command produced. It
// needs nothing but the standard library's testing.
//
//	func TestBrokenPromise(t *testing.T) {
//		desk := recoverytest.New(t, &recovery.Options{Policy: rules})
//		c := desk.At(recovery.StepFulfilling) // a promise is outstanding
//		desk.Advance(8 * 24 * time.Hour)      // and not kept
//		desk.WantEvents(c.ID, "promise.broken", "round.started", "escalation.demanded")
//	}
package recoverytest

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Start is where a desk's clock begins: a Monday morning.
func Start() time.Time { return time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC) }

// Desk is a desk for tests. Its methods fail the test where something goes wrong;
// those of the [recovery.Desk] in it return their errors as ever. Safe for
// concurrent use, but for the exported fields, which are set before.
type Desk struct {
	*recovery.Desk
	// Store is what the desk writes to.
	Store *history.Memory
	// Agent has the lowest role of the policy's ladder, Boss the highest.
	Agent, Boss recovery.Actor
	// Complaint is what At opens cases with. New sets a customer, a channel and a
	// summary; its zero ID makes each case a new one. It has no category, so that no
	// playbook sets a goal by itself.
	Complaint recovery.Complaint
	// Offer is what At proposes. New sets an explanation, which every policy allows
	// unless it denies it, and a promise due in three days.
	Offer recovery.Propose
	// Costly is what At proposes to get a case to the approval step. New finds a
	// remedy that the Agent may offer with somebody's approval alone, if there is one.
	Costly recovery.Propose

	tb   testing.TB
	mu   sync.Mutex
	now  time.Time
	seen map[uuid.UUID]uint64 // the last sequence that WantEvents saw
}

// New makes a desk with the options, of which Now is replaced by the clock that
// the test moves. A nil Policy is replaced by one with the roles agent and
// supervisor: an agent may offer refunds up to 50 EUR, a supervisor up to 500 EUR.
func New(tb testing.TB, o *recovery.Options) *Desk {
	tb.Helper()
	d := &Desk{Store: new(history.Memory), tb: tb, now: Start(), seen: map[uuid.UUID]uint64{}}
	var options recovery.Options
	if o != nil {
		options = *o
	}
	if options.Policy == nil {
		options.Policy = defaultPolicy(tb)
	}
	options.Now = d.Now
	desk, err := recovery.New(d.Store, &options)
	if err != nil {
		tb.Fatalf("recoverytest: %v", err)
	}
	d.Desk = desk
	d.Agent, d.Boss = recovery.Actor{ID: "ana"}, recovery.Actor{ID: "ben"}
	if roles := options.Policy.Roles(); len(roles) > 0 {
		d.Agent.Role, d.Boss.Role = roles[0], roles[len(roles)-1]
	}
	d.Complaint = recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: "it does not work"}
	d.Offer = recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Explanation}},
		Promises: []recovery.Promise{{What: "it is done", Within: "72h"}},
	}
	return d
}

const testPolicy = `{
  "name": "recoverytest", "version": "1", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "goods", "effect": "allow", "remedies": ["repair", "replacement", "callback"], "role": "agent"},
    {"id": "refund-agent", "effect": "allow", "remedies": ["refund", "partial_refund"], "role": "agent",
     "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "refund-supervisor", "effect": "allow", "remedies": ["refund", "partial_refund"], "role": "supervisor",
     "upTo": {"amount": "500.00", "currency": "EUR"}}
  ]
}`

func defaultPolicy(tb testing.TB) *policy.Set {
	tb.Helper()
	set, err := policy.Load([]byte(testPolicy), nil)
	if err != nil {
		tb.Fatalf("recoverytest: %v", err)
	}
	return set
}

// Now is the desk's time.
func (d *Desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Advance moves the desk's clock on, then ticks: what has become due is recorded.
func (d *Desk) Advance(by time.Duration) {
	d.tb.Helper()
	d.mu.Lock()
	d.now = d.now.Add(by)
	d.mu.Unlock()
	if _, err := d.Tick(d.tb.Context()); err != nil {
		d.tb.Fatalf("recoverytest: tick: %v", err)
	}
}

// At opens a case and brings it to a step, by the Agent and, where approval is
// needed, the Boss. WantEvents counts from here.
func (d *Desk) At(step recovery.Step) recovery.Case {
	d.tb.Helper()
	c, err := d.Open(d.tb.Context(), d.Agent, d.Complaint)
	if err == nil && c.Step != step {
		err = d.bring(&c, step)
	}
	if err != nil {
		d.tb.Fatalf("recoverytest: bring a case to %s: %v", step, err)
	}
	if c.Step != step {
		d.tb.Fatalf("recoverytest: got a case in %s, want %s", c.Step, step)
	}
	d.saw(c)
	return c
}

// bring takes a case that was just opened to a step.
func (d *Desk) bring(c *recovery.Case, step recovery.Step) error {
	do := func(cmds ...recovery.Command) (err error) {
		*c, err = d.Do(d.tb.Context(), c.ID, d.Agent, cmds...)
		return err
	}
	understood := []recovery.Command{
		recovery.Strategize{Goal: "solve it"},
		recovery.Acknowledge{Text: "I am sorry."},
		recovery.Clarify{Restated: "it does not work", Basis: recovery.Confirmed},
	}
	offered := append(slices.Clone(understood), d.Offer)
	switch step {
	case recovery.StepReceived:
		return errors.New("a playbook fits the complaint and sets its goal at once")
	case recovery.StepStrategized, recovery.StepAcknowledged, recovery.StepClarified:
		n := 1 + slices.Index([]recovery.Step{recovery.StepStrategized, recovery.StepAcknowledged, recovery.StepClarified}, step)
		return do(understood[:n]...)
	case recovery.StepApproval:
		costly, err := d.costly(*c)
		if err != nil {
			return err
		}
		return do(append(understood, costly)...)
	case recovery.StepApproved, recovery.StepPresented, recovery.StepFulfilling, recovery.StepReferred:
		if err := do(offered...); err != nil {
			return err
		}
		if err := d.approve(c); err != nil || step == recovery.StepApproved {
			return err
		}
		if err := do(recovery.Present{}); err != nil || step == recovery.StepPresented {
			return err
		}
		if step == recovery.StepReferred {
			return do(recovery.Refer{To: "ombudsman"})
		}
		return do(recovery.Accept{})
	case recovery.StepDelivered, recovery.StepResolved, recovery.StepClosed:
		quick := d.Offer
		quick.Promises = nil
		if err := do(append(understood, quick)...); err != nil {
			return err
		}
		if err := d.approve(c); err != nil {
			return err
		}
		if err := do(recovery.Present{}, recovery.Accept{}); err != nil || step == recovery.StepDelivered {
			return err
		}
		if err := do(recovery.CheckBack{Satisfied: true, Score: 9}); err != nil || step == recovery.StepResolved {
			return err
		}
		return do(recovery.Close{As: recovery.Satisfied})
	}
	return errors.New("there is no such step")
}

// approve has the Boss agree to an offer that waits for it.
func (d *Desk) approve(c *recovery.Case) error {
	if c.Step != recovery.StepApproval {
		return nil
	}
	var err error
	*c, err = d.Do(d.tb.Context(), c.ID, d.Boss, recovery.Approve{})
	return err
}

// costly is an offer for which the Agent needs approval.
func (d *Desk) costly(c recovery.Case) (recovery.Propose, error) {
	if len(d.Costly.Remedies) > 0 {
		return d.Costly, nil
	}
	parameters, err := d.Parameters(d.tb.Context(), c.ID, d.Agent)
	if err != nil {
		return d.Costly, err
	}
	for _, p := range parameters {
		switch {
		case p.Verdict == policy.NeedsApproval && len(p.Ladder) > 0:
			return recovery.Propose{Remedies: []policy.Remedy{{Kind: p.Kind, Amount: p.Ladder[0].UpTo}}}, nil
		case len(p.Ladder) > 0 && !p.UpTo.IsZero():
			return recovery.Propose{Remedies: []policy.Remedy{{Kind: p.Kind, Amount: p.Ladder[0].UpTo}}}, nil
		}
	}
	return d.Costly, errors.New("no remedy of the policy needs approval; set Desk.Costly")
}

// Events are all events of a case, in order.
func (d *Desk) Events(id uuid.UUID) []recovery.Event {
	d.tb.Helper()
	var out []recovery.Event
	for e, err := range d.History(d.tb.Context(), id) {
		if err != nil {
			d.tb.Fatalf("recoverytest: %v", err)
		}
		out = append(out, e.Event)
	}
	return out
}

// WantEvents checks the types of the events of a case, without their versions,
// since the last call, or since At: "offer.proposed", "promise.broken". Events of
// clocks ("clock.warned", "clock.breached", "clock.breach_withdrawn") count only if
// one of them is wanted.
func (d *Desk) WantEvents(id uuid.UUID, types ...string) {
	d.tb.Helper()
	d.mu.Lock()
	from := d.seen[id]
	d.mu.Unlock()
	isClock := func(kind string) bool { return strings.HasPrefix(kind, "clock.") }
	clocks := slices.ContainsFunc(types, isClock)
	var got []string
	last := from
	for r, err := range history.Stream(d.tb.Context(), d.Store, id) {
		if err != nil {
			d.tb.Fatalf("recoverytest: %v", err)
		}
		kind, _, _ := strings.Cut(r.Type, "/")
		if r.Sequence > from && (clocks || !isClock(kind)) {
			got = append(got, kind)
		}
		last = r.Sequence
	}
	d.mu.Lock()
	d.seen[id] = last
	d.mu.Unlock()
	if !slices.Equal(got, types) {
		d.tb.Errorf("recoverytest: case %s: got events %q, want %q", id, got, types)
	}
}

// saw has WantEvents count from here.
func (d *Desk) saw(c recovery.Case) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[c.ID] = c.Sequence
}

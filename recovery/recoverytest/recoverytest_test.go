package recoverytest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// recorder stands in for a test, and keeps what it was told.
type recorder struct {
	testing.TB
	errors, fatals []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatals = append(r.fatals, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// record runs a test that may fail.
func record(t *testing.T, test func(*recorder)) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	var wg sync.WaitGroup
	wg.Go(func() { test(r) })
	wg.Wait()
	return r
}

func steps() []recovery.Step {
	return []recovery.Step{
		recovery.StepReceived, recovery.StepStrategized, recovery.StepAcknowledged, recovery.StepClarified, recovery.StepApproval,
		recovery.StepApproved, recovery.StepPresented, recovery.StepFulfilling, recovery.StepDelivered, recovery.StepResolved,
		recovery.StepReferred, recovery.StepClosed,
	}
}

func load(t *testing.T, doc string) *policy.Set {
	t.Helper()
	set, err := policy.Load([]byte(doc), nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// strict needs approval for everything but words, and denies explanations.
const strict = `{
  "name": "strict", "version": "1", "roles": ["trainee", "agent", "manager"],
  "rows": [
    {"id": "no-words", "effect": "deny", "remedies": ["explanation"]},
    {"id": "gifts", "effect": "allow", "remedies": ["gift"], "role": "manager"}
  ]
}`

// TestEveryStepIsOneLineAway, whatever the policy, as long as it allows what is offered.
func TestEveryStepIsOneLineAway(t *testing.T) {
	for _, step := range steps() {
		t.Run(string(step), func(t *testing.T) {
			d := recoverytest.New(t, nil)
			if c := d.At(step); c.Step != step {
				t.Errorf("got %s", c.Step)
			}
			d = recoverytest.New(t, &recovery.Options{Policy: load(t, strict)})
			d.Offer.Remedies = []policy.Remedy{{Kind: policy.Gift}} // has to be approved, on the way to every later step
			if c := d.At(step); c.Step != step {
				t.Errorf("got %s with a strict policy", c.Step)
			}
		})
	}
}

// TestAtTakesTheComplaintAndOfferGiven.
func TestAtTakesTheComplaintAndOfferGiven(t *testing.T) {
	d := recoverytest.New(t, nil)
	d.Complaint = recovery.Complaint{Customer: "7", Channel: recovery.Letter}
	d.Costly = recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: 77_00, Currency: policy.EUR}}}}
	c := d.At(recovery.StepApproval)
	if got := c.Offer.Options[0].Remedies[0].Amount.String(); got != "77.00 EUR" || c.Customer != "7" || c.Channel != recovery.Letter {
		t.Errorf("got %s for %s by %s", got, c.Customer, c.Channel)
	}
	if d.Agent.Role != "agent" || d.Boss.Role != "supervisor" {
		t.Errorf("got roles %q and %q", d.Agent.Role, d.Boss.Role)
	}
}

// TestAPlaybookThatFits leads past received, and to every other step.
func TestAPlaybookThatFits(t *testing.T) {
	for _, step := range steps()[1:] {
		d := recoverytest.New(t, nil)
		d.Complaint.Category = "quality"
		if c := d.At(step); c.Step != step {
			t.Errorf("got %s, want %s", c.Step, step)
		}
	}
}

// TestWhatFailsTheTest, and with which words.
func TestWhatFailsTheTest(t *testing.T) {
	for name, x := range map[string]struct {
		test func(*recorder)
		want string
	}{
		"bad options": {
			func(tb *recorder) { recoverytest.New(tb, &recovery.Options{Rounds: -1}) }, "Rounds: -1 is negative",
		},
		"no such step": {
			func(tb *recorder) { recoverytest.New(tb, nil).At("nowhere") }, "there is no such step",
		},
		"past received": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				d.Complaint.Category = "quality"
				d.At(recovery.StepReceived)
			}, "a playbook fits the complaint",
		},
		"a bad complaint": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				d.Complaint.Channel = "pigeon"
				d.At(recovery.StepReceived)
			}, `unknown channel "pigeon"`,
		},
		"nothing needs approval": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				d.Agent = d.Boss
				d.At(recovery.StepApproval)
			}, "set Desk.Costly",
		},
		"a denied offer": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				d.Offer.Remedies = []policy.Remedy{{Kind: policy.Gift}}
				d.At(recovery.StepPresented)
			}, "denied by policy",
		},
		"a tick that fails": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				c := d.At(recovery.StepFulfilling)
				spoil(tb, d, c.ID)
				d.Advance(24 * 30 * time.Hour)
			}, "tick: ",
		},
		"events that cannot be read": {
			func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				c := d.At(recovery.StepFulfilling)
				spoil(tb, d, c.ID)
				d.Events(c.ID)
			}, "unknown event",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, x.test)
			if len(r.fatals) != 1 || !strings.Contains(r.fatals[0], x.want) || !strings.HasPrefix(r.fatals[0], "recoverytest: ") {
				t.Errorf("got %q, want one that says %q", r.fatals, x.want)
			}
			if len(r.errors) > 0 {
				t.Errorf("got errors %q", r.errors)
			}
		})
	}
}

// spoil appends a record that nobody understands.
func spoil(tb *recorder, d *recoverytest.Desk, id uuid.UUID) {
	tb.Helper()
	head, err := d.Store.Head(tb.Context(), id)
	if err != nil {
		tb.Fatalf("head: %v", err)
	}
	next := head
	next.State = nil
	b, err := history.Next(head, next, history.Record{Type: "case.teleported/1", Time: head.Time, Actor: "agent::ana"})
	if err != nil {
		tb.Fatalf("next: %v", err)
	}
	if _, err := d.Store.Append(tb.Context(), history.Commit{Key: "spoil", Batches: []history.Batch{b}}); err != nil {
		tb.Fatalf("append: %v", err)
	}
}

// TestWantEvents fails where the events are others, in another order, too few or
// too many; and counts on from the last call.
func TestWantEvents(t *testing.T) {
	for name, x := range map[string]struct {
		want []string
		fine bool
	}{
		"right":          {[]string{"case.acknowledged", "case.noted"}, true},
		"too few":        {[]string{"case.acknowledged"}, false},
		"too many":       {[]string{"case.acknowledged", "case.noted", "case.noted"}, false},
		"none":           {nil, false},
		"other":          {[]string{"case.acknowledged", "case.closed"}, false},
		"another order":  {[]string{"case.noted", "case.acknowledged"}, false},
		"with versions":  {[]string{"case.acknowledged/1", "case.noted/1"}, false},
		"from the start": {[]string{"case.opened", "case.strategized", "case.acknowledged", "case.noted"}, false},
		"in capitals":    {[]string{"Case.Acknowledged", "Case.Noted"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb *recorder) {
				d := recoverytest.New(tb, nil)
				c := d.At(recovery.StepStrategized)
				d.WantEvents(c.ID) // none since At
				if _, err := d.Do(tb.Context(), c.ID, d.Agent, recovery.Acknowledge{}, recovery.Note{Text: "x"}); err != nil {
					tb.Fatalf("%v", err)
				}
				d.WantEvents(c.ID, x.want...)
				d.WantEvents(c.ID) // and none since then, right or wrong
			})
			if len(r.fatals) > 0 {
				t.Fatal(r.fatals)
			}
			if fine := len(r.errors) == 0; fine != x.fine {
				t.Errorf("got %q", r.errors)
			}
			if !x.fine && (len(r.errors) != 1 || !strings.Contains(r.errors[0], `got events ["case.acknowledged" "case.noted"], want [`)) {
				t.Errorf("got %q", r.errors)
			}
		})
	}
}

// TestAdvance moves the clock, and records what has become due.
func TestAdvance(t *testing.T) {
	d := recoverytest.New(t, nil)
	if !d.Now().Equal(recoverytest.Start()) {
		t.Errorf("got %s at the start", d.Now())
	}
	c := d.At(recovery.StepFulfilling)
	d.Advance(72*time.Hour - time.Microsecond)
	d.WantEvents(c.ID)
	d.Advance(time.Microsecond)
	d.WantEvents(c.ID, "promise.broken", "round.started", "escalation.demanded")
	if got := d.Now().Sub(recoverytest.Start()); got != 72*time.Hour {
		t.Errorf("got %s on", got)
	}
	if events := d.Events(c.ID); len(events) < 3 {
		t.Errorf("got %d events", len(events))
	}
}

// TestADeskIsSafeForConcurrentUse.
func TestADeskIsSafeForConcurrentUse(t *testing.T) {
	d := recoverytest.New(t, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := d.At(recovery.StepPresented)
			d.Advance(time.Minute)
			d.WantEvents(c.ID)
		})
	}
	wg.Wait()
	if got := d.Now().Sub(recoverytest.Start()); got != 8*time.Minute {
		t.Errorf("got %s on", got)
	}
}

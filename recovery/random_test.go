package recovery_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
	"github.com/amends-go/amends/sla"
)

// randomPolicy has limits, four eyes, caps across cases and a mandate.
const randomPolicy = `{
  "name": "random", "version": "1", "roles": ["agent", "supervisor", "manager"],
  "rows": [
    {"id": "goods", "effect": "allow", "remedies": ["repair", "callback", "replacement"], "role": "agent"},
    {"id": "money-1", "effect": "allow", "remedies": ["refund", "voucher"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "money-2", "effect": "allow", "remedies": ["refund", "voucher"], "role": "supervisor", "upTo": {"amount": "500.00", "currency": "EUR"}},
    {"id": "money-3", "effect": "allow", "remedies": ["refund", "voucher"], "role": "manager"},
    {"id": "four-eyes", "effect": "approve", "remedies": ["refund"], "by": "supervisor", "over": {"amount": "30.00", "currency": "EUR"}},
    {"id": "vouchers", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "customer", "days": 90}},
    {"id": "order", "effect": "deny", "remedies": ["refund"], "beyond": {"amount": {"amount": "400.00", "currency": "EUR"}, "per": "order", "days": 365}},
    {"id": "law", "effect": "mandate", "remedies": ["repair"], "within": {"days": 730, "of": "delivery"}, "basis": "legal"}
  ]
}`

const randomAgreement = `{
  "name": "random", "version": "1",
  "calendars": [{"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:30"]}}],
  "objectives": [
    {"id": "ack-high", "metric": "acknowledgement", "when": {"severity": ["high", "critical"]}, "target": "30m", "warn": ["50%"]},
    {"id": "ack", "metric": "acknowledgement", "target": "4 working hours", "calendar": "office", "warn": ["50%", "75%"], "personOnly": true},
    {"id": "next", "metric": "next_response", "target": "8h"},
    {"id": "update", "metric": "update", "target": "3 business days", "calendar": "office", "pause": ["customer"]},
    {"id": "clarify", "metric": "clarification", "target": "24h", "pause": ["customer"]},
    {"id": "approve", "metric": "approval", "target": "4h"},
    {"id": "solve", "metric": "solution", "target": "16 working hours", "calendar": "office", "warn": ["75%"], "pause": ["customer"]},
    {"id": "promises", "metric": "promise", "warn": ["2h before"]},
    {"id": "escalated", "metric": "escalation", "target": "2h"},
    {"id": "back", "metric": "check_back", "target": "48h"},
    {"id": "resolve", "metric": "resolution", "target": "10 business days", "calendar": "office", "pause": ["customer"]},
    {"id": "fca", "metric": "final_response", "target": "8 weeks", "calendar": "office", "statutory": true, "extend": [{"on": "holding", "target": "12 weeks"}]}
  ]
}`

// walk is one random life of two cases of one customer.
type walk struct {
	*recoverytest.Desk
	t     *testing.T
	r     *rand.Rand
	cases []uuid.UUID
	keen  bool // goes on with the process more often than not

	accepted, givenBack int
}

// options are a desk's with the documents above.
func options(tb testing.TB) *recovery.Options {
	tb.Helper()
	rules, err := policy.Load([]byte(randomPolicy), nil)
	require.NoError(tb, err)
	agreement, err := sla.Load([]byte(randomAgreement))
	require.NoError(tb, err)
	books, err := recovery.StandardPlaybooks()
	require.NoError(tb, err)
	return &recovery.Options{Policy: rules, Agreement: agreement, Playbooks: books}
}

func newWalk(t *testing.T, o *recovery.Options, seed uint64) *walk {
	t.Helper()
	d := recoverytest.New(t, o)
	w := &walk{Desk: d, t: t, r: rand.New(rand.NewPCG(seed, 7))}
	for range 2 {
		c, err := d.Open(t.Context(), w.agent(), recovery.Complaint{
			Customer: "42", Channel: w.channel(), Category: pick[recovery.Category](w.r, "", "quality", "delivery"), Summary: "broken", About: []string{"eve"},
			Received: d.Now().Add(-time.Duration(w.r.IntN(48)) * time.Hour),
			Order:    policy.Order{ID: "A-17", Paid: policy.Money{Minor: 999_00, Currency: policy.EUR}, Delivered: d.Now().AddDate(0, 0, -w.r.IntN(900))},
		})
		require.NoError(t, err)
		w.cases = append(w.cases, c.ID)
	}
	return w
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (w *walk) channel() recovery.Channel {
	return pick(w.r, recovery.Phone, recovery.Email, recovery.Chat)
}

func (w *walk) agent() recovery.Actor {
	return pick(w.r,
		recovery.Actor{ID: "ana", Role: "agent"}, recovery.Actor{ID: "ana", Role: "agent"}, recovery.Actor{ID: "ben", Role: "supervisor"},
		recovery.Actor{ID: "cem", Role: "manager"})
}

func (w *walk) actor() recovery.Actor {
	if w.r.IntN(8) > 0 {
		return w.agent()
	}
	return pick(w.r,
		recovery.Actor{ID: "42", Kind: recovery.Customer}, recovery.Actor{ID: "bot", Kind: recovery.Machine},
		recovery.Actor{ID: "eve", Role: "manager"}, recovery.Actor{ID: "dora", Kind: recovery.Representative})
}

func (w *walk) at() time.Time {
	if w.r.IntN(3) > 0 {
		return time.Time{}
	}
	return w.Now().Add(-time.Duration(w.r.IntN(300)) * time.Minute)
}

func (w *walk) remedies() []policy.Remedy {
	var out []policy.Remedy
	for range 1 + w.r.IntN(2) {
		switch w.r.IntN(3) {
		case 0:
			out = append(out, policy.Remedy{Kind: pick(w.r, policy.Apology, policy.Repair, policy.Replacement, policy.Gift)})
		default:
			out = append(out, policy.Remedy{
				Kind: pick(w.r, policy.Refund, policy.Voucher), Amount: policy.Money{Minor: int64(1 + w.r.IntN(60_000)), Currency: policy.EUR},
			})
		}
	}
	return out
}

func (w *walk) promises() []recovery.Promise {
	var out []recovery.Promise
	for range w.r.IntN(3) {
		out = append(out, recovery.Promise{What: "it is done", Within: pick(w.r, "2h", "72h", "3 business days"), Aside: w.r.IntN(4) == 0, Item: w.r.IntN(2)})
	}
	return out
}

// command is any command, mostly one that makes sense in the case's step.
func (w *walk) command(c recovery.Case) recovery.Command {
	all := map[string]func() recovery.Command{
		"strategize":  func() recovery.Command { return recovery.Strategize{Goal: "keep the customer"} },
		"acknowledge": func() recovery.Command { return recovery.Acknowledge{At: w.at(), Text: "heard"} },
		"clarify": func() recovery.Command {
			return recovery.Clarify{
				At: w.at(), Restated: "it is broken", Basis: pick(w.r, recovery.Confirmed, recovery.Confirmed, recovery.Written, recovery.Assumed, ""),
				Reason: "no answer", Questions: []recovery.Question{{Asked: "what?", Answer: "that"}},
			}
		},
		"propose": func() recovery.Command {
			p := recovery.Propose{Remedies: w.remedies(), Promises: w.promises()}
			if w.r.IntN(3) == 0 {
				p.Alternatives = []recovery.Option{{Remedies: w.remedies(), Promises: w.promises()}}
			}
			return p
		},
		"approve": func() recovery.Command { return recovery.Approve{} },
		"refuse":  func() recovery.Command { return recovery.Refuse{Reason: "too much"} },
		"present": func() recovery.Command { return recovery.Present{At: w.at()} },
		"retract": func() recovery.Command { return recovery.Retract{Reason: "a mistake"} },
		"accept": func() recovery.Command {
			a := recovery.Accept{At: w.at(), Option: w.r.IntN(2)}
			if w.r.IntN(3) == 0 {
				a.Items = []int{1}
			}
			return a
		},
		"decline": func() recovery.Command { return recovery.Decline{Reason: "no"} },
		"promise": func() recovery.Command {
			return recovery.Promise{What: "call back", Within: "4h", Aside: w.r.IntN(2) == 0}
		},
		"fulfil":  func() recovery.Command { return recovery.Fulfil{Promise: w.promise(c), At: w.at()} },
		"release": func() recovery.Command { return recovery.Release{Promise: w.promise(c)} },
		"check_back": func() recovery.Command {
			return recovery.CheckBack{Satisfied: w.r.IntN(3) > 0, Score: w.r.IntN(11)}
		},
		"respond": func() recovery.Command {
			return recovery.Respond{
				Kind: pick(w.r, recovery.Holding, recovery.Progress, recovery.FinalResponse, recovery.Summary), Written: w.r.IntN(2) == 0, Reason: "because", At: w.at(),
			}
		},
		"close": func() recovery.Command {
			return recovery.Close{As: pick(w.r, recovery.Satisfied, recovery.Unconfirmed, recovery.Unreachable, recovery.Deadlock, recovery.Withdrawn), Reason: "so"}
		},
		"reopen": func() recovery.Command { return recovery.Reopen{Reason: "again"} },
		"refer":  func() recovery.Command { return recovery.Refer{To: "ombudsman"} },
		"decide": func() recovery.Command {
			d := recovery.Decide{Ruling: pick(w.r, recovery.Award, recovery.SentBack, recovery.Dismissed)}
			if d.Ruling == recovery.Award {
				d.Remedies, d.Promises = w.remedies(), w.promises()
			}
			return d
		},
		"contact": func() recovery.Command {
			return recovery.Contact{At: w.at(), Out: w.r.IntN(2) == 0, NoAnswer: w.r.IntN(3) == 0, Text: "hello"}
		},
		"wait":     func() recovery.Command { return recovery.Wait{} },
		"resume":   func() recovery.Command { return recovery.Resume{} },
		"assign":   func() recovery.Command { return recovery.Assign{To: pick(w.r, "ana", "ben", "eve", "")} },
		"escalate": func() recovery.Command { return recovery.Escalate{} },
		"reclassify": func() recovery.Command {
			return recovery.Reclassify{Severity: pick(w.r, recovery.Low, recovery.High, recovery.Critical)}
		},
		"learn": func() recovery.Command {
			return recovery.Learn{Facts: policy.Facts{pick(w.r, "n", "household"): fmt.Sprint(w.r.IntN(3))}}
		},
		"flag_abuse": func() recovery.Command { return recovery.FlagAbuse{Level: 1, Review: w.Now().Add(time.Hour)} },
		"link":       func() recovery.Command { return recovery.Link{As: recovery.Related, Reference: "K-1"} },
		"note":       func() recovery.Command { return recovery.Note{Text: "remark"} },
	}
	name := pick(w.r, c.Legal()...)
	if w.r.IntN(10) == 0 {
		var names []string
		for n := range all {
			names = append(names, n)
		}
		slices.Sort(names)
		name = pick(w.r, names...)
	}
	require.Contains(w.t, all, name, "a legal command that the test does not know")
	return all[name]()
}

// onward is a command that takes the case further.
func (w *walk) onward(c recovery.Case) recovery.Command {
	switch c.Step {
	case recovery.StepReceived, recovery.StepStrategized:
		return recovery.Acknowledge{}
	case recovery.StepAcknowledged:
		return recovery.Clarify{Restated: "it is broken", Basis: recovery.Confirmed}
	case recovery.StepClarified:
		p := recovery.Propose{Remedies: []policy.Remedy{money(policy.Voucher, 1+w.r.Int64N(20)), money(policy.Refund, 1+w.r.Int64N(20))}, Promises: w.promises()}
		p.Remedies = p.Remedies[w.r.IntN(2):]
		return p
	case recovery.StepApproval:
		return recovery.Approve{}
	case recovery.StepApproved:
		return recovery.Present{}
	case recovery.StepPresented:
		return pick[recovery.Command](w.r, recovery.Accept{}, recovery.Accept{}, recovery.Accept{Items: []int{1}}, recovery.Decline{}, recovery.Fulfil{Promise: w.promise(c)})
	case recovery.StepFulfilling:
		return pick[recovery.Command](w.r, recovery.Fulfil{Promise: w.promise(c)}, recovery.Release{Promise: w.promise(c)}, recovery.CheckBack{})
	case recovery.StepDelivered, recovery.StepResolved:
		return recovery.CheckBack{Satisfied: w.r.IntN(4) == 0}
	case recovery.StepReferred:
		return recovery.Decide{Ruling: recovery.Award, Remedies: []policy.Remedy{money(policy.Voucher, 5)}}
	case recovery.StepClosed:
		return recovery.Reopen{Reason: "again"}
	}
	return recovery.Note{Text: "nothing"}
}

func (w *walk) promise(c recovery.Case) int {
	if len(c.Promises) == 0 {
		return 0
	}
	return pick(w.r, c.Promises...).N
}

// step gives one random command on one of the cases, and checks what it may say.
func (w *walk) step() {
	id := pick(w.r, w.cases...)
	if w.r.IntN(6) == 0 {
		w.Advance(time.Duration(w.r.IntN(60*24*3)) * time.Minute)
	}
	before, err := w.Case(w.t.Context(), id)
	require.NoError(w.t, err)
	if w.r.IntN(40) == 0 && before.Step == recovery.StepClosed {
		return
	}
	cmd, by := w.command(before), w.actor()
	if w.keen && w.r.IntN(3) > 0 {
		cmd, by = w.onward(before), pick(w.r, recovery.Actor{ID: "ana", Role: "agent"}, recovery.Actor{ID: "cem", Role: "manager"})
	}
	after, err := w.Do(w.t.Context(), id, by, cmd)
	if err != nil {
		var ce *recovery.CaseError
		require.ErrorAs(w.t, err, &ce, "%T", cmd)
		known := errors.Is(err, recovery.ErrStep) || errors.Is(err, recovery.ErrDenied) || errors.Is(err, recovery.ErrInvalid)
		require.True(w.t, known, "%T in %s: %v", cmd, before.Step, err)
		now, err := w.Case(w.t.Context(), id)
		require.NoError(w.t, err)
		require.Equal(w.t, before.Sequence, now.Sequence, "a command that failed recorded something")
		return
	}
	require.Greater(w.t, after.Sequence, before.Sequence, "%T", cmd)
}

// check compares what the store has with what it must be.
func (w *walk) check() {
	t, ctx := w.t, w.t.Context()
	moves := recovery.Moves()
	live, given := map[uuid.UUID]map[string]int{}, map[uuid.UUID]map[string]int64{}
	for _, id := range w.cases {
		stored, err := w.Case(ctx, id)
		require.NoError(t, err)
		folded, err := w.Replay(ctx, id)
		require.NoError(t, err)
		require.JSONEq(t, text(t, folded), text(t, stored), "the fold of the records is not the head's state")
		require.NoError(t, history.Verify(ctx, w.Store, id))
		at := recovery.Step("")
		for e, err := range w.History(ctx, id) {
			require.NoError(t, err)
			switch e.Event.(type) { //nolint:gochecksumtype // those that are counted
			case recovery.Accepted:
				w.accepted++
			case recovery.GivenBack:
				w.givenBack++
			}
			if to := stepOf(t, e.Event); to != "" {
				require.True(t, at == "" || moves[string(at)+" "+string(to)], "%s led from %s to %s", e, at, to)
				at = to
			}
		}
		require.Equal(t, stored.Step, at)
		given[id] = givenOf(stored)
		if stored.Offer != nil && stored.Offer.State.Live() {
			live[id] = map[string]int{}
			for _, r := range stored.Offer.Reserved {
				live[id][r.Ledger]++
			}
		}
	}
	for h, err := range history.Heads(ctx, w.Store, history.Query{Kind: "ledger"}) {
		require.NoError(t, err)
		name, held, _, err := recovery.Held(h)
		require.NoError(t, err)
		require.NoError(t, history.Verify(ctx, w.Store, h.Stream))
		spent, err := recovery.SpentOf(h)
		require.NoError(t, err)
		for _, id := range w.cases {
			require.Equal(t, live[id][name], held[id], "reservations of %s in %s do not balance", id, name)
			require.Equal(t, given[id][name], spent[id], "what %s spent of %s is not what it gave", id, name)
		}
	}
}

// givenOf is what counts as given on a case, in cents, by the ledger in which the random policy counts it.
func givenOf(c recovery.Case) map[string]int64 {
	out := map[string]int64{}
	for _, g := range c.Given {
		switch g.Kind {
		case policy.Voucher:
			out["customer:42"] += g.Amount.Minor
		case policy.Refund:
			out["order:A-17"] += g.Amount.Minor
		default:
		}
	}
	return out
}

// end closes every case that is open: there is always a way out.
func (w *walk) end() {
	for _, id := range w.cases {
		c, err := w.Case(w.t.Context(), id)
		require.NoError(w.t, err)
		if !c.Open() {
			continue
		}
		c, err = w.Do(w.t.Context(), id, recovery.Actor{ID: "ana", Role: "agent"}, recovery.Close{As: recovery.Withdrawn, Reason: "the end"})
		require.NoError(w.t, err)
		require.False(w.t, c.Open())
		require.Zero(w.t, c.Due())
		for _, k := range c.Clocks {
			require.False(w.t, k.Running(), "clock %s runs on a closed case", k.ID)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// stepOf is the step that an event says was reached.
func stepOf(t *testing.T, e recovery.Event) recovery.Step {
	t.Helper()
	var s struct{ Step recovery.Step }
	require.NoError(t, json.Unmarshal([]byte(text(t, e)), &s))
	return s.Step
}

// TestRandomWalks: whatever is commanded in whatever order, no panic, no illegal
// step, the fold equals the state, the chain verifies, reservations balance, and
// every case can reach an end.
func TestRandomWalks(t *testing.T) {
	walks := 10_000
	if testing.Short() || raceDetector { // which takes twenty times as long; CI runs both
		walks = 500
	}
	const workers = 8
	o := options(t)
	for n := range workers {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			for seed := n; seed < walks; seed += workers {
				w := newWalk(t, o, uint64(seed))
				for range 24 {
					w.step()
				}
				w.check()
				w.end()
				w.check()
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// TestRandomRecoveries: the same for cases that mostly go forward, so that much is accepted, delivered, broken and given back.
func TestRandomRecoveries(t *testing.T) {
	walks := 1_000
	if testing.Short() || raceDetector {
		walks = 60
	}
	o := options(t)
	accepted, givenBack, asked := 0, 0, 0
	for seed := range walks {
		w := newWalk(t, o, uint64(seed))
		w.keen = true
		for range 60 {
			w.step()
		}
		w.check()
		accepted, givenBack = accepted+w.accepted, givenBack+w.givenBack
		for _, id := range w.cases {
			asked += answersAgain(t, w.Desk.Desk, o.Policy, id)
		}
	}
	require.Greater(t, accepted, walks)
	require.Greater(t, givenBack, walks/10)
	require.Greater(t, asked, 5*walks)
}

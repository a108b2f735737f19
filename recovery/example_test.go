package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// monday is what the examples tell the desk the time is. Programs leave
// Options.Now out.
func monday() time.Time { return time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC) }

// shopPolicy lets agents refund up to 50 EUR alone and more with a supervisor.
const shopPolicy = `{
  "name": "shop", "version": "2026-11", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "goods", "effect": "allow", "remedies": ["repair", "replacement"], "role": "agent"},
    {"id": "money-agent", "effect": "allow", "remedies": ["refund"], "role": "agent", "upTo": {"amount": "50.00", "currency": "EUR"}},
    {"id": "money-supervisor", "effect": "allow", "remedies": ["refund"], "role": "supervisor", "upTo": {"amount": "500.00", "currency": "EUR"}}
  ]
}`

// A complaint goes through the five steps: one call opens it, and a second one
// takes several commands in one commit.
func Example() {
	ctx := context.Background()
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone, Summary: "the invoice is wrong"},
		recovery.Strategize{Goal: "put the invoice right, and keep the customer"},
		recovery.Acknowledge{Text: "I am sorry, I will look into it."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Step)

	c, err = desk.Do(ctx, c.ID, ana,
		recovery.Clarify{Restated: "you were charged twice", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Correction}, {Kind: policy.Apology}}},
		recovery.Present{Text: "a corrected invoice is on its way"},
		recovery.Accept{},
		recovery.CheckBack{Satisfied: true, Score: 9, Heard: recovery.Yes},
		recovery.Close{As: recovery.Satisfied})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Step, "after", c.Sequence, "events, in round", c.Round)
	// Output:
	// acknowledged
	// closed after 9 events, in round 1
}

// Step 1 asks what can be done for this customer: by whom, up to what, and why.
func ExampleDesk_Parameters() {
	ctx := context.Background()
	rules, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Policy: rules, Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Chat, Category: "quality"})
	if err != nil {
		fmt.Println(err)
		return
	}
	parameters, err := desk.Parameters(ctx, c.ID, ana)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range parameters { // the playbook's come first, in its order
		if p.Verdict != policy.Denied {
			fmt.Println(p)
		}
	}
	// Output:
	// replacement: alone
	// repair: alone
	// refund: up to 50.00 EUR alone, up to 500.00 EUR with supervisor
	// apology: alone
	// explanation: alone
	// correction: alone
}

// An offer above the agent's own authority waits for somebody who may agree to it,
// and nobody agrees to their own.
func Example_approval() {
	ctx := context.Background()
	rules, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Policy: rules, Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana, ben := recovery.Actor{ID: "ana", Role: "agent"}, recovery.Actor{ID: "ben", Role: "supervisor"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Email},
		recovery.Acknowledge{},
		recovery.Clarify{Restated: "the bag never came", Basis: recovery.Written},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: 120_00, Currency: policy.EUR}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Step+":", c.Offer.Decision)

	_, err = desk.Do(ctx, c.ID, ana, recovery.Approve{})
	fmt.Println("ana may:", !errors.Is(err, recovery.ErrDenied))

	c, err = desk.Do(ctx, c.ID, ben, recovery.Approve{Note: "of course"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Step, "by", c.Offer.Approvers[0].ID)
	// Output:
	// approval: needs approval by supervisor (money-supervisor: 120.00 EUR of 500.00 EUR used)
	// ana may: false
	// approved by ben
}

// A customer who declines is not at a dead end: the five steps begin again, with
// what has been understood since.
func Example_secondRound() {
	ctx := context.Background()
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone},
		recovery.Acknowledge{},
		recovery.Clarify{Restated: "the technician did not come", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Apology}}},
		recovery.Present{},
		recovery.Decline{Reason: "I took a day off, twice"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("round", c.Round, c.Step)

	c, err = desk.Do(ctx, c.ID, ana,
		recovery.Acknowledge{Text: "You are right. Twice is once too often."},
		recovery.Clarify{Restated: "you need an appointment outside your working hours", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Correction}},
			Promises: []recovery.Promise{{What: "a technician on Saturday", Due: monday().AddDate(0, 0, 5)}},
		},
		recovery.Present{},
		recovery.Accept{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("round", c.Round, c.Step+":", c.Promises[0].What)
	// Output:
	// round 2 received
	// round 2 fulfilling: a technician on Saturday
}

// Nobody promises what can't be kept: the policy says how soon a refund can be there,
// and the error says by when it can be promised.
func Example_promiseTooEarly() {
	ctx := context.Background()
	rules, err := policy.Load([]byte(`{
	  "name": "shop", "version": "2026-11", "roles": ["agent"],
	  "rows": [
	    {"id": "refund", "effect": "allow", "remedies": ["refund"], "role": "agent"},
	    {"id": "bank", "effect": "deny", "remedies": ["refund"], "earliest": {"days": 2}, "reason": "the bank takes two days"}
	  ]
	}`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Policy: rules, Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone},
		recovery.Acknowledge{}, recovery.Clarify{Restated: "you were charged twice", Basis: recovery.Confirmed})
	if err != nil {
		fmt.Println(err)
		return
	}
	refund := recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: 20_00, Currency: policy.EUR}}},
		Promises: []recovery.Promise{{What: "it is on your account", Within: "24h"}},
	}
	_, err = desk.Do(ctx, c.ID, ana, refund)
	var denied *recovery.DeniedError
	if !errors.As(err, &denied) {
		fmt.Println(err)
		return
	}
	for _, f := range denied.Decision.Findings {
		if earliest := f.Compared.Earliest; !earliest.IsZero() {
			fmt.Println(f.Reason)
			refund.Promises = []recovery.Promise{{What: "it is on your account", Due: earliest}}
		}
	}
	if c, err = desk.Do(ctx, c.ID, ana, refund, recovery.Present{}, recovery.Accept{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("promised for", c.Promises[0].Due.Format("Monday, 15:04"))
	// Output:
	// the bank takes two days
	// promised for Wednesday, 09:00
}

// What if agents could refund no more than 25 euros alone? What was decided so far is decided again, by the new
// policy, each time that it was, on what was true then: two refunds of 20 euros were one of 40.
func ExampleDesk_Requests() {
	ctx := context.Background()
	before, err := policy.Load([]byte(shopPolicy), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := policy.Load([]byte(strings.Replace(shopPolicy, `"50.00"`, `"25.00"`, 1)), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Policy: before, Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	refund := func(euros int64) recovery.Command {
		return recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Refund, Amount: policy.Money{Minor: euros * 100, Currency: policy.EUR}}}}
	}
	clarified := recovery.Clarify{Restated: "it was late", Basis: recovery.Confirmed}
	for _, commands := range [][]recovery.Command{
		{refund(10), recovery.Present{}},
		{refund(40), recovery.Present{}},
		{refund(20), recovery.Present{}, recovery.Accept{}, recovery.CheckBack{}, recovery.Acknowledge{}, clarified, refund(20)},
	} {
		_, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Chat}, append([]recovery.Command{recovery.Acknowledge{}, clarified}, commands...)...)
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	sum, err := policy.Diff(before, after, desk.Requests(ctx, recovery.Query{}), func(c policy.Change) error {
		fmt.Println(c.Request.Offer[0], c)
		return nil
	})
	fmt.Println(sum, err)
	// Output:
	// refund of 40.00 EUR allowed → needs approval by supervisor (no longer money-agent: 40.00 EUR of 50.00 EUR used)
	// refund of 40.00 EUR allowed → needs approval by supervisor (no longer money-agent: 40.00 EUR of 50.00 EUR used)
	// refund of 20.00 EUR allowed → needs approval by supervisor (no longer money-agent: 40.00 EUR of 50.00 EUR used)
	// 3 of 7 decisions change: 3 allowed → needs approval; by money-agent (3) <nil>
}

// A request that is sent twice is done once: the key of a message or a click makes
// it so.
func ExampleDesk_Once() {
	ctx := context.Background()
	desk, err := recovery.New(new(history.Memory), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	bot := recovery.Actor{ID: "mail-import", Kind: recovery.Machine}
	complaint := recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: "the invoice is wrong"}
	first, err := desk.Once("message-7@example.org").Open(ctx, bot, complaint)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := desk.Once("message-7@example.org").Open(ctx, bot, complaint)
	fmt.Println(again.ID == first.ID, err)

	complaint.Summary = "something else"
	_, err = desk.Once("message-7@example.org").Open(ctx, bot, complaint)
	fmt.Println(errors.Is(err, history.ErrKeyReused))
	// Output:
	// true <nil>
	// true
}

// All that happened on a case, by whom and when.
func ExampleDesk_History() {
	ctx := context.Background()
	now := monday()
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana"}
	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Letter, Category: "information", Summary: "told a wrong price"})
	if err != nil {
		fmt.Println(err)
		return
	}
	now = now.Add(25 * time.Minute)
	if _, err = desk.Do(ctx, c.ID, ana, recovery.Acknowledge{Channel: recovery.Phone}, recovery.Promise{What: "a call back", Within: "4h"}); err != nil {
		fmt.Println(err)
		return
	}
	for entry, err := range desk.History(ctx, c.ID) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(entry)
	}
	// Output:
	// 2026-11-16 09:00  ana          case.opened          letter; told a wrong price  → received
	// 2026-11-16 09:00  amends       case.strategized     Give the right information, honor what was said where we can, and spare the customer the cost of our mistake.  → strategized
	// 2026-11-16 09:25  ana          case.acknowledged    phone  → acknowledged
	// 2026-11-16 09:25  ana          promise.made         promise 1: a call back by 2026-11-16 13:25
}

// What time alone causes is recorded once, by whichever Tick comes first; Run ticks
// whenever something is due.
func ExampleDesk_Tick() {
	ctx := context.Background()
	agreement, err := sla.Load([]byte(`{
	  "name": "shop", "version": "1",
	  "objectives": [{"id": "answer", "metric": "acknowledgement", "target": "4h", "warn": ["75%"]}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := monday()
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Agreement: agreement, Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := desk.Open(ctx, recovery.Actor{ID: "ana"}, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("an answer is due at", c.Clocks[0].Due.Format("15:04"))
	for range 3 {
		now = now.Add(90 * time.Minute)
		done, err := desk.Tick(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(now.Format("15:04"), "recorded", done.Events)
	}
	for entry, err := range desk.History(ctx, c.ID) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if breach, ok := entry.Event.(recovery.ClockBreached); ok {
			fmt.Println(breach.Clock, "was due at", breach.At.Format("15:04"))
		}
	}
	// Output:
	// an answer is due at 13:00
	// 10:30 recorded 0
	// 12:00 recorded 1
	// 13:30 recorded 1
	// acknowledgement was due at 13:00
}

// Cases are listed page by page.
func ExampleDesk_Cases() {
	ctx := context.Background()
	desk, err := recovery.New(new(history.Memory), &recovery.Options{Now: monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := recovery.Actor{ID: "ana"}
	for _, summary := range []string{"late", "broken", "rude"} {
		_, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Chat, Summary: summary}, recovery.Assign{To: "ana"})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	q := recovery.Query{Assignee: "ana", Open: true, Limit: 2}
	for {
		page, err := desk.Cases(ctx, q)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page.Cases), "cases")
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	// Output:
	// 2 cases
	// 1 cases
}

// The process as a diagram, for a page of documentation.
func ExampleDiagram() {
	var b strings.Builder
	if err := recovery.Diagram(&b, recovery.Mermaid); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, "acknowledged -->") || strings.Contains(line, "stateDiagram") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// stateDiagram-v2
	// acknowledged --> clarified: clarify
	// acknowledged --> closed: close
	// acknowledged --> referred: refer
	// acknowledged --> acknowledged: unclear
}

// Quickstart walks one complaint through the five steps, twice round, in a
// SQLite file, and prints what happened from the file opened anew.
package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

var (
	//go:embed policy.json
	policyDocument []byte
	//go:embed agreement.json
	agreementDocument []byte
)

func main() {
	dir, err := os.MkdirTemp("", "amends")
	if err != nil {
		log.Fatal(err)
	}
	ctx, file := context.Background(), filepath.Join(dir, "complaints.db")
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	if err = withDesk(ctx, file, &now, handle); err == nil {
		err = withDesk(ctx, file, &now, show) // as another program would, later
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

// chapter is a part of the story, told at a desk as time goes by.
type chapter func(ctx context.Context, desk *recovery.Desk, now *time.Time) error

// withDesk makes a desk on a SQLite file. A CRM has a database open already: any
// *sql.DB will do, and the desk finds the time by itself.
func withDesk(ctx context.Context, file string, now *time.Time, tell chapter) (err error) {
	rules, faults := policy.Load(policyDocument, nil)
	agreement, err := sla.Load(agreementDocument)
	if err = errors.Join(faults, err); err != nil {
		return err // every fault of both documents, with line and column
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := sqlite.New(ctx, db, nil)
	if err != nil {
		return err
	}
	clock := func() time.Time { return *now }
	desk, err := recovery.New(store, &recovery.Options{Policy: rules, Agreement: agreement, Now: clock})
	if err != nil {
		return err
	}
	return tell(ctx, desk, now)
}

// handle takes a complaint from the first call to a satisfied customer, as time goes by.
func handle(ctx context.Context, desk *recovery.Desk, now *time.Time) error {
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	ben := recovery.Actor{ID: "ben", Role: "supervisor"}

	// A complaint comes in, and its clocks start. The playbook for it sets the goal.
	c, err := desk.Open(ctx, ana, recovery.Complaint{
		Customer: "42", Channel: recovery.Email, Category: "quality", Summary: "Laptop dead after two weeks",
		Order: policy.Order{ID: "A-17", Delivered: now.AddDate(0, 0, -14)},
	})
	if err != nil {
		return err
	}

	// Step 1, strategize: what may Ana do for this customer?
	parameters, err := desk.Parameters(ctx, c.ID, ana)
	if err != nil {
		return err
	}
	fmt.Println("What Ana may do:")
	for _, p := range parameters[:6] {
		fmt.Println("  ", p)
	}

	// Steps 2 to 4 on the phone, all or nothing. The repair is declined, and a second round begins.
	*now = now.Add(40 * time.Minute)
	c, err = desk.Do(ctx, c.ID, ana,
		recovery.Acknowledge{Channel: recovery.Phone, Text: "I am sorry. That must not happen to a new laptop."},
		recovery.Clarify{Restated: "It no longer turns on, and there is a deadline", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Repair, Item: "laptop"}},
			Promises: []recovery.Promise{{What: "the laptop repaired", Within: "15 business days"}},
		},
		recovery.Present{Channel: recovery.Phone, Text: "We repair it, and you have it back in three weeks."},
		recovery.Decline{Reason: "three weeks without a laptop"},

		recovery.Acknowledge{Channel: recovery.Phone, Text: "You are right, that is too long."},
		recovery.Clarify{Restated: "You need one this week", Basis: recovery.Confirmed},
		recovery.Propose{ // which takes somebody's approval
			Remedies: []policy.Remedy{{Kind: policy.Replacement, Item: "laptop"}},
			Promises: []recovery.Promise{{What: "a new laptop delivered", Within: "2 business days"}},
		},
	)
	if err != nil {
		return err
	}
	fmt.Printf("\nRound %d, %s: %s\n", c.Round, c.Step, c.Offer.Decision)

	_, err = desk.Do(ctx, c.ID, ana, recovery.Approve{})
	fmt.Println("Ana tries:", err) // nobody approves their own offer
	if _, err = desk.Do(ctx, c.ID, ben, recovery.Approve{}); err != nil {
		return err
	}
	*now = now.Add(20 * time.Minute)
	present := recovery.Present{Text: "You get a new one by Wednesday."}
	if _, err = desk.Do(ctx, c.ID, ana, present, recovery.Accept{}); err != nil { // the promise counts from here
		return err
	}

	// Two hours before it is due the promise is at risk. A server calls desk.Run(ctx) instead of Tick.
	*now = now.Add(47 * time.Hour)
	if _, err = desk.Tick(ctx); err != nil {
		return err
	}

	// It is kept. Step 5, check back: is the customer satisfied, and do they feel good about it?
	*now = now.Add(30 * time.Minute)
	_, err = desk.Do(ctx, c.ID, ana,
		recovery.Fulfil{Note: "handed over at the door"},
		recovery.CheckBack{Satisfied: true, Score: 9, Exceeded: recovery.Yes, Heard: recovery.Yes, Valued: recovery.Yes},
		recovery.Close{As: recovery.Satisfied, Findings: []recovery.Finding{{Result: recovery.Upheld, Cause: "battery-batch-7"}}},
	)
	return err
}

// show finds the customer's cases, and prints the timeline of each.
func show(ctx context.Context, desk *recovery.Desk, _ *time.Time) error {
	page, err := desk.Cases(ctx, recovery.Query{Customer: "42"})
	if err != nil {
		return err
	}
	for _, c := range page.Cases {
		fmt.Printf("\nCase %s, from the file:\n", c.ID)
		for entry, err := range desk.History(ctx, c.ID) {
			if err != nil {
				return err
			}
			fmt.Println("  ", entry)
		}
	}
	return nil
}

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

	"github.com/google/uuid"
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
	if err == nil {
		err = run(context.Background(), filepath.Join(dir, "complaints.db"))
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, file string) error {
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	var id uuid.UUID
	err := withDesk(ctx, file, func() time.Time { return now }, func(desk *recovery.Desk) (err error) {
		id, err = handle(ctx, desk, &now)
		return err
	})
	if err != nil {
		return err
	}
	return withDesk(ctx, file, time.Now, func(desk *recovery.Desk) error { // as another program would, later
		return show(ctx, desk, id)
	})
}

// withDesk makes a desk on a SQLite file. A CRM has a database open already: any
// *sql.DB will do, and no clock needs to be passed.
func withDesk(ctx context.Context, file string, clock func() time.Time, do func(*recovery.Desk) error) error {
	rules, err := policy.Load(policyDocument, nil)
	if err != nil {
		return err // every fault of the document, with line and column
	}
	agreement, err := sla.Load(agreementDocument)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	store, err := sqlite.New(ctx, db, nil)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	desk, err := recovery.New(store, &recovery.Options{Policy: rules, Agreement: agreement, Now: clock})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(do(desk), db.Close())
}

// handle takes a complaint from the first call to a satisfied customer, as time goes by.
func handle(ctx context.Context, desk *recovery.Desk, now *time.Time) (uuid.UUID, error) {
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	ben := recovery.Actor{ID: "ben", Role: "supervisor"}

	// A complaint comes in, and its clocks start. The playbook for it sets the goal.
	c, err := desk.Open(ctx, ana, recovery.Complaint{
		Customer: "42", Channel: recovery.Email, Category: "quality", Summary: "Laptop dead after two weeks",
		Order: policy.Order{ID: "A-17", Paid: policy.Money{Minor: 999_00, Currency: policy.EUR}, Delivered: now.AddDate(0, 0, -14)},
	})
	if err != nil {
		return uuid.Nil, err
	}

	// Step 1, strategize: what may Ana do for this customer?
	parameters, err := desk.Parameters(ctx, c.ID, ana)
	if err != nil {
		return uuid.Nil, err
	}
	fmt.Println("What Ana may do:")
	for _, p := range parameters[:6] {
		fmt.Println("  ", p)
	}

	// Steps 2 to 4 in one call, all or nothing. The repair is declined: a second round begins.
	*now = now.Add(40 * time.Minute)
	if _, err = desk.Do(ctx, c.ID, ana,
		recovery.Acknowledge{Channel: recovery.Phone, Text: "I am sorry. That must not happen to a new laptop."},
		recovery.Clarify{Restated: "It no longer turns on, and there is a deadline", Wanted: "a working laptop", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Repair, Item: "laptop"}},
			Promises: []recovery.Promise{{What: "the laptop repaired", Within: "15 business days"}},
		},
		recovery.Present{Text: "We repair it, and you have it back in three weeks."},
		recovery.Decline{Reason: "three weeks without a laptop"},
	); err != nil {
		return uuid.Nil, err
	}

	// Round two. A replacement needs somebody's approval.
	if c, err = desk.Do(ctx, c.ID, ana,
		recovery.Acknowledge{Channel: recovery.Phone, Text: "You are right, that is too long."},
		recovery.Clarify{Restated: "You need one this week", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Replacement, Item: "laptop"}},
			Promises: []recovery.Promise{{What: "a new laptop delivered", Within: "2 business days"}},
		},
	); err != nil {
		return uuid.Nil, err
	}
	fmt.Printf("\nRound %d, %s: %s\n", c.Round, c.Step, c.Offer.Decision)

	// Nobody approves their own offer.
	if _, err = desk.Do(ctx, c.ID, ana, recovery.Approve{}); errors.Is(err, recovery.ErrDenied) {
		fmt.Println("Ana tries:", err)
	}
	if _, err = desk.Do(ctx, c.ID, ben, recovery.Approve{}); err != nil {
		return uuid.Nil, err
	}
	*now = now.Add(20 * time.Minute)
	if _, err = desk.Do(ctx, c.ID, ana,
		recovery.Present{Text: "You get a new one by Wednesday."},
		recovery.Accept{}, // the promise counts from here
	); err != nil {
		return uuid.Nil, err
	}

	// Two hours before it is due the promise is at risk. A server calls desk.Run(ctx) instead of Tick.
	*now = now.Add(47 * time.Hour)
	if _, err = desk.Tick(ctx); err != nil {
		return uuid.Nil, err
	}
	*now = now.Add(30 * time.Minute)
	_, err = desk.Do(ctx, c.ID, ana,
		recovery.Fulfil{Note: "handed over at the door"},
		recovery.CheckBack{Satisfied: true, Score: 9, Exceeded: recovery.Yes, Heard: recovery.Yes, CaredFor: recovery.Yes, Valued: recovery.Yes}, // step 5
		recovery.Close{As: recovery.Satisfied, Findings: []recovery.Finding{{Result: recovery.Upheld, Cause: "battery-batch-7"}}},
	)
	return c.ID, err
}

// show prints the case's timeline.
func show(ctx context.Context, desk *recovery.Desk, id uuid.UUID) error {
	fmt.Println("\nThe case, from the file:")
	for entry, err := range desk.History(ctx, id) {
		if err != nil {
			return err
		}
		fmt.Println("  ", entry)
	}
	return nil
}

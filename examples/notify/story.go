package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// complain takes a complaint to an offer that the customer accepts.
func (d *demo) complain(ctx context.Context, desk *recovery.Desk) error {
	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := desk.Open(ctx, ana,
		recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: "The kettle leaks"},
		recovery.Assign{To: ana.ID},
		recovery.Acknowledge{Text: "I am sorry. That must not happen."},
		recovery.Clarify{Restated: "It leaks at the handle", Basis: recovery.Confirmed},
		recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Replacement, Item: "kettle"}},
			Promises: []recovery.Promise{{What: "a new kettle delivered", Within: "48h"}},
		},
		recovery.Present{Text: "You get a new one within two days."},
		recovery.Accept{})
	d.id = c.ID
	return err
}

// keep keeps the promise, but late.
func (d *demo) keep(ctx context.Context, desk *recovery.Desk) error {
	for _, later := range []time.Duration{47 * time.Hour, 2 * time.Hour} { // two hours before it is due, and after
		d.now = d.now.Add(later)
		if _, err := desk.Tick(ctx); err != nil {
			return err
		}
	}
	return nil
}

// print shows what those have who received it, as far as that is to be seen from here.
func (d *demo) print(ctx context.Context, inbox string) error {
	if d.sink == nil {
		d.printf("Mails about case %s are with %s.\n", d.id, d.smtp)
	} else {
		d.printf("Mails received:\n")
		mails, dropped := d.sink.Mails()
		for _, m := range mails {
			d.printf("  %-24s %s\n", m.To, m.Subject)
		}
		d.printf("and %d that came again and were dropped, by their Message-ID\n", dropped)
	}
	if d.bus == nil {
		return d.err
	}
	in, err := OpenInbox(ctx, inbox)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing is lost: every message was committed
	if _, err := in.Receive(ctx, d.bus); err != nil {
		return err
	}
	messages, err := in.Messages(ctx, d.id)
	if err != nil {
		return err
	}
	d.printf("\nMessages received about case %s:\n", d.id)
	for _, m := range messages {
		d.printf("  %2d %s\n", m.Sequence, m.Type)
	}
	d.printf("and %d that came again and were dropped, by their Nats-Msg-Id\n", d.bus.Repeated())
	return d.err
}

// printf keeps the first error of writing.
func (d *demo) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format, args...)
	}
}

package recovery

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
)

// Options are the settings of a desk. The zero value of each field, and a nil
// *Options, mean the default that stands with it.
type Options struct {
	// Policy says which remedies may be offered, and by whom. Defaults to none, which
	// allows apology, explanation and correction alone.
	Policy *policy.Set
	// Agreement holds the calendars and objectives of the clocks. Defaults to none: no
	// clock runs.
	Agreement *sla.Agreement
	// Playbooks hold the goals, remedies, questions and phrases for each kind of
	// problem. Defaults to [StandardPlaybooks].
	Playbooks *Playbooks
	// Names are the host's own, beside the built-in ones.
	Names Names

	// Rounds is the limit over which a round escalates. Defaults to 3.
	Rounds int
	// Attempts is how many failed attempts to reach the customer it takes to close a
	// case as unreachable, or to assume a clarification. Defaults to 3.
	Attempts int
	// ApproveWithin is how long an offer waits for its approval before it expires.
	// Defaults to 48 hours.
	ApproveWithin time.Duration
	// AnswerWithin is how long a customer has for an offer that says nothing else, from
	// when it was presented; as long may an approved one wait to be presented, before
	// it lapses. Defaults to 14 days.
	AnswerWithin time.Duration
	// ReopenWithin is how long a closed case can be reopened. Defaults to 30 days.
	ReopenWithin time.Duration

	// Staff lists the ids of the agents who hold a role or one above it, so that an
	// offer that nobody may approve is refused at once, as [ErrDenied], instead of
	// waiting: nobody has the role but who proposes, gains from it, has approved it
	// already or is complained about. It is called while deciding: it must not block.
	//
	// Defaults to nil: the desk knows nobody then, and takes every role to be held
	// by somebody fit. A policy asks for roles of its own ladder alone, and one person of
	// the role that it asks for is enough, so that such an offer can be approved if
	// they exist; if they don't, it expires after ApproveWithin.
	Staff func(policy.Role) []string

	// Limits bound the input.
	Limits Limits

	// Now tells the time. Defaults to [time.Now].
	Now func() time.Time
	// NewID makes the ids of cases. Defaults to UUIDs of version 7.
	NewID func() (uuid.UUID, error)
	// Poll bounds the sleep of [Desk.Run]: so late it may notice what another process
	// has written. Defaults to one minute.
	Poll time.Duration
	// Log hears of what Run passes over, because it has nobody to return it to.
	// Defaults to [slog.DiscardHandler].
	Log *slog.Logger
}

// Limits bound what a command may contain. Zero fields mean the defaults.
type Limits struct {
	Text  int // bytes of one text; defaults to 65,536
	Items int // entries of one list: remedies, promises, concerns, questions, facts, links; defaults to 100
}

// withDefaults returns the options with every default filled in, or all that is wrong with them.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	var errs []error
	number := func(name string, v *int, or int) {
		if *v < 0 {
			errs = append(errs, fmt.Errorf("%s: %d is negative", name, *v))
		}
		if *v == 0 {
			*v = or
		}
	}
	duration := func(name string, v *time.Duration, or time.Duration) {
		if *v < 0 {
			errs = append(errs, fmt.Errorf("%s: %s is negative", name, *v))
		}
		if *v == 0 {
			*v = or
		}
	}
	const day = 24 * time.Hour
	number("Rounds", &out.Rounds, 3)
	number("Attempts", &out.Attempts, 3)
	number("Limits.Text", &out.Limits.Text, 64<<10)
	number("Limits.Items", &out.Limits.Items, 100)
	duration("ApproveWithin", &out.ApproveWithin, 2*day)
	duration("AnswerWithin", &out.AnswerWithin, 14*day)
	duration("ReopenWithin", &out.ReopenWithin, 30*day)
	duration("Poll", &out.Poll, time.Minute)
	errs = append(errs, out.Names.check())
	if out.Policy == nil {
		out.Policy = new(policy.Set)
	}
	if out.Playbooks == nil {
		standard, err := StandardPlaybooks()
		errs = append(errs, err)
		out.Playbooks = standard
	}
	if out.Now == nil {
		out.Now = time.Now
	}
	if out.NewID == nil {
		out.NewID = uuid.NewV7
	}
	if out.Log == nil {
		out.Log = slog.New(slog.DiscardHandler)
	}
	return out, errors.Join(errs...)
}

package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
)

// Desk is where complaints are handled: it opens cases, takes commands on them,
// and watches their clocks. It keeps nothing of its own but what it can read again;
// all that happened is in the store. Safe for concurrent use.
type Desk struct {
	*core
	store history.Store
	bound bool // to the host's transaction: nothing is retried
}

// core is what a desk shares with those that In made of it.
type core struct {
	rules
	options    Options
	documents  []document
	kept       atomic.Bool // the documents are in the store
	agreements sync.Map    // of earlier ones, sla.Digest to *sla.Agreement
	cache      cache
	wake       chan struct{}
}

// New makes a desk on a store. It checks the options, and every name that policy,
// agreement and playbooks use against those that are known, and reports all faults
// at once. Options may be nil.
func New(s history.Store, o *Options) (*Desk, error) {
	if s == nil {
		return nil, errors.New("recovery: new: a store is needed, as in new(history.Memory)")
	}
	options, err := o.withDefaults()
	n := knownNames(&options, options.Policy.Roles())
	err = errors.Join(err, n.check(options.Policy, options.Agreement), checkRemedies(options.Playbooks, options.Policy))
	if err != nil {
		return nil, fmt.Errorf("recovery: options: %w", err)
	}
	m, err := newMachine()
	if err != nil {
		return nil, err
	}
	c := &core{
		rules: rules{
			policy: options.Policy, agreement: options.Agreement, playbooks: options.Playbooks, names: n, machine: m,
			limits: options.Limits, rounds: options.Rounds, attempts: options.Attempts, reopenWithin: options.ReopenWithin,
			approveWithin: options.ApproveWithin, answerWithin: options.AnswerWithin, staff: options.Staff,
		},
		options: options,
		wake:    make(chan struct{}, 1),
	}
	c.documents = inForce(&options)
	return &Desk{core: c, store: s}, nil
}

// checkRemedies reports remedies of playbooks that the policy does not know.
func checkRemedies(p *Playbooks, s *policy.Set) error {
	var errs []error
	kinds := s.Kinds()
	for _, u := range p.orNone().uses {
		if !slices.Contains(kinds, u.kind) {
			errs = append(errs, fmt.Errorf("playbooks:%d:%d: %s", u.line, u.column, unknownName("remedy", string(u.kind), texts(kinds))))
		}
	}
	return errors.Join(errs...)
}

// In returns the desk on a store that is bound to the host's transaction, as the In
// of history/sqlite and history/postgres makes it: what it writes is committed or
// rolled back with the host's own rows. The store must be a view of the same
// database as the desk's own. It retries nothing: on a conflict the transaction is
// the host's to repeat. A host's row that needs the case's id before the case is
// opened sets Complaint.ID itself, to a UUID of version 7.
//
// [Desk.Run] sleeps until what it knows to be due. Tell it after the commit, or it
// notices at its next poll: with [Desk.Wake] where it is this desk's, and with the
// store's own hint (postgres.Store.Notify) where it may be on another machine.
func (d *Desk) In(s history.Store) *Desk { return &Desk{core: d.core, store: s, bound: true} }

// Once returns the desk for one call under the host's idempotency key, which
// makes the call safe to repeat: repeated, it writes nothing and returns the case
// as it is now. The same key for another call fails with [history.ErrKeyReused]:
// another actor, command or field is another call, a time that the host fills in by
// itself included. A call that failed leaves its key free.
//
// A key has 1 to 200 bytes. It is the host's to choose, as a request's or message's
// id, and is kept as long as the store: where several parties choose keys, prefix
// them with whose they are.
func (d *Desk) Once(key string) Once { return Once{d, key} }

// Once is a desk for one call. Make it with [Desk.Once].
type Once struct {
	desk *Desk
	key  string
}

// Open does as [Desk.Open] does, once. Where the complaint names no id, the
// repetition returns the case that the first call made.
func (o Once) Open(ctx context.Context, by Actor, c Complaint, cmds ...Command) (Case, error) {
	if err := o.check(); err != nil {
		return Case{}, &CaseError{Op: "open", Err: err}
	}
	return o.desk.open(ctx, "host:"+o.key, by, c, cmds)
}

// Do does as [Desk.Do] does, once.
func (o Once) Do(ctx context.Context, id uuid.UUID, by Actor, cmds ...Command) (Case, error) {
	if err := o.check(); err != nil {
		return Case{}, &CaseError{Op: "do", Case: id, Err: err}
	}
	return o.desk.do(ctx, "host:"+o.key, id, by, cmds)
}

func (o Once) check() error {
	if o.key == "" {
		return invalid("key", "must not be empty")
	}
	f := o.desk.faults()
	f.id("key", o.key)
	return f.err()
}

// Open opens a case for a complaint, and takes commands on it in the same commit:
// a complaint resolved on first contact is one call. The clocks start when the
// complaint was received; a playbook that fits it sets the goal. Errors are
// [*CaseError]s over [ErrInvalid] (with every fault of the complaint), [ErrDenied],
// [ErrStep] and the store's; [history.ErrConflict] means that the id given is taken.
//
// With [history.ErrUncertain] nobody can tell yet whether the case was opened, since
// the database was lost on the way and did not come back in time. Where that
// matters, use [Desk.Once], or give the Complaint an ID: then the call can be
// repeated, and opens one case.
func (d *Desk) Open(ctx context.Context, by Actor, c Complaint, cmds ...Command) (Case, error) {
	return d.open(ctx, "", by, c, cmds)
}

// Do takes commands on a case, in order, all or nothing, in one commit: first what
// is due is settled, then each command is decided on what the ones before it left.
// Where somebody else has written in the meantime it loads the case and decides
// again, on what is true now. It returns the case as it stands afterwards, and with
// an error the zero Case: keep the id apart from it. Errors are [*CaseError]s over
// [ErrStep], [ErrInvalid], [ErrDenied] (an offer that policy denies is a
// [*DeniedError]) and the store's, [history.ErrNotFound] among them. After
// [history.ErrUncertain] (see [Desk.Open]) look at the case, or repeat the call if it
// was made by [Desk.Once].
func (d *Desk) Do(ctx context.Context, id uuid.UUID, by Actor, cmds ...Command) (Case, error) {
	return d.do(ctx, "", id, by, cmds)
}

func (d *Desk) open(ctx context.Context, key string, by Actor, c Complaint, cmds []Command) (Case, error) {
	t := task{op: "open", key: key, by: by, commands: cmds, complaint: &c, id: c.ID}
	if t.id == uuid.Nil {
		id, err := d.options.NewID()
		if err != nil {
			return Case{}, &CaseError{Op: "open", Err: err}
		}
		t.id = id
	}
	return d.perform(ctx, t)
}

func (d *Desk) do(ctx context.Context, key string, id uuid.UUID, by Actor, cmds []Command) (Case, error) {
	if len(cmds) == 0 {
		return Case{}, &CaseError{Op: "do", Case: id, Err: invalid("commands", "none was given")}
	}
	return d.perform(ctx, task{op: "do", key: key, by: by, commands: cmds, id: id})
}

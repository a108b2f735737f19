package recovery

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/sla"
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

// In returns the desk on a store that is bound to the host's transaction, as
// history/sqlite's Store.In makes it: what it writes is committed or rolled back
// with the host's own rows. The store must be a view of the same database as the
// desk's own. It retries nothing: on a conflict the transaction is the host's to
// repeat. [Desk.Run] notices what was written when the store wakes it, at the next
// poll, or by [Desk.Wake] after the commit.
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
func (d *Desk) Open(ctx context.Context, by Actor, c Complaint, cmds ...Command) (Case, error) {
	return d.open(ctx, "", by, c, cmds)
}

// Do takes commands on a case, in order, all or nothing, in one commit: first what
// is due is settled, then each command is decided on what the ones before it left.
// Where somebody else has written in the meantime it loads the case and decides
// again, on what is true now. It returns the case as it stands afterwards. Errors
// are [*CaseError]s over [ErrStep], [ErrInvalid], [ErrDenied] (an offer that
// policy denies is a [*DeniedError]) and the store's, [history.ErrNotFound] among them.
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

// task is one call, whatever the number of times that it is decided.
type task struct {
	op        string
	key       string // the host's; empty: none
	id        uuid.UUID
	by        Actor
	complaint *Complaint // to open with; nil: the case is there
	commands  []Command
}

// digest is of what was asked, so that a key tells a repetition from another call.
func (t task) digest() (history.Hash, error) {
	type asked struct {
		Name    string  `json:"name"`
		Command Command `json:"command"`
	}
	all := struct {
		Op        string     `json:"op"`
		Case      uuid.UUID  `json:"case,omitzero"`
		By        Actor      `json:"by"`
		Complaint *Complaint `json:"complaint,omitempty"`
		Commands  []asked    `json:"commands"`
	}{Op: t.op, By: t.by, Complaint: t.complaint}
	if t.complaint == nil {
		all.Case = t.id
	}
	for _, c := range t.commands {
		all.Commands = append(all.Commands, asked{c.command(), c})
	}
	b, err := json.Marshal(all)
	if err != nil {
		return history.Hash{}, invalid("commands", "%v", err)
	}
	return sha256.Sum256(b), nil
}

// checkCommands reports what is no command of the library's, passed by value:
// such a thing is not even asked for its name.
func (t task) checkCommands() error {
	var errs []error
	for i, c := range t.commands {
		if !ours(c) {
			errs = append(errs, invalid(indexed("commands", i, ""), "%T is none of the library's commands; pass one of them, by value", c))
		}
	}
	return errors.Join(errs...)
}

// fail wraps an error that did not come from deciding.
func (t task) fail(err error) error {
	if _, ok := errors.AsType[*CaseError](err); ok {
		return err
	}
	return &CaseError{Op: t.op, Case: t.named(), Err: err}
}

// named is the case as the caller knows it: an id that was just made for one that
// could not be opened says nothing.
func (t task) named() uuid.UUID {
	if t.complaint != nil {
		return t.complaint.ID
	}
	return t.id
}

// races is how many times a call that loses a race is decided again.
const races = 64

// perform decides a task and writes what comes of it, until nobody has written
// in between.
func (d *Desk) perform(ctx context.Context, t task) (Case, error) {
	if err := errors.Join(d.checkActor(t.by), t.checkCommands()); err != nil {
		return Case{}, t.fail(err)
	}
	if err := d.keep(ctx); err != nil {
		return Case{}, t.fail(err)
	}
	commit := history.Commit{Key: t.key}
	if t.key == "" {
		commit.Key = "amends:" + uuid.NewString()
	}
	if t.complaint != nil && !d.bound { // most likely a new case: then there is nothing to load
		c, written, err := d.attempt(ctx, t, commit, d.fresh(t))
		if err == nil || written && !errors.Is(err, history.ErrConflict) {
			return c, err
		}
	}
	var c Case
	err := d.racing(ctx, func() (err error) {
		c, err = d.loadAndAttempt(ctx, t, commit)
		return err
	})
	if err != nil {
		return Case{}, t.fail(err)
	}
	return c, nil
}

// racing does something until nobody has written in between: on a conflict it is done
// again, after a moment, on what is true by then. In the host's transaction it is the
// host who does.
func (d *Desk) racing(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if d.bound || try == races || !errors.Is(err, history.ErrConflict) || errors.Is(err, errTaken) {
			return err
		}
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

// errTaken says that a case to be opened is there already: no race to be run again.
var errTaken = errors.New("there is a case with this id already")

// backoff waits for a moment that grows with the number of tries, less a random
// part: so that those who race do not meet again.
func backoff(ctx context.Context, try int) error {
	most := min(time.Millisecond<<min(try, 6), 50*time.Millisecond)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(most)):
		return nil
	}
}

// checkActor reports what is wrong with an actor by itself.
func (d *Desk) checkActor(a Actor) error {
	f := d.faults()
	f.neededID("actor.id", a.ID)
	switch a.Kind {
	case Agent:
		switch {
		case a.Role != "" && len(d.names.roles) > 0 && !slices.Contains(d.names.roles, string(a.Role)):
			f.errs = append(f.errs, &FieldError{"actor.role", unknownName("role", string(a.Role), d.names.roles)})
		case strings.Contains(string(a.Role), ":"):
			f.add("actor.role", "%q has a colon, which separates role and id in records", a.Role)
		default:
			f.id("actor.role", string(a.Role))
		}
	case Customer, Representative, Machine:
		if a.Role != "" {
			f.add("actor.role", "%q; only agents have one", a.Role)
		}
	case System:
		f.add("actor.kind", "the system acts by itself alone")
	default:
		f.add("actor.kind", "unknown kind %q (known: %s, %s, %s; none is an agent)", string(a.Kind), Customer, Representative, Machine)
	}
	return f.err()
}

// loadAndAttempt decides a task on the case as it is now. A failure may be that of
// a repetition.
func (d *Desk) loadAndAttempt(ctx context.Context, t task, commit history.Commit) (Case, error) {
	l, err := d.load(ctx, t)
	if err != nil {
		return d.repeated(ctx, t, commit, t.fail(err))
	}
	c, written, err := d.attempt(ctx, t, commit, l)
	if err != nil && !written {
		return d.repeated(ctx, t, commit, err)
	}
	return c, err
}

// attempt decides a task on a loaded case, and writes what comes of it. It says
// whether it came to writing.
func (d *Desk) attempt(ctx context.Context, t task, commit history.Commit, l loaded) (c Case, written bool, err error) {
	w, err := d.decide(ctx, t, l)
	if err != nil {
		return Case{}, false, t.fail(err)
	}
	if len(w.events) == 0 {
		return w.c.deep(), false, nil
	}
	if t.key != "" {
		if commit.Digest, err = t.digest(); err != nil {
			return Case{}, false, t.fail(err)
		}
	}
	if commit.Batches, err = w.batches(l.head); err != nil {
		return Case{}, false, t.fail(err)
	}
	receipt, err := d.append(ctx, commit, d.store.Append)
	if err != nil {
		return Case{}, true, t.fail(err)
	}
	d.signal()
	if receipt.Replayed {
		c, err = d.Case(ctx, receipt.Streams[0])
		return c, true, err
	}
	d.seen(commit.Batches[0].Head, w.c)
	return w.c.deep(), true, nil
}

// append writes a commit by the store's Append or Erase. One whose outcome is
// unknown is settled by its key.
func (d *Desk) append(
	ctx context.Context, c history.Commit, write func(context.Context, history.Commit) (history.Receipt, error),
) (history.Receipt, error) {
	r, err := write(ctx, c)
	for try := 1; try < 4 && !d.bound && errors.Is(err, history.ErrUncertain); try++ {
		if wait := backoff(ctx, try); wait != nil {
			return r, errors.Join(err, wait)
		}
		r, err = write(ctx, c)
	}
	return r, err
}

// repeated answers a call that failed: if its key is stored, the call is a
// repetition, and what failed is only that it was done already. A commit that can't
// be written (no stream has so many records) asks for the key and nothing else.
func (d *Desk) repeated(ctx context.Context, t task, commit history.Commit, failed error) (Case, error) {
	if t.key == "" {
		return Case{}, failed
	}
	var err error
	if commit.Digest, err = t.digest(); err != nil {
		return Case{}, failed // what cannot be written down was never done
	}
	commit.Batches = []history.Batch{{
		Stream: t.id, Expect: math.MaxInt64, Head: history.Head{Stream: t.id, Sequence: math.MaxInt64},
	}}
	receipt, err := d.store.Append(ctx, commit)
	switch {
	case err == nil:
		return d.Case(ctx, receipt.Streams[0])
	case errors.Is(err, history.ErrKeyReused):
		return Case{}, t.fail(err)
	}
	return Case{}, failed
}

// decide runs a task on a loaded case.
func (d *Desk) decide(ctx context.Context, t task, l loaded) (*work, error) {
	return d.working(ctx, t.by, l, func(w *work) error {
		if t.complaint != nil {
			if err := w.open(*t.complaint); err != nil {
				return &CaseError{Op: "open", Case: t.named(), Err: err}
			}
		}
		err := w.run(t.commands)
		if e, ok := errors.AsType[*CaseError](err); ok {
			e.Case = t.named()
		}
		return err
	})
}

// working does something on a loaded case, afresh each time that it turns out to
// need another ledger, which is then loaded.
func (d *Desk) working(ctx context.Context, by Actor, l loaded, do func(*work) error) (*work, error) {
	heads := map[string]history.Head{}
	for {
		w, err := d.work(by, l, heads)
		if err != nil {
			return nil, err
		}
		err = do(w)
		need, ok := errors.AsType[*needError](err)
		if !ok {
			return w, err
		}
		head, err := d.store.Head(ctx, ledgerStream(need.ledger))
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			return nil, err
		}
		heads[need.ledger] = head
	}
}

// work is a fresh start on a loaded case.
func (d *Desk) work(by Actor, l loaded, heads map[string]history.Head) (*work, error) {
	w := &work{
		rules: &d.rules, now: l.now, actor: by, c: l.c, agreements: l.agreements, ledgers: map[string]*ledger{},
	}
	for name, head := range heads {
		ledger, err := decodeLedger(name, head)
		if err != nil {
			return nil, err
		}
		w.ledgers[name] = ledger
	}
	return w, nil
}

// loaded is a case as the store has it, and what deciding needs beside it.
type loaded struct {
	c          Case
	head       history.Head
	now        time.Time
	agreements map[sla.Digest]*sla.Agreement
}

// fresh is a task's case before anything is known of it.
func (d *Desk) fresh(t task) loaded {
	return loaded{c: Case{ID: t.id}, head: history.Head{Stream: t.id, Kind: kindCase}, now: micro(d.options.Now())}
}

// load reads the task's case.
func (d *Desk) load(ctx context.Context, t task) (loaded, error) {
	l := d.fresh(t)
	head, err := d.store.Head(ctx, t.id)
	switch {
	case t.complaint != nil && err == nil:
		return l, fmt.Errorf("%w: %w", errTaken, history.ErrConflict)
	case t.complaint != nil && errors.Is(err, history.ErrNotFound):
		return l, nil
	case err != nil:
		return l, err
	}
	c, err := d.fromHead(ctx, head)
	if err != nil {
		return l, err
	}
	err = d.standOn(ctx, &l, head, c)
	return l, err
}

// standOn puts a case under what is decided. Time never runs backwards on a case: a
// clock behind its last record waits there.
func (d *Desk) standOn(ctx context.Context, l *loaded, head history.Head, c Case) (err error) {
	l.head, l.c = head, c
	if l.now.Before(head.Time) {
		l.now = head.Time
	}
	l.agreements, err = d.agreementsOf(ctx, c)
	return err
}

// signal wakes Run: something may be due sooner than it thinks.
func (d *Desk) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

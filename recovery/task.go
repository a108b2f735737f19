package recovery

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

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
	if l, ok := d.recall(ctx, t); ok {
		c, written, err := d.attempt(ctx, t, commit, l)
		if written && !errors.Is(err, history.ErrConflict) {
			return c, err
		} // else what was decided may only be out of date
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
	return pause(ctx, rand.N(min(time.Millisecond<<min(try, 6), 50*time.Millisecond)))
}

// pause waits, unless the context ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
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
	first := err
	for try := 1; try < 4 && !d.bound && errors.Is(err, history.ErrUncertain); try++ {
		if wait := backoff(ctx, try); wait != nil {
			return r, errors.Join(err, wait)
		}
		r, err = write(ctx, c)
	}
	settled := err == nil || errors.Is(err, history.ErrConflict) || errors.Is(err, history.ErrKeyReused)
	if errors.Is(first, history.ErrUncertain) && !settled && !errors.Is(err, history.ErrUncertain) {
		err = errors.Join(first, err) // that it can't be written now does not say whether it was
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
	nowhere := history.Head{Stream: t.id, Sequence: math.MaxInt64, Hash: history.Hash{1}}
	commit.Batches = []history.Batch{{Stream: t.id, Expect: nowhere.Sequence, Prev: nowhere.Hash, Head: nowhere}}
	receipt, err := d.store.Append(ctx, commit)
	switch {
	case err == nil && len(receipt.Streams) > 0:
		return d.Case(ctx, receipt.Streams[0])
	case errors.Is(err, history.ErrKeyReused):
		return Case{}, t.fail(err)
	}
	return Case{}, failed
}

package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

// standing is a case as far as the commands of this test change it.
type standing struct {
	Records   uint64
	Assignee  string
	Transfers int
	Waiting   string
}

func standingOf(c recovery.Case) standing {
	s := standing{Records: c.Sequence, Assignee: c.Assignee, Transfers: c.Transfers}
	if c.Waiting != nil {
		s.Waiting = c.Waiting.On
	}
	return s
}

// after is the case after a command, if it can take it.
func (s standing) after(cmd recovery.Command) (standing, bool) {
	switch c := cmd.(type) { //nolint:gochecksumtype // those that the clients give; a note only makes a record
	case recovery.Assign:
		if s.Assignee != "" && c.To != "" && s.Assignee != c.To {
			s.Transfers++
		}
		s.Assignee = c.To
	case recovery.Wait:
		if s.Waiting != "" {
			return s, false
		}
		s.Waiting = c.On
	case recovery.Resume:
		if s.Waiting == "" {
			return s, false
		}
		s.Waiting = ""
	}
	s.Records++
	return s, true
}

// outcome is what a client was told: how the case stood afterwards, or that it cannot take the command. One that had to ask again,
// because the answer to the first time was lost, is shown the case as it is by then: of its command the history tells which record it became.
type outcome struct {
	refused bool
	again   bool
	standing
}

// oneCase is the model of a case that takes one command at a time. A nil command reads.
func oneCase(begin standing) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, output any) (bool, any) {
			s, ok1 := state.(standing)
			o, ok2 := output.(outcome)
			if !ok1 || !ok2 {
				return false, state
			}
			cmd, ok := input.(recovery.Command)
			if !ok {
				return o.standing == s, s
			}
			next, can := s.after(cmd)
			if !can {
				return o.refused, s
			}
			return !o.refused && (o.standing == next || o.again && o.Records == next.Records), next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%#v: %+v", input, output) },
	}
}

// clients has 16 clients give commands on one case, through two desks with stores of their own, and returns what each asked for and
// was told, and when, with figures. Where answers get lost, a store or a desk may have to ask again by itself, and then returns the case as it is
// by then: a command that was taken, and a read, in the time of the call.
func clients(t *testing.T, stores []history.Store, each int, lossy bool) (porcupine.Model, []porcupine.Operation, map[string]int) {
	t.Helper()
	const n = 16
	desks := make([]*recovery.Desk, len(stores))
	for i, s := range stores {
		var err error
		desks[i], err = recovery.New(s, nil)
		require.NoError(t, err)
	}
	c, err := desks[0].Open(t.Context(), recovery.Actor{ID: "ana"}, recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	var clock atomic.Int64 // what is called later has the greater number, so that no two instants are taken for one
	ops := make([][]porcupine.Operation, n)
	counts := map[string]int{}
	var mu sync.Mutex
	count := func(what string) { mu.Lock(); defer mu.Unlock(); counts[what]++ }
	var wg sync.WaitGroup
	for client := range n {
		wg.Go(func() {
			d := desks[client%len(desks)]
			for i := range each {
				cmd := []recovery.Command{
					recovery.Assign{To: fmt.Sprint("agent ", rand.IntN(4))},
					recovery.Note{Text: "x"},
					recovery.Wait{On: recovery.WaitCustomer},
					recovery.Resume{},
					nil,
				}[rand.IntN(5)]
				key := fmt.Sprintf("%d/%d", client, i)
				called := clock.Add(1)
				out, err := perform(t.Context(), d, c.ID, key, cmd, count)
				returned := clock.Add(1)
				if !assert.NoError(t, err) {
					return
				}
				var input any
				if cmd != nil {
					input = cmd
				}
				if lossy && cmd != nil && !out.refused {
					ops[client] = append(ops[client], porcupine.Operation{ClientId: client, Call: called, Output: out, Return: returned})
				}
				ops[client] = append(ops[client], porcupine.Operation{
					ClientId: client, Input: input, Call: called, Output: out, Return: returned, Metadata: key,
				})
			}
		})
	}
	wg.Wait()
	if lossy {
		place(t, desks[0], c.ID, ops)
	}
	return oneCase(standingOf(c)), slices.Concat(ops...), counts
}

// place finds in the history which record each command became: exactly one if it was taken, and none if it was refused.
func place(t *testing.T, d *recovery.Desk, id uuid.UUID, ops [][]porcupine.Operation) {
	t.Helper()
	records := map[string][]uint64{}
	for e, err := range d.History(t.Context(), id) {
		require.NoError(t, err)
		records[e.Actor.ID] = append(records[e.Actor.ID], e.Sequence)
	}
	for _, list := range ops {
		for i := range list {
			if _, command := list[i].Input.(recovery.Command); !command {
				continue
			}
			key, _ := list[i].Metadata.(string)
			switch o, _ := list[i].Output.(outcome); {
			case o.refused:
				require.Empty(t, records[key], "command %s was refused", key)
			default:
				require.Len(t, records[key], 1, "command %s was taken", key)
				list[i].Output = outcome{again: true, standing: standing{Records: records[key][0]}}
			}
		}
	}
}

// perform gives a command until its outcome is known.
func perform(
	ctx context.Context, d *recovery.Desk, id uuid.UUID, key string, cmd recovery.Command, count func(string),
) (out outcome, err error) {
	over := time.Now().Add(20 * time.Second)
	for ; ; count("asked again") {
		var c recovery.Case
		if cmd == nil {
			c, err = d.Case(ctx, id)
		} else {
			c, err = d.Once(key).Do(ctx, id, recovery.Actor{ID: key}, cmd)
		}
		switch {
		case err == nil && cmd == nil:
			count("reads")
		case err == nil:
			count("commands taken")
		case errors.Is(err, recovery.ErrStep):
			count("commands refused")
			return outcome{refused: true}, nil
		case errors.Is(err, history.ErrConflict):
			continue // others came first too often; nothing was written
		case time.Now().Before(over):
			out.again = true
			continue
		}
		out.standing = standingOf(c)
		return out, err
	}
}

// TestLinearizable: whatever 16 clients are told, it is what a case that takes one command at a time would have told them.
func TestLinearizable(t *testing.T) {
	onEach(t, []string{inMemory, inSQLite, inServer}, func(t *testing.T, d database) {
		t.Helper()
		began := time.Now()
		stores := []history.Store{d.on(t)}
		if d.kind != inMemory {
			stores = append(stores, d.on(t))
		}
		model, ops, counts := clients(t, stores, scaled(100), false)
		ran := time.Since(began)
		result, _ := porcupine.CheckOperationsVerbose(model, ops, time.Minute)
		require.Equal(t, porcupine.Ok, result)
		checkStore(t, stores[0])
		t.Logf("%s: %d operations of 16 clients in %.1f s, linearizable (found in %.2f s):%s",
			d.kind, len(ops), ran.Seconds(), (time.Since(began) - ran).Seconds(), tally(counts))
	})
}

// bent is a store in memory with a fault in it.
type bent struct {
	history.Memory
	append func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error)
	head   func(ctx context.Context, m *history.Memory, stream uuid.UUID) (history.Head, error)
}

func (b *bent) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	if b.append == nil {
		return b.Memory.Append(ctx, c)
	}
	return b.append(ctx, &b.Memory, c)
}

func (b *bent) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	if b.head == nil {
		return b.Memory.Head(ctx, stream)
	}
	return b.head(ctx, &b.Memory, stream)
}

// TestNotLinearizable: stores that are broken on purpose are found out.
func TestNotLinearizable(t *testing.T) {
	var kept sync.Map // the first head seen of each stream
	for name, b := range map[string]*bent{
		"appends whatever is expected": {append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			c.Batches = slices.Clone(c.Batches)
			for runtime.Gosched(); ; {
				rc, err := m.Append(ctx, c)
				if !errors.Is(err, history.ErrConflict) || len(c.Batches[0].Records) == 0 { // that only asks for the key
					return rc, err
				}
				for i, b := range c.Batches {
					prev, err := m.Head(ctx, b.Stream)
					if err != nil {
						return rc, err
					}
					if c.Batches[i], err = history.Next(prev, b.Head, b.Records...); err != nil {
						return rc, err
					}
				}
			}
		}},
		"reports a lost race as won": {append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			runtime.Gosched()
			rc, err := m.Append(ctx, c)
			if errors.Is(err, history.ErrConflict) {
				return history.Receipt{Key: c.Key, Streams: []uuid.UUID{c.Batches[0].Stream}}, nil
			}
			return rc, err
		}},
		"shows old heads now and then": {head: func(ctx context.Context, m *history.Memory, stream uuid.UUID) (history.Head, error) {
			h, err := m.Head(ctx, stream)
			first, _ := kept.LoadOrStore(stream, h)
			if old, ok := first.(history.Head); ok && err == nil && rand.IntN(4) == 0 {
				return old, nil
			}
			return h, err
		}},
		"forgets keys, and says so of some commits that it wrote": {append: func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error) {
			c.Key = uuid.NewString()
			rc, err := m.Append(ctx, c)
			if err == nil && c.Batches[0].Expect > 0 && rand.IntN(20) == 0 {
				return rc, history.ErrUncertain
			}
			return rc, err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			model, ops, counts := clients(t, []history.Store{b}, 30, false)
			result, _ := porcupine.CheckOperationsVerbose(model, ops, time.Minute)
			require.Equal(t, porcupine.Illegal, result)
			t.Logf("%d operations, not linearizable:%s", len(ops), tally(counts))
		})
	}
}

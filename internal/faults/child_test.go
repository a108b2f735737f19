package faults_test

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// A child is this test program again, with a role to play on a database, until it is killed. It reports through a pipe.
const (
	childRole = "AMENDS_FAULTS_ROLE"
	childName = "AMENDS_FAULTS_NAME"
	childKind = "AMENDS_FAULTS_KIND"
	childDSN  = "AMENDS_FAULTS_DSN"
)

// roles are what a child can be.
func roles() map[string]func(ctx context.Context, name string, s history.Store, to *reporter) error {
	return map[string]func(context.Context, string, history.Store, *reporter) error{
		"writer":   writerChild,
		"ticker":   tickerChild,
		"follower": followerChild,
	}
}

// TestChild is what children run; by itself it does nothing.
func TestChild(t *testing.T) {
	role, ok := roles()[os.Getenv(childRole)]
	if !ok {
		return
	}
	pipe := os.NewFile(3, "reports")
	to := &reporter{enc: gob.NewEncoder(pipe)}
	s, closing, err := database{kind: os.Getenv(childKind), dsn: os.Getenv(childDSN)}.store(t.Context())
	if err == nil {
		defer closing()
		err = role(t.Context(), os.Getenv(childName), s, to)
	}
	if err != nil {
		to.send(report{Failed: err.Error()})
	}
}

// report is a message of a child's.
type report struct {
	Asks    *history.Commit
	Key     string // of the answer
	Receipt history.Receipt
	Err     string
	Unknown bool // the error was ErrUncertain
	Failed  string
	Did     map[string]int
}

// reporter is a child's end of the pipe. A report is in the pipe, and survives the child, before send returns.
type reporter struct {
	mu  sync.Mutex
	enc *gob.Encoder
}

func (r *reporter) send(m report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enc.Encode(m); err != nil {
		panic(err) //nolint:forbidigo // nobody is left to report to
	}
}

func (r *reporter) asks(c history.Commit) { r.send(report{Asks: &c}) }

func (r *reporter) hears(key string, rc history.Receipt, err error) {
	m := report{Key: key, Receipt: rc}
	if err != nil {
		m.Err, m.Unknown = err.Error(), errors.Is(err, history.ErrUncertain)
	}
	r.send(m)
}

// child is a running child, as its parent has it.
type child struct {
	t    *testing.T
	cmd  *exec.Cmd
	name string
	read chan struct{} // closed when all its reports have been read
}

// start starts a child. Each of its reports goes to hear, one after the other.
func start(t *testing.T, role, name string, d database, hear func(report)) *child {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=5m") //nolint:noctx // it is killed, and waited for, by its parent
	cmd.Env = append(os.Environ(), childRole+"="+role, childName+"="+name, childKind+"="+d.kind, childDSN+"="+d.dsn)
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	require.NoError(t, w.Close())
	c := &child{t: t, cmd: cmd, name: name, read: make(chan struct{})}
	go func() {
		defer close(c.read)
		defer func() { _ = r.Close() }()
		dec := gob.NewDecoder(r)
		for {
			var m report
			if err := dec.Decode(&m); err != nil {
				assert.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "report of %s: %v", name, err)
				return
			}
			assert.Empty(t, m.Failed, "child %s", name)
			hear(m)
		}
	}()
	return c
}

// kill ends the child as a power switch would, and waits until all that it had said was heard.
func (c *child) kill() {
	c.t.Helper()
	_ = c.cmd.Process.Kill()
	c.wait()
}

func (c *child) wait() {
	<-c.read
	_ = c.cmd.Wait()
}

// into has a journal hear a child's reports, and counts the answers.
func into(j *journal, answered chan<- struct{}) func(report) {
	return func(m report) {
		switch {
		case m.Asks != nil:
			j.asks(*m.Asks)
			return
		case m.Key == "":
			return
		case m.Unknown:
			j.hears(m.Key, m.Receipt, fmt.Errorf("%w: %s", history.ErrUncertain, m.Err))
		case m.Err != "":
			j.hears(m.Key, m.Receipt, errors.New(m.Err))
		default:
			j.hears(m.Key, m.Receipt, nil)
		}
		select {
		case answered <- struct{}{}:
		default:
		}
	}
}

// writerChild writes with two hands until it is killed.
func writerChild(ctx context.Context, name string, s history.Store, to *reporter) error {
	failed := make(chan error, 2)
	for hand := range 2 {
		w := &writer{name: fmt.Sprintf("%s/%d", name, hand), store: s, to: to}
		go func() {
			for n := 0; ; n++ {
				if err := w.write(ctx, n); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

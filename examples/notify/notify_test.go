package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"

	notify "github.com/amends-go/amends/examples/notify"
)

// startNATS starts a server for the test, which is skipped where there is none to start, but not in CI.
func startNATS(t *testing.T) string {
	t.Helper()
	server, err := notify.StartNATS(context.WithoutCancel(t.Context()), t.TempDir())
	if errors.Is(err, notify.ErrNoNATS) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	return server.URL
}

func startSink(t *testing.T, lost func() bool) *notify.Sink {
	t.Helper()
	sink, err := notify.StartSink(t.Context(), lost)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sink.Close()) })
	return sink
}

func openBus(t *testing.T, url string, window time.Duration) *notify.Bus {
	t.Helper()
	bus, err := notify.OpenBus(t.Context(), url, window)
	require.NoError(t, err)
	t.Cleanup(bus.Close)
	return bus
}

// office is a desk, its store, and a mailer that are opened anew by each run.
type office struct {
	db     *sql.DB
	store  *sqlite.Store
	desk   *recovery.Desk
	mailer *notify.Mailer
}

func openOffice(t *testing.T, file string, sink *notify.Sink) *office {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	store, err := sqlite.New(t.Context(), db, nil)
	require.NoError(t, err)
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	desk, err := notify.NewDesk(store, func() time.Time { return now })
	require.NoError(t, err)
	return &office{db, store, desk, &notify.Mailer{
		Desk: desk, Store: store, Server: sink.Addr, Domain: "shop.example", Address: notify.Address, Log: slog.New(slog.DiscardHandler),
	}}
}

func ana() recovery.Actor { return recovery.Actor{ID: "ana", Role: "agent"} }

// scenes are what happens to a case, one after the other, from when it was opened.
func scenes() [][]recovery.Command {
	return [][]recovery.Command{
		{recovery.Assign{To: "ana"}, recovery.Acknowledge{Text: "I am sorry."}},
		{recovery.Clarify{Restated: "It leaks at the handle", Basis: recovery.Confirmed}},
		{recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement, Item: "kettle"}}}},
		{recovery.Present{Text: "You get a new one."}, recovery.Decline{Reason: "not again"}},
		{recovery.Escalate{To: "supervisor"}, recovery.Acknowledge{Text: "That was not what you need."}},
		{recovery.Close{As: recovery.Withdrawn, Reason: "bought one elsewhere"}},
	}
}

// TestExactlyOnce: however the followers are killed, stopped and started again, and whatever answers get lost, the
// receivers have each notification once, in the order of what happened, and none is missing.
func TestExactlyOnce(t *testing.T) {
	url := startNATS(t)
	sink := startSink(t, func() bool { return rand.N(8) == 0 })
	dir := t.TempDir()
	file, inbox := filepath.Join(dir, "complaints.db"), filepath.Join(dir, "inbox.db")
	bus := openBus(t, url, 0)

	told := map[uuid.UUID]int{} // how many scenes of each case
	for run := range 30 {
		o := openOffice(t, file, sink)
		o.goOn(t, told)
		var wg sync.WaitGroup
		for name, handle := range o.handlers(bus) {
			wg.Go(func() { o.run(t, name, handle, killed+run%stopped, 1+rand.N(1+run%6)) }) // the first are killed at their first event
		}
		for range rand.N(4) {
			o.goOn(t, told)
		}
		wg.Wait()
		receive(t, inbox, bus)
		require.NoError(t, o.db.Close())
	}
	o := openOffice(t, file, sink)
	for name, handle := range o.handlers(bus) {
		o.run(t, name, handle, unhurt, 0)
	}
	receive(t, inbox, bus)

	var mails []string
	events := map[uuid.UUID][]uuid.UUID{}
	for r, err := range history.Feed(t.Context(), o.store, 0) {
		require.NoError(t, err)
		switch r.Type {
		case "document.kept/1":
			continue
		case "case.opened/1", "case.assigned/1", "case.acknowledged/1", "offer.presented/1", "escalation.demanded/1", "case.closed/1":
			mails = append(mails, fmt.Sprintf("<%s@shop.example>", r.ID))
		}
		events[r.Stream] = append(events[r.Stream], r.ID)
	}
	received, dropped := sink.Mails()
	var got []string
	for _, m := range received {
		got = append(got, m.MessageID)
	}
	assert.Equal(t, mails, got)
	assert.Positive(t, dropped, "nothing came twice: the test has not tested anything")

	in, err := notify.OpenInbox(t.Context(), inbox)
	require.NoError(t, err)
	for id, want := range events {
		messages, err := in.Messages(t.Context(), id)
		require.NoError(t, err)
		var got []uuid.UUID
		for _, m := range messages {
			got = append(got, m.ID)
		}
		assert.Equal(t, want, got, "case %s", id)
	}
	require.NoError(t, in.Close())
	assert.Positive(t, bus.Repeated(), "nothing came twice: the test has not tested anything")
	t.Logf("%d cases, %d mails and %d that came again, %d messages that came again", len(events), len(mails), dropped, bus.Repeated())
	require.NoError(t, o.db.Close())
}

// goOn lets something happen to a case, or opens one.
func (o *office) goOn(t *testing.T, told map[uuid.UUID]int) {
	t.Helper()
	for id, n := range told {
		if n == len(scenes()) || rand.N(3) == 0 {
			continue
		}
		_, err := o.desk.Do(t.Context(), id, ana(), scenes()[n]...)
		require.NoError(t, err)
		told[id]++
		return
	}
	c, err := o.desk.Open(t.Context(), ana(), recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: "The kettle leaks"})
	require.NoError(t, err)
	told[c.ID] = 0
}

type handler = func(context.Context, history.Record) error

func (o *office) handlers(bus *notify.Bus) map[string]handler {
	return map[string]handler{"mail": o.mailer.Handle, "bus": bus.Handle}
}

// What becomes of a follower at some record.
const (
	unhurt  = iota
	killed  // after sending, before saving
	unheard // the answer to what was sent is lost
	stopped // its context ends while it sends
)

// run follows until nothing is left, or something becomes of it at the nth event of a case.
func (o *office) run(t *testing.T, name string, handle handler, fate, nth int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := 0
	err := history.Follow(ctx, o.store, name, func(ctx context.Context, r history.Record) error {
		if r.Type == "document.kept/1" {
			return handle(ctx, r)
		}
		n++
		if n == nth && fate == stopped {
			go stop()
		}
		err := handle(ctx, r)
		switch {
		case n != nth || err != nil:
		case fate == killed:
			runtime.Goexit() // Follow has no chance to save anything
		case fate == unheard:
			return errors.New("the answer was lost")
		}
		return err
	}, &history.FollowOptions{
		Page: []int{1, 3, 100}[rand.N(3)], Attempts: math.MaxInt, Pause: 1, Poll: time.Millisecond,
		Observe: func(p history.Progress) {
			if p.Behind == 0 {
				stop()
			}
		},
	})
	assert.ErrorIs(t, err, context.Canceled)
}

// receive is a run of the program that receives.
func receive(t *testing.T, file string, bus *notify.Bus) {
	t.Helper()
	in, err := notify.OpenInbox(t.Context(), file)
	require.NoError(t, err)
	_, err = in.Receive(t.Context(), bus)
	require.NoError(t, err)
	require.NoError(t, in.Close())
}

// TestWindowOver: when the duplicate window is over, JetStream takes a message again, and the inbox does not.
func TestWindowOver(t *testing.T) {
	bus := openBus(t, startNATS(t), 100*time.Millisecond)
	r := history.Record{ID: uuid.New(), Stream: uuid.New(), Sequence: 1, Type: "case.opened/1", Data: []byte("{}")}
	require.NoError(t, bus.Handle(t.Context(), r))
	require.NoError(t, bus.Handle(t.Context(), r))
	assert.EqualValues(t, 1, bus.Repeated())
	for before := int64(0); before < bus.Repeated(); { // until one is not dropped
		before = bus.Repeated()
		require.NoError(t, bus.Handle(t.Context(), r))
	}

	in, err := notify.OpenInbox(t.Context(), filepath.Join(t.TempDir(), "inbox.db"))
	require.NoError(t, err)
	again, err := in.Receive(t.Context(), bus)
	require.NoError(t, err)
	assert.Equal(t, 1, again)
	messages, err := in.Messages(t.Context(), r.Stream)
	require.NoError(t, err)
	assert.Len(t, messages, 1)
	require.NoError(t, in.Close())
}

// TestErased: texts that were erased are not mailed, though the follower read them before; and none is ever
// on the bus.
func TestErased(t *testing.T) {
	sink, bus := startSink(t, nil), openBus(t, startNATS(t), 0)
	o := openOffice(t, filepath.Join(t.TempDir(), "complaints.db"), sink)
	const secret = "Frau Özdemir's kettle"
	c, err := o.desk.Open(t.Context(), ana(), recovery.Complaint{Customer: "42", Channel: recovery.Email, Summary: secret},
		recovery.Acknowledge{Text: "Sorry for " + secret})
	require.NoError(t, err)
	var records []history.Record
	for r, err := range history.Stream(t.Context(), o.store, c.ID) {
		require.NoError(t, err)
		records = append(records, r)
	}
	_, err = o.desk.Erase(t.Context(), c.ID, ana(), "they asked for it")
	require.NoError(t, err)
	for _, r := range records {
		require.NoError(t, o.mailer.Handle(t.Context(), r))
		require.NoError(t, bus.Handle(t.Context(), r))
	}
	mails, _ := sink.Mails()
	require.Len(t, mails, 1)
	assert.Equal(t, "We have your complaint", mails[0].Subject)

	in, err := notify.OpenInbox(t.Context(), filepath.Join(t.TempDir(), "inbox.db"))
	require.NoError(t, err)
	_, err = in.Receive(t.Context(), bus)
	require.NoError(t, err)
	messages, err := in.Messages(t.Context(), c.ID)
	require.NoError(t, err)
	assert.Len(t, messages, len(records))
	for _, m := range messages {
		assert.NotContains(t, string(m.Data), "Özdemir")
	}
	require.NoError(t, in.Close())

	require.NoError(t, o.db.Close())
}

// TestRefused: a mail that the server refuses for good is logged, and the next goes out; one that is mailed has the
// agent's words as they are.
func TestRefused(t *testing.T) {
	sink := startSink(t, nil)
	o := openOffice(t, filepath.Join(t.TempDir(), "complaints.db"), sink)
	const text = "Es tut mir leid.\r\n.\r\nÖ = ö; a line that is much longer than mails have them, which is seventy-six characters"
	c, err := o.desk.Open(t.Context(), ana(), recovery.Complaint{Customer: "42", Channel: recovery.Email}, recovery.Acknowledge{Text: text})
	require.NoError(t, err)
	var log strings.Builder
	o.mailer.Log = slog.New(slog.NewTextHandler(&log, nil))
	for r, err := range history.Stream(t.Context(), o.store, c.ID) {
		require.NoError(t, err)
		if r.Type == "case.opened/1" {
			o.mailer.Address = func(recovery.Actor) string { return "gone@nowhere.invalid" }
		} else {
			o.mailer.Address = notify.Address
		}
		require.NoError(t, o.mailer.Handle(t.Context(), r))
	}
	assert.Equal(t, 1, strings.Count(log.String(), "mail refused"))
	mails, _ := sink.Mails()
	require.Len(t, mails, 1)
	assert.Equal(t, text+"\r\n", mails[0].Text)
	require.NoError(t, o.db.Close())
}

// TestRefusesAll: a server that takes no mail at all, since somebody has to set it right, makes a mail wait.
func TestRefusesAll(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sink := startSink(t, nil)
	o := openOffice(t, filepath.Join(t.TempDir(), "complaints.db"), sink)
	c, err := o.desk.Open(t.Context(), ana(), recovery.Complaint{Customer: "42", Channel: recovery.Email})
	require.NoError(t, err)
	records, err := o.store.Records(t.Context(), c.ID, 0, 1)
	require.NoError(t, err)

	var wg sync.WaitGroup
	defer wg.Wait()
	defer func() { assert.NoError(t, listener.Close()) }()
	wg.Go(func() {
		conn, err := listener.Accept()
		if assert.NoError(t, err) {
			_, err = conn.Write([]byte("554 no service here\r\n"))
			assert.NoError(t, errors.Join(err, conn.Close()))
		}
	})
	o.mailer.Server = listener.Addr().String()
	require.ErrorContains(t, o.mailer.Handle(t.Context(), records[0]), "no service here")
	o.mailer.Server = sink.Addr
	require.NoError(t, o.mailer.Handle(t.Context(), records[0]))
	mails, _ := sink.Mails()
	require.Len(t, mails, 1)

	gone := records[0]
	gone.Sequence = 100
	require.ErrorContains(t, o.mailer.Handle(t.Context(), gone), "not there any more")
	require.NoError(t, o.db.Close())
}

// TestNobody: where nobody knows who the customer is, or nobody has the case, there is no mail.
func TestNobody(t *testing.T) {
	sink := startSink(t, nil)
	o := openOffice(t, filepath.Join(t.TempDir(), "complaints.db"), sink)
	c, err := o.desk.Open(t.Context(), ana(), recovery.Complaint{Channel: recovery.Email}, recovery.Assign{To: "ana"}, recovery.Assign{})
	require.NoError(t, err)
	for r, err := range history.Stream(t.Context(), o.store, c.ID) {
		require.NoError(t, err)
		require.NoError(t, o.mailer.Handle(t.Context(), r))
	}
	mails, _ := sink.Mails()
	require.Len(t, mails, 1)
	assert.Equal(t, "ana@shop.example", mails[0].To)
	require.NoError(t, o.db.Close())
}

// TestOutput: what a newcomer sees is what testdata/output.txt says, but for the case's id.
func TestOutput(t *testing.T) {
	startNATS(t) // to skip the test where there is none
	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	require.NoError(t, err)
	var stdout, stderr bytes.Buffer
	require.NoError(t, notify.Run(t.Context(), nil, &stdout, &stderr, false))
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	assert.Equal(t, string(want), id.ReplaceAllString(stdout.String(), "ID"))
	assert.Empty(t, stderr.String())
}

// TestFlags: servers that are there already are used.
func TestFlags(t *testing.T) {
	url, sink := startNATS(t), startSink(t, nil)
	var stdout, stderr bytes.Buffer
	require.NoError(t, notify.Run(t.Context(), []string{"-smtp", sink.Addr, "-nats", url}, &stdout, &stderr, false))
	assert.Contains(t, stdout.String(), "are with "+sink.Addr)
	assert.Contains(t, stdout.String(), "Messages received about case")
	mails, dropped := sink.Mails()
	assert.Len(t, mails, 7)
	assert.Equal(t, 2, dropped)
}

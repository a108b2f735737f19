// Notify tells people and other programs what happens to complaints: it follows
// the store's feed, and sends mails (mail.go) and messages on NATS JetStream
// (bus.go). Whatever stops it, each comes once, and in order.
//
// That takes two. The follower sends everything at least once: what it has sent
// but not saved when it stops, it sends again. And whoever receives it tells a
// repetition by the record's id, which is in every mail's Message-ID and in every
// message's Nats-Msg-Id: here the sink (sink.go), and the inbox (inbox.go).
//
// Without flags it brings its own mail server, and its own NATS where there is a
// program nats-server. A CRM needs mail.go or bus.go, and what function follow does.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"flag"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/examples/internal/console"
	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

func main() { console.Main("notify", run) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer, _ bool) (err error) {
	flags := flag.NewFlagSet("notify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	smtpAddr := flags.String("smtp", "", "send mail by the server at `host:port`, not by a sink in this program")
	natsURL := flags.String("nats", "", "send messages to the server at `url`, not to one that is started for it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "amends")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	show := &demo{file: filepath.Join(dir, "complaints.db"), now: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC), smtp: *smtpAddr, out: stdout}
	if show.smtp == "" {
		if show.sink, err = StartSink(ctx, nil); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, show.sink.Close()) }()
		show.smtp = show.sink.Addr
	}
	url := *natsURL
	if url == "" {
		server, err := StartNATS(ctx, filepath.Join(dir, "nats"))
		switch {
		case errors.Is(err, ErrNoNATS):
			show.printf("No program nats-server here: without the bus.\n\n")
		case err != nil:
			return err
		default:
			defer server.Stop()
			url = server.URL
		}
	}
	if url != "" {
		if show.bus, err = OpenBus(ctx, url, 0); err != nil {
			return err
		}
		defer show.bus.Close()
	}
	if err := show.tell(ctx); err != nil {
		return err
	}
	return show.print(ctx, filepath.Join(dir, "inbox.db"))
}

// follow sends what is new in the feed, and what comes later, until the context ends. A CRM calls it in a goroutine
// beside its desk's Run.
//
// FollowOptions.FromNow is for a CRM that has cases already: nobody wants a mail about last year's.
func follow(ctx context.Context, store history.Store, name string, handle func(context.Context, history.Record) error, observe func(history.Progress)) error {
	return history.Follow(ctx, store, name, handle, &history.FollowOptions{
		Attempts: math.MaxInt, // a mail server that does not answer may do so for days: nothing is set aside for that
		Log:      slog.Default(),
		Observe:  observe,
	})
}

// demo tells the story of one complaint, by two runs of a program on one file.
type demo struct {
	file string
	now  time.Time
	smtp string // host:port
	sink *Sink  // that is there, or nil
	bus  *Bus   // or nil
	id   uuid.UUID

	out io.Writer
	err error // the first of writing
}

// tell runs the program twice. The first run ends as if it had been killed: it has
// sent more than it has saved.
func (d *demo) tell(ctx context.Context) error {
	if err := d.program(ctx, d.complain, 5); err != nil {
		return err
	}
	return d.program(ctx, d.keep, 0)
}

// program is one run: something happens at the desk, and the followers send it. When it ends, as many records
// as it says have been sent, but not saved as sent.
func (d *demo) program(ctx context.Context, chapter func(context.Context, *recovery.Desk) error, unsaved uint64) (err error) {
	db, err := sql.Open("sqlite", d.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := sqlite.New(ctx, db, nil)
	if err != nil {
		return err
	}
	desk, err := NewDesk(store, func() time.Time { return d.now })
	if err != nil {
		return err
	}
	if err := chapter(ctx, desk); err != nil {
		return err
	}

	handlers := map[string]func(context.Context, history.Record) error{"mail": (&Mailer{
		Desk: desk, Store: store, Server: d.smtp, Domain: "shop.example", Address: Address, Log: slog.Default(),
	}).Handle}
	if d.bus != nil {
		handlers["bus"] = d.bus.Handle
	}
	var wg sync.WaitGroup
	failed := make(chan error, len(handlers))
	for name, handle := range handlers {
		wg.Go(func() { failed <- upToDate(ctx, store, name, handle, unsaved) })
	}
	wg.Wait()
	close(failed)
	for e := range failed {
		err = errors.Join(err, e)
	}
	return err
}

// upToDate follows until nothing is left to send. Then it puts back the bookmark, to where a program leaves it that is
// killed before it saves.
func upToDate(ctx context.Context, store *sqlite.Store, name string, handle func(context.Context, history.Record) error, unsaved uint64) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	var at uint64
	err := follow(following, store, name, handle, func(p history.Progress) {
		if at = p.Position; p.Behind == 0 {
			stop()
		}
	})
	if ctx.Err() != nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return store.MoveBookmark(ctx, name, at, at-unsaved)
}

// Address is where the mails for somebody go, empty for nobody; a CRM looks it up.
func Address(to recovery.Actor) string {
	name := cmp.Or(to.ID, string(to.Role))
	switch {
	case name == "":
		return ""
	case to.Kind == recovery.Customer:
		return name + "@customers.example"
	}
	return name + "@shop.example"
}

// NewDesk makes a desk that may replace what is broken, and is to keep its word.
func NewDesk(store history.Store, now func() time.Time) (*recovery.Desk, error) {
	rules, faults := policy.Load([]byte(`{"name": "shop", "version": "1", "roles": ["agent", "supervisor"],
		"rows": [{"id": "swap", "effect": "allow", "remedies": ["replacement"], "role": "agent"}]}`), nil)
	agreement, err := sla.Load([]byte(`{"name": "shop", "version": "1", "objectives": [
		{"id": "answer", "metric": "acknowledgement", "target": "8h", "warn": ["75%"]},
		{"id": "promises", "metric": "promise", "warn": [{"at": "2h before", "notify": "supervisor"}]}]}`))
	if err := errors.Join(faults, err); err != nil {
		return nil, err
	}
	return recovery.New(store, &recovery.Options{Policy: rules, Agreement: agreement, Now: now})
}

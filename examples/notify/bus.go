package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/amends-go/amends/history"
)

// Window is how long JetStream remembers the ids of messages, by default.
const Window = 24 * time.Hour

// Stream is where the messages are.
const Stream = "AMENDS"

// Bus publishes every event of a case, under the record's id: on the subject amends.<case>.<type>, so that
// "amends.*.offer.presented" are all offers and "amends.<case>.>" is one case.
//
// JetStream drops a message whose id it already has, for as long as the stream's duplicate window: from when the first
// one came, by the server's clock. It knows nothing older. So a message that was sent and not saved, and comes again
// when the window is over (a program that was killed on Friday and started on Monday), gets in a second time. The window
// costs memory for each id in it; make it longer than programs are down. Those who must act once look at the id
// themselves, as [Inbox] does, and need no window.
type Bus struct {
	conn     *nats.Conn
	js       jetstream.JetStream
	repeated atomic.Int64
}

// Message is an event on the bus. It does not have its personal texts, for JetStream would keep them after they are erased at the
// desk; who needs them asks the desk.
type Message struct {
	ID       uuid.UUID       `json:"id"`
	Case     uuid.UUID       `json:"case"`
	Sequence uint64          `json:"sequence"`
	Type     string          `json:"type"`
	Time     time.Time       `json:"time"`
	Actor    string          `json:"actor"`
	Data     json.RawMessage `json:"data"`
}

// OpenBus connects to a server, and makes the stream or gives it that window; zero means Window.
func OpenBus(ctx context.Context, url string, window time.Duration) (*Bus, error) {
	conn, err := nats.Connect(url, nats.Name("amends"))
	if err != nil {
		return nil, err
	}
	b := &Bus{conn: conn}
	if b.js, err = jetstream.New(conn); err == nil {
		_, err = b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: Stream, Subjects: []string{"amends.>"}, Duplicates: cmp.Or(window, Window),
		})
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the connection.
func (b *Bus) Close() { b.conn.Close() }

// Repeated is how many messages JetStream has dropped, since it had them already.
func (b *Bus) Repeated() int64 { return b.repeated.Load() }

// Handle publishes a record, and returns when JetStream has it. Since a follower hands over one at a time, the messages
// are in the stream in the feed's order.
func (b *Bus) Handle(ctx context.Context, r history.Record) error {
	if !ofCase(r) {
		return nil
	}
	body, err := json.Marshal(Message{r.ID, r.Stream, r.Sequence, r.Type, r.Time, r.Actor, r.Data})
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(r.Type, "/") // without the version
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ack, err := b.js.Publish(ctx, "amends."+r.Stream.String()+"."+kind, body, jetstream.WithMsgID(r.ID.String()))
	if err == nil && ack.Duplicate {
		b.repeated.Add(1)
	}
	return err
}

// ofCase reports whether a record is of a case, and not of a ledger or a document. Its stream is the case's id then.
func ofCase(r history.Record) bool {
	return !strings.HasPrefix(r.Type, "ledger.") && !strings.HasPrefix(r.Type, "document.")
}

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
)

// Inbox is a program that receives the messages, each once, however often it comes: it writes the id in the transaction
// in which it does what is to be done, which here is to keep the message. An id that is there already was dealt with.
type Inbox struct{ db *sql.DB }

// OpenInbox opens a database file for it.
func OpenInbox(ctx context.Context, file string) (*Inbox, error) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, err
	}
	const table = `CREATE TABLE IF NOT EXISTS inbox (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL, message TEXT NOT NULL) STRICT`
	if _, err := db.ExecContext(ctx, table); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Inbox{db}, nil
}

// Close closes the database.
func (in *Inbox) Close() error { return in.db.Close() }

// Receive takes what the stream holds for it, in order, and returns how many messages it had already. (A program that
// stays calls Consume, which waits for more.)
func (in *Inbox) Receive(ctx context.Context, b *Bus) (again int, err error) {
	consumer, err := b.js.CreateOrUpdateConsumer(ctx, Stream, jetstream.ConsumerConfig{
		Durable: "inbox", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 1, // so that none overtakes one that comes again
	})
	if err != nil {
		return 0, err
	}
	for {
		batch, err := consumer.FetchNoWait(1)
		if err != nil {
			return again, err
		}
		m, ok := <-batch.Messages()
		if !ok {
			return again, batch.Error()
		}
		fresh, err := in.keep(ctx, m.Data())
		if err == nil {
			err = m.DoubleAck(ctx) // when it is kept, and not before: if this gets lost, the message comes again
		}
		if err != nil {
			return again, err
		}
		if !fresh {
			again++
		}
	}
}

func (in *Inbox) keep(ctx context.Context, body []byte) (fresh bool, err error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return false, fmt.Errorf("message: %w", err)
	}
	const insert = `INSERT INTO inbox (id, case_id, message) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`
	result, err := in.db.ExecContext(ctx, insert, m.ID.String(), m.Case.String(), string(body))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Messages are those about a case, as they came.
func (in *Inbox) Messages(ctx context.Context, id uuid.UUID) (all []Message, err error) {
	rows, err := in.db.QueryContext(ctx, `SELECT message FROM inbox WHERE case_id = ? ORDER BY n`, id.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var body []byte
		var m Message
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &m); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

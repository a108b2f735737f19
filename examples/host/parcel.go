package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/recovery"
)

// Parcels are rows of the CRM's own, in the database in which its cases are too:
// that a customer has accepted a replacement, and that it is to be sent, is
// written together.
type Parcels struct {
	Desk *recovery.Desk

	db    *sql.DB
	store *sqlite.Store
}

// OpenParcels opens a database file for both, the CRM's rows and the cases.
func OpenParcels(ctx context.Context, file string) (*Parcels, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate")
	if err != nil {
		return nil, err
	}
	p := &Parcels{db: db}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

func (p *Parcels) open(ctx context.Context) (err error) {
	if p.store, err = sqlite.New(ctx, p.db, nil); err != nil {
		return err
	}
	if p.Desk, err = NewDesk(p.store); err != nil {
		return err
	}
	_, err = p.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS parcels (case_id TEXT PRIMARY KEY, item TEXT NOT NULL) STRICT`)
	return err
}

// Close closes the database.
func (p *Parcels) Close() error { return p.db.Close() }

// Accept records that the customer accepts what they were offered, and that the
// item is to be sent: both or neither. It is safe to repeat under its key.
//
// The transaction holds the write lock from its start (_txlock=immediate), so that
// nobody writes between what the desk reads and what it appends: there is no
// conflict to repeat.
func (p *Parcels) Accept(ctx context.Context, key string, id uuid.UUID, by recovery.Actor, item string) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // which does nothing once it is committed
	const send = `INSERT INTO parcels (case_id, item) VALUES (?, ?) ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, send, id.String(), item); err != nil {
		return fmt.Errorf("parcel: %w", err)
	}
	if _, err := p.Desk.In(p.store.In(tx)).Once(key).Do(ctx, id, by, recovery.Accept{}); err != nil {
		return err
	}
	return tx.Commit()
}

// Count is how many parcels are to be sent.
func (p *Parcels) Count(ctx context.Context) (n int, err error) {
	err = p.db.QueryRowContext(ctx, `SELECT count(*) FROM parcels`).Scan(&n)
	return n, err
}

package postgres_test //nolint:testableexamples // the only one needs a server

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// A host keeps its tickets in the same database. The ticket and the case's first record are written together; what fails for a
// reason that passes is done again, and all of it may be repeated after history.ErrUncertain.
func Example() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://crm@db.example.com/crm")
	check(err)
	defer pool.Close()
	store, err := postgres.New(ctx, pool, &postgres.Options{Migrate: true})
	check(err)
	defer func() { check(store.Close()) }()

	stream := history.StreamOf("ticket:991")
	batch, err := history.Next(history.Head{}, history.Head{Stream: stream, Kind: "case", Open: true}, history.Record{
		Type: "case.opened/1", Time: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), Actor: "agent:ana",
		Data: []byte(`{"concern":"laptop failed after two weeks"}`),
	})
	check(err)

	check(store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, s history.Store) error {
		if _, err := tx.Exec(ctx, `INSERT INTO tickets VALUES (991, 'Laptop') ON CONFLICT DO NOTHING`); err != nil {
			return err
		}
		_, err := s.Append(ctx, history.Commit{Key: "open ticket 991", Batches: []history.Batch{batch}})
		return err // with a recovery.Desk: desk.In(s).Once("ticket 991").Open(ctx, …)
	}))

	for r, err := range history.Stream(ctx, store, stream) {
		check(err)
		fmt.Println(r.Sequence, r.Type, r.Time.Format(time.DateTime), r.Actor, string(r.Data))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

package riverqueue_test

import (
	"context"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// A host that has River lets it work the timers of its cases. There is no Desk.Run.
func Example() { //nolint:testableexamples // it needs a database
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	check(err)
	defer pool.Close()
	history, err := postgres.New(ctx, pool, nil)
	check(err)
	defer func() { check(history.Close()) }()

	store, err := riverqueue.NewStore(history, pool, nil)
	check(err)
	desk, err := recovery.New(store, &recovery.Options{ /* Policy, Agreement, … */ })
	check(err)

	workers := river.NewWorkers()
	check(riverqueue.AddWorkers(workers, desk))
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
		Workers:      workers,
		PeriodicJobs: []*river.PeriodicJob{riverqueue.SweepEvery(5*time.Minute, nil)},
	})
	check(err)
	check(client.Start(ctx))
	<-client.Stopped()
}

// The host's own row, the case and its wake-up are written together, or not at all.
func ExampleStore_In() { //nolint:testableexamples // as above
	var (
		ctx   context.Context
		pool  *pgxpool.Pool
		store *riverqueue.Store
		desk  *recovery.Desk // made on the store
	)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE orders SET complained = true WHERE number = 'A-17'`); err != nil {
			return err
		}
		_, err := desk.In(store.In(tx)).Open(ctx, recovery.Actor{ID: "ana"},
			recovery.Complaint{Customer: "42", Channel: recovery.Email, Reference: "A-17"})
		return err
	})
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err) //nolint:forbidigo // a program may
	}
}

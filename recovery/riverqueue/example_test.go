package riverqueue_test

import (
	"context"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/amends-go/amends/history"
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
	defer pool.Close() // last, when nobody uses it any more
	cases, err := postgres.New(ctx, pool, &postgres.Options{Migrate: true})
	check(err)
	defer func() { check(cases.Close()) }()

	// River's own tables, by River's migrations.
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	check(err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	check(err)

	store, err := riverqueue.NewStore(ctx, cases, nil)
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
	check(client.Start(context.WithoutCancel(ctx))) // it ends by Stop, which lets jobs that are at work finish
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	check(client.Stop(ending)) // the client first, then the store, then the pool
}

// The host's own row, the case and its wake-up are written together, or not at all.
func ExampleStore_Transact() { //nolint:testableexamples // as above
	var (
		ctx   context.Context
		store *riverqueue.Store
		desk  *recovery.Desk // made on the store
	)
	err := store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, s history.Store) error {
		if _, err := tx.Exec(ctx, `UPDATE orders SET complained = true WHERE number = 'A-17'`); err != nil {
			return err
		}
		_, err := desk.In(s).Once("order A-17").Open(ctx, recovery.Actor{ID: "ana"},
			recovery.Complaint{Customer: "42", Channel: recovery.Email, Reference: "A-17"})
		return err
	})
	check(err)
}

// The same in a transaction of database/sql, for a host whose rows are written by it. What Transact does, this host has to
// do itself: try again what failed for a reason that passes, and tell those who follow the feed.
func ExampleStore_InSQL() { //nolint:testableexamples // as above
	var (
		ctx   context.Context
		cases *postgres.Store
		store *riverqueue.Store
		desk  *recovery.Desk // made on the store
	)
	db := stdlib.OpenDBFromPool(cases.Pool()) // or sql.Open("pgx", …)
	tx, err := db.BeginTx(ctx, nil)
	check(err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, `UPDATE orders SET complained = true WHERE number = 'A-17'`)
	check(err)
	_, err = desk.In(store.InSQL(tx)).Once("order A-17").Open(ctx, recovery.Actor{ID: "ana"},
		recovery.Complaint{Customer: "42", Channel: recovery.Email, Reference: "A-17"})
	check(err)
	check(tx.Commit())
	store.Notify()
}

// Tenants that must not share anything have two schemas each, one of cases and one of River's tables, a desk and a client.
// A store needs a client to insert, and the client that works needs the desk, and with it the store: so the store gets a
// client of its own, which has the schema and no workers, and only inserts.
func ExampleNewStore_tenants() { //nolint:testableexamples // as above
	var (
		ctx  context.Context
		pool *pgxpool.Pool
	)
	for _, tenant := range []string{"north", "south"} {
		cases, err := postgres.New(ctx, pool, &postgres.Options{Schema: tenant + "_cases", Migrate: true})
		check(err)
		_, err = pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+tenant+`_jobs`)
		check(err)
		migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: tenant + "_jobs"})
		check(err)
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		check(err)

		inserts, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: tenant + "_jobs"})
		check(err)
		store, err := riverqueue.NewStore(ctx, cases, &riverqueue.Options{Client: inserts})
		check(err)
		desk, err := recovery.New(store, nil)
		check(err)
		workers := river.NewWorkers()
		check(riverqueue.AddWorkers(workers, desk))
		works, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
			Schema:       tenant + "_jobs",
			Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 20}},
			Workers:      workers,
			PeriodicJobs: []*river.PeriodicJob{riverqueue.SweepEvery(5*time.Minute, nil)},
		})
		check(err)
		check(works.Start(ctx))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err) //nolint:forbidigo // a program may
	}
}

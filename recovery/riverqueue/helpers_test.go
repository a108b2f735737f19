package riverqueue_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
	"github.com/amends-go/amends/sla"
)

var server = postgrestest.Shared{Options: postgrestest.Options{Fast: true}} //nolint:gochecknoglobals // one server for all tests

func TestMain(m *testing.M) { os.Exit(server.Main(m)) } //nolint:forbidigo // that is how TestMain ends

var (
	ana = recovery.Actor{ID: "ana"} //nolint:gochecknoglobals // who acts
	// quiet is River's log in tests.
	quiet = slog.New(slog.DiscardHandler) //nolint:gochecknoglobals // it keeps nothing
)

// house is a database with River's tables and a store that inserts jobs.
type house struct {
	pool  *pgxpool.Pool
	inner *postgres.Store
	store *riverqueue.Store
}

func driver(h house) *riverpgxv5.Driver { return riverpgxv5.New(h.pool) }

func newHouse(tb testing.TB) house {
	tb.Helper()
	return houseIn(tb, server.Database(tb), nil)
}

func houseIn(tb testing.TB, dsn string, change func(c *pgxpool.Config)) house {
	tb.Helper()
	pool := connect(tb, dsn, change)
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: quiet})
	require.NoError(tb, err)
	_, err = migrator.Migrate(tb.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(tb, err)
	return tenant(tb, pool, "amends")
}

func connect(tb testing.TB, dsn string, change func(c *pgxpool.Config)) *pgxpool.Pool {
	tb.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(tb, err)
	if change != nil {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(tb.Context(), config)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	return pool
}

// tenant is a store in a schema of its own.
func tenant(tb testing.TB, pool *pgxpool.Pool, schema string) house {
	tb.Helper()
	return tenantWith(tb, pool, postgres.Options{Schema: schema, Migrate: true})
}

func tenantWith(tb testing.TB, pool *pgxpool.Pool, o postgres.Options) house {
	tb.Helper()
	inner, err := postgres.New(tb.Context(), pool, &o)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, inner.Close()) })
	store, err := riverqueue.NewStore(tb.Context(), inner, nil)
	require.NoError(tb, err)
	return house{pool, inner, store}
}

// agreement has a clock that warns and that a wait pauses, and a statutory one that a holding response extends.
const agreement = `{"name": "retail", "version": "1", "objectives": [
  {"id": "ack", "metric": "acknowledgement", "target": "8h", "warn": ["75%"], "pause": ["customer"]},
  {"id": "final", "metric": "final_response", "target": "15 days", "statutory": true, "calendar": "london",
   "extend": [{"on": "holding", "target": "35 days"}]}],
 "calendars": [{"name": "london", "zone": "Europe/London", "version": "1", "weekly": {"mon-sun": ["00:00-24:00"]}}]}`

// deskAt is a desk whose clock stands, or goes, as now says; nil means the real time.
func deskAt(tb testing.TB, s history.Store, now func() time.Time) *recovery.Desk {
	tb.Helper()
	terms, err := sla.Load([]byte(agreement))
	require.NoError(tb, err)
	desk, err := recovery.New(s, &recovery.Options{Agreement: terms, Now: now})
	require.NoError(tb, err)
	return desk
}

// stands is a clock that stands still.
func stands(at time.Time) func() time.Time { return func() time.Time { return at } }

// ago is an instant in the past, to the second, so that what is due soon after it is due already.
func ago(d time.Duration) time.Time { return time.Now().Add(-d).UTC().Truncate(time.Second) }

// open opens a case with a number, always with the same id.
func open(tb testing.TB, desk *recovery.Desk, n int, cmds ...recovery.Command) recovery.Case {
	tb.Helper()
	c, err := desk.Open(tb.Context(), ana, complaint(n), cmds...)
	require.NoError(tb, err)
	return c
}

func complaint(n int) recovery.Complaint {
	return recovery.Complaint{
		ID:       uuid.MustParse(fmt.Sprintf("0190a5d0-0000-7000-8000-%012d", n)),
		Customer: fmt.Sprint(n), Channel: recovery.Email, Summary: "it does not turn on",
	}
}

// job is a row of River's.
type job struct {
	id    int64
	state string
	args  riverqueue.Wake
	at    time.Time
}

// wakes are the wake-ups of a case, or of all, as they stand in River's table.
func wakes(tb testing.TB, h house, id uuid.UUID) []job {
	tb.Helper()
	rows, err := h.pool.Query(tb.Context(), `SELECT id, state, args, scheduled_at FROM river_job
		WHERE kind = 'amends_wake' AND ($1 = '00000000-0000-0000-0000-000000000000' OR args->>'case' = $1::text) ORDER BY id`, id.String())
	require.NoError(tb, err)
	jobs, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (j job, err error) {
		return j, r.Scan(&j.id, &j.state, &j.args, &j.at)
	})
	require.NoError(tb, err)
	return jobs
}

// events are the types of a case's events in their order, with the texts that the fold needs, which say when what happened.
func events(tb testing.TB, s history.Store, id uuid.UUID) []string {
	tb.Helper()
	var out []string
	for r, err := range history.Stream(tb.Context(), s, id) {
		require.NoError(tb, err)
		out = append(out, r.Type+" "+string(r.Data))
	}
	return out
}

// working is a River client that is at work, and what it tells.
type working struct {
	*river.Client[pgx.Tx]
	tells <-chan *river.Event
}

// work starts a client for a desk, which is stopped when the test ends.
func work(tb testing.TB, h house, desk *recovery.Desk, periodic ...*river.PeriodicJob) working {
	tb.Helper()
	return workWith(tb, h, desk, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, PeriodicJobs: periodic,
		FetchCooldown: time.Millisecond, FetchPollInterval: 20 * time.Millisecond, TestOnly: true,
	})
}

func workWith(tb testing.TB, h house, desk *recovery.Desk, config *river.Config) working {
	tb.Helper()
	config.Workers, config.Logger = river.NewWorkers(), quiet
	require.NoError(tb, riverqueue.AddWorkers(config.Workers, desk))
	client, err := river.NewClient(riverpgxv5.New(h.pool), config)
	require.NoError(tb, err)
	tells, _ := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobCancelled, river.EventKindJobFailed, river.EventKindJobSnoozed)
	ctx := context.WithoutCancel(tb.Context())
	require.NoError(tb, client.Start(ctx))
	tb.Cleanup(func() { require.NoError(tb, client.Stop(ctx)) })
	return working{client, tells}
}

// next waits for what the client tells next.
func (w working) next(tb testing.TB) *river.Event {
	tb.Helper()
	select {
	case e, ok := <-w.tells:
		require.True(tb, ok)
		return e
	case <-time.After(time.Minute):
		require.FailNow(tb, "River tells nothing")
		return nil
	}
}

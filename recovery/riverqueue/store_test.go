package riverqueue_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/riverqueue"
)

// TestACaseAndItsWakeUpCommitTogether, with the host's own rows or without.
func TestACaseAndItsWakeUpCommitTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := deskAt(t, h.store, nil)
	_, err := h.pool.Exec(t.Context(), `CREATE TABLE tickets (number integer)`)
	require.NoError(t, err)

	c := open(t, desk, 0)
	jobs := wakes(t, h, c.ID)
	require.Len(t, jobs, 1)
	require.Equal(t, riverqueue.Wake{Case: c.ID, Due: c.Due()}, jobs[0].args)
	require.True(t, c.Due().Equal(jobs[0].at))

	n := 0
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			host := func(end func(tx hostTx) error) error {
				n++
				tx := begin(t, h)
				require.NoError(t, tx.exec(fmt.Sprintf(`INSERT INTO tickets VALUES (%d)`, n)))
				in := desk.In(tx.in)
				c := open(t, in, n)
				_, err := in.Do(t.Context(), c.ID, ana, recovery.Wait{}) // which reads what open has written, and moves the due instant
				require.NoError(t, err)
				require.Empty(t, wakes(t, h, c.ID), "nobody else sees it yet")
				return end(tx)
			}
			require.NoError(t, host(func(tx hostTx) error { return tx.rollback() }))
			require.Empty(t, wakes(t, h, complaint(n).ID))
			_, err := desk.Case(t.Context(), complaint(n).ID)
			require.ErrorIs(t, err, history.ErrNotFound)

			require.NoError(t, host(func(tx hostTx) error { return tx.commit() }))
			c, err := desk.Case(t.Context(), complaint(n).ID)
			require.NoError(t, err)
			jobs := wakes(t, h, c.ID)
			require.Len(t, jobs, 2)
			require.Equal(t, c.Due(), jobs[1].args.Due)
			var kept int
			require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT number FROM tickets WHERE number IN ($1, $2)`, n-1, n).Scan(&kept))
			require.Equal(t, n, kept)
		})
	}
}

// TestWhatIsNotWrittenInsertsNothing: neither a conflict nor a key that is stored already.
func TestWhatIsNotWrittenInsertsNothing(t *testing.T) {
	t.Parallel()
	own := func(tb testing.TB, h house) hostTx {
		tb.Helper()
		return hostTx{in: h.store, commit: func() error { return nil }}
	}
	ways := hosts()
	ways["own"] = own
	for name, begin := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			tx := begin(t, h)
			s := tx.in
			due := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
			commit := func(key string, due time.Time, prev history.Head) history.Commit {
				b, err := history.Next(prev, history.Head{Stream: uuid.MustParse("0190a5d0-0000-7000-8000-000000000001"), Kind: "case", Open: true, Due: due},
					history.Record{Type: "note.added/1", Time: due.Add(-time.Hour), Actor: "agent:ana", Data: []byte(`{}`)})
				require.NoError(t, err)
				return history.Commit{Key: key, Batches: []history.Batch{b}}
			}
			first := commit("first", due, history.Head{})
			_, err := s.Append(t.Context(), first)
			require.NoError(t, err)
			_, err = s.Append(t.Context(), commit("second", due.Add(time.Hour), history.Head{}))
			require.ErrorIs(t, err, history.ErrConflict)
			r, err := s.Append(t.Context(), commit("first", due.Add(2*time.Hour), history.Head{}))
			require.NoError(t, err)
			require.True(t, r.Replayed)
			other := first
			other.Digest[0] = 1
			_, err = s.Append(t.Context(), other)
			require.ErrorIs(t, err, history.ErrKeyReused)
			require.NoError(t, tx.commit())
			jobs := wakes(t, h, uuid.Nil)
			require.Len(t, jobs, 1)
			require.True(t, due.Equal(jobs[0].at))
		})
	}
}

// TestEachDueInstantHasOneJob: a commit that leaves the case due when it was inserts none, one that moves it does,
// and a job that is over is no reason not to insert one.
func TestEachDueInstantHasOneJob(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	start := ago(0)
	now := start
	desk := deskAt(t, h.store, func() time.Time { return now })
	c := open(t, desk, 1)
	do := func(after time.Duration, cmds ...recovery.Command) []job {
		now = start.Add(after)
		var err error
		c, err = desk.Do(t.Context(), c.ID, ana, cmds...)
		require.NoError(t, err)
		return wakes(t, h, c.ID)
	}
	require.Len(t, do(time.Minute, recovery.Note{Text: "called"}), 1)
	jobs := do(2*time.Minute, recovery.Wait{}) // the statutory clock goes on
	require.Len(t, jobs, 2)
	require.Equal(t, start.AddDate(0, 0, 15), jobs[1].args.Due)
	jobs = do(12*time.Minute, recovery.Resume{})
	require.Len(t, jobs, 3)
	require.Equal(t, start.Add(6*time.Hour+10*time.Minute), jobs[2].args.Due)
	jobs = do(13*time.Minute, recovery.Acknowledge{Text: "sorry"}) // back to the statutory clock: its job is still to come
	require.Len(t, jobs, 3)
	jobs = do(14*time.Minute, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "the part is on its way"})
	require.Len(t, jobs, 4)
	require.Equal(t, c.Due(), jobs[3].args.Due)

	_, err := h.pool.Exec(t.Context(), `UPDATE river_job SET state = 'completed', finalized_at = now()`)
	require.NoError(t, err)
	jobs = do(15*time.Minute, recovery.Note{Text: "again"})
	require.Len(t, jobs, 5)
	require.Equal(t, jobs[3].args, jobs[4].args)

	require.Len(t, do(16*time.Minute, recovery.Close{As: recovery.Withdrawn, Reason: "changed their mind"}), 5)
}

// TestTheJobsAreAsConfigured, by a client of the host's and the options.
func TestTheJobsAreAsConfigured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hook := river.HookInsertBeginFunc(func(_ context.Context, p *rivertype.JobInsertParams) error {
		p.Tags = append(p.Tags, "host")
		return nil
	})
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Hooks: []rivertype.Hook{hook}, Logger: quiet})
	require.NoError(t, err)
	store, err := riverqueue.NewStore(t.Context(), h.inner, &riverqueue.Options{
		Client: client, Jobs: river.InsertOpts{Queue: "amends", Priority: 3, MaxAttempts: 7},
	})
	require.NoError(t, err)
	open(t, deskAt(t, store, nil), 1)
	var queue string
	var priority, attempts int
	var tags []string
	require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT queue, priority, max_attempts, tags FROM river_job`).Scan(&queue, &priority, &attempts, &tags))
	assert.Equal(t, "amends", queue)
	assert.Equal(t, 3, priority)
	assert.Equal(t, 7, attempts)
	assert.Equal(t, []string{"host"}, tags)
}

// TestAJobThatCantBeInsertedKeepsTheCaseOut, and the host's transaction can go on without it.
func TestAJobThatCantBeInsertedKeepsTheCaseOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	desk := deskAt(t, h.store, nil)
	open(t, desk, 0)
	_, err := h.pool.Exec(t.Context(), `ALTER TABLE river_job RENAME TO elsewhere`)
	require.NoError(t, err)
	_, err = desk.Open(t.Context(), ana, complaint(1))
	require.ErrorContains(t, err, "river_job")
	_, err = desk.Case(t.Context(), complaint(1).ID)
	require.ErrorIs(t, err, history.ErrNotFound)
	for name, begin := range hosts() {
		t.Run(name, func(t *testing.T) {
			tx := begin(t, h)
			_, err = desk.In(tx.in).Open(t.Context(), ana, complaint(1))
			require.ErrorContains(t, err, `relation "river_job" does not exist`)
			require.NotContains(t, err.Error(), "rewrite")
			require.NoError(t, tx.exec(`CREATE TABLE tickets (number integer)`))
			require.NoError(t, tx.rollback())
		})
	}
}

// TestWhatIsWrongIsNamedAtOnce: all of it.
func TestWhatIsWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := riverqueue.NewStore(t.Context(), nil, &riverqueue.Options{
		Jobs: river.InsertOpts{Pending: true, ScheduledAt: time.Now(), UniqueOpts: river.UniqueOpts{ByQueue: true}},
	})
	for _, want := range []string{"*postgres.Store", "Pending", "ScheduledAt", "UniqueOpts"} {
		require.ErrorContains(t, err, want)
	}
	err = riverqueue.AddWorkers(nil, nil)
	require.ErrorContains(t, err, "*river.Workers")
	require.ErrorContains(t, err, "*recovery.Desk")

	workers := river.NewWorkers()
	desk, err := recovery.New(new(history.Memory), nil)
	require.NoError(t, err)
	require.NoError(t, riverqueue.AddWorkers(workers, desk))
	require.ErrorContains(t, riverqueue.AddWorkers(workers, desk), "riverqueue")
}

// TestAServerThatIsAwayFails when patience is at an end, and can be told.
func TestAServerThatIsAwayFails(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	h := houseIn(t, server.Database(t), func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if away.Load() {
				return nil, errors.New("no route to host")
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		}
	})
	store := tenantWith(t, h.pool, postgres.Options{Patience: 500 * time.Millisecond}).store
	desk := deskAt(t, store, nil)
	open(t, desk, 0)
	away.Store(true)
	h.pool.Reset()
	_, err := desk.Open(t.Context(), ana, complaint(1))
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	require.NotErrorIs(t, err, history.ErrUncertain)
	require.ErrorIs(t, store.Transact(t.Context(), func(context.Context, pgx.Tx, history.Store) error { return nil }), postgres.ErrUnavailable)
}

// TestWithoutRiversTables, in the schema that the client inserts into, there is no store, and it says where it has looked.
func TestWithoutRiversTables(t *testing.T) {
	t.Parallel()
	without := connect(t, server.Database(t), nil)
	inner, err := postgres.New(t.Context(), without, &postgres.Options{Migrate: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, inner.Close()) }()
	_, err = riverqueue.NewStore(t.Context(), inner, nil)
	require.ErrorContains(t, err, "no table river_job of River's on search_path (public)")

	h := newHouse(t)
	in := func(schema string) error {
		client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Schema: schema, Logger: quiet})
		require.NoError(t, err)
		_, err = riverqueue.NewStore(t.Context(), h.inner, &riverqueue.Options{Client: client})
		return err
	}
	require.NoError(t, in("public"))
	require.ErrorContains(t, in("nowhere"), `no table river_job of River's in the schema "nowhere"`)
	require.ErrorContains(t, in("amends"), `no table river_job of River's in the schema "amends"`)

	role := "reader_of_" + h.pool.Config().ConnConfig.Database // roles are the server's
	_, err = h.pool.Exec(t.Context(), strings.ReplaceAll(`CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA amends TO reader;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA amends TO reader; GRANT SELECT ON river_job TO reader`, "reader", role))
	require.NoError(t, err)
	poor := connect(t, h.pool.Config().ConnString(), func(c *pgxpool.Config) { c.ConnConfig.User = role })
	inner, err = postgres.New(t.Context(), poor, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, inner.Close()) }()
	_, err = riverqueue.NewStore(t.Context(), inner, nil)
	require.ErrorContains(t, err, "may not insert into River's table")
}

// TestTransact: the host's row, the case and its wake-up are written together, however often it takes.
func TestTransact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.pool.Exec(t.Context(), `CREATE TABLE tickets (number integer)`)
	require.NoError(t, err)
	desk := deskAt(t, h.store, nil)
	tries := 0
	require.NoError(t, h.store.Transact(t.Context(), func(ctx context.Context, tx pgx.Tx, s history.Store) error {
		tries++
		if _, err := tx.Exec(ctx, `INSERT INTO tickets VALUES (1)`); err != nil {
			return err
		}
		if _, err := desk.In(s).Open(ctx, ana, complaint(1)); err != nil {
			return err
		}
		if tries == 1 {
			return history.ErrConflict
		}
		return nil
	}))
	require.Equal(t, 2, tries)
	var n int
	require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT count(*) FROM tickets`).Scan(&n))
	require.Equal(t, 1, n)
	require.Len(t, wakes(t, h, complaint(1).ID), 1)
	require.Len(t, events(t, h.store, complaint(1).ID), 1)
}

// TestTenants, as the example of NewStore sets them up, have each its own cases and jobs.
func TestTenants(t *testing.T) {
	t.Parallel()
	pool := connect(t, server.Database(t), nil)
	names := []string{"north", "south"}
	desks, houses := map[string]*recovery.Desk{}, map[string]house{}
	for _, name := range names {
		_, err := pool.Exec(t.Context(), `CREATE SCHEMA `+name+`_jobs`)
		require.NoError(t, err)
		jobs := &river.Config{Schema: name + "_jobs", Logger: quiet}
		migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: jobs.Schema, Logger: quiet})
		require.NoError(t, err)
		_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		require.NoError(t, err)
		inserts, err := river.NewClient(riverpgxv5.New(pool), jobs)
		require.NoError(t, err)
		inner, err := postgres.New(t.Context(), pool, &postgres.Options{Schema: name + "_cases", Migrate: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, inner.Close()) })
		store, err := riverqueue.NewStore(t.Context(), inner, &riverqueue.Options{Client: inserts})
		require.NoError(t, err)
		houses[name], desks[name] = house{pool, inner, store}, deskAt(t, store, nil)
	}
	began := deskAt(t, houses["north"].store, stands(ago(24*time.Hour)))
	c := open(t, began, 1)
	open(t, desks["south"], 2)
	works := workWith(t, houses["north"], desks["north"], &river.Config{
		Schema: "north_jobs", Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, TestOnly: true,
	})
	require.Equal(t, river.EventKindJobCompleted, works.next(t).Kind)
	require.Greater(t, len(events(t, houses["north"].store, c.ID)), 1)
	for name, want := range map[string]int{"north": 2, "south": 1} {
		var n int
		require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM `+name+`_jobs.river_job`).Scan(&n))
		require.Equal(t, want, n, name)
	}
}

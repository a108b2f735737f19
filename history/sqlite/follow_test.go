package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/sqlite"
)

type killed struct{}

// TestFollowExactlyOnce keeps a table of the host's from the feed, in the transactions that move the bookmark: whatever
// fails, and whenever the program is stopped or killed, each record is in it once, in order.
func TestFollowExactlyOnce(t *testing.T) {
	const records = 120
	random := rand.New(rand.NewPCG(5, 8))
	path := file(t)
	setup := pool(t, "file:"+path, 1)
	_, err := setup.ExecContext(t.Context(), `CREATE TABLE lines (n INTEGER PRIMARY KEY, position INTEGER)`)
	require.NoError(t, err)
	source := store(t, setup)
	for runs, stored, done := 0, 0, 0; done < records; runs++ {
		require.Less(t, runs, 5000, "it comes to no end")
		if stored < records {
			appended(t, source, next(t, source, newID(t), "case", 5))
			stored += 5
		}
		run(t, path, random, records)
		require.NoError(t, setup.QueryRowContext(t.Context(), `SELECT count(*) FROM lines`).Scan(&done))
	}
	rows, err := setup.QueryContext(t.Context(), `SELECT n, position FROM lines ORDER BY n`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	want := 0
	for rows.Next() {
		var n, position int
		require.NoError(t, rows.Scan(&n, &position))
		want++
		require.Equal(t, []int{want, want}, []int{n, position})
	}
	require.NoError(t, rows.Err())
	require.Equal(t, records, want)
}

// run is one life of a program that follows: it ends because it is told to, or is killed, or has failed twice with one record.
func run(t *testing.T, path string, random *rand.Rand, last uint64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	defer func() { require.NoError(t, db.Close()) }()
	s := store(t, db)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	defer func() {
		if p := recover(); p != nil && p != (killed{}) {
			panic(p) //nolint:forbidigo // not ours
		}
	}()
	err = history.FollowPages(ctx, s, "lines", func(ctx context.Context, p history.Page) error {
		if p.To == last || random.IntN(4) == 0 {
			defer stop()
		}
		return project(ctx, db, s, p, func() error {
			switch random.IntN(30) {
			case 0:
				panic(killed{}) //nolint:forbidigo // stands for the end of the program
			case 1, 2:
				return errLost
			}
			return nil
		})
	}, &history.FollowOptions{Page: 1 + random.IntN(8), Attempts: 2, Pause: 1, MaxPause: 1, Poll: time.Millisecond, Observe: func(history.Progress) {
		if random.IntN(3) == 0 {
			stop()
		}
	}})
	if _, failed := errors.AsType[*history.FollowError](err); !failed {
		require.ErrorIs(t, err, context.Canceled)
	}
}

var errLost = errors.New("answer lost")

// project writes a page in one transaction, as a host does, and fails anywhere.
func project(ctx context.Context, db *sql.DB, s *sqlite.Store, p history.Page, fault func() error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing to roll back once it is committed
	for _, r := range p.Records {
		if err := fault(); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO lines (position) VALUES (?)`, int64(r.Position)); err != nil {
			return err
		}
	}
	if err := p.Done(ctx, s.In(tx)); err != nil {
		return err
	}
	if err := errors.Join(fault(), tx.Commit()); err != nil {
		return err
	}
	return fault() // it is committed all the same
}

// TestFollowersOfOneName lets several follow under one name in transactions of their own: those that lose roll back.
func TestFollowersOfOneName(t *testing.T) {
	db := pool(t, "file:"+file(t)+"?_txlock=immediate&_pragma=busy_timeout(10000)", 0)
	_, err := db.ExecContext(t.Context(), `CREATE TABLE lines (n INTEGER PRIMARY KEY, position INTEGER)`)
	require.NoError(t, err)
	s := store(t, db)
	const records = 60
	appended(t, s, next(t, s, "one", "case", records))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error)
	for range 3 {
		go func() {
			for {
				err := history.FollowPages(ctx, s, "lines", func(ctx context.Context, p history.Page) error {
					return project(ctx, db, s, p, func() error { return nil })
				}, &history.FollowOptions{Page: 3, Pause: 1, Poll: time.Millisecond, Observe: func(p history.Progress) {
					if p.Position == records {
						stop()
					}
				}})
				if !errors.Is(err, history.ErrMoved) {
					ended <- err
					return
				}
			}
		}()
	}
	for range 3 {
		require.ErrorIs(t, <-ended, context.Canceled)
	}
	var n, distinct int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT position) FROM lines`).Scan(&n, &distinct))
	require.Equal(t, []int{records, records}, []int{n, distinct})
}

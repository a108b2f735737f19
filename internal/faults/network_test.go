package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

// TestNetwork has eight clients write to PostgreSQL while connections break, each in its own way.
func TestNetwork(t *testing.T) {
	server := postgrestest.Start(t, nil) // of its own, to be stopped
	// through writes until all appends are asked for, and then holds the store to what its clients were told.
	through := func(t *testing.T, d, direct database, appends int, breaking func(ctx context.Context)) (*journal, int) {
		t.Helper()
		const clients = 8
		j, s := newJournal(), direct.on(t)
		stores := []history.Store{d.on(t), d.on(t)}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var others, writers sync.WaitGroup
		if breaking != nil {
			others.Go(func() { breaking(ctx) })
		}
		var unread atomic.Int64
		for i := range clients {
			writers.Go(func() {
				w := &writer{name: fmt.Sprint("client ", i), store: stores[i%2], to: j, size: 50}
				for n := range appends / clients {
					if w.write(t.Context(), n) != nil {
						unread.Add(1)
					}
				}
			})
		}
		writers.Wait()
		cancel()
		others.Wait()
		j.check(t, s)
		return j, int(unread.Load())
	}

	t.Run("cut", func(t *testing.T) {
		began, p := time.Now(), newProxy(t, server.Addr())
		direct := database{kind: inServer, dsn: server.Database(t)}
		direct.on(t) // makes the schema
		d := database{kind: inServer, dsn: strings.Replace(direct.dsn, server.Addr(), p.listener.Addr().String(), 1)}
		p.calm.Store(true)
		stores := []history.Store{d.on(t), d.on(t)}
		p.calm.Store(false)
		model, ops, counts := clients(t, stores, scaled(30), true)
		p.calm.Store(true)
		result, _ := porcupine.CheckOperationsVerbose(model, ops, time.Minute)
		require.Equal(t, porcupine.Ok, result)
		t.Logf("postgres through a cutting proxy: %d operations of 16 clients in %.1f s, linearizable:%s; cut:%s",
			len(ops), time.Since(began).Seconds(), tally(counts), tally(p.count()))
	})
	t.Run("cut while writing", func(t *testing.T) {
		began, p := time.Now(), newProxy(t, server.Addr())
		p.calm.Store(true)
		direct := database{kind: inServer, dsn: server.Database(t)}
		d := database{kind: inServer, dsn: strings.Replace(direct.dsn, server.Addr(), p.listener.Addr().String(), 1), patience: 50 * time.Millisecond}
		j, unread := through(t, d, direct, scaled(1000), func(ctx context.Context) {
			p.calm.Store(false)
			<-ctx.Done()
		})
		t.Logf("postgres through a cutting proxy, in %.1f s: cut:%s; %d reads failed; %v", time.Since(began).Seconds(), tally(p.count()), unread, j)
	})
	t.Run("terminated", func(t *testing.T) {
		began := time.Now()
		d := database{kind: inServer, dsn: server.Database(t)}
		ended := 0
		j, unread := through(t, d, d, scaled(2400), func(ctx context.Context) {
			conn, err := pgx.Connect(ctx, server.DSN("postgres"))
			if !assert.NoError(t, err) {
				return
			}
			defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
			for ; ctx.Err() == nil; time.Sleep(rand.N(50 * time.Millisecond)) {
				tag, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE backend_type = 'client backend' AND datname <> 'postgres' ORDER BY state = 'active' DESC, random() LIMIT 1`)
				assert.NoError(t, err)
				ended += int(tag.RowsAffected())
			}
		})
		t.Logf("postgres, in %.1f s: %d connections ended by pg_terminate_backend; %d reads failed; %v", time.Since(began).Seconds(), ended, unread, j)
	})
	t.Run("stopped", func(t *testing.T) {
		began := time.Now()
		d := database{kind: inServer, dsn: server.Database(t)}
		stops := 0
		j, unread := through(t, d, d, scaled(8000), func(ctx context.Context) {
			for stops < scaled(10) && ctx.Err() == nil {
				time.Sleep(rand.N(500 * time.Millisecond))
				halt := server.Crash
				if stops%2 == 1 {
					halt = server.Kill
				}
				stops++
				assert.NoError(t, halt())
				assert.NoError(t, server.Restart())
			}
		})
		t.Logf("postgres, in %.1f s: server stopped at once or killed %d times; %d reads failed; %v", time.Since(began).Seconds(), stops, unread, j)
	})
}

package bench_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/sqlite"
)

// BenchmarkLifecycles is the whole library at work for several agents at once, each with complaints of their own: lifecycles a
// second, how long one takes, and what one leaves on the disk. A lifecycle is six commits.
func BenchmarkLifecycles(b *testing.B) {
	for _, agents := range []int{1, 8} {
		for _, on := range []struct {
			name string
			open opened
		}{
			{"memory", inMemory},
			{"sqlite_full", onFile(sqlite.Full)},
			{"sqlite_normal", onFile(sqlite.Normal)},
			{"postgres", onServer(agents)},
		} {
			b.Run(fmt.Sprintf("%s/agents=%d", on.name, agents), func(b *testing.B) {
				store, bytes := on.open(b)
				desk := newDesk(b, store)
				lifecycle(b, desk) // the documents are stored with the first
				before := int64(0)
				if bytes != nil {
					before = bytes()
				}
				took := make([][]time.Duration, agents)
				var all sync.WaitGroup
				b.ResetTimer()
				for i := range agents {
					all.Go(func() {
						for range (b.N + agents - 1) / agents {
							start := time.Now()
							lifecycle(b, desk)
							took[i] = append(took[i], time.Since(start))
						}
					})
				}
				all.Wait()
				b.StopTimer()
				each := slices.Sorted(slices.Values(slices.Concat(took...)))
				b.ReportMetric(float64(len(each))/b.Elapsed().Seconds(), "lifecycles/s")
				b.ReportMetric(float64(each[len(each)/2])/1e6, "p50-ms")
				b.ReportMetric(float64(each[len(each)*99/100])/1e6, "p99-ms")
				b.ReportMetric(0, "ns/op")
				if bytes != nil {
					b.ReportMetric(float64(bytes()-before)/float64(len(each)), "disk-B/case")
				}
			})
		}
	}
}

// opened is a store, and how many bytes it has on the disk, if it has any there.
type opened func(b *testing.B) (s history.Store, bytes func() int64)

func inMemory(b *testing.B) (history.Store, func() int64) {
	b.Helper()
	return new(history.Memory), nil
}

func onFile(d sqlite.Durability) opened {
	return func(b *testing.B) (history.Store, func() int64) {
		b.Helper()
		db := openFile(b, "")
		s, err := sqlite.New(b.Context(), db, &sqlite.Options{Durability: d})
		require.NoError(b, err)
		return s, func() (size int64) {
			err := db.QueryRowContext(b.Context(), `SELECT (page_count - freelist_count) * page_size
				FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&size)
			require.NoError(b, err)
			return size
		}
	}
}

func onServer(agents int) opened {
	return func(b *testing.B) (history.Store, func() int64) {
		b.Helper()
		config, err := pgxpool.ParseConfig(server.Database(b))
		require.NoError(b, err)
		config.MaxConns = int32(agents) + 1
		pool, err := pgxpool.NewWithConfig(b.Context(), config)
		require.NoError(b, err)
		b.Cleanup(pool.Close)
		s, err := postgres.New(b.Context(), pool, &postgres.Options{Migrate: true})
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, s.Close()) })
		return s, func() (size int64) {
			_, err := pool.Exec(b.Context(), `VACUUM`) // heads are replaced, and what they were is used again
			require.NoError(b, err)
			err = pool.QueryRow(b.Context(), `SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE n.nspname = 'amends' AND c.relkind = 'r'`).Scan(&size)
			require.NoError(b, err)
			return size
		}
	}
}

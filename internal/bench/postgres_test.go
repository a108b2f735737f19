package bench_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
	"github.com/amends-go/amends/history/postgres/postgrestest"
)

var server postgrestest.Shared //nolint:gochecknoglobals // one server for all benchmarks

func TestMain(m *testing.M) { os.Exit(server.Main(m)) } //nolint:forbidigo // that is how TestMain ends

// BenchmarkPostgresAppend appends commits of one batch with two records and a head, once through the store and once by
// hand with pgx, in turns of 20 for each of 1 and 8 writers, so that both meet the same server and disk. "ratio" is the store's time over the bare
// one's: at most 1.3 is the aim. "bare" sends each transaction's statements in one batch, as well as pgx can; "stepwise" one after the other,
// as most programs do.
func BenchmarkPostgresAppend(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			pool := func(schema string) (*pgxpool.Pool, *postgres.Store) {
				config, err := pgxpool.ParseConfig(server.Server(b).DSN("postgres"))
				require.NoError(b, err)
				config.MaxConns, config.MinConns = int32(writers)+1, int32(writers)
				config.ConnConfig.RuntimeParams["search_path"] = schema
				p, err := pgxpool.NewWithConfig(b.Context(), config)
				require.NoError(b, err)
				b.Cleanup(p.Close)
				_, err = p.Exec(b.Context(), `DROP SCHEMA IF EXISTS `+schema+` CASCADE`)
				require.NoError(b, err)
				s, err := postgres.New(b.Context(), p, &postgres.Options{Schema: schema, Migrate: true})
				require.NoError(b, err)
				b.Cleanup(func() { require.NoError(b, s.Close()) })
				return p, s
			}
			_, store := pool("ours")
			batched, _ := pool("batched")
			stepwise, _ := pool("stepwise")
			sides := []func(ctx context.Context, c history.Commit) error{
				func(ctx context.Context, c history.Commit) error { _, err := store.Append(ctx, c); return err },
				func(ctx context.Context, c history.Commit) error { return appendBatched(ctx, batched, c) },
				func(ctx context.Context, c history.Commit) error { return appendStepwise(ctx, stepwise, c) },
			}
			var took [3][]time.Duration // of single appends
			var spent [3]time.Duration  // of turns
			works := make([]work, writers)
			for i := range works {
				works[i].writer = fmt.Sprint("writer ", i, " ")
			}
			const turn = 20
			for b.Loop() {
				commits := make([][]history.Commit, writers)
				for i := range works {
					for range turn {
						commits[i] = append(commits[i], works[i].next(b))
					}
				}
				for side, do := range sides {
					each := make([][]time.Duration, writers)
					begin := time.Now()
					var wg sync.WaitGroup
					for i := range commits {
						wg.Go(func() {
							for _, c := range commits[i] {
								start := time.Now()
								if err := do(b.Context(), c); err != nil {
									b.Error(err)
								}
								each[i] = append(each[i], time.Since(start))
							}
						})
					}
					wg.Wait()
					spent[side] += time.Since(begin)
					took[side] = append(took[side], slices.Concat(each...)...)
				}
			}
			for side, name := range []string{"ours", "bare", "stepwise"} {
				slices.Sort(took[side])
				n := len(took[side])
				b.ReportMetric(float64(n)/spent[side].Seconds(), name+"-appends/s")
				b.ReportMetric(float64(took[side][n/2].Microseconds()), name+"-p50-µs")
				b.ReportMetric(float64(took[side][n*99/100].Microseconds()), name+"-p99-µs")
			}
			b.ReportMetric(float64(spent[0])/float64(spent[1]), "ratio")
			b.ReportMetric(float64(spent[0])/float64(spent[2]), "ratio-stepwise")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// statements are those of one append: they write the same rows into the same tables, and look at nothing but the counter's row.
func statements(c history.Commit) (before []statement, counted func(last int64) []statement) {
	batch := &c.Batches[0]
	h := &batch.Head
	stream, keys := [16]byte(batch.Stream), slices.Sorted(slices.Values(h.Keys))
	if batch.Expect == 0 {
		before = append(before, statement{
			`INSERT INTO heads (stream, kind, sequence, hash, time, open, due, keys, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			[]any{stream, h.Kind, int64(h.Sequence), h.Hash[:], h.Time, h.Open, h.Due, keys, h.State},
		})
		for _, k := range keys {
			before = append(before, statement{`INSERT INTO keys (key, stream) VALUES ($1, $2)`, []any{k, stream}})
		}
	} else {
		before = append(before, statement{
			`UPDATE heads SET sequence = $2, hash = $3, time = $4, open = $5, due = $6, state = $7 WHERE stream = $1`,
			[]any{stream, int64(h.Sequence), h.Hash[:], h.Time, h.Open, h.Due, h.State},
		})
	}
	return before, func(last int64) []statement {
		var list []statement
		n := int64(len(batch.Records))
		for i := range batch.Records {
			r := &batch.Records[i]
			list = append(list, statement{
				`INSERT INTO records (position, stream, sequence, id, time, type, actor, hash, seal, data, salt, private)
					VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
				[]any{
					last - n + 1 + int64(i), stream, int64(r.Sequence), [16]byte(r.ID), r.Time, r.Type, r.Actor, r.Hash[:], r.Seal[:],
					r.Data, r.Salt, r.Private,
				},
			})
		}
		return append(list, statement{
			`INSERT INTO commits (key, digest, streams, records, first) VALUES ($1, $2, $3, $4, $5)`,
			[]any{c.Key, c.Digest[:], [][16]byte{stream}, n, last - n + 1},
		})
	}
}

type statement struct {
	text string
	args []any
}

const count = `UPDATE feed SET last = last + $1 RETURNING last`

// appendBatched sends two batches, since the positions must be known for the second.
func appendBatched(ctx context.Context, pool *pgxpool.Pool, c history.Commit) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	before, counted := statements(c)
	var last int64
	var one, two pgx.Batch
	one.Queue(`BEGIN`)
	for _, s := range before {
		one.Queue(s.text, s.args...)
	}
	one.Queue(count, len(c.Batches[0].Records)).QueryRow(func(row pgx.Row) error { return row.Scan(&last) })
	if err := conn.SendBatch(ctx, &one).Close(); err != nil {
		return err
	}
	for _, s := range counted(last) {
		two.Queue(s.text, s.args...)
	}
	two.Queue(`COMMIT`)
	return conn.SendBatch(ctx, &two).Close()
}

func appendStepwise(ctx context.Context, pool *pgxpool.Pool, c history.Commit) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		before, counted := statements(c)
		for _, s := range before {
			if _, err := tx.Exec(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		var last int64
		if err := tx.QueryRow(ctx, count, len(c.Batches[0].Records)).Scan(&last); err != nil {
			return err
		}
		for _, s := range counted(last) {
			if _, err := tx.Exec(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/amends-go/amends/history/historytest"
)

// The store answers as memory does, at every isolation that a host may have as its default, and in every way that pgx sends statements.
func TestSameAsMemory(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *pgxpool.Config){
		"read committed":  isolation("read committed"),
		"repeatable read": isolation("repeatable read"),
		"serializable":    isolation("serializable"),
		"described once":  mode(pgx.QueryExecModeCacheDescribe),
		"never described": mode(pgx.QueryExecModeExec),
		"simple protocol": mode(pgx.QueryExecModeSimpleProtocol),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			historytest.TestSameAsMemory(t, store(t, connect(t, server.Database(t), change)), 150)
		})
	}
}

func isolation(level string) func(c *pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_isolation"] = level }
}

func mode(m pgx.QueryExecMode) func(c *pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = m }
}

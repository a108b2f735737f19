package postgres

import "github.com/amends-go/amends/history"

// For tests of what cannot be had from outside: the schema as the catalog describes it, the plan of a query.
var (
	Dump       = dump
	HeadsQuery = func(schema string, q history.Query) (string, []any) {
		return textsFor(Options{Schema: schema}).headsQuery(q)
	}
)

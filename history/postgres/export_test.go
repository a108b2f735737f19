package postgres

import "github.com/amends-go/amends/history"

// For tests of what cannot be had from outside: the schema as the catalog describes it, the plan of a query, what an
// error says about an append.
var (
	Dump       = dump
	Unknown    = func(err error) bool { return fateOf(err, false) == unknown }
	HeadsQuery = func(schema string, q history.Query) (string, []any) {
		return textsFor(Options{Schema: schema}).headsQuery(q)
	}
)

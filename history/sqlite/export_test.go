package sqlite

import "github.com/amends-go/amends/history"

// For tests of what cannot be had from outside: an old SQLite, the schema's text, the plan of a query, a row by itself.
var (
	Suitable   = suitable
	HeadsQuery = headsQuery
	SchemaText = func() []string { return statements(schemaText) }
	Dump       = dump
)

// The queries for records, of which the plans matter.
const (
	RecordsQuery = recordsQuery
	FeedQuery    = feedQuery
	EraseRecords = eraseRecords
)

// Unpack makes a record of the column record.
func Unpack(column []byte) (history.Record, error) { return names{}.unpackRecord(column) }

// Pack makes the column record of one at position 1.
func Pack(r history.Record) ([]byte, error) {
	packed, err := packRecord(&r)
	return append([]byte("000000000001"), packed...), err
}

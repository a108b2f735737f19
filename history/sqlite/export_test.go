package sqlite

import "github.com/amends-go/amends/history"

// For tests of what cannot be had from outside: an old SQLite, the schema's text, the plan of a query, a row by itself.
var (
	Suitable   = suitable
	HeadsQuery = headsQuery
	SchemaText = func() []string { return statements(schemaText) }
	Dump       = dump
)

// Unpack makes a record of a row's columns record and secret.
func Unpack(record, secret []byte) (history.Record, error) {
	row := recordRow{record: record, secret: secret, names: map[string]string{}}
	return row.unpack()
}

// Pack makes the columns of a record.
func Pack(r history.Record) (record, secret []byte, err error) {
	record, err = packRecord(&r)
	secret, _ = packSecret(&r).([]byte)
	return record, secret, err
}

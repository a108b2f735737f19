package sqlite

// For tests of what cannot be had from outside: an old SQLite, the schema's text, the plan of a query.
var (
	Suitable   = suitable
	HeadsQuery = headsQuery
	SchemaText = func() []string { return statements(schemaText) }
	Dump       = dump
)

CREATE TABLE amends_schema (
	version INTEGER PRIMARY KEY,
	name    TEXT    NOT NULL
) STRICT;

CREATE TABLE amends_records (
	position INTEGER PRIMARY KEY CHECK (position < 1000000000000),
	record   BLOB NOT NULL, -- all of it in one piece, so that reading is fast; the columns below are cut out of it
	stream   BLOB    AS (substr(record, 13, 16)),
	sequence INTEGER AS (CAST(substr(record, 77, 12) AS INTEGER)), -- 1, 2, …
	id       BLOB    AS (substr(record, 29, 16)),
	time     INTEGER AS (CAST(substr(record, 89, 19) AS INTEGER)), -- microseconds since 1970, UTC
	type     TEXT    AS (CAST(substr(record, CAST(substr(record, 108, 3) AS INTEGER),
		CAST(substr(record, 111, 4) AS INTEGER) - CAST(substr(record, 108, 3) AS INTEGER)) AS TEXT)),
	actor    TEXT    AS (CAST(substr(record, CAST(substr(record, 111, 4) AS INTEGER),
		CAST(substr(record, 115, 4) AS INTEGER) - CAST(substr(record, 111, 4) AS INTEGER)) AS TEXT)),
	hash     BLOB    AS (substr(record, 45, 32)),
	seal     BLOB    AS (nullif(substr(record, 139, CAST(substr(record, 108, 3) AS INTEGER) - 139), X'')), -- null if there never was anything private
	data     BLOB    AS (substr(record, CAST(substr(record, 115, 4) AS INTEGER),
		CAST(substr(record, 119, 10) AS INTEGER) - CAST(substr(record, 115, 4) AS INTEGER))),
	salt     BLOB    AS (nullif(substr(record, CAST(substr(record, 119, 10) AS INTEGER),
		CAST(substr(record, 129, 10) AS INTEGER) - CAST(substr(record, 119, 10) AS INTEGER)), X'')), -- null if there is nothing private, or it was erased
	private  BLOB    AS (nullif(substr(record, CAST(substr(record, 129, 10) AS INTEGER)), X'')) -- as salt
) STRICT;

CREATE UNIQUE INDEX amends_records_stream ON amends_records (stream, sequence);

CREATE TABLE amends_heads (
	stream   BLOB    NOT NULL, -- 16 bytes
	kind     TEXT    NOT NULL,
	sequence INTEGER NOT NULL, -- of the last record, 0 if there is none
	hash     BLOB    NOT NULL, -- of the last record
	time     INTEGER NOT NULL, -- of the last record
	open     INTEGER NOT NULL, -- 0 or 1
	due      INTEGER,          -- microseconds since 1970, UTC; null if nothing is due
	keys     BLOB    NOT NULL, -- each key as its length (unsigned varint) and its bytes
	state    BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX amends_heads_stream ON amends_heads (stream);

CREATE INDEX amends_heads_kind ON amends_heads (kind, stream);

CREATE INDEX amends_heads_open ON amends_heads (stream, kind) WHERE open = 1;

CREATE INDEX amends_heads_due ON amends_heads (due, stream) WHERE due IS NOT NULL;

CREATE TABLE amends_keys (
	key    TEXT NOT NULL,
	stream BLOB NOT NULL,
	PRIMARY KEY (key, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE amends_commits (
	key     TEXT    NOT NULL PRIMARY KEY,
	digest  BLOB    NOT NULL, -- 32 bytes
	streams BLOB    NOT NULL, -- 16 bytes for each batch
	records INTEGER NOT NULL, -- how many
	first   INTEGER NOT NULL  -- position of the first one, if there are any
) STRICT, WITHOUT ROWID;

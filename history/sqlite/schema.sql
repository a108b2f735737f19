CREATE TABLE amends_bookmarks (
	name     TEXT    NOT NULL PRIMARY KEY,
	position INTEGER NOT NULL -- of the last record that was dealt with, 0 if none was
) STRICT, WITHOUT ROWID;

CREATE TABLE amends_commits (
	key     TEXT    NOT NULL PRIMARY KEY,
	digest  BLOB    NOT NULL, -- 32 bytes
	streams BLOB    NOT NULL, -- 16 bytes for each batch
	records INTEGER NOT NULL, -- how many
	first   INTEGER NOT NULL  -- position of the first one, if there are any
) STRICT, WITHOUT ROWID;

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

CREATE INDEX amends_heads_due ON amends_heads (due, stream) WHERE due IS NOT NULL;

CREATE INDEX amends_heads_kind ON amends_heads (kind, stream);

CREATE INDEX amends_heads_open ON amends_heads (stream, kind) WHERE open = 1;

CREATE UNIQUE INDEX amends_heads_stream ON amends_heads (stream);

CREATE TABLE amends_keys (
	key    TEXT NOT NULL,
	stream BLOB NOT NULL,
	PRIMARY KEY (key, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE amends_records (
	position INTEGER PRIMARY KEY,
	record   BLOB NOT NULL, -- all but the secret, in one piece so that reading is fast; the columns below are cut out of it
	secret   BLOB,          -- the length of the salt, ":", salt, private text; null if there is none, or it was erased
	stream   BLOB    AS (substr(record, 1, 16)),
	sequence INTEGER AS (CAST(substr(record, 65, 12) AS INTEGER)), -- 1, 2, …
	id       BLOB    AS (substr(record, 17, 16)),
	time     INTEGER AS (CAST(substr(record, 77, 19) AS INTEGER)), -- microseconds since 1970, UTC
	type     TEXT    AS (CAST(substr(record, CAST(substr(record, 96, 3) AS INTEGER),
		CAST(substr(record, 99, 4) AS INTEGER) - CAST(substr(record, 96, 3) AS INTEGER)) AS TEXT)),
	actor    TEXT    AS (CAST(substr(record, CAST(substr(record, 99, 4) AS INTEGER),
		CAST(substr(record, 103, 4) AS INTEGER) - CAST(substr(record, 99, 4) AS INTEGER)) AS TEXT)),
	hash     BLOB    AS (substr(record, 33, 32)),
	seal     BLOB    AS (nullif(substr(record, 107, CAST(substr(record, 96, 3) AS INTEGER) - 107), X'')),
	data     BLOB    AS (substr(record, CAST(substr(record, 103, 4) AS INTEGER))),
	salt     BLOB    AS (substr(secret, instr(secret, X'3A') + 1, CAST(secret AS INTEGER))),
	private  BLOB    AS (substr(secret, instr(secret, X'3A') + 1 + CAST(secret AS INTEGER)))
) STRICT;

CREATE UNIQUE INDEX amends_records_stream ON amends_records (stream, sequence);

CREATE TABLE amends_schema (
	version INTEGER PRIMARY KEY,
	name    TEXT    NOT NULL
) STRICT;

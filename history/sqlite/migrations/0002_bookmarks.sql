CREATE TABLE amends_bookmarks (
	name     TEXT    NOT NULL PRIMARY KEY,
	position INTEGER NOT NULL -- of the last record that was dealt with, 0 if none was
) STRICT, WITHOUT ROWID;

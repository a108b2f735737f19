package faults_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // for database/sql
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
)

// tables runs statements on a database's own tables, behind the back of the store. They are written for SQLite; $records and $heads are the tables.
func (d database) tables(t *testing.T, statements ...string) {
	t.Helper()
	driver, names := "sqlite", strings.NewReplacer("$records", "amends_records", "$heads", "amends_heads")
	if d.kind == inServer {
		driver, names = "pgx", strings.NewReplacer("$records", "amends.records", "$heads", "amends.heads", "X'", `'\x`)
	}
	db, err := sql.Open(driver, d.dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, s := range statements {
		result, err := db.ExecContext(t.Context(), names.Replace(s))
		require.NoError(t, err, s)
		changed, err := result.RowsAffected()
		require.NoError(t, err)
		require.Positive(t, changed, "changed nothing: %s", s)
	}
}

// set is an UPDATE of one column of records, to a value of the same length. SQLite's are generated from one that holds all, which has to
// be cut and put together again.
func (d database) set(column, value, where string) string {
	if d.kind == inServer {
		return fmt.Sprintf("UPDATE $records SET %s = %s %s", column, value, where)
	}
	place := map[string]string{ // the first, and that behind the last
		"hash": "45 77", "sequence": "77 89", "actor": "111,4 115,4", "data": "115,4 119,10", "private": "129,10 ",
	}[column]
	from, to, _ := strings.Cut(place, " ")
	for _, p := range []*string{&from, &to} {
		if strings.Contains(*p, ",") {
			*p = "CAST(substr(record, " + *p + ") AS INTEGER)"
		}
	}
	if column == "sequence" {
		value = "printf('%012d', " + value + ")"
	}
	if to == "" {
		to = "length(record) + 1"
	}
	return fmt.Sprintf("UPDATE $records SET record = CAST(substr(record, 1, %s - 1) || %s || substr(record, %s) AS BLOB) %s", from, value, to, where)
}

// TestHostileRecords: whoever writes into the tables is found out, and what they touched is named.
func TestHostileRecords(t *testing.T) {
	const stream, length = "contested", 9
	where := func(d database, sequence int) string { // picks a record of the stream
		id := history.StreamOf(stream)
		text := fmt.Sprintf("X'%x'", id[:])
		if d.kind == inServer {
			text = "'" + id.String() + "'"
		}
		if sequence == 0 {
			return "WHERE stream = " + text
		}
		return fmt.Sprintf("WHERE stream = %s AND sequence = %d", text, sequence)
	}
	hex32 := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		deeds func(d database) []string
		names uint64 // the first record that is not as it was
		why   string
	}{
		"a tampered body": {func(d database) []string {
			return []string{d.set("data", fmt.Sprintf("X'%x'", `{"what":"9","n":0,"of":1,"text":"0000000000"}`), where(d, 4))}
		}, 4, "altered"},
		"a tampered private text": {func(d database) []string {
			return []string{d.set("private", "X'6c6965'", where(d, 5))}
		}, 5, "private part altered"},
		"a tampered actor": {func(d database) []string {
			return []string{d.set("actor", "'nobody'", where(d, 1))}
		}, 1, "altered"},
		"a tampered hash": {func(d database) []string {
			return []string{d.set("hash", "X'"+hex32+"'", where(d, 3))}
		}, 3, "altered"},
		"a removed record": {func(d database) []string {
			return []string{"DELETE FROM $records " + where(d, 6)}
		}, 6, "missing: record 7 follows"},
		"a removed record, the others moved up": {func(d database) []string {
			return []string{
				"DELETE FROM $records " + where(d, 6),
				d.set("sequence", "sequence + 99", where(d, 0)+" AND sequence > 6"),
				d.set("sequence", "sequence - 100", where(d, 0)+" AND sequence > 99"),
			}
		}, 6, "altered, or put in another's place"},
		"a swapped pair": {func(d database) []string {
			return []string{
				d.set("sequence", "100", where(d, 2)), d.set("sequence", "2", where(d, 3)), d.set("sequence", "3", where(d, 100)),
			}
		}, 2, "altered, or put in another's place"},
		"a tail cut off": {func(d database) []string {
			return []string{"DELETE FROM $records " + where(d, 0) + " AND sequence > 7"}
		}, 8, "missing, and all after it"},
		"a head put back": {func(d database) []string {
			return []string{
				"UPDATE $heads SET sequence = 7, hash = (SELECT hash FROM $records " + where(d, 7) + ") " + where(d, 0),
			}
		}, 7, "the head"},
		"a head removed": {func(d database) []string {
			return []string{"DELETE FROM $heads " + where(d, 0)}
		}, 1, "beyond the head"},
		"a tail cut off, and the head put back": {func(d database) []string {
			return []string{
				"DELETE FROM $records " + where(d, 0) + " AND sequence > 7",
				"UPDATE $heads SET sequence = 7, hash = (SELECT hash FROM $records " + where(d, 7) + "), time = (SELECT time FROM $records " +
					where(d, 7) + ") " + where(d, 0),
			}
		}, 8, "missing, and all after it: the stream was at"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			onEach(t, []string{inSQLite, inServer}, func(t *testing.T, d database) {
				t.Helper()
				s := d.on(t)
				var noted history.Head // elsewhere
				for n := range length {
					prev := noted
					b, err := batch(prev, stream, fmt.Sprint(n), 1, 10)
					require.NoError(t, err)
					_, err = s.Append(t.Context(), history.Commit{Key: fmt.Sprint(n), Batches: []history.Batch{b}})
					require.NoError(t, err)
					noted = b.Head
				}
				require.NoError(t, history.VerifyAgainst(t.Context(), s, noted))
				d.tables(t, c.deeds(d)...)
				err := history.VerifyAgainst(t.Context(), s, noted)
				var found *history.ChainError
				require.ErrorAs(t, err, &found)
				require.Equal(t, history.StreamOf(stream), found.Stream)
				require.Equal(t, c.names, found.Sequence, "%v", err)
				require.Contains(t, found.Why, c.why)
				t.Logf("%s: %s: found: %v", d.kind, name, err)
			})
		})
	}
}

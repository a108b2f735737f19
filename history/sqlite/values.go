package sqlite

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Only integers, text and bytes go to the driver and come from it: what all drivers do alike.

// recordValues are a record's columns, in the order of recordColumns, but for the position.
func recordValues(r *history.Record) []any {
	var seal any
	if r.Seal != (history.Hash{}) {
		seal = r.Seal[:]
	}
	return []any{
		r.Stream[:], int64(r.Sequence), r.ID[:], micros(r.Time), r.Type, r.Actor, r.Hash[:], seal,
		filled(r.Data), nullable(r.Salt), nullable(r.Private),
	}
}

type scanner interface{ Scan(dest ...any) error }

// recordRow is where the rows of a page are scanned into, one after the other.
type recordRow struct {
	position, sequence, when int64
	kind, actor              string
	stream, id, hash, seal   sql.RawBytes // the driver's, until the next row
	data, salt, private      sql.RawBytes
	dest                     []any
}

// recordScanner returns a function that makes a record of each row of one query.
func recordScanner() func(scanner) (history.Record, error) {
	row := new(recordRow)
	row.dest = []any{
		&row.position, &row.stream, &row.sequence, &row.id, &row.when, &row.kind, &row.actor, &row.hash, &row.seal,
		&row.data, &row.salt, &row.private,
	}
	return row.scan
}

func (row *recordRow) scan(from scanner) (history.Record, error) {
	if err := from.Scan(row.dest...); err != nil {
		return history.Record{}, err
	}
	r := history.Record{
		Position: uint64(row.position), Sequence: uint64(row.sequence), Time: instant(row.when), Type: row.kind, Actor: row.actor,
	}
	if copy(r.Stream[:], row.stream) != len(r.Stream) || copy(r.ID[:], row.id) != len(r.ID) ||
		copy(r.Hash[:], row.hash) != len(r.Hash) || len(row.seal) > 0 && copy(r.Seal[:], row.seal) != len(r.Seal) {
		return history.Record{}, fmt.Errorf("record at position %d: damaged: an id or a hash has the wrong length", row.position)
	}
	texts := make([]byte, 0, len(row.data)+len(row.salt)+len(row.private)) // one piece of memory for all
	keep := func(b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		start := len(texts)
		texts = append(texts, b...)
		return texts[start:len(texts):len(texts)]
	}
	r.Data, r.Salt, r.Private = keep(row.data), keep(row.salt), keep(row.private)
	return r, nil
}

func scanHead(row scanner) (history.Head, error) {
	var (
		h                  history.Head
		sequence, when     int64
		due                *int64
		stream, hash, keys []byte
	)
	if err := row.Scan(&stream, &h.Kind, &sequence, &hash, &when, &h.Open, &due, &keys, &h.State); err != nil {
		return history.Head{}, err
	}
	h.Sequence, h.Time = uint64(sequence), instant(when)
	if due != nil {
		h.Due = instant(*due)
	}
	if copy(h.Stream[:], stream) != len(h.Stream) || copy(h.Hash[:], hash) != len(h.Hash) {
		return history.Head{}, fmt.Errorf("head of stream %x: damaged: an id or a hash has the wrong length", stream)
	}
	var err error
	h.Keys, err = unpackKeys(keys)
	return h, err
}

// filled is for columns that are never null, and nil and empty the same.
func filled(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// nullable is for columns in which null says that there is nothing. (To some drivers a nil slice is no null.)
func nullable(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// micros is the instant in microseconds since 1970. Instants that no record or head can have become the least or
// the greatest.
func micros(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 0:
		return math.MinInt64
	case year > 10_000:
		return math.MaxInt64
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// dueValue is null for never.
func dueValue(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

// sequenceValue is a sequence or position to go on after: those that SQLite cannot hold are after everything.
func sequenceValue(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

func packKeys(keys []string) []byte {
	packed := []byte{}
	for _, k := range keys {
		packed = binary.AppendUvarint(packed, uint64(len(k)))
		packed = append(packed, k...)
	}
	return packed
}

func unpackKeys(packed []byte) ([]string, error) {
	var keys []string
	for len(packed) > 0 {
		n, width := binary.Uvarint(packed)
		if width <= 0 || n > uint64(len(packed)-width) {
			return nil, fmt.Errorf("keys of a head: damaged: %x", packed)
		}
		end := width + int(n)
		keys = append(keys, string(packed[width:end]))
		packed = packed[end:]
	}
	return keys, nil
}

func packStreams(streams []uuid.UUID) []byte {
	packed := make([]byte, 0, 16*len(streams))
	for _, s := range streams {
		packed = append(packed, s[:]...)
	}
	return packed
}

func unpackStreams(packed []byte) ([]uuid.UUID, error) {
	if len(packed)%16 != 0 {
		return nil, fmt.Errorf("streams of a commit: damaged: %x", packed)
	}
	streams := make([]uuid.UUID, 0, len(packed)/16)
	for ; len(packed) > 0; packed = packed[16:] {
		streams = append(streams, uuid.UUID(packed[:16]))
	}
	return streams, nil
}

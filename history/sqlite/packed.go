package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// A record is kept in two columns and not in twelve, since what it costs to read a row is mostly what the driver spends on
// each column. Numbers are decimal, in fixed places, so that SQL can cut out what it wants: the table's other columns are
// generated so (and not stored). Places are counted from 1, as SQL does.
//
//	1    stream
//	17   id
//	33   hash
//	65   sequence, 12 digits: more than a file can hold
//	77   time in microseconds since 1970, 18 digits and before them 0 or -
//	96   the place of the type, 3 digits
//	99   the place of the actor, 4 digits
//	103  the place of the data, 4 digits
//	107  seal, or nothing; type; actor; data
const (
	atSequence, atTime         = 65, 77
	atType, atActor, atData    = 96, 99, 103
	header                     = 106
	maxSequence                = 999_999_999_999
	sequenceDigits, timeDigits = 12, 18
	typeDigits, placeDigits    = 3, 4
)

// packRecord is what the column record holds.
func packRecord(r *history.Record) ([]byte, error) {
	if r.Sequence > maxSequence {
		return nil, fmt.Errorf("sequence %d: SQLite keeps no more than %d records of a stream", r.Sequence, uint64(maxSequence))
	}
	seal := r.Seal[:]
	if r.Seal == (history.Hash{}) {
		seal = nil
	}
	place := header + 1 + len(seal)
	b := make([]byte, 0, place+len(r.Type)+len(r.Actor)+len(r.Data))
	b = append(b, r.Stream[:]...)
	b = append(b, r.ID[:]...)
	b = append(b, r.Hash[:]...)
	b = appendDigits(b, r.Sequence, sequenceDigits)
	if micros := r.Time.UnixMicro(); micros < 0 {
		b = appendDigits(append(b, '-'), uint64(-micros), timeDigits)
	} else {
		b = appendDigits(append(b, '0'), uint64(micros), timeDigits)
	}
	b = appendDigits(b, uint64(place), typeDigits)
	b = appendDigits(b, uint64(place+len(r.Type)), placeDigits)
	b = appendDigits(b, uint64(place+len(r.Type)+len(r.Actor)), placeDigits)
	b = append(b, seal...)
	b = append(b, r.Type...)
	b = append(b, r.Actor...)
	return append(b, r.Data...), nil
}

// packSecret is what the column secret holds: null if there is nothing private. (To some drivers a nil slice is no null.)
func packSecret(r *history.Record) any {
	if len(r.Private) == 0 {
		return nil
	}
	b := make([]byte, 0, 4+len(r.Salt)+len(r.Private))
	b = append(strconv.AppendInt(b, int64(len(r.Salt)), 10), ':')
	b = append(b, r.Salt...)
	return append(b, r.Private...)
}

// appendDigits appends n, which has so many digits at most.
func appendDigits(b []byte, n uint64, digits int) []byte {
	for range digits {
		b = append(b, '0')
	}
	for i := len(b) - 1; n > 0; i-- {
		b[i] += byte(n % 10)
		n /= 10
	}
	return b
}

// recordRow is where the rows of a page are scanned into, one after the other.
type recordRow struct {
	position       int64
	record, secret sql.RawBytes // the driver's, until the next row
	dest           []any
	names          map[string]string // types and actors that came before: a page has few
}

// recordScanner returns a function that makes a record of each row of one query.
func recordScanner() func(scanner) (history.Record, error) {
	row := &recordRow{names: map[string]string{}}
	row.dest = []any{&row.position, &row.record, &row.secret}
	return func(from scanner) (history.Record, error) {
		if err := from.Scan(row.dest...); err != nil {
			return history.Record{}, err
		}
		r, err := row.unpack()
		if err != nil {
			return r, fmt.Errorf("record at position %d: damaged: %w", row.position, err)
		}
		return r, nil
	}
}

var (
	errShort  = errors.New("a part of it is missing")
	errDigits = errors.New("a number is none")
	errSecret = errors.New("its secret has no salt")
)

func (row *recordRow) unpack() (history.Record, error) {
	r := history.Record{Position: uint64(row.position)}
	b := row.record
	if len(b) < header {
		return r, errShort
	}
	sequence, ok1 := number(b[atSequence-1 : atTime-1])
	micros, ok2 := number(b[atTime : atType-1])
	kind, ok3 := number(b[atType-1 : atActor-1])
	actor, ok4 := number(b[atActor-1 : atData-1])
	data, ok5 := number(b[atData-1 : header])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return r, errDigits
	}
	if kind != header+1 && kind != header+1+int64(len(r.Seal)) || actor < kind || data < actor || data > int64(len(b))+1 {
		return r, errShort
	}
	if b[atTime-1] == '-' {
		micros = -micros
	}
	salt, private, err := cutSecret(row.secret)
	if err != nil {
		return r, err
	}
	r.Stream, r.ID, r.Hash = uuid.UUID(b[:16]), uuid.UUID(b[16:32]), history.Hash(b[32:64])
	copy(r.Seal[:], b[header:kind-1])
	r.Sequence, r.Time = uint64(sequence), instant(micros)
	r.Type, r.Actor = row.name(b[kind-1:actor-1]), row.name(b[actor-1:data-1])
	b = b[data-1:]
	texts := make([]byte, 0, len(b)+len(salt)+len(private)) // one piece of memory for all
	keep := func(b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		start := len(texts)
		texts = append(texts, b...)
		return texts[start:len(texts):len(texts)]
	}
	r.Data, r.Salt, r.Private = keep(b), keep(salt), keep(private)
	return r, nil
}

func cutSecret(b []byte) (salt, private []byte, err error) {
	if len(b) == 0 {
		return nil, nil, nil
	}
	length := 0
	for i, c := range b {
		switch {
		case c == ':' && length < len(b)-i:
			return b[i+1 : i+1+length], b[i+1+length:], nil
		case c < '0' || c > '9' || length > len(b):
			return nil, nil, errSecret
		}
		length = 10*length + int(c-'0')
	}
	return nil, nil, errSecret
}

// number reads digits, of which there are too few to be more than an int64 holds.
func number(digits []byte) (n int64, ok bool) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

func (row *recordRow) name(b []byte) string {
	s, ok := row.names[string(b)]
	if !ok {
		s = string(b)
		row.names[s] = s
	}
	return s
}

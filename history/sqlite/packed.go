package sqlite

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// A record is kept in one column and not in twelve, since what it costs to read a row is mostly what the driver spends on
// each column. Numbers are decimal, in fixed places, so that SQL can cut out what it wants: the table's other columns are
// generated so (and not stored). Places are counted from 1, as SQL does. The position is put before the rest by SQL, which
// alone knows it; twelve digits are some 200 terabytes of records.
//
//	1    position, 12 digits
//	13   stream
//	29   id
//	45   hash
//	77   sequence, 12 digits
//	89   time in microseconds since 1970, 18 digits and before them 0 or -
//	108  the place of the type, 3 digits
//	111  the place of the actor, 4 digits
//	115  the place of the data, 4 digits
//	119  the place of the salt, 10 digits
//	129  the place of the private text, 10 digits
//	139  seal, or nothing; type; actor; data; salt and private text, or nothing, also once they are erased
const (
	atStream, atID, atHash, atSequence = 13, 29, 45, 77
	atTime                             = 89
	atType, atActor, atData            = 108, 111, 115
	atSalt, atPrivate                  = 119, 129
	afterPlaces                        = 139

	maxSequence = 999_999_999_999
)

// packRecord is what the column record holds behind the position.
func packRecord(r *history.Record) ([]byte, error) {
	if r.Sequence > maxSequence {
		return nil, fmt.Errorf("sequence %d: SQLite keeps no more than %d records of a stream", r.Sequence, uint64(maxSequence))
	}
	seal := r.Seal[:]
	if r.Seal == (history.Hash{}) {
		seal = nil
	}
	kind := uint64(afterPlaces + len(seal))
	actor := kind + uint64(len(r.Type))
	data := actor + uint64(len(r.Actor))
	salt := data + uint64(len(r.Data))
	private := salt + uint64(len(r.Salt))

	b := make([]byte, 0, private+uint64(len(r.Private)))
	b = append(b, r.Stream[:]...)
	b = append(b, r.ID[:]...)
	b = append(b, r.Hash[:]...)
	b = appendDigits(b, r.Sequence, atTime-atSequence)
	sign, micros := byte('0'), r.Time.UnixMicro()
	if micros < 0 {
		sign, micros = '-', -micros
	}
	b = appendDigits(append(b, sign), uint64(micros), atType-atTime-1)
	b = appendDigits(b, kind, atActor-atType)
	b = appendDigits(b, actor, atData-atActor)
	b = appendDigits(b, data, atSalt-atData)
	b = appendDigits(b, salt, atPrivate-atSalt)
	b = appendDigits(b, private, afterPlaces-atPrivate)
	b = append(b, seal...)
	b = append(b, r.Type...)
	b = append(b, r.Actor...)
	b = append(b, r.Data...)
	b = append(b, r.Salt...)
	return append(b, r.Private...), nil
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

// recordScanner returns a function that makes a record of each row of one query, which has the column record alone.
func recordScanner() func(scanner) (history.Record, error) {
	var column sql.RawBytes // the driver's, until the next row
	dest := []any{&column}
	names := names{}
	return func(from scanner) (history.Record, error) {
		if err := from.Scan(dest...); err != nil {
			return history.Record{}, err
		}
		r, err := names.unpackRecord(column)
		if err != nil {
			err = fmt.Errorf("record at position %s: damaged: %w", bytes.TrimLeft(column[:min(len(column), atStream-1)], "0"), err)
		}
		return r, err
	}
}

var (
	errShort  = errors.New("a part of it is missing")
	errDigits = errors.New("a number is none")
)

// unpackRecord makes a record of the column, of which it keeps nothing.
func (ns names) unpackRecord(b []byte) (history.Record, error) {
	var r history.Record
	if len(b) < afterPlaces-1 {
		return r, errShort
	}
	n := numbers{b: b, ok: true}
	r.Position, r.Sequence = n.between(1, atStream), n.between(atSequence, atTime)
	micros := int64(n.between(atTime+1, atType))
	if b[atTime-1] == '-' {
		micros = -micros
	}
	kind, actor, data := n.between(atType, atActor), n.between(atActor, atData), n.between(atData, atSalt)
	salt, private := n.between(atSalt, atPrivate), n.between(atPrivate, afterPlaces)
	if !n.ok {
		return r, errDigits
	}
	end := uint64(len(b)) + 1
	if salt == end { // nothing private, or no more
		private = end
	}
	if kind != afterPlaces && kind != afterPlaces+uint64(len(r.Seal)) ||
		actor < kind || data < actor || salt < data || private < salt || end < private || (salt < private) != (private < end) {
		return r, errShort
	}
	r.Stream, r.ID = uuid.UUID(b[atStream-1:atID-1]), uuid.UUID(b[atID-1:atHash-1])
	r.Hash, r.Time = history.Hash(b[atHash-1:atSequence-1]), instant(micros)
	copy(r.Seal[:], b[afterPlaces-1:kind-1])
	r.Type, r.Actor = ns.name(b[kind-1:actor-1]), ns.name(b[actor-1:data-1])
	texts := bytes.Clone(b[data-1:]) // one piece of memory for all
	salt, private, end = salt-data, private-data, end-data
	r.Data, r.Salt, r.Private = part(texts, 0, salt), part(texts, salt, private), part(texts, private, end)
	return r, nil
}

// part is nil if it is empty, and has no room to grow into the next.
func part(b []byte, from, to uint64) []byte {
	if from == to {
		return nil
	}
	return b[from:to:to]
}

// numbers reads numbers from their places; ok says that all were numbers.
type numbers struct {
	b  []byte
	ok bool
}

func (n *numbers) between(from, to int) (number uint64) {
	for _, c := range n.b[from-1 : to-1] {
		n.ok = n.ok && '0' <= c && c <= '9'
		number = 10*number + uint64(c-'0')
	}
	return number
}

// names are the types and actors that came before: a page has few.
type names map[string]string

func (ns names) name(b []byte) string {
	s, ok := ns[string(b)]
	if !ok {
		s = string(b)
		ns[s] = s
	}
	return s
}

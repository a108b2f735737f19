package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// Only integers, text and bytes go to the driver and come from it: what all drivers do alike.

type scanner interface{ Scan(dest ...any) error }

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

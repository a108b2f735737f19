package history

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// saltSize is the length in bytes of the salts that Next makes.
const saltSize = 16

// Next chains records to a stream whose head is prev, and returns the batch to append, with next as its head.
//
// The caller gives the stream's id in next.Stream. prev is what [Store.Head] returned, and the zero Head for a new stream.
// Of each record the caller gives Type, Time, Actor, Data and Private; Next fills in the rest:
//
//   - ID, a UUID of version 7 made of the record's time, its sequence and chance; one that is set is kept.
//   - Stream and Sequence, which follow prev.
//   - Time is brought to UTC and cut to microseconds. One that is before the time of the record before it,
//     because clocks differ or run backwards, is raised to that.
//   - Salt, 16 bytes by chance (one that is set is kept), and Seal, if there is a Private part; else both are emptied.
//   - Hash, and next's Sequence, Hash and Time, which are those of the last record or, without records, those of prev.
//
// The batch is good for the past that prev stands for and for no other: its Expect and Prev are prev's Sequence and Hash.
//
// next.Due is brought to UTC and cut to microseconds too. The records of the caller are not changed, but the batch
// shares their Data and Private, and next's Keys and State.
//
// Next returns an error wrapping ErrInvalid if the stream is zero or not prev's, or if a time is not in the years 1 to
// 9999. Everything else is found by [Commit.Check].
func Next(prev, next Head, records ...Record) (Batch, error) {
	var f faults
	if next.Stream == uuid.Nil {
		f.add("next head's stream id is zero: want a UUID")
	}
	if prev.Stream != next.Stream && prev.Stream != uuid.Nil {
		f.add("next head's stream is %s, want %s as in the one before", next.Stream, prev.Stream)
	}
	if next.Due = canonical(next.Due); !inYears(next.Due) {
		f.time(next.Due, "next head's due")
	}
	next.Sequence, next.Hash, next.Time = prev.Sequence, prev.Hash, prev.Time
	b := Batch{Stream: next.Stream, Expect: prev.Sequence, Prev: prev.Hash, Head: next}
	if len(records) > 0 {
		b.Records = append(make([]Record, 0, len(records)), records...)
	}
	chance := entropy(b.Records)
	for i := range b.Records {
		r := &b.Records[i]
		if r.Time = canonical(r.Time); !inYears(r.Time) {
			f.time(r.Time, fmt.Sprintf("record %d: time", i+1))
		}
		chance = link(r, &b.Head, chance)
	}
	if err := f.err(); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// link makes r the record after h, and moves h on to it. It returns what it leaves of chance.
func link(r *Record, h *Head, chance []byte) []byte {
	r.Stream, r.Sequence = h.Stream, h.Sequence+1
	if r.Time.Before(h.Time) {
		r.Time = h.Time
	}
	if r.ID == uuid.Nil {
		r.ID, chance = newID(r.Time, r.Sequence, chance[:8]), chance[8:]
	}
	switch {
	case len(r.Private) == 0:
		r.Private, r.Salt, r.Seal = nil, nil, Hash{}
	case len(r.Salt) == 0:
		r.Salt, chance = chance[:saltSize:saltSize], chance[saltSize:]
		fallthrough
	default:
		r.Seal = seal(r.Salt, r.Private)
	}
	r.Hash = chainHash(h.Hash, r)
	h.Sequence, h.Hash, h.Time = r.Sequence, r.Hash, r.Time
	return chance
}

// canonical is the form of an instant that every store can keep.
func canonical(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// entropy returns as many random bytes as link takes for these records, read at once.
func entropy(records []Record) []byte {
	n := 0
	for i := range records {
		if records[i].ID == uuid.Nil {
			n += 8
		}
		if len(records[i].Private) > 0 && len(records[i].Salt) == 0 {
			n += saltSize
		}
	}
	chance := make([]byte, n)
	_, _ = rand.Read(chance) // never fails, by its documentation
	return chance
}

// newID is a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, 0 before 1970; 12 bits of the sequence, which order
// records of one millisecond; 62 bits of chance.
func newID(t time.Time, sequence uint64, chance []byte) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(max(t.UnixMilli(), 0))<<16|7<<12|sequence&0xfff)
	copy(id[8:], chance)
	id[8] = id[8]&0x3f | 0x80
	return id
}

// seal commits to a private part without giving it away.
func seal(salt, private []byte) Hash {
	mac := hmac.New(sha256.New, salt)
	mac.Write(private)
	var sum Hash
	mac.Sum(sum[:0])
	return sum
}

// chainHash is the hash of r after a record whose hash is prev, zero for the first: SHA-256 over
//
//	"amends/1", prev, ID, Stream, Sequence, Time in Unix microseconds, Type, Actor, SHA-256(Data), Seal
//
// with numbers in 8 bytes, big-endian, and each text after its length as such a number. This is a stored format: it
// must never change.
func chainHash(prev Hash, r *Record) Hash {
	b := make([]byte, 0, 512) // stays on the stack; longer names spill
	b = append(b, "amends/1"...)
	b = append(b, prev[:]...)
	b = append(b, r.ID[:]...)
	b = append(b, r.Stream[:]...)
	b = binary.BigEndian.AppendUint64(b, r.Sequence)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(len(r.Type)))
	b = append(b, r.Type...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(r.Actor)))
	b = append(b, r.Actor...)
	data := sha256.Sum256(r.Data)
	b = append(b, data[:]...)
	b = append(b, r.Seal[:]...)
	return sha256.Sum256(b)
}

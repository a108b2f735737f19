package history

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// MaxName is the greatest length in bytes of what databases index or show: Commit.Key, Record.Type, Record.Actor,
// Head.Kind and each of Head.Keys.
const MaxName = 512

// Check returns nil, or an error wrapping ErrInvalid that names every fault of the commit. A [Store] calls it first in
// Append and need validate nothing else. What [Next] returns passes, if the caller's part of it is right:
//
//   - Names (see MaxName) are valid UTF-8 without NUL and no longer than MaxName. Commit.Key, Record.Type and each
//     of Head.Keys are not empty; no head has a key twice.
//   - Batch, records and head have the same stream id, which is not zero; no stream has two batches.
//   - Prev is zero if and only if Expect is 0, and the first record's Hash follows from it and the record.
//   - Sequences follow Expect without a gap; the head has the Sequence, Hash and Time of the last record. Without records,
//     its Hash is Prev, and its Time is zero if Expect is 0.
//   - Times are in UTC, in whole microseconds, of years 1 to 9999; a record's is not before the one's before it.
//   - A record has an ID and a Hash; it has a Private part if and only if it has a Salt, and then it has a Seal.
//
// It computes no other hash than that of a batch's first record: that is what [Verify] is for.
func (c Commit) Check() error {
	var f faults
	f.name(c.Key, true, "key")
	seen := make(map[uuid.UUID]int)
	for i := range c.Batches {
		b := &c.Batches[i]
		f.at = spot{batch: i + 1}
		f.batch(b)
		if first, ok := seen[b.Stream]; ok {
			f.add("stream %s has batch %d already: put all its records into one", b.Stream, first)
		}
		seen[b.Stream] = i + 1
	}
	return f.err()
}

// faults collects what is wrong; at is where.
type faults struct {
	at   spot
	list []string
}

// spot is a place in a commit, counted from 1; record 0 is the batch itself.
type spot struct{ batch, record int }

func (f *faults) add(format string, args ...any) {
	fault := fmt.Sprintf(format, args...)
	switch {
	case f.at.record > 0:
		fault = fmt.Sprintf("batch %d: record %d: %s", f.at.batch, f.at.record, fault)
	case f.at.batch > 0:
		fault = fmt.Sprintf("batch %d: %s", f.at.batch, fault)
	}
	f.list = append(f.list, fault)
}

func (f *faults) err() error {
	const shown = 20
	switch n := len(f.list); {
	case n == 0:
		return nil
	case n > shown:
		return fmt.Errorf("%w: %s; and %d more", ErrInvalid, strings.Join(f.list[:shown], "; "), n-shown)
	}
	return fmt.Errorf("%w: %s", ErrInvalid, strings.Join(f.list, "; "))
}

func (f *faults) batch(b *Batch) {
	if b.Stream == uuid.Nil {
		f.add("stream id is zero: want a UUID")
	}
	last := Head{Sequence: b.Expect, Hash: b.Prev, Time: b.Head.Time}
	switch {
	case b.Expect == 0:
		last.Time = time.Time{}
		if b.Prev != (Hash{}) {
			f.add("prev is %s, want zero as the batch expects 0", b.Prev)
		}
	case b.Prev == (Hash{}):
		f.add("prev is zero, want the hash of record %d", b.Expect)
	}
	at := f.at
	for i := range b.Records {
		r := &b.Records[i]
		f.at.record = i + 1
		f.record(r)
		if r.Stream != b.Stream {
			f.add("stream is %s, the batch's is %s", r.Stream, b.Stream)
		}
		if r.Sequence != last.Sequence+1 {
			f.add("sequence is %d, want %d", r.Sequence, last.Sequence+1)
		}
		if i > 0 && r.Time.Before(last.Time) {
			f.add("time %s is before that of the record before it", r.Time.Format(time.RFC3339Nano))
		}
		if i == 0 && r.Hash != (Hash{}) && r.Hash != chainHash(b.Prev, r) {
			f.add("hash does not follow from the batch's prev and the record: want a record made by Next")
		}
		last.Sequence, last.Hash, last.Time = last.Sequence+1, r.Hash, r.Time
	}
	f.at = at
	f.head(&b.Head, b.Stream, last)
}

func (f *faults) record(r *Record) {
	if r.ID == uuid.Nil {
		f.add("id is zero: want a UUID")
	}
	f.name(r.Type, true, "type")
	f.name(r.Actor, false, "actor")
	f.time(r.Time, "time")
	if (len(r.Private) > 0) != (len(r.Salt) > 0) {
		f.add("private part of %d bytes with a salt of %d: want both or neither", len(r.Private), len(r.Salt))
	}
	if len(r.Private) > 0 && r.Seal == (Hash{}) {
		f.add("private part is not sealed: want a record made by Next")
	}
	if r.Hash == (Hash{}) {
		f.add("hash is zero: want a record made by Next")
	}
}

// head checks h, which must stand where last does.
func (f *faults) head(h *Head, stream uuid.UUID, last Head) {
	if h.Stream != stream {
		f.add("head's stream is %s, the batch's is %s", h.Stream, stream)
	}
	if h.Sequence != last.Sequence {
		f.add("head's sequence is %d, want %d", h.Sequence, last.Sequence)
	}
	if h.Hash != last.Hash {
		f.add("head's hash is %s, want that of the last record, %s", h.Hash, last.Hash)
	}
	if !h.Time.Equal(last.Time) {
		f.add("head's time is %s, want that of the last record, %s",
			h.Time.Format(time.RFC3339Nano), last.Time.Format(time.RFC3339Nano))
	}
	f.name(h.Kind, false, "head's kind")
	f.time(h.Time, "head's time")
	f.time(h.Due, "head's due")
	for i, k := range h.Keys {
		f.name(k, true, "head's key")
		for _, other := range h.Keys[:i] {
			if k == other {
				f.add("head's key %q is there twice", k)
			}
		}
	}
}

func (f *faults) name(s string, required bool, what string) {
	switch {
	case s == "" && required:
		f.add("%s is empty", what)
	case len(s) > MaxName:
		f.add("%s %.32q… has %d bytes, want %d at most", what, s, len(s), MaxName)
	case !utf8.ValidString(s):
		f.add("%s %q is not UTF-8", what, s)
	case strings.IndexByte(s, 0) >= 0:
		f.add("%s %q holds a NUL", what, s)
	}
}

func (f *faults) time(t time.Time, what string) {
	if t.Location() != time.UTC || t.Nanosecond()%1000 != 0 || !inYears(t) {
		f.add("%s is %s, want UTC in whole microseconds, years 1 to 9999", what, t.Format(time.RFC3339Nano))
	}
}

// inYears reports whether the year is 1 to 9999, which every database, format and language can hold.
func inYears(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

package historytest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/amends-go/amends/history"
)

func fidelityDuties() []duty {
	return []duty{
		{name: "records and heads come back whole, and the chain verifies", check: whole},
		{name: "bytes come back as they were", check: bytesKept},
		{name: "empty data is kept", check: emptyData},
		{name: "4 MiB of data are kept", check: largeData},
		{name: "texts come back as they were", check: textsKept},
		{name: "times come back to the microsecond in UTC", check: timesKept},
	}
}

// returns writes a batch and checks that it comes back by every way.
func (k *kit) returns(what string, b history.Batch) {
	k.Helper()
	k.write(what, b)
	k.sameHead(what+": Head", k.head(b.Stream), b.Head)
	for _, h := range k.heads(history.Query{}) {
		if h.Stream == b.Stream {
			k.sameHead(what+": Heads", h, b.Head)
		}
	}
	n := len(b.Records)
	records, feed := k.records(b.Stream, 0, 0), k.feed(0, 0)
	if len(records) != int(b.Expect)+n || len(feed) < n {
		k.Fatalf("%s: got %d records and %d in the feed, want %d and at least %d", what, len(records), len(feed), int(b.Expect)+n, n)
	}
	records, feed = records[len(records)-n:], feed[len(feed)-n:]
	for i, want := range b.Records {
		k.sameRecord(fmt.Sprintf("%s: Records %d", what, i), records[i], want)
		k.sameRecord(fmt.Sprintf("%s: Feed %d", what, i), feed[i], want)
		k.same(fmt.Sprintf("%s: Records %d", what, i), "Position", records[i].Position, feed[i].Position)
	}
	if err := history.Verify(k.ctx, k.store, b.Stream); err != nil {
		k.Errorf("%s: Verify: %v", what, err)
	}
}

func whole(k *kit) {
	h := blank("whole")
	h.Open, h.Due, h.State = true, noon().Add(time.Hour), []byte(`{"step":"received"}`)
	h.Keys = []string{"customer:42", "assignee:ana", "ref:A-17"}
	list := facts(3)
	list[1].Private = []byte("The laptop is dead.")
	first := k.next(history.Head{}, h, list...)
	k.returns("first commit", first)
	h.Open, h.Due, h.Keys = false, time.Time{}, nil
	k.returns("second commit", k.next(first.Head, h, facts(2)...))
}

func bytesKept(k *kit) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	prev := blank("bytes")
	for what, b := range map[string][]byte{
		"a number above 2^53":           []byte(`{"n":9007199254740993,"f":1.10,"e":1E2}`),
		"an object's order and doubles": []byte(`{"b":1,"a":2,"a":3}`),
		"JSON with white space":         []byte(" { \"a\" :\t1 }\n"),
		"JSON with escapes":             []byte(`{"text":"\u0000 \u00e9 \/ <b> \ud83d\ude00"}`),
		"JSON null":                     []byte(`null`),
		"every byte":                    every,
		"NUL":                           {0},
		"NUL at the end":                []byte("text\x00"),
		"0xFF":                          {0xFF, 0xFE, 0xFF},
		"text that looks like hex":      []byte(`\x00ff`),
		"emoji and combining marks":     []byte("\U0001F469\u200D\U0001F4BB \u00e9 e\u0301"),
		"line ends":                     []byte("a\r\nb\rc\n"),
	} {
		list := facts(1)
		list[0].Data, list[0].Private = b, b
		next := prev
		next.State = b
		batch := k.next(prev, next, list...)
		k.returns(what, batch)
		prev = batch.Head
	}
}

func emptyData(k *kit) {
	prev := blank("empty")
	for what, b := range map[string][]byte{"nil": nil, "empty": {}} {
		list := facts(2)
		list[0].Data, list[1].Data = b, b
		list[1].Private = []byte("private part beside " + what + " data")
		next := prev
		next.State = b
		batch := k.next(prev, next, list...)
		k.returns(what+" data and state", batch)
		prev = batch.Head
	}
	for _, r := range k.records(prev.Stream, 0, 0) {
		if r.Erased() {
			k.Errorf("record %d with empty data says Erased, want not", r.Sequence)
		}
	}
}

func largeData(k *kit) {
	list, size := facts(1), k.large
	list[0].Data = bytes.Repeat([]byte("0123456789abcde\n"), size/16)
	list[0].Private = bytes.Repeat([]byte{0xFF, 0, 'p', '\''}, size/4)
	h := blank("large")
	h.State = bytes.Repeat([]byte("state"), size/5)
	b := k.next(history.Head{}, h, list...)
	k.write("large", b)
	k.sameHead("4 MiB of state", k.head(h.Stream), b.Head)
	for _, r := range k.records(h.Stream, 0, 0) {
		k.sameRecord("4 MiB each of data and private part", r, b.Records[0])
	}
}

func textsKept(k *kit) {
	for _, text := range append(lookalikes(),
		"e\u0301 and \u00e9", "\U0001F469\u200D\U0001F4BB", "a\r\nb", " spaces ", "İıŞş", "苦情", "\u202Eright to left",
		strings.Repeat("n", history.MaxName), strings.Repeat("\U0001F600", history.MaxName/4),
	) {
		list := facts(1)
		list[0].Type, list[0].Actor = text, text
		h := blank("texts " + text)
		h.Kind, h.Keys = text, []string{text, "other"}
		b := k.next(history.Head{}, h, list...)
		k.write(text, b)
		k.sameHead(fmt.Sprintf("text %q", text), k.head(h.Stream), b.Head)
		for _, r := range k.records(h.Stream, 0, 0) {
			k.sameRecord(fmt.Sprintf("text %q", text), r, b.Records[0])
		}
	}
}

func timesKept(k *kit) {
	times := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Date(1677, 9, 21, 0, 12, 43, 145_224_000, time.UTC), // just below what nanoseconds in 64 bits reach
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2026, 3, 29, 2, 30, 0, 123_456_000, time.UTC), // a local time that Berlin skips
		time.Date(2026, 10, 25, 0, 30, 0, 1000, time.UTC),       // one that it has twice
		time.Date(2262, 4, 11, 23, 47, 16, 854_776_000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}
	list, prev := facts(len(times)), blank("times")
	for i, at := range times {
		list[i].Time = at
	}
	k.returns("records of many times", k.next(prev, prev, list...))
	for i, at := range times {
		h := blank(fmt.Sprint("due ", i))
		h.Due = at
		k.place(h)
		k.sameTime(fmt.Sprint("Head ", i), "Due", k.head(h.Stream).Due, at)
	}
	due := k.heads(history.Query{DueBy: times[len(times)-1]})
	if len(due) != len(times) {
		k.Fatalf("Heads due by %v: got %d, want %d", times[len(times)-1], len(due), len(times))
	}
	for i, h := range due {
		k.sameTime(fmt.Sprintf("Heads by due, %d", i), "Due", h.Due, times[i])
	}
	k.same("Heads due one microsecond before the last", "number", len(k.heads(history.Query{
		DueBy: times[len(times)-1].Add(-time.Microsecond),
	})), len(times)-1)
}

package historytest

import (
	"crypto/sha256"

	"github.com/amends-go/amends/history"
)

func keyDuties() []duty {
	return []duty{
		{name: "a repeated key gets the stored receipt", check: repeatedKey},
		{name: "a key used for something else is refused", check: reusedKey},
		{name: "a refused commit leaves its key free", check: freeKey},
		{name: "keys are compared byte by byte", check: exactKeys},
	}
}

// digest stands for the digest of what was asked.
func digest(asked string) history.Hash { return sha256.Sum256([]byte(asked)) }

func repeatedKey(k *kit) {
	k.write("before", k.more(blank("other"), 1))
	a, b := k.more(blank("a"), 2), k.more(blank("b"), 1)
	first, _ := k.write("key", a, b)
	again, _ := k.write("key", a, b)
	if !again.Replayed || !sameReceipt(first, again) {
		k.Errorf("repeated: got receipt %+v, want %+v with Replayed", again, first)
	}
	k.write("after", k.more(a.Head, 1))
	// The caller has loaded what is there now, and decides something else about the same request.
	again, _ = k.write("key", k.more(k.head(a.Stream), 4), k.more(blank("c"), 1))
	if !again.Replayed || !sameReceipt(first, again) {
		k.Errorf("repeated with other batches: got receipt %+v, want %+v with Replayed", again, first)
	}
	k.untouched(history.StreamOf("c"), "after a repeated key")
	k.standsAt(a.Stream, 3, "after a repeated key")
	k.standsAt(b.Stream, 1, "after a repeated key")
	k.same("after a repeated key", "number of records in the feed", len(k.feed(0, 0)), 5)
}

func reusedKey(k *kit) {
	_, head := k.write("key", k.more(blank("a"), 1))
	other := history.Commit{Key: "key", Digest: digest("something else"), Batches: []history.Batch{k.more(head, 1), k.more(blank("b"), 1)}}
	k.refused(history.ErrKeyReused, other, "under a key that was used for something else")
	k.standsAt(head.Stream, 1, "after a key was used for something else")
	k.untouched(history.StreamOf("b"), "after a key was used for something else")
}

func freeKey(k *kit) {
	_, head := k.write("first", k.more(blank("a"), 1))
	c := history.Commit{Key: "key", Digest: digest("asked"), Batches: []history.Batch{k.more(blank("a"), 1)}}
	k.refused(history.ErrConflict, c, "that expects 0, at 1")
	c.Batches[0] = k.more(head, 1)
	rc, err := k.store.Append(k.ctx, c)
	if err != nil || rc.Replayed {
		k.Errorf("decided again under the same key: got receipt %+v, error %v; want it written", rc, err)
	}
	k.standsAt(head.Stream, 2, "after a commit that was decided again")
}

func exactKeys(k *kit) {
	for _, key := range lookalikes() {
		if rc, _ := k.write(key, k.more(blank("stream of "+key), 1)); rc.Replayed || rc.Key != key {
			k.Errorf("commit key %q: got receipt %+v, want it written under its own key", key, rc)
		}
	}
}

// lookalikes are different texts that databases and programs like to take for one another.
func lookalikes() []string {
	return []string{
		"customer:a", "customer:A", "customer:a ", " customer:a", "customer:a\t", "customer:a%", "customer:_", "customer:",
		"customer", "customer:á", "customer:a\u0301", "customer:ä", "customer:ß", "customer:ss", "customer:ı", "customer:i",
		"customer:1", "customer:01", "customer:\U0001F600", "customer:\U0001F601", "customer:'", `customer:"`, `customer:\`,
		`customer:\\`, "customer:?", "customer:$1", "customer:{}", "customer:,", "NULL",
	}
}

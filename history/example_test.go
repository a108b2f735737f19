package history_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/amends-go/amends/history"
)

// A stream is extended by loading its head, chaining records to it, and appending both.
func Example() {
	ctx, store := context.Background(), new(history.Memory)
	stream := history.StreamOf("parcel:A-17")
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

	for i, what := range []string{"sent", "lost"} {
		prev, err := store.Head(ctx, stream)
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			fmt.Println(err)
			return
		}
		next := history.Head{Stream: stream, Kind: "parcel", Keys: []string{"customer:42"}, State: []byte(`{"is":"` + what + `"}`)}
		batch, err := history.Next(prev, next, history.Record{
			Type: "parcel." + what + "/1", Time: now.Add(time.Duration(i) * time.Hour), Actor: "ana",
			Data: []byte(`{}`), Private: []byte("Ana Müller, 5 Garden Street"),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		// The key is the request's: if it comes twice, it is written once.
		if _, err := store.Append(ctx, history.Commit{Key: "request " + what, Batches: []history.Batch{batch}}); err != nil {
			fmt.Println(err) // with ErrConflict: load the head and decide again
			return
		}
	}

	for r, err := range history.Stream(ctx, store, stream) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Sequence, r.Type, r.Time.Format(time.TimeOnly))
	}
	parcels, err := store.Heads(ctx, history.Query{Key: "customer:42"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", parcels[0].State)
	fmt.Println(history.Verify(ctx, store, stream))
	// Output:
	// 1 parcel.sent/1 09:00:00
	// 2 parcel.lost/1 10:00:00
	// {"is":"lost"}
	// <nil>
}

// A reader of the feed keeps the position of the last record that it has dealt with, and misses nothing.
func ExampleFeed() {
	ctx, store := context.Background(), new(history.Memory)
	happen := func(stream, what string) {
		id := history.StreamOf(stream)
		prev, err := store.Head(ctx, id)
		if err != nil && !errors.Is(err, history.ErrNotFound) {
			fmt.Println(err)
			return
		}
		batch, err := history.Next(prev, history.Head{Stream: id}, history.Record{Type: what})
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := store.Append(ctx, history.Commit{Key: stream + what, Batches: []history.Batch{batch}}); err != nil {
			fmt.Println(err)
		}
	}
	var position uint64 // a real reader saves it, best together with what it did
	read := func() {
		for r, err := range history.Feed(ctx, store, position) {
			if err != nil {
				fmt.Println(err) // and again from the same position later
				return
			}
			fmt.Println(r.Position, r.Type)
			position = r.Position
		}
	}

	happen("a", "opened/1")
	happen("b", "opened/1")
	read()
	happen("a", "closed/1")
	read()
	// Output:
	// 1 opened/1
	// 2 opened/1
	// 3 closed/1
}

// Erasing takes personal texts away, and leaves the chain as it was.
func ExampleMemory_Erase() {
	ctx, store := context.Background(), new(history.Memory)
	opened, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf("a")},
		history.Record{Type: "opened/1", Private: []byte("I am Ana Müller.")})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := store.Append(ctx, history.Commit{Key: "1", Batches: []history.Batch{opened}}); err != nil {
		fmt.Println(err)
		return
	}
	erased, err := history.Next(opened.Head, history.Head{Stream: opened.Stream}, history.Record{Type: "erased/1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := store.Erase(ctx, history.Commit{Key: "2", Batches: []history.Batch{erased}}); err != nil {
		fmt.Println(err)
		return
	}
	for r, err := range history.Stream(ctx, store, opened.Stream) {
		fmt.Printf("%s %q %v %v\n", r.Type, r.Private, r.Erased(), err)
	}
	fmt.Println(history.Verify(ctx, store, opened.Stream))
	// Output:
	// opened/1 "" true <nil>
	// erased/1 "" false <nil>
	// <nil>
}

package history_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/amends-go/amends/history"
)

// A follower sends a mail for each record: also for those that came while the program was not running, and again
// if the mail server did not answer.
func ExampleFollow() {
	store := new(history.Memory)
	for _, what := range []string{"case.opened/1", "case.acknowledged/1", "case.closed/1"} {
		batch, err := history.Next(history.Head{}, history.Head{Stream: history.StreamOf(what)}, history.Record{Type: what})
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := store.Append(context.Background(), history.Commit{Key: what, Batches: []history.Batch{batch}}); err != nil {
			fmt.Println(err)
			return
		}
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	tries := 0
	err := history.Follow(ctx, store, "mail", func(_ context.Context, r history.Record) error {
		if tries++; tries == 2 {
			return errors.New("mail server does not answer")
		}
		fmt.Println("mail about", r.Type)
		if r.Type == "case.closed/1" {
			stop() // a real one goes on for as long as the program runs
		}
		return nil
	}, &history.FollowOptions{Pause: 1})

	behind, _ := history.Lag(context.Background(), store, "mail")
	fmt.Println(err, "with", behind, "records to go")
	// Output:
	// mail about case.opened/1
	// mail about case.acknowledged/1
	// mail about case.closed/1
	// context canceled with 0 records to go
}

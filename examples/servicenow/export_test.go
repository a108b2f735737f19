package main

import (
	"bytes"
	"context"
	"io"

	"github.com/amends-go/amends/examples/internal/table"
	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/sla"
)

// Run is the program.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error {
	return run(ctx, args, stdout, stderr, watched)
}

// Sample is the sample that comes with the program.
func Sample() []byte { return sample }

// Replayed takes a log through the desk, and returns the solution clocks of each
// incident, cycle by cycle, and whether the desk paused what the log says.
func Replayed(ctx context.Context, log []byte) (clocks map[string][]sla.Clock, agrees bool, err error) {
	rows, err := table.Read(bytes.NewReader(log), columns(), parse, func(int, error) {})
	if err != nil {
		return nil, false, err
	}
	all := incidents(rows)
	r, err := newReplay(new(history.Memory))
	if err != nil {
		return nil, false, err
	}
	if err := r.play(ctx, all, func(int, int) {}); err != nil {
		return nil, false, err
	}
	said, err := r.readBack(ctx, all)
	if err != nil {
		return nil, false, err
	}
	clocks = map[string][]sla.Clock{}
	for _, in := range all {
		for n := 1; ; n++ {
			k, ok := r.clocks[cycle{r.cases[in], n}]
			if !ok {
				break
			}
			clocks[in.id] = append(clocks[in.id], k)
		}
	}
	desk, counted := said.counts, countLog(all)
	desk.reopened, desk.reopenings = counted.reopened, counted.reopenings // the column may say anything
	return clocks, desk == counted, nil
}

package main

import (
	"bytes"
	"context"
	"io"
	"time"

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

// Replayed takes a file through the desk, and returns how many rows it has and how
// many cases came of them.
func Replayed(ctx context.Context, file []byte) (rows, cases int, err error) {
	calendar, err := sla.NewCalendar(boston())
	if err != nil {
		return 0, 0, err
	}
	all, err := table.Read(bytes.NewReader(file), columns(), parser(calendar.Location()), func(int, error) {})
	if err != nil {
		return 0, 0, err
	}
	seen, err := observe(all, calendar)
	if err != nil {
		return 0, 0, err
	}
	r := &replay{store: new(history.Memory)}
	if err := r.play(ctx, all, periods(seen), func(int, int) {}); err != nil {
		return 0, 0, err
	}
	said, err := r.readBack(ctx, all)
	if err != nil {
		return 0, 0, err
	}
	return len(all), said.cases, nil
}

// Levels are the service levels that rows show, each a type, the day of its opening
// and the targets that it fits: by the day from which on they hold.
func Levels(kinds []string, opened []time.Time, fits [][]sla.Target) map[string]map[string]sla.Target {
	var seen []observation
	for i, k := range kinds {
		seen = append(seen, observation{k, opened[i], fits[i]})
	}
	all := map[string]map[string]sla.Target{}
	for _, p := range periods(seen) {
		all[p.from.Format(time.DateOnly)] = p.targets
	}
	return all
}

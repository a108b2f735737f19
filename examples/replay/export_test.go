package main

import (
	"bytes"
	"context"
	"io"

	"github.com/amends-go/amends/examples/internal/table"
	"github.com/amends-go/amends/history"
)

// Run is the program.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, watched bool) error {
	return run(ctx, args, stdout, stderr, watched)
}

// Sample is the sample that comes with the program.
func Sample() []byte { return sample }

// Replayed takes a file through a desk in memory, and reports whether the desk
// and the file agree.
func Replayed(ctx context.Context, file []byte) (bool, error) {
	rows, err := table.Read(bytes.NewReader(file), columns(), parse, func(int, error) {})
	if err != nil {
		return false, err
	}
	said, err := replayAll(ctx, new(history.Memory), rows, func(int, int) {})
	return said.counts == countRows(rows), err
}

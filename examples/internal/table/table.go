// Package table reads the CSV files that the example programs replay: a row that
// is bad is told with its line, and the others go on.
package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Input is a file, or a sample in its place.
type Input struct {
	Name string
	Bad  int // rows left out
}

// Load reads the rows of a file, or of the sample if path is empty, and logs and
// counts those that are bad; see [Read].
func Load[R any](path string, sample []byte, columns []string, log *log.Logger, parse func(line int, fields []string) (R, error)) ([]R, Input, error) {
	in, data := Input{Name: "the sample"}, sample
	var err error
	if path != "" {
		in.Name = filepath.Base(path)
		if data, err = os.ReadFile(path); err != nil {
			return nil, in, err
		}
	}
	rows, err := Read(bytes.NewReader(data), columns, parse, func(line int, err error) {
		in.Bad++
		log.Printf("%s:%d: left out: %s", in.Name, line, strings.ReplaceAll(err.Error(), "\n", "; "))
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", in.Name, err)
	}
	return rows, in, err
}

// Read returns the rows of a file with these columns, in its order, as a function
// parses them; it must not keep the slice. A row that is bad is told, with all that
// is wrong with it, and left out: one that is no row at all, has unfit text, or is
// refused by the function.
func Read[R any](in io.Reader, columns []string, parse func(line int, fields []string) (R, error), bad func(line int, err error)) ([]R, error) {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\uFEFF") // some programs put a byte order mark before it
	if !slices.Equal(head, columns) {
		return nil, fmt.Errorf("line 1: the columns are %q, want %q", head, columns)
	}
	var rows []R
	for {
		fields, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := r.FieldPos(0)
			bad(line, fmt.Errorf("%d columns, want %d", len(fields), len(columns)))
			continue
		case errors.As(err, &wrong):
			bad(wrong.StartLine, wrong.Err)
			continue
		case err != nil:
			return nil, err
		}
		line, _ := r.FieldPos(0)
		row, err := parse(line, fields)
		if err = errors.Join(err, texts(columns, fields)); err != nil {
			bad(line, err)
			continue
		}
		rows = append(rows, row)
	}
}

// texts checks what is common to all columns.
func texts(columns, fields []string) error {
	const most = 200
	var all []error
	for i, s := range fields {
		switch {
		case !utf8.ValidString(s):
			all = append(all, fmt.Errorf("%s is not UTF-8", columns[i]))
		case len(s) > most:
			all = append(all, fmt.Errorf("%s has %d bytes, want %d at most", columns[i], len(s), most))
		case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }):
			all = append(all, fmt.Errorf("%s has control characters", columns[i]))
		}
	}
	return errors.Join(all...)
}

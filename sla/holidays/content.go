package holidays

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of a file. Public ones have some hundred events in some hundred kilobytes.
const (
	maxFile  = 4 << 20 // bytes
	maxLine  = 64 << 10
	maxDepth = 8 // of components in one another
	maxEvent = 20_000
	maxFault = 20
)

// property is a content line of RFC 5545, section 3.1: NAME;PARAM=value:value.
type property struct {
	line        int // of its beginning, from 1
	name, value string
	params      map[string]string // several values of one are joined by commas
}

// readLines reads a file and unfolds its lines: one that begins with a space or a tab continues the one before.
func readLines(r io.Reader) ([]property, []error, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("holidays: read calendar: %w", err)
	}
	if len(data) > maxFile {
		return nil, nil, fmt.Errorf("holidays: calendar of more than %d bytes", maxFile)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var properties []property
	var faults []error
	var folded []byte
	begun, line := 0, 0
	flush := func() {
		if len(folded) == 0 {
			return
		}
		p, err := parseLine(folded)
		p.line = begun
		if err != nil {
			faults = append(faults, fault(begun, "%w", err))
		} else {
			properties = append(properties, p)
		}
		folded = folded[:0]
	}
	for part := range bytes.Lines(data) {
		line++
		part = bytes.TrimRight(part, "\r\n")
		if len(part) > 0 && (part[0] == ' ' || part[0] == '\t') && len(folded) > 0 {
			folded = append(folded, part[1:]...)
		} else {
			flush()
			folded, begun = append(folded, part...), line
		}
		if len(folded) > maxLine {
			faults, folded = append(faults, fault(begun, "line of more than %d bytes", maxLine)), folded[:0]
		}
		if len(faults) >= maxFault {
			return nil, faults, nil
		}
	}
	flush()
	return properties, faults, nil
}

// fault is what is wrong in a line of a file.
func fault(line int, format string, args ...any) error {
	return fmt.Errorf("holidays: line %d: %w", line, fmt.Errorf(format, args...))
}

// parseLine takes a content line apart. Its bytes are looked at when it is whole: one may be folded within a character.
func parseLine(line []byte) (property, error) {
	if !utf8.Valid(line) {
		return property{}, errors.New("the line is not in UTF-8")
	}
	s := string(line)
	i := strings.IndexAny(s, ";:")
	if i <= 0 || strings.ContainsAny(s[:i], " \t\"=,") {
		return property{}, fmt.Errorf("want NAME:value, not %.60q", s)
	}
	p := property{name: strings.ToUpper(s[:i]), params: map[string]string{}}
	for s[i] == ';' {
		s = s[i+1:]
		eq := strings.IndexByte(s, '=')
		if eq <= 0 || strings.ContainsAny(s[:eq], ";:\"") {
			return p, fmt.Errorf("%.40s: want a parameter as in VALUE=DATE, not %.60q", p.name, s)
		}
		end := paramEnd(s)
		if end < 0 {
			return p, fmt.Errorf("%.40s: the parameters have no end: a colon or a quotation mark is missing", p.name)
		}
		p.params[strings.ToUpper(s[:eq])] = strings.ReplaceAll(s[eq+1:end], `"`, "")
		i = end
	}
	p.value = s[i+1:]
	return p, nil
}

// paramEnd is where the first parameter ends: at a semicolon or colon outside quotation marks; -1 if there is none.
func paramEnd(s string) int {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ';', ':':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

// unescape is a text as it was before RFC 5545, section 3.3.11, escaped it, on one line.
func unescape(s string) string {
	s = strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, " ", `\N`, " ").Replace(s)
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[:maxName-len("…")], "") + "…"
	}
	return s
}

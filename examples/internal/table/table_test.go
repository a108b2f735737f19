package table_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/examples/internal/table"
)

func TestRead(t *testing.T) {
	file := strings.Join([]string{
		"\uFEFFid,text", "1,one", "2", "3,\"th\nree\"", "4,f\xffour", "5,fi\"ve", "bad,six", "7," + strings.Repeat("x", 201), "8,eight",
	}, "\r\n")
	var told []string
	rows, err := table.Read(strings.NewReader(file), []string{"id", "text"}, func(line int, fields []string) (string, error) {
		if fields[0] == "bad" {
			return "", errors.New("no number")
		}
		return fmt.Sprintf("%d:%s", line, fields[1]), nil
	}, func(line int, err error) { told = append(told, fmt.Sprintf("%d: %v", line, err)) })
	require.NoError(t, err)
	assert.Equal(t, []string{"2:one", "10:eight"}, rows)
	assert.Equal(t, []string{
		"3: 1 columns, want 2", "4: text has control characters", "6: text is not UTF-8", `7: bare " in non-quoted-field`,
		"8: no number", "9: text has 201 bytes, want 200 at most",
	}, told)
}

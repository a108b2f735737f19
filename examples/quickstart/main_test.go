package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStory: what a newcomer sees is what testdata/output.txt says, but for the case's id.
func TestStory(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "output.txt"))
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = out
	main()
	os.Stdout = stdout
	require.NoError(t, out.Close())

	got, err := os.ReadFile(out.Name())
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	require.NoError(t, err)
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	assert.Equal(t, string(want), id.ReplaceAllString(string(got), "ID"))
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/policytest"
)

// TestPolicy is all the Go that a policy's owner needs: each case is a subtest.
func TestPolicy(t *testing.T) {
	rules, err := policy.Load(policyDocument, nil)
	require.NoError(t, err)
	policytest.Run(t, rules, casesDocument)
}

// TestOutput: what the program prints is what testdata/output.txt says.
func TestOutput(t *testing.T) {
	var got bytes.Buffer
	require.NoError(t, run(&got))
	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	require.NoError(t, err)
	assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got.String())
}

// Package realfile finds the files of real cases on which the example programs are tested. They are not part of the project.
package realfile

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is where a file is: in the directory that AMENDS_DATA names, or beside the project. A test whose file is not there is skipped.
func Path(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("AMENDS_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the file is not here (AMENDS_DATA names its directory): %v", err)
	}
	return file
}

// SkipSlow skips a test that takes too long under the race detector, and in short runs. CI runs it without.
func SkipSlow(t *testing.T) {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("the whole file takes too long here; the sample is replayed always")
	}
}

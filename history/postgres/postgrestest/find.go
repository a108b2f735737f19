package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// errAbsent says that there is no PostgreSQL on this machine.
var errAbsent = errors.New("no PostgreSQL server is installed: postgres and initdb are neither in $PGBIN nor in PATH " +
	"nor in /usr/lib/postgresql/*/bin (on Debian: apt-get install postgresql)")

// find returns the directory that postgres and initdb are in.
func find() (string, error) {
	var dirs []string
	if dir := os.Getenv("PGBIN"); dir != "" {
		dirs = append(dirs, dir)
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"} {
		installed, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		slices.SortFunc(installed, func(a, b string) int { return version(b) - version(a) })
		dirs = append(dirs, installed...)
	}
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", errAbsent
}

// version is the number in a path like /usr/lib/postgresql/15/bin.
func version(dir string) int {
	digits := strings.TrimLeftFunc(filepath.Base(filepath.Dir(dir)), func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func executable(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}

// must ends the test if there was an error: where no server is installed it is skipped, but not in CI.
func must(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errAbsent) && os.Getenv("CI") == "":
		tb.Skip("postgrestest: ", err)
	default:
		tb.Fatal(fmt.Errorf("postgrestest: %w", err))
	}
}

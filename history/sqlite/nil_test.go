package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/sqlite"
)

func TestNoDatabase(t *testing.T) {
	_, err := sqlite.New(t.Context(), nil, nil)
	require.ErrorContains(t, err, "a *sql.DB is needed")
}

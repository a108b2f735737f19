package sqlite_test

import (
	"testing"

	"github.com/amends-go/amends/history/historytest"
)

func TestSameAsMemory(t *testing.T) {
	historytest.TestSameAsMemory(t, store(t, pool(t, "file:"+file(t), 1)), 300)
}

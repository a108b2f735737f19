package history_test

import (
	"testing"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	historytest.TestStore(t, func(*testing.T) history.Store { return new(history.Memory) })
}

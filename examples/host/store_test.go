package main_test

import (
	"testing"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/historytest"

	host "github.com/amends-go/amends/examples/host"
)

// All that a host has to do to know that its own store keeps what a store promises.
func TestTables(t *testing.T) {
	historytest.TestStore(t, func(*testing.T) history.Store { return new(host.Tables) })
}

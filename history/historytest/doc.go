// Package historytest checks that a history.Store does all that its contract asks.
package historytest

// Package historytest checks that a [history.Store] does all that its contract asks.
//
// A host that keeps histories in its own tables calls [TestStore] in a test of its own:
//
//	func TestTables(t *testing.T) {
//		historytest.TestStore(t, func(t *testing.T) history.Store {
//			return newTables(t) // empty, closed by t.Cleanup
//		})
//	}
//
// Every promise of the contract is a subtest, whose name says the promise; run with -race. The kit proves in its own
// tests that it bites: for each subtest there is a store that is broken in just that way, and caught by it.
// [TestSameAsMemory] goes on from there, by chance.
package historytest

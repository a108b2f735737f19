// Package policytest tests a policy with cases that its owner writes as data: the facts, what is offered, and what the policy should
// say to it.
//
// [Run] makes each case a subtest of a test in Go:
//
//	func TestPolicy(t *testing.T) { policytest.Run(t, rules, cases) }
//
// [Check] does the same without a test: for a program that shows the owner what the policy does, or that puts no policy in force whose
// cases fail. The package does not link "testing".
//
// # The document
//
//	{
//	  "policy": "shop",
//	  "everyRule": true,
//	  "facts": {"now": "2026-11-16", "role": "agent", "customer": "42", "order": {"delivered": "10 days ago"}},
//	  "cases": [
//	    {"name": "an agent refunds 50 euros alone",
//	     "offer": [{"kind": "refund", "amount": {"amount": "50.00", "currency": "EUR"}}],
//	     "verdict": "allowed", "fires": ["small-refunds"]},
//	    {"name": "a replacement needs to know when it was delivered", "unknown": ["order.delivered"],
//	     "offer": [{"kind": "replacement"}],
//	     "verdict": "denied", "fails": ["swap-early"], "missing": ["order.delivered"]}
//	  ]
//	}
//
// "policy" is the name of the policy that the cases are for, and may be left out. With "everyRule" a rule that no case fires is an error;
// without it, such rules are listed. "facts" are those of all cases; a case has "facts" of its own that take the place of single ones,
// and "unknown" takes some away by the names that Decision.Missing has for them ("order.delivered", "household"). A fact of the host's that
// has the name of another is "facts.…".
//
// Facts are
//
//   - now, received: times;
//   - actor, role: the id and role of who offers; approvers: [{"id": "ben", "role": "manager"}], who agreed;
//   - case, category, channel, severity, customer, tier: texts; round: a number;
//   - order: {"id", "paid", "purchased", "delivered"};
//   - facts: the host's, by name: a text, true or false, a whole number, an amount, or {"time": "2026-11-16"};
//   - given: what was given before, [{"per": "customer", "kind": "voucher", "amount": …, "line": "line-1", "count": 2, "at": "30 days ago"}].
//     "per" is, as in a cap, "case" (the default), "order", "customer" or one of the policy's "ledgers".
//
// A time is a date (its first instant, UTC), an RFC 3339 time, or relative to now: "10 days ago", "in 3 hours". An amount is
// {"amount": "49.99", "currency": "EUR"}. What is offered has "kind", and may have "amount", "item", "payee" and "by", a time.
//
// A case says its "verdict" ("allowed", "mandated", "needs_approval", "denied", "blocked"), with needs_approval "by" whom, with blocked
// whether it is the actor who is "unfit" (and then may say "by" whom else it can be offered; if it does not, that is left open), and may say which rules it "fires", which it leaves "silent", which "fails" (for lack of a fact, say), and which facts are "missing".
//
// The document is read strictly: unknown fields, roles, remedies and rules are errors with line and column, all at once.
package policytest

// Package cel compiles the "when" conditions of a policy document. They are written in CEL, the Common Expression Language, which Kubernetes,
// Envoy and others use for their policies, and judged by github.com/google/cel-go (whose module is called cel.dev/cel-go).
//
// # The story
//
// Rows of a document say most of what a policy has to say. What they cannot say stands in a condition beside the rest of the row, and the
// row fires if that holds too:
//
//	{"id": "self-dealing", "effect": "block", "when": "offer.exists(r, r.payee == actor.id)"}
//	{"id": "a-fifth", "effect": "deny", "remedies": ["partial_refund"], "when": "offer.total('EUR') * 100 > order.paid * 20"}
//
// [New] makes a [Compiler], which knows the types of everything that a condition may use, and [policy.Load] is handed it:
//
//	compiler, err := cel.New(&cel.Options{Facts: policy.Facts{"chargeback": "", "score": 0}})
//	…
//	rules, err := policy.Load(document, &policy.Options{Compiler: compiler})
//
// An unknown name, a comparison of an amount with a number, a currency that there is not, a pattern or date that cannot be read: all of them
// are faults of the document, with line and column within the condition, when it is loaded and not when a customer waits.
//
// # Which row needs a condition
//
// Most do not. "upTo", "over", "beyond", "within", "excludes", "self" and the lists of names cost far less to judge, say what they compared
// ("120.00 EUR of 150.00 EUR used in 365 days"), are seen by [policy.Set.Parameters], and let Load find rows that can never decide; of a condition
// the finding has the row's "reason" alone, so write one. Put what rows can say into the row, and the rest into "when": the rest of the
// row is judged first, and a condition is not asked where that does not hold.
//
// # What a condition may use
//
//	actor      id, role                                          who offers
//	approvers  a list of the same                                who agreed so far
//	case       id, category, channel, severity, round, received
//	customer   id, tier
//	order      id, paid, purchased, delivered
//	offer      a list: kind, amount, item, payee, by             the whole bundle; without a payee of its own, payee is the customer
//	spent      case, order, customer                             what was given before, by ledger: lists of kind, amount, line, count, at;
//	                                                             and by each text of the host's facts, for ledgers such as household
//	now                                                          when it is judged
//	facts      what Options.Facts names                          the host's; facts.`risk-class` where the name is no identifier
//
// Texts are strings, round and count are whole numbers, times are timestamps in UTC. Amounts are of a type of their own, with two fields,
// minor (a whole number of cents) and currency:
//
//   - money("49.99", "EUR") is an amount, read as [policy.ParseMoney] does.
//   - a + b, a - b, a * n, a < b, a <= b, a > b, a >= b are exact. What does not fit, and amounts of different currencies, are errors; a == b
//     is false for different currencies. There are no fractions: 20 % of what was paid is offer.total("EUR") * 100 <= order.paid * 20.
//   - offer.total("EUR"), spent.order.total("EUR") are sums. As in rows, words (the host's own kinds of words too) and entries without
//     an amount count as nothing, and goods offered whose cost is not declared are a missing fact, "offer.amount".
//   - offer.count(), spent.customer.count() are numbers of remedies.
//   - spent.customer.last(90) are the entries of the last 90 times 24 hours, as in rows: what is exactly so old is out.
//
// CEL's own operators, functions and macros (in, has, all, exists, filter, map, size, startsWith, matches, timestamp, duration, …) are there but for
// what would make answers inexact or depend on the machine: fractions, time zones, going through maps (they have no order), and dyn
// and type, which get around the types. No condition reads a clock, a file or the network, and none changes anything.
//
// The ledgers at which conditions look are asked for as those of caps are: [policy.Set.Ledgers] names them, and [policy.Decision.Reserves]
// enters in them whatever is offered, so that spent.customer has all that the customer was offered, on every case. The ledger of a fact,
// such as spent.household, has to be among the document's "ledgers". A plain cap is better off in "beyond": that compares, explains itself
// and enters only the remedies that it counts.
//
// # What is not known
//
// An empty text, a zero time or amount of the request and a fact that the host did not give are not known, which is not false: the condition then returns
// policy.Missing with the fact's name ("tier", "order.delivered", "chargeback"), unless the rest of it decides either way, as in
//
//	facts.repeated && order.paid > money("500.00", "EUR")      false at 100.00 EUR, repeated or not
//
// has(customer.tier) asks whether it is known, and is itself never missing: a fact that is not known is reported as missing where its value is
// needed, and not where has() alone asks for it. So a deny on facts.repeated fails, which counts as fired, where nobody has given the fact, and
// one on has(facts.repeated) && facts.repeated lets the offer through. has() is for what may rightly be unknown:
//
//	!has(order.delivered) || now - order.delivered < duration("720h")      not delivered yet, or not long ago
//
// A fact of the host's is known once Request.Facts has it, be it an empty text, false or 0, and unless it is a zero time or amount. One of which
// Options.Facts says nothing is a fault of the document, in has() too; one of another type than Options.Facts says is known, and an error where its value is
// needed. The spent of an unknown customer or order is not known either, so that nobody gets around a cap by not giving a name.
//
// # Failing closed
//
// Whatever else goes wrong is an error, and the row counts as its effect demands (see package policy): Block and Deny as fired, Allow as
// nothing, Approve asks for the top role, and a Mandate is not lost. That holds for a fact of another type than Options.Facts says, a division by
// zero, amounts of different currencies, an overflow, a condition that costs more than Options.MaxCost, and a panic.
package cel

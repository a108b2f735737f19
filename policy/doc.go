// Package policy says which remedies may be offered for a complaint, by whom, and why. It is pure: a decision depends on the policy and the
// request alone. The package has no clock, reads nothing and keeps nothing.
//
// A [Set] is a policy. [Load] makes one of a JSON document, [New] of rules in Go, and [Options] puts both into one. [Set.Judge] answers a
// [Request] with a [Decision]; [Set.Parameters] says beforehand what an actor may do; [Set.Ledgers] names what a request must bring along.
//
// # How a decision comes about
//
// Rules have one of five effects. For each remedy of the offer, of the rules that concern its [Kind] and fire, the strongest decides:
//
//   - [Block]: it must not happen (self-dealing, a sanction). Nothing lifts it.
//   - [Mandate]: the customer is entitled to it (a statutory right). It lifts denials, caps and approvals.
//   - [Deny]: it may not be offered.
//   - [Approve]: a second person of the role that it names, or above, has to agree ("four eyes"). It allows nothing by itself.
//   - [Allow]: whoever has the role that it names, or above, may offer it. If only higher roles may, the offer needs the approval
//     of the lowest of them.
//
// Nothing fired means denied. Apology, explanation and correction are allowed unless denied, even by a nil *Set. The offer as a
// whole gets the verdict of its strictest remedy: [Blocked], [Denied], [NeedsApproval], [Allowed]; it is [Mandated] if each remedy is.
// The decision lists every rule that fired, sorted by id, with what it compared.
//
// Authority is the highest role among the actor and those who agreed. Nobody agrees with themselves: an approver with the id of the
// actor, of the customer or of a payee, or without an id, counts for nothing. A role that is not on the ladder gives no authority and is reported, as the finding "policy:role".
//
// # Limits
//
// Amounts are cumulative: what the offer and the case's earlier remedies of the kinds that the row concerns come to, so that
// splitting an offer gains nothing. Bounds are inclusive: an "upTo" of 50.00 fires at 50.00, an "over" of 50.00 from 50.01 on. A
// cap ("beyond") fires once more than its bound was given per case, order, customer or whatever the host names, within a half-open
// window of days: what was given exactly that many days ago is out. In a deny an exhausted cap denies; in an approve it asks for
// somebody who agrees. A limit may be a percentage of what was paid for the order, rounded down; {"percent": 100} per order keeps
// the total from exceeding what was paid. Amounts are never converted: one in another currency than the row's is an error of that
// row. A remedy of goods whose cost a row has to compare but which declares none is a missing fact, "offer.amount".
//
// Entries of other cases come in through [Request.Given], from the ledgers that Ledgers names; [Decision.Reserves] is what the
// offer adds to them. An entry that counts nowhere by what looks like a slip ("houshold:17", the kind "vouchr", no ledger at all) would
// let a cap pass unseen: it denies all but what is mandated, as the finding "policy:given". Other entries of ledgers and kinds that the policy does not have are another
// policy's, and count for nothing.
//
// # Failing closed
//
// A rule that lacks a fact, returns an error, panics or compares amounts of different currencies has failed. Its finding says so,
// and it counts by its effect: Block and Deny as fired; Allow as nothing; Approve asks for the top role; Mandate is not lost:
// where the remedy would be denied, the top role decides. A missing fact is not false: a row with "tiers" fails if the tier is not
// known. But a condition that does not hold settles the row, whatever else it lacks. [Decision.Missing] names the facts lacked:
// "category", "severity", "channel", "tier", "customer", "order.id", "order.purchased", "order.delivered", "received", "now",
// "order.paid", "actor", "offer", "offer.amount", the names of ledgers, and what rules in Go report with [Missing].
//
// # The document
//
//	{
//	  "$schema": "…/policy/schema.json",                      may be left out; for editors, see Schema
//	  "name": "retail", "version": "2026-11",
//	  "roles": ["agent", "supervisor", "manager"],            lowest first
//	  "remedies": [{"kind": "loaner", "goods": true}],        the host's own kinds; "goods" may declare a cost, "money" needs an amount
//	  "rows": [
//	    {"id": "money-agent", "effect": "allow", "remedies": ["refund", "voucher"], "role": "agent",
//	     "upTo": {"amount": "50.00", "currency": "EUR"}},
//	    {"id": "three-vouchers", "effect": "deny", "remedies": ["voucher"],
//	     "beyond": {"count": 3, "per": "customer", "days": 90}, "reason": "at most three vouchers in 90 days"}
//	  ]
//	}
//
// A row fires if all its conditions hold:
//
//   - remedies: the kinds that it concerns; without it, all. With "excludes", the kinds of both;
//   - categories, severities, channels, tiers: lists of the host's names, one of which the case has ([Set.Names] yields them);
//   - upTo, over: what the offer and the case's earlier remedies come to: {"amount": "50.00", "currency": "EUR"}, or {"percent": 20} of
//     what was paid for the order;
//   - beyond: {"amount": {"amount": "150.00", "currency": "EUR"}, "per": "customer", "days": 365}, a cap, for deny, approve and block;
//     "count" in place of the outer "amount" counts remedies; "per" is "case", "order", "customer" or one of the document's "ledgers";
//     without "days" it is for all time;
//   - excludes: {"remedies": ["refund"], "per": "order"}, for deny, approve and block: one of the row's remedies and one of these meet,
//     both offered or one of them given before, on the case or in that ledger. They meet if they have the same Item; what has none is
//     about the whole order and meets all. A row may exclude its own remedies: a second refund of one line;
//   - earliest: {"days": 3} or {"hours": 4}, for deny and block: a remedy is promised By a time sooner than so long from now. No
//     mandate lifts it, since an entitlement makes nothing feasible; [Compared] has the time that would be;
//   - self: true, for deny, approve and block: the actor is the customer, or the payee of a remedy concerned. It compares ids: without the
//     actor's it fails, and so it does if the customer is not identified, but for apology, explanation and correction, which have nothing
//     in them for an actor. So an anonymous complaint is answered with words; for more, the customer has to be identified;
//   - within: {"days", "of": "purchase" or "delivery"}: no more than so many times 24 hours since then; before it is within;
//   - from, to: the dates, in UTC and both included, between which the row is in force;
//   - when: a condition as text, for the [Compiler] in Options. A ledger at which a [LedgerCompiler] says that it looks is asked for, and
//     whatever is offered counts in it, since a condition may look at every entry.
//
// A mandate judges "within", "from" and "to" by the complaint's date, everything else by now. An allow names its "role", an
// approve says "by" whom. A block with "unfit": true is about the actor rather than the remedy, and so is one with "self": the decision
// is [Blocked] for this actor, and Decision.Unfit says that somebody else may make the offer.
//
// An approve needs an allow beside it, one that goes as far: of what no allow and no mandate is about, it is a fault. "A supervisor refunds,
// and above 300 euros a manager agrees" is an allow without "upTo" and an approve:
//
//	{"id": "refunds", "effect": "allow", "remedies": ["refund"], "role": "supervisor"},
//	{"id": "four-eyes", "effect": "approve", "remedies": ["refund"], "by": "manager", "over": {"amount": "300.00", "currency": "EUR"}}
//
// A row that can never decide anything is a fault, since it is not what its author meant: one that a row of a stronger effect, or a wider one of
// the same effect, makes idle. A second allow of the same or a higher role, within what a lower one may, is idle; so is an approve that another
// of the same or a higher role goes with, and a deny, mandate or block with a wider one beside it. But a row with a reason, explanation or basis
// of its own has something to say, and stays, unless the other asks for another role: then no decision ever rests on it. So does an approve
// that, for want of a fact that the other does not need, would ask for the top role. Two mandates of the same remedies, conditions and basis
// contradict one another where, on days on which both are in force, one entitles to less time or a lower amount: give them dates that do not
// overlap, or one a basis of its own ("legal" beside "policy").
//
// The document's "ledgers": ["household"] name what caps and conditions count by beside case, order and customer: texts among the facts of a request.
// With the fact household "17" the ledger is "household:17"; without it, or with an empty one, it is a missing fact.
//
// "reason" is for staff, "explain" for the customer ({"en": "…", "de": "…"}), "basis" is "legal", "policy"
// or "business". "rules" names rules in Go on which the policy relies: {"id", "effect", "remedies"}. A rule in Go that looks at
// ledgers says so ([Looking]; [Func] has a field for it), so that they are asked for and written to as those of rows are.
//
// # Conflicts and failures
//
// What happens when rules disagree or something is wrong, each with the test that shows it:
//
//	rules disagree on a remedy              the strongest effect decides              TestStrongestEffectDecides
//	remedies of a bundle differ             the strictest verdict                     TestBundleGetsTheStrictestVerdict
//	no rule fires, zero Decision            denied, but for kind words                TestWordsAreAllowedUnlessDenied, TestZeroRequest
//	only higher roles may                   approval by the lowest of them            TestAuthorityOfActorAndApprovers
//	the approver has a part in it           counts for nothing                        TestPartiesDoNotApprove
//	a role off the ladder                   no authority, reported                    TestRoleOffTheLadderHasNoAuthority
//	a mandate against denials and caps      mandated                                  TestMandateLiftsCapsAndApprovals
//	a mandate against a block               blocked                                   TestMandateOverThePolicyOfAShop
//	a mandate against an unfit actor        blocked for them, owed by others          TestUnfitActor
//	a mandate against a hasty promise       denied, with the earliest time            TestPromisesAreJudged
//	a mandate that fails                    the top role decides                      TestFailedMandateIsNotLost
//	any other rule that fails               as its effect demands                     TestFailingClosed
//	a rule in Go that errs or panics        contained, as its effect demands          TestGoRulesFailClosed
//	a rule in Go that is not there          fails at every judgment                   TestDocumentsNameRulesInGo
//	a missing fact                          is not false, and is listed               TestFailingClosed
//	a condition that does not hold          settles the row, whatever is missing      TestConditionThatDoesNotHoldSettlesTheRow
//	an offer split in pieces                gains nothing                             TestSplittingGainsNothing, TestNoSplittingGainsWithAnyRows
//	rules or rows in another order          the same decision                         TestOrderOfRowsNeverChangesADecision
//	a rule added                            never against its effect                  TestAddingARowIsMonotone
//	exactly at a limit                      within it                                 TestAmountsAreCumulative
//	exactly a window ago                    out of it                                 TestWindowsAreHalfOpenForEveryCap
//	an exhausted cap                        denies, or asks if the row approves       TestExhaustedCapMayAskForApproval
//	a cap by what is not known              fails as its effect demands               TestCapsFailWithoutTheirLedger, TestCapsCountByWhatTheHostNames
//	a condition that looks at a ledger      asks for it, and all offered is entered   TestLedgersOfConditions
//	a rule in Go that looks at a ledger     the same                                  TestLedgersOfRulesInGo
//	remedies that exclude one another       the row fires for both                    TestRemediesOfOneLineExcludeOneAnother
//	more than was paid                      a cap of {"percent": 100} per order       TestLimitsByWhatWasPaid
//	amounts of different currencies         an error of the row, never converted      TestAmountsAreNeverConverted
//	an entry of a ledger or kind misspelled denied, but for mandates                  TestMisspelledEntriesDeny
//	sums out of range, negative entries     an error of the row                       TestFailingClosed
//	a negative, zero or unfit amount        denied, whatever the rules say            TestFlawedRemediesAreDeniedWhateverTheRulesSay
//	policy changed since the complaint      mandates by its date, the rest by now     TestMandatesJudgeByTheComplaintsDate
//	a suspicion                             never explained unless its rule does      TestSuspicionNeverShows
//	faults in a document                    all at once, with line and column         TestLoadReportsEveryFaultAtItsPlace
//	a row that can never decide             a fault                                   TestUnreachableRows
//	a row beside a wider one like it        a fault, if it could be left out          TestRedundantRows, TestARowThatIsReportedCanBeLeftOut
//	an approve of what nothing allows       a fault; denied, if it comes to that      TestAnApproveNeedsAnAllowBesideIt
//	an actor and a customer with no name    stopped by "self", but for kind words     TestSelfWithoutACustomer
//	what a failed rule has to explain       is not said to the customer               TestFailedRulesAreNotExplained
//	mandates suppressed or contradicted     a fault                                   TestMandatesCannotBeSuppressedOrContradicted
//	mandates that differ on some days       a fault, if one entitles to less          TestMandatesThatOverlap
//	documents too deep, long, cut, twice    a fault                                   TestBadDocuments
//
// Splitting gains nothing but where a mandate has part: what a customer is owed stays owed after goodwill was given, so that asked at
// once it counts against the limits of goodwill, and asked afterwards it does not.
//
// [Schema] is a JSON Schema of the document, for editors. [Presets] are documents to start from: "retail" (a shop's own limits), "empowerment" (whoever hears of
// it puts it right, within a standing amount) and "eu-2019-771" (what directive (EU) 2019/771 entitles a consumer to).
//
// # Testing and changing a policy
//
// The package policytest runs cases that the policy's owner writes as data, and says which rows no case fires. [Diff] judges past
// requests by two policies: which decisions would change, to what, and by which rules.
package policy

// Package recovery walks complaints through the five steps of service recovery:
// strategize, acknowledge, clarify, present a solution, check back, and round again
// until the customer is satisfied.
//
// # The desk
//
// A [Desk] takes commands on cases. It is made on a store, and knows by its
// [Options] which remedies may be offered ([policy.Set]), how fast answers are owed
// ([sla.Agreement]), and what to say ([Playbooks]):
//
//	desk, err := recovery.New(store, &recovery.Options{Policy: rules, Agreement: agreement})
//	c, err := desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Email, Category: "quality"})
//	c, err = desk.Do(ctx, c.ID, ana,
//		recovery.Acknowledge{Text: "I am sorry."},
//		recovery.Clarify{Restated: "It does not turn on.", Basis: recovery.Confirmed},
//		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement}}})
//
// The commands of one call are decided in order and written in one commit, all or
// nothing. Where two people work on one case, one of them wins, and the other's
// commands are decided again on what is now true. [Desk.Once] makes a call safe to
// repeat; [Desk.In] writes it in the host's own transaction.
//
// # Steps and rounds
//
// A case is in one [Step] at a time; [Diagram] draws how they follow one another,
// and each command says from which steps it is possible:
//
//	received → strategized → acknowledged → clarified → (approval →) approved → presented → (fulfilling →) delivered → resolved → closed
//
// An offer is judged by policy when it is proposed, when it is approved, and before
// it is presented. Approved is not told: presented is. A customer who declines, or
// accepts in part, gets a new round: the five steps again. A new round that follows
// on a failed recovery (a broken promise, dissatisfaction after acceptance, a case
// reopened after delivery) is a deviation: it raises the severity and escalates,
// since a second failure weighs more than the first. Silence resolves nothing: an
// offer that nobody presents, or nobody answers, lapses, and a case without a
// check-back is closed as [Unconfirmed], never as [Satisfied].
//
// # Who may give what
//
// What a policy asks, the desk makes true across people, cases and time. An approval
// holds for the offer as it stood, once (see [Approve]). A cap on what a customer, an
// order, a household or whatever else the host names may get is exact: an offer
// reserves, in its own commit, an acceptance spends, and of those who race for the last of it one gets it. Whose it
// counts against is asked each time, so that what was taken for another household moves where it belongs. What an
// ombudsman awards is refused by no cap and counts for later offers. What is accepted
// counts as given from then on, delivered or not; only what no promise can deliver
// any more is given back, and can be offered again (see [Owed]). A promise that policy says
// can't be kept is not made, in an offer, on acceptance or by itself; what an ombudsman
// orders is owed as ordered. Rights are judged by the date of the complaint, as the
// rows of the policy in force have it (a right that has ended stays in the document,
// with a "to"); all else by now; and each decision on record says by which policy it was made.
//
// # What stands beside the step
//
// Promises have a due time and are kept, late, broken, released or void; while one
// is outstanding that is not Aside, an accepted case is fulfilling. Contacts on any
// channel, waiting on the customer, the assignee, an escalation, abuse, links and
// notes change no step.
//
// # Time
//
// Clocks start and stop with what happens on the case, by the metrics of package
// sla:
//
//	metric           starts                                                 stops
//	acknowledgement  case opened; new round                                 acknowledged, by a person where the objective is PersonOnly
//	next_response    the oldest contact of the customer that is unanswered  a person of the house speaks with the customer
//	update           a person of the house speaks with the customer         the same, the next time
//	clarification    acknowledged                                           clarified
//	approval         an offer waits for approval                            approved, refused, expired, retracted
//	solution         case opened; new round                                 presented
//	promise          made                                                   fulfilled, released, void
//	escalation       demanded                                               somebody of that role speaks with the customer
//	check_back       delivered                                              checked back
//	resolution       case opened; goes on across rounds                     resolved
//	final_response   case opened                                            a written final or summary response
//
// An objective can name further events that stop its clocks: acknowledged,
// presented, accepted, delivered, resolved, referred, holding, update, final,
// summary. A written holding response extends the clocks whose objective says so.
// The house's own clock of a metric is named by the metric, statutory
// ones by their objective's id, and those of promises "promise:1", "promise:2", ….
// Objectives are chosen by "channel", "severity", "tier", "category" and "situation",
// and by those of the case's Facts that are texts, under their own names: a fact
// "branch" is what "when": {"branch": ["soho"]} looks at.
// Clocks count when things happened: what is entered late counts from its At, and
// withdraws a breach that it disproves.
//
// What time alone causes is recorded by [Desk.Tick], by the next command on the
// case, or by [Desk.Run], each exactly once.
//
// # What is stored
//
// A case is a stream of [Event]s in a [history.Store]. Events carry answers (the
// step reached, the decision made, the new value of each clock), so that a case is
// folded from them without policy, agreement or transition table, even by a program
// that has others by now. The documents in force are kept in the store by their
// digest. Personal texts are kept apart from what the fold needs, and [Desk.Erase]
// removes them. Event types, their JSON and the personal texts' names are a public
// contract. What a case takes of a cap across cases is reserved, spent, released and
// returned in ledgers, which are streams of their own, in the case's own commit.
//
// Since what policy was asked is on record, [Desk.Requests] asks it again: of another
// policy, to see what it would change ([policy.Diff]).
//
// Hosts that send mail or feed other systems follow the store's feed
// ([history.Follow]) and [Decode] its records; there are no callbacks.
package recovery

package recovery_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/sla"
)

// The samples are fully populated values, of which the golden files hold the
// stored form. A test says which field is missing here.

func sampleTime(minute int) time.Time {
	return time.Date(2026, 11, 16, 9, minute, 0, 123456000, time.UTC)
}

func sampleID(n byte) uuid.UUID {
	return uuid.UUID{0x01, 0x92, 0xa5, 0xd0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n}
}

func euros(n int64) policy.Money { return policy.Money{Minor: n * 100, Currency: policy.EUR} }

func sampleActor() recovery.Actor {
	return recovery.Actor{ID: "ben", Role: "supervisor", Kind: recovery.Agent}
}

// otherActor has the one field that sampleActor must leave empty.
func otherActor() recovery.Actor {
	return recovery.Actor{ID: "42", Kind: recovery.Customer}
}

func sampleClock() sla.Clock {
	return sla.Clock{
		ID: "solution", Objective: "solve <fast>", Metric: sla.Solution, Agreement: sla.Digest{1, 2, 3},
		Target: sla.Target{Span: 16 * time.Hour, Unit: sla.Working}, Cycle: 2, Statutory: true, Started: sampleTime(1),
		Pauses: []sla.Pause{{From: sampleTime(2), To: sampleTime(3)}}, Fixed: sampleTime(4), Due: sampleTime(5),
		Thresholds: []sla.Threshold{sampleThreshold(), {At: sampleTime(5), Name: "due", Notify: "manager"}},
		Fired:      1, BreachedAt: sampleTime(5), StoppedAt: sampleTime(6), Withdrawn: true,
	}
}

func sampleThreshold() sla.Threshold {
	return sla.Threshold{At: sampleTime(4), Name: "75%", Notify: "supervisor"}
}

func sampleChange(step recovery.Step) recovery.Change {
	return recovery.Change{Step: step, Clocks: []sla.Clock{sampleClock(), {ID: "update", Objective: "update", Metric: sla.Update, Cycle: 1, Started: sampleTime(1)}}}
}

func sampleGiven() policy.Given {
	return policy.Given{Ledger: "customer:42", Kind: policy.Voucher, Amount: euros(20), Count: 2, At: sampleTime(7)}
}

func sampleDecision() policy.Decision {
	return policy.Decision{
		Verdict: policy.NeedsApproval, By: "supervisor",
		Findings: []policy.Finding{{
			Rule: "four-eyes", Effect: policy.Approve, Reason: "over 30.00 EUR", Explain: policy.MakeTexts(map[string]string{"en": "a colleague has to agree"}),
			Basis: policy.Commercial, By: "supervisor", Error: "the rule failed",
			Compared: policy.Compared{Used: euros(40), Limit: euros(30), Count: 2, Max: 3, Days: 90, Age: 14, Within: 30, Of: "delivery"},
		}},
		Missing: []string{"tier"}, Reserves: []policy.Given{sampleGiven()}, Policy: "retail", Version: "2026-11", Digest: policy.Digest{4, 5, 6},
	}
}

func sampleRemedy() policy.Remedy {
	return policy.Remedy{Kind: policy.Refund, Amount: euros(20), Item: "line 3", Payee: "43", By: sampleTime(20)}
}

func samplePromise() recovery.Promise {
	return recovery.Promise{What: "we send it", Kind: policy.Callback, Due: sampleTime(30), Within: "3 business days", Owner: "ana", Aside: true, Item: 1}
}

func samplePledge() recovery.Pledge {
	return recovery.Pledge{
		N: 3, What: "we send it", Kind: policy.Callback, Due: sampleTime(30), Owner: "ana", Aside: true, Offer: 1, Item: 1, State: recovery.PromiseKept,
		Part: true, For: []policy.Remedy{sampleRemedy()}, Stopped: true, Made: sampleTime(8), Settled: sampleTime(9),
	}
}

func sampleAsked() []recovery.Asked {
	return []recovery.Asked{{Ledgers: []recovery.LedgerAt{{Ledger: "customer:42", Sequence: 7}}, By: []time.Time{sampleTime(30), {}}}, {}}
}

func sampleReservation() recovery.Reservation {
	return recovery.Reservation{Given: sampleGiven(), Option: 1, Item: 1}
}

func sampleOffer() recovery.Offer {
	return recovery.Offer{
		N: 2, By: sampleActor(), State: recovery.OfferAccepted, Decision: sampleDecision(), Approvers: []recovery.Actor{otherActor()}, Bound: policy.Digest{7, 8, 9},
		Options: []recovery.Option{
			{Remedies: []policy.Remedy{sampleRemedy()}, Promises: []recovery.Promise{samplePromise()}},
			{Remedies: []policy.Remedy{{Kind: policy.Apology}}},
		},
		ApproveBy: sampleTime(10), PresentBy: sampleTime(14), AnswerBy: sampleTime(11), PresentedAt: sampleTime(9), Reserved: []recovery.Reservation{sampleReservation()}, Chosen: 1, Items: []int{1},
	}
}

func sampleClarify() recovery.Clarify {
	return recovery.Clarify{
		At: sampleTime(2), Channel: recovery.Phone, Questions: []recovery.Question{{Asked: "Since when?", Answer: "Since Monday."}},
		Restated: "it stopped on Monday", Wanted: "a new one", Basis: recovery.Assumed, Reason: "three calls, no answer",
	}
}

func sampleFacts() policy.Facts {
	return policy.Facts{"points": int64(1<<53 + 1), "vip": true, "region": "Ege", "owed": euros(3), "since": sampleTime(0)}
}

func sampleOrder() policy.Order {
	return policy.Order{ID: "A-17", Paid: euros(999), Purchased: sampleTime(0), Delivered: sampleTime(1)}
}

func sampleComplaint() recovery.Complaint {
	return recovery.Complaint{
		ID: sampleID(1), Reference: "T-1", Customer: "42", Tier: "gold",
		Complainant: recovery.Complainant{Name: "Ayşe", Relation: "daughter", Authority: recovery.Pending},
		About:       []string{"eve"}, Channel: recovery.Email, Preferred: recovery.Phone, Language: "tr", Category: "quality", Situation: "anger",
		Severity: recovery.High, Summary: "it does not turn on <again> 🙁", Wanted: "a new one", LeaveIntent: true, Public: true,
		Concerns:     []recovery.Concern{{Category: "delivery", Text: "it was late", Wanted: "an apology"}},
		Satisfaction: 8, Proactive: true, Received: sampleTime(0), Order: sampleOrder(), Facts: sampleFacts(), Follows: sampleID(2),
	}
}

func sampleCheckBack() recovery.CheckBack {
	return recovery.CheckBack{
		At: sampleTime(2), Channel: recovery.Chat, Satisfied: true, Score: 9, Exceeded: recovery.Yes, Heard: recovery.Yes, CaredFor: recovery.Yes, Valued: recovery.Yes,
		WouldReturn: recovery.No, WouldRecommend: recovery.No, Comment: "thank you",
	}
}

func sampleRespond() recovery.Respond {
	return recovery.Respond{
		Kind: recovery.Holding, Written: true, At: sampleTime(2), Channel: recovery.Letter, Text: "we need more time", Reason: "the part is on its way",
	}
}

func sampleClose() recovery.Close {
	return recovery.Close{
		As: recovery.Deadlock, Reason: "no way forward",
		Findings: []recovery.Finding{{Concern: 1, Result: recovery.PartlyUpheld, Reason: "the battery", Cause: "battery-batch-7"}},
	}
}

func sampleLink() recovery.Link {
	return recovery.Link{As: recovery.DuplicateOf, To: sampleID(3), Reference: "K-1"}
}

// sampleEvents has a fully populated event of every type.
func sampleEvents() []recovery.Event {
	decision := sampleDecision()
	return []recovery.Event{
		recovery.Opened{Complaint: sampleComplaint(), Change: sampleChange(recovery.StepReceived)},
		recovery.Strategized{
			Strategize: recovery.Strategize{Goal: "keep the customer", Playbook: "anger"}, Playbooks: "0a1b", Kept: true, Change: sampleChange(recovery.StepStrategized),
		},
		recovery.Acknowledged{
			Acknowledge: recovery.Acknowledge{At: sampleTime(2), Channel: recovery.Email, Text: "I am sorry."}, Machine: true,
			Change: sampleChange(recovery.StepAcknowledged),
		},
		recovery.Clarified{Clarify: sampleClarify(), Change: sampleChange(recovery.StepClarified)},
		recovery.Unclear{Clarify: sampleClarify(), Change: sampleChange(recovery.StepAcknowledged)},
		recovery.Proposed{Offer: sampleOffer(), Asked: sampleAsked(), Change: sampleChange(recovery.StepApproval)},
		recovery.Approved{
			Approve: recovery.Approve{Note: "fine"}, Offer: 2, By: sampleActor(), Decision: decision, ApproveBy: sampleTime(40), PresentBy: sampleTime(41),
			Asked: sampleAsked(), Bound: policy.Digest{7, 8, 9}, Reserved: sampleOffer().Reserved, Freed: []string{"order:A-17"}, Change: sampleChange(recovery.StepApproved),
		},
		recovery.Refused{Refuse: recovery.Refuse{Reason: "too much"}, Offer: 2, Change: sampleChange(recovery.StepClarified)},
		recovery.ApprovalExpired{Offer: 2, At: sampleTime(40), Change: sampleChange(recovery.StepClarified)},
		recovery.Presented{
			Present: recovery.Present{At: sampleTime(2), Channel: recovery.Phone, Text: "we can do this"}, Offer: 2, Decision: decision,
			Asked: sampleAsked(), AnswerBy: sampleTime(50), Freed: []string{"order:A-17"}, Reserved: sampleOffer().Reserved, Change: sampleChange(recovery.StepPresented),
		},
		recovery.Retracted{Retract: recovery.Retract{Reason: "a mistake"}, Offer: 2, For: "clarify", Change: sampleChange(recovery.StepClarified)},
		recovery.Lapsed{Offer: 2, At: sampleTime(50), Change: sampleChange(recovery.StepClarified)},
		recovery.Accepted{
			Accept: recovery.Accept{At: sampleTime(2), Option: 1, Items: []int{1, 2}}, Offer: 2, Partly: true, Remedies: []policy.Remedy{sampleRemedy()}, Given: []policy.Given{sampleGiven()},
			Promises: []recovery.Pledge{samplePledge()}, Voided: []int{1}, Reserved: sampleOffer().Reserved, Freed: []string{"order:A-17"}, Change: sampleChange(recovery.StepFulfilling),
		},
		recovery.GivenBack{Offer: 2, Items: []int{1}, Given: []policy.Given{sampleGiven()}, Change: sampleChange(recovery.StepReceived)},
		recovery.Declined{Decline: recovery.Decline{At: sampleTime(2), Reason: "not enough"}, Offer: 2, Change: sampleChange(recovery.StepReceived)},
		recovery.PromiseMade{Promise: samplePledge(), Change: sampleChange(recovery.StepFulfilling)},
		recovery.PromiseFulfilled{
			Fulfil: recovery.Fulfil{Promise: 3, At: sampleTime(2), Note: "sent"}, Late: true, Disproves: true, Change: sampleChange(recovery.StepDelivered),
		},
		recovery.PromiseFreed{Release: recovery.Release{Promise: 3, Reason: "no need"}, Change: sampleChange(recovery.StepDelivered)},
		recovery.PromiseFailed{Promise: 3, At: sampleTime(30), Blocked: &decision, Change: sampleChange(recovery.StepReceived)},
		recovery.CheckedBack{CheckBack: sampleCheckBack(), Change: sampleChange(recovery.StepResolved)},
		recovery.RoundStarted{
			Round: 2, Why: recovery.WhyUnsatisfied, Deviation: true, Severity: recovery.Critical, At: sampleTime(2), Change: sampleChange(recovery.StepReceived),
		},
		recovery.Deviated{Severity: recovery.Critical, Change: sampleChange(recovery.StepReceived)},
		recovery.Responded{Respond: sampleRespond(), Change: sampleChange(recovery.StepReceived)},
		recovery.Closed{Close: sampleClose(), Voided: []int{3}, Change: sampleChange(recovery.StepClosed)},
		recovery.Reopened{Reopen: recovery.Reopen{Reason: "it broke again"}, Change: sampleChange(recovery.StepReceived)},
		recovery.Referred{
			Refer: recovery.Refer{To: "Financial Ombudsman Service", Reference: "FOS-9", Reason: "deadlock"}, Change: sampleChange(recovery.StepReferred),
		},
		recovery.Decided{
			Decide: recovery.Decide{
				Ruling: recovery.Award, At: sampleTime(2), Remedies: []policy.Remedy{sampleRemedy()}, Promises: []recovery.Promise{samplePromise()}, Reason: "fair",
			},
			Given: []policy.Given{sampleGiven()}, Made: []recovery.Pledge{samplePledge()}, Voided: []int{1}, Change: sampleChange(recovery.StepFulfilling),
		},
		recovery.Delivered{At: sampleTime(2), Change: sampleChange(recovery.StepDelivered)},
		recovery.Contacted{
			Contact: recovery.Contact{
				At: sampleTime(2), Channel: recovery.Social, Out: true, NoAnswer: true, NeedsNone: true, Text: "any news?", Reference: "msg-7",
			},
			Change: sampleChange(recovery.StepReceived),
		},
		recovery.Waited{Wait: recovery.Wait{On: recovery.WaitCustomer, Reason: "a photo"}, Change: sampleChange(recovery.StepReceived)},
		recovery.Resumed{At: sampleTime(2), Change: sampleChange(recovery.StepReceived)},
		recovery.Assigned{Assign: recovery.Assign{To: "ana"}, Transfer: true, Change: sampleChange(recovery.StepReceived)},
		recovery.Escalated{
			Escalate: recovery.Escalate{To: "manager", Reason: "wants the manager"}, Cause: recovery.Demanded, By: sampleActor(),
			Change: sampleChange(recovery.StepReceived),
		},
		recovery.EscalationAnswered{By: sampleActor(), At: sampleTime(2), Change: sampleChange(recovery.StepReceived)},
		recovery.Reclassified{
			Reclassify: recovery.Reclassify{Category: "delivery", Situation: "anger", Severity: recovery.Low, Renew: true}, Change: sampleChange(recovery.StepReceived),
		},
		recovery.Learned{
			Learn: recovery.Learn{
				Customer: "42", Tier: "gold", Preferred: recovery.Phone, Language: "ja", Authority: recovery.Verified, About: []string{"eve"},
				Order: sampleOrder(), Facts: sampleFacts(),
			},
			Change: sampleChange(recovery.StepReceived),
		},
		recovery.AbuseFlagged{FlagAbuse: recovery.FlagAbuse{Level: 2, Review: sampleTime(59), Note: "shouted"}, Change: sampleChange(recovery.StepReceived)},
		recovery.Linked{Link: sampleLink(), Change: sampleChange(recovery.StepReceived)},
		recovery.Noted{Note: recovery.Note{Text: "be kind"}, Change: sampleChange(recovery.StepReceived)},
		recovery.ClockWarned{Clock: "solution", Cycle: 2, Threshold: sampleThreshold(), Silent: true, Change: sampleChange(recovery.StepReceived)},
		recovery.ClockBreached{Clock: "solution", Cycle: 2, At: sampleTime(5), Notify: "manager", Change: sampleChange(recovery.StepReceived)},
		recovery.BreachWithdrawn{Clock: "solution", Cycle: 2, Change: sampleChange(recovery.StepReceived)},
		recovery.Erased{Reason: "request 17", Change: sampleChange(recovery.StepReceived)},
		recovery.Reserved{Ledger: "customer:42", Case: sampleID(1), Offer: 2, Entries: []recovery.Reservation{sampleReservation()}},
		recovery.Spent{Ledger: "customer:42", Case: sampleID(1), Offer: 2, Entries: []recovery.Reservation{sampleReservation()}},
		recovery.Released{Ledger: "customer:42", Case: sampleID(1), Offer: 2},
		recovery.Returned{Ledger: "customer:42", Case: sampleID(1), Offer: 2, Items: []int{1}},
		recovery.DocumentKept{Kind: "policy", Name: "retail", Version: "2026-11", Digest: "0a1b", Document: `{"name":"retail"}`},
	}
}

// sampleCase is a fully populated case.
func sampleCase() recovery.Case {
	offer, clarify, check, closing := sampleOffer(), sampleClarify(), sampleCheckBack(), sampleClose()
	return recovery.Case{
		ID: sampleID(1), Sequence: 42, Complaint: sampleComplaint(), Opened: sampleTime(1), Changed: sampleTime(2), Step: recovery.StepDelivered,
		Round: 2, RoundSince: sampleTime(3), Deviations: 1, Goal: "keep the customer", Playbook: "anger", GoalByAgent: true, Assignee: "ana", LastAgent: "ana", Transfers: 1,
		Clarification: &clarify, Offer: &offer, Offers: 2, Promises: []recovery.Pledge{samplePledge()}, Pledges: 3, Given: []policy.Given{sampleGiven()},
		Owed:   []recovery.Owed{{Offer: 2, Item: 1, Given: sampleGiven(), Ledgers: []string{"customer:42"}}},
		Clocks: []sla.Clock{sampleClock()}, Breaches: 1, Waiting: &recovery.Waiting{On: recovery.WaitCustomer, Since: sampleTime(4)},
		Escalation:  &recovery.Escalation{To: "manager", By: otherActor(), Cause: recovery.ByFailure, At: sampleTime(5), Answered: sampleTime(6)},
		Restriction: &recovery.Restriction{Level: 2, Review: sampleTime(59)},
		Contacts:    recovery.Contacts{In: 3, Out: 2, Attempts: 1, LastIn: sampleTime(7), LastOut: sampleTime(8), Unanswered: sampleTime(9), LastAsked: sampleTime(12)},
		Responses:   []recovery.Respond{sampleRespond()}, Links: []recovery.Link{sampleLink()}, CheckBack: &check, Closing: &closing, ClosedAt: sampleTime(10), DeliveredAt: sampleTime(11), ReferredAt: sampleTime(13), Ended: []string{"fca"},
		Erased: true,
	}
}

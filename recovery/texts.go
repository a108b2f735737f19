package recovery

// personal shows every personal text of an event to visit, under a name that is
// stable, since records hold them by it. The event comes as a pointer.
func personal(event any, visit func(name string, text *string)) {
	switch e := event.(type) {
	case *Opened:
		complaintTexts(&e.Complaint, visit)
	case *Strategized:
		visit("goal", &e.Goal)
	case *Acknowledged:
		visit("text", &e.Text)
	case *Clarified:
		clarifyTexts(&e.Clarify, visit)
	case *Unclear:
		clarifyTexts(&e.Clarify, visit)
	case *Proposed:
		for i := range e.Offer.Options {
			promiseTexts(indexed("options", i, "promises"), e.Offer.Options[i].Promises, visit)
		}
	case *Approved:
		visit("note", &e.Note)
	case *Refused:
		visit("reason", &e.Reason)
	case *Presented:
		visit("text", &e.Text)
	case *Retracted:
		visit("reason", &e.Reason)
	case *Accepted:
		pledgeTexts("promises", e.Promises, visit)
	case *Declined:
		visit("reason", &e.Reason)
	case *PromiseMade:
		visit("what", &e.Promise.What)
	case *PromiseFulfilled:
		visit("note", &e.Note)
	case *PromiseFreed:
		visit("reason", &e.Reason)
	case *CheckedBack:
		visit("comment", &e.Comment)
	case *Responded:
		visit("text", &e.Text)
		visit("reason", &e.Reason)
	case *Closed:
		visit("reason", &e.Reason)
		for i := range e.Findings {
			visit(indexed("findings", i, "reason"), &e.Findings[i].Reason)
		}
	case *Reopened:
		visit("reason", &e.Reason)
	case *Referred:
		visit("reason", &e.Reason)
	case *Decided:
		visit("reason", &e.Reason)
		promiseTexts("promises", e.Promises, visit)
		pledgeTexts("made", e.Made, visit)
	case *Contacted:
		visit("text", &e.Text)
	case *Waited:
		visit("reason", &e.Reason)
	case *Escalated:
		visit("reason", &e.Reason)
	case *AbuseFlagged:
		visit("note", &e.Note)
	case *Noted:
		visit("text", &e.Text)
	}
}

func complaintTexts(c *Complaint, visit func(string, *string)) {
	visit("summary", &c.Summary)
	visit("wanted", &c.Wanted)
	visit("complainant.name", &c.Complainant.Name)
	visit("complainant.relation", &c.Complainant.Relation)
	for i := range c.Concerns {
		visit(indexed("concerns", i, "text"), &c.Concerns[i].Text)
		visit(indexed("concerns", i, "wanted"), &c.Concerns[i].Wanted)
	}
}

func clarifyTexts(c *Clarify, visit func(string, *string)) {
	for i := range c.Questions {
		visit(indexed("questions", i, "asked"), &c.Questions[i].Asked)
		visit(indexed("questions", i, "answer"), &c.Questions[i].Answer)
	}
	visit("restated", &c.Restated)
	visit("wanted", &c.Wanted)
	visit("reason", &c.Reason)
}

func promiseTexts(list string, p []Promise, visit func(string, *string)) {
	for i := range p {
		visit(indexed(list, i, "what"), &p[i].What)
	}
}

func pledgeTexts(list string, p []Pledge, visit func(string, *string)) {
	for i := range p {
		visit(indexed(list, i, "what"), &p[i].What)
	}
}

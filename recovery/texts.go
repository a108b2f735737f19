package recovery

// texted is an event or command with personal texts: it shows each under a name
// that is stable, since records hold them by it.
type texted interface {
	texts(visit func(name string, text *string))
}

func (c *Strategize) texts(visit func(string, *string))  { visit("goal", &c.Goal) }
func (c *Acknowledge) texts(visit func(string, *string)) { visit("text", &c.Text) }
func (c *Clarify) texts(visit func(string, *string)) {
	for i := range c.Questions {
		visit(indexed("questions", i, "asked"), &c.Questions[i].Asked)
		visit(indexed("questions", i, "answer"), &c.Questions[i].Answer)
	}
	visit("restated", &c.Restated)
	visit("wanted", &c.Wanted)
	visit("reason", &c.Reason)
}
func (c *Approve) texts(visit func(string, *string))   { visit("note", &c.Note) }
func (c *Refuse) texts(visit func(string, *string))    { visit("reason", &c.Reason) }
func (c *Present) texts(visit func(string, *string))   { visit("text", &c.Text) }
func (c *Retract) texts(visit func(string, *string))   { visit("reason", &c.Reason) }
func (c *Decline) texts(visit func(string, *string))   { visit("reason", &c.Reason) }
func (c *Fulfil) texts(visit func(string, *string))    { visit("note", &c.Note) }
func (c *Release) texts(visit func(string, *string))   { visit("reason", &c.Reason) }
func (c *CheckBack) texts(visit func(string, *string)) { visit("comment", &c.Comment) }
func (c *Reopen) texts(visit func(string, *string))    { visit("reason", &c.Reason) }
func (c *Contact) texts(visit func(string, *string))   { visit("text", &c.Text) }
func (c *Wait) texts(visit func(string, *string))      { visit("reason", &c.Reason) }
func (c *Escalate) texts(visit func(string, *string))  { visit("reason", &c.Reason) }
func (c *FlagAbuse) texts(visit func(string, *string)) { visit("note", &c.Note) }
func (c *Note) texts(visit func(string, *string))      { visit("text", &c.Text) }
func (c *Refer) texts(visit func(string, *string))     { visit("reason", &c.Reason) }

func (c *Respond) texts(visit func(string, *string)) {
	visit("text", &c.Text)
	visit("reason", &c.Reason)
}

func (c *Close) texts(visit func(string, *string)) {
	visit("reason", &c.Reason)
	for i := range c.Findings {
		visit(indexed("findings", i, "reason"), &c.Findings[i].Reason)
	}
}

func (e *Opened) texts(visit func(string, *string)) { e.Complaint.texts(visit) }

func (e *Proposed) texts(visit func(string, *string)) {
	for i := range e.Offer.Options {
		for j := range e.Offer.Options[i].Promises {
			visit(indexed(indexed("options", i, "promises"), j, "what"), &e.Offer.Options[i].Promises[j].What)
		}
	}
}

func pledgeTexts(list string, p []Pledge, visit func(string, *string)) {
	for i := range p {
		visit(indexed(list, i, "what"), &p[i].What)
	}
}

func (e *Accepted) texts(visit func(string, *string))    { pledgeTexts("promises", e.Promises, visit) }
func (e *PromiseMade) texts(visit func(string, *string)) { visit("what", &e.Promise.What) }
func (e *Erased) texts(visit func(string, *string))      { visit("reason", &e.Reason) }

func (e *Decided) texts(visit func(string, *string)) {
	visit("reason", &e.Reason)
	for i := range e.Decide.Promises {
		visit(indexed("promises", i, "what"), &e.Decide.Promises[i].What)
	}
	pledgeTexts("made", e.Made, visit)
}

package sla

// Metric is what an objective measures, from what starts its clock to what stops it.
type Metric string

// The metrics, with what starts and what stops their clocks.
const (
	Acknowledgement Metric = "acknowledgement" // case opened or a new round; acknowledged, by a person where the objective says so
	NextResponse    Metric = "next_response"   // the customer's oldest unanswered contact; an outbound contact by a person
	Update          Metric = "update"          // an outbound contact; the next one
	Clarification   Metric = "clarification"   // acknowledged; the customer's concern confirmed
	Approval        Metric = "approval"        // approval asked for; decided
	Solution        Metric = "solution"        // case opened or a new round; a solution presented
	Promise         Metric = "promise"         // promise made; kept. Its due time is the promise's own
	Escalation      Metric = "escalation"      // a person or manager demanded; answered by that role
	CheckBack       Metric = "check_back"      // delivered; checked back
	Resolution      Metric = "resolution"      // case opened, across rounds; resolved
	FinalResponse   Metric = "final_response"  // case opened, statutory; a written final response
)

func metrics() []string {
	return []string{
		string(Acknowledgement), string(NextResponse), string(Update), string(Clarification), string(Approval), string(Solution),
		string(Promise), string(Escalation), string(CheckBack), string(Resolution), string(FinalResponse),
	}
}

package recovery

import (
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
)

// Complaint is what a case is opened with. Only Channel is needed; the more is known,
// the more policy, clocks and playbooks can do. One without Customer is anonymous,
// until Learn says who it is: the case is not found by customer, rules of the policy
// that look at the customer fail for want of it, nothing is counted in a customer's
// ledger, and any actor of kind Customer may act on it.
type Complaint struct {
	ID        uuid.UUID `json:"id,omitzero"`         // the case's; zero: the desk makes one (version 7)
	Reference string    `json:"reference,omitempty"` // the host's own, as a ticket number; cases can be found by it

	Customer     string      `json:"customer,omitempty"` // the host's opaque id; empty: anonymous, until Learn says who it is
	Tier         string      `json:"tier,omitempty"`     // one of Names.Tiers
	Complainant  Complainant `json:"complainant,omitzero"`
	About        []string    `json:"about,omitempty"` // IDs of agents complained about: they never handle or approve
	Channel      Channel     `json:"channel"`
	Preferred    Channel     `json:"preferred,omitempty"` // how the customer wants to be answered
	Language     string      `json:"language,omitempty"`  // BCP 47, as in "tr" or "ja"; for phrases
	Category     Category    `json:"category,omitempty"`
	Situation    string      `json:"situation,omitempty"` // the name of a playbook, as in "anger"
	Severity     Severity    `json:"severity,omitempty"`  // empty: normal
	Summary      string      `json:"summary,omitempty"`
	Concerns     []Concern   `json:"concerns,omitempty"`
	Wanted       string      `json:"wanted,omitempty"`       // what the customer hopes for
	LeaveIntent  bool        `json:"leave_intent,omitempty"` // the customer says that they will leave
	Public       bool        `json:"public,omitempty"`       // others can read the complaint
	Satisfaction int         `json:"satisfaction,omitempty"` // before the failure, 1 to 10; zero: unknown
	Proactive    bool        `json:"proactive,omitempty"`    // opened for a customer who was hit but said nothing

	Received time.Time    `json:"received,omitzero"` // when it reached the house; zero: now; the clocks start then
	Order    policy.Order `json:"order,omitzero"`
	Facts    policy.Facts `json:"facts,omitempty"`
	Follows  uuid.UUID    `json:"follows,omitzero"` // an earlier case, closed for too long to be reopened
}

// Concern is one thing that the complaint is about.
type Concern struct {
	Category Category `json:"category,omitempty"`
	Text     string   `json:"text,omitempty"`
	Wanted   string   `json:"wanted,omitempty"`
}

// Complainant is who complains where it isn't the customer. The zero value: the
// customer themselves.
type Complainant struct {
	Name      string    `json:"name,omitempty"`
	Relation  string    `json:"relation,omitempty"` // "daughter", "lawyer"
	Authority Authority `json:"authority,omitempty"`
}

// Authority says whether a complainant may act for the customer.
type Authority string

// The states of an authority. The zero one: none was claimed.
const (
	Pending  Authority = "pending"
	Verified Authority = "verified"
)

// check reports all that is wrong with a complaint by itself.
func (c Complaint) check(r *rules, now time.Time) *faults {
	f := r.faults()
	f.id("customer", c.Customer)
	f.id("reference", c.Reference)
	f.name("channel", "channel", string(c.Channel), true)
	f.name("preferred", "channel", string(c.Preferred), false)
	f.name("category", "category", string(c.Category), false)
	f.name("situation", "situation", c.Situation, false)
	f.name("severity", "severity", string(c.Severity), false)
	f.name("tier", "tier", c.Tier, false)
	f.id("language", c.Language)
	f.text("summary", c.Summary)
	f.text("wanted", c.Wanted)
	f.text("complainant.name", c.Complainant.Name)
	f.text("complainant.relation", c.Complainant.Relation)
	f.authority("complainant.authority", c.Complainant.Authority)
	f.count("concerns", len(c.Concerns))
	for i, concern := range c.Concerns {
		f.name(indexed("concerns", i, "category"), "category", string(concern.Category), false)
		f.text(indexed("concerns", i, "text"), concern.Text)
		f.text(indexed("concerns", i, "wanted"), concern.Wanted)
	}
	f.count("about", len(c.About))
	for i, id := range c.About {
		f.neededID(indexed("about", i, ""), id)
	}
	f.score("satisfaction", c.Satisfaction)
	f.past("received", c.Received, now)
	f.order(c.Order)
	f.count("facts", len(c.Facts))
	f.facts(c.Facts)
	return f
}

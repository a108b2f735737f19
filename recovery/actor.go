package recovery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/policy"
)

// ActorKind is what kind of party acts. Authority follows it: see [Actor].
type ActorKind string

// The kinds of actors. The zero kind is an agent, a person of the host's staff.
const (
	Agent          ActorKind = ""               // a person of the staff
	Customer       ActorKind = "customer"       // the customer, acting for themselves
	Representative ActorKind = "representative" // somebody who acts for the customer
	Machine        ActorKind = "machine"        // a bot, an import, another program
	System         ActorKind = "system"         // the desk itself, when time alone acts
)

// Actor is who acts. Its ID is the host's and is needed; Role is a rung of the
// policy's ladder and belongs to agents alone. The zero Kind is an agent.
//
// Agents may give every command, within the limits of policy. Customers may open
// cases and, on their own, accept, decline, check back, make contact, demand
// somebody higher, release a promise, close the case as withdrawn and reopen it; so
// may a representative whose authority is verified (until then, make contact only).
// Machines keep the books: they open cases, acknowledge (which moves nothing), make
// contact, note, link, learn, assign, reclassify, fulfil, wait and resume. They
// judge nothing and promise nothing. The system is the desk's own and is refused
// from callers.
type Actor struct {
	ID   string      `json:"id"`
	Role policy.Role `json:"role,omitempty"`
	Kind ActorKind   `json:"kind,omitempty"`
}

// String returns the form in which records name the actor: kind, role and id,
// separated by colons, as in "agent:supervisor:ben".
func (a Actor) String() string {
	kind := a.Kind
	if kind == Agent {
		kind = "agent"
	}
	return string(kind) + ":" + string(a.Role) + ":" + a.ID
}

// parseActor reads what String wrote.
func parseActor(s string) (Actor, error) {
	parts := strings.SplitN(s, ":", 3)
	if len(parts) != 3 {
		return Actor{}, fmt.Errorf("recovery: actor %q is not kind:role:id", s)
	}
	a := Actor{ID: parts[2], Role: policy.Role(parts[1]), Kind: ActorKind(parts[0])}
	if a.Kind == "agent" {
		a.Kind = Agent
	}
	return a, nil
}

// forPolicy is the actor as policy sees it: nobody but an agent has authority.
func (a Actor) forPolicy() policy.Actor {
	if a.Kind != Agent {
		return policy.Actor{ID: a.ID}
	}
	return policy.Actor{ID: a.ID, Role: a.Role}
}

// system is the actor of what time alone causes.
func system() Actor { return Actor{ID: "amends", Kind: System} }

// customers and machines list the commands that these kinds may give, and what else
// is asked for by name.
//
//nolint:gochecknoglobals // compiled tables
var (
	customers = map[string]bool{
		"accept": true, "decline": true, "check_back": true, "contact": true, "escalate": true,
		"release": true, "close": true, "reopen": true,
	}
	machines = map[string]bool{
		"acknowledge": true, "contact": true, "note": true, "link": true, "learn": true, "assign": true,
		"reclassify": true, "fulfil": true, "wait": true, "resume": true, "erase": true,
	}
)

// may reports why the actor may not give the command on the case, or nil.
func (a Actor) may(command string, c *Case) error {
	switch a.Kind {
	case Agent:
		if slices.Contains(c.About, a.ID) {
			return denied("%s is complained about and may not handle the case", a.ID)
		}
		return nil
	case Customer, Representative:
		if !customers[command] {
			return denied("a %s may not %s", a.Kind, command)
		}
		if a.Kind == Customer && c.Customer != "" && a.ID != c.Customer {
			return denied("the case is another customer's")
		}
		if a.Kind == Representative && command != "contact" && c.Complainant.Authority != Verified {
			return denied("the representative's authority is not verified")
		}
		return nil
	case Machine:
		if !machines[command] {
			return denied("a machine may not %s: it takes a person", command)
		}
		return nil
	case System:
		return denied("the system acts by itself alone")
	}
	return denied("an actor of kind %q may not act", a.Kind)
}

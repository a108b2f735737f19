package policy

import (
	"errors"
	"fmt"
	"strings"
)

// Rule is a rule written in Go. It stands beside the rows of a document in one Set, under the same order of effects.
//
// ID and Effect are asked once, when the Set is made; the effect is declared beforehand so that a rule that fails can fail closed.
// Judge is called once a decision if the rule concerns a remedy offered, by any number of goroutines at once. It says whether the
// rule fires on the offer, and may give the finding a Reason, Explain, Basis, Compared and, for Allow and Approve, has to give By:
// the lowest role that may, or that has to agree. It must be pure and must not change or keep the request. A rule that returns an
// error, or panics, has failed: a Deny or Block then counts as fired, an Allow as nothing, an Approve or Mandate asks for the top
// role. For facts that are not known return Missing: a missing fact is not false.
type Rule interface {
	ID() string
	Effect() Effect
	Judge(r *Request) (Finding, bool, error)
}

// Scoped is a Rule that concerns some kinds of remedy alone. A Rule that is not Scoped, or has no kinds, concerns all.
type Scoped interface {
	Rule
	Concerns() []Kind
}

// Looking is a Rule that looks at ledgers beyond the case's own, among the Given of a request. The Set then asks for them ([Set.Ledgers]) and
// enters in them whatever is offered ([Decision.Reserves]), since a rule may look at every entry. A Rule that is not Looking sees only
// the ledgers that others look at, and in them only the remedies that those concern.
type Looking interface {
	Rule
	// LooksAt names the ledgers, in any order: "order", "customer" or what Options.Ledgers or the document's "ledgers" declare, without an id.
	// It is asked once, when the Set is made, and a name that is not declared is a fault. "case" need not be named. Where the customer, the
	// order or the fact of that name is not known there are no entries: the rule has to return Missing then, or whoever gives no
	// name gets around it.
	LooksAt() []string
}

// Func is a Scoped and Looking rule written as a function.
type Func struct {
	Name     string // the rule's id
	Is       Effect
	Remedies []Kind   // concerned; empty: all
	Ledgers  []string // at which Fn looks, beside the case's own; see Looking; may be empty
	Role     Role     // Allow: the lowest role that may; Approve: who must agree; else empty
	Unfit    bool     // of a Block: it is about the actor, and somebody else may make the offer; see Decision.Unfit
	Basis    Basis    // may be empty
	Explain  Texts    // for the customer; may be empty
	Fn       func(r *Request) (reason string, fired bool, err error)
}

// ID is the rule's Name.
func (f Func) ID() string { return f.Name }

// Effect is what the rule Is.
func (f Func) Effect() Effect { return f.Is }

// Concerns are the rule's Remedies.
func (f Func) Concerns() []Kind { return f.Remedies }

// LooksAt are the rule's Ledgers.
func (f Func) LooksAt() []string { return f.Ledgers }

// Judge calls Fn. Without one it is an error.
func (f Func) Judge(r *Request) (Finding, bool, error) {
	if f.Fn == nil {
		return Finding{}, false, errors.New("policy: the rule has no function")
	}
	why, fired, err := f.Fn(r)
	return Finding{Rule: f.Name, Effect: f.Is, Reason: why, Explain: f.Explain, Basis: f.Basis, By: f.Role, Unfit: f.Unfit}, fired, err
}

func (f Func) fault(s *Set) string {
	switch {
	case f.Fn == nil:
		return "it has no function"
	case f.Is == Allow && f.Role == "":
		return "an allow needs Role, the lowest role that may"
	case f.Is == Approve && f.Role == "":
		return "an approve needs Role, who must agree"
	case f.Unfit && f.Is != Block:
		return fmt.Sprintf("an actor is unfit by a block; %s is about the remedy", f.Is.one())
	case f.Is != Allow && f.Is != Approve && f.Role != "":
		return fmt.Sprintf("%s asks for no role", f.Is.one())
	}
	if _, ok := s.Rank(f.Role); f.Role != "" && !ok {
		return unknownRole(f.Role, s.roles)
	}
	return ""
}

// MissingError says which facts a rule lacked.
type MissingError struct{ Facts []string }

// Error names the facts.
func (e *MissingError) Error() string { return "policy: missing " + strings.Join(e.Facts, ", ") }

// Missing is the error with which a rule says which facts it lacks. They end up in Decision.Missing.
func Missing(facts ...string) error { return &MissingError{facts} }

// Compiler compiles the "when" conditions of a document. Compile is called by Load once a row, and its error is a fault of the
// document. The function that it returns is held to the same contract as Rule.Judge: pure, safe for concurrent use, Missing for
// what is not known.
type Compiler interface {
	Compile(when string) (func(*Request) (bool, error), error)
}

// LedgerCompiler is a Compiler that tells at which ledgers a condition looks. The Set then asks for them ([Set.Ledgers]) and enters in
// them what is offered ([Decision.Reserves]), as it does for caps. The conditions of a Compiler that is not one see only the ledgers
// that rows name, and in them only the remedies that those rows concern.
type LedgerCompiler interface {
	Compiler
	// Ledgers names the ledgers at which a condition that Compile has accepted may look, in any order: "order", "customer" or what the
	// document's "ledgers" declare, without an id. A name that they do not declare is a fault of the document. "case" need not be named.
	Ledgers(when string) []string
}

// KindCompiler is a Compiler that wants to know which kinds of remedy a policy has. Load asks it for a Compiler of those, once, and compiles
// every condition with that one.
type KindCompiler interface {
	Compiler
	// ForKinds is a Compiler for a policy of those kinds, the built-in ones, the document's and those of Options. It may keep the map. It
	// must not change the receiver, which other policies may be loaded with.
	ForKinds(kinds map[Kind]Nature) Compiler
}

// Options are what a Set needs beyond its document. A nil *Options is the zero Options. Rules and Kinds, those of the document among them, are
// at most 1,000 each, and Ledgers 30.
type Options struct {
	Rules    []Rule          // rules in Go, beside the rows; defaults to none
	Compiler Compiler        // for rows with "when"; defaults to none: such rows are then faults
	Kinds    map[Kind]Nature // the host's own kinds, beside the document's; defaults to none
	Ledgers  []string        // what rules in Go count by beyond order and customer: facts of a request, beside the document's "ledgers"; defaults to none
}

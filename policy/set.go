package policy

import (
	"iter"
	"slices"
	"sync"
)

// Set is a policy: a ladder of roles, kinds of remedy and rules. It is immutable and safe for concurrent use. A nil or zero Set is
// the policy without rules: it allows apology, explanation and correction, and nothing else.
type Set struct {
	name, version string
	digest        Digest
	document      []byte
	roles         []Role       // lowest first
	kinds         []kindNature // the built-in ones, then the host's
	kindAt        map[Kind]int // index into kinds
	rules         []rule       // sorted by id
	concerning    [][]int32    // by index of kind: the rules that concern it, rising
	ledgers       []string     // what rows count by beyond the case, sorted as the ledgers are: "customer", "household", "order"
	declared      []string     // those of them that are the host's
	reserving     []reserving  // by index of kind: the ledgers that rows on it look at
	scopes        scopes
	judgings      sync.Pool // of *judging
	names         []Name
	absent        []string // ids of rules in Go that the document relies on and Options does not have
}

// rule is a row of the document (row is set) or a rule in Go (code is set).
type rule struct {
	id      string
	effect  Effect
	kinds   []Kind // concerned; none: all
	role    Role   // Allow: who may; Approve: who must agree; of a row
	rank    int    // of role; -1 without
	unfit   bool   // a Block that is about the actor; of a row
	mask    uint64 // of kinds below index 64: a bit for each concerned
	on      int32  // the same for all rules with the same kinds; zero: not known
	scope   scope
	reason  string
	explain Texts
	basis   Basis
	row     *row
	code    Rule
}

// concerns tells whether the rule concerns a kind, of which the index is given too.
func (u *rule) concerns(k Kind, at int) bool {
	if uint(at) < 64 {
		return u.mask>>at&1 == 1
	}
	return len(u.kinds) == 0 || slices.Contains(u.kinds, k)
}

// Name is a name that a policy uses and only the host knows, with its place in the document.
type Name struct {
	Attribute, Value string // Attribute: "category", "channel", "severity", "tier"
	Line, Column     int
}

// Name is the policy's name.
func (s *Set) Name() string { return s.orEmpty().name }

// Version is the policy's version, a text of the host's choice.
func (s *Set) Version() string { return s.orEmpty().version }

// Digest is the SHA-256 of Document. Of a nil or zero Set it is zero.
func (s *Set) Digest() Digest { return s.orEmpty().digest }

// Document is the policy in canonical form: without comments on order or layout, so that documents that decide alike are equal bytes.
// Load reads it back to a Set of the same Digest. Rules in Go are named in it, not described. Of a nil or zero Set it is empty.
func (s *Set) Document() []byte { return slices.Clone(s.orEmpty().document) }

// Absent lists the rules in Go that the document relies on and [Options] did not have, by id. They fail closed: that is right
// for a policy of the past, which is only to be explained, and a mistake in one that is to be put in force.
func (s *Set) Absent() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.absent)
}

// Roles are the rungs of the ladder, lowest first.
func (s *Set) Roles() []Role { return slices.Clone(s.orEmpty().roles) }

// Rank is the role's rung, 0 for the lowest, and whether the ladder has it. The empty Role is on no ladder.
func (s *Set) Rank(r Role) (int, bool) {
	i := slices.Index(s.orEmpty().roles, r)
	return i, i >= 0
}

// Kinds are the built-in kinds of remedy, then the host's own in the order of the document.
func (s *Set) Kinds() []Kind {
	all := s.orEmpty().allKinds()
	kinds := make([]Kind, len(all))
	for i, k := range all {
		kinds[i] = k.kind
	}
	return kinds
}

// Names yields every category, channel, severity and tier that a row uses, each time it does, in the order of the document. The host
// checks them against its own: a policy cannot know a slip in them from a name.
func (s *Set) Names() iter.Seq[Name] { return slices.Values(s.orEmpty().names) }

func (s *Set) orEmpty() *Set {
	if s == nil {
		return &Set{}
	}
	return s
}

func (s *Set) allKinds() []kindNature {
	if len(s.kinds) == 0 {
		return builtIn[:]
	}
	return s.kinds
}

// kind is the index of a kind in allKinds, or -1.
func (s *Set) kind(k Kind) int {
	if s.kindAt == nil {
		return slices.IndexFunc(builtIn[:], func(b kindNature) bool { return b.kind == k })
	}
	if i, ok := s.kindAt[k]; ok {
		return i
	}
	return -1
}

// rulesOn are the rules that concern the kind of that index.
func (s *Set) rulesOn(kind int) []int32 {
	if kind < 0 || kind >= len(s.concerning) {
		return nil
	}
	return s.concerning[kind]
}

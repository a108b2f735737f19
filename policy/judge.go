package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Findings of the Set itself, on a request that is not in order. Rules cannot take ids with this prefix.
const (
	ownPrefix    = "policy:"
	offerFinding = ownPrefix + "offer"
	roleFinding  = ownPrefix + "role"
	givenFinding = ownPrefix + "given"
)

// Judge says whether the offer may be made. It is a pure function of the Set and the request, for rules in Go as pure as they are.
//
// Every rule that concerns a remedy offered runs, once, on the whole bundle. For each remedy the strongest effect that fired
// decides, and the bundle gets the verdict of its strictest remedy. The package documentation has the order in full. An offer
// without remedies is denied, and so is a remedy that Check refuses, whatever the rules say.
func (s *Set) Judge(r Request) Decision { return s.orEmpty().judge(&r, false) }

// judging is the judgment of one request. It is used again for the next, so that a judgment allocates no more than what it answers.
type judging struct {
	measuring
	request   Request
	scope     scope
	authority int   // highest rank of the actor and those who agreed
	second    int   // highest rank of those who agreed
	own       bool  // some findings are not of rules
	n         int   // of hits
	hits      []hit // the first n are this judgment's; the others are clear
	tallies   []tally
	missing   []string
}

// hit is a row that fired, or a finding that is no row's.
type hit struct {
	measured
	rule  *rule
	other *Finding
}

// begin is a judging of the request.
func (s *Set) begin(r *Request) *judging {
	j, ok := s.judgings.Get().(*judging)
	if !ok {
		j = &judging{hits: make([]hit, 0, 8), tallies: make([]tally, 0, 4)}
		j.s, j.r = s, &j.request
	}
	j.request = *r
	j.scope, j.exact = s.scopes.request(r)
	j.seen.offered(s, r)
	return j
}

// end gives the judging back, without anything of the request.
func (s *Set) end(j *judging) {
	clear(j.hits[:j.n])
	clear(j.tallies)
	j.request = Request{}
	j.own, j.n, j.tallies, j.missing = false, 0, j.tallies[:0], nil
	j.seen.given, j.seen.sums, j.copy, j.measured = false, [len(j.seen.sums)]sum{}, nil, nil
	s.judgings.Put(j)
}

// next is where to note the next hit.
func (j *judging) next() *hit {
	if len(j.hits) == j.n {
		j.hits = append(j.hits, hit{})
	}
	return &j.hits[j.n]
}

func (j *judging) findings() []Finding {
	if j.n == 0 {
		return nil
	}
	all := make([]Finding, j.n)
	for i := range all {
		j.hits[i].finding(j.s, &all[i])
	}
	if j.own {
		slices.SortStableFunc(all, func(a, b Finding) int { return strings.Compare(a.Rule, b.Rule) })
	}
	return all
}

// finding writes what the hit says.
func (h *hit) finding(s *Set, f *Finding) {
	u := h.rule
	if u == nil {
		*f = *h.other
		return
	}
	f.Rule, f.Effect, f.Reason, f.Explain, f.Basis, f.By = u.id, u.effect, u.reason, u.explain, u.basis, u.role
	if h.dirty {
		f.Compared = h.compared
	}
	f.Unfit = u.unfit
	if h.failed() {
		f.Unfit, f.Error = false, h.String()
		if u.effect == Approve || u.effect == Mandate {
			f.By = s.roles[len(s.roles)-1]
		}
	}
}

// tally is what the rules have said so far about one kind of remedy.
type tally struct {
	kind                      Kind
	at                        int     // the kind's index; -1: unknown
	rules                     []int32 // still to run
	flawed                    bool
	blocked, mandated, denied bool
	unfit                     bool // blocked on account of the actor
	hasty                     bool // promised too early, which no entitlement makes feasible
	claimed                   bool // a mandate failed: there may be an entitlement
	allow                     int  // lowest rank that may; math.MaxInt: none
	approve                   int  // highest rank that still has to agree; -1: none
}

func (s *Set) judge(r *Request, noAmount bool) Decision {
	d := Decision{Policy: s.name, Version: s.version, Digest: s.digest}
	if len(r.Offer) == 0 {
		d.Missing = []string{"offer"}
		return d
	}
	j := s.begin(r)
	j.rank()
	j.tally(noAmount)
	if !j.entries() {
		for i := range j.tallies {
			j.tallies[i].denied = true
		}
	}
	j.run()
	d.Verdict, d.By = j.verdict()
	if d.Verdict == Blocked {
		d.By, d.Unfit = j.instead()
	}
	d.Findings = j.findings()
	d.Missing = j.missing
	if d.Verdict != Denied && d.Verdict != Blocked {
		d.Reserves = j.reserves()
	}
	s.end(j)
	return d
}

// rank finds out the authority. A role that the ladder does not have is reported and gives none.
func (j *judging) rank() {
	j.authority, j.second = j.rankOf(j.r.Actor.Role), -1
	for i := range j.r.Approvers {
		if a := &j.r.Approvers[i]; !j.r.party(a.ID) {
			j.second = max(j.second, j.rankOf(a.Role))
		}
	}
	j.authority = max(j.authority, j.second)
}

// party tells whether somebody has a part in the offer, so that their agreeing to it counts for nothing: whoever offers it or gets it, and
// whoever is not named, since it may be them.
func (r *Request) party(id string) bool {
	return id == "" || id == r.Actor.ID || id == r.Customer || slices.ContainsFunc(r.Offer, func(x Remedy) bool { return x.Payee == id })
}

func (j *judging) rankOf(role Role) int {
	i, ok := j.s.Rank(role)
	if !ok && role != "" && len(j.s.roles) > 0 {
		j.note(Finding{Rule: roleFinding, Effect: Allow, Error: unknownRole(role, j.s.roles)})
	}
	return i
}

// note adds a finding that is no rule's.
func (j *judging) note(f Finding) {
	*j.next(), j.own = hit{other: &f}, true
	j.n++
}

func unknownRole(role Role, ladder []Role) string {
	return fmt.Sprintf("the role %q is not on the ladder %q", role, ladder)
}

// tally makes a tally for each kind offered.
func (j *judging) tally(noAmount bool) {
	for i := range j.r.Offer {
		x := &j.r.Offer[i]
		t := of(j.tallies, x.Kind)
		if t == nil {
			at := j.seen.kind(j.s, j.r, i)
			j.tallies = append(j.tallies, tally{kind: x.Kind, at: at, rules: j.s.rulesOn(at), allow: math.MaxInt, approve: -1})
			t = &j.tallies[len(j.tallies)-1]
		}
		if flaw := j.s.flaw(x, t.at, noAmount); flaw != "" {
			t.flawed = true
			j.note(Finding{Rule: offerFinding, Effect: Deny, Error: fmt.Sprintf("remedy %d, %q: %s", i+1, x.Kind, flaw)})
		}
	}
}

// of is the tally of a kind, or nil.
func of(all []tally, k Kind) *tally {
	for i := range all {
		if all[i].kind == k {
			return &all[i]
		}
	}
	return nil
}

// run runs the rules in the order of their ids, each once, by merging the lists of the kinds.
func (j *judging) run() {
	if len(j.tallies) == 1 {
		t := &j.tallies[0]
		for _, at := range t.rules {
			if u := &j.s.rules[at]; u.scope.covers(j.scope) {
				if says := j.ask(u); says.fired || says.failed {
					t.count(u, says, j.second)
				}
			}
		}
		return
	}
	for {
		next := int32(-1)
		for i := range j.tallies {
			if rest := j.tallies[i].rules; len(rest) > 0 && (next < 0 || rest[0] < next) {
				next = rest[0]
			}
		}
		if next < 0 {
			return
		}
		u := &j.s.rules[next]
		var says outcome
		if u.scope.covers(j.scope) {
			says = j.ask(u)
		}
		for i := range j.tallies {
			if t := &j.tallies[i]; len(t.rules) > 0 && t.rules[0] == next {
				t.rules = t.rules[1:]
				if says.fired || says.failed {
					t.count(u, says, j.second)
				}
			}
		}
	}
}

// ask asks the rule.
func (j *judging) ask(u *rule) outcome {
	if u.code != nil {
		return j.runCode(u)
	}
	h := j.next()
	j.rule, j.measured = u, &h.measured
	return j.row(h, u, j.fires())
}

// count takes in a rule that has fired or failed. This is where rules fail closed.
func (t *tally) count(u *rule, says outcome, second int) {
	rank, failed := says.rank, says.failed
	switch u.effect {
	case Block:
		t.unfit = t.unfit || says.unfit
		t.blocked = t.blocked || !says.unfit
	case Mandate:
		t.mandated = t.mandated || !failed
		t.claimed = t.claimed || failed
	case Deny:
		t.denied = true
		t.hasty = t.hasty || u.row != nil && u.row.earliest != earliest{}
	case Approve:
		if rank > second {
			t.approve = max(t.approve, rank)
		}
	case Allow:
		if !failed {
			t.allow = min(t.allow, rank)
		}
	}
}

// outcome is what came of one rule.
type outcome struct {
	rank          int // of the role that it asks for
	fired, failed bool
	unfit         bool // a Block is about the actor. One that failed is not: it would fail for anybody
}

// row notes what a row found.
func (j *judging) row(h *hit, u *rule, fires bool) outcome {
	if !fires {
		if h.dirty || h.failed() {
			h.measured = measured{}
		}
		return outcome{}
	}
	h.rule = u
	j.n++
	if h.failed() {
		j.missing = addMissing(j.missing, h.missing)
		return outcome{j.failedRank(u.effect, u.rank), true, true, false}
	}
	return outcome{u.rank, true, false, u.unfit}
}

// failedRank is the rank for which a rule that failed asks: the top for Approve and Mandate.
func (j *judging) failedRank(e Effect, rank int) int {
	if e == Approve || e == Mandate {
		return len(j.s.roles) - 1
	}
	return rank
}

// verdict is that of the strictest kind, and the lowest role that may approve all.
func (j *judging) verdict() (Verdict, Role) {
	bundle, need := Mandated, -1
	for i := range j.tallies {
		v, rank := j.settle(&j.tallies[i])
		bundle, need = stricter(bundle, v), max(need, rank)
	}
	if bundle != NeedsApproval {
		return bundle, ""
	}
	return bundle, j.s.roles[need]
}

// settle is the verdict on one kind. With NeedsApproval, rank is that of who may approve; else it is -1.
func (j *judging) settle(t *tally) (v Verdict, rank int) {
	switch {
	case t.flawed:
		return Denied, -1
	case t.blocked || t.unfit:
		return Blocked, -1
	}
	return j.owed(t, j.authority)
}

// owed is the verdict without blocks, for somebody of that authority.
func (j *judging) owed(t *tally, authority int) (v Verdict, rank int) {
	switch {
	case t.hasty:
		return Denied, -1
	case t.mandated:
		return Mandated, -1
	}
	v, rank = j.granted(t, authority)
	if top := len(j.s.roles) - 1; v == Denied && t.claimed {
		// A mandate that could not be judged is not lost: the top role decides. What would be granted anyway needs no mandate.
		if j.second >= top {
			return Allowed, -1
		}
		return NeedsApproval, top
	}
	return v, rank
}

// granted is the verdict without mandates.
func (j *judging) granted(t *tally, authority int) (v Verdict, rank int) {
	free := t.kind.free()
	if t.denied || t.allow == math.MaxInt && !free {
		return Denied, -1
	}
	rank = t.approve
	if !free && t.allow > authority {
		rank = max(rank, t.allow)
	}
	if rank < 0 {
		return Allowed, -1
	}
	return NeedsApproval, rank
}

// instead tells whether it is the actor alone on whose account the offer is blocked, so that somebody else may make it, and the lowest role
// of theirs that may; none if anybody may.
func (j *judging) instead() (by Role, unfit bool) {
	need := -1
	for i := range j.tallies {
		t := &j.tallies[i]
		if t.blocked || t.flawed {
			return "", false
		}
		v, _ := j.owed(t, -1)
		if v == Denied {
			return "", false
		}
		if v != Mandated && !t.kind.free() && t.allow < len(j.s.roles) {
			need = max(need, t.allow)
		}
	}
	if need < 0 {
		return "", true
	}
	return j.s.roles[need], true
}

package policy

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Parameter is what an actor may do about one kind of remedy, given what was given already.
type Parameter struct {
	Kind      Kind      `json:"kind"`
	Verdict   Verdict   `json:"verdict"`              // the best that there is for some amount
	From      Money     `json:"from,omitzero"`        // alone, the lowest amount on the way to UpTo; zero: the smallest there is
	UpTo      Money     `json:"up_to,omitzero"`       // alone; zero: no limit, or not at all (see Verdict)
	Owed      Money     `json:"owed,omitzero"`        // with Mandated, up to what the customer is entitled, if alone more is allowed; zero: to all of it
	Ladder    []Rung    `json:"ladder,omitempty"`     // with whose approval up to what, rising
	Left      Money     `json:"left,omitzero"`        // before the tightest cap of amount denies more; zero: there is no such cap
	CountLeft int       `json:"count_left,omitempty"` // before the tightest cap of number denies more
	CountMax  int       `json:"count_max,omitempty"`  // that cap; zero: there is none
	Why       []Finding `json:"why,omitempty"`        // what the rules said about some amount or other, sorted by rule; Compared has what was used before, without an offer
	Missing   []string  `json:"missing,omitempty"`    // facts that rules lacked
}

// Rung is a role with whose approval more is possible.
type Rung struct {
	By   Role  `json:"by"`
	From Money `json:"from,omitzero"`  // the lowest amount on the way to UpTo, whoever of By or below agrees; zero: the smallest there is
	UpTo Money `json:"up_to,omitzero"` // zero: no limit
}

// Parameters says what the actor of the request may do about each kind of remedy: first those preferred, in their order, then the
// others by what they cost: words, goods, cash, and in the order of Kinds. The request's Offer and Approvers do not count; its Given should have what Ledgers names for a
// request without an offer.
//
// Amounts are judged where a row changes, in the currency of the order if a row uses it, else in that of the first row that concerns
// the kind. Of a rule in Go or a condition it is assumed that it changes its mind at most once from one such amount to the next.
func (s *Set) Parameters(r Request, preferred ...Kind) []Parameter {
	s = s.orEmpty()
	r.Approvers, r.Offer = nil, nil
	others := slices.Clone(s.allKinds())
	slices.SortStableFunc(others, func(a, b kindNature) int { return cmp.Compare(a.nature, b.nature) })
	kinds := slices.Clone(preferred)
	for _, k := range others {
		kinds = append(kinds, k.kind)
	}
	all := make([]Parameter, 0, len(kinds))
	for i, k := range kinds {
		if !slices.Contains(kinds[:i], k) {
			all = append(all, s.parameter(r, k))
		}
	}
	return all
}

// segment is a span of amounts on which the verdict is the same.
type segment struct {
	last int64 // the highest amount; math.MaxInt64: all
	d    Decision
	at   int64 // the amount by which it was judged
}

func (s *Set) parameter(r Request, k Kind) Parameter {
	p := Parameter{Kind: k}
	c, bounds := s.bounds(&r, k)
	probe := func(minor int64) Decision {
		x := Remedy{Kind: k}
		if c != 0 {
			x.Amount = Money{minor, c}
		}
		r.Offer = []Remedy{x}
		return s.judge(&r, true)
	}
	all := segments(probe, bounds, s.codeOn(k))
	r.Offer = nil
	p = p.alone(all, c)
	p.Ladder = s.ladder(all, c)
	p.Left, p.CountLeft, p.CountMax = s.caps(&r, k, c)
	p.Why, p.Missing = why(all, c)
	return p
}

// why gathers what the rules said about any amount, each rule once. The amounts and numbers judged are nobody's, so that they are taken
// out of what was compared.
func why(all []segment, c Currency) (findings []Finding, missing []string) {
	for _, g := range all {
		missing = addMissing(missing, g.d.Missing)
		for _, f := range g.d.Findings {
			if slices.ContainsFunc(findings, func(w Finding) bool { return w.Rule == f.Rule }) {
				continue
			}
			if used := &f.Compared.Used; c != 0 && used.Currency == c && used.Minor >= g.at {
				used.Minor -= g.at
			}
			f.Compared.Count = max(0, f.Compared.Count-1)
			findings = append(findings, f)
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return strings.Compare(a.Rule, b.Rule) })
	return findings, missing
}

// bounds are the highest amounts, rising, before some row changes, and their currency; it is zero if no amount is to be judged.
func (s *Set) bounds(r *Request, k Kind) (Currency, []int64) {
	at := s.kind(k)
	if at < 0 || s.kinds == nil || s.kinds[at].nature == Words {
		return 0, nil
	}
	var limits []Money
	for _, i := range s.rulesOn(at) {
		limits = append(limits, s.left(r, &s.rules[i])...)
	}
	c := Currency(0)
	for _, m := range limits {
		if c == 0 || m.Currency == r.Order.Paid.Currency {
			c = m.Currency
		}
	}
	if c == 0 && s.kinds[at].nature == Cash {
		c = r.Order.Paid.Currency
	}
	var bounds []int64
	for _, m := range limits {
		if m.Currency == c && 0 < m.Minor && m.Minor < math.MaxInt64 {
			bounds = append(bounds, m.Minor)
		}
	}
	slices.Sort(bounds)
	return c, slices.Compact(bounds)
}

// left is what remains of a row's limits of amount.
func (s *Set) left(r *Request, u *rule) []Money {
	if u.row == nil {
		return nil
	}
	var rest []Money
	m := s.measuring(r, u)
	under := func(b bound, of, days int) {
		if limit, ok := m.limit(b); ok && !b.IsZero() {
			if used, ok := m.amount(limit.Currency, of, days); ok {
				rest = append(rest, Money{limit.Minor - used.Minor, limit.Currency})
			}
		}
	}
	under(u.row.upTo, ofCase, 0)
	under(u.row.over, ofCase, 0)
	if b := &u.row.beyond; !b.amount.IsZero() {
		if of, ok := m.window(b); ok {
			under(b.amount, of, b.days)
		}
	}
	return rest
}

// measuring measures by one row, outside a judgment.
func (s *Set) measuring(r *Request, u *rule) measuring {
	m := measuring{s: s, r: r, rule: u, measured: &measured{}}
	m.seen.offered(s, r)
	return m
}

// codeOn tells whether something other than the limits of rows may depend on the amount.
func (s *Set) codeOn(k Kind) bool {
	return slices.ContainsFunc(s.rulesOn(s.kind(k)), func(i int32) bool {
		u := &s.rules[i]
		return u.code != nil || u.row.when != nil
	})
}

// segments judges the amounts on both sides of each bound, and with code between them too.
func segments(probe func(int64) Decision, bounds []int64, code bool) []segment {
	var all []segment
	first := int64(1)
	for _, last := range bounds {
		d, at := probe(first), first
		if code {
			if e := probe(last); !alike(d, e) {
				turn := turning(probe, d, first, last)
				all = append(all, segment{turn, d, first})
				d, at = e, last
			}
		}
		all = append(all, segment{last, d, at})
		first = last + 1
	}
	return append(all, segment{math.MaxInt64, probe(first), first})
}

func alike(a, b Decision) bool { return a.Verdict == b.Verdict && a.By == b.By }

// turning is the last amount from first, but before last, that is judged as first is.
func turning(probe func(int64) Decision, d Decision, first, last int64) int64 {
	for last-first > 1 {
		if mid := first + (last-first)/2; alike(probe(mid), d) {
			first = mid
		} else {
			last = mid
		}
	}
	return first
}

// run is the last of the amounts that fit, and the first one from which on all up to it do; 0 if none fits.
func run(all []segment, fits func(*Decision) bool) (first, last int64) {
	for i := range all {
		if !fits(&all[i].d) {
			continue
		}
		if i == 0 {
			first = 1
		} else if before := &all[i-1]; !fits(&before.d) {
			first = before.last + 1
		}
		last = all[i].last
	}
	return first, last
}

// alone finds the best verdict that there is for some amount, and from what up to what the actor needs nobody.
func (p Parameter) alone(all []segment, c Currency) Parameter {
	p.Verdict = all[0].d.Verdict
	owed := int64(0) // up to there
	for i := range all {
		g := &all[i]
		switch v := g.d.Verdict; {
		case v.may() && !p.Verdict.may():
			p.Verdict = v
		case v == NeedsApproval && !p.Verdict.may():
			p.Verdict = v
		}
		if p.Verdict == Mandated && g.d.Verdict == Mandated && (owed == 0 || all[i-1].last == owed) {
			owed = g.last
		}
	}
	first, last := run(all, func(d *Decision) bool { return d.Verdict.may() })
	p.From, p.UpTo = from(first, c), upTo(last, c)
	if owed < last {
		p.Owed = upTo(owed, c)
	}
	return p
}

// from is the lowest amount of some, in words of Parameter.
func from(first int64, c Currency) Money {
	if c == 0 || first <= 1 {
		return Money{}
	}
	return Money{first, c}
}

// upTo is the highest.
func upTo(last int64, c Currency) Money {
	if c == 0 || last == 0 || last == math.MaxInt64 {
		return Money{}
	}
	return Money{last, c}
}

// ladder is with whose approval more is possible than alone, and more than with that of lower roles.
func (s *Set) ladder(all []segment, c Currency) []Rung {
	_, reach := run(all, func(d *Decision) bool { return d.Verdict.may() })
	var rungs []Rung
	for rank, role := range s.roles {
		first, last := run(all, func(d *Decision) bool {
			needs, ok := s.Rank(d.By)
			return d.Verdict.may() || d.Verdict == NeedsApproval && ok && needs <= rank
		})
		if last > reach {
			reach = last
			rungs = append(rungs, Rung{role, from(first, c), upTo(last, c)})
		}
	}
	return rungs
}

// caps is what is left of the tightest caps whose conditions hold, of amount and of number. A cap that asks for approval is on the ladder.
func (s *Set) caps(r *Request, k Kind, c Currency) (left Money, countLeft, countMax int) {
	for _, i := range s.rulesOn(s.kind(k)) {
		u := &s.rules[i]
		if u.row == nil || u.row.beyond.per == "" || u.effect == Approve {
			continue
		}
		b := &u.row.beyond
		m := s.measuring(r, u)
		of, known := m.window(b)
		if !known || !m.scoped() || !m.holds(u.row.when) || m.failed() {
			continue
		}
		if b.count > 0 {
			if used, ok := m.count(of, b.days); ok && (countMax == 0 || b.count-used < countLeft) {
				countLeft, countMax = max(0, b.count-used), b.count
			}
		} else if limit, ok := m.limit(b.amount); !ok || limit.Currency != c {
			continue
		} else if used, ok := m.amount(c, of, b.days); ok {
			if rest := max(0, limit.Minor-used.Minor); left.IsZero() || rest < left.Minor {
				left = Money{rest, c}
			}
		}
	}
	return left, countLeft, countMax
}

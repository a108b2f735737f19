package policy

import "slices"

// scope is which categories, severities, channels and tiers a row is about, as far as a judgment can tell at one glance: 16 bits for
// each of the four. A request has one bit set for each that it knows, and a row the bits of those that it lists, or all if it lists
// none. A row whose bits do not cover the request's cannot fire, whatever else holds.
type scope uint64

const (
	scopeBits = 16
	anyScope  = ^scope(0)

	// otherName is the bit of names that no row lists, and crowded of those beyond the first few.
	otherName = scopeBits - 1
	crowded   = scopeBits - 2
)

// scopes gives the names that rows list their bits.
type scopes struct {
	names [4]names // categories, severities, channels, tiers
	exact bool     // no two names share a bit
}

// names has the first names that rows list, each with a bit of its own, and those that share one.
type names struct {
	first []string
	more  map[string]bool
}

// bit is the name's bit, which it gets if it is listed.
func (n *names) bit(name string, listed bool) int {
	for i := range n.first {
		if n.first[i] == name {
			return i
		}
	}
	switch {
	case n.more[name]:
		return crowded
	case !listed:
		return otherName
	case len(n.first) < crowded:
		n.first = append(n.first, name)
		return len(n.first) - 1
	case n.more == nil:
		n.more = map[string]bool{}
	}
	n.more[name] = true
	return crowded
}

// row is the scope of a row, whose names get bits.
func (s *scopes) row(w *row) scope {
	all := scope(0)
	for i, list := range [...][]string{w.categories, w.severities, w.channels, w.tiers} {
		bits := scope(0)
		for _, name := range list {
			bits |= 1 << s.names[i].bit(name, true)
		}
		if len(list) == 0 {
			bits = 1<<scopeBits - 1
		}
		all |= bits << (i * scopeBits)
		s.exact = s.exact && len(s.names[i].more) == 0
	}
	return all
}

// request is the scope of a request, and whether that says all that rows ask: every name is known, and has a bit of its own.
func (s *scopes) request(r *Request) (all scope, exact bool) {
	exact = s.exact
	for i, name := range [...]*string{&r.Category, &r.Severity, &r.Channel, &r.Tier} {
		switch n := &s.names[i]; {
		case len(n.first) == 0: // no row asks
		case *name == "":
			exact = false
		default:
			all |= 1 << (i*scopeBits + n.bit(*name, false))
		}
	}
	return all, exact
}

// covers tells whether a row may be about a request.
func (row scope) covers(request scope) bool { return request&^row == 0 }

// oneOf tells whether a fact is on the list, if there is one.
func (m *measuring) oneOf(list []string, value, fact string) bool {
	switch {
	case len(list) == 0:
		return true
	case value == "":
		return m.lack(fact)
	}
	return slices.Contains(list, value)
}

package policy

import (
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// unreachable reports rows that can never decide anything, since a row of a stronger effect fires whenever they do: the same
// conditions or fewer, wider ones. It reports no row that can: it does not look into conditions ("when") beyond their text, and
// leaves out rows with faults.
func (l *loader) unreachable(faults []jsondoc.Fault) {
	all := l.set.rules[len(l.set.rules)-len(l.places):]
	faulty := map[string]bool{}
	for _, f := range faults {
		row, _, _ := strings.Cut(f.Path, "]")
		faulty[row+"]"] = true
	}
	byKind := map[Kind][]int{} // stronger rows by kind; "" for those that concern all
	for i := range all {
		if u := &all[i]; u.effect < Deny || faulty[l.places[i].Path()] {
			continue
		} else if len(u.kinds) == 0 {
			byKind[""] = append(byKind[""], i)
		} else {
			for _, k := range u.kinds {
				byKind[k] = append(byKind[k], i)
			}
		}
	}
	for i := range all {
		u := &all[i]
		if faulty[l.places[i].Path()] {
			continue
		}
		by := shadow(all, byKind[""], u)
		if by == nil && len(u.kinds) > 0 {
			by = shadow(all, byKind[u.kinds[0]], u)
		}
		if by != nil {
			l.places[i].Faultf("the row can never decide anything: %q, a %s, fires whenever it does", by.id, by.effect)
		}
	}
}

// shadow is the first of the candidates that shadows a row, or nil.
func shadow(all []rule, candidates []int, weaker *rule) *rule {
	for _, i := range candidates {
		if u := &all[i]; u.shadows(weaker) {
			return u
		}
	}
	return nil
}

// shadows tells whether u fires whenever weaker does, and then decides in its place.
func (u *rule) shadows(weaker *rule) bool {
	return u.effect > weaker.effect && weaker.effect >= Allow && u.row.covers(weaker.row, u, weaker) && u.covers(weaker)
}

// covers tells whether u concerns whatever v does.
func (u *rule) covers(v *rule) bool {
	return len(u.kinds) == 0 || len(v.kinds) > 0 && !slices.ContainsFunc(v.kinds, func(k Kind) bool { return !slices.Contains(u.kinds, k) })
}

// covers tells whether w's conditions hold whenever x's do.
func (w *row) covers(x *row, u, v *rule) bool {
	return wider(w.categories, x.categories) && wider(w.severities, x.severities) &&
		wider(w.channels, x.channels) && wider(w.tiers, x.tiers) &&
		(w.whenText == "" || w.whenText == x.whenText) &&
		(w.timeless() || (u.effect == Mandate) == (v.effect == Mandate) && w.longer(x)) &&
		(w.excludes.per == "" || slices.Equal(w.excludes.own, x.excludes.own) && slices.Equal(w.excludes.others, x.excludes.others) && w.excludes.per == x.excludes.per) &&
		(w.earliest == earliest{} || w.earliest == x.earliest) && (!w.self || x.self && slices.Equal(u.kinds, v.kinds)) && !u.unfit && (u.effect != Mandate || x.earliest == earliest{}) &&
		(w.unlimited() || slices.Equal(u.kinds, v.kinds) && w.looser(x))
}

func wider(w, x []string) bool {
	return len(w) == 0 || len(x) > 0 && !slices.ContainsFunc(x, func(name string) bool { return !slices.Contains(w, name) })
}

func (w *row) timeless() bool { return w.within.of == "" && w.from.IsZero() && w.until.IsZero() }

func (w *row) longer(x *row) bool {
	return (w.within.of == "" || w.within.of == x.within.of && w.within.days >= x.within.days) &&
		!w.from.After(x.from) && (w.until.IsZero() || !x.until.IsZero() && !x.until.After(w.until))
}

func (w *row) unlimited() bool { return w.upTo.IsZero() && w.over.IsZero() && w.beyond.per == "" }

// looser compares limits; the kinds are the same, and so are the sums.
func (w *row) looser(x *row) bool {
	return (w.upTo.IsZero() || w.upTo.comparable(x.upTo) && !x.upTo.exceeds(w.upTo)) &&
		(w.over.IsZero() || w.over.comparable(x.over) && !w.over.exceeds(x.over)) &&
		(w.beyond.per == "" || w.beyond == x.beyond)
}

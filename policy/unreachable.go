package policy

import (
	"fmt"
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
	stronger := map[place][]int{}
	for i := range all {
		if u := &all[i]; u.effect >= Deny && !faulty[l.places[i].Path()] {
			for _, at := range u.places() {
				stronger[at] = append(stronger[at], i)
			}
		}
	}
	for i := range all {
		u := &all[i]
		if faulty[l.places[i].Path()] {
			continue
		}
		var by *rule
		for _, at := range u.within() {
			if by = shadow(all, stronger[at], u); by != nil {
				break
			}
		}
		switch {
		case by == nil:
		case by.effect == Mandate:
			l.places[i].Faultf("the row can never decide anything: it cannot suppress the mandate %q, which fires whenever it does and lifts it", by.id)
		default:
			l.places[i].Faultf("the row can never decide anything: %q, %s, fires whenever it does", by.id, by.effect.one())
		}
	}
	l.mandates(all, faulty)
	l.alone(all, faulty)
}

// alone reports approvals of what nothing allows: they would only be asked for beside a denial.
func (l *loader) alone(all []rule, faulty map[string]bool) {
	may := map[Kind]bool{Apology: true, Explanation: true, Correction: true}
	first := len(l.set.rules) - len(all)
	for i := range l.set.rules {
		u := &l.set.rules[i]
		gives := u.effect == Allow || u.effect == Mandate
		if i >= first && faulty[l.places[i-first].Path()] && (gives || u.effect < Allow) || gives && len(u.kinds) == 0 {
			return // it may be about any kind
		}
		for _, k := range u.kinds {
			may[k] = may[k] || gives
		}
	}
	for i := range all {
		u := &all[i]
		allowed := func(k Kind) bool { return may[k] }
		if u.effect == Approve && len(u.kinds) > 0 && !faulty[l.places[i].Path()] && !slices.ContainsFunc(u.kinds, allowed) {
			l.places[i].Faultf("the row can never decide anything: no allow and no mandate is about %q, so that it stays denied whoever agrees; "+
				"an approve needs an allow beside it", u.kinds[0])
		}
	}
}

// place is where rows are looked for that may shadow another: by a kind that they concern ("": all) and one name that they ask for. The
// search is short then, though the document is long.
type place struct {
	kind      Kind
	attribute int // which list the name is of; 0: the row asks for no name
	name      string
}

func (w *row) lists() [4][]string {
	return [4][]string{w.categories, w.severities, w.channels, w.tiers}
}

// places are where the row is found.
func (u *rule) places() []place {
	kinds := u.kinds
	if len(kinds) == 0 {
		kinds = []Kind{""}
	}
	var all []place
	for _, k := range kinds {
		named := false
		for i, list := range u.row.lists() {
			for _, name := range list {
				all, named = append(all, place{k, i + 1, name}), true
			}
			if named {
				break
			}
		}
		if !named {
			all = append(all, place{kind: k})
		}
	}
	return all
}

// within are the places where a row that covers this one is found.
func (u *rule) within() []place {
	kinds := []Kind{""}
	if len(u.kinds) > 0 {
		kinds = append(kinds, u.kinds[0])
	}
	var all []place
	for _, k := range kinds {
		all = append(all, place{kind: k})
		for i, list := range u.row.lists() {
			if len(list) > 0 {
				all = append(all, place{k, i + 1, list[0]})
			}
		}
	}
	return all
}

// mandates reports those that contradict or repeat one another: of the same remedies under the same conditions, but for the time or the
// amount.
func (l *loader) mandates(all []rule, faulty map[string]bool) {
	first := map[string]*rule{}
	for i := range all {
		u := &all[i]
		if u.effect != Mandate || faulty[l.places[i].Path()] {
			continue
		}
		w := u.row
		scope := fmt.Sprintf("%q %q %q %q %q %q %q %s %s", u.kinds, w.categories, w.severities, w.channels, w.tiers, w.whenText, w.within.of, w.from, w.until)
		switch other := first[scope]; {
		case other == nil:
			first[scope] = u
		case other.row.within == w.within && other.row.upTo == w.upTo && other.row.over == w.over:
			l.places[i].Faultf("it repeats the mandate %q: the same remedies under the same conditions", other.id)
		case w.over.IsZero() && other.row.over.IsZero():
			l.places[i].Faultf("it contradicts the mandate %q: the same remedies under the same conditions, but for another time or up to another amount",
				other.id)
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

package policy

import (
	"fmt"
	"slices"
)

// serves tells whether u, of the same effect, fires whenever v does, counts for as much, and says what v would say among the grounds of a
// decision: nothing changes without v.
//
// That holds when facts are missing, too. A deny, a block and an allow that fail count as if they had fired, or for nothing, so that it is
// enough that u needs no fact more than v does. An approve that fails asks for the top role: v adds that where it needs a fact that u
// does not, unless u asks for the top anyway.
func (u *rule) serves(v *rule, top int) bool {
	return u != v && u.effect == v.effect && u.counts(v, top) && u.covers(v) && u.row.covers(v.row, u, v)
}

// counts tells whether u counts for as much as v does, and says as much, wherever both fire or fail.
func (u *rule) counts(v *rule, top int) bool {
	w, x := u.row, v.row
	switch u.effect {
	case Allow:
		return u.rank < v.rank || u.rank == v.rank && u.says(v)
	case Approve:
		return (u.rank > v.rank || u.rank == v.rank && u.says(v)) && (u.rank == top || w.needs() == x.needs())
	case Deny:
		return w.earliest == x.earliest && u.says(v) // a promise that is too early stays denied, mandate or not
	case Mandate:
		return u.says(v)
	case Block:
		// One that is about the actor is about the remedy if it fails.
		return u.says(v) && (!u.unfit || v.unfit && v.covers(u) && x.covers(w, v, u))
	}
	return false
}

// says tells whether v has nothing to say that u does not.
func (u *rule) says(v *rule) bool {
	return (v.reason == "" || v.reason == u.reason) && (v.basis == "" || v.basis == u.basis) &&
		(v.explain.IsZero() || slices.Equal(v.explain.list, u.explain.list))
}

// instead says what u does that v need not do.
func (u *rule) instead(v *rule, roles []Role) string {
	switch {
	case u.effect == Allow && u.rank < v.rank:
		return fmt.Sprintf("allows it to %s and above", roles[u.rank])
	case u.effect == Approve && u.rank > v.rank:
		return fmt.Sprintf("asks for %s or above", roles[u.rank])
	}
	return "does the same"
}

// needs are the conditions that a row has, whatever their bounds: they fail for want of the same facts.
func (w *row) needs() (n [13]bool) {
	for i, list := range w.lists() {
		n[i] = len(list) > 0
	}
	n[4], n[5], n[6] = !w.upTo.IsZero(), !w.over.IsZero(), w.beyond.per != ""
	n[7], n[8] = w.within.of == sincePurchase, w.within.of == sinceDelivery
	n[9], n[10], n[11], n[12] = !w.from.IsZero() || !w.until.IsZero(), w.excludes.per != "", w.self, w.whenText != ""
	return n
}

// mandates reports those that repeat or contradict one another: of the same remedies under the same conditions and on the same basis. Two
// contradict one another if on some day both are in force, and one entitles to less time or a lower amount than the other: the
// other entitles to more, so that it never decides. More time but a lower amount does decide, and so does what a contract entitles to beside a
// statute ("basis"), a time that runs from elsewhere, or a part of the amounts ("over"): these stand beside one another.
func (l *loader) mandates(all []rule, faulty map[string]bool) {
	alike := map[string][]*rule{}
	for i := range all {
		u := &all[i]
		if u.effect != Mandate || faulty[l.places[i].Path()] {
			continue
		}
		w := u.row
		scope := fmt.Sprintf("%q %q %q %q %q %q %q", u.kinds, w.categories, w.severities, w.channels, w.tiers, w.whenText, u.basis)
		for _, other := range alike[scope] {
			if fault := w.disputes(other.row, other.id); fault != "" {
				l.places[i].Faultf("%s", fault)
				faulty[l.places[i].Path()] = true
				break
			}
		}
		alike[scope] = append(alike[scope], u)
	}
}

// disputes is how a mandate's row is at odds with that of another of the same remedies under the same conditions, or "".
func (w *row) disputes(x *row, id string) string {
	limits := w.within == x.within && w.upTo == x.upTo
	switch {
	case limits && w.over == x.over && w.from.Equal(x.from) && w.until.Equal(x.until):
		return fmt.Sprintf("it repeats the mandate %q: the same remedies under the same conditions", id)
	case limits || !w.over.IsZero() || !x.over.IsZero() || !w.meetsDays(x) || !w.entitlesBeyond(x) && !x.entitlesBeyond(w):
		return ""
	}
	days := ""
	if !w.from.Equal(x.from) || !w.until.Equal(x.until) {
		days = ", which is in force on some of the same days"
	}
	return fmt.Sprintf("it contradicts the mandate %q%s: the same remedies under the same conditions, but %s there and %s here", id, days, x.entitlement(), w.entitlement())
}

// entitlement is what a mandate's row entitles to, in words.
func (w *row) entitlement() string {
	text := "at any time"
	if w.within.of != "" {
		text = fmt.Sprintf("within %d days of %s", w.within.days, w.within.of)
	}
	if !w.upTo.IsZero() {
		text += " up to " + w.upTo.String()
	}
	return text
}

// meetsDays tells whether both rows are in force on some day.
func (w *row) meetsDays(x *row) bool {
	return (w.until.IsZero() || x.from.Before(w.until)) && (x.until.IsZero() || w.from.Before(x.until))
}

// entitlesBeyond tells whether w entitles to all that x does.
func (w *row) entitlesBeyond(x *row) bool {
	return (w.within.of == "" || w.within.of == x.within.of && w.within.days >= x.within.days) &&
		(w.upTo.IsZero() || !x.upTo.IsZero() && w.upTo.comparable(x.upTo) && !x.upTo.exceeds(w.upTo))
}

package policy

import (
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// unreachable reports rows that can never decide anything, since another row fires whenever they do, of a stronger effect or of the same
// one: the same conditions or fewer, wider ones. It reports no row that can: it does not look into conditions ("when") beyond their text,
// and leaves out rows with faults. After so many pairs of rows it stops: a document is never refused for want of time, only less well looked at.
func (l *loader) unreachable(faults []jsondoc.Fault) {
	all := l.set.rules[len(l.set.rules)-len(l.places):]
	faulty := map[string]bool{}
	for _, f := range faults {
		row, _, _ := strings.Cut(f.Path, "]")
		faulty[row+"]"] = true
	}
	l.mandates(all, faulty)
	stronger, same := found{}, [Block + 1]found{}
	names := frequencies(all)
	for i := range all {
		u := &all[i]
		if faulty[l.places[i].Path()] {
			continue
		}
		for _, at := range names.places(u) {
			if u.effect >= Deny {
				stronger[at] = append(stronger[at], i)
			}
			if same[u.effect] == nil {
				same[u.effect] = found{}
			}
			same[u.effect][at] = append(same[u.effect][at], i)
		}
	}
	pairs := maxPairs
	top := len(l.set.roles) - 1
	for i := range all {
		u := &all[i]
		if faulty[l.places[i].Path()] {
			continue
		}
		at := names.within(u)
		shadow := stronger.find(all, at, &pairs, func(at int) bool { return all[at].shadows(u) })
		if shadow == nil {
			shadow = same[u.effect].find(all, at, &pairs, func(at int) bool {
				v := &all[at]
				return v.serves(u, top) && (at < i || !u.serves(v, top)) // of two that are alike the later one
			})
		}
		switch {
		case shadow == nil:
		case shadow.effect == u.effect:
			l.places[i].Faultf("the row can never decide anything: %q fires whenever it does, and %s; leave one of them out",
				shadow.id, shadow.instead(u, l.set.roles))
		case shadow.effect == Mandate:
			l.places[i].Faultf("the row can never decide anything: it cannot suppress the mandate %q, which fires whenever it does and lifts it", shadow.id)
		default:
			l.places[i].Faultf("the row can never decide anything: %q, %s, fires whenever it does", shadow.id, shadow.effect.one())
		}
	}
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

// shadows tells whether u fires whenever weaker does, and then decides in its place.
func (u *rule) shadows(weaker *rule) bool {
	return u.effect > weaker.effect && weaker.effect >= Allow && !u.unfit && (u.effect != Mandate || weaker.row.earliest == earliest{}) &&
		u.row.covers(weaker.row, u, weaker) && u.covers(weaker)
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
		(w.earliest == earliest{} || w.earliest == x.earliest) && (!w.self || x.self && slices.Equal(u.kinds, v.kinds)) &&
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

// looser compares limits; the kinds are the same, and so are the sums. Limits of an amount and of a percentage fail together in another
// currency, so that one of them alone tells nothing of both.
func (w *row) looser(x *row) bool {
	both := !x.upTo.IsZero() && !x.over.IsZero() && !x.upTo.comparable(x.over)
	return (!both || w.upTo.IsZero() == w.over.IsZero()) &&
		(w.upTo.IsZero() || w.upTo.comparable(x.upTo) && !x.upTo.exceeds(w.upTo)) &&
		(w.over.IsZero() || w.over.comparable(x.over) && !w.over.exceeds(x.over)) &&
		(w.beyond.per == "" || w.beyond.tighter(&x.beyond))
}

// tighter tells whether b is exceeded whenever c is.
func (b *beyond) tighter(c *beyond) bool {
	return b.per == c.per && b.days == c.days && (b.count > 0) == (c.count > 0) && b.count <= c.count &&
		b.amount.comparable(c.amount) && !b.amount.exceeds(c.amount)
}

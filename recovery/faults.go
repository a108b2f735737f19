package recovery

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-go/amends/policy"
)

// faults collects what is wrong with an input, so that all of it is told at once.
type faults struct {
	rules *rules
	errs  []error
}

func (r *rules) faults() *faults { return &faults{rules: r} }

// err is all the faults, or nil.
func (f *faults) err() error { return errors.Join(f.errs...) }

func (f *faults) add(field, format string, args ...any) {
	f.errs = append(f.errs, invalid(field, format, args...))
}

// indexed is the name of a field of an element: concerns[2].text.
func indexed(list string, i int, field string) string {
	s := list + "[" + strconv.Itoa(i) + "]"
	if field != "" {
		s += "." + field
	}
	return s
}

// text checks a text that may be empty.
func (f *faults) text(field, s string) {
	switch {
	case !utf8.ValidString(s):
		f.add(field, "not valid UTF-8")
	case len(s) > f.rules.limits.Text:
		f.add(field, "%d bytes long; at most %d", len(s), f.rules.limits.Text)
	}
}

// needed checks a text that must say something.
func (f *faults) needed(field, s string) {
	if strings.TrimSpace(s) == "" {
		f.add(field, "must not be empty")
		return
	}
	f.text(field, s)
}

// maxID is the length in bytes up to which an id of the host's is taken.
const maxID = 200

// id checks an opaque id of the host's, which may be empty.
func (f *faults) id(field, s string) {
	switch {
	case !utf8.ValidString(s):
		f.add(field, "not valid UTF-8")
	case len(s) > maxID:
		f.add(field, "%d bytes long; an id has at most %d", len(s), maxID)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		f.add(field, "has a control character")
	}
}

// neededID checks an id of the host's that must be there.
func (f *faults) neededID(field, s string) {
	if strings.TrimSpace(s) == "" {
		f.add(field, "must not be empty")
		return
	}
	f.id(field, s)
}

// name checks a name against those that the desk knows.
func (f *faults) name(field, attribute, value string, need bool) {
	if value == "" && need {
		f.add(field, "must not be empty")
		return
	}
	if err := f.rules.names.known(field, attribute, value); err != nil {
		f.errs = append(f.errs, err)
	}
}

// past checks an instant at which something happened; zero means now.
func (f *faults) past(field string, at, now time.Time) {
	if at.After(now) {
		f.add(field, "%s is in the future (now is %s)", stamp(at), stamp(now))
		return
	}
	f.year(field, at)
}

// future checks an instant by which something is to be done; zero means none.
func (f *faults) future(field string, at, now time.Time) {
	if !at.IsZero() && !at.After(now) {
		f.add(field, "%s is not in the future (now is %s)", stamp(at), stamp(now))
		return
	}
	f.year(field, at)
}

func (f *faults) year(field string, at time.Time) {
	if y := at.UTC().Year(); y < 1 || y > 9999 {
		f.add(field, "year %d is outside 1 to 9999", y)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (f *faults) score(field string, n int) {
	if n < 0 || n > 10 {
		f.add(field, "%d is outside 1 to 10 (0: not asked)", n)
	}
}

func (f *faults) answer(field string, a Answer) {
	switch a {
	case NotAsked, Yes, No:
	default:
		f.add(field, "unknown answer %q (known: %s, %s; none: not asked)", string(a), Yes, No)
	}
}

func (f *faults) count(field string, n int) {
	if n > f.rules.limits.Items {
		f.add(field, "%d entries; at most %d", n, f.rules.limits.Items)
	}
}

func (f *faults) authority(field string, a Authority) {
	switch a {
	case "", Pending, Verified:
	default:
		f.add(field, "unknown authority %q (known: %s, %s)", string(a), Pending, Verified)
	}
}

func (f *faults) order(o policy.Order) {
	f.id("order.id", o.ID)
	f.year("order.purchased", o.Purchased)
	f.year("order.delivered", o.Delivered)
	switch {
	case !o.Paid.IsZero() && !known(o.Paid.Currency):
		f.add("order.paid", "its currency is none that is known")
	case o.Paid.Minor < 0:
		f.add("order.paid", "%s is negative", o.Paid)
	}
}

func known(c policy.Currency) bool {
	_, ok := c.Digits()
	return ok
}

func (f *faults) facts(facts policy.Facts) {
	if err := facts.Check(); err != nil {
		f.add("facts", "%v", err)
	}
	for name, v := range facts {
		f.id("facts name", name)
		if s, ok := v.(string); ok && utf8.ValidString(s) {
			f.text("facts."+name, s)
		}
	}
}

// remedies checks what one option of an offer consists of.
func (f *faults) remedies(field string, remedies []policy.Remedy, paid policy.Money, now time.Time) {
	if len(remedies) == 0 {
		f.add(field, "an offer needs at least one remedy")
	}
	f.count(field, len(remedies))
	for i, r := range remedies {
		at := indexed(field, i, "")
		if err := f.rules.policy.Check(r); err != nil {
			f.add(at, "%v", err)
		}
		if known(r.Amount.Currency) && !paid.IsZero() && r.Amount.Currency != paid.Currency {
			f.add(at+".amount", "%s, but the order was paid in %s", r.Amount, paid.Currency)
		}
		f.text(at+".item", r.Item)
		f.id(at+".payee", r.Payee)
		f.future(at+".by", r.By, now)
	}
}

// promise checks a promise about to be made, but for how long Within is.
func (f *faults) promise(field string, p Promise, remedies int, now time.Time) {
	f.needed(field+".what", p.What)
	f.id(field+".owner", p.Owner)
	f.future(field+".due", p.Due, now)
	if p.Item < 0 || p.Item > remedies {
		f.add(field+".item", "%d is not one of the %d remedies (0: all of them)", p.Item, remedies)
	}
	switch {
	case p.Due.IsZero() && p.Within == "":
		f.add(field, "needs a due time: Due or Within")
	case !p.Due.IsZero() && p.Within != "":
		f.add(field, "has both Due and Within; give one")
	}
}

package holidays

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
)

// In is the public holidays of a place, from the first of January of one year to the last of December of another, by date. A holiday on a day
// off for which another date is taken is there twice: on its own date, since an office that works at weekends rests then, and on the other
// one, as Observed; the other date may lie in the year before or after. Years are those from 1900 to 2199.
//
// The place is one of the codes of Places, in upper or lower case. The error for another names those that were probably meant.
func In(code string, from, to int) ([]Holiday, error) {
	y, err := yearsFrom(from, to)
	if err != nil {
		return nil, err
	}
	all := places()
	i := slices.IndexFunc(all, func(p place) bool { return strings.EqualFold(p.Code, code) })
	if i < 0 {
		return nil, unknownPlace(code)
	}
	found := newDates(y)
	for year := from - 1; year <= to+1; year++ {
		for _, rule := range all[i].rules {
			actual, observed, ok := calculate(rule, year)
			if !ok {
				continue
			}
			found.add(actual, rule.Name, false)
			if observed != actual {
				found.add(observed, rule.Name, true)
			}
		}
	}
	return found.list(), nil
}

// calculate is rule.Calc by dates. Calc itself takes midnights of the machine's own zone, and where clocks skip midnight, as they do in Santiago
// and Havana, such a one may be an hour of the day before; so its result is read twelve hours later, and the substitute is counted from that.
func calculate(rule *cal.Holiday, year int) (actual, observed day, ok bool) {
	t, _ := rule.Calc(year)
	if t.IsZero() {
		return 0, 0, false
	}
	actual = dayOf(t.Add(12 * time.Hour).Date())
	for _, o := range rule.Observed {
		if o.Day == actual.midnight().Weekday() {
			return actual, actual + day(o.Offset), true
		}
	}
	return actual, actual, true
}

// unknownPlace is the error for a code that is none: it lists the parts of a country that is only known in parts, or what looks like it.
func unknownPlace(code string) error {
	want := strings.ToUpper(strings.TrimSpace(code))
	country, _, _ := strings.Cut(want, "-")
	var near []string
	for _, p := range places() {
		own, _, _ := strings.Cut(p.Code, "-")
		switch {
		case own == country, strings.EqualFold(p.Name, strings.TrimSpace(code)), strings.ReplaceAll(p.Code, "-", "") == want:
			near = append(near, p.Code)
		}
	}
	if near == nil {
		near = namedLike(want)
	}
	if near == nil {
		return fmt.Errorf("holidays: no holidays known for %.40q: want an ISO 3166 code of Places, as in %q or %q", code, "US", "DE-BY")
	}
	return fmt.Errorf("holidays: no holidays known for %.40q; did you mean %s?", code, either(near))
}

// namedLike is the codes of places that have the words in their names, if they are few.
func namedLike(words string) []string {
	var near []string
	for _, p := range places() {
		if len(words) > 3 && strings.Contains(strings.ToUpper(p.Name), words) {
			near = append(near, p.Code)
		}
	}
	return near
}

// either is a list of words with "or" before the last.
func either(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

package sla

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Warning is a rung of the ladder on which a case is escalated, a threshold of its clocks: before the due time a share of the target's time
// (percent, from 1 to 99) or a time, or a time after it, for what is to follow a breach. One of the three is set. If none is, it is
// the due time itself, a threshold that every clock has anyway: then it says no more than whom to notify of the breach, and has to.
// Its text is "75%", "2h before", "2 working hours after", "due".
type Warning struct {
	Percent int           // of the time that counts: working time if the target is in working time or business days
	Before  time.Duration // whole seconds
	After   time.Duration // whole seconds
	Working bool          // Before and After are working time of the objective's calendar, and not elapsed time
	Notify  string        // a role or an action's name, for whoever escalates; optional but for the due time
}

// String is the warning's text without its Notify: "75%", "2h before", "2 working hours after", "due". It is the name of the threshold.
func (w Warning) String() string {
	unit := Elapsed
	if w.Working {
		unit = Working
	}
	switch {
	case w.Before != 0:
		return Target{Span: w.Before, Unit: unit}.String() + " before"
	case w.After != 0:
		return Target{Span: w.After, Unit: unit}.String() + " after"
	case w.Percent != 0:
		return strconv.Itoa(w.Percent) + "%"
	}
	return thresholdDue
}

// atDue reports whether the warning is the due time itself.
func (w Warning) atDue() bool { return w.Percent == 0 && w.Before == 0 && w.After == 0 }

var (
	errWarning = errors.New(`want a share of the target as in "75%", or a time as in "2h before", "2h after" or "2 working hours after"`)
	errPercent = errors.New(`a warning comes before the due time: want 1% to 99%, or a time after it as in "2h after"`)
	errAtDue   = errors.New(`want {"at": "due", "notify": "manager"}: that is the due time, a threshold of every clock, and all there is to say is whom to notify`)
)

func parseWarning(s string) (Warning, error) {
	if s == thresholdDue {
		return Warning{}, nil
	}
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.Atoi(percent)
		switch {
		case err != nil && !errors.Is(err, strconv.ErrRange) || err == nil && strconv.Itoa(n) != percent:
			return Warning{}, errWarning
		case n == 100:
			return Warning{}, errAtDue
		case n < 1 || n > 99:
			return Warning{}, errPercent
		}
		return Warning{Percent: n}, nil
	}
	text, before := strings.CutSuffix(s, " before")
	text, after := strings.CutSuffix(text, " after")
	t, err := parseTarget(text)
	switch {
	case before == after || err != nil || t.Unit != Elapsed && t.Unit != Working:
		return Warning{}, errWarning
	case t.Span == 0:
		return Warning{}, errAtDue
	case t.Span < 0:
		return Warning{}, errors.New("a warning's time is longer than zero, before or after the due time")
	case t.Span%time.Second != 0:
		return Warning{}, errors.New("a warning's time is in whole seconds")
	}
	w := Warning{Before: t.Span, Working: t.Unit == Working}
	if after {
		w.Before, w.After = 0, t.Span
	}
	return w, nil
}

// warningMeant is the end of an error about a text that is no warning: what was probably meant, or nothing.
func warningMeant(s string) string {
	text := strings.Join(strings.Fields(strings.ToLower(s)), " ")
	percent, ok := strings.CutSuffix(text, "%")
	if n, err := strconv.ParseFloat(strings.TrimSpace(percent), 64); err == nil {
		if !ok && n < 1 {
			n *= 100
		}
		if !(n >= 1 && n <= 99) {
			return ""
		}
		return didYouMean([]string{Warning{Percent: int(n + 0.5)}.String()})
	}
	for _, side := range []string{" before", " after"} {
		if span, ok := strings.CutSuffix(text, side); ok {
			var meant []string
			for _, t := range spansMeantBy(span) {
				meant = append(meant, t+side)
			}
			return didYouMean(meant)
		}
	}
	return ""
}

func (r *agreementReader) readWarnings(v jsondoc.Value, ob *objective) {
	if !v.Exists() {
		return
	}
	for _, item := range v.Items() {
		w, name := r.readWarning(item, ob)
		ob.Warn, ob.warnings = append(ob.Warn, w), append(ob.warnings, name)
	}
}

// readWarning reads a warning, and the name of its threshold: empty if it is none.
func (r *agreementReader) readWarning(at jsondoc.Value, ob *objective) (w Warning, name string) {
	notify := ""
	if at.IsObject() {
		o := at.Object("at", "notify")
		at = o.Need("at")
		if n := o.Get("notify"); n.Exists() {
			notify = word(n)
			r.name("role", n)
		}
	}
	if at.IsNumber() {
		at.Faultf(`want a string, got a number: a share of the target is written "75%%"`)
		return w, ""
	}
	text := at.Text()
	if !at.IsText() {
		return w, ""
	}
	w, err := parseWarning(text)
	w.Notify = notify
	if err != nil {
		at.Faultf("warning %q: %v%s", text, err, warningMeant(text))
		return w, ""
	}
	if fault := w.fault(ob); fault != "" {
		at.Faultf("%s", fault)
	}
	return w, w.String()
}

// fault is what is wrong with a further warning of an objective; empty if nothing is.
func (w Warning) fault(ob *objective) string {
	switch {
	case w.Working && ob.Calendar == "":
		return fmt.Sprintf("%q: %v", w, errNeedsCalendar)
	case w.swallows(ob.Target):
		return fmt.Sprintf("%q is no time in a target of %q", w, ob.Target)
	case w.atDue() && w.Notify == "":
		return errAtDue.Error()
	case slices.Contains(ob.warnings, w.String()):
		return fmt.Sprintf("there is a warning %q already", w)
	}
	return ""
}

// swallows reports whether the warning comes before its due time by a whole target, whatever the calendar.
func (w Warning) swallows(t Target) bool {
	return w.Before > 0 && w.Before >= t.Span && (t.Unit == Elapsed && !w.Working || t.Unit == Working && w.Working)
}

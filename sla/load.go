package sla

import (
	"errors"
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// agreementReader reads an agreement from a document.
type agreementReader struct {
	calendars  map[string]*Calendar
	objectives []*objective
	byID       map[string]*objective
	names      []Name
	spots      []calendarSpot
}

func (r *agreementReader) read(v jsondoc.Value) AgreementSpec {
	o := v.Object("name", "version", "calendars", "objectives")
	s := AgreementSpec{Name: word(o.Need("name")), Version: word(o.Need("version"))}
	calendars, objectives := o.Get("calendars"), o.Need("objectives")
	if calendars.Exists() {
		for i, item := range calendars.Items() {
			if c := r.calendar(item); c != nil {
				r.spots = append(r.spots, calendarSpot{c.Name(), spot{i, item.Line(), item.Column()}})
				s.Calendars = append(s.Calendars, c.spec)
			}
		}
	}
	if !objectives.Exists() {
		return s
	}
	var places []jsondoc.Value
	for i, item := range objectives.Items() {
		all := r.preset(item)
		if all == nil {
			all = []*objective{r.objective(item)}
		}
		for _, ob := range all {
			ob.spot = spot{i, item.Line(), item.Column()}
			places = append(places, item)
			r.objectives = append(r.objectives, ob)
			s.Objectives = append(s.Objectives, ob.Objective)
		}
	}
	unreachable(places, r.objectives)
	return s
}

// word is a text that must not be empty.
func word(v jsondoc.Value) string {
	text := v.Text()
	if v.IsText() && text == "" {
		v.Faultf("an empty text")
	}
	return text
}

func (r *agreementReader) calendar(v jsondoc.Value) *Calendar {
	c := readCalendar(v)
	if !v.IsObject() {
		return nil
	}
	name := v.Object().Need("name")
	if name.IsText() && c.Name() == "" {
		name.Faultf("an empty text")
	}
	if c.Name() == "" {
		return nil
	}
	if _, twice := r.calendars[c.Name()]; twice {
		name.Faultf("there is a calendar %q already", c.Name())
	}
	r.calendars[c.Name()] = c
	return c
}

func (r *agreementReader) objective(v jsondoc.Value) *objective {
	o := v.Object("id", "metric", "when", "target", "calendar", "warn", "pause", "maxPause", "stop", "extend", "personOnly", "statutory", "intake", "source")
	var ob objective
	ob.ID = word(o.Need("id"))
	r.identify(o.Get("id"), &ob, "")
	if metric := o.Need("metric"); metric.Exists() {
		ob.Metric = readMetric(metric)
	}
	ob.When = r.when(o.Get("when"))
	ob.conditions = conditions(ob.When)
	ob.PersonOnly, ob.Statutory = o.Get("personOnly").Bool(), o.Get("statutory").Bool()
	if source := o.Get("source"); source.Exists() {
		ob.Source = word(source)
	}
	r.readCalendarName(o.Get("calendar"), &ob)
	r.readTarget(o, &ob)
	ob.Intake = readIntake(o.Get("intake"), &ob)
	r.readWarnings(o.Get("warn"), &ob)
	pause := o.Get("pause")
	ob.Pause, ob.Stop = r.set("pause", pause), r.set("stop", o.Get("stop"))
	readMaxPause(o.Get("maxPause"), &ob)
	switch {
	case len(ob.Pause) == 0:
	case ob.Statutory:
		pause.Faultf("a statutory objective never pauses")
	case ob.Metric == Promise && ob.Target == Target{}:
		pause.Faultf("a promise without a target is due when it was promised and does not pause")
	}
	return &ob
}

// identify files an objective under its id, which no other has; advice is what to do if one does.
func (r *agreementReader) identify(v jsondoc.Value, ob *objective, advice string) {
	if _, twice := r.byID[ob.ID]; twice {
		v.Faultf("there is an objective %q already%s", ob.ID, advice)
	} else if ob.ID != "" {
		r.byID[ob.ID] = ob
	}
}

// readMaxPause reads how long pauses may last, in time that can be added up.
func readMaxPause(v jsondoc.Value, ob *objective) {
	if !v.Exists() {
		return
	}
	const want = `a cap on pauses is a sum of time: want elapsed or working time, as in "24h" or "10 working hours"`
	t, err := parseTarget(v.Text())
	switch {
	case !v.IsText():
		return
	case errors.Is(err, errTargetText), errors.Is(err, errCloseOf), err == nil && t.Days != 0:
		v.Faultf("%q: %s%s", v.Text(), want, didYouMean(spansMeantBy(v.Text())))
	default:
		ob.MaxPause = target(v, ob)
	}
	if len(ob.Pause) == 0 {
		v.Faultf("nothing pauses the objective")
	}
}

// set reads the names that go with an attribute, of which each comes once, and sorts them.
func (r *agreementReader) set(attribute string, v jsondoc.Value) []string {
	if !v.Exists() {
		return nil
	}
	texts := v.Texts()
	seen := make(map[string]bool, len(texts))
	for _, item := range v.Items() {
		if !item.IsText() {
			continue
		}
		if seen[item.Text()] {
			item.Faultf("%q is given twice", item.Text())
		}
		seen[item.Text()] = true
		r.name(attribute, item)
	}
	slices.Sort(texts)
	return texts
}

// name notes a name that only the host knows.
func (r *agreementReader) name(attribute string, v jsondoc.Value) {
	r.names = append(r.names, Name{attribute, v.Text(), v.Line(), v.Column()})
}

func (r *agreementReader) when(v jsondoc.Value) map[string][]string {
	if !v.Exists() {
		return nil
	}
	when := map[string][]string{}
	o := v.Object()
	for _, key := range o.Keys() {
		attribute, values := key.Text(), o.Get(key.Text())
		if attribute == "" {
			key.Faultf("an attribute without a name")
		}
		when[attribute] = r.set(attribute, values)
		if values.IsArray() && len(values.Items()) == 0 {
			values.Faultf("no value: the objective would never apply; leave %q out if any will do", attribute)
		}
	}
	return when
}

func (r *agreementReader) readCalendarName(v jsondoc.Value, ob *objective) {
	if !v.Exists() {
		return
	}
	ob.Calendar = v.Text()
	ob.calendar = r.calendars[ob.Calendar]
	if v.IsText() && ob.calendar == nil {
		known := make([]string, 0, len(r.calendars))
		for name := range r.calendars {
			known = append(known, name)
		}
		slices.Sort(known)
		v.Unknown("calendar", ob.Calendar, known)
	}
}

func (r *agreementReader) readTarget(o jsondoc.Object, ob *objective) {
	if v := o.Get("target"); v.Exists() || ob.Metric != Promise {
		ob.Target = target(o.Need("target"), ob)
	}
	v := o.Get("extend")
	if !v.Exists() {
		return
	}
	for _, item := range v.Items() {
		x := item.Object("on", "target")
		on := x.Need("on")
		e := Extension{On: word(on), Target: target(x.Need("target"), ob)}
		if e.On != "" {
			r.name("extend", on)
		}
		if slices.ContainsFunc(ob.Extend, func(other Extension) bool { return other.On == e.On }) {
			on.Faultf("%q extends the target already", e.On)
		}
		if e.Target != (Target{}) && ob.Target != (Target{}) && !longer(e.Target, ob.Target) {
			x.Get("target").Faultf("%q is not longer than the target, %q", e.Target, ob.Target)
		}
		ob.Extend = append(ob.Extend, e)
	}
}

// longer reports whether a is longer than b, as far as that can be told: targets in different units differ by calendar.
func longer(a, b Target) bool {
	kind := func(t Target) Unit {
		if t.Unit == CalendarWeeks {
			return CalendarDays
		}
		return t.Unit
	}
	return kind(a) != kind(b) || a.Span > b.Span || a.Days > b.Days || a.Days == b.Days && a.Edge > b.Edge
}

func target(v jsondoc.Value, ob *objective) Target {
	text := v.Text()
	if !v.IsText() {
		return Target{}
	}
	t, err := ParseTarget(text)
	switch {
	case err != nil:
		v.Faultf("%s", strings.TrimPrefix(err.Error(), "sla: "))
	case t.needsCalendar() && ob.Calendar == "":
		v.Faultf("%q: %v", text, errNeedsCalendar)
	}
	return t
}

func readIntake(v jsondoc.Value, ob *objective) IntakeRules {
	if !v.Exists() {
		return IntakeRules{}
	}
	o := v.Object("before", "after", "dayOff")
	if v.IsObject() && ob.Calendar == "" {
		v.Faultf("intake rules need a calendar")
	}
	read := func(field string) Intake {
		known := intakes()
		v := o.Get(field)
		if !v.Exists() {
			return KeepTime
		}
		return Intake(max(slices.Index(known, v.OneOf("intake", known...)), 0))
	}
	return IntakeRules{read("before"), read("after"), read("dayOff")}
}

package sla

import "github.com/amends-go/amends/internal/jsondoc"

// preset reads what takes over a preset, and returns its objectives; nil if it is none. Each has what is said of all.
func (r *agreementReader) preset(v jsondoc.Value) []*objective {
	if !v.IsObject() || !v.Object().Get("preset").Exists() {
		return nil
	}
	o := v.Object("preset", "calendar", "when", "warn", "id")
	name := o.Get("preset")
	p, known := preset(name.OneOf("preset", presetNames()...))
	var shared objective
	shared.When = r.when(o.Get("when"))
	r.readCalendarName(o.Need("calendar"), &shared)
	warn := o.Get("warn")
	r.readWarnings(warn, &shared)
	var id string
	if given := o.Get("id"); given.Exists() {
		id = word(given)
	}
	if !known {
		p.Objectives = make([]Objective, 1) // something to go on with: the fault is reported
	}
	all := make([]*objective, len(p.Objectives))
	for i, ob := range p.Objectives {
		ob.When, ob.Calendar, ob.Warn = shared.When, shared.Calendar, shared.Warn
		if id != "" && ob.ID != "" {
			ob.ID = id + "-" + string(ob.Metric)
			if len(all) == 1 {
				ob.ID = id
			}
		}
		for j, w := range ob.Warn {
			if w.swallows(ob.Target) {
				warn.Items()[j].Faultf("%q is no time in a target of %q, as objective %q has", w, ob.Target, ob.ID)
			}
		}
		all[i] = &objective{Objective: ob.clone(), calendar: shared.calendar, conditions: conditions(ob.When), warnings: shared.warnings}
		for _, what := range ob.Stop {
			r.names = append(r.names, Name{"stop", what, v.Line(), v.Column()})
		}
		for _, e := range ob.Extend {
			r.names = append(r.names, Name{"extend", e.On, v.Line(), v.Column()})
		}
		r.identify(name, all[i], `; give this one an "id" of its own`)
	}
	return all
}

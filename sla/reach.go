package sla

import "github.com/amends-go/amends/internal/jsondoc"

// asked is one value of a condition that a metric's objectives ask for; without attribute and value, nothing.
type asked struct {
	metric           Metric
	attribute, value string
}

// unreachable reports objectives that never apply: an earlier one of the same metric holds wherever they do. Statutory ones always apply.
//
// An objective can only be covered by one that accepts a value it asks for. So each is filed under the values of its rarest attribute, and
// looked for under its own; most pairs are never compared.
func unreachable(items []jsondoc.Value, all []*objective) {
	common := map[asked]int{}
	for _, o := range all {
		for _, c := range o.conditions {
			for _, value := range c.values {
				common[asked{o.Metric, c.attribute, value}]++
			}
		}
	}
	filed := map[asked][]*objective{}
	for i, o := range all {
		if o.Statutory || o.Metric == "" {
			continue
		}
		if by := covering(filed, o); by != nil {
			items[i].Faultf("objective %q never applies: %q comes before it and holds wherever it does", o.ID, by.ID)
		}
		for _, key := range rarest(common, o) {
			filed[key] = append(filed[key], o)
		}
	}
}

// covering is a filed objective that holds wherever o does; nil if there is none.
func covering(filed map[asked][]*objective, o *objective) *objective {
	find := func(key asked) *objective {
		for _, earlier := range filed[key] {
			if covers(earlier.conditions, o.conditions) {
				return earlier
			}
		}
		return nil
	}
	found := find(asked{metric: o.Metric})
	for _, c := range o.conditions {
		if found == nil && len(c.values) > 0 {
			found = find(asked{o.Metric, c.attribute, c.values[0]})
		}
	}
	return found
}

// rarest are the values of the attribute that o shares with the fewest objectives.
func rarest(common map[asked]int, o *objective) []asked {
	best, fewest := []asked{{metric: o.Metric}}, -1
	for _, c := range o.conditions {
		keys, n := make([]asked, len(c.values)), 0
		for i, value := range c.values {
			keys[i] = asked{o.Metric, c.attribute, value}
			n += common[keys[i]]
		}
		if fewest < 0 || n < fewest {
			best, fewest = keys, n
		}
	}
	return best
}

package sla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// asked is one value of a condition that a metric's objectives ask for; without attribute and value, nothing.
type asked struct {
	metric           Metric
	attribute, value string
}

// The work that is done to find objectives that never apply, in comparisons of a value: for all together, and for one against all that
// come before it together. What is not found with that counts as reached. Ten thousand objectives of the usual kind take a
// small part of it; more is for those that are nearly all alike.
const (
	reachSteps    = 5_000_000
	reachTogether = 10_000
)

// reach looks for objectives that never apply: earlier ones of the same metric hold wherever they do. Statutory ones always apply.
//
// An objective can only be covered by one that accepts a value it asks for. So each is filed under the values of its rarest attribute, and
// looked for under its own; most pairs are never compared.
type reach struct {
	common map[asked]int // how many objectives ask for it
	filed  map[asked][]*objective
	steps  int // left
}

func unreachable(places []jsondoc.Value, all []*objective) {
	r := reach{common: map[asked]int{}, filed: map[asked][]*objective{}, steps: reachSteps}
	for _, o := range all {
		for _, c := range o.conditions {
			for _, value := range c.values {
				r.common[asked{o.Metric, c.attribute, value}]++
			}
		}
	}
	for i, o := range all {
		if o.Statutory || o.Metric == "" {
			continue
		}
		if by := r.covering(o); by != nil {
			places[i].Faultf("objective %q never applies: %q comes before it and holds wherever it does", o.ID, by.ID)
		} else if several := r.together(o); several != nil {
			places[i].Faultf("objective %q never applies: of those before it one always holds where it does (%s)", o.ID, listIDs(several))
		}
		for _, key := range r.rarest(o) {
			r.filed[key] = append(r.filed[key], o)
		}
	}
}

// listIDs names objectives, of many the first.
func listIDs(all []*objective) string {
	const most = 4
	ids := make([]string, 0, most)
	for _, o := range all[:min(len(all), most)] {
		ids = append(ids, fmt.Sprintf("%q", o.ID))
	}
	if more := len(all) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("%d more", more))
	}
	return strings.Join(ids, ", ")
}

// covering is a filed objective that holds wherever o does; nil if there is none.
func (r *reach) covering(o *objective) *objective {
	find := func(key asked) *objective {
		for _, earlier := range r.filed[key] {
			if r.steps <= 0 {
				return nil
			}
			if covers(earlier.conditions, o.conditions, &r.steps) {
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

// together are filed objectives of which one holds wherever o does; nil if there is such a case that none of them holds for. Only those count
// that look at nothing but what o looks at: of what it leaves open there is always a value that the others do not have.
func (r *reach) together(o *objective) []*objective {
	var boxes []*objective
	grid, points := make([][]string, len(o.conditions)), 1
	for i, c := range o.conditions {
		grid[i] = c.values
		points = min(points*len(c.values), 2)
	}
	if points < 2 {
		return nil // one alone holds there, or none
	}
	seen := map[*objective]bool{}
	for _, c := range o.conditions {
		for _, value := range c.values {
			for _, earlier := range r.filed[asked{o.Metric, c.attribute, value}] {
				if r.steps -= 1 + len(earlier.conditions); r.steps <= 0 {
					return nil
				}
				if !seen[earlier] && within(earlier.conditions, o.conditions) && meets(grid, o.conditions, earlier, &r.steps) {
					boxes = append(boxes, earlier)
				}
				seen[earlier] = true
			}
		}
	}
	if len(boxes) < 2 {
		return nil
	}
	steps := min(reachTogether, r.steps)
	r.steps -= steps
	full := fill(grid, o.conditions, boxes, &steps)
	r.steps += max(steps, 0)
	if !full {
		return nil
	}
	return boxes
}

// fill reports whether boxes hold for all of a grid, which has the values of each condition.
func fill(grid [][]string, conditions []condition, boxes []*objective, steps *int) bool {
	for n, box := range boxes {
		if !meets(grid, conditions, box, steps) {
			continue
		}
		rest := slices.Clone(grid)
		for i, c := range conditions {
			wanted := valuesOf(box.conditions, c.attribute)
			if wanted == nil {
				continue
			}
			var inside, outside []string
			for _, value := range rest[i] {
				if _, ok := slices.BinarySearch(wanted, value); ok {
					inside = append(inside, value)
				} else {
					outside = append(outside, value)
				}
			}
			if len(outside) > 0 { // what the box leaves, piece by piece
				piece := slices.Clone(rest)
				piece[i] = outside
				if !fill(piece, conditions, boxes[n+1:], steps) {
					return false
				}
			}
			rest[i] = inside
		}
		return *steps > 0
	}
	return false
}

// meets reports whether a box holds for any of a grid.
func meets(grid [][]string, conditions []condition, box *objective, steps *int) bool {
	for i, c := range conditions {
		wanted := valuesOf(box.conditions, c.attribute)
		if *steps -= 1 + len(grid[i]); *steps <= 0 {
			return false
		}
		if wanted != nil && !slices.ContainsFunc(grid[i], func(value string) bool {
			_, ok := slices.BinarySearch(wanted, value)
			return ok
		}) {
			return false
		}
	}
	return true
}

// valuesOf are the values that conditions ask of an attribute; nil if they do not look at it.
func valuesOf(all []condition, attribute string) []string {
	for i := range all {
		if all[i].attribute == attribute {
			return all[i].values
		}
	}
	return nil
}

// within reports whether a looks at nothing but what b looks at.
func within(a, b []condition) bool {
	for i := range a {
		if valuesOf(b, a[i].attribute) == nil {
			return false
		}
	}
	return true
}

// covers reports whether a holds wherever b holds.
func covers(a, b []condition, steps *int) bool {
	for i := range a {
		*steps--
		values := valuesOf(b, a[i].attribute)
		if values == nil {
			return false
		}
		for _, value := range values {
			*steps--
			if _, ok := slices.BinarySearch(a[i].values, value); !ok {
				return false
			}
		}
	}
	*steps--
	return true
}

// rarest are the values of the attribute that o shares with the fewest objectives.
func (r *reach) rarest(o *objective) []asked {
	best, fewest := []asked{{metric: o.Metric}}, -1
	for _, c := range o.conditions {
		keys, n := make([]asked, len(c.values)), 0
		for i, value := range c.values {
			keys[i] = asked{o.Metric, c.attribute, value}
			n += r.common[keys[i]]
		}
		if fewest < 0 || n < fewest {
			best, fewest = keys, n
		}
	}
	return best
}

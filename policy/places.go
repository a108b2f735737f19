package policy

// maxPairs is how many pairs of rows are compared with one another. Documents of thousands of rows need far fewer, unless most
// of their rows concern the same remedies and differ in their limits alone.
const maxPairs = 4_000_000

// place is where rows are looked for that may cover another: by a kind that they concern ("": all) and one name that they ask for. The
// search is short then, though the document is long.
type place struct {
	kind Kind
	attribute
}

// attribute is a name in one of a row's lists. The zero attribute is none.
type attribute struct {
	list int // from 1 on
	name string
}

// found has the rows in each place.
type found map[place][]int

// find is the first row in the places that fits, or nil. It takes no more than so many pairs.
func (x found) find(all []rule, in []place, pairs *int, fits func(at int) bool) *rule {
	for _, where := range in {
		for _, at := range x[where] {
			if *pairs--; *pairs < 0 {
				return nil
			}
			if fits(at) {
				return &all[at]
			}
		}
	}
	return nil
}

func (w *row) lists() [4][]string {
	return [4][]string{w.categories, w.severities, w.channels, w.tiers}
}

// frequency says how many rows have a name.
type frequency map[attribute]int

func frequencies(all []rule) frequency {
	f := frequency{}
	for i := range all {
		for at, list := range all[i].row.lists() {
			for _, name := range list {
				f[attribute{at + 1, name}]++
			}
		}
	}
	return f
}

// rarest is the name in a list that the fewest rows have.
func (f frequency) rarest(at int, list []string) attribute {
	rare := attribute{at + 1, list[0]}
	for _, name := range list[1:] {
		if a := (attribute{at + 1, name}); f[a] < f[rare] {
			rare = a
		}
	}
	return rare
}

// places are where a row is found: by each name in one of its lists, the one with the rarest name.
func (f frequency) places(u *rule) []place {
	names, fewest := []attribute{{}}, 0
	for at, list := range u.row.lists() {
		if len(list) == 0 {
			continue
		}
		if n := f[f.rarest(at, list)]; fewest == 0 || n < fewest {
			fewest, names = n, nil
			for _, name := range list {
				names = append(names, attribute{at + 1, name})
			}
		}
	}
	kinds := u.kinds
	if len(kinds) == 0 {
		kinds = []Kind{""}
	}
	var all []place
	for _, k := range kinds {
		for _, a := range names {
			all = append(all, place{k, a})
		}
	}
	return all
}

// within are the places where a row that covers u is found: it concerns u's first kind, or all, and has every name of u's in one of its
// lists, or no list.
func (f frequency) within(u *rule) []place {
	names := []attribute{{}}
	for at, list := range u.row.lists() {
		if len(list) > 0 {
			names = append(names, f.rarest(at, list))
		}
	}
	kinds := []Kind{""}
	if len(u.kinds) > 0 {
		kinds = append(kinds, u.kinds[0])
	}
	var all []place
	for _, k := range kinds {
		for _, a := range names {
			all = append(all, place{k, a})
		}
	}
	return all
}

package jsondoc

import (
	"strings"
	"unicode/utf8"
)

// longest is how many characters a name may have to be compared.
const longest = 64

// Nearest is the known name that got was probably meant to be, or "". Names that differ in case alone are nearest; after that the one
// with the fewest edits (inserted, dropped, changed or swapped neighboring characters), of which a third of the name's length
// and at least one are taken for a slip. Of equals, the first known wins.
func Nearest(got string, known []string) string {
	if got == "" || utf8.RuneCountInString(got) > longest {
		return ""
	}
	a := []rune(strings.ToLower(got))
	best, fewest := "", len(a)+1
	for _, k := range known {
		if utf8.RuneCountInString(k) > longest {
			continue
		}
		b := []rune(strings.ToLower(k))
		bound := max(1, max(len(a), len(b))/3)
		if max(len(a), len(b)) < 2 || abs(len(a)-len(b)) > bound {
			bound = 0
		}
		if n := edits(a, b); n <= bound && n < fewest {
			best, fewest = k, n
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// edits is the optimal string alignment distance (restricted Damerau-Levenshtein).
func edits(a, b []rune) int {
	width := len(b) + 1
	rows := [3][]int{make([]int, width), make([]int, width), make([]int, width)}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range row {
		row[j] = j
	}
	for i, ca := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		for j, cb := range b {
			change := last[j]
			if ca != cb {
				change++
			}
			n := min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && ca == b[j-1] && a[i-1] == cb {
				n = min(n, before[j-1]+1)
			}
			row[j+1] = n
		}
	}
	return row[len(b)]
}

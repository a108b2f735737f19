package policy

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// failure is why a rule failed. The zero failure is none.
type failure struct {
	missing []string
	err     string
}

func (f *failure) failed() bool { return f.err != "" || len(f.missing) > 0 }

// lack notes a missing fact. It is true, as is a condition of which nothing is known.
func (f *failure) lack(fact string) bool {
	f.missing = append(f.missing, fact)
	return true
}

// fail notes an error, the first alone. It is true, as is a condition of which nothing is known.
func (f *failure) fail(err string) bool {
	if f.err == "" {
		f.err = err
	}
	return true
}

func (f *failure) String() string {
	var parts []string
	if len(f.missing) > 0 {
		parts = append(parts, "missing "+strings.Join(f.missing, ", "))
	}
	if f.err != "" {
		parts = append(parts, f.err)
	}
	return strings.Join(parts, "; ")
}

// contain runs the host's code, and makes a failure of its error or panic.
func contain(f func() (bool, error)) (yes bool, why failure) {
	defer func() {
		if p := recover(); p != nil {
			yes, why = false, failure{err: fmt.Sprintf("it panicked: %v", p)}
		}
	}()
	yes, err := f()
	if err == nil {
		return yes, failure{}
	}
	if missing, ok := errors.AsType[*MissingError](err); ok && len(missing.Facts) > 0 {
		return false, failure{missing: missing.Facts}
	}
	return false, failure{err: cmp.Or(err.Error(), "an error without text")}
}

// runCode runs a rule in Go.
func (j *judging) runCode(u *rule) outcome {
	r := j.shared()
	var f Finding
	fired, why := contain(func() (yes bool, err error) {
		f, yes, err = u.code.Judge(r)
		return yes, err
	})
	if f.Error != "" {
		why.fail(f.Error)
	}
	if !fired && !why.failed() {
		return outcome{}
	}
	f.Rule, f.Effect, f.Error = u.id, u.effect, ""
	f.Unfit = f.Unfit && u.effect == Block && !why.failed()
	rank := 0
	if u.effect == Allow || u.effect == Approve {
		var known bool
		if rank, known = j.s.Rank(f.By); !known {
			why.fail(unknownRole(f.By, j.s.roles))
		}
	} else {
		f.By = ""
	}
	if why.failed() {
		j.missing = addMissing(j.missing, why.missing)
		f.Error, rank = why.String(), j.failedRank(u.effect, rank)
		if u.effect == Approve || u.effect == Mandate {
			f.By = j.s.roles[rank]
		}
	}
	*j.next() = hit{other: &f}
	j.n++
	return outcome{rank, fired, why.failed(), f.Unfit}
}

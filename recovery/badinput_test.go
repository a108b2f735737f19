package recovery_test

import (
	"errors"

	"github.com/amends-go/amends/recovery"
)

// faultyFields are the fields that an error names, in its order.
func faultyFields(err error) []string {
	var field *recovery.FieldError
	switch e := err.(type) {
	case *recovery.FieldError:
		return []string{e.Field}
	case interface{ Unwrap() []error }:
		var out []string
		for _, err := range e.Unwrap() {
			out = append(out, faultyFields(err)...)
		}
		return out
	}
	if errors.As(err, &field) {
		return faultyFields(errors.Unwrap(err))
	}
	return nil
}

package recovery

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/amends-go/amends/policy"
)

// What callers branch on. Errors of the store ([history.ErrNotFound],
// [history.ErrConflict], [history.ErrKeyReused], [history.ErrUncertain]) come
// through wrapped.
var (
	// ErrStep says that the command is not possible in the case's step, or as the case
	// otherwise stands: it waits already, no promise is open, it was closed too long ago.
	ErrStep = errors.New("not possible in this step")
	// ErrDenied says that the policy, or the desk's own rules on who may do what, forbid it.
	ErrDenied = errors.New("denied")
	// ErrInvalid says that the input is wrong by itself, whatever the case's step.
	ErrInvalid = errors.New("invalid")
	// ErrUnknownEvent says that a record's type or fields are not known to this program: a newer one wrote it.
	ErrUnknownEvent = errors.New("recovery: unknown event")
)

// CaseError is the error of a command on a case. It says which command failed,
// on which case, in which step, and which commands would have been legal.
// [errors.Is] sees through it to [ErrStep], [ErrDenied], [ErrInvalid] and the
// store's errors.
type CaseError struct {
	Op    string    // the command, as in "propose"
	Case  uuid.UUID // the case; zero where there is none, and where opening one failed that the caller gave no id
	Step  Step      // the step it was in; empty where there is no case
	Legal []string  // with ErrStep: the commands that are legal in the step, those that the actor may give
	Err   error
}

// Error returns a sentence such as
// `recovery: propose on case 0192…: step "acknowledged": not possible in this step (possible: clarify, …)`.
func (e *CaseError) Error() string {
	var b strings.Builder
	b.WriteString("recovery: " + e.Op)
	if e.Case != uuid.Nil {
		fmt.Fprintf(&b, " on case %s", e.Case)
	}
	if e.Step != "" {
		fmt.Fprintf(&b, ": step %q", e.Step)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if len(e.Legal) > 0 {
		fmt.Fprintf(&b, " (possible: %s)", strings.Join(e.Legal, ", "))
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *CaseError) Unwrap() error { return e.Err }

// DeniedError says that the policy denied an offer. It is [ErrDenied], and
// carries the decision, so that a screen can show why.
type DeniedError struct {
	Decision policy.Decision
	Option   int // which of the offer's options: 0 the remedies, 1 the first alternative, …
}

// Error returns the decision in a sentence.
func (e *DeniedError) Error() string { return "denied by policy: " + e.Decision.String() }

// Is reports whether target is [ErrDenied].
func (e *DeniedError) Is(target error) bool { return target == ErrDenied }

// FieldError says what is wrong with one field of a complaint or command, and
// what would be right. It is [ErrInvalid]. Several faults come joined.
type FieldError struct {
	Field string // as in "remedies[0].amount"
	Msg   string
}

// Error returns "field: what is wrong".
func (e *FieldError) Error() string { return e.Field + ": " + e.Msg }

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// invalid is a fault of one field.
func invalid(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// nthError says which of a call's commands failed: the ones before it were decided,
// and nothing was written.
type nthError struct {
	n, of int
	err   error
}

func (e *nthError) Error() string { return fmt.Sprintf("command %d of %d: %v", e.n, e.of, e.err) }

func (e *nthError) Unwrap() error { return e.err }

// standing is a refusal because of how the case stands beside its step. It is ErrStep.
func standing(format string, args ...any) error {
	return &standingError{fmt.Sprintf(format, args...)}
}

type standingError struct{ msg string }

func (e *standingError) Error() string { return e.msg }

// Is reports whether target is [ErrStep].
func (e *standingError) Is(target error) bool { return target == ErrStep }

// denied is a refusal by the desk's own rules.
func denied(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDenied, fmt.Sprintf(format, args...))
}

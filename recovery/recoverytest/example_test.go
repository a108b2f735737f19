package recoverytest_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// console stands in for the *testing.T of a test, so that the example can run.
type console struct{ testing.TB }

func (console) Helper()                  {}
func (console) Context() context.Context { return context.Background() }
func (console) Errorf(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stdout, format+"\n", args...)
}

func (console) Fatalf(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stdout, format+"\n", args...)
}

// A unit test of an application that embeds a desk: what becomes of a promise that
// is not kept?
func ExampleDesk() {
	t := console{} // in a test this is its *testing.T

	desk := recoverytest.New(t, nil)      // Options as the application's own
	c := desk.At(recovery.StepFulfilling) // a promise is outstanding
	desk.Advance(8 * 24 * time.Hour)      // and not kept
	desk.WantEvents(c.ID, "promise.broken", "round.started", "escalation.demanded")

	c, err := desk.Case(t.Context(), c.ID)
	fmt.Println(c.Step, "in round", c.Round, "after", c.Deviations, "deviation", err)
	// Output:
	// received in round 2 after 1 deviation <nil>
}

package policytest

import (
	"strings"

	"github.com/amends-go/amends/policy"
)

// T is what Run needs of a test; *testing.T and *testing.B have it.
type T[Sub any] interface {
	Helper()
	Run(name string, f func(Sub)) bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Run judges every case of a document by the policy, each as a subtest of the test: t is a *testing.T. A case that does not hold fails with
// the whole decision in words; what is wrong with the document ends the test. Rules that no case fires are logged, or fail the test
// if the document demands every rule. The package documentation describes the document.
func Run[S T[S]](t S, rules *policy.Set, cases []byte) {
	t.Helper()
	report, err := Check(rules, cases)
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	for _, r := range report.Results {
		t.Run(strings.ReplaceAll(r.Name, "/", "|"), func(t S) {
			t.Helper()
			if !r.OK() {
				t.Errorf("%s", r)
			}
		})
	}
	if report.covered() {
		t.Logf("%s", report.Coverage())
	} else {
		t.Errorf("%s", report.Coverage())
	}
}

package policy

import (
	"fmt"
	"slices"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Effect is what a rule does when it fires. The order of the constants is their strength: of the rules that fire on a remedy the
// strongest effect decides. The zero Effect is none. Its text and JSON form is "allow", "approve", "deny", "mandate" or "block".
type Effect uint8

// The effects, weakest first.
const (
	Allow   Effect = iota + 1 // somebody of its role or above may offer it
	Approve                   // a second person of its role or above has to agree
	Deny                      // it may not be offered
	Mandate                   // the customer is entitled to it by law or contract: denials, caps and approvals are lifted
	Block                     // it must not happen, whatever the entitlement (integrity, law)
)

//nolint:gochecknoglobals // a compiled table
var effects = []string{"allow", "approve", "deny", "mandate", "block"}

// String is the effect's text form, or "Effect(n)" for what is none.
func (e Effect) String() string {
	if e < Allow || e > Block {
		return fmt.Sprintf("Effect(%d)", uint8(e))
	}
	return effects[e-1]
}

// one is the effect with its article.
func (e Effect) one() string {
	if e == Allow || e == Approve {
		return "an " + e.String()
	}
	return "a " + e.String()
}

// MarshalText writes the text form. What is no effect is an error.
func (e Effect) MarshalText() ([]byte, error) { return e.AppendText(nil) }

// AppendText appends what MarshalText returns.
func (e Effect) AppendText(b []byte) ([]byte, error) {
	if e < Allow || e > Block {
		return b, fmt.Errorf("policy: no effect: %s", e)
	}
	return append(b, e.String()...), nil
}

// UnmarshalText reads the text form.
func (e *Effect) UnmarshalText(text []byte) error {
	i, err := index("effect", text, effects)
	if err != nil {
		return err
	}
	*e = Effect(i + 1)
	return nil
}

// Verdict is a decision's answer. The zero Verdict is Denied. Its text and JSON form is "denied", "blocked", "needs_approval",
// "allowed" or "mandated".
type Verdict uint8

// The verdicts. Denied is zero on purpose.
const (
	Denied        Verdict = iota // a rule denies it, or none allows it
	Blocked                      // it must not happen
	NeedsApproval                // it may be offered once somebody of Decision.By or above agrees
	Allowed                      // it may be offered
	Mandated                     // it may be offered, and the customer is entitled to it
)

//nolint:gochecknoglobals // a compiled table
var verdicts = []string{"denied", "blocked", "needs_approval", "allowed", "mandated"}

// String is the verdict's text form, or "Verdict(n)" for what is none.
func (v Verdict) String() string {
	if v > Mandated {
		return fmt.Sprintf("Verdict(%d)", uint8(v))
	}
	return verdicts[v]
}

// MarshalText writes the text form. What is no verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) { return v.AppendText(nil) }

// AppendText appends what MarshalText returns.
func (v Verdict) AppendText(b []byte) ([]byte, error) {
	if v > Mandated {
		return b, fmt.Errorf("policy: no verdict: %s", v)
	}
	return append(b, v.String()...), nil
}

// UnmarshalText reads the text form.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := index("verdict", text, verdicts)
	if err != nil {
		return err
	}
	*v = Verdict(i)
	return nil
}

// stricter is the verdict of a bundle of two remedies: that of the stricter one.
func stricter(a, b Verdict) Verdict {
	for _, v := range [...]Verdict{Blocked, Denied, NeedsApproval, Allowed} {
		if a == v || b == v {
			return v
		}
	}
	return Mandated
}

// may tells whether the offer may be made as it stands.
func (v Verdict) may() bool { return v == Allowed || v == Mandated }

func index(what string, text []byte, known []string) (int, error) {
	i := slices.Index(known, string(text))
	if i < 0 {
		return 0, fmt.Errorf("policy: unknown %s %q%s", what, text, didYouMean(jsondoc.Nearest(string(text), known)))
	}
	return i, nil
}

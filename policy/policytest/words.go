package policytest

import (
	"fmt"
	"strings"

	"github.com/amends-go/amends/policy"
)

// Words is the whole decision in words, a line for each thing said: the verdict, every rule that fired or failed with its effect and
// why, the facts that are missing, and which policy it was.
func Words(d policy.Decision) []string {
	lines := []string{"decided: " + verdict(d)}
	if len(d.Findings) == 0 {
		lines = append(lines, "- no rule fired")
	}
	for _, f := range d.Findings {
		lines = append(lines, "- "+finding(f))
	}
	if len(d.Missing) > 0 {
		lines = append(lines, "not known: "+strings.Join(d.Missing, ", "))
	}
	if d.Policy != "" {
		lines = append(lines, fmt.Sprintf("by the policy %q, version %s", d.Policy, d.Version))
	}
	return lines
}

// finding is, for example, "refunds (allow, supervisor): 80.00 EUR of 500.00 EUR used".
func finding(f policy.Finding) string {
	text := f.Rule + " (" + f.Effect.String()
	if f.By != "" {
		text += ", " + string(f.By)
	}
	text += ")"
	switch compared := f.Compared.String(); {
	case f.Reason != "" && compared != "":
		text += ": " + f.Reason + " (" + compared + ")"
	case f.Reason != "" || compared != "":
		text += ": " + f.Reason + compared
	}
	if f.Error != "" {
		text += " [failed: " + f.Error + "]"
	}
	return text
}

// verdict is, for example, "needs approval by supervisor", or "blocked for this actor; somebody else may".
func verdict(d policy.Decision) string {
	text := strings.ReplaceAll(d.Verdict.String(), "_", " ")
	switch {
	case d.Unfit && d.By != "":
		return text + " for this actor; " + string(d.By) + " or above may"
	case d.Unfit:
		return text + " for this actor; somebody else may"
	case d.By != "":
		return text + " by " + string(d.By)
	}
	return text
}

// offered is, for example, "refund of 80.00 EUR and apology, by agent".
func offered(r policy.Request) string {
	parts := make([]string, len(r.Offer))
	for i, x := range r.Offer {
		parts[i] = x.String()
	}
	whole := []string{strings.Join(parts, " and ")}
	if r.Actor.Role != "" {
		whole = append(whole, "by "+string(r.Actor.Role))
	}
	for _, a := range r.Approvers {
		whole = append(whole, "agreed by "+string(a.Role))
	}
	return strings.Join(whole, ", ")
}

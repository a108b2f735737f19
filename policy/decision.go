package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Decision is what Judge answers: the verdict on the whole offer, and every rule that fired or failed on the way to it. The zero
// Decision denies.
type Decision struct {
	Verdict Verdict `json:"verdict"`
	// By is, with NeedsApproval, the lowest role that may approve, and with Unfit the lowest role of whoever else may make the offer; empty
	// if anybody may.
	By Role `json:"by,omitempty"`
	// Unfit says, with Blocked, that it is on account of the actor alone (they are the customer, they are complained about): what the
	// customer is entitled to stays, and somebody else may offer it, with the approvals that it takes.
	Unfit    bool      `json:"unfit,omitempty"`
	Findings []Finding `json:"findings,omitempty"` // sorted by rule
	Missing  []string  `json:"missing,omitempty"`  // facts that rules lacked, sorted: "order.delivered"
	Reserves []Given   `json:"reserves,omitempty"` // what the offer takes from the ledgers, unless it is refused
	Policy   string    `json:"policy,omitempty"`   // the Set's name
	Version  string    `json:"version,omitempty"`  // and version
	Digest   Digest    `json:"digest,omitzero"`    // and digest
}

// Grounds are the findings that the verdict rests on, one for each rule: those that block, that deny or failed to allow, that ask for the
// approval, that entitle. An offer that is allowed, or that no rule allows, has none. Findings has all that fired.
func (d Decision) Grounds() []Finding { return grounds(d.Verdict, d.By, d.Findings) }

// Explain says why to the customer, in a language: what the rules that the verdict rests on have to say to them, each text once. A rule
// that gives no explanation for the customer, or none in that language, adds nothing, and neither does one that failed, since it is not
// known whether what it says is true. Reasons, errors and missing facts are for staff alone. So a suspicion never shows unless its rule says it in so many words.
func (d Decision) Explain(lang string) []string {
	var texts []string
	for _, f := range d.Grounds() {
		if text := f.Explain.In(lang); f.Error == "" && text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// String is the verdict and its Grounds, a sentence for each rule: "needs approval by supervisor (swap-early: replaced rather than
// repaired in the first 30 days (14 of 30 days since delivery))".
func (d Decision) String() string {
	s := d.Verdict.words()
	if d.By != "" && !d.Unfit {
		s += " by " + string(d.By)
	}
	s += inWords(d.Verdict, d.By, d.Findings)
	if d.Unfit {
		s += "; somebody else may"
		if d.By != "" {
			s += fmt.Sprintf(" (%s or above)", d.By)
		}
	}
	if len(d.Missing) > 0 {
		s += "; missing " + strings.Join(d.Missing, ", ")
	}
	return s
}

func (v Verdict) words() string {
	if v == NeedsApproval {
		return "needs approval"
	}
	return v.String()
}

func grounds(v Verdict, by Role, all []Finding) []Finding {
	var some []Finding
	for _, f := range all {
		if f.supports(v, by) {
			some = append(some, f)
		}
	}
	return some
}

// inWords are the grounds in parentheses.
func inWords(v Verdict, by Role, all []Finding) string {
	var texts []string
	for _, f := range grounds(v, by, all) {
		texts = append(texts, f.String())
	}
	if len(texts) == 0 {
		if v == Denied {
			return " (no rule allows it" + onlyApprovals(all) + ")"
		}
		return ""
	}
	return " (" + strings.Join(texts, "; ") + ")"
}

// onlyApprovals says of the approves among the findings that they allow nothing.
func onlyApprovals(all []Finding) string {
	var ids []string
	for _, f := range all {
		if f.Effect == Approve {
			ids = append(ids, f.Rule)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return "; " + strings.Join(ids, ", ") + " would only add an approval"
}

// supports tells whether the finding speaks for the verdict.
func (f Finding) supports(v Verdict, by Role) bool {
	switch v {
	case Blocked:
		return f.Effect == Block
	case Denied:
		return f.Effect == Deny || f.Error != ""
	case NeedsApproval:
		return f.By == by && f.Effect != Deny && (f.Effect != Allow || f.Error == "")
	case Mandated:
		return f.Effect == Mandate && f.Error == ""
	case Allowed:
	}
	return false
}

// Digest is the SHA-256 of a policy's canonical document. Its text and JSON form is 64 hexadecimal digits.
type Digest [sha256.Size]byte

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes the digest in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// AppendText appends what MarshalText returns.
func (d Digest) AppendText(b []byte) ([]byte, error) { return hex.AppendEncode(b, d[:]), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if len(text) != hex.EncodedLen(len(read)) {
		return fmt.Errorf("policy: a digest has %d hexadecimal digits, got %d characters", hex.EncodedLen(len(read)), len(text))
	}
	if _, err := hex.Decode(read[:], text); err != nil {
		return fmt.Errorf("policy: digest: %w", err)
	}
	*d = read
	return nil
}

package main

import "github.com/amends-go/amends/policy"

// Chargeback is a rule that takes more than a row of a document: no goodwill
// while the customer's bank is taking the money back.
func Chargeback() policy.Rule {
	return policy.Func{
		Name: "chargeback", Is: policy.Deny, Remedies: []policy.Kind{policy.Gift, policy.Credit}, Basis: policy.Business,
		Explain: policy.MakeTexts(map[string]string{"en": "Your bank is already paying you back."}),
		Fn: func(r *policy.Request) (reason string, fired bool, err error) {
			open, known := r.Facts["chargeback_open"].(bool)
			if !known { // which is not the same as false: the rule fails, and a deny that fails counts as fired
				return "", false, policy.Missing("chargeback_open")
			}
			return "the bank is taking the money back already", open, nil
		},
	}
}

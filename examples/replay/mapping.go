package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// How the words of the file read in the words of the desk.

// channels are the ways in which complaints are submitted. Fax and referral (by
// another authority) are names of this host's.
func channels() map[string]recovery.Channel {
	return map[string]recovery.Channel{
		"Web": recovery.WebForm, "Phone": recovery.Phone, "Postal mail": recovery.Letter, "Email": recovery.Email,
		"Fax": "fax", "Referral": "referral",
	}
}

// categories are the products, which say what kind of complaint it is.
func categories() map[string]recovery.Category {
	return map[string]recovery.Category{
		"Bank account or service": "bank_account",
		"Consumer Loan":           "consumer_loan",
		"Credit card":             "credit_card",
		"Credit reporting":        "credit_reporting",
		"Debt collection":         "debt_collection",
		"Money transfers":         "money_transfer",
		"Mortgage":                "mortgage",
		"Other financial service": "other_financial_service",
		"Payday loan":             "payday_loan",
		"Prepaid card":            "prepaid_card",
		"Student loan":            "student_loan",
		"Virtual currency":        "virtual_currency",
	}
}

// topic is the category of the concern itself: the first whose word is in the
// issue. "information", "conduct" and "cancellation" come with the library.
func topic(issue string) recovery.Category {
	issue = strings.ToLower(issue)
	for _, t := range []struct {
		word     string
		category recovery.Category
	}{
		{"fraud", "fraud"},
		{"unauthorized", "fraud"},
		{"didn't apply for", "fraud"},
		{"tactics", "conduct"},
		{"improper", "conduct"},
		{"illegal", "conduct"},
		{"customer service", "conduct"},
		{"incorrect", "information"},
		{"false", "information"},
		{"disclosure", "information"},
		{"advertising", "information"},
		{"cancel", "cancellation"},
		{"fee", "price"},
		{"interest", "price"},
	} {
		if strings.Contains(issue, t.word) {
			return t.category
		}
	}
	return "servicing"
}

// remedies are what the responses offer. How much money was given the file does
// not say: policy.json has a kind without amount for it.
func remedies() map[response]policy.Kind {
	return map[response]policy.Kind{
		monetaryRelief:    "monetary_relief",
		nonMonetaryRelief: policy.Correction,
		explanation:       policy.Explanation,
	}
}

// names are what the tables above use beside the library's own.
func names() recovery.Names {
	return recovery.Names{
		Channels:   []recovery.Channel{"fax", "referral"},
		Categories: append(slices.Sorted(maps.Values(categories())), "fraud", "price", "servicing"),
	}
}

// Package crm embeds a desk, as a downstream project does. It stands outside the
// repository's modules: CI copies it elsewhere, builds it and runs its test.
package crm

import (
	"context"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// CRM handles complaints about deliveries.
type CRM struct {
	desk *recovery.Desk
}

const rules = `{
  "name": "deliveries", "version": "1", "roles": ["agent", "supervisor"],
  "rows": [
    {"id": "small", "effect": "allow", "remedies": ["voucher"], "role": "agent", "upTo": {"amount": "10.00", "currency": "EUR"}},
    {"id": "large", "effect": "allow", "remedies": ["voucher"], "role": "supervisor", "upTo": {"amount": "100.00", "currency": "EUR"}},
    {"id": "again", "effect": "allow", "remedies": ["reperformance"], "role": "agent"}
  ]
}`

// Options are the desk's settings: the CRM's own, which its tests use too.
func Options() (*recovery.Options, error) {
	set, err := policy.Load([]byte(rules), nil)
	if err != nil {
		return nil, err
	}
	return &recovery.Options{Policy: set}, nil
}

// New makes a CRM on a store.
func New(store history.Store) (*CRM, error) {
	o, err := Options()
	if err != nil {
		return nil, err
	}
	desk, err := recovery.New(store, o)
	if err != nil {
		return nil, err
	}
	return On(desk), nil
}

// On makes a CRM of a desk that is there already.
func On(desk *recovery.Desk) *CRM { return &CRM{desk} }

// Late takes the complaint of a customer whose parcel is late.
func (c *CRM) Late(ctx context.Context, agent, customer, said string) (recovery.Case, error) {
	return c.desk.Open(ctx, recovery.Actor{ID: agent, Role: "agent"},
		recovery.Complaint{Customer: customer, Channel: recovery.Phone, Category: "delivery", Summary: said},
		recovery.Acknowledge{Text: "I am sorry that you have to wait."},
		recovery.Clarify{Restated: said, Basis: recovery.Confirmed},
	)
}

// Offer proposes to send the parcel again by tomorrow, and a voucher for the
// trouble. It is presented at once where nobody has to agree.
func (c *CRM) Offer(ctx context.Context, agent string, id uuid.UUID, voucher policy.Money) (recovery.Case, error) {
	by := recovery.Actor{ID: agent, Role: "agent"}
	now, err := c.desk.Do(ctx, id, by, recovery.Propose{
		Remedies: []policy.Remedy{{Kind: policy.Reperformance}, {Kind: policy.Voucher, Amount: voucher}},
		Promises: []recovery.Promise{{What: "the parcel sent again", Within: "24h", Item: 1}},
	})
	if err != nil || now.Step != recovery.StepApproved {
		return now, err
	}
	return c.desk.Do(ctx, id, by, recovery.Present{})
}

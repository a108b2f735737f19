package main_test

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history/sqlite"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

const capped = `{
  "name": "capped", "version": "1", "roles": ["agent"], "ledgers": ["household"],
  "rows": [
    {"id": "voucher", "effect": "allow", "remedies": ["voucher"], "role": "agent"},
    {"id": "refund", "effect": "allow", "remedies": ["refund"], "role": "agent"},
    {"id": "three", "effect": "deny", "remedies": ["voucher"], "beyond": {"count": 3, "per": "customer", "days": 90}},
    {"id": "hundred", "effect": "deny", "remedies": ["refund"], "beyond": {"amount": {"amount": "100.00", "currency": "EUR"}, "per": "household"}}
  ]
}`

// TestACapHoldsAcrossRacingCases: 32 agents, on as many cases and as four processes on
// one database, reach for the last of a cap at once: that of a customer, and that of a household in
// which each case has another customer.
func TestACapHoldsAcrossRacingCases(t *testing.T) {
	rules, err := policy.Load([]byte(capped), nil)
	require.NoError(t, err)
	for _, x := range []struct {
		name     string
		customer func(i int) string
		remedy   policy.Remedy
		pass     int
	}{
		{"per customer", func(int) string { return "42" }, policy.Remedy{Kind: policy.Voucher, Amount: policy.Money{Minor: 10_00, Currency: policy.EUR}}, 3},
		{"per household", strconv.Itoa, policy.Remedy{Kind: policy.Refund, Amount: policy.Money{Minor: 20_00, Currency: policy.EUR}}, 5},
	} {
		t.Run(x.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "amends.db")
			desks := make([]*recovery.Desk, 4)
			for i := range desks {
				db, err := sql.Open("sqlite", file)
				require.NoError(t, err)
				t.Cleanup(func() { assert.NoError(t, db.Close()) })
				store, err := sqlite.New(t.Context(), db, nil)
				require.NoError(t, err)
				desks[i], err = recovery.New(store, &recovery.Options{Policy: rules})
				require.NoError(t, err)
			}
			const agents = 32
			errs := make([]error, agents)
			var all sync.WaitGroup
			start := make(chan struct{})
			for i := range agents {
				by, desk := recovery.Actor{ID: "agent-" + strconv.Itoa(i), Role: "agent"}, desks[i%len(desks)]
				c, err := desk.Open(t.Context(), by, recovery.Complaint{
					Channel: recovery.Email, Customer: x.customer(i), Facts: policy.Facts{"household": "17"},
				}, recovery.Acknowledge{}, recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed})
				require.NoError(t, err)
				all.Go(func() {
					<-start
					_, errs[i] = desk.Do(t.Context(), c.ID, by, recovery.Propose{Remedies: []policy.Remedy{x.remedy}}, recovery.Present{}, recovery.Accept{})
				})
			}
			close(start)
			all.Wait()
			passed := 0
			for _, err := range errs {
				if err == nil {
					passed++
					continue
				}
				require.ErrorIs(t, err, recovery.ErrDenied)
			}
			assert.Equal(t, x.pass, passed)
		})
	}
}

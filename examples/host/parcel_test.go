package main_test

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"

	host "github.com/amends-go/amends/examples/host"
)

func TestParcelAndAcceptanceAreWrittenTogether(t *testing.T) {
	ctx, ana := t.Context(), recovery.Actor{ID: "ana", Role: "agent"}
	p, err := host.OpenParcels(ctx, filepath.Join(t.TempDir(), "crm.db"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	c, err := p.Desk.Open(ctx, ana, recovery.Complaint{Customer: "42", Channel: recovery.Phone, Summary: "The kettle leaks"},
		recovery.Acknowledge{}, recovery.Clarify{Restated: "It leaks at the handle", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement}}})
	require.NoError(t, err)

	wants := func(step recovery.Step, parcels int) {
		t.Helper()
		now, err := p.Desk.Case(ctx, c.ID)
		require.NoError(t, err)
		assert.Equal(t, step, now.Step)
		n, err := p.Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, parcels, n)
	}
	require.ErrorIs(t, p.Accept(ctx, "1", c.ID, ana, "kettle"), recovery.ErrStep)
	require.ErrorIs(t, p.Accept(ctx, "2", uuid.New(), ana, "kettle"), history.ErrNotFound)
	wants(recovery.StepApproved, 0)

	_, err = p.Desk.Do(ctx, c.ID, ana, recovery.Present{})
	require.NoError(t, err)
	require.Error(t, p.Accept(ctx, "3", c.ID, recovery.Actor{ID: "bot", Kind: recovery.Machine}, "kettle"))
	wants(recovery.StepPresented, 0)

	for range 2 {
		require.NoError(t, p.Accept(ctx, "4", c.ID, ana, "kettle"))
		wants(recovery.StepDelivered, 1)
	}
	require.ErrorIs(t, p.Accept(ctx, "5", c.ID, ana, "kettle"), recovery.ErrStep)
	wants(recovery.StepDelivered, 1)
}

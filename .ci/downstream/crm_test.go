package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"

	"example.com/crm"
)

func desk(t *testing.T) *recoverytest.Desk {
	t.Helper()
	o, err := crm.Options()
	require.NoError(t, err)
	d := recoverytest.New(t, o)
	d.Complaint.Category = "delivery" // what At opens cases with
	return d
}

func euros(n int64) policy.Money { return policy.Money{Minor: n * 100, Currency: policy.EUR} }

// A case brought to the step in one line, and the events that the call produced.
func TestSmallVoucherIsPresentedAtOnce(t *testing.T) {
	d := desk(t)
	c := d.At(recovery.StepClarified)
	c, err := crm.On(d.Desk).Offer(t.Context(), d.Agent.ID, c.ID, euros(10))
	require.NoError(t, err)
	assert.Equal(t, recovery.StepPresented, c.Step)
	d.WantEvents(c.ID, "offer.proposed", "offer.presented")
}

func TestLargeVoucherNeedsASupervisor(t *testing.T) {
	d := desk(t)
	c := d.At(recovery.StepClarified)
	c, err := crm.On(d.Desk).Offer(t.Context(), d.Agent.ID, c.ID, euros(11))
	require.NoError(t, err)
	assert.Equal(t, recovery.StepApproval, c.Step)
	assert.Equal(t, policy.Role("supervisor"), c.Offer.Decision.By)
	d.WantEvents(c.ID, "offer.proposed")

	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Approve{})
	require.ErrorIs(t, err, recovery.ErrDenied, "nobody approves their own offer")
	_, err = d.Do(t.Context(), c.ID, d.Boss, recovery.Approve{})
	require.NoError(t, err)
	d.WantEvents(c.ID, "offer.approved")
}

func TestTooLargeAVoucherIsDenied(t *testing.T) {
	d := desk(t)
	c := d.At(recovery.StepClarified)
	_, err := crm.On(d.Desk).Offer(t.Context(), d.Agent.ID, c.ID, euros(101))
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.Equal(t, policy.Denied, denied.Decision.Verdict)
	d.WantEvents(c.ID)
}

// Time passes by a word, and what it causes is there.
func TestBrokenPromiseStartsANewRound(t *testing.T) {
	d := desk(t)
	c := d.At(recovery.StepClarified)
	_, err := crm.On(d.Desk).Offer(t.Context(), d.Agent.ID, c.ID, euros(10))
	require.NoError(t, err)
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Accept{})
	require.NoError(t, err)
	d.WantEvents(c.ID, "offer.proposed", "offer.presented", "offer.accepted")

	d.Advance(24 * time.Hour)
	d.WantEvents(c.ID, "promise.broken", "round.started", "case.strategized", "escalation.demanded")
	c, err = d.Case(t.Context(), c.ID)
	require.NoError(t, err)
	assert.Equal(t, 2, c.Round)
	assert.Equal(t, 1, c.Deviations)
}

func TestLateParcel(t *testing.T) {
	app, err := crm.New(new(history.Memory))
	require.NoError(t, err)
	c, err := app.Late(t.Context(), "ana", "42", "The parcel should have been here on Monday.")
	require.NoError(t, err)
	assert.Equal(t, recovery.StepClarified, c.Step)
	assert.Equal(t, "quality_or_delivery", c.Playbook)
}

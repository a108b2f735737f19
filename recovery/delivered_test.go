package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// A case was delivered when the last thing that held delivery up was done, whenever
// that was entered: the check-back is due from then.

const checkBackSoon = `{"id": "check", "metric": "check_back", "target": "48h"}`

func (h *house) delivered(at time.Time, c recovery.Case) {
	h.t.Helper()
	require.Equal(h.t, recovery.StepDelivered, c.Step)
	same(h.t, at, c.DeliveredAt)
	same(h.t, at, h.clock(c, "check_back").Started)
	folded, err := h.Replay(h.t.Context(), c.ID)
	require.NoError(h.t, err)
	same(h.t, at, folded.DeliveredAt)
}

func TestDeliveredWhenItHappened(t *testing.T) {
	promise := recovery.Promise{What: "do it", Within: "72h"}
	t.Run("by the acceptance", func(t *testing.T) {
		h := newHouse(t, with(t, checkBackSoon))
		c := h.presented(offer(policy.Remedy{Kind: policy.Apology}))
		accepted := h.Now().Add(time.Hour)
		h.Advance(5 * time.Hour)
		h.delivered(accepted, h.do(h.ana, c, recovery.Accept{At: accepted}))
	})
	t.Run("by the promise that was kept", func(t *testing.T) {
		h := newHouse(t, with(t, checkBackSoon))
		c := h.do(h.ana, h.presented(promised(promise)), recovery.Accept{})
		kept := h.Now().Add(time.Hour)
		h.Advance(5 * time.Hour)
		h.delivered(kept, h.do(h.ana, c, recovery.Fulfil{At: kept}))
	})
	t.Run("by the one that was kept last, in whatever order they are entered", func(t *testing.T) {
		h := newHouse(t, with(t, checkBackSoon))
		aside := recovery.Promise{What: "and this", Within: "72h", Aside: true}
		c := h.do(h.ana, h.presented(promised(promise, promise, aside)), recovery.Accept{})
		first, second := h.Now().Add(time.Hour), h.Now().Add(2*time.Hour)
		h.Advance(3 * time.Hour)
		c = h.do(h.ana, c, recovery.Fulfil{Promise: 3}, recovery.Fulfil{Promise: 2, At: second})
		h.delivered(second, h.do(h.ana, c, recovery.Fulfil{Promise: 1, At: first}))
	})
	t.Run("by a release, from when it was recorded", func(t *testing.T) {
		h := newHouse(t, with(t, checkBackSoon))
		c := h.do(h.ana, h.presented(promised(promise)), recovery.Accept{})
		h.Advance(time.Hour)
		h.delivered(h.Now(), h.do(h.customer, c, recovery.Release{}))
	})
	t.Run("by an award", func(t *testing.T) {
		h := newHouse(t, with(t, checkBackSoon))
		c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Refer{To: "ombudsman"})
		ruled := h.Now().Add(time.Hour)
		h.Advance(5 * time.Hour)
		c = h.do(h.ana, c, recovery.Decide{Ruling: recovery.Award, At: ruled, Remedies: []policy.Remedy{money(policy.Refund, 900)}})
		h.delivered(ruled, c)
		same(t, ruled, c.Given[0].At)
	})
}

func TestWhatAnAwardSupersedesEndsWithTheRuling(t *testing.T) {
	h := newHouse(t, with(t, `{"id": "promises", "metric": "promise", "target": "72h"}`))
	c := h.do(h.ana, h.presented(promised(recovery.Promise{What: "do it", Within: "72h"})), recovery.Accept{}, recovery.Refer{To: "ombudsman"})
	ruled := h.Now().Add(time.Hour)
	h.Advance(5 * time.Hour)
	c = h.do(h.ana, c, recovery.Decide{
		Ruling: recovery.Award, At: ruled, Remedies: []policy.Remedy{money(policy.Refund, 900)}, Promises: []recovery.Promise{{What: "pay", Within: "24h"}},
	})
	assert.Equal(t, recovery.PromiseVoid, c.Promises[0].State)
	same(t, ruled, c.Promises[0].Settled)
	same(t, ruled, h.clock(c, "promise:1").StoppedAt)
	same(t, ruled.Add(day), c.Promises[1].Due)
	same(t, ruled, h.clock(c, "promise:2").Started)
}

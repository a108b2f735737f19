package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// What becomes known, and what kind of complaint it turns out to be.

func TestAnAnonymousComplainantIsIdentified(t *testing.T) {
	h := newHouse(t)
	h.Complaint.Customer = ""
	c := h.At(recovery.StepClarified)
	err := h.refusal(recovery.ErrDenied, h.ana, c, offer(money(policy.Voucher, 10)))
	var denied *recovery.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.NotEmpty(t, denied.Decision.Missing, "caps fail closed, and say what they lack")

	c = h.do(h.ana, c, recovery.Learn{Customer: "42"})
	assert.Equal(t, "42", c.Customer)
	found, err2 := h.Cases(t.Context(), recovery.Query{Customer: "42"})
	require.NoError(t, err2)
	assert.Len(t, found.Cases, 1)
	assert.Equal(t, recovery.StepApproved, h.do(h.ana, c, offer(money(policy.Voucher, 10))).Step)
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Learn{Customer: "43"})
	h.do(h.ana, c, recovery.Learn{Customer: "42"}) // knows it already
}

func TestAnAuthorityIsVerified(t *testing.T) {
	h := newHouse(t)
	dora := recovery.Actor{ID: "dora", Kind: recovery.Representative}
	h.Complaint.Complainant = recovery.Complainant{Name: "Dora", Relation: "daughter", Authority: recovery.Pending}
	c := h.At(recovery.StepPresented)
	h.refuses(recovery.ErrDenied, dora, c, recovery.Accept{})
	c = h.do(h.ana, c, recovery.Learn{Authority: recovery.Verified})
	assert.Equal(t, recovery.Complainant{Name: "Dora", Relation: "daughter", Authority: recovery.Verified}, c.Complainant)
	assert.Equal(t, recovery.StepFulfilling, h.do(dora, c, recovery.Accept{}).Step)
	h.refuses(recovery.ErrInvalid, h.ana, c, recovery.Learn{Authority: "hearsay"})
}

func TestWhatIsLearnedIsAdded(t *testing.T) {
	h := newHouse(t, gold)
	h.Complaint.Facts = policy.Facts{"serial": "A1", "loyal": false}
	order := policy.Order{ID: "A-17", Paid: policy.Money{Minor: 99_00, Currency: policy.EUR}}
	c := h.do(h.bot, h.At(recovery.StepReceived), recovery.Learn{
		Tier: "gold", Preferred: recovery.Phone, Language: "tr", Order: order, Facts: policy.Facts{"loyal": true, "photos": "yes"},
	})
	assert.Equal(t, "A1", c.Facts["serial"])
	assert.Equal(t, true, c.Facts["loyal"])
	assert.Equal(t, "yes", c.Facts["photos"])
	assert.Equal(t, order, c.Order)
	assert.Equal(t, []any{"gold", recovery.Phone, "tr"}, []any{c.Tier, c.Preferred, c.Language})
	c = h.do(h.bot, c, recovery.Learn{Language: "ja"})
	assert.Equal(t, []any{"gold", recovery.Phone, "ja", order}, []any{c.Tier, c.Preferred, c.Language, c.Order}, "what is empty stays")
	for _, wrong := range []recovery.Learn{{Tier: "tin"}, {Preferred: "pigeon"}, {Order: policy.Order{Paid: policy.Money{Minor: -1, Currency: policy.EUR}}}} {
		h.refuses(recovery.ErrInvalid, h.ana, c, wrong)
	}
}

const byKind = `
	{"id": "gold", "metric": "solution", "when": {"tier": ["gold"]}, "target": "10h", "pause": ["customer"]},
	{"id": "high", "metric": "solution", "when": {"severity": ["high", "critical"]}, "target": "20h", "pause": ["customer"]},
	{"id": "conduct", "metric": "solution", "when": {"category": ["conduct"]}, "target": "30h", "pause": ["customer"]},
	{"id": "other", "metric": "solution", "when": {"severity": ["normal"]}, "target": "40h", "pause": ["customer"]}`

// Reclassifying recomputes from the true start and keeps the pauses spent.
func TestAnotherKindOfComplaintRetargetsTheClocks(t *testing.T) {
	for _, x := range []struct {
		name string
		cmd  recovery.Command
		want time.Duration
	}{
		{"severity", recovery.Reclassify{Severity: recovery.High}, 20 * time.Hour},
		{"category", recovery.Reclassify{Category: "conduct"}, 30 * time.Hour},
		{"tier", recovery.Learn{Tier: "gold"}, 10 * time.Hour},
		{"nothing that matters", recovery.Learn{Language: "tr"}, 40 * time.Hour},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t, with(t, byKind), gold)
			start := h.Now()
			c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Wait{})
			h.Advance(3 * time.Hour)
			c = h.do(h.ana, c, recovery.Resume{}, x.cmd)
			k := h.clock(c, "solution")
			same(t, start, k.Started)
			same(t, start.Add(x.want+3*time.Hour), k.Due)
			assert.Equal(t, 1, k.Cycle)
		})
	}
	t.Run("to a kind without such a clock", func(t *testing.T) {
		h := newHouse(t, with(t, byKind), gold)
		c := h.do(h.ana, h.At(recovery.StepClarified), recovery.Reclassify{Severity: recovery.Low})
		assert.False(t, h.clock(c, "solution").Running())
	})
	t.Run("from a kind without such a clock", func(t *testing.T) {
		h := newHouse(t, with(t, byKind), gold)
		h.Complaint.Severity = recovery.Low
		start := h.Now()
		c := h.At(recovery.StepClarified)
		h.Advance(time.Hour)
		c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.High})
		same(t, start, h.clock(c, "solution").Started, "it was due all the time")
	})
	t.Run("over its time already", func(t *testing.T) {
		h := newHouse(t, with(t, byKind), gold)
		start := h.Now()
		c := h.At(recovery.StepClarified)
		h.Advance(25 * time.Hour)
		c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.High})
		same(t, start.Add(20*time.Hour), last[recovery.ClockBreached](h, c).At, "breached in the same call, at its instant")
		c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.Normal})
		assert.Equal(t, 1, count[recovery.BreachWithdrawn](h, c))
	})
	h := newHouse(t)
	h.refuses(recovery.ErrInvalid, h.ana, h.At(recovery.StepReceived), recovery.Reclassify{})
}

// The law holds from the beginning, whenever it is noticed that it does.
func TestAStatutoryClockThatAppliesAfterAllCountsFromTheReceipt(t *testing.T) {
	h := newHouse(t, with(t, `
		{"id": "psp", "metric": "final_response", "target": "15 days", "statutory": true, "when": {"category": ["policy"]}},
		{"id": "all", "metric": "final_response", "target": "56 days", "statutory": true}`))
	start := h.Now()
	c := h.At(recovery.StepClarified)
	all := h.clock(c, "all")
	h.Advance(5 * day)
	c = h.do(h.ana, c, recovery.Reclassify{Category: "policy"})
	same(t, start, h.clock(c, "psp").Started)
	same(t, start.Add(15*day), h.clock(c, "psp").Due)
	assert.Equal(t, all, h.clock(c, "all"))

	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.FinalResponse, Written: true}, recovery.Reclassify{Category: "quality"}, recovery.Reclassify{Category: "policy"})
	assert.False(t, h.clock(c, "psp").Running(), "it was answered")
}

func gold(o *recovery.Options) { o.Names.Tiers = []string{"gold"} }

// TestReclassifyingBackTakesClocksUpAgain: nobody sheds a deadline by calling a complaint something else for a while.
func TestReclassifyingBackTakesClocksUpAgain(t *testing.T) {
	when := `, "when": {"severity": ["high"]}}`
	h := newHouse(t, with(t, `
		{"id": "sol", "metric": "solution", "target": "10h", "pause": ["customer"]`+when+`, {"id": "clear", "metric": "clarification", "target": "3h"`+when+`,
		{"id": "next", "metric": "next_response", "target": "2h"`+when+`, {"id": "upd", "metric": "update", "target": "5h"`+when))
	h.Complaint.Severity = recovery.High
	c := h.At(recovery.StepAcknowledged)
	h.Complaint.Severity = ""
	start := h.Now()
	c = h.do(h.customer, c, recovery.Contact{Text: "and?"})
	due := map[string]time.Time{}
	for _, id := range []string{"solution", "clarification", "next_response"} {
		due[id] = h.clock(c, id).Due
	}
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.Low}, recovery.Wait{})
	for id := range due {
		assert.True(t, h.clock(c, id).Dropped(), id)
	}
	c = h.after(30*time.Minute, c)
	assert.Zero(t, c.Breaches)
	c = h.do(h.ana, c, recovery.Resume{}, recovery.Reclassify{Severity: recovery.High})
	for id, at := range due {
		k := h.clock(c, id)
		require.True(t, k.Running(), id)
		assert.Equal(t, 1, k.Cycle, id)
		if id == "solution" {
			at = at.Add(30 * time.Minute) // it waited meanwhile
		}
		same(t, at, k.Due, id)
	}
	c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.Low}, recovery.Contact{Out: true})
	h.Advance(2 * time.Hour)
	c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.High})
	assert.False(t, h.clock(c, "next_response").Running(), "it was answered meanwhile")
	same(t, start.Add(90*time.Minute), h.clock(c, "update").Started, "counts from where it should have")
	assert.Equal(t, 1, c.Breaches, "clarification was due at three hours")
}

// TestWhatACaseWaitsOnHoldsAClockAsItsObjectiveSays, also if the objective becomes another while the case waits.
func TestWhatACaseWaitsOnHoldsAClockAsItsObjectiveSays(t *testing.T) {
	h := newHouse(t, with(t, `
		{"id": "high", "metric": "solution", "target": "4h", "when": {"severity": ["high"]}},
		{"id": "other", "metric": "solution", "target": "10h", "pause": ["customer"]}`))
	c := h.At(recovery.StepAcknowledged)
	start := h.clock(c, "solution").Started
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Wait{})
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.High})
	same(t, start.Add(5*time.Hour), h.clock(c, "solution").Due, "waiting does not hold it any more; it did for an hour")
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Reclassify{Severity: recovery.Low})
	assert.True(t, h.clock(c, "solution").Paused())
	h.Advance(time.Hour)
	c = h.do(h.ana, c, recovery.Resume{})
	same(t, start.Add(13*time.Hour), h.clock(c, "solution").Due, "it held from the first hour to the fourth")
}

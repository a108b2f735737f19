package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// The regulators' limits on a case, by configuration alone: what stops them, and what gives more time.

const british = `{"preset": "FCA DISP 1", "calendar": "office", "warn": [{"at": "168h before", "notify": "supervisor"}]},
	{"preset": "FCA DISP 1 payment services", "calendar": "office", "when": {"product": ["payments"]}},
	{"preset": "FCA DISP 1 summary resolution", "calendar": "office"}`

func TestFinalResponseUnderDISP(t *testing.T) {
	h := newHouse(t, with(t, british))
	received := h.Now() // Monday 16 November 2026, 9:00 in London
	c := h.open(nil)
	same(t, received.Add(56*day), h.clock(c, "fca-disp-1").Due)
	same(t, received.Add(3*day+8*time.Hour), h.clock(c, "final_response").Due) // Thursday at closing
	_, payments := c.Clock("fca-disp-1-payments")
	assert.False(t, payments, "no payment")

	c = h.after(50*day, c)
	assert.Equal(t, 1, h.clock(c, "fca-disp-1").Fired, "a week before")
	assert.Equal(t, 1, c.Breaches, "the window for a summary is over, which is no breach of a limit")
	sent := h.Now()
	said := recovery.Respond{Kind: recovery.Holding, Reason: "the bank has not answered"}
	c = h.do(h.ana, c, said)
	assert.True(t, h.clock(c, "fca-disp-1").Running(), "what is said is not sent")
	c = h.after(7*day, c)
	assert.NotZero(t, h.clock(c, "fca-disp-1").BreachedAt)
	said.Written, said.At = true, sent
	c = h.do(h.ana, c, said)
	k := h.clock(c, "fca-disp-1")
	assert.False(t, k.Running())
	assert.False(t, k.Late())
	assert.Zero(t, k.BreachedAt, "sent in time, and entered late")
	assert.Equal(t, 1, count[recovery.BreachWithdrawn](h, c))
}

func TestPaymentServicesUnderDISP(t *testing.T) {
	h := newHouse(t, with(t, british))
	received := h.Now()
	c := h.open(func(c *recovery.Complaint) { c.Facts = policy.Facts{"product": "payments"} })
	const id = "fca-disp-1-payments"
	same(t, received.Add(21*day), h.clock(c, id).Due) // 15 business days are three weeks
	h.Advance(18 * day)
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.Progress, Written: true, Text: "we are at it"})
	same(t, received.Add(21*day), h.clock(c, id).Due)
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "the other bank has to answer first"})
	same(t, received.Add(49*day), h.clock(c, id).Due) // 35 are seven
	h.Advance(30 * day)
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.FinalResponse, Written: true, Text: "we refund it; the ombudsman can be asked within 6 months"})
	k := h.clock(c, id)
	assert.False(t, k.Running())
	assert.False(t, k.Late())
}

func TestSummaryResolutionUnderDISP(t *testing.T) {
	h := newHouse(t, with(t, british))
	c := h.At(recovery.StepPresented)
	h.Advance(2 * day)
	c = h.do(h.customer, c, recovery.Accept{})
	window := h.clock(c, "final_response")
	assert.False(t, window.Running())
	assert.False(t, window.Late(), "accepted by the close of the third business day")
	assert.True(t, h.clock(c, "fca-disp-1").Running(), "the summary is still to be sent")
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.Summary, Written: true, Text: "resolved as agreed"})
	assert.False(t, h.clock(c, "fca-disp-1").Running())
	assert.Zero(t, c.Breaches)
}

func TestOtherRegulators(t *testing.T) {
	h := newHouse(t, with(t, `{"preset": "ASIC RG 271", "calendar": "office"}, {"preset": "CFPB", "calendar": "office"}, {"preset": "US DOT 14 CFR 259.7", "calendar": "office"}`))
	received := h.Now()
	c := h.open(nil)
	for id, due := range map[string]time.Duration{
		"asic-rg-271-acknowledgement": day, "asic-rg-271-response": 30 * day, "cfpb": 15 * day,
		"us-dot-259-7-acknowledgement": 30 * day, "us-dot-259-7-response": 60 * day,
	} {
		same(t, received.Add(due), h.clock(c, id).Due)
	}
	h.Advance(day)
	c = h.do(h.ana, c, recovery.Acknowledge{}) // at the last moment
	assert.False(t, h.clock(c, "asic-rg-271-acknowledgement").Late())
	assert.False(t, h.clock(c, "us-dot-259-7-acknowledgement").Running())
	h.Advance(day)
	c = h.do(h.ana, c, recovery.Respond{Kind: recovery.Holding, Written: true, Reason: "in progress"})
	same(t, received.Add(60*day), h.clock(c, "cfpb").Due)
	same(t, received.Add(30*day), h.clock(c, "asic-rg-271-response").Due)
	assert.Zero(t, c.Breaches)
	c = h.after(29*day, c)
	assert.NotZero(t, h.clock(c, "asic-rg-271-response").BreachedAt)
	assert.Equal(t, 1, c.Breaches)
}

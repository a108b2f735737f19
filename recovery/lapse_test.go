package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/recovery"
)

// An approved offer of which nobody tells the customer lapses, as one that they do
// not answer: it holds nothing for ever.

func TestAnOfferThatIsNeverPresentedLapses(t *testing.T) {
	answerBy := func(p recovery.Propose, at time.Time) recovery.Propose {
		p.AnswerBy = at
		return p
	}
	dear := func(o *recovery.Options) { o.Policy = rulesOf(t, policyWith(dearVouchers)) }
	for _, x := range []struct {
		name   string
		change func(*recovery.Options)
		offer  func(now time.Time) recovery.Propose
		wait   time.Duration // before it is approved; 0: nobody has to
		lapses time.Duration // after the proposal
	}{
		{"by default", nil, func(time.Time) recovery.Propose { return vouchers(2) }, 0, 14 * day},
		{
			"as the options say", func(o *recovery.Options) { o.AnswerWithin = 3 * day },
			func(time.Time) recovery.Propose { return vouchers(2) }, 0, 3 * day,
		},
		{
			"as the offer says", nil,
			func(now time.Time) recovery.Propose { return answerBy(vouchers(2), now.Add(30*day)) }, 0, 30 * day,
		},
		{"counted from its approval", dear, func(time.Time) recovery.Propose { return vouchers(2) }, 1 * day, 15 * day},
		{
			"as the offer says, approved or not", dear,
			func(now time.Time) recovery.Propose { return answerBy(vouchers(2), now.Add(2*day)) }, 1 * day, 2 * day,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			change := x.change
			if change == nil {
				change = func(*recovery.Options) {}
			}
			h := newHouse(t, change)
			other := h.At(recovery.StepReceived)
			start := h.Now()
			c := h.do(h.ana, h.At(recovery.StepClarified), x.offer(start))
			if x.wait > 0 {
				require.Equal(t, recovery.StepApproval, c.Step)
				assert.Zero(t, c.Offer.PresentBy, "not approved yet")
				h.Advance(x.wait)
				c = h.do(h.ben, c, recovery.Approve{})
			}
			require.Equal(t, recovery.StepApproved, c.Step)
			due := start.Add(x.lapses)
			same(t, due, c.Offer.PresentBy)
			same(t, due, c.Due())

			c = h.after(due.Sub(h.Now())-time.Microsecond, c)
			require.Equal(t, recovery.StepApproved, c.Step)
			assert.Equal(t, 1, h.left(other))
			c = h.after(time.Microsecond, c)
			assert.Equal(t, recovery.StepClarified, c.Step)
			assert.Equal(t, recovery.OfferLapsed, c.Offer.State)
			assert.Equal(t, 3, h.left(other), "what it held is free")
			same(t, due, last[recovery.Lapsed](h, c).At)
			assert.Zero(t, c.Due())
			h.refuses(recovery.ErrStep, h.ana, c, recovery.Present{})
			h.refuses(recovery.ErrStep, h.ana, c, recovery.Close{As: recovery.Unconfirmed})
			h.do(h.ana, c, vouchers(3))
		})
	}
}

func TestAPresentedOfferLapsesByItsAnswerAlone(t *testing.T) {
	h := newHouse(t)
	c := h.do(h.ana, h.At(recovery.StepClarified), vouchers(1))
	h.Advance(13 * day)
	c = h.do(h.ana, c, recovery.Present{})
	same(t, h.Now().Add(14*day), c.Due())
	c = h.after(14*day-time.Microsecond, c)
	assert.Equal(t, recovery.StepPresented, c.Step)
	c = h.after(time.Microsecond, c)
	assert.Equal(t, recovery.OfferLapsed, c.Offer.State)
	h.do(h.ana, c, recovery.Close{As: recovery.Unconfirmed})
}

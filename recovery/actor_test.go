package recovery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Authority follows the kind of the actor.

const (
	customersDo = "accept decline check_back contact escalate release reopen" // and close, as withdrawn alone
	machinesDo  = "acknowledge contact note link learn assign reclassify fulfil wait resume"
)

// standing is a kind of actor, and the commands that it may give.
type standing struct {
	name string
	by   recovery.Actor
	as   recovery.Authority // of the complainant
	may  string
}

// refusal is the error with which a command is refused.
func (s standing) refusal() error {
	if s.by.Kind == recovery.System || s.by.Kind == "ghost" {
		return recovery.ErrInvalid // no caller can be one
	}
	return recovery.ErrDenied
}

// TestWhatEachKindOfActorMay gives every command, in every step in which it is
// possible, by every kind of actor.
func TestWhatEachKindOfActorMay(t *testing.T) {
	for _, x := range []standing{
		{"a customer", recovery.Actor{ID: "42", Kind: recovery.Customer}, "", customersDo},
		{"a representative", recovery.Actor{ID: "dora", Kind: recovery.Representative}, recovery.Verified, customersDo},
		{"one whose authority is pending", recovery.Actor{ID: "dora", Kind: recovery.Representative}, recovery.Pending, "contact"},
		{"one who claimed none", recovery.Actor{ID: "dora", Kind: recovery.Representative}, "", "contact"},
		{"a machine", recovery.Actor{ID: "bot", Kind: recovery.Machine}, "", machinesDo},
		{"an agent complained about", recovery.Actor{ID: "eve", Role: "manager"}, "", ""},
		{"the system", recovery.Actor{ID: "amends", Kind: recovery.System}, "", ""},
		{"a ghost", recovery.Actor{ID: "boo", Kind: "ghost"}, "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHouse(t)
			h.Complaint.About = []string{"eve"}
			h.Complaint.Complainant.Authority = x.as
			for _, cmd := range every(h.Now()) {
				may := slices.Contains(strings.Fields(x.may), cmd.name)
				for step := range strings.FieldsSeq(cmd.steps) {
					c := h.At(recovery.Step(step))
					_, err := h.Do(t.Context(), c.ID, x.by, cmd.cmd)
					if may {
						require.NotErrorIs(t, err, recovery.ErrDenied, "%s in %s", cmd.name, step)
						continue
					}
					require.ErrorIs(t, err, x.refusal(), "%s in %s", cmd.name, step)
					require.Equal(t, c.Sequence, h.now(c).Sequence)
				}
			}
		})
	}
}

func TestACustomerClosesAsWithdrawnAlone(t *testing.T) {
	h := newHouse(t)
	for as, ok := range map[recovery.Closure]bool{recovery.Withdrawn: true, recovery.Satisfied: false, recovery.Deadlock: false} {
		end := recovery.Close{As: as, Reason: "so"}
		if ok {
			h.do(h.customer, h.At(recovery.StepResolved), end)
		} else {
			h.refuses(recovery.ErrDenied, h.customer, h.At(recovery.StepResolved), end)
		}
	}
	h.refuses(recovery.ErrDenied, h.customer, h.At(recovery.StepClarified), recovery.Contact{Out: true})
}

// Whom a complaint is about never handles it, approves, or is suggested.
func TestWhoIsComplainedAbout(t *testing.T) {
	h := newHouse(t)
	t.Run("does not open it", func(t *testing.T) {
		complaint := h.Complaint
		complaint.About = []string{"eve"}
		_, err := h.Open(t.Context(), h.eve, complaint)
		require.ErrorIs(t, err, recovery.ErrDenied)
	})
	t.Run("is not assigned, whoever assigns", func(t *testing.T) {
		h.Complaint.About = []string{"eve"}
		c := h.At(recovery.StepReceived)
		for _, by := range []recovery.Actor{h.cem, h.bot} {
			h.refuses(recovery.ErrDenied, by, c, recovery.Assign{To: "eve"})
		}
		h.Complaint.About = nil
	})
	t.Run("lets go once it is known", func(t *testing.T) {
		c := h.do(h.eve, h.At(recovery.StepReceived), recovery.Assign{To: "eve"}, recovery.Acknowledge{})
		require.Equal(t, "eve", c.LastAgent)
		c = h.do(h.ben, c, recovery.Learn{About: []string{"eve"}})
		assert.Equal(t, []string{"eve"}, c.About)
		assert.Empty(t, c.Assignee)
		assert.Empty(t, c.LastAgent, "nor is suggested to go on")
		assert.Zero(t, c.Transfers)
		h.refuses(recovery.ErrDenied, h.eve, c, recovery.Note{Text: "I was never rude"})
		assert.Equal(t, []string{"eve"}, h.do(h.ben, c, recovery.Learn{About: []string{"eve"}}).About, "once is enough")
	})
	t.Run("owns no promise", func(t *testing.T) {
		made := recovery.Promise{What: callBack, Within: "12h", Owner: "eve"}
		c := h.do(h.ben, h.At(recovery.StepClarified), made, recovery.Propose{
			Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: []recovery.Promise{made},
		})
		c = h.do(h.ben, c, recovery.Learn{About: []string{"eve"}}, recovery.Present{}, recovery.Accept{})
		require.Len(t, c.Promises, 2)
		for _, p := range c.Promises {
			assert.Empty(t, p.Owner, "promise %d", p.N)
		}
	})
	t.Run("does not approve what they were to", func(t *testing.T) {
		c := h.do(h.ana, h.waiting(), recovery.Learn{About: []string{"ben"}})
		h.refuses(recovery.ErrDenied, h.ben, c, recovery.Approve{})
		assert.Equal(t, recovery.StepApproved, h.do(h.cem, c, recovery.Approve{}).Step)
	})
}

func TestOnlyAgentsHaveAuthority(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepReceived)
	for _, by := range []recovery.Actor{
		{ID: "42", Kind: recovery.Customer, Role: "manager"}, {ID: "bot", Kind: recovery.Machine, Role: "manager"}, {ID: "ana", Role: "king"}, {Role: "agent"},
	} {
		h.refuses(recovery.ErrInvalid, by, c, recovery.Contact{})
	}
	_, err := h.Parameters(t.Context(), c.ID, h.bot)
	require.ErrorIs(t, err, recovery.ErrDenied)
}

func TestACustomerActsOnTheirOwnCasesAlone(t *testing.T) {
	h := newHouse(t)
	c := h.At(recovery.StepPresented)
	other := recovery.Actor{ID: "43", Kind: recovery.Customer}
	h.refuses(recovery.ErrDenied, other, c, recovery.Accept{})
	h.refuses(recovery.ErrDenied, other, c, recovery.Contact{Text: "any news?"})
	h.do(h.customer, c, recovery.Accept{})
	_, err := h.Open(t.Context(), other, h.Complaint)
	require.ErrorIs(t, err, recovery.ErrDenied)
}

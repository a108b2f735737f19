package recovery_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// faultyFields are the fields that an error names, in its order.
func faultyFields(err error) []string {
	switch e := any(err).(type) {
	case *recovery.FieldError:
		return []string{e.Field}
	case interface{ Unwrap() []error }:
		var out []string
		for _, err := range e.Unwrap() {
			out = append(out, faultyFields(err)...)
		}
		return out
	}
	if _, ok := errors.AsType[*recovery.FieldError](err); ok {
		return faultyFields(errors.Unwrap(err))
	}
	return nil
}

// Inputs that are wrong by themselves, on a desk that takes texts of 20 bytes and
// lists of 2.
const (
	longText = "twenty-one bytes long"
	notUTF8  = "a\xffb"
)

func strictDesk(t *testing.T) *recoverytest.Desk {
	t.Helper()
	o := options(t)
	o.Limits = recovery.Limits{Text: len(longText) - 1, Items: 2}
	o.Names.Tiers = []string{"gold"}
	return recoverytest.New(t, o)
}

// wantFaults checks that an error names these fields and no others, that it is
// ErrInvalid and says on which case.
func wantFaults(t *testing.T, err error, fields []string) {
	t.Helper()
	require.ErrorIs(t, err, recovery.ErrInvalid)
	var failed *recovery.CaseError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, fields, faultyFields(err), "%v", err)
	for line := range strings.Lines(err.Error()) {
		assert.NotEmpty(t, strings.TrimSpace(line))
	}
}

// TestBadComplaints: every fault is told, by field, and nothing is recorded.
func TestBadComplaints(t *testing.T) {
	now := recoverytest.Start()
	longID := strings.Repeat("x", 201)
	for name, bad := range map[string]struct {
		change func(*recovery.Complaint)
		fields []string
	}{
		"no channel":         {func(c *recovery.Complaint) { c.Channel = "" }, []string{"channel"}},
		"unknown channel":    {func(c *recovery.Complaint) { c.Channel, c.Preferred = "emial", "pigeon" }, []string{"channel", "preferred"}},
		"unknown category":   {func(c *recovery.Complaint) { c.Category, c.Situation = "qualty", "angry" }, []string{"category", "situation"}},
		"unknown severity":   {func(c *recovery.Complaint) { c.Severity, c.Tier = "bad", "silver" }, []string{"severity", "tier"}},
		"long texts":         {func(c *recovery.Complaint) { c.Summary, c.Wanted = longText, longText }, []string{"summary", "wanted"}},
		"not UTF-8":          {func(c *recovery.Complaint) { c.Summary, c.Customer, c.Language = notUTF8, notUTF8, notUTF8 }, []string{"customer", "language", "summary"}},
		"long ids":           {func(c *recovery.Complaint) { c.Customer, c.Reference = longID, longID }, []string{"customer", "reference"}},
		"control characters": {func(c *recovery.Complaint) { c.Customer, c.Reference = "4\x002", "T\n1" }, []string{"customer", "reference"}},
		"complainant": {func(c *recovery.Complaint) {
			c.Complainant = recovery.Complainant{Name: longText, Relation: notUTF8, Authority: "sure"}
		}, []string{"complainant.name", "complainant.relation", "complainant.authority"}},
		"concerns": {func(c *recovery.Complaint) {
			c.Concerns = []recovery.Concern{{Category: "x"}, {Text: longText, Wanted: notUTF8}}
		}, []string{"concerns[0].category", "concerns[1].text", "concerns[1].wanted"}},
		"too many concerns":       {func(c *recovery.Complaint) { c.Concerns = make([]recovery.Concern, 3) }, []string{"concerns"}},
		"about nobody":            {func(c *recovery.Complaint) { c.About = []string{"eve", " "} }, []string{"about[1]"}},
		"about many":              {func(c *recovery.Complaint) { c.About = []string{"a", "b", "c"} }, []string{"about"}},
		"about an odd id":         {func(c *recovery.Complaint) { c.About = []string{longID, "e\x00"} }, []string{"about[0]", "about[1]"}},
		"satisfaction":            {func(c *recovery.Complaint) { c.Satisfaction = 11 }, []string{"satisfaction"}},
		"negative satisfaction":   {func(c *recovery.Complaint) { c.Satisfaction = -1 }, []string{"satisfaction"}},
		"received in the future":  {func(c *recovery.Complaint) { c.Received = now.Add(time.Microsecond) }, []string{"received"}},
		"received in the year 0":  {func(c *recovery.Complaint) { c.Received = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"received"}},
		"received in year 10000":  {func(c *recovery.Complaint) { c.Order.Delivered = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"order.delivered"}},
		"negative amount":         {func(c *recovery.Complaint) { c.Order.Paid = euros(-1) }, []string{"order.paid"}},
		"amount without currency": {func(c *recovery.Complaint) { c.Order.Paid = policy.Money{Minor: 5} }, []string{"order.paid"}},
		"unknown currency":        {func(c *recovery.Complaint) { c.Order.Paid = policy.Money{Minor: 5, Currency: 7} }, []string{"order.paid"}},
		"order":                   {func(c *recovery.Complaint) { c.Order.ID = notUTF8 }, []string{"order.id"}},
		"fact of no type":         {func(c *recovery.Complaint) { c.Facts = policy.Facts{"a": 1.5} }, []string{"facts"}},
		"fact of no amount":       {func(c *recovery.Complaint) { c.Facts = policy.Facts{"a": policy.Money{}} }, []string{"facts"}},
		"fact without a name":     {func(c *recovery.Complaint) { c.Facts = policy.Facts{"": "x"} }, []string{"facts"}},
		"fact not UTF-8":          {func(c *recovery.Complaint) { c.Facts = policy.Facts{"a": notUTF8} }, []string{"facts"}},
		"long fact":               {func(c *recovery.Complaint) { c.Facts = policy.Facts{"a": longText} }, []string{"facts.a"}},
		"many facts":              {func(c *recovery.Complaint) { c.Facts = policy.Facts{"a": 1, "b": 2, "c": 3} }, []string{"facts"}},
		"all at once": {func(c *recovery.Complaint) {
			c.Customer, c.Channel, c.Category, c.Severity, c.Summary = notUTF8, "", "x", "y", longText
			c.Received, c.Order.Paid = now.Add(time.Hour), euros(-1)
		}, []string{"customer", "channel", "category", "severity", "summary", "received", "order.paid"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := strictDesk(t)
			complaint := d.Complaint
			bad.change(&complaint)
			_, err := d.Open(t.Context(), d.Agent, complaint)
			wantFaults(t, err, bad.fields)
			_, err = d.Once("k").Open(t.Context(), d.Agent, complaint)
			wantFaults(t, err, bad.fields)
			page, err := d.Cases(t.Context(), recovery.Query{})
			require.NoError(t, err)
			assert.Empty(t, page.Cases)
		})
	}
}

// TestLimitsAreOptions: what one desk refuses another takes.
func TestLimitsAreOptions(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepReceived)
	_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: strings.Repeat("x", 64<<10)}, recovery.Learn{Facts: manyFacts(100)})
	require.NoError(t, err)
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: strings.Repeat("x", 64<<10+1)})
	wantFaults(t, err, []string{"text"})
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Learn{Facts: policy.Facts{"one more": true}})
	wantFaults(t, err, []string{"facts"})
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Learn{Facts: policy.Facts{"a0": int64(2)}})
	require.NoError(t, err, "a fact that is known already is no further one")
}

func manyFacts(n int) policy.Facts {
	facts := policy.Facts{}
	for i := range n {
		facts[string(rune('a'+i/10))+string(rune('0'+i%10))] = true
	}
	return facts
}

// TestBadActors: who acts has an id, a kind that exists and, of staff alone, a role
// of the ladder.
func TestBadActors(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepAcknowledged)
	was := recordCount(t, d.Store)
	for name, bad := range map[string]struct {
		by     recovery.Actor
		fields []string
	}{
		"nobody":            {recovery.Actor{}, []string{"actor.id"}},
		"blank":             {recovery.Actor{ID: " "}, []string{"actor.id"}},
		"long":              {recovery.Actor{ID: strings.Repeat("x", 201)}, []string{"actor.id"}},
		"not UTF-8":         {recovery.Actor{ID: notUTF8}, []string{"actor.id"}},
		"control character": {recovery.Actor{ID: "a\x00b"}, []string{"actor.id"}},
		"unknown role":      {recovery.Actor{ID: "ana", Role: "suprevisor"}, []string{"actor.role"}},
		"customer's role":   {recovery.Actor{ID: "42", Kind: recovery.Customer, Role: "agent"}, []string{"actor.role"}},
		"unknown kind":      {recovery.Actor{Kind: "robot"}, []string{"actor.id", "actor.kind"}},
		"the system":        {recovery.Actor{ID: "amends", Kind: recovery.System}, []string{"actor.kind"}},
	} {
		t.Run(name, func(t *testing.T) {
			calls := map[string]func() error{
				"Do":         func() error { _, err := d.Do(t.Context(), c.ID, bad.by, recovery.Note{Text: "x"}); return err },
				"Open":       func() error { _, err := d.Open(t.Context(), bad.by, d.Complaint); return err },
				"Parameters": func() error { _, err := d.Parameters(t.Context(), c.ID, bad.by); return err },
				"Erase":      func() error { _, err := d.Erase(t.Context(), c.ID, bad.by, "because"); return err },
			}
			for op, call := range calls {
				err := call()
				require.ErrorIs(t, err, recovery.ErrInvalid, op)
				assert.Equal(t, bad.fields, faultyFields(err), op)
			}
		})
	}
	assert.Equal(t, was, recordCount(t, d.Store))
}

// TestRolesOfADeskWithoutALadder are the host's own words, as long as a record can
// tell them from the actor's id.
func TestRolesOfADeskWithoutALadder(t *testing.T) {
	d, err := recovery.New(recoverytest.New(t, nil).Store, nil)
	require.NoError(t, err)
	open := func(role policy.Role) error {
		c, err := d.Open(t.Context(), recovery.Actor{ID: "a:na", Role: role}, recovery.Complaint{Channel: recovery.Phone})
		if err != nil {
			return err
		}
		for e, err := range d.History(t.Context(), c.ID) {
			require.NoError(t, err)
			assert.Equal(t, recovery.Actor{ID: "a:na", Role: role}, e.Actor)
		}
		return nil
	}
	require.NoError(t, open(""))
	require.NoError(t, open("team lead"))
	for _, role := range []policy.Role{"a:b", "a\x00", notUTF8, policy.Role(strings.Repeat("x", 201))} {
		err := open(role)
		require.ErrorIs(t, err, recovery.ErrInvalid, "%q", role)
		assert.Equal(t, []string{"actor.role"}, faultyFields(err))
	}
}

// wrapped is a command of nobody's.
type wrapped struct{ recovery.Note }

// hollow is one that cannot even say its name.
type hollow struct{ recovery.Command }

// TestCommandsThatAreNone are refused, never run and never the cause of a panic.
func TestCommandsThatAreNone(t *testing.T) {
	d := recoverytest.New(t, nil)
	c := d.At(recovery.StepAcknowledged)
	was := recordCount(t, d.Store)
	var none *recovery.Note
	for name, cmd := range map[string]recovery.Command{
		"nil": nil, "nil pointer": none, "pointer": &recovery.Note{Text: "x"}, "wrapped": wrapped{recovery.Note{Text: "x"}}, "hollow": hollow{},
	} {
		t.Run(name, func(t *testing.T) {
			calls := map[string]func() error{
				"Do":        func() error { _, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"}, cmd); return err },
				"Open":      func() error { _, err := d.Open(t.Context(), d.Agent, d.Complaint, cmd); return err },
				"Once.Do":   func() error { _, err := d.Once("k").Do(t.Context(), c.ID, d.Agent, cmd); return err },
				"Once.Open": func() error { _, err := d.Once("k").Open(t.Context(), d.Agent, d.Complaint, cmd); return err },
			}
			for op, call := range calls {
				err := call()
				require.ErrorIs(t, err, recovery.ErrInvalid, op)
				assert.Contains(t, strings.Join(faultyFields(err), " "), "command", op)
			}
		})
	}
	_, err := d.Do(t.Context(), c.ID, d.Agent)
	wantFaults(t, err, []string{"commands"})
	_, err = d.Once("k").Do(t.Context(), c.ID, d.Agent)
	wantFaults(t, err, []string{"commands"})
	assert.Equal(t, was, recordCount(t, d.Store))
}

// TestACommandTooMany: a case can be linked and promised to as often as the limits say.
func TestACommandTooMany(t *testing.T) {
	d := strictDesk(t)
	c := d.At(recovery.StepReceived)
	link, promise := recovery.Link{As: recovery.Related, To: uuid.New()}, recovery.Promise{What: "x", Within: "2h"}
	_, err := d.Do(t.Context(), c.ID, d.Agent, link, link, promise, promise)
	require.NoError(t, err)
	_, err = d.Do(t.Context(), c.ID, d.Agent, link)
	wantFaults(t, err, []string{"links"})
	_, err = d.Do(t.Context(), c.ID, d.Agent, promise)
	wantFaults(t, err, []string{"promises"})
	_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Link{As: recovery.Related, To: c.ID})
	wantFaults(t, err, []string{"to", "links"})
}

package policy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

const (
	allow   = `{"id":"allow","effect":"allow","remedies":["refund"],"role":"agent"}`
	allow2  = `{"id":"allow2","effect":"allow","remedies":["refund"],"role":"supervisor"}`
	approve = `{"id":"approve","effect":"approve","remedies":["refund"],"by":"manager"}`
	deny    = `{"id":"deny","effect":"deny","remedies":["refund"],"categories":["quality"]}`
	mandate = `{"id":"mandate","effect":"mandate","remedies":["refund"],"channels":["email"]}`
	block   = `{"id":"block","effect":"block","remedies":["refund"],"severities":["low"]}`
)

func TestStrongestEffectDecides(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []string
		want policy.Verdict
		by   policy.Role
	}{
		{"nothing", nil, policy.Denied, ""},
		{"allow", []string{allow}, policy.Allowed, ""},
		{"allow of a higher role", []string{allow2}, policy.NeedsApproval, "supervisor"},
		{"the lower of two roles", []string{strings.TrimSuffix(allow2, "}") + `,"channels":["email"]}`, strings.Replace(allow, `}`, `,"tiers":["gold"]}`, 1)}, policy.Allowed, ""},
		{"approve alone allows nothing", []string{approve, never}, policy.Denied, ""},
		{"approve over allow", []string{allow, approve}, policy.NeedsApproval, "manager"},
		{"the higher of approve and allow", []string{allow2, approve}, policy.NeedsApproval, "manager"},
		{"deny over approve", []string{allow, approve, deny}, policy.Denied, ""},
		{"mandate over deny", []string{allow, approve, deny, mandate}, policy.Mandated, ""},
		{"mandate alone", []string{mandate}, policy.Mandated, ""},
		{"block over mandate", []string{allow, approve, deny, mandate, block}, policy.Blocked, ""},
		{"block over deny", []string{deny, block}, policy.Blocked, ""},
		{"block alone", []string{block}, policy.Blocked, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := load(t, c.rows...).Judge(ask(refund(100)))
			assert.Equal(t, c.want, d.Verdict)
			assert.Equal(t, c.by, d.By)
			assert.Len(t, d.Findings, len(slices.DeleteFunc(c.rows, func(row string) bool { return row == never })), "every rule that fired is listed")
			assert.IsIncreasing(t, append([]string{""}, append(fired(d), "~")...))
		})
	}
}

func TestBundleGetsTheStrictestVerdict(t *testing.T) {
	rows := []string{
		`{"id":"a","effect":"allow","remedies":["refund","voucher"],"role":"agent"}`,
		`{"id":"b","effect":"allow","remedies":["gift"],"role":"supervisor"}`,
		`{"id":"m","effect":"mandate","remedies":["repair","replacement"]}`,
		`{"id":"x","effect":"block","remedies":["compensation"]}`,
		`{"id":"z","effect":"approve","remedies":["voucher"],"by":"manager","over":{"amount":"10.00","currency":"EUR"}}`,
	}
	s := load(t, rows...)
	gift := policy.Remedy{Kind: policy.Gift, Amount: eur(500)}
	repair, swap := policy.Remedy{Kind: policy.Repair}, policy.Remedy{Kind: policy.Replacement}
	for _, c := range []struct {
		want  policy.Verdict
		by    policy.Role
		offer []policy.Remedy
	}{
		{policy.Mandated, "", []policy.Remedy{repair, swap}},
		{policy.Allowed, "", []policy.Remedy{repair, refund(100)}},
		{policy.Allowed, "", []policy.Remedy{refund(100), {Kind: policy.Apology}}},
		{policy.NeedsApproval, "supervisor", []policy.Remedy{refund(100), gift, repair}},
		{policy.NeedsApproval, "manager", []policy.Remedy{gift, voucher(2000)}},
		{policy.Denied, "", []policy.Remedy{gift, {Kind: policy.Upgrade}, repair}},
		{policy.Blocked, "", []policy.Remedy{{Kind: policy.Upgrade}, {Kind: policy.Compensation, Amount: eur(1)}, repair}},
	} {
		d := s.Judge(ask(c.offer...))
		assert.Equal(t, c.want, d.Verdict, "%v", c.offer)
		assert.Equal(t, c.by, d.By, "%v", c.offer)
	}
}

func TestNilAndZeroSetsAllowWordsAlone(t *testing.T) {
	for name, s := range map[string]*policy.Set{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			for _, k := range s.Kinds() {
				x := policy.Remedy{Kind: k, Amount: eur(100)}
				if s.Check(x) != nil {
					x.Amount = policy.Money{}
				}
				want := policy.Denied
				if k == policy.Apology || k == policy.Explanation || k == policy.Correction {
					want = policy.Allowed
				}
				assert.Equal(t, want, s.Judge(by(ask(x), "agent", policy.Actor{ID: "ben", Role: "boss"})).Verdict, k)
			}
			assert.Equal(t, policy.Denied, s.Judge(ask(policy.Remedy{Kind: "unheard"})).Verdict)
			assert.Empty(t, s.Name()+s.Version()+string(s.Document()))
			assert.Zero(t, s.Digest())
			assert.Empty(t, s.Roles())
			assert.Empty(t, s.Ledgers(ask(refund(1))))
			for range s.Names() {
				t.Error("a name")
			}
			_, ok := s.Rank("agent")
			assert.False(t, ok)
			assert.Len(t, s.Parameters(ask(), policy.Apology), len(s.Kinds()))
			assert.Error(t, s.Check(policy.Remedy{Kind: "unheard"}))
		})
	}
}

func TestWordsAreAllowedUnlessDenied(t *testing.T) {
	sorry := ask(policy.Remedy{Kind: policy.Apology})
	assert.Equal(t, policy.Allowed, load(t).Judge(by(sorry, "")).Verdict)
	assert.Equal(t, policy.Allowed, load(t, `{"id":"a","effect":"allow","remedies":["apology"],"role":"manager"}`).Judge(sorry).Verdict)
	assert.Equal(t, policy.Denied, load(t, `{"id":"d","effect":"deny","remedies":["apology"]}`).Judge(sorry).Verdict)
	assert.Equal(t, policy.NeedsApproval, load(t, `{"id":"p","effect":"approve","remedies":["apology"],"by":"manager"}`).Judge(sorry).Verdict)
}

func TestAuthorityOfActorAndApprovers(t *testing.T) {
	ana, ben, eve := policy.Actor{ID: "ana", Role: "manager"}, policy.Actor{ID: "ben", Role: "supervisor"}, policy.Actor{ID: "eve", Role: "manager"}
	s := load(t, allow2, `{"id":"eyes","effect":"approve","remedies":["refund"],"by":"supervisor","over":{"amount":"300.00","currency":"EUR"}}`)
	for _, c := range []struct {
		name      string
		role      policy.Role
		approvers []policy.Actor
		amount    int64
		want      policy.Verdict
	}{
		{"an agent needs a supervisor", "agent", nil, 100, policy.NeedsApproval},
		{"somebody without a role needs one too", "", nil, 100, policy.NeedsApproval},
		{"a supervisor may", "supervisor", nil, 100, policy.Allowed},
		{"a manager may what a supervisor may", "manager", nil, 100, policy.Allowed},
		{"an agent with a supervisor may", "agent", []policy.Actor{ben}, 100, policy.Allowed},
		{"an agent with a manager may", "agent", []policy.Actor{eve}, 100, policy.Allowed},
		{"nobody agrees with themselves", "agent", []policy.Actor{ana}, 100, policy.NeedsApproval},
		{"an agent is no approver", "agent", []policy.Actor{{ID: "al", Role: "agent"}}, 100, policy.NeedsApproval},
		{"four eyes: a manager alone may not", "manager", nil, 300_01, policy.NeedsApproval},
		{"four eyes: the bound is exclusive", "manager", nil, 300_00, policy.Allowed},
		{"four eyes: not with oneself", "manager", []policy.Actor{ana}, 300_01, policy.NeedsApproval},
		{"four eyes: with a second person", "manager", []policy.Actor{ana, ben}, 300_01, policy.Allowed},
		{"four eyes: the second may have the authority", "agent", []policy.Actor{ben}, 300_01, policy.Allowed},
		{"four eyes: the second needs the role", "supervisor", []policy.Actor{{ID: "al", Role: "agent"}}, 300_01, policy.NeedsApproval},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := s.Judge(by(ask(refund(c.amount)), c.role, c.approvers...))
			assert.Equal(t, c.want, d.Verdict)
			if c.want == policy.NeedsApproval {
				assert.EqualValues(t, "supervisor", d.By)
			}
		})
	}
}

func TestRoleOffTheLadderHasNoAuthority(t *testing.T) {
	s := load(t, allow)
	d := s.Judge(by(ask(refund(1)), "Manager"))
	assert.Equal(t, policy.NeedsApproval, d.Verdict)
	require.Equal(t, []string{"allow", "policy:role"}, fired(d))
	assert.Contains(t, d.Findings[1].Error, `the role "Manager" is not on the ladder ["agent" "supervisor" "manager"]`)
	d = s.Judge(by(ask(refund(1)), "", policy.Actor{ID: "ben", Role: "boss"}))
	assert.Equal(t, policy.NeedsApproval, d.Verdict)
	assert.Contains(t, fired(d), "policy:role")
}

// Every way to fail, for every effect: an allow row beside it so that Approve has something to ask about.
func TestFailingClosed(t *testing.T) {
	conditions := map[string]struct {
		row, missing string
		without      func(*policy.Request)
	}{
		"category":        {`"categories":["quality"]`, "category", func(r *policy.Request) { r.Category = "" }},
		"severity":        {`"severities":["low"]`, "severity", func(r *policy.Request) { r.Severity = "" }},
		"channel":         {`"channels":["email"]`, "channel", func(r *policy.Request) { r.Channel = "" }},
		"tier":            {`"tiers":["gold"]`, "tier", func(r *policy.Request) { r.Tier = "" }},
		"purchase":        {`"within":{"days":30,"of":"purchase"}`, "order.purchased", func(r *policy.Request) { r.Order.Purchased = time.Time{} }},
		"delivery":        {`"within":{"days":30,"of":"delivery"}`, "order.delivered", func(r *policy.Request) { r.Order.Delivered = time.Time{} }},
		"undeclared cost": {`"upTo":{"amount":"50.00","currency":"EUR"}`, "offer.amount", func(r *policy.Request) { r.Offer[0].Amount = policy.Money{} }},
		"currency":        {`"upTo":{"amount":"50.00","currency":"EUR"}`, "", func(r *policy.Request) { r.Offer[0].Amount.Currency = policy.USD }},
		"negative entry": {`"upTo":{"amount":"50.00","currency":"EUR"}`, "", func(r *policy.Request) {
			r.Given = []policy.Given{{Ledger: "case", Kind: policy.Gift, Amount: eur(-5000)}}
		}},
		"sum out of range": {`"upTo":{"amount":"50.00","currency":"EUR"}`, "", func(r *policy.Request) {
			r.Given = []policy.Given{{Ledger: "case", Kind: policy.Gift, Amount: eur(1<<63 - 1)}}
		}},
	}
	effects := []struct {
		row  string
		want policy.Verdict
		by   policy.Role
	}{
		{`{"id":"x","effect":"allow","role":"agent"`, policy.NeedsApproval, "supervisor"},
		{`{"id":"x","effect":"approve","by":"agent"`, policy.NeedsApproval, "manager"},
		{`{"id":"x","effect":"deny"`, policy.Denied, ""},
		{`{"id":"x","effect":"block"`, policy.Blocked, ""},
		{`{"id":"x","effect":"mandate"`, policy.NeedsApproval, "supervisor"},
	}
	for name, c := range conditions {
		for _, e := range effects {
			t.Run(name+" "+e.row[18:], func(t *testing.T) {
				s := load(t, e.row+`,"remedies":["gift"],`+c.row+`}`, `{"id":"z","effect":"allow","remedies":["gift"],"role":"supervisor"}`)
				r := ask(policy.Remedy{Kind: policy.Gift, Amount: eur(1000)})
				known := s.Judge(r)
				require.Empty(t, known.Findings[0].Error, "the row fires if all is known")
				require.Empty(t, known.Missing)
				c.without(&r)
				d := s.Judge(r)
				assert.Equal(t, e.want, d.Verdict)
				assert.Equal(t, e.by, d.By)
				require.Equal(t, []string{"x", "z"}, fired(d))
				assert.NotEmpty(t, d.Findings[0].Error)
				if c.missing != "" {
					assert.Equal(t, []string{c.missing}, d.Missing)
				}
			})
		}
	}
}

func TestFailedMandateIsNotLost(t *testing.T) {
	within := `,"within":{"days":730,"of":"delivery"}}`
	s := load(t, `{"id":"m","effect":"mandate","remedies":["repair"]`+within, `{"id":"d","effect":"deny","remedies":["repair"],"channels":["email"]}`)
	r := ask(policy.Remedy{Kind: policy.Repair})
	require.Equal(t, policy.Mandated, s.Judge(r).Verdict)
	r.Order.Delivered = time.Time{}
	d := s.Judge(r)
	assert.Equal(t, policy.NeedsApproval, d.Verdict, "though a rule denies it and none allows it")
	assert.EqualValues(t, "manager", d.By)
	assert.EqualValues(t, "manager", d.Findings[1].By)
	assert.Equal(t, "missing order.delivered", d.Findings[1].Error)
	assert.Equal(t, policy.NeedsApproval, s.Judge(by(r, "manager")).Verdict, "it takes a second person")
	assert.Equal(t, policy.Allowed, s.Judge(by(r, "agent", policy.Actor{ID: "eve", Role: "manager"})).Verdict)
	blocked := load(t, `{"id":"m","effect":"mandate","remedies":["repair"]`+within, `{"id":"b","effect":"block","remedies":["repair"],"channels":["email"]}`)
	assert.Equal(t, policy.Blocked, blocked.Judge(r).Verdict)
	allowed := load(t, `{"id":"m","effect":"mandate","remedies":["repair"]`+within, `{"id":"a","effect":"allow","remedies":["repair"],"role":"agent"}`)
	assert.Equal(t, policy.Allowed, allowed.Judge(r).Verdict, "what is allowed anyway needs no mandate")
}

func TestConditionThatDoesNotHoldSettlesTheRow(t *testing.T) {
	s := load(t, allow, `{"id":"d","effect":"deny","remedies":["refund"],"tiers":["gold"],"categories":["digital"]}`)
	r := ask(refund(1))
	r.Tier = ""
	d := s.Judge(r)
	assert.Equal(t, policy.Allowed, d.Verdict)
	assert.Empty(t, d.Missing)
	assert.Equal(t, []string{"allow"}, fired(d))
}

func TestGoRulesFailClosed(t *testing.T) {
	fails := map[string]func(*policy.Request) (string, bool, error){
		"error":              func(*policy.Request) (string, bool, error) { return "", false, errors.New("the host is down") },
		"panic":              func(r *policy.Request) (string, bool, error) { return string(r.Offer[len(r.Offer)].Kind), true, nil },
		"error without text": func(*policy.Request) (string, bool, error) { return "", false, errors.New("") },
		"panicking error":    func(*policy.Request) (string, bool, error) { return "", false, (*policy.MissingError)(nil) },
		"nothing missing":    func(*policy.Request) (string, bool, error) { return "", false, policy.Missing() },
		"missing":            func(*policy.Request) (string, bool, error) { return "", false, policy.Missing("chargeback", "age") },
		"wrapped": func(*policy.Request) (string, bool, error) {
			return "", true, fmt.Errorf("no data: %w", policy.Missing("age", "chargeback"))
		},
	}
	for name, fn := range fails {
		for effect, want := range map[policy.Effect]policy.Verdict{
			policy.Allow: policy.NeedsApproval, policy.Approve: policy.NeedsApproval, policy.Deny: policy.Denied,
			policy.Mandate: policy.NeedsApproval, policy.Block: policy.Blocked,
		} {
			t.Run(name+" "+effect.String(), func(t *testing.T) {
				rule := policy.Func{Name: "go", Is: effect, Fn: fn}
				if effect == policy.Allow || effect == policy.Approve {
					rule.Role = "agent"
				}
				s := loadWith(t, &policy.Options{Rules: []policy.Rule{rule}}, allow2)
				d := s.Judge(ask(refund(1)))
				assert.Equal(t, want, d.Verdict)
				require.Equal(t, []string{"allow2", "go"}, fired(d))
				assert.NotEmpty(t, d.Findings[1].Error)
				if effect == policy.Approve {
					assert.EqualValues(t, "manager", d.By, "it asks for the top role")
				}
				if name == "missing" || name == "wrapped" {
					assert.Equal(t, []string{"age", "chargeback"}, d.Missing)
				}
			})
		}
	}
}

// bare is a Rule that is nothing more.
type bare struct {
	effect  policy.Effect
	finding policy.Finding
}

func (b bare) ID() string                                          { return "bare" }
func (b bare) Effect() policy.Effect                               { return b.effect }
func (b bare) Judge(*policy.Request) (policy.Finding, bool, error) { return b.finding, true, nil }

func TestRulesOfHostsOwnType(t *testing.T) {
	judge := func(b bare) policy.Decision {
		return loadWith(t, &policy.Options{Rules: []policy.Rule{b}}).Judge(ask(refund(1)))
	}
	d := judge(bare{policy.Allow, policy.Finding{Rule: "other", Effect: policy.Block, By: "supervisor", Reason: "why"}})
	assert.Equal(t, policy.NeedsApproval, d.Verdict)
	assert.Equal(t, []policy.Finding{{Rule: "bare", Effect: policy.Allow, By: "supervisor", Reason: "why"}}, d.Findings)
	assert.Equal(t, policy.Denied, judge(bare{policy.Allow, policy.Finding{}}).Verdict, "an allow that names nobody has failed")
	assert.Equal(t, policy.Denied, judge(bare{policy.Allow, policy.Finding{By: "boss"}}).Verdict)
	assert.Equal(t, policy.Denied, judge(bare{policy.Allow, policy.Finding{By: "agent", Error: "no"}}).Verdict)
	assert.Equal(t, policy.Blocked, judge(bare{policy.Block, policy.Finding{By: "agent"}}).Verdict)
}

func TestFlawedRemediesAreDeniedWhateverTheRulesSay(t *testing.T) {
	s := load(t, `{"id":"all","effect":"mandate"}`)
	require.Equal(t, policy.Mandated, s.Judge(ask(refund(1))).Verdict)
	for name, x := range map[string]policy.Remedy{
		"unknown kind": {Kind: "refnd", Amount: eur(1)}, "no kind": {}, "negative": refund(-1), "zero": refund(0), "no amount": {Kind: policy.Refund},
		"unknown currency":       {Kind: policy.Refund, Amount: policy.Money{Minor: 1, Currency: 3}},
		"an apology with amount": {Kind: policy.Apology, Amount: eur(1000_00)},
		"negative cost":          {Kind: policy.Gift, Amount: eur(-1)}, "not UTF-8": {Kind: policy.Gift, Item: "\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.Judge(ask(refund(1), x))
			assert.Equal(t, policy.Denied, d.Verdict)
			assert.Contains(t, fired(d), "policy:offer")
			assert.Error(t, s.Check(x))
		})
	}
	d := s.Judge(ask())
	assert.Equal(t, policy.Denied, d.Verdict)
	assert.Equal(t, []string{"offer"}, d.Missing)
}

func TestZeroRequest(t *testing.T) {
	assert.Equal(t, policy.Denied, policy.Decision{}.Verdict)
	s := retail(t)
	assert.Equal(t, policy.Denied, s.Judge(policy.Request{}).Verdict)
	d := s.Judge(policy.Request{Offer: []policy.Remedy{voucher(1)}})
	assert.Equal(t, policy.Blocked, d.Verdict, "the sanctions row cannot know")
	assert.Equal(t, []string{"category", "customer", "now"}, d.Missing)
}

func TestDecisionNamesItsPolicy(t *testing.T) {
	s := retail(t)
	d := s.Judge(ask(policy.Remedy{Kind: policy.Repair}))
	assert.Equal(t, "retail 2026-11", d.Policy+" "+d.Version)
	assert.Equal(t, s.Digest(), d.Digest)
	require.Equal(t, []string{"repair", "warranty"}, fired(d))
	assert.Equal(t, policy.Legal, d.Findings[1].Basis)
	assert.Contains(t, d.Findings[1].Explain.In("de-AT"), "gesetzlichen Anspruch")
	assert.Empty(t, d.Findings[1].Explain.In("fr"))
}

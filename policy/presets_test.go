package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/policytest"
)

// The presets are policies as hosts write them: a document, and the cases that test it.
func ExamplePresetNamed() {
	p, err := policy.PresetNamed("empowerment")
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := p.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	r := laptop()
	r.Actor.Role, r.Facts = "employee", policy.Facts{"employee": "ana"}
	for _, amount := range []int64{200_00, 200_01} {
		r.Offer = []policy.Remedy{{Kind: policy.Gift, Amount: policy.Money{Minor: amount, Currency: policy.EUR}}}
		fmt.Println(r.Offer[0].Amount, rules.Judge(r).Verdict)
	}
	// Output:
	// 200.00 EUR allowed
	// 200.01 EUR needs_approval
}

func TestPresetsHoldTheirCasesAndEveryRowFires(t *testing.T) {
	for _, p := range policy.Presets() {
		t.Run(p.Name, func(t *testing.T) {
			rules, err := p.Load()
			require.NoError(t, err)
			policytest.Run(t, rules, p.Cases)
			report, err := policytest.Check(rules, p.Cases)
			require.NoError(t, err)
			assert.True(t, report.EveryRule)
			assert.Empty(t, report.Unfired)
			assert.Equal(t, p.Name, rules.Name())
			assert.Equal(t, p.Version, rules.Version())
			assert.NotEmpty(t, p.Source)
			assert.NotEmpty(t, p.Gaps)
			assert.NoError(t, p.Facts.Check())
		})
	}
}

// A preset that differs gets another version: its digest tells.
func TestPresetsDoNotChangeUnderTheirVersion(t *testing.T) {
	digests := map[string]string{}
	for _, p := range policy.Presets() {
		rules, err := p.Load()
		require.NoError(t, err)
		digests[p.Name+" "+p.Version] = rules.Digest().String()[:16]
	}
	assert.Equal(t, map[string]string{
		"eu-2019-771 1": "d2cfb51d910a0531", "retail 1": "212447bbc3aa9486", "empowerment 1": "2872bfdcedf32c1e",
	}, digests)
}

func TestPresetsAreTheCallers(t *testing.T) {
	p, err := policy.PresetNamed("retail")
	require.NoError(t, err)
	p.Document[0], p.Cases[0] = 'x', 'x'
	p, err = policy.PresetNamed("retail")
	require.NoError(t, err)
	assert.Equal(t, byte('{'), p.Document[0])
	assert.Equal(t, byte('{'), p.Cases[0])
	_, err = policy.PresetNamed("retial")
	assert.EqualError(t, err, `policy: unknown preset "retial" (did you mean "retail"?); there are ["eu-2019-771" "retail" "empowerment"]`)
}

// Of every state that the facts can be in, known or not, what the order of remedies says is written down here once more.
func TestEUOrderOfRemedies(t *testing.T) {
	p, err := policy.PresetNamed("eu-2019-771")
	require.NoError(t, err)
	rules, err := p.Load()
	require.NoError(t, err)
	cures := []string{"possible", "impossible", "disproportionate", "failed"}
	for _, defect := range []string{"none", "minor", "major"} {
		for _, repair := range cures {
			for _, replacement := range cures {
				r := ask()
				r.Facts = policy.Facts{"defect": defect, "repair": repair, "replacement": replacement}
				second := repair == "failed" || replacement == "failed" || repair != "possible" && replacement != "possible"
				for kind, owed := range map[policy.Kind]bool{
					policy.Repair: repair == "possible", policy.Replacement: replacement == "possible",
					policy.PartialRefund: second, policy.Refund: second && defect == "major", policy.ContractRelease: second && defect == "major",
				} {
					want := policy.Denied
					if owed && defect != "none" {
						want = policy.Mandated
					}
					x := policy.Remedy{Kind: kind}
					if kind == policy.PartialRefund || kind == policy.Refund {
						x.Amount = eur(10_00)
					}
					r.Offer = []policy.Remedy{x}
					require.Equal(t, want, rules.Judge(r).Verdict, "%s of %v", kind, r.Facts)

					// With a fact less, an answer is the same or goes to the top role: never another.
					for _, fact := range []string{"defect", "repair", "replacement"} {
						less := r
						less.Facts = policy.Facts{}
						for k, v := range r.Facts {
							if k != fact {
								less.Facts[k] = v
							}
						}
						if d := rules.Judge(less); d.Verdict != want {
							require.Equal(t, policy.NeedsApproval, d.Verdict, "%s of %v", kind, less.Facts)
							require.Equal(t, []string{fact}, d.Missing)
						}
					}
				}
			}
		}
	}
}

func TestEUConditionsFailClosed(t *testing.T) {
	p, err := policy.PresetNamed("eu-2019-771")
	require.NoError(t, err)
	rules, err := p.Load()
	require.NoError(t, err)
	r := ask(policy.Remedy{Kind: policy.Repair})
	r.Facts = policy.Facts{"defect": "major", "repair": "posible", "replacement": "failed"}
	d := rules.Judge(r)
	assert.Equal(t, policy.NeedsApproval, d.Verdict, "a slip in a fact is no answer")
	assert.Contains(t, d.String(), `the fact "repair" is posible; want one of ["possible" "impossible" "disproportionate" "failed"]`)
	r.Facts = nil
	assert.Equal(t, []string{"defect", "repair"}, rules.Judge(r).Missing, "all that is missing is named")

	_, err = policy.Load([]byte(strings.Replace(string(p.Document), "possible", "likely", 1)), &policy.Options{Compiler: p.Compiler})
	assert.ErrorContains(t, err, "it is none of the preset's conditions; the module policy/cel compiles those of your own")
}

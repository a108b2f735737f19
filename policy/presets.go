package policy

import (
	"embed"
	"fmt"
	"slices"

	"github.com/amends-go/amends/internal/jsondoc"
)

// Preset is a policy to start from: a document to load as it stands, or to copy and change. What it says comes from Source, and it says no
// more: Gaps has what to know before it is used, and what it does not cover.
type Preset struct {
	Name, Version string   // as the document has them; another version whenever the document differs
	Source        string   // what it rests on
	Gaps          string   // what to know before it is used
	Document      []byte   // the policy, for Load
	Cases         []byte   // its tests, for the package policytest: every row is fired
	Compiler      Compiler // of the document's conditions; nil if it has none. It knows no others; those of policy/cel mean the same
	Facts         Facts    // the facts that the conditions ask for, each with a value that it may have
}

// Load loads the document.
func (p Preset) Load() (*Set, error) { return Load(p.Document, &Options{Compiler: p.Compiler}) }

//go:embed presets/*.json
var presetFiles embed.FS

// Presets are the presets that this version of the package has.
func Presets() []Preset {
	all := []Preset{
		{
			Name: "eu-2019-771", Version: "1",
			Source: "Directive (EU) 2019/771 on the sale of goods: the order of remedies",
			Gaps: `It has the consumer's entitlements and nothing else: what the house gives beyond them is for rows of your own, which these overrule ` +
				`(copy them). Use it for consumers alone. The facts are the host's to find out: defect ("none", "minor", "major"), and repair and ` +
				`replacement ("possible", "impossible", "disproportionate", "failed"). An entitlement that lacks a fact goes to the top role. The two years ` +
				`are 731 days from delivery, the longest that two years can be, up to the complaint's date. How much a price is reduced is not ` +
				`looked at, but that it is no more than was paid. National law may give more; the burden of proof, digital elements, ` +
				`second-hand goods and who bears the costs are not covered.`,
			Compiler: euConditions{}, Facts: Facts{"defect": "major", "repair": "failed", "replacement": "possible"},
		},
		{
			Name: "retail", Version: "1",
			Source: "none but this package: a starting point whose amounts, in euros, are there to be changed",
			Gaps: `It holds no statutory right: add the rows of "eu-2019-771" or of what applies to you. It does not look at tiers, categories or ` +
				`channels. Refunds and credit need the order and what was paid, goodwill the customer: without those facts they are denied.`,
		},
		{
			Name: "empowerment", Version: "1",
			Source: "none but this package: the practice of a standing amount that every employee may spend to put a complaint right",
			Gaps: `The amounts, in euros, are there to be changed: 200 per incident alone, and a manager's approval beyond 400 per guest and year or 600 ` +
				`per employee and 24 hours. The scope is the categories and remedies that the rows list; all else takes a manager. The host tells who the ` +
				`employee is in the fact "employee", and declares what goods cost. It holds no statutory right, and no cap on what managers give in a year.`,
			Facts: Facts{"employee": "ana"},
		},
	}
	for i := range all {
		// That the files are there is certain: they are embedded.
		all[i].Document, _ = presetFiles.ReadFile("presets/" + all[i].Name + ".json")
		all[i].Cases, _ = presetFiles.ReadFile("presets/" + all[i].Name + ".cases.json")
	}
	return all
}

// PresetNamed is the preset of a name. The error of an unknown one says which was probably meant.
func PresetNamed(name string) (Preset, error) {
	all := Presets()
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	if i := slices.Index(names, name); i >= 0 {
		return all[i], nil
	}
	return Preset{}, fmt.Errorf("policy: unknown preset %q%s; there are %q", name, didYouMean(jsondoc.Nearest(name, names)), names)
}

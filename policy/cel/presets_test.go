package cel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/policy/cel"
	"github.com/amends-go/amends/policy/policytest"
)

// The conditions of presets mean here what they mean to the compilers that the presets bring: their cases hold.
func TestPresetsHoldTheirCases(t *testing.T) {
	for _, p := range policy.Presets() {
		t.Run(p.Name, func(t *testing.T) {
			c, err := cel.New(&cel.Options{Facts: p.Facts})
			require.NoError(t, err)
			rules, err := policy.Load(p.Document, &policy.Options{Compiler: c})
			require.NoError(t, err)
			policytest.Run(t, rules, p.Cases)
		})
	}
}

package recovery_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

// TestBadNamesAreRefused, all at once: an empty name means that nothing was said, and on a ladder that has a rung
// twice a failure could lower the severity.
func TestBadNamesAreRefused(t *testing.T) {
	_, err := recovery.New(new(history.Memory), &recovery.Options{Names: recovery.Names{
		Channels: []recovery.Channel{"fax", ""}, Severities: []recovery.Severity{"low", "high", "low"}, Categories: []recovery.Category{" "},
		Tiers: []string{"g\xffld"}, Waits: []string{strings.Repeat("x", 201)}, Alerts: []string{"a\nb"},
	}})
	require.ErrorIs(t, err, recovery.ErrInvalid)
	for _, want := range []string{
		"Names.Channels[1]: must not be empty", `Names.Severities[2]: "low" stands twice`, "Names.Categories[0]: must not be empty",
		"Names.Tiers[0]: not valid UTF-8", "Names.Waits[0]: 201 bytes long", "Names.Alerts[0]: has a control character",
	} {
		assert.ErrorContains(t, err, want)
	}
	_, err = recovery.New(new(history.Memory), &recovery.Options{Names: recovery.Names{
		Channels: []recovery.Channel{"phone", "fax", "fax"}, Tiers: []string{"gold", "gold"}, Waits: []string{"customer"},
	}})
	require.NoError(t, err, "what is known twice is known")
}

func TestALongUnknownNameMakesNoLongError(t *testing.T) {
	h := newHouse(t)
	err := h.refusal(recovery.ErrInvalid, h.ana, h.At(recovery.StepReceived), recovery.Reclassify{Category: recovery.Category(strings.Repeat("x", 1<<20))})
	assert.Less(t, len(err.Error()), 1000)
}

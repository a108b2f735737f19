package sla_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/amends-go/amends/sla"
)

// Everyday words for what is measured lead to the metric, and whatever is unknown to the list of all.
func TestMetricsInEverydayWords(t *testing.T) {
	for word, want := range map[string]string{
		"first_response":  "acknowledgement",
		"first response":  "acknowledgement",
		"First-Respnose":  "acknowledgement",
		"time_to_resolve": "resolution",
		"next_reply":      "next_response",
		"follow-up":       "check_back",
		"final_respons":   "final_response",
		"Solution":        "solution",
		"gizmo":           "",
		"":                "",
	} {
		_, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [{"id": "a", "metric": "` + word + `", "target": "1h"}]}`))
		assert.ErrorContains(t, err, `unknown metric "`+word+`"`)
		assert.ErrorContains(t, err, "; there are acknowledgement, next_response, update, clarification, approval, solution, promise, escalation, check_back, resolution, final_response")
		if want == "" {
			assert.NotContains(t, err.Error(), "did you mean", word)
		} else {
			assert.Equal(t, 1, strings.Count(err.Error(), `(did you mean "`+want+`"?)`), "%v", err)
		}
	}
}

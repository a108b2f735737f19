package riverqueue

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/amends-go/amends/history"
)

// Wake is the job that settles a case at an instant. It is good for as long as the case is due at that very
// instant; once the case has moved on, the job finds nothing to do.
type Wake struct {
	Case uuid.UUID `json:"case"`
	Due  time.Time `json:"due"` // to the microsecond, in UTC
}

// Kind implements [river.JobArgs].
func (Wake) Kind() string { return "amends_wake" }

// Sweep is the job that settles all cases that are due: those whose [Wake] was lost.
type Sweep struct{}

// Kind implements [river.JobArgs].
func (Sweep) Kind() string { return "amends_sweep" }

// kindCase is what package recovery names the heads of cases.
const kindCase = "case"

// wakes are the jobs of the cases that a commit leaves due.
func (s *Store) wakes(c *history.Commit) []river.InsertManyParams {
	var jobs []river.InsertManyParams
	for i := range c.Batches {
		h := &c.Batches[i].Head
		if h.Kind != kindCase || !h.Open || h.Due.IsZero() {
			continue
		}
		o := s.jobs
		if h.Due.After(time.Now()) {
			o.ScheduledAt = h.Due // else it runs at once: River looks only every few seconds for what it is to begin later
		}
		// One job for each due instant, of those that are still to run: one that is over does not hinder
		// another, for a pause can take a due instant away and its end bring it back.
		o.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: unfinished()}
		jobs = append(jobs, river.InsertManyParams{Args: Wake{Case: h.Stream, Due: h.Due.UTC()}, InsertOpts: &o})
	}
	// In one order everywhere, so that commits of several cases do not wait for one another's jobs in a circle.
	slices.SortFunc(jobs, func(a, b river.InsertManyParams) int { return bytes.Compare(caseOf(a), caseOf(b)) })
	return jobs
}

// unfinished are the states of jobs that are still to run, or running.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
}

func caseOf(job river.InsertManyParams) []byte {
	w, _ := job.Args.(Wake)
	return w.Case[:]
}

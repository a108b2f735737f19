package riverqueue

import (
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Options are settings that have defaults.
type Options struct {
	// Client inserts the jobs; it need not be started, nor be the one that works them. River's schema, hooks and middleware are its
	// settings. It inserts in the store's transactions: of its own pool, if it has one, it uses nothing. Defaults to a
	// client of the store's own that only inserts, into the tables that search_path leads to.
	Client *river.Client[pgx.Tx]
	// Jobs are settings of each [Wake], for instance its Queue, Priority and MaxAttempts. Pending, ScheduledAt and
	// UniqueOpts are the store's to set. Defaults to River's own: the queue named "default", 25 attempts.
	Jobs river.InsertOpts
}

// check returns the options with their defaults, or all that is wrong with them.
func (o *Options) check() (Options, error) {
	var set Options
	if o != nil {
		set = *o
	}
	var faults []error
	if set.Jobs.Pending {
		faults = append(faults, errors.New("Options.Jobs.Pending must not be set: nothing would make the jobs available"))
	}
	if !set.Jobs.ScheduledAt.IsZero() {
		faults = append(faults, errors.New("Options.Jobs.ScheduledAt must not be set: it is when the case is due"))
	}
	if u := set.Jobs.UniqueOpts; u.ByArgs || u.ByQueue || u.ExcludeKind || u.ByPeriod != 0 || u.ByState != nil {
		faults = append(faults, errors.New("Options.Jobs.UniqueOpts must not be set: one job for each due instant of a case is the store's to see to"))
	}
	if err := errors.Join(faults...); err != nil {
		return set, err
	}
	if set.Client == nil {
		client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return set, err
		}
		set.Client = client
	}
	return set, nil
}

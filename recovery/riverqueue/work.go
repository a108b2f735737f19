package riverqueue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/recovery"
)

// AddWorkers adds the workers of [Wake] and [Sweep] to those of a River client, which has to be of the database in which the
// desk's store is. Several desks, on as many machines as there are, may work on the same jobs.
//
// A Wake that fails is tried again as River does it, by its client's RetryPolicy; one whose case does not exist is
// canceled. A Wake that comes before its time by the desk's clock (see [recovery.Desk.Tick]) is put off until then. A Sweep
// that runs into the client's JobTimeout while it gets on goes on at once.
func AddWorkers(workers *river.Workers, desk *recovery.Desk) error {
	var faults []error
	if workers == nil {
		faults = append(faults, errors.New("a *river.Workers is needed, as river.NewWorkers returns it"))
	}
	if desk == nil {
		faults = append(faults, errors.New("a *recovery.Desk is needed, as recovery.New returns it"))
	}
	err := errors.Join(faults...)
	if err == nil {
		err = river.AddWorkerSafely(workers, river.WorkFunc(waker{desk}.work))
	}
	if err == nil {
		err = river.AddWorkerSafely(workers, river.WorkFunc((&sweeper{desk: desk}).work))
	}
	if err != nil {
		return fmt.Errorf("riverqueue: %w", err)
	}
	return nil
}

type waker struct{ desk *recovery.Desk }

func (w waker) work(ctx context.Context, job *river.Job[Wake]) error {
	done, err := w.desk.Settle(ctx, job.Args.Case)
	switch {
	case errors.Is(err, history.ErrNotFound):
		return river.JobCancel(err)
	case err != nil:
		return err
	case done.Next.Equal(job.Args.Due) && done.Next.After(done.Now):
		return river.JobSnooze(done.Next.Sub(done.Now))
	}
	return nil
}

// sweeper works one Sweep at a time. Those that come meanwhile, as they do when a queue was paused for long, leave
// it at that.
type sweeper struct {
	desk *recovery.Desk
	turn sync.Mutex
}

func (w *sweeper) work(ctx context.Context, _ *river.Job[Sweep]) error {
	if !w.turn.TryLock() {
		return nil
	}
	defer w.turn.Unlock()
	done, err := w.desk.Tick(ctx)
	if err != nil && done.Cases > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return river.JobSnooze(0)
	}
	return err
}

// SweepEvery is a periodic job for the configuration of a River client: a [Sweep] when a client becomes the leader, and then
// at each interval; 0 means 5 minutes. A [Wake] that was lost is so late at most. Nil settings of the job are River's own,
// but with a single attempt, since the next sweep is the retry. Leave its UniqueOpts alone: a Sweep whose program was killed
// stands as running in River's table until the rescuer comes, after an hour by default, and would keep the next ones
// out. Sweeps that have piled up while a queue was paused cost little: a client works one at a time, and those
// that it gets meanwhile are done at once.
func SweepEvery(interval time.Duration, jobs *river.InsertOpts) *river.PeriodicJob {
	if interval <= 0 {
		interval = 5 * time.Minute
	}
	var set river.InsertOpts
	if jobs != nil {
		set = *jobs
	}
	if set.MaxAttempts == 0 {
		set.MaxAttempts = 1
	}
	return river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) {
		o := set
		return Sweep{}, &o
	}, &river.PeriodicJobOpts{ID: Sweep{}.Kind(), RunOnStart: true})
}
